"""What a graph in ONNX holds, told from its file before anything opens it.

The file is a protobuf message. Only its lengths and names are read, weights are passed over, so
that a recognizer costs some milliseconds; the `onnx` package is not needed.
"""

from collections.abc import Iterator
from pathlib import Path

from textlines.errors import InputError

MOST_BYTES = 1 << 31
"""Of a file: protobuf's own limit."""

_NESTED = frozenset({"Loop", "Scan", "If", "SequenceMap", "While"})

# Numbers of fields, of onnx.proto.
_GRAPH, _METADATA, _FUNCTIONS = 7, 14, 25
_NODE, _INITIALIZER, _SPARSE_INITIALIZER = 1, 5, 15
_OP_TYPE, _ATTRIBUTE = 4, 5
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 5, 6, 10, 11
_ATTRIBUTE_SPARSE = (22, 23)
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14

_MOST_NODES = 100_000
"""The largest recognizer at hand has 900."""

Span = tuple[int, int]


class NotOnnxError(Exception):
    """The bytes are no graph in ONNX, or cut short."""


def fault_of(data: bytes) -> str:
    """Return why a graph is not to be run; "" when nothing is against it.

    A recognizer has neither loops nor branches, and one file holds all of it. What has them may
    never end, and what keeps its weights in other files may name any file of the machine.

    Raises:
        NotOnnxError: it is none.
    """
    nodes = weights = 0
    graphs = 0
    for number, value in _fields(data, (0, len(data))):
        if number == _FUNCTIONS:
            return "calls functions of its own"
        if number == _METADATA and not _is_text(data, value):
            return "holds metadata that is not UTF-8"
        if number != _GRAPH or not isinstance(value, tuple):
            continue
        graphs += 1
        for inner, part in _fields(data, value):
            if not isinstance(part, tuple):
                continue
            if inner == _SPARSE_INITIALIZER:
                return "holds sparse weights"
            if inner == _INITIALIZER:
                weights += 1
                if _is_external(data, part):
                    return "keeps weights in another file"
            if inner == _NODE:
                nodes += 1
                name, fault = _node(data, part)
                weights += name == "Constant"
                if fault:
                    return fault
    if graphs != 1 or not nodes:
        raise NotOnnxError("holds no graph")
    if nodes > _MOST_NODES:
        return f"has {nodes:,} operations, more than {_MOST_NODES:,}"
    return "" if weights else "holds no weights"


def _node(data: bytes, span: Span) -> tuple[str, str]:
    """Read the name of an operation, and what is against it."""
    name = fault = ""
    for number, value in _fields(data, span):
        if not isinstance(value, tuple):
            continue
        if number == _OP_TYPE:
            name = data[slice(*value)].decode("utf-8", "replace")
        if number == _ATTRIBUTE:
            fault = fault or _attribute(data, value)
    if name in _NESTED or fault == "a graph":
        return name, f"holds a loop or a branch ({name[:40]})"
    return name, fault


def _attribute(data: bytes, span: Span) -> str:
    for number, value in _fields(data, span):
        if not isinstance(value, tuple):
            continue
        if number in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
            return "a graph"
        if number in _ATTRIBUTE_SPARSE:
            return "holds sparse weights"
        if number in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS) and _is_external(data, value):
            return "keeps weights in another file"
    return ""


def _is_external(data: bytes, span: Span) -> bool:
    return any(
        number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value)
        for number, value in _fields(data, span)
    )


def _is_text(data: bytes, value: int | Span) -> bool:
    if not isinstance(value, tuple):
        return True
    try:
        for _, part in _fields(data, value):
            if isinstance(part, tuple):
                data[slice(*part)].decode()
    except UnicodeDecodeError:
        return False
    return True


def _fields(data: bytes, span: Span) -> Iterator[tuple[int, int | Span]]:
    """Return the fields of a message: numbers as they are, all else by where it lies."""
    at, end = span
    while at < end:
        key, at = _varint(data, at, end)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at, end)
            yield number, value
            continue
        if wire == 2:
            length, at = _varint(data, at, end)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise NotOnnxError(f"holds a field of kind {wire} at byte {at:,}")
        if length > end - at:
            raise NotOnnxError(f"is cut short, or a length at byte {at:,} is wrong")
        yield number, (at, at + length)
        at += length


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise NotOnnxError(f"is cut short, or a number at byte {at:,} does not end")


def not_opened(path: Path, reason: str, mend: str) -> InputError:
    """Return the error of a file that onnxruntime does not open."""
    return InputError(str(path), f"is no ONNX model that onnxruntime opens ({reason})", mend)


def check_graph(path: Path, data: bytes, mend: str) -> None:
    """Look at a graph, without opening it.

    Args:
        data: the content of the file.

    Raises:
        InputError: it is none, or holds what no recognizer does.
    """
    try:
        fault = fault_of(data)
    except NotOnnxError as error:
        raise not_opened(path, str(error), mend) from error
    if fault:
        raise InputError(str(path), f"{fault}: no recognizer does, and it is not run", mend)
