"""The evened choice against what exhaustive search finds, and its laws."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balance.mixing.evening import EvenedChoice, Groups, Room, choose
from balance.mixing.objective import Coverage, Features, make_features
from balance.mixing.option_values import Cap, read_caps
from balance.mixing.slices import with_slack
from textlines.errors import UsageError

CODES = np.arange(ord("a"), ord("h"), dtype=np.int64)
NO_WORDS = np.zeros(0, np.uint64)


def features_of(lines: list[str]) -> Features:
    text = "".join(f"{line}\n" for line in lines).encode()
    return make_features(with_slack(text), len(text), CODES, NO_WORDS, None, 0)


def coverage(floors: list[int] | None = None, cost: float = 0.0) -> Coverage:
    count = len(CODES)
    held = np.array(floors or [0] * count, np.float64)
    prices = np.ones(count)
    return Coverage(np.full(count, 1 / count), held, np.full(count, cost), prices)


def chosen(
    lines: list[str], amount: int, goal: Coverage, groups: list[Groups] | None = None
) -> EvenedChoice:
    found = features_of(lines)
    base = np.zeros(len(CODES))
    sizes = np.ones(len(lines), np.int64)
    return choose(found, goal, base, amount, sizes=sizes, room=Room(groups or []))


def gain(lines: list[str], rows: tuple[int, ...], goal: Coverage) -> float:
    added = features_of(lines).totals(np.array(rows, np.int64)).astype(np.float64)
    return goal.gain_of(np.zeros(len(CODES)), added)


TEXTS = st.lists(st.text("abcdefg ", min_size=1, max_size=6), min_size=1, max_size=9)


@given(lines=TEXTS, amount=st.integers(1, 4))
@settings(max_examples=60)
def test_the_choice_holds_its_guarantee_and_its_own_bound(lines: list[str], amount: int) -> None:
    goal = coverage()
    found = chosen(lines, amount, goal)
    best = max(
        gain(lines, rows, goal) for rows in combinations(range(len(lines)), min(amount, len(lines)))
    )
    mine = gain(lines, tuple(found.rows.tolist()), goal)
    assert len(set(found.rows.tolist())) == min(amount, len(lines))
    assert mine >= (1 - np.exp(found.loss - 1)) * best - 1e-9
    assert mine >= found.certain * best - 1e-9


def test_floors_come_before_evenness() -> None:
    lines = ["bcdefg"] * 3 + ["a"] * 3
    found = chosen(lines, 3, coverage([2, 0, 0, 0, 0, 0, 0]))
    assert sorted(lines[k] for k in found.rows) == ["a", "a", "bcdefg"]


def test_a_rare_character_comes_before_a_common_one() -> None:
    base = np.array([100.0, 0, 0, 0, 0, 0, 0])
    lines = ["a", "a", "b", "a"]
    sizes = np.ones(4, np.int64)
    found = choose(features_of(lines), coverage(), base, 1, sizes=sizes, room=Room(()))
    assert found.rows.tolist() == [2]


def test_preferred_lines_come_before_equal_ones() -> None:
    lines = ["ab"] * 6
    preferred = np.array([False] * 5 + [True])
    found = choose(
        features_of(lines),
        coverage(),
        np.zeros(len(CODES)),
        1,
        sizes=np.ones(6, np.int64),
        room=Room(()),
        preferred=preferred,
    )
    assert found.rows.tolist() == [5]


@given(of_line=st.lists(st.integers(-1, 3), min_size=8, max_size=8), limit=st.integers(1, 3))
def test_no_group_goes_over_its_cap_while_others_have_room(of_line: list[int], limit: int) -> None:
    groups = Groups(np.array(of_line, np.int64), limit)
    room = sum(min(limit, of_line.count(k)) for k in range(4)) + of_line.count(-1)
    found = chosen(["abc", "b", "c", "dd", "e", "fg", "g", "ab"], 5, coverage(), [groups])
    assert len(found.rows) == 5
    taken = [of_line[k] for k in found.rows]
    over = sum(max(0, taken.count(k) - limit) for k in range(4))
    assert over == max(0, 5 - room) == found.over_caps


def test_characters_are_chosen_up_to_their_amount() -> None:
    lines = ["abcdefg", "ab", "c", "d"]
    sizes = np.array([7, 2, 1, 1])
    found = choose(features_of(lines), coverage(), np.zeros(7), 4, sizes=sizes, room=Room(()))
    assert int(sizes[found.rows].sum()) == 4


def test_caps_are_read_and_refused() -> None:
    assert read_caps("text=3,face=10%") == (Cap("text", 3), Cap("face", share=0.1))
    for text in ("text", "text=0", "colour=3", "face=120%", "text=a"):
        with pytest.raises(UsageError, match=r"--caps: .* is no cap"):
            read_caps(text)
