"""`.pdparams`: PaddleOCR's training checkpoints, read into our networks and written from them."""

import pickle
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.files import replacing_bytes
from textlines.wording.counts import count_of, form_of
from train.models.base_folder import Precision, Tensors
from train.models.paddle_params import Array
from train.models.unpickling import read_pickle
from train.networks.graph_spec import Spec
from train.networks.spec import (
    FAMILIES,
    NECKS,
    FamilyName,
    FormName,
    NeckName,
    NetworkSpec,
)
from train.weights.tensor_names import left_out_as, plain_name, split_models, written_name

_SHOWN = 6

KNOWN = "a CTC recognizer of PP-OCRv3 mobile, PP-OCRv4 or v5 mobile or server, or PP-OCRv6"
"""The networks that there are definitions of, in words."""

_KXK = re.compile(r"\.conv_kxk\.(\d+)\.")

_REP_DW = re.compile(r"\.rep_dw\.conv1\.")

_MARKS: Mapping[FamilyName, re.Pattern[str]] = {
    # A name that only one of the backbones has.
    "svtr_lcnet_v4": re.compile(r"^backbone\.blocks2\.0\.dw_conv\."),
    "svtr_mobilenet_v3": re.compile(r"^backbone\.block_list\.0\._depthwise_conv\."),
    "svtr_hgnet_v4": re.compile(r"^backbone\.stem\.0\.conv\."),
    "svtr_hgnet_v5": re.compile(r"^backbone\.stem\.stem2a\."),
    "svtr_lcnet_v6_tiny": re.compile(r"^backbone\.conv1\.0\.conv\."),
    "svtr_lcnet_v6_small": re.compile(r"^backbone\.conv1\.stem2a\."),
}

_V6_SIZES: Mapping[int, FamilyName] = {96: "svtr_lcnet_v6_small", 128: "svtr_lcnet_v6_medium"}
"""The two of PP-OCRv6 with a neck, by the channels of the first stage."""

_CHANNELS: Mapping[str, int] = {"svtr_hgnet_v4": 1024, "svtr_hgnet_v5": 2048}
"""That a backbone of the published width hands to the neck: a narrower one is told by it."""

_NECK_SIZES: Mapping[NeckName, tuple[str, ...]] = {
    "svtr": ("neck.encoder.conv1.conv.weight", "neck.encoder.conv2.conv.weight"),
    "lightsvtr": ("neck.encoder.local_conv.0.weight", "neck.encoder.svtr_block.0.mlp.fc1.weight"),
    "reshape": (),
}
"""The tensors that tell a neck's sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """All tensors of a network.

    Attributes:
        spec: the network that they fit; without a name yet.
        tensors: float32, by PaddleOCR's names, in the network's order.
        precision: that the file has them in.
        counts: tensors by what became of them; "loaded" is all that the network has.
        models: of a distillation checkpoint, the names of those that it holds, the one that was
            taken first; () for a file of one model.
    """

    spec: Spec
    tensors: Mapping[str, npt.NDArray[np.float32]]
    precision: Precision
    counts: Mapping[str, int]
    models: tuple[str, ...] = ()


def as_float32(where: str, name: str, array: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """Copy a tensor to float32.

    Raises:
        InputError: it holds no floating-point numbers, or one that is not finite.
    """
    if array.dtype.kind != "f":
        hint = " (bfloat16?)" if array.dtype == np.uint16 else ""
        raise InputError(
            where, f"tensor {name} is {array.dtype}{hint}, not float", "Save it as float32."
        )
    # Of a 0-d array, ascontiguousarray would make a 1-d one.
    copy = np.array(array, np.float32, order="C")
    if not np.isfinite(copy).all():
        bad = int((~np.isfinite(copy)).sum())
        raise InputError(
            where,
            f"tensor {name} holds {count_of(bad, 'number')} that "
            f"{form_of(bad, 'is', 'are')} not finite",
            "The file is broken, or its training went astray: take an earlier checkpoint.",
        )
    return copy


def precision_of(arrays: Sequence[npt.NDArray[np.generic]]) -> Precision:
    """Return the precision of a file's tensors: fp16 as soon as one is."""
    return "fp16" if any(array.dtype == np.float16 for array in arrays) else "fp32"


def unfit(
    where: str,
    network: str,
    missing: Sequence[tuple[str, tuple[int, ...]]],
    left: Sequence[tuple[str, tuple[int, ...]]],
    total: int,
) -> InputError:
    """Return the error of tensors that do not fit a network: which are missing or left over."""
    parts = [f"does not fit {network}"]
    if missing:
        parts.append(
            f"{len(missing):,} of {count_of(total, 'tensor')} "
            f"{form_of(len(missing), 'is', 'are')} missing: {listed(missing)}"
        )
    if left:
        parts.append(f"{len(left):,} {form_of(len(left), 'is', 'are')} left over: {listed(left)}")
    return InputError(
        where,
        "; ".join(parts),
        f"Name the weights of {KNOWN}.",
    )


def listed(tensors: Sequence[tuple[str, tuple[int, ...]]]) -> str:
    """Name tensors with their sizes, the first few.

    >>> listed([("head.fc.bias", (6625,))])
    'head.fc.bias (6625)'
    """
    shown = [f"{name} ({' x '.join(map(str, shape))})" for name, shape in tensors[:_SHOWN]]
    more = len(tensors) - _SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def read_checkpoint(path: Path) -> Matched:
    """Read a `.pdparams` file: any of PaddleOCR's name styles, fp16 or fp32.

    Of a distillation checkpoint the student is taken and named; the attention branch and what
    PaddleOCR never uses are left out and counted.

    Raises:
        UnsafePickleError: the file names what no checkpoint needs.
        InputError: it is broken, of another network, tensors are missing or left over, or one is
            there twice with unlike values.
    """
    arrays = _arrays(path)
    models = split_models(arrays)
    first, *others = models.values()
    chosen, counts = _chosen(str(path), first, arrays)
    if others:
        counts["other_model"] = sum(map(len, others))
    spec = recognise(str(path), chosen)
    tensors = _fitted(str(path), spec, chosen)
    loaded = {"loaded": len(tensors)} | counts
    named = tuple(prefix.removesuffix(".") for prefix in models if prefix)
    return Matched(
        spec=spec,
        tensors=tensors,
        precision=precision_of(list(chosen.values())),
        counts=loaded,
        models=named if len(named) > 1 else (),
    )


def _chosen(
    where: str, names: Mapping[str, str], arrays: Mapping[str, Array]
) -> tuple[dict[str, Array], dict[str, int]]:
    """Take the tensors of the plain CTC network, by their names there; count those left out.

    Args:
        names: of one model's tensors, without prefix, by their names in the file.

    Raises:
        InputError: two names of the file are one tensor's, and their values differ.
    """
    counts: dict[str, int] = {}
    taken: dict[str, str] = {}
    for stored, name in names.items():
        plain = plain_name(name)
        reason = left_out_as(plain)
        if not reason and plain in taken:
            _check_alike(where, taken[plain], stored, arrays)
            reason = "held_twice"
        if reason:
            counts[reason] = counts.get(reason, 0) + 1
        else:
            taken[plain] = stored
    return {plain: arrays[stored] for plain, stored in taken.items()}, counts


def _check_alike(where: str, name: str, other: str, arrays: Mapping[str, Array]) -> None:
    """Refuse two tensors of a file that are one of the network and differ.

    `train export --pdparams` writes the neck and the head by both names, alike: PaddleOCR's
    published configurations have a second head. A file in which one of them was trained on or put
    in does not say which is the model.
    """
    if not np.array_equal(arrays[name], arrays[other]):
        raise InputError(
            where,
            f"holds one tensor by two names, with unlike values: {name} and {other}",
            "Name the .pdparams as the training saved it; or delete the tensors of the one naming "
            "that was not trained, and save the file again.",
        )


def _arrays(path: Path) -> dict[str, Array]:
    content = read_pickle(path)
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict):
        raise InputError(
            str(path), "holds no dict of tensors", "Name a model's .pdparams (not its .pdopt)."
        )
    arrays = {}
    for name, value in content.items():
        # Paddle saves a parameter as its own name in the graph and the array.
        if isinstance(value, tuple) and len(value) == 2:
            value = value[1]
        if isinstance(name, str) and isinstance(value, np.ndarray):
            arrays[name] = value
    if not arrays:
        raise InputError(str(path), "holds no tensor", "Name a model's .pdparams.")
    return arrays


def recognise(where: str, tensors: Mapping[str, Array]) -> NetworkSpec:
    """Return the network that a checkpoint is of, by plain names and sizes.

    Raises:
        InputError: it is of none that we know.
    """
    family = next((f for f, mark in _MARKS.items() if any(map(mark.match, tensors))), None)
    if family == "svtr_lcnet_v6_small":
        first = tensors.get("backbone.blocks2.0.channel_mixer.compress.bn.weight")
        family = _V6_SIZES.get(len(first)) if first is not None and first.ndim else None
    neck = NECKS[family] if family else "svtr"
    needed = ("head.fc.weight", *_NECK_SIZES[neck])
    if family is None or not all(name in tensors and tensors[name].ndim > 1 for name in needed):
        some = listed([(name, array.shape) for name, array in sorted(tensors.items())])
        raise InputError(
            where, f"is of a network that we do not know; it holds {some}", f"Known is {KNOWN}."
        )
    known = FAMILIES[family]
    kernels = [int(match[1]) for name in tensors if (match := _KXK.search(name))]
    is_branched = bool(kernels) or any(_REP_DW.search(name) for name in tensors)
    form: FormName = "branches" if is_branched else "fused"
    last_layer, *of_neck = (tensors[name] for name in needed)
    try:
        spec = replace(
            known,
            form=form,
            classes=last_layer.shape[1],
            dims=last_layer.shape[0],
            branches=max(kernels, default=known.branches - 1) + 1,
        )
        return _with_neck(spec, of_neck, tensors)
    except (ValueError, IndexError) as error:
        raise InputError(where, f"is of a network that we do not know ({error})") from error


def _with_neck(
    spec: NetworkSpec, of_neck: Sequence[Array], tensors: Mapping[str, Array]
) -> NetworkSpec:
    """Add the sizes of the neck, and the width of a backbone that the neck tells."""
    if not of_neck:
        return spec
    first, second = of_neck
    depth = len({name.split(".")[3] for name in tensors if name.startswith("neck.encoder.svtr_b")})
    spec = replace(spec, depth=depth, kernel=(first.shape[2], first.shape[3]))
    if NECKS[spec.family] == "lightsvtr":
        return replace(spec, hidden=second.shape[0], mlp=second.shape[1] // max(len(second), 1))
    usual = _CHANNELS.get(spec.family)
    scale = first.shape[1] / usual if usual else spec.scale
    return replace(spec, hidden=second.shape[0], scale=scale)


def _fitted(where: str, spec: NetworkSpec, tensors: Mapping[str, Array]) -> Tensors:
    """Take the tensors of a network by name and size, all of them and none else."""
    from train.networks.building import build

    wanted = {name: tuple(value.shape) for name, value in build(spec).state_dict().items()}
    missing = [
        (name, shape)
        for name, shape in wanted.items()
        if name not in tensors or tensors[name].shape != shape
    ]
    left = [
        (name, array.shape)
        for name, array in tensors.items()
        if name not in wanted or array.shape != wanted[name]
    ]
    if missing or left:
        raise unfit(where, f"the network of its names ({spec.family})", missing, left, len(wanted))
    return {name: as_float32(where, name, tensors[name]) for name in wanted}


def written(tensors: Tensors) -> Tensors:
    """Return tensors of ours by the names that PaddleOCR's CTC network has for them."""
    has_layers = any(name.startswith("head.fc1.") for name in tensors)
    return {
        written_name(name, has_layers=has_layers): np.asarray(array)
        for name, array in tensors.items()
    }


def write_checkpoint(path: Path, tensors: Tensors) -> None:
    """Write a `.pdparams` file that PaddleOCR loads as `Global.pretrained_model`.

    Args:
        path: of the file; it appears whole or not at all.
        tensors: by PaddleOCR's names. Fused ones fit no training network of PaddleOCR's:
            `branched` gives them their branches back.
    """
    content: dict[str, Any] = dict(written(tensors))
    with replacing_bytes(path) as out:
        # Protocol 4, as paddle.save writes by default.
        pickle.dump(content, out, protocol=4)
