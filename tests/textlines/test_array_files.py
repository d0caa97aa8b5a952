"""Arrays are read as numpy writes them; what unfolds or claims too much is refused unbuilt."""

import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from textlines.array_files import read_npy, read_npz
from textlines.errors import InputError

Write = Callable[[str, str | bytes], Path]

SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
ARRAYS = st.sampled_from(["<f4", ">f8", "<f2", "|u1", "<i8", "|b1", "<u8"]).flatmap(
    lambda dtype: arrays.arrays(np.dtype(dtype), SHAPES)
)


def npy(array: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array, **options)
    return out.getvalue()


def claiming(shape: str, descr: str = "'<f4'") -> bytes:
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"\0" * 16


@settings(deadline=None)
@given(ARRAYS, ARRAYS, st.booleans())
def test_arrays_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, one: Any, other: Any, turned: bool
) -> None:
    folder = tmp_path_factory.mktemp("arrays")
    one = np.asfortranarray(one) if turned else one
    np.save(folder / "a.npy", one)
    np.savez(folder / "b.npz", allow_pickle=False, **{"conv.w": one, "값": other})
    found = {"a": read_npy(folder / "a.npy", "it", ""), **read_npz(folder / "b.npz", "it", "")}
    for name, array in (("a", one), ("conv.w", one), ("값", other)):
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype and found[name].shape == array.shape


BROKEN = {
    "a claim of 2**60": (claiming("(1152921504606846976,)"), "says 4,611,686,018,427,387,904"),
    "a claim of less": (claiming("(3,)"), "says 12 bytes, it has 16"),
    "a negative axis": (claiming("(-4,)"), "axes are no sizes"),
    "an axis that is true": (claiming("(True, 4)"), "axes are no sizes"),
    "objects": (npy(np.array([{}], object), allow_pickle=True), "not of plain numbers"),
    "fields": (npy(np.zeros(2, "i4,i4")), "not of plain numbers"),
    "texts": (npy(np.array(["a"])), "not of plain numbers"),
    "a head of brackets": (claiming("(" * 4000), "its header is broken|Cannot parse"),
    "no array": (b"nothing of the kind", "cannot be read"),
    "nothing": (b"", "cannot be read"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_array_that_is_none_is_refused(write_file: Write, name: str) -> None:
    data, message = BROKEN[name]
    with pytest.raises(InputError, match=rf"a\.npy: the choice .*({message})"):
        read_npy(write_file("a.npy", data), "the choice", "Mix again.")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("conv.w.npy", data)
    with pytest.raises(InputError, match=rf"a\.npz: the weights .*'conv\.w'.*({message})?"):
        read_npz(write_file("a.npz", out.getvalue()), "the weights", "Copy it again.")


def test_a_member_that_unfolds_is_refused_folded(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", w=np.zeros(50_000_000, np.uint8))
    tracemalloc.start()
    with pytest.raises(InputError, match=r"its member 'w\.npy' is compressed|longer than the file"):
        read_npz(tmp_path / "a.npz", "the weights", "")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_members_that_lie_over_each_other_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", allow_pickle=False, w=np.zeros(9000, np.uint8))
    data = (tmp_path / "a.npz").read_bytes()
    at = data.index(b"PK\x01\x02")
    directory, end = data[at:-22], data[-22:]
    counts = (50).to_bytes(2, "little") * 2 + (50 * len(directory)).to_bytes(4, "little")
    whole = data[:at] + directory * 50 + end[:8] + counts + end[16:]
    (tmp_path / "a.npz").write_bytes(whole)
    with pytest.raises(InputError, match="its members are longer than the file"):
        read_npz(tmp_path / "a.npz", "the weights", "")


def test_flipped_and_cut_bytes_are_refused_or_harmless(tmp_path: Path) -> None:
    rng = random.Random(3)
    np.savez(tmp_path / "a.npz", allow_pickle=False, w=np.arange(99), b=np.zeros(3, np.float32))
    whole = (tmp_path / "a.npz").read_bytes()
    seen = set()
    for _ in range(1500):
        data = bytearray(whole[: rng.randrange(len(whole)) if rng.random() < 0.3 else None])
        for _ in range(rng.choice((0, 1, 3))):
            if data:
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        (tmp_path / "b.npz").write_bytes(data)
        try:
            seen.add(str(sorted(read_npz(tmp_path / "b.npz", "it", ""))))
        except InputError as error:
            seen.add(error.what)
    assert len(seen) > 5


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.npz").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="the weights is a device and no regular file"):
        read_npz(tmp_path / "a.npz", "the weights", "")
    with pytest.raises(InputError, match="the weights is not there"):
        read_npy(tmp_path / "b", "the weights", "")
