"""`.pdiparams`: read whole or refused, never half."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from train.models.paddle_params import read_params, write_params

TYPES = {"float32": 5, "float16": 4, "int64": 3}


def varint(value: int) -> bytes:
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def saved(tensors: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """Write tensors as Paddle does: sorted by name, without the names."""
    out = b""
    for _, array in sorted(tensors.items()):
        described = b"\x08" + varint(TYPES[array.dtype.name])
        described += b"".join(b"\x10" + varint(axis) for axis in array.shape)
        out += struct.pack("<IQIi", 0, 0, 0, len(described)) + described + array.tobytes()
    return out


TENSORS: Mapping[str, np.ndarray[Any, Any]] = {
    "conv2d_9.w_0": np.arange(12, dtype=np.float32).reshape(3, 1, 2, 2),
    "conv2d_10.w_0": np.full((300, 2), 0.5, np.float16),
    "linear_1.b_0": np.arange(5, dtype=np.int64),
}


def test_tensors_get_their_names_in_sorted_order(tmp_path: Path) -> None:
    path = tmp_path / "inference.pdiparams"
    path.write_bytes(saved(TENSORS))
    found = read_params(path, list(TENSORS))
    assert set(found) == set(TENSORS)
    for name, array in TENSORS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_what_is_written_is_what_paddle_writes(tmp_path: Path) -> None:
    write_params(tmp_path / "inference.pdiparams", TENSORS)
    assert (tmp_path / "inference.pdiparams").read_bytes() == saved(TENSORS)


@given(shape=st.lists(st.integers(0, 300), max_size=3).map(tuple), kind=st.sampled_from([*TYPES]))
def test_what_is_written_reads_back(
    tmp_path_factory: Any, shape: tuple[int, ...], kind: str
) -> None:
    array = np.zeros((*shape[:2], *(one % 7 for one in shape[2:])), kind)
    path = tmp_path_factory.mktemp("back") / "inference.pdiparams"
    write_params(path, {"one": array, "two": array})
    found = read_params(path, ["two", "one"])
    assert {one.shape for one in found.values()} == {array.shape}


@given(cut=st.integers(1, len(saved(TENSORS)) - 1))
def test_a_cut_file_is_refused(tmp_path_factory: Any, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "inference.pdiparams"
    path.write_bytes(saved(TENSORS)[:cut])
    with pytest.raises(InputError, match=r"is cut short|its program names 3"):
        read_params(path, list(TENSORS))


def test_a_cut_file_names_the_tensor_and_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "inference.pdiparams"
    path.write_bytes(saved(TENSORS)[:-3])
    with pytest.raises(InputError, match=r"end inside tensor 3 of 3\. Copy the model folder"):
        read_params(path, list(TENSORS))


def test_another_number_of_tensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "inference.pdiparams"
    path.write_bytes(saved(TENSORS))
    with pytest.raises(InputError, match="holds 3 tensors, its program names 2"):
        read_params(path, list(TENSORS)[:2])


@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: Any, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "inference.pdiparams"
    path.write_bytes(data)
    try:
        read_params(path, [])
    except InputError:
        return
    assert data == b""
