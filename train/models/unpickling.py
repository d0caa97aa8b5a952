"""Pickles without their power: numbers, texts, lists, dicts and arrays, nothing that runs.

A `.pdparams` file is a pickle, and so is `.pdiparams.info`. Unpickling calls whatever the file
names, and makes memory of numbers in it: Python's own reader is not used. What is read here are
the instructions, one by one (`pickletools`), by a machine that knows a dozen names, all of them
ours, and counts what it makes before it makes it.
"""

import codecs
import collections
import math
import pickletools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from textlines.errors import InputError
from textlines.files import read_regular, unreadable

MOST_BYTES = 1 << 32
"""Of a file. A checkpoint of the mobile recognizers has 40 MB."""

MOST_STEPS = 500_000
"""Instructions, and values that calls copy. A checkpoint of 700 tensors has 12,000."""

MOST_VALUES = 4_000_000
"""With each shared list or dict counted as often as it is met."""

MOST_DEPTH = 32

_PLAIN = frozenset({"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"})


class UnsafePickleError(InputError):
    """A pickle names what no file of weights needs."""


class _UnsafeNameError(Exception):
    """A name that is not one of ours; says which."""


class _Dtype:
    """What stands for numpy.dtype: a code of `_PLAIN` and a byte order."""

    def __init__(self, code: object) -> None:
        if not isinstance(code, str) or code not in _PLAIN:
            raise ValueError(f"an array of type {_cut(repr(code))}")
        self.code, self.order = code, "<"

    def build(self, state: object) -> None:
        """Take the byte order from numpy's state of a dtype."""
        if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">", "|", "="):
            self.order = "<" if state[1] == "=" else state[1]

    @property
    def plain(self) -> "np.dtype[Any]":
        """The dtype itself."""
        return np.dtype(self.order + self.code)


class _Array:
    """What stands for an array until its state is there; `value` is the real one."""

    def __init__(self) -> None:
        self.value: np.ndarray[Any, Any] | None = None

    def build(self, state: object) -> None:
        """Take values, axes and order from numpy's state of an array."""
        if not isinstance(state, tuple) or len(state) != 5:
            raise ValueError("an array without its state")
        _, axes, dtype, is_fortran, data = state
        if not isinstance(dtype, _Dtype) or not isinstance(data, bytes | bytearray):
            raise ValueError("an array whose values are no plain bytes")
        if not isinstance(axes, tuple) or any(type(n) is not int or n < 0 for n in axes):
            raise ValueError("an array whose axes are no sizes")
        # frombuffer copies nothing, reshape checks that the bytes are as many as the axes say.
        flat = np.frombuffer(data, dtype.plain)
        if math.prod(axes) != flat.size:
            raise ValueError(f"cannot reshape an array of {flat.size:,} numbers as its axes say")
        self.value = flat.reshape(axes, order="F" if is_fortran else "C")
        self.value.flags.writeable = False


class _ArrayType:
    """What stands for the class numpy.ndarray: a name, not to be called."""


_MARK = object()
_Call = Callable[["_Machine", tuple[Any, ...]], Any]


def _reconstruct(_: "_Machine", arguments: tuple[Any, ...]) -> _Array:
    if not arguments or arguments[0] is not _ArrayType:
        raise ValueError("an array of another class than numpy.ndarray")
    return _Array()


def _from_buffer(_: "_Machine", arguments: tuple[Any, ...]) -> _Array:
    """Stand for numpy's reconstruction in protocol 5."""
    data, dtype, axes, order = arguments
    array = _Array()
    array.build((1, axes, dtype, order == "F", data))
    return array


def _scalar(_: "_Machine", arguments: tuple[Any, ...]) -> Any:
    dtype, data = arguments
    if not isinstance(dtype, _Dtype) or not isinstance(data, bytes):
        raise ValueError("a number whose value is no plain bytes")
    return np.frombuffer(data, dtype.plain, 1)[0]


def _encode(machine: "_Machine", arguments: tuple[Any, ...]) -> bytes:
    # Protocol 2 writes bytes as text in Latin 1; other codecs may do more than encode.
    text, encoding = (*arguments, "latin1")[:2]
    if encoding not in ("latin1", "latin-1") or not isinstance(text, str):
        raise ValueError(f"text in codec {_cut(repr(encoding))}")
    machine.count_bytes(len(text))
    return codecs.latin_1_encode(text)[0]


def _bytes(machine: "_Machine", arguments: tuple[Any, ...]) -> bytes:
    """Stand for bytes and bytearray: of bytes or Latin text, never of a number."""
    if not arguments:
        return b""
    if isinstance(arguments[0], str):
        return _encode(machine, arguments)
    if len(arguments) > 1 or not isinstance(arguments[0], bytes | bytearray):
        raise ValueError("bytes that are made of something else")
    machine.count_bytes(len(arguments[0]))
    return bytes(arguments[0])


def _sequence(kind: type) -> _Call:
    def make(machine: "_Machine", arguments: tuple[Any, ...]) -> Any:
        (items,) = arguments or ((),)
        if not isinstance(items, list | tuple):
            raise ValueError(f"a {kind.__name__} that is made of something else")
        machine.count(len(items))
        return kind(items)

    return make


def _mapping(kind: type) -> _Call:
    def make(machine: "_Machine", arguments: tuple[Any, ...]) -> Any:
        (pairs,) = arguments or ((),)
        made = kind()
        if isinstance(pairs, list | tuple):
            for pair in pairs:
                key, value = pair
                machine.count(1)
                made[_key(key)] = value
        elif pairs:
            raise ValueError(f"a {kind.__name__} that is made of something else")
        return made

    return make


_ALLOWED: dict[tuple[str, str], _Call | type] = {
    ("collections", "OrderedDict"): _mapping(collections.OrderedDict),
    ("_codecs", "encode"): _encode,
    ("numpy", "ndarray"): _ArrayType,
    ("numpy", "dtype"): lambda _, arguments: _Dtype(*arguments[:1]),
}
for _module in ("builtins", "__builtin__"):
    for _name, _made in (
        ("tuple", _sequence(tuple)),
        ("list", _sequence(list)),
        ("dict", _mapping(dict)),
        ("bytes", _bytes),
        ("bytearray", _bytes),
    ):
        _ALLOWED[_module, _name] = _made
for _module in ("numpy.core", "numpy._core"):
    _ALLOWED[f"{_module}.multiarray", "_reconstruct"] = _reconstruct
    _ALLOWED[f"{_module}.multiarray", "scalar"] = _scalar
    _ALLOWED[f"{_module}.numeric", "_frombuffer"] = _from_buffer


def _key(value: object) -> Any:
    """Let through what may be a key: the hash of nested tuples can take longer than any wait."""
    if isinstance(value, str | bytes | int | float) or value is None:
        return value
    raise ValueError(f"a {type(value).__name__} as a key")


class _Machine:
    """Runs the instructions of a pickle on a stack and a memo, as pickle's documents say."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._steps = self._bytes = 0
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def count(self, steps: int) -> None:
        """Count what is done, before it is done."""
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise ValueError(f"more than {MOST_STEPS:,} instructions")

    def count_bytes(self, size: int) -> None:
        """Count the bytes that calls copy: no more than the file holds."""
        self._bytes += size
        if self._bytes > len(self._data):
            raise ValueError("calls that make more bytes than the file holds")

    def run(self) -> Any:
        """Run to the end, and return what was pickled."""
        for opcode, argument, _ in pickletools.genops(self._data):
            self.count(1)
            if opcode.name == "STOP":
                return self._pop()
            if opcode.name in _LITERALS:
                self._stack.append(_LITERALS[opcode.name])
            elif opcode.name in _VALUES:
                self._stack.append(_checked(argument))
            elif opcode.name in _IGNORED:
                continue
            else:
                step = _STEPS.get(opcode.name)
                if step is None:
                    raise ValueError(f"an instruction {opcode.name}")
                step(self, argument)
        raise ValueError("it does not end")

    def _pop(self) -> Any:
        value = self._stack.pop()
        if value is _MARK:
            raise ValueError("a mark in place of a value")
        return value

    def _pop_to_mark(self) -> list[Any]:
        at = len(self._stack) - 1
        while self._stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise ValueError("no mark")
        values = self._stack[at + 1 :]
        # What is taken off was put on by as many instructions.
        del self._stack[at:]
        return values

    def mark(self, _: Any) -> None:
        self._stack.append(_MARK)

    def pop(self, _: Any) -> None:
        self._stack.pop()

    def pop_mark(self, _: Any) -> None:
        self._pop_to_mark()

    def duplicate(self, _: Any) -> None:
        self._stack.append(self._stack[-1])

    def put(self, argument: Any) -> None:
        self._memo[int(argument)] = self._stack[-1]

    def memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def get(self, argument: Any) -> None:
        self._stack.append(self._memo[int(argument)])

    def new_list(self, _: Any) -> None:
        self._stack.append([])

    def new_dict(self, _: Any) -> None:
        self._stack.append({})

    def make_list(self, _: Any) -> None:
        self._stack.append(self._pop_to_mark())

    def make_tuple(self, _: Any) -> None:
        self._stack.append(tuple(self._pop_to_mark()))

    def make_dict(self, _: Any) -> None:
        made: dict[Any, Any] = {}
        _set(made, self._pop_to_mark())
        self._stack.append(made)

    def tuple_of(self, count: int) -> None:
        if len(self._stack) < count:
            raise ValueError("too little for a tuple")
        taken = tuple(self._pop() for _ in range(count))
        self._stack.append(taken[::-1])

    def append(self, _: Any) -> None:
        value = self._pop()
        self._of_kind(list).append(value)

    def appends(self, _: Any) -> None:
        values = self._pop_to_mark()
        self._of_kind(list).extend(values)

    def set_item(self, _: Any) -> None:
        value, key = self._pop(), self._pop()
        _set(self._of_kind(dict), [key, value])

    def set_items(self, _: Any) -> None:
        values = self._pop_to_mark()
        _set(self._of_kind(dict), values)

    def _of_kind(self, kind: type) -> Any:
        if not isinstance(self._stack[-1], kind):
            raise ValueError(f"no {kind.__name__} to put into")
        return self._stack[-1]

    def named(self, argument: Any) -> None:
        module, _, name = str(argument).partition(" ")
        self._name(module, name)

    def named_on_stack(self, _: Any) -> None:
        name, module = self._pop(), self._pop()
        self._name(str(module), str(name))

    def _name(self, module: str, name: str) -> None:
        if (module, name) not in _ALLOWED:
            raise _UnsafeNameError(_cut(f"{module}.{name}"))
        self._stack.append(_ALLOWED[module, name])

    def refuse(self, _: Any) -> None:
        raise _UnsafeNameError("a persistent object or an extension")

    def call(self, _: Any) -> None:
        arguments, function = self._pop(), self._pop()
        if not callable(function) or isinstance(function, type) or type(arguments) is not tuple:
            raise ValueError("a call of what cannot be called")
        self._stack.append(function(self, arguments))

    def build(self, _: Any) -> None:
        state, target = self._pop(), self._stack[-1]
        if isinstance(target, _Array | _Dtype):
            target.build(state)
        elif not isinstance(target, dict):
            raise ValueError("a state of what has none")


def _cut(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."


def _set(target: dict[Any, Any], values: list[Any]) -> None:
    if len(values) % 2:
        raise ValueError("a key without a value")
    for key, value in zip(values[::2], values[1::2], strict=True):
        target[_key(key)] = value


def _checked(value: Any) -> Any:
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        raise ValueError("a number of more than 64 bits")
    if isinstance(value, str) and not value.isascii():
        value.encode()  # raises on half of a surrogate pair
    return value


_LITERALS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_VALUES = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        *("BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    }
)
_IGNORED = frozenset({"PROTO", "FRAME"})
_STEPS: Mapping[str, Callable[[_Machine, Any], None]] = {
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "POP_MARK": _Machine.pop_mark,
    "DUP": _Machine.duplicate,
    "PUT": _Machine.put,
    "BINPUT": _Machine.put,
    "LONG_BINPUT": _Machine.put,
    "MEMOIZE": _Machine.memoize,
    "GET": _Machine.get,
    "BINGET": _Machine.get,
    "LONG_BINGET": _Machine.get,
    "EMPTY_LIST": _Machine.new_list,
    "EMPTY_DICT": _Machine.new_dict,
    "LIST": _Machine.make_list,
    "TUPLE": _Machine.make_tuple,
    "DICT": _Machine.make_dict,
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "GLOBAL": _Machine.named,
    "STACK_GLOBAL": _Machine.named_on_stack,
    "PERSID": _Machine.refuse,
    "BINPERSID": _Machine.refuse,
    "EXT1": _Machine.refuse,
    "EXT2": _Machine.refuse,
    "EXT4": _Machine.refuse,
    "INST": _Machine.named,
    "REDUCE": _Machine.call,
    "NEWOBJ": _Machine.call,
    "BUILD": _Machine.build,
}


def read_pickle(path: Path) -> Any:
    """Read a pickle of plain values and arrays.

    Returns:
        What was pickled; arrays as read-only numpy arrays of plain numbers.

    Raises:
        UnsafePickleError: it names a class or a function that no file of weights needs.
        InputError: it is no pickle, cut short, or makes more than its size warrants.
    """
    try:
        data = read_regular(path, MOST_BYTES)
    except OSError as error:
        raise unreadable(path, error, "the file") from error
    try:
        return _Arrays().put_in(_Machine(data).run(), 0)[0]
    except _UnsafeNameError as error:
        raise UnsafePickleError(
            str(path),
            f"names {error}, which no file of weights needs: it may be an attack. "
            "Nothing of it ran",
            "Get the file from its publisher.",
        ) from error
    # The instructions of broken bytes fail with whatever they met.
    except Exception as error:
        raise _broken(path, data, error) from error


def _broken(path: Path, data: bytes, error: Exception) -> InputError:
    if data[:1] == b"\x80" and not data.endswith(b"."):
        return InputError(str(path), f"is cut short ({len(data):,} bytes)", "Copy it again, whole.")
    return InputError(
        str(path),
        f"is no file of weights ({type(error).__name__}: {_cut(str(error))})",
        "Name a checkpoint (.pdparams), an exported folder or an ONNX file.",
    )


class _Arrays:
    """Puts the real arrays in the place of what stood for them; what is shared stays shared."""

    def __init__(self) -> None:
        self._done: dict[int, tuple[Any, int] | None] = {}
        self._kept: list[Any] = []  # so that no id is given twice

    def put_in(self, value: Any, depth: int) -> tuple[Any, int]:
        """Return a value and how many it is of.

        Raises:
            ValueError: it holds itself, is too deep or of too many values.
        """
        if isinstance(value, _Array):
            if value.value is None:
                raise ValueError("an array without its state")
            return value.value, 1
        if not isinstance(value, dict | list | tuple):
            # A name of ours that was never called stands for nothing.
            if callable(value) or value is _MARK or isinstance(value, _Dtype):
                raise ValueError("a name in place of a value")
            return value, 1
        if depth > MOST_DEPTH:
            raise ValueError(f"nested deeper than {MOST_DEPTH}")
        if id(value) not in self._done:
            self._done[id(value)] = None
            self._kept.append(value)
            self._done[id(value)] = self._of_items(value, depth)
        done = self._done[id(value)]
        if done is None:
            raise ValueError("a value that holds itself")
        return done

    def _of_items(self, value: Any, depth: int) -> tuple[Any, int]:
        count = 1
        items = []
        for item in value.values() if isinstance(value, dict) else value:
            held, size = self.put_in(item, depth + 1)
            items.append(held)
            count += size
            if count > MOST_VALUES:
                raise ValueError(f"more than {MOST_VALUES:,} values")
        if isinstance(value, dict):
            return dict(zip(value, items, strict=True)), count
        return type(value)(items), count
