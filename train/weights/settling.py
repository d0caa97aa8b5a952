"""Batch normalisation that reads as before, and also trains as before.

In evaluation a normalisation uses its stored statistics, in training those of the batch. Tensors
that were fused and spread again have none of their own (mean 0, variance 1): the network reads
rightly in evaluation, and wrongly in the first step of any training that does not freeze them, as
PaddleOCR's own does not. With the statistics of real lines stored, and scale and shift moved so
that nothing changes in evaluation, both modes agree.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from paddle import nn, no_grad, to_tensor

from train.networks.build import Recognizer
from train.networks.spec import NetworkSpec
from train.weights.base_folder import Tensors
from train.weights.probe_lines import ProbeLine
from train.weights.readers import loaded


class _Sums:
    """Count, sum and sum of squares of each channel, in float64."""

    def __init__(self) -> None:
        self.count = 0
        self.total: Any = 0.0
        self.squares: Any = 0.0

    def add(self, values: "np.ndarray[Any, np.dtype[np.float64]]") -> None:
        """Add N x C x H x W values."""
        self.count += values.size // values.shape[1]
        self.total = self.total + values.sum(axis=(0, 2, 3))
        self.squares = self.squares + np.square(values).sum(axis=(0, 2, 3))

    def moments(self) -> tuple[Any, Any]:
        """Give mean and variance of each channel."""
        mean = self.total / self.count
        return mean, np.maximum(self.squares / self.count - np.square(mean), 0.0)


def settled(spec: NetworkSpec, tensors: Tensors, lines: Sequence[ProbeLine]) -> Tensors:
    """Return the tensors of a network with the statistics of lines in its normalisations.

    Args:
        tensors: left as they are. lines: as of `settle`.

    Raises:
        ValueError: a tensor is missing, left over or of another size.
    """
    network = loaded(spec, tensors)
    settle(network, lines)
    return {name: value.numpy() for name, value in network.state_dict().items()}


@no_grad()
def settle(network: Recognizer, lines: Sequence[ProbeLine]) -> None:
    """Store the statistics of lines in every normalisation, in place.

    With g the gain and c the shift of a normalisation in evaluation, and m and v the mean and
    variance of what comes in: weight = g sqrt(v + eps), bias = c + g m, and in evaluation
    weight (u - m) / sqrt(v + eps) + bias = g u + c, as before.

    Args:
        network: in evaluation mode; reads as before afterwards, up to float32 rounding.
        lines: at least one; the more alike to those that will be trained on, the better.
    """
    norms = [layer for layer in network.sublayers() if isinstance(layer, nn.BatchNorm2D)]
    sums = [_Sums() for _ in norms]
    hooks = [
        norm.register_forward_pre_hook(_adding(own))  # type: ignore[arg-type]
        for norm, own in zip(norms, sums, strict=True)
    ]
    try:
        for line in lines:
            network(to_tensor(line.pixels))
    finally:
        for hook in hooks:
            hook.remove()
    for norm, own in zip(norms, sums, strict=True):
        if own.count:
            _store(norm, *own.moments())


def _adding(sums: _Sums) -> Callable[[Any, Any], None]:
    def add(layer: Any, inputs: Any) -> None:
        sums.add(inputs[0].numpy().astype(np.float64))

    return add


def _store(norm: Any, mean: Any, variance: Any) -> None:
    weight, bias, old_mean, old_variance = (
        one.numpy().astype(np.float64)
        for one in (norm.weight, norm.bias, norm._mean, norm._variance)
    )
    gain = weight / np.sqrt(old_variance + norm._epsilon)
    shift = bias - old_mean * gain
    # As float32 first: gain and shift must fit the statistics as they will be stored.
    mean, variance = (one.astype(np.float32).astype(np.float64) for one in (mean, variance))
    norm.weight.set_value((gain * np.sqrt(variance + norm._epsilon)).astype(np.float32))
    norm.bias.set_value((shift + gain * mean).astype(np.float32))
    norm._mean.set_value(mean.astype(np.float32))
    norm._variance.set_value(variance.astype(np.float32))
