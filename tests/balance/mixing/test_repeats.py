"""Lines that stand several times."""

import itertools
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from balance.mixing.arrays import with_slack
from balance.mixing.hashing import hash_slices
from balance.mixing.lines import Lines, Source
from balance.mixing.pool import Pool, make_pool
from balance.mixing.repeats import copied
from textlines.labels.tally import Tally
from textlines.rules.proportions import times_of


def pool_of(names: list[str]) -> Pool:
    rows = [f"{name}.jpg\tx".encode() for name in names]
    lengths = np.array([len(row) for row in rows], np.int64)
    starts = np.cumsum(lengths) - lengths
    buffer = with_slack(b"".join(rows))
    lines = Lines(
        buffer,
        starts,
        lengths - 2,
        lengths,
        np.ones(len(rows), np.int64),
        hash_slices(buffer, starts, lengths),
        np.zeros(len(rows), np.bool_),
    )
    none = np.zeros(0, np.uint64)
    path = Path("own.txt")
    source = Source(
        "own", "own", path, path.parent, lines, "", len(rows), none.astype(np.int64), none, Tally()
    )
    return make_pool([source], 7, "lines")


def texts(pool: Pool) -> list[str]:
    return [pool.sources[0].lines.text(row)[0] for row in pool.rows.tolist()]


@given(lines=st.integers(1, 10**6))
def test_own_lines_fill_a_hundred_and_twenty_rows_as_far_as_eight_times_does(lines: int) -> None:
    times = times_of(lines)
    assert 1 <= times <= 8
    assert times == min(8, round(max(1, 120 / lines)))
    if 15 <= lines <= 120:
        assert abs(times * lines - 120) <= lines / 2


@given(
    names=st.lists(st.integers(0, 10**6).map(str), min_size=1, max_size=30, unique=True),
    times=st.integers(1, 8),
    order=st.randoms(use_true_random=False),
)
def test_each_line_stands_so_often_in_an_order_that_no_file_changes(
    names: list[str], times: int, order: object
) -> None:
    found = texts(copied(pool_of(names), np.full(len(names), times)))
    assert {name: found.count(name) for name in found} == {f"{n}.jpg": times for n in names}
    shuffled = list(names)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert texts(copied(pool_of(shuffled), np.full(len(names), times))) == found


def test_copies_stand_apart_in_the_list() -> None:
    found = texts(copied(pool_of([str(k) for k in range(50)]), np.full(50, 4)))
    beside = sum(a == b for a, b in itertools.pairwise(found))
    assert beside < 20
