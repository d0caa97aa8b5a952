"""A fused network's tensors spread over training branches, as PaddleOCR's own network wants."""

from dataclasses import replace

import numpy as np

from textlines.errors import UsageError
from train.networks.graph_spec import GraphSpec, Spec
from train.networks.spec import NetworkSpec
from train.weights.base_folder import Tensors

_EPSILON = 1e-5
"""Of Paddle's batch normalisation, in all networks here."""


def branched(spec: Spec, tensors: Tensors) -> tuple[NetworkSpec, Tensors]:
    """Give a fused PPLCNetV3 its branches, so that it reads as before in evaluation.

    The first k x k branch carries the whole kernel. The others get a copy of it but stand
    switched off (their normalisation's weight is 0), so that training can switch them on. The
    statistics are those of no data: `settling.settle` stores those of lines.

    Returns:
        The same spec and tensors where there is nothing to do.

    Raises:
        UsageError: the network is an exported graph, whose tensors have no names of PaddleOCR's.
    """
    if isinstance(spec, GraphSpec):
        raise UsageError(
            spec.name,
            "is an exported graph, and PaddleOCR's own training has a network with other names "
            "for it",
            "Train it here (`train rec`), or start there from the model's _pretrained.pdparams.",
        )
    from train.networks.build import build

    if spec.form == "branches" or spec.family != "svtr_lcnet_v4":
        return spec, tensors
    target = replace(spec, form="branches")
    made = {}
    for name, value in build(target).state_dict().items():
        if name in tensors:
            made[name] = tensors[name]
        else:
            made[name] = _part(name, tuple(value.shape), tensors)
    return target, made


def _part(name: str, shape: tuple[int, ...], fused: Tensors) -> np.ndarray:
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
