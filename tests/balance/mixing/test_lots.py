"""Draws from lots against a plain model of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from balance.mixing.arrays import SLACK
from balance.mixing.lots import Lot


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
