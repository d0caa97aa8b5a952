"""Draws from lots against a plain model of them, and lines that stand several times."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from balance.mixing.lots import Lot
from balance.mixing.slices import SLACK, draw_keys, hash_slices, with_slack
from balance.mixing.sorting import LineSorter
from textlines.rules.proportions import times_of


def lot_of(sizes: list[int], roles: list[int]) -> Lot:
    starts, columns = np.arange(len(sizes)), np.ones((4, len(sizes)), np.int32)
    columns[2], columns[3] = sizes, np.array(roles) * 2
    keys = np.arange(len(sizes), dtype=np.uint64)
    return Lot(np.zeros(SLACK, np.uint8), starts, *columns, keys, {0: "original", 1: "distil"})


@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    shares=st.lists(st.floats(0, 3), min_size=1, max_size=5),
    seed=st.integers(0, 9),
)
def test_lines_are_drawn_in_their_order_round_and_round(
    sizes: list[int], shares: list[float], seed: int
) -> None:
    roles = np.random.default_rng(seed).integers(0, 2, len(sizes)).tolist()
    lot = lot_of(sizes, roles)
    drawer, at = lot.drawer(), 0
    for share in shares:
        amount = left = int(share * sum(sizes))
        wanted = []
        while sizes[at] <= left:
            wanted.append(at)
            left -= sizes[at]
            at = (at + 1) % len(sizes)
        drawn = drawer.draw(amount)
        assert drawn.positions.tolist() == wanted
        assert len(drawn) == len(wanted)
        assert drawn.amount == amount - left
        distilled = drawn.of_role("distil")
        assert distilled.positions.tolist() == [k for k in wanted if roles[k]]
        assert distilled.amount == sum(sizes[k] for k in wanted if roles[k])


def test_of_no_line_nothing_is_drawn() -> None:
    assert len(lot_of([], []).drawer().draw(5)) == 0


def named_lot(names: list[str]) -> Lot:
    rows = [f"{name}.jpg\tx".encode() for name in names]
    lengths = np.array([len(row) for row in rows], np.int64)
    starts = np.cumsum(lengths) - lengths
    buffer = with_slack(b"".join(rows))
    sorter = LineSorter(None, stays=True)
    columns = {
        "path_lengths": lengths - 2,
        "lengths": lengths,
        "sizes": np.ones(len(rows), np.int64),
        "origins": np.zeros(len(rows), np.int64),
        "keys": draw_keys(hash_slices(buffer, starts, lengths), 7, "own"),
    }
    sorter.add(buffer, int(lengths.sum()), starts, columns)
    return sorter.seal({0: "own"})


def texts(lot: Lot) -> list[str]:
    return lot.paths(slice(None))


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
    found = texts(named_lot(names).copied(np.full(len(names), times)))
    assert {name: found.count(name) for name in found} == {f"{n}.jpg": times for n in names}
    shuffled = list(names)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert texts(named_lot(shuffled).copied(np.full(len(names), times))) == found


def test_copies_stand_apart_in_the_list() -> None:
    found = texts(named_lot([str(k) for k in range(50)]).copied(np.full(50, 4)))
    beside = sum(a == b for a, b in itertools.pairwise(found))
    assert beside < 20
