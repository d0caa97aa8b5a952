"""Lines that outgrow memory, against the same lines in memory."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balance.mixing import sorting
from balance.mixing.lots import Lot
from balance.mixing.option_values import LEAST_MEMORY, read_memory
from balance.mixing.out_folder import write_list
from balance.mixing.slices import with_slack
from balance.mixing.sorting import LineSorter, LineSpace, line_space
from textlines.errors import MendError, UsageError

COLUMNS = ("path_lengths", "lengths", "sizes", "origins", "keys")


def sort(rows: list[list[tuple[int, str]]], space: LineSpace | None) -> Lot:
    """Sort lines of two label files, some at a time, by the keys that are given."""
    sorter = LineSorter(space, stays=False)
    for number, some in enumerate(rows):
        texts = [f"{k}.jpg\t{label}".encode() for k, (_, label) in enumerate(some)]
        lengths = np.array([len(text) for text in texts], np.int64)
        columns = {
            "path_lengths": [text.index(b"\t") for text in texts],
            "lengths": lengths,
            "sizes": [len(label) for _, label in some],
            "origins": [2 * (number % 2) + k % 2 for k in range(len(some))],
            "keys": [key for key, _ in some],
        }
        content = b"".join(texts)
        sorter.add(
            with_slack(content),
            len(content),
            np.cumsum(lengths) - lengths,
            {name: np.array(column, np.uint64) for name, column in columns.items()},
        )
    return sorter.seal({0: "original", 1: "original"})


LINES = st.tuples(
    st.one_of(
        st.integers(0, 2**64 - 1), st.sampled_from([0, 7, 1 << 52, (1 << 52) - 1, 2**64 - 1])
    ),
    st.text("ab값 ", min_size=1, max_size=9),
)


@settings(max_examples=60)
@given(
    rows=st.lists(st.lists(LINES, max_size=8), max_size=6), most=st.sampled_from([40, 200, 10**6])
)
def test_runs_merged_from_disk_are_the_lines_sorted_in_memory(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[tuple[int, str]]], most: int
) -> None:
    folder = tmp_path_factory.mktemp("out")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sorting, "_MOST_RUN", most)
        memory = sort(rows, None)
        with line_space(folder, LEAST_MEMORY, is_on_disk=True) as space:
            disk = sort(rows, space)
            for name in COLUMNS:
                assert getattr(disk, name).tolist() == getattr(memory, name).tolist()
            assert disk.paths(slice(None)) == memory.paths(slice(None))
            for lot in (memory, disk):
                labels, size = lot.labels(slice(None))
                assert size == lot.lengths.sum() - lot.path_lengths.sum()
                assert labels[:size].tobytes().count(b"\n") == len(lot)
            lists = [
                write_list(
                    folder / "a", folder / "b", [lot.all()], ["", "in/"], ["o", "O", "d", "D"]
                )
                for lot in (memory, disk)
            ]
            assert lists[0] == lists[1]
            del disk, lot
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]


@pytest.mark.parametrize(("count", "is_spilled"), [(10, False), (400_000, True)])
def test_lines_beyond_the_memory_that_is_allowed_go_to_disk_by_themselves(
    tmp_path: Path, count: int, is_spilled: bool
) -> None:
    with line_space(tmp_path, LEAST_MEMORY) as space:
        lot = sort([[(k * 997 % 400_009, "a label") for k in range(count)]], space)
        assert len(lot) == count
        assert bool(list(tmp_path.iterdir())) == bool(lot.maps) == is_spilled
        assert (np.diff(lot.keys.astype(np.int64)) >= 0).all()
        assert space.used == 0 if is_spilled else space.used > 0


def test_a_disk_that_takes_no_lines_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LineSpace, "new_file", lambda self: Path("/dev/full"))
    with (
        line_space(tmp_path, LEAST_MEMORY, is_on_disk=True) as space,
        pytest.raises(MendError, match=f"{tmp_path}: the disk is full"),
    ):
        sort([[(7, "a label")]], space)


@pytest.mark.parametrize(
    ("text", "told"),
    [("a lot", "is no amount of memory"), ("1MB", "Allow more"), ("-4GB", "as in 4GB")],
)
def test_an_amount_of_memory_that_is_none_is_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_memory(text)
