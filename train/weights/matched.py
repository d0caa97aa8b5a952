"""Tensors found for a network, and the errors that say which are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from train.models.base_folder import Precision
from train.networks.graph_spec import Spec

_SHOWN = 6

KNOWN = "a CTC recognizer of PP-OCRv3 mobile, PP-OCRv4 or v5 mobile or server, or PP-OCRv6"
"""The networks that there are definitions of, in words."""


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
            f"tensor {name} holds {bad} numbers that are not finite",
            "The file is broken, or its training went astray: take an earlier checkpoint.",
        )
    return copy


def precision_of(arrays: Sequence[npt.NDArray[np.generic]]) -> Precision:
    """Tell the precision of a file's tensors: fp16 as soon as one is."""
    return "fp16" if any(array.dtype == np.float16 for array in arrays) else "fp32"


def unfit(
    where: str,
    network: str,
    missing: Sequence[tuple[str, tuple[int, ...]]],
    left: Sequence[tuple[str, tuple[int, ...]]],
    total: int,
) -> InputError:
    """Say that tensors do not fit a network: which are missing and which are left over."""
    parts = [f"does not fit {network}"]
    if missing:
        parts.append(f"{len(missing)} of {total} tensors are missing: {listed(missing)}")
    if left:
        parts.append(f"{len(left)} are left over: {listed(left)}")
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
