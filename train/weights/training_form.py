"""A fused network's tensors as PaddleOCR's own training wants them: with branches, and settled.

In evaluation a normalisation uses its stored statistics, in training those of the batch. Tensors
that were fused and spread again have none of their own (mean 0, variance 1): the network reads
rightly in evaluation, and wrongly in the first step of any training that does not freeze them, as
PaddleOCR's own does not. With the statistics of real lines stored, and scale and shift moved so
that nothing changes in evaluation, both modes agree.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from paddle import nn, no_grad, to_tensor

from textlines.errors import UsageError
from train.models.base_folder import Tensors
from train.networks.building import loaded
from train.networks.graph_spec import GraphSpec, Spec
from train.networks.spec import BRANCHED, NetworkSpec
from train.weights.probe_lines import ProbeLine

_EPSILON = 1e-5
"""Of Paddle's batch normalisation, in all networks here."""


def named_by_paddleocr(spec: Spec) -> NetworkSpec:
    """Return the network, if it is one that PaddleOCR's own training has.

    Raises:
        UsageError: it is an exported graph, whose tensors have no names of PaddleOCR's.
    """
    if isinstance(spec, GraphSpec):
        raise UsageError(
            spec.name,
            "is an exported graph, and PaddleOCR's own training has a network with other names "
            "for it",
            "Train it here (`train rec`), or start there from the model's _pretrained.pdparams.",
        )
    return spec


def branched(spec: Spec, tensors: Tensors) -> tuple[NetworkSpec, Tensors]:
    """Spread a fused PPLCNetV3 or V4 over its branches; it reads as before in evaluation.

    Of PPLCNetV3 the first k x k branch carries the whole kernel. The others get a copy of it but
    stand switched off (their normalisation's weight is 0), so that training can switch them on. Of
    PPLCNetV4 the 3 x 3 branch carries the kernel less the map itself, which is always added, and
    the 1 x 1 branch starts at 0. The statistics are those of no data: `settle` stores
    those of lines.

    Returns:
        The same spec and tensors where there is nothing to do.

    Raises:
        UsageError: the network is an exported graph, whose tensors have no names of PaddleOCR's.
    """
    spec = named_by_paddleocr(spec)
    from train.networks.building import build

    if spec.form == "branches" or spec.family not in BRANCHED:
        return spec, tensors
    target = replace(spec, form="branches")
    part = rep_part if spec.family == "svtr_lcnet_v4" else _depthwise_part
    return target, spread_over(build(target), tensors, part)


def spread_over(
    network: nn.Layer, fused: Tensors, part: Callable[[str, tuple[int, ...], Tensors], np.ndarray]
) -> Tensors:
    """Return the tensors of a network with branches, from those of the fused one, by name.

    Args:
        network: whose tensors are wanted; left as it is.
        part: makes a tensor of a branch from its name, its size and the fused tensors.
    """
    return {
        name: fused[name] if name in fused else part(name, tuple(value.shape), fused)
        for name, value in network.state_dict().items()
    }


def rep_part(name: str, shape: tuple[int, ...], fused: Tensors) -> np.ndarray:
    """Make one tensor of a branch: `….dw_conv.conv_kxk.0.bn.weight` and the like."""
    stem, _, rest = name.partition("_conv.")
    stem += "_conv.reparam_conv"
    branch, _, role = rest.rpartition(".")
    carries = branch.startswith("conv_kxk.0.")
    if branch.endswith("conv"):
        kernel = fused[f"{stem}.weight"]
        middle = kernel.shape[-1] // 2
        whole = kernel if shape == kernel.shape else kernel[..., middle, middle][..., None, None]
        return np.ascontiguousarray(whole, np.float32)
    if role == "_variance":
        return np.ones(shape, np.float32)
    if carries and role == "weight":
        return np.full(shape, np.sqrt(1 + _EPSILON), np.float32)
    if carries and role == "bias":
        return fused[f"{stem}.bias"]
    return np.zeros(shape, np.float32)


def _depthwise_part(name: str, shape: tuple[int, ...], fused: Tensors) -> np.ndarray:
    """Make one tensor of a depthwise convolution: `….rep_dw.conv.bn.weight` and the like."""
    stem, _, rest = name.partition(".rep_dw.")
    stem += ".rep_dw.reparam_conv"
    if rest == "conv.conv.weight":
        kernel = np.array(fused[f"{stem}.weight"], np.float32)
        kernel[..., 1, 1] -= 1
        return kernel
    if rest.endswith("_variance"):
        return np.ones(shape, np.float32)
    if rest in ("conv.bn.weight", "bn.weight"):
        return np.full(shape, np.sqrt(1 + _EPSILON), np.float32)
    if rest == "conv.bn.bias":
        return fused[f"{stem}.bias"]
    return np.zeros(shape, np.float32)


class _Moments:
    """Mean and squared deviations of each channel, gathered line by line.

    Merged as Chan, Golub and LeVeque do (1979): no large sums of squares are subtracted, so that
    the values themselves can be summed as they are, in float32.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean: Any = 0.0
        self._deviations: Any = 0.0

    def add(self, values: "np.ndarray[Any, np.dtype[np.float32]]") -> None:
        """Add N x C x H x W or N x C x T values."""
        rows = values.swapaxes(0, 1).reshape(values.shape[1], -1)
        mean = rows.mean(axis=1)
        apart = rows - mean[:, None]
        deviations = np.einsum("cn,cn->c", apart, apart).astype(np.float64)
        count, way = rows.shape[1], mean.astype(np.float64) - self.mean
        total = self.count + count
        self._deviations = self._deviations + deviations + way**2 * (self.count * count / total)
        self.mean = self.mean + way * (count / total)
        self.count = total

    @property
    def variance(self) -> Any:
        """The variance of each channel, over all values."""
        return self._deviations / self.count


def settled(spec: NetworkSpec, tensors: Tensors, lines: Sequence[ProbeLine]) -> Tensors:
    """Return the tensors of a network with the statistics of lines in its normalisations.

    Args:
        tensors: left as they are. lines: as of `settle`.

    Raises:
        ValueError: a tensor is missing, left over or of another size.
    """
    network = loaded(spec, tensors)
    settle(network, (line.pixels for line in lines))
    return {name: value.numpy() for name, value in network.state_dict().items()}


@no_grad()
def settle(network: nn.Layer, images: Iterable[npt.NDArray[np.float32]]) -> None:
    """Store the statistics of lines, or of pages, in every normalisation, in place.

    With g the gain and c the shift of a normalisation in evaluation, and m and v the mean and
    variance of what comes in: weight = g sqrt(v + eps), bias = c + g m, and in evaluation
    weight (u - m) / sqrt(v + eps) + bias = g u + c, as before.

    Args:
        network: in evaluation mode; reads as before afterwards, up to float32 rounding.
        images: as the network takes them, at least one; the more alike to those that will be
            trained on, the better.
    """
    kinds = nn.BatchNorm2D | nn.BatchNorm1D
    norms = [layer for layer in network.sublayers() if isinstance(layer, kinds)]
    moments = [_Moments() for _ in norms]
    hooks = [
        norm.register_forward_pre_hook(_adding(moment))  # type: ignore[arg-type]
        for norm, moment in zip(norms, moments, strict=True)
    ]
    try:
        for image in images:
            network(to_tensor(image))
    finally:
        for hook in hooks:
            hook.remove()
    for norm, moment in zip(norms, moments, strict=True):
        if moment.count:
            _store(norm, moment.mean, moment.variance)


def _adding(moments: _Moments) -> Callable[[Any, Any], None]:
    def add(layer: Any, inputs: Any) -> None:
        moments.add(inputs[0].numpy())

    return add


def _store(norm: Any, mean: Any, variance: Any) -> None:
    weight, bias, old_mean, old_variance = (
        array.numpy().astype(np.float64)
        for array in (norm.weight, norm.bias, norm._mean, norm._variance)
    )
    gain = weight / np.sqrt(old_variance + norm._epsilon)
    shift = bias - old_mean * gain
    # As float32 first: gain and shift must fit the statistics as they will be stored.
    mean, variance = (array.astype(np.float32).astype(np.float64) for array in (mean, variance))
    norm.weight.set_value((gain * np.sqrt(variance + norm._epsilon)).astype(np.float32))
    norm.bias.set_value((shift + gain * mean).astype(np.float32))
    norm._mean.set_value(mean.astype(np.float32))
    norm._variance.set_value(variance.astype(np.float32))
