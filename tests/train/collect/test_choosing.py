from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.collect.conftest import made_up
from train.collect.choosing import Amounts, amounts_of, chosen, drawn
from train.collect.suspicion import Suspicion

Crop = Callable[..., Any]


@given(st.integers(1, 2000))
def test_a_budget_is_spent_whole_and_a_judge_is_large_enough_or_none(budget: int) -> None:
    found = amounts_of(budget)
    assert found.train + found.stop + found.judge == budget
    assert found.train >= budget // 2
    assert found.judge == 0 or found.judge >= 60


def test_numbers_that_are_given_hold() -> None:
    assert amounts_of(100, stop=10, judge=60) == Amounts(30, 10, 60)
    assert amounts_of(100, judge=60) == Amounts(40, 0, 60)
    assert amounts_of(10, stop=20) == Amounts(0, 20, 0)


CROPS = [made_up(str(at), path=f"{at}.png", fault="" if at % 7 else "empty") for at in range(200)]


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(0, 30), st.integers(1, 9))
def test_the_random_part_keeps_groups_whole_and_takes_what_can_be_read(
    seed: int, stop: int, judge: int, size: int
) -> None:
    groups = [str(at // size) for at in range(len(CROPS))]
    found = drawn(CROPS, groups, Amounts(0, stop, judge), seed)
    roles = list(found.values())
    assert roles.count("stop") <= stop and roles.count("judge") <= judge
    assert not any(CROPS[number].fault for number in found)
    of_group: dict[str, set[str]] = {}
    for number, role in found.items():
        of_group.setdefault(groups[number], set()).add(role)
    assert all(len(roles) == 1 for roles in of_group.values())
    left = set(groups) - set(of_group)
    assert len(left) >= len(of_group) - 1
    if size == 1:
        assert (roles.count("stop"), roles.count("judge")) == (stop, judge)


def test_the_random_part_does_not_depend_on_what_else_is_there() -> None:
    few = drawn(CROPS[:100], [str(at) for at in range(100)], Amounts(0, 10, 0), 3)
    many = drawn(CROPS, [str(at) for at in range(200)], Amounts(0, 40, 0), 3)
    first = [number for number in many if number < 100][: len(few)]
    assert first == list(few)


def suspicion(doubt: float, rival: str | None = None) -> Suspicion:
    return Suspicion(doubt, rival, ())


def test_doubted_crops_come_first_and_others_of_their_kind_later(crop: Crop) -> None:
    looks = [(10, 10, 10, 10), (200, 200, 200, 200)]
    crops = [
        crop("A1", path="0.png", look=looks[0]),
        crop("A1", path="1.png", look=looks[0]),
        crop("B2", path="2.png", look=looks[0]),
        crop("C34", path="3.png", look=looks[1]),
        crop("D5", path="4.png", look=looks[0]),
    ]
    doubts = {
        0: suspicion(0.9, "AI"),
        1: suspicion(0.89, "AI"),
        2: suspicion(0.85, "BZ"),
        3: suspicion(0.8, "CB4"),
        4: suspicion(0.01),
    }
    found = chosen(crops, doubts, list(doubts), 5)
    assert found[0] == 0 and found[-1] == 4
    assert found.index(3) < found.index(1) and found.index(2) < found.index(1)
    assert chosen(crops, doubts, list(doubts), 2) == found[:2]


def test_what_no_reader_is_sure_of_in_any_way_comes_later(crop: Crop) -> None:
    crops = [
        crop("a", path="0.png", score=0.4, views=("b",)),
        crop("c", path="1.png", score=0.4, other="d"),
        crop("e", path="2.png", score=0.95, views=("f",)),
    ]
    doubts = {0: suspicion(0.95, "b"), 1: suspicion(0.9, "d"), 2: suspicion(0.9, "f")}
    assert chosen(crops, doubts, [0, 1, 2], 3)[-1] == 0


@pytest.mark.parametrize("count", [0, 3, 9])
def test_no_crop_is_chosen_twice(crop: Crop, count: int) -> None:
    crops = [crop("a", path=f"{at}.png") for at in range(5)]
    doubts = {at: suspicion(0.5, "b") for at in range(5)}
    found = chosen(crops, doubts, list(doubts), count)
    assert len(found) == len(set(found)) == min(count, 5)
