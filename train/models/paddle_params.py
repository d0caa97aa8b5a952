"""`.pdiparams`: Paddle's tensors in one file, without their names.

The layout is that of Paddle's `save_combine` operator: for each tensor, in the order of the
sorted names, version (u32), levels of detail (u64, none here), version (u32), length of the
description (i32), description (protobuf: type, axes), bytes. Read here and not by Paddle, which
ends the process on a file that is cut short.
"""

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.files import read_regular, replacing_bytes, unreadable
from textlines.wording.counts import count_of
from train.models.unpickling import MOST_BYTES

Array = npt.NDArray[np.generic]

_TYPES = {2: np.int32, 3: np.int64, 4: np.float16, 5: np.float32, 6: np.float64}
"""Of framework.proto's VarType."""

_COPY = "Copy the model folder again, whole."


def read_params(path: Path, names: Sequence[str]) -> dict[str, Array]:
    """Read the tensors of a file and give them their names.

    Args:
        path: of the file.
        names: of all parameters of its program, in any order.

    Raises:
        InputError: the file is cut short, broken, or holds another number of tensors.
    """
    try:
        data = read_regular(path, MOST_BYTES)
    except OSError as error:
        raise unreadable(path, error, "the weights") from error
    tensors = list(_tensors(path, data, len(names)))
    if len(tensors) != len(names):
        raise InputError(
            str(path),
            f"holds {count_of(len(tensors), 'tensor')}, its program names {len(names)}",
            "Put the program and the weights of one export together.",
        )
    return dict(zip(sorted(names), tensors, strict=True))


def write_params(path: Path, tensors: Mapping[str, Array]) -> None:
    """Write tensors so that Paddle, and `read_params`, reads them.

    Args:
        path: of the file; it appears whole or not at all.
        tensors: of the types that `read_params` knows, by the names in their program.

    Raises:
        OSError: the disk is full.
    """
    kinds = {np.dtype(kind): number for number, kind in _TYPES.items()}
    with replacing_bytes(path) as out:
        for _, array in sorted(tensors.items()):
            axes = b"".join(b"\x10" + _as_varint(size) for size in array.shape)
            description = b"\x08" + _as_varint(kinds[array.dtype]) + axes
            out.write(struct.pack("<IQIi", 0, 0, 0, len(description)))
            out.write(description)
            out.write(np.ascontiguousarray(array).tobytes())


def _as_varint(value: int) -> bytes:
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def _tensors(path: Path, data: bytes, wanted: int) -> Iterator[Array]:
    at = number = 0
    while at < len(data):
        number += 1
        try:
            version, levels, again, length = struct.unpack_from("<IQIi", data, at)
            at += 20
            if version or levels or again or not 0 < length <= 200:
                raise InputError(
                    str(path), f"is no Paddle tensor file (byte {at - 20})", "Name another."
                )
            if len(data) - at < length:
                raise EOFError
            kind, axes = _description(data[at : at + length])
            at += length
            dtype = np.dtype(_TYPES[kind])
            # In Python's numbers: numpy's would wrap around.
            count = math.prod(axes)
            if len(data) - at < count * dtype.itemsize:
                raise EOFError
            yield np.frombuffer(data, dtype, count, at).reshape(axes)
            at += count * dtype.itemsize
        except (struct.error, EOFError, IndexError):
            raise InputError(
                str(path),
                f"is cut short: {len(data):,} bytes end inside tensor {number} of {wanted}",
                _COPY,
            ) from None
        except (KeyError, ValueError) as error:
            raise InputError(
                str(path), f"tensor {number} of {wanted} is broken ({error})", _COPY
            ) from error


def _description(data: bytes) -> tuple[int, tuple[int, ...]]:
    """Read type and axes from a TensorDesc message: field 1 and field 2, both varints."""
    kind, axes, at = 0, [], 0
    while at < len(data):
        tag, at = _varint(data, at)
        value, at = _varint(data, at)
        if tag == 0x08:
            kind = value
        elif tag == 0x10:
            axes.append(value)
        elif tag == 0x12:  # axes packed into one field
            end = at + value
            while at < end:
                axis, at = _varint(data, at)
                axes.append(axis)
        else:
            raise ValueError(f"field {tag:#x} in its description")
    return kind, tuple(axes)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number in its description does not end")
