"""A fused network's tensors spread over training branches, as PaddleOCR's own network wants."""

from dataclasses import replace

import numpy as np

from textlines.errors import UsageError
from train.models.base_folder import Tensors
from train.networks.graph_spec import GraphSpec, Spec
from train.networks.spec import BRANCHED, NetworkSpec

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
    """Give a fused PPLCNetV3 or V4 its branches, so that it reads as before in evaluation.

    Of PPLCNetV3 the first k x k branch carries the whole kernel. The others get a copy of it but
    stand switched off (their normalisation's weight is 0), so that training can switch them on. Of
    PPLCNetV4 the 3 x 3 branch carries the kernel less the map itself, which is always added, and
    the 1 x 1 branch starts at 0. The statistics are those of no data: `settling.settle` stores
    those of lines.

    Returns:
        The same spec and tensors where there is nothing to do.

    Raises:
        UsageError: the network is an exported graph, whose tensors have no names of PaddleOCR's.
    """
    spec = named_by_paddleocr(spec)
    from train.networks.build import build

    if spec.form == "branches" or spec.family not in BRANCHED:
        return spec, tensors
    target = replace(spec, form="branches")
    made = {}
    for name, value in build(target).state_dict().items():
        if name in tensors:
            made[name] = tensors[name]
        else:
            part = _part if spec.family == "svtr_lcnet_v4" else _depthwise_part
            made[name] = part(name, tuple(value.shape), tensors)
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
