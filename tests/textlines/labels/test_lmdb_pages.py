"""What the library writes is read alike; what nobody writes is refused, and kills nothing."""

import random
from pathlib import Path

import lmdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.files import open_regular
from textlines.labels.lmdb_pages import BrokenStoreError, Pages
from textlines.labels.lmdb_store import read_lmdb, write_lmdb
from textlines.labels.tally import Tally

KEYS = st.binary(min_size=1, max_size=200)
VALUES = st.one_of(st.binary(max_size=60), st.integers(0, 20_000).map(lambda n: b"v" * n))


def put(path: Path, content: dict[bytes, bytes], gone: frozenset[bytes] = frozenset()) -> Path:
    with lmdb.open(str(path), map_size=1 << 26, lock=False) as env:
        with env.begin(write=True) as transaction:
            for key, value in content.items():
                transaction.put(key, value)
        with env.begin(write=True) as transaction:
            for key in gone:
                transaction.delete(key)
    return path / "data.mdb"


def read(path: Path) -> dict[bytes, bytes]:
    with open_regular(path) as file:
        pages = Pages(file)
        found = {entry.key: pages.value(entry) for entry in pages.from_key(b"")}
        assert list(found) == sorted(found)
        assert len(found) == pages.entries
        for key in list(found)[::7]:
            assert pages.find(key) == found[key]
            assert next(pages.from_key(key)).key == key
        assert pages.find(b"not there") is None
        return found


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=60), st.integers(1, 5))
def test_a_store_is_read_as_the_library_reads_it(
    tmp_path_factory: pytest.TempPathFactory, content: dict[bytes, bytes], nth: int
) -> None:
    gone = frozenset(list(content)[::nth]) if nth > 1 else frozenset()
    path = put(tmp_path_factory.mktemp("lmdb"), content, gone)
    assert read(path) == {key: value for key, value in content.items() if key not in gone}


def test_a_tree_of_several_levels_is_read(tmp_path: Path) -> None:
    content = {b"image-%09d" % k * (1 + k % 9): b"%d" % k for k in range(30_000)}
    path = put(tmp_path, content)
    with lmdb.open(str(tmp_path), readonly=True, lock=False) as env:
        assert env.stat()["depth"] >= 3
    assert read(path) == content


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small store with long values and two levels."""
    path = tmp_path_factory.mktemp("store") / "a"
    write_lmdb(path, [(bytes([k]) * (50 + 300 * k), f"값 {k}") for k in range(40)])
    return path


def outcome(data: bytes, folder: Path) -> str:
    """Read bytes as a store: how many samples, or the refusal."""
    (folder / "data.mdb").write_bytes(data)
    try:
        return str(len(list(read_lmdb(folder, Tally()))))
    except InputError as error:
        return error.what


def test_a_cut_store_is_refused_before_its_first_sample(store: Path, tmp_path: Path) -> None:
    whole = (store / "data.mdb").read_bytes()
    rng = random.Random(1)
    # What is cut from the last page may be what no value reaches: nothing is lost with it.
    longest = len(whole) - 4096
    for length in (0, 1, 100, 4096, 8192, *rng.sample(range(longest), 60)):
        (tmp_path / "data.mdb").write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"the LMDB cannot be read \(it is cut short"):
            next(read_lmdb(tmp_path, Tally()))
    assert outcome(whole, tmp_path) == "40"


def test_pages_given_up_at_the_end_need_not_be_there(store: Path, tmp_path: Path) -> None:
    whole = bytearray((store / "data.mdb").read_bytes())
    for meta in (0, 4096):
        at = meta + 16 + 24 + 96
        last = int.from_bytes(whole[at : at + 8], "little")
        whole[at : at + 8] = (last + 3).to_bytes(8, "little")
    assert outcome(bytes(whole), tmp_path) == "40"


def test_flipped_bits_are_refused_or_harmless(store: Path, tmp_path: Path) -> None:
    whole = (store / "data.mdb").read_bytes()
    rng = random.Random(2)
    seen = set()
    for _ in range(600):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 3, 20))):
            # Mostly where the pages' own numbers stand.
            at = rng.randrange(len(data) // 4096) * 4096 + int(4096 * rng.random() ** 4)
            data[min(at, len(data) - 1)] ^= 1 << rng.randrange(8)
        seen.add(outcome(bytes(data), tmp_path))
    assert len(seen) > 10


def test_a_tree_that_leads_back_into_itself_ends(tmp_path: Path) -> None:
    path = put(tmp_path, {b"%06d" % k: b"x" * 500 for k in range(3000)})
    data = bytearray(path.read_bytes())
    later = max((0, 4096), key=lambda meta: int.from_bytes(data[meta + 144 : meta + 152], "little"))
    root = int.from_bytes(data[later + 128 : later + 136], "little")
    for node in range(2):
        place = root * 4096 + 16 + 2 * node
        at = int.from_bytes(data[place : place + 2], "little")
        data[root * 4096 + at : root * 4096 + at + 4] = root.to_bytes(4, "little")
    path.write_bytes(bytes(data))
    with open_regular(path) as file, pytest.raises(BrokenStoreError):
        list(Pages(file).from_key(b""))


def test_a_database_within_the_database_is_no_value(tmp_path: Path) -> None:
    with lmdb.open(str(tmp_path), max_dbs=1, lock=False) as env:
        env.open_db(b"inner")
    with open_regular(tmp_path / "data.mdb") as file:
        pages = Pages(file)
        with pytest.raises(BrokenStoreError, match="holds a database under b'inner'"):
            pages.find(b"inner")
