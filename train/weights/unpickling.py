"""Pickles without their power: numbers, texts, lists, dicts and arrays, nothing that runs.

A `.pdparams` file is a pickle, and so is `.pdiparams.info`. Unpickling calls whatever the file
names; here it may name a dozen things, and those for arrays are ours: numpy's own would let a
crafted state of a dtype point anywhere in memory.
"""

import codecs
import collections
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from textlines.errors import InputError
from textlines.files import unreadable

_PLAIN = frozenset({"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"})


class UnsafePickleError(InputError):
    """A pickle names what no file of weights needs."""


class _Dtype:
    """What stands for numpy.dtype: a code of `_PLAIN` and a byte order."""

    def __init__(self, code: object = "", *_: object) -> None:
        if not isinstance(code, str) or code not in _PLAIN:
            raise ValueError(f"an array of type {code!r}")
        self.code, self.order = code, "<"

    def __setstate__(self, state: object) -> None:
        if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">", "|", "="):
            self.order = "<" if state[1] == "=" else state[1]

    @property
    def plain(self) -> "np.dtype[Any]":
        return np.dtype(self.order + self.code)


class _Array:
    """What stands for an array until its state is there; `value` is the real one."""

    def __init__(self) -> None:
        self.value: np.ndarray[Any, Any] | None = None

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) != 5:
            raise ValueError("an array without its state")
        _, axes, dtype, is_fortran, data = state
        if not isinstance(dtype, _Dtype) or not isinstance(data, bytes):
            raise ValueError("an array whose values are no plain bytes")
        # frombuffer and reshape check that the number of bytes is that of the axes.
        flat = np.frombuffer(data, dtype.plain)
        self.value = flat.reshape(axes, order="F" if is_fortran else "C")


class _ArrayType:
    """What stands for the class numpy.ndarray: a name, not to be called."""


def _reconstruct(subtype: object, *_: object) -> _Array:
    if subtype is not _ArrayType:
        raise ValueError("an array of another class than numpy.ndarray")
    return _Array()


def _from_buffer(data: object, dtype: object, axes: object, order: object) -> _Array:
    """Stand for numpy's reconstruction in protocol 5."""
    array = _Array()
    array.__setstate__((1, axes, dtype, order == "F", bytes(data)))  # type: ignore[call-overload]
    return array


def _scalar(dtype: object, data: object = b"") -> Any:
    if not isinstance(dtype, _Dtype) or not isinstance(data, bytes):
        raise ValueError("a number whose value is no plain bytes")
    return np.frombuffer(data, dtype.plain, 1)[0]


def _encode(text: object, encoding: object = "latin1") -> bytes:
    # Protocol 2 writes bytes as text in Latin 1; other codecs may do more than encode.
    if encoding != "latin1" or not isinstance(text, str):
        raise ValueError(f"text in codec {encoding!r}")
    return codecs.latin_1_encode(text)[0]


_ALLOWED: dict[tuple[str, str], Callable[..., Any] | type] = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("_codecs", "encode"): _encode,
    ("numpy", "ndarray"): _ArrayType,
    ("numpy", "dtype"): _Dtype,
}
for _module in ("builtins", "__builtin__"):
    for _type in (tuple, list, dict, set, bytes, bytearray):
        _ALLOWED[_module, _type.__name__] = _type
for _module in ("numpy.core", "numpy._core"):
    _ALLOWED[f"{_module}.multiarray", "_reconstruct"] = _reconstruct
    _ALLOWED[f"{_module}.multiarray", "scalar"] = _scalar
    _ALLOWED[f"{_module}.numeric", "_frombuffer"] = _from_buffer


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"names {module}.{name}")
        return _ALLOWED[module, name]

    def persistent_load(self, pid: object) -> Any:
        raise pickle.UnpicklingError("names a persistent object")


def read_pickle(path: Path) -> Any:
    """Read a pickle of plain values and arrays.

    Returns:
        What was pickled; arrays as read-only numpy arrays of plain numbers.

    Raises:
        UnsafePickleError: it names a class or a function that no file of weights needs.
        InputError: it is no pickle, or cut short.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error, "the file") from error
    try:
        return _arrays_in(_Unpickler(io.BytesIO(data)).load())
    except pickle.UnpicklingError as error:
        if str(error).startswith("names "):
            raise UnsafePickleError(
                str(path),
                f"{error}, which no file of weights needs: it may be an attack. Nothing of it ran",
                "Get the file from its publisher.",
            ) from error
        raise _broken(path, data, error) from error
    # The opcodes of broken bytes fail with whatever they met.
    except Exception as error:
        raise _broken(path, data, error) from error


def _broken(path: Path, data: bytes, error: Exception) -> InputError:
    if data[:1] == b"\x80" and not data.endswith(b"."):
        return InputError(str(path), f"is cut short ({len(data):,} bytes)", "Copy it again, whole.")
    return InputError(
        str(path),
        f"is no file of weights ({type(error).__name__}: {error})",
        "Name a checkpoint (.pdparams), an exported folder or an ONNX file.",
    )


def _arrays_in(value: Any) -> Any:
    """Put the real arrays in the place of what stood for them."""
    if isinstance(value, _Array):
        if value.value is None:
            raise ValueError("an array without its state")
        return value.value
    if isinstance(value, dict):
        return {key: _arrays_in(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_arrays_in(item) for item in value)
    return value
