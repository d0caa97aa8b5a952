import os
from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.errors import InputError, MachineError
from textlines.labels.lmdb_store import LmdbSample, read_lmdb, write_lmdb
from textlines.labels.tally import Tally

SAMPLES = [(b"jpeg one", "값 1"), (b"jpeg two", "수량")]


def raw(path: Path) -> dict[bytes, bytes]:
    with lmdb.open(str(path), readonly=True, lock=False) as env, env.begin() as transaction:
        return dict(transaction.cursor())


def put(path: Path, content: dict[bytes, bytes]) -> Path:
    with lmdb.open(str(path), map_size=1 << 20) as env, env.begin(write=True) as transaction:
        for key, value in content.items():
            transaction.put(key, value)
    return path


def test_the_layout_is_that_of_paddleocr(tmp_path: Path) -> None:
    assert write_lmdb(tmp_path / "store", SAMPLES) == 2
    assert raw(tmp_path / "store") == {
        b"num-samples": b"2",
        b"image-000000001": b"jpeg one",
        b"label-000000001": "값 1".encode(),
        b"image-000000002": b"jpeg two",
        b"label-000000002": "수량".encode(),
    }
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["data.mdb"]


@settings(max_examples=20)
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=9000), st.sampled_from(["a", "값 b"]))))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, samples: list[tuple[bytes, str]]
) -> None:
    path = tmp_path_factory.mktemp("lmdb") / "store"
    tally = Tally()
    assert write_lmdb(path, samples) == len(samples)
    assert list(read_lmdb(path, tally)) == [
        LmdbSample(number, *sample) for number, sample in enumerate(samples, 1)
    ]
    assert not tally


def test_the_map_grows_as_needed(tmp_path: Path) -> None:
    samples = [(bytes([k % 256]) * 5000, f"{k}") for k in range(2500)]
    assert write_lmdb(tmp_path / "store", samples, map_size=1 << 16) == 2500
    found = list(read_lmdb(tmp_path / "store", Tally()))
    assert [(sample.image, sample.label) for sample in found] == samples


def test_the_same_samples_give_the_same_bytes(tmp_path: Path) -> None:
    samples = [(bytes([k % 256]) * (100 + 37 * k), f"값 {k}") for k in range(200)]
    for name in ("a", "b"):
        write_lmdb(tmp_path / name, samples)
    assert (tmp_path / "a/data.mdb").read_bytes() == (tmp_path / "b/data.mdb").read_bytes()


def test_an_error_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[bytes, str]]:
        yield from SAMPLES
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_lmdb(tmp_path / "store", broken())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ((b"", "x"), "store: sample 2: its image is empty. Leave the sample out"),
        ((b"x", ""), "store: sample 2: its label '': is empty|its label '' is empty"),
        ((b"x", "a\tb"), r"store: sample 2: its label 'a\\tb' holds U\+0009 TAB"),
    ],
)
def test_a_sample_at_fault_is_named(
    tmp_path: Path, sample: tuple[bytes, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        write_lmdb(tmp_path / "store", [SAMPLES[0], sample])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    write_lmdb(tmp_path / "store", SAMPLES)
    with pytest.raises(InputError, match=r"is already there\. Remove it"):
        write_lmdb(tmp_path / "store", SAMPLES)


def test_a_full_disk_is_an_input_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise lmdb.Error("mdb_txn_commit: No space left on device")

    monkeypatch.setattr("textlines.labels.lmdb_store._put", full)
    with pytest.raises(MachineError, match="the disk is full") as caught:
        write_lmdb(tmp_path / "store", SAMPLES)
    assert isinstance(caught.value.__cause__, lmdb.Error)
    assert list(tmp_path.iterdir()) == []


def test_each_oddity_of_a_store_is_counted(tmp_path: Path) -> None:
    path = put(
        tmp_path / "store",
        {
            b"num-samples": b"7",
            b"label-000000001": b"no image",
            b"image-000000002": b"no label",
            b"image-000000003": b"",
            b"label-000000003": b"x",
            b"image-000000004": b"x",
            b"label-000000004": b"\xff",
            b"image-000000005": b"x",
            b"label-000000005": b" ",
            b"image-000000006": b"x",
            b"label-000000006": b"e\xcc\x81",
            b"image-000000007": b"x",
            b"label-000000007": b"a\tb",
            b"image-000000008": b"x",
        },
    )
    tally = Tally()
    assert list(read_lmdb(path, tally)) == [LmdbSample(6, b"x", "é")]
    assert tally.as_dict() == dict.fromkeys(
        ["beyond_count", "control", "empty_image", "empty_label", "missing_image",
         "missing_label", "nfd", "not_utf8"], 1,
    )  # fmt: skip
    assert tally.places("not_utf8") == (f"{path}: sample 4",)


def test_a_folder_without_a_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no data\.mdb\. Name an LMDB folder"):
        list(read_lmdb(tmp_path, Tally()))
    (tmp_path / "data.mdb").write_bytes(b"no store" * 2000)
    with pytest.raises(InputError, match="the LMDB cannot be read"):
        list(read_lmdb(tmp_path, Tally()))
    with pytest.raises(InputError, match="has no count under 'num-samples'"):
        list(read_lmdb(put(tmp_path / "other", {b"x": b"y"}), Tally()))


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (b"1000000000000", "holds 1000000000000, and its keys have 9 digits"),
        (b"9" * 5_000, r"holds 99999999999999999999\.\.\., and its keys have 9 digits"),
        (b"-3", "has no count under 'num-samples'"),
    ],
)
def test_a_count_that_no_store_holds_is_refused(tmp_path: Path, count: bytes, message: str) -> None:
    path = put(tmp_path / "store", {b"num-samples": count, b"image-000000001": b"x"})
    with pytest.raises(InputError, match=message):
        list(read_lmdb(path, Tally()))


def test_samples_that_are_counted_and_missing_are_told_at_once(tmp_path: Path) -> None:
    content = {b"num-samples": b"0999999999", b"image-000000003": b"x", b"label-000000003": b"a"}
    path = put(tmp_path / "store", content | {b"image-3": b"", b"image-000000000": b""})
    tally = Tally()
    assert list(read_lmdb(path, tally)) == [LmdbSample(3, b"x", "a")]
    assert tally.as_dict() == {
        "counted_too_many": 999_999_996,
        "beyond_count": 2,
        "missing_image": 2,
    }
    assert tally.places("missing_image") == (f"{path}: samples 1 to 2",)
    assert tally.places("counted_too_many") == (f"{path}: samples 4 to 999999999",)


def numbered(*numbers: int) -> dict[bytes, bytes]:
    """Make samples of these numbers."""
    return {
        b"%b-%09d" % (name, number): b"%b%d" % (name[:1], number)
        for number in numbers
        for name in (b"image", b"label")
    }


@pytest.mark.parametrize(
    ("content", "read", "counts"),
    [
        # As text_renderer writes it: PaddleOCR never reads the first, and misses one at the end.
        (numbered(0, 1, 2) | {b"num-samples": b"3"}, [0, 1, 2], {"from_zero": 1}),
        (numbered(0, 1) | {b"num-samples": b"5"}, [0, 1], {"from_zero": 1, "counted_too_many": 3}),
        (numbered(1, 2), [1, 2], {"uncounted": 1}),
        (numbered(0, 1), [0, 1], {"uncounted": 1, "from_zero": 1}),
        # With a sample of the count's number the store counts from 1.
        (numbered(0, 1, 2) | {b"num-samples": b"2"}, [1, 2], {"beyond_count": 2}),
        (numbered(1, 2) | {b"num-samples": b"4"}, [1, 2], {"counted_too_many": 2}),
    ],
)
def test_stores_that_count_otherwise_are_read_and_it_is_told(
    tmp_path: Path, content: dict[bytes, bytes], read: list[int], counts: dict[str, int]
) -> None:
    tally = Tally()
    samples = list(read_lmdb(put(tmp_path / "store", content), tally))
    assert [(one.number, one.image, one.label) for one in samples] == [
        (number, b"i%d" % number, f"l{number}") for number in read
    ]
    assert tally.as_dict() == counts


def test_what_is_too_long_for_a_line_is_left_out_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textlines.labels.lmdb_store.MOST_IMAGE_BYTES", 1000)
    content = {b"num-samples": b"3"}
    for number, (image, label) in enumerate(
        [(b"x" * 1001, b"a"), (b"x", b"a" * 100_001), (b"x" * 1000, b"a" * 9)], 1
    ):
        content |= {b"image-%09d" % number: image, b"label-%09d" % number: label}
    tally = Tally()
    found = list(read_lmdb(put(tmp_path / "store", content), tally))
    assert [sample.number for sample in found] == [3]
    assert tally.as_dict() == {"image_too_long": 1, "line_too_long": 1}


def test_a_store_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    os.mkfifo(tmp_path / "a" / "data.mdb")
    with pytest.raises(InputError, match="the LMDB is a named pipe and no regular file"):
        list(read_lmdb(tmp_path / "a", Tally()))
    (tmp_path / "a" / "data.mdb").unlink()
    (tmp_path / "a" / "data.mdb").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="the LMDB is a device and no regular file"):
        list(read_lmdb(tmp_path / "a", Tally()))


def test_a_store_gives_way_when_asked_and_anything_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.lmdb"
    for label in ("one", "two"):
        write_lmdb(path, [(b"image", label)], replace=True)
    assert [one.label for one in read_lmdb(path, Tally())] == ["two"]
    assert [one.name for one in path.iterdir()] == ["data.mdb"]
    (path / "notes.txt").touch()
    with pytest.raises(InputError, match="is already there"):
        write_lmdb(path, [(b"image", "three")], replace=True)
    assert [one.label for one in read_lmdb(path, Tally())] == ["two"]
