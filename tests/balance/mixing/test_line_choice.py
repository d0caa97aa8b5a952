"""Floors, shares of the pool and copies: what an epoch may count on."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from balance.mixing.evening import MOST_SHARE, Groups, choose_copies
from balance.mixing.label_blocks import CODE_POINTS, Holding
from balance.mixing.line_choice import (
    LEAST_EVENING,
    choose_with_floors,
    cost_of_floors,
    mended,
    share_with_floors,
    shares_of,
)
from balance.mixing.lots import Lot
from balance.mixing.objective import (
    LEAST_COUNT,
    CharacterTarget,
    Coverage,
    Features,
    make_features,
    make_floors,
    make_target,
)
from balance.mixing.slices import SLACK, with_slack

CODES = np.arange(ord("a"), ord("h"), dtype=np.int64)
NO_WORDS = np.zeros(0, np.uint64)


def features_of(lines: list[str]) -> Features:
    text = "".join(f"{line}\n" for line in lines).encode()
    return make_features(with_slack(text), len(text), CODES, NO_WORDS, None, 0)


def goal(floors: list[int]) -> Coverage:
    count = len(CODES)
    return Coverage(
        np.full(count, 1 / count), np.array(floors, np.float64), np.zeros(count), np.zeros(count)
    )


def lot_of(keys: list[int]) -> Lot:
    starts, columns = np.zeros(len(keys), np.int64), np.ones((4, len(keys)), np.int32)
    return Lot(np.zeros(SLACK, np.uint8), starts, *columns, np.array(keys, np.uint64), {})


LINES = st.lists(st.text("abcdefg", min_size=1, max_size=5), min_size=2, max_size=12)


@given(
    lines=LINES,
    amount=st.integers(1, 6),
    floors=st.lists(st.integers(0, 3), min_size=7, max_size=7),
)
@settings(max_examples=80)
def test_mending_never_misses_more_and_never_takes_more(
    lines: list[str], amount: int, floors: list[int]
) -> None:
    features = features_of(lines)
    reachable = np.minimum(floors, features.totals()).tolist()
    aim, base = goal(reachable), np.zeros(7)
    rows = np.arange(min(amount, len(lines)))
    found = mended(features, aim, base, rows, np.ones(len(lines), np.int64), ())
    assert len(set(found.tolist())) == len(rows)

    def missing(chosen: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> float:
        return float(np.maximum(aim.floors - features.totals(chosen), 0).sum())

    assert missing(found) <= missing(rows)


def test_mending_brings_the_missing_character_and_obeys_the_caps() -> None:
    features = features_of(["abc", "bcd", "cde", "g", "g"])
    aim = goal([0, 0, 0, 0, 0, 0, 1])
    rows, ones = np.array([0, 1, 2]), np.ones(5, np.int64)
    found = mended(features, aim, np.zeros(7), rows, ones, ())
    assert len(found) == 3
    assert {3, 4} & set(found.tolist())
    full = Groups(np.array([-1, -1, -1, 0, 0]), 0)
    assert mended(features, aim, np.zeros(7), rows, ones, [full]).tolist() == [0, 1, 2]


def test_floors_hold_where_the_lines_can_hold_them() -> None:
    lines = ["abcdef"] * 20 + ["g"] * 4
    found = choose_with_floors(
        features_of(lines), goal([0, 0, 0, 0, 0, 0, 3]), np.zeros(7), 6, sizes=np.ones(24, np.int64)
    )
    assert sum(lines[row] == "g" for row in found.rows) >= 3
    assert len(found.rows) == 6


def test_what_is_seldom_expected_has_no_floor() -> None:
    codes = np.zeros(CODE_POINTS, np.int64)
    codes[ord("a")], codes[ord("b")] = 100, LEAST_COUNT - 1
    rest = Holding(codes, np.zeros(0, np.int64))
    none = Holding(np.zeros(CODE_POINTS, np.int64), np.zeros(0, np.int64))
    target = make_target(codes.astype(np.float64), 0.5, None)
    assert make_floors(rest, none, 0.1, target, 0.9, 200).characters.tolist() == [90, 0]


COUNTS = st.lists(st.integers(0, 400), min_size=7, max_size=7)


def holding(counts: list[int]) -> Holding:
    """Hold characters so often, and words (as many) as well."""
    codes = np.zeros(CODE_POINTS, np.int64)
    codes[CODES] = counts
    return Holding(codes, np.array(counts, np.int64))


@given(
    rest=COUNTS, pool=COUNTS, more=st.integers(0, 6), share=st.floats(0, 1), floor=st.floats(0, 1)
)
def test_the_pool_of_new_lines_makes_nothing_frequent(
    rest: list[int], pool: list[int], more: int, share: float, floor: float
) -> None:
    target = CharacterTarget(CODES, np.full(7, 1 / 7), np.zeros(0, np.int64))
    found = make_floors(holding(rest), holding(pool), share, target, floor, 200)
    grown = share * sum(pool) / max(sum(rest), 1)
    # No more than at the rate of the other lines, and no more than a random mix holds.
    most = [
        np.ceil(floor * min(own + share * new, own * (1 + grown)))
        for own, new in zip(rest, pool, strict=True)
    ]
    assert all(found.words <= most) and all(found.characters <= most)
    assert all(floor == 0 for own, floor in zip(rest, found.words, strict=True) if not own)
    # Where the pool holds as much of everything as the other lines, floors are as they were.
    alike = make_floors(holding(rest), holding(rest), share, target, floor, 200)
    wanted = np.ceil(floor * (1 + share) * np.array(rest) - 1e-6)
    assert np.abs(alike.words - wanted).max() <= 1
    # However much the pool has of what the others lack, nothing else loses its floor.
    lone = [count if own else count + 1000 * more for own, count in zip(rest, pool, strict=True)]
    raised = make_floors(holding(rest), holding(lone), share, target, floor, 200)
    assert all(raised.words >= found.words)
    assert not any(raised.words[np.array(rest) == 0])


def test_beside_a_choice_with_floors_stands_the_one_without() -> None:
    lines = ["abcdef"] * 20 + ["g"] * 4
    features, ones = features_of(lines), np.ones(24, np.int64)
    held = choose_with_floors(features, goal([0, 0, 0, 0, 0, 0, 3]), np.zeros(7), 6, sizes=ones)
    free = choose_with_floors(features, goal([0] * 7), np.zeros(7), 6, sizes=ones)
    assert held.free is not None
    assert held.free.tolist() == free.rows.tolist() != held.rows.tolist()
    assert free.free is None


@given(st.floats(0, 2), st.floats(0, 2), st.floats(0, 2))
def test_what_floors_cost_is_a_share_of_the_evening(
    held: float, free: float, random: float
) -> None:
    cost = cost_of_floors(held, free, random)
    assert cost >= 0
    if random - free < LEAST_EVENING or held <= free:
        assert cost == 0
    elif held <= random:
        assert cost <= 1


def test_each_epoch_has_a_share_that_other_lines_do_not_change() -> None:
    keys = np.random.default_rng(1).integers(0, 1 << 62, 900).tolist()
    few, many = shares_of(lot_of(keys[:600]), 50, 6), shares_of(lot_of(keys), 50, 6)
    assert np.array_equal(few, many[:600])
    assert np.bincount(many, minlength=6).min() > 100
    # No more shares than the pool can fill.
    assert set(shares_of(lot_of(keys[:100]), 50, 6).tolist()) == {0, 1}


def test_a_share_borrows_what_it_has_too_little_of() -> None:
    features = features_of(["a", "b", "ag", "c"])
    rows, share = np.arange(4), np.array([0, 1])
    found = share_with_floors(features, share, rows, np.zeros(7), goal([0, 0, 0, 0, 0, 0, 1]))
    assert found.tolist() == [0, 1, 2]
    enough = share_with_floors(features, share, rows, np.zeros(7), goal([1, 1, 0, 0, 0, 0, 0]))
    assert enough.tolist() == [0, 1]


@given(
    lines=st.lists(st.text("abcdefg", min_size=1, max_size=5), min_size=4, max_size=20),
    most=st.integers(2, 4),
)
@settings(max_examples=50)
def test_copies_stay_within_their_caps(lines: list[str], most: int) -> None:
    features = features_of(lines)
    target = CharacterTarget(CODES, np.full(7, 1 / 7), np.zeros(0, np.int64))
    base = features.totals().astype(np.float64)
    copies = choose_copies(features, base, target, most, np.ones(len(lines), np.int64))
    assert copies.max() <= most - 1
    assert copies.sum() == int(MOST_SHARE * len(lines))


def test_copies_go_to_the_rare_characters() -> None:
    lines = ["aaaa"] * 30 + ["g"] * 2
    features = features_of(lines)
    target = CharacterTarget(CODES, np.full(7, 1 / 7), np.zeros(0, np.int64))
    base = features.totals().astype(np.float64)
    copies = choose_copies(features, base, target, 3, np.ones(32, np.int64))
    assert copies[30:].tolist() == [2, 2]
