"""Pickles: weights come through, nothing else runs."""

import collections
import os
import pickle
import pickletools
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from train.models.unpickling import UnsafePickleError, read_pickle

Write = Callable[[str, str | bytes], Path]


class Calls:
    """Pickles as a call of any function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f2", "<i8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_come_through(write_file: Write, protocol: int, dtype: str, order: Any) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(dtype, order=order)
    content = collections.OrderedDict(a=array, b=("name", array[:0]), c=[np.float32(1.5), "값"])
    path = write_file("w.pdparams", pickle.dumps(content, protocol=protocol))
    found = read_pickle(path)
    np.testing.assert_array_equal(found["a"], array)
    assert found["a"].dtype == array.dtype
    assert found["b"][0] == "name" and found["b"][1].size == 0
    assert found["c"] == [1.5, "값"]


@pytest.mark.parametrize(
    "attack",
    [
        Calls(os.system, "touch run"),
        Calls(eval, "open('run', 'w')"),
        Calls(exec, "open('run', 'w')"),
        Calls(getattr, os, "system"),
        Calls(__import__, "os"),
        Calls(open, "run", "w"),
        Calls(np.load, "run"),
        Calls(np.fromfile, "run"),
        Calls(pickle.loads, b"."),
        Calls(collections.Counter, "aab"),
        Calls(type, "T", (), {}),
    ],
    ids=lambda attack: attack.call[0].__name__,
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_call_of_anything_else_is_refused_and_does_not_run(
    write_file: Write, attack: Calls, protocol: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        data = pickle.dumps({"head.fc.weight": attack}, protocol=protocol)
    except (TypeError, pickle.PicklingError):
        data = pickle.dumps({"x": Calls(os.getenv, "HOME")}, protocol=protocol)
    path = write_file("w.pdparams", data)
    monkeypatch.chdir(path.parent)
    with pytest.raises(UnsafePickleError, match=r"which no file of weights needs.*Nothing of it"):
        read_pickle(path)
    assert not (path.parent / "run").exists()


def test_a_name_reached_through_another_is_refused(write_file: Write) -> None:
    # Protocol 4 names with dots: numpy's own modules lead to os and sys.
    data = b"\x80\x04\x8c\x05numpy\x8c\x0eos.path.exists\x93."
    with pytest.raises(UnsafePickleError, match=r"names numpy\.os\.path\.exists"):
        read_pickle(write_file("w.pdparams", data))


def test_a_persistent_object_is_refused(write_file: Write) -> None:
    with pytest.raises(UnsafePickleError, match="persistent object"):
        read_pickle(write_file("w.pdparams", b"\x80\x04\x8c\x01xQ."))


def test_an_array_of_objects_is_refused(write_file: Write) -> None:
    data = pickle.dumps({"a": np.array([1, "x"], object)})
    with pytest.raises(InputError, match=r"ValueError: an array of type 'O8'"):
        read_pickle(write_file("w.pdparams", data))


def test_an_array_larger_than_its_bytes_is_refused(write_file: Write) -> None:
    data = pickle.dumps(np.zeros(3, np.float32), protocol=4)
    # The shape (3,) becomes (255,): numpy's own unpickling would check this too, but not all.
    broken = data.replace(b"K\x03\x85", b"K\xff\x85")
    assert broken != data
    with pytest.raises(InputError, match="cannot reshape"):
        read_pickle(write_file("w.pdparams", broken))


@given(cut=st.integers(0, 10_000))
def test_a_cut_pickle_is_an_error_of_ours(tmp_path_factory: Any, cut: int) -> None:
    data = pickle.dumps({f"t{k}": np.full(9, k, np.float32) for k in range(9)}, protocol=4)
    path = tmp_path_factory.mktemp("cut") / "w.pdparams"
    path.write_bytes(data[: cut % len(data)])
    with pytest.raises(InputError):
        read_pickle(path)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: Any, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "w.pdparams"
    path.write_bytes(data)
    try:
        read_pickle(path)
    except InputError:
        return
    assert pickletools.genops(data)


def test_a_cut_checkpoint_says_so(write_file: Write) -> None:
    data = pickle.dumps({"t": np.zeros(99, np.float32)}, protocol=4)
    with pytest.raises(InputError, match="is cut short"):
        read_pickle(write_file("w.pdparams", data[:-20]))


def put_and_get(index: int) -> bytes:
    return b"r" + struct.pack("<I", index)


def doubled(levels: int, last: bytes = b"") -> bytes:
    """Pickle a list that holds a list twice, that holds a list twice, ..."""
    body = b"]q\x00"
    for level in range(levels):
        body += b"](h" + bytes([level]) + b"h" + bytes([level]) + b"eq" + bytes([level + 1])
    return b"\x80\x04" + body + last + b"."


BOMBS = {
    "lists shared 59 times over": (doubled(28), "nested deeper|more than 4,000,000 values"),
    "wide and shared": (
        b"\x80\x04]q\x00(" + b"K\x01" * 5000 + b"e](" + b"h\x00" * 5000 + b"e.",
        "more than 4,000,000 values",
    ),
    "a list that holds itself": (b"\x80\x04]q\x00h\x00a.", "a value that holds itself"),
    "a tuple as a key": (b"\x80\x04}K\x01\x85K\x02s.", "a tuple as a key"),
    "a memo of 2**28": (b"\x80\x04]" + put_and_get(1 << 28) + b"j" + b"\0\0\0\x10" + b".", ""),
    "bytes of a number": (
        b"\x80\x02c__builtin__\nbytes\nJ\x00\x00\x00\x7f\x85R.",
        "bytes that are made of something else",
    ),
    "a list of bytes of a number": (
        b"\x80\x02c__builtin__\nlist\nc__builtin__\nbytes\nJ\x00\x00\x00\x7f\x85R\x85R.",
        "bytes that are made of something else",
    ),
    "a text encoded again and again": (
        b"\x80\x04X" + struct.pack("<I", 10_000) + b"a" * 10_000 + b"q\x00]("
        + b"c_codecs\nencode\nh\x00\x8c\x06latin1\x86R" * 50 + b"e.",
        "calls that make more bytes than the file holds",
    ),
    "a list copied again and again": (
        b"\x80\x04](" + b"K\x01" * 30_000 + b"eq\x00]("
        + b"c__builtin__\nlist\nh\x00\x85R" * 40 + b"e.",
        "more than 500,000 instructions",
    ),
    "bytes of 2**60 that are not there": (b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60), "cut"),
    "a number of 100,000 digits": (
        b"\x80\x04\x8b" + struct.pack("<i", 50_000) + b"\x7f" * 50_000 + b".",
        "more than 64 bits",
    ),
    "brackets without end": (b"\x80\x04" + b"](" * 5_000 + b"e" * 5_000 + b".", "deeper"),
    "half of a surrogate pair": (b"\x80\x04\x8c\x03\xed\xa0\x80.", "surrogates not allowed"),
    "a million instructions": (b"\x80\x04" + b"N0" * 250_001 + b"N.", "more than 500,000"),
    "an array of 2**60": (
        pickle.dumps(np.zeros(3, np.float32), protocol=4).replace(
            b"K\x03\x85", b"\x8a\x08" + struct.pack("<q", 1 << 60) + b"\x85"
        ),
        "cannot reshape",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_unfolds_is_refused_before_it_is_built(write_file: Write, name: str) -> None:
    data, message = BOMBS[name]
    path = write_file("w.pdparams", data)
    tracemalloc.start()
    if message:
        with pytest.raises(InputError, match=message) as caught:
            read_pickle(path)
        assert len(str(caught.value)) < 1000
    else:
        assert read_pickle(path) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200 * len(data) + (64 << 20)


def test_values_that_are_shared_stay_shared(write_file: Write) -> None:
    array = np.arange(3, dtype=np.float32)
    content = {"a": array, "b": [array, {"c": array}]}
    found = read_pickle(write_file("w.pdparams", pickle.dumps(content, protocol=4)))
    assert found["a"] is found["b"][0] is found["b"][1]["c"]
    assert not found["a"].flags.writeable


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8")) | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab값"), inner)
    | st.tuples(inner, inner),
    max_leaves=20,
)  # fmt: skip


@given(value=PLAIN, protocol=st.integers(0, 5))
def test_plain_values_are_read_as_pythons_own(
    tmp_path_factory: Any, value: object, protocol: int
) -> None:
    path = tmp_path_factory.mktemp("plain") / "w.pdparams"
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    assert read_pickle(path) == value
