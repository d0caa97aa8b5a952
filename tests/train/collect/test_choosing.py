from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.collect.conftest import made_up
from train.collect import choosing
from train.collect.choosing import (
    Amounts,
    amounts_of,
    chosen,
    copies_of,
    drawn,
    groups_of,
    near_copies,
)
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


def copies(crops: list[Any]) -> dict[int, int]:
    return copies_of(range(len(crops)), near_copies(crops))


def groups(crops: list[Any], expression: str) -> tuple[str, ...]:
    return groups_of(crops, expression, near_copies(crops))


def flipped(fingerprint: str, bits: int) -> str:
    return f"{int(fingerprint, 16) ^ ((1 << bits) - 1):032x}"


def test_copies_read_alike_and_look_alike(crop: Crop) -> None:
    prints = ["0" * 32, flipped("0" * 32, 10), flipped("0" * 32, 11), "0" * 32]
    crops = [
        crop("a" if at < 3 else "b", path=f"{at}.png", fingerprint=one)
        for at, one in enumerate(prints)
    ]
    # The third is near to the second alone: a chain of copies is one group.
    assert copies(crops) == {1: 0, 2: 0}
    assert groups(crops, "") == ("0.png", "0.png", "0.png", "3.png")


def test_a_copy_joins_the_documents_that_it_stands_in(crop: Crop) -> None:
    far = "f" * 32
    crops = [
        crop("a", path="one/1.png", fingerprint=far),
        crop("b", path="one/2.png"),
        crop("b", path="two/1.png"),
        crop("c", path="two/2.png", fingerprint=far),
        crop("c", path="three/1.png"),
        crop("", path="four/1.png", fault="empty"),
    ]
    found = groups(crops, "^([^/]+)/")
    assert found == ("one", "one", "one", "one", "three", "four")


@given(st.integers(0, 2**32 - 1))
def test_of_many_crops_copies_are_found_as_of_few(seed: int) -> None:
    from tests.train.collect.conftest import made_up

    draw = np.random.default_rng(seed)
    crops = []
    for at in range(40):
        one = draw.bytes(16).hex()
        crops.append(made_up("", path=f"{at}.png", fingerprint=one))
        bits = int(draw.integers(0, 8))
        crops.append(made_up("", path=f"{at}-copy.png", fingerprint=flipped(one, bits)))
    few = copies(crops)
    most, choosing.MOST_COMPARED = choosing.MOST_COMPARED, 10
    try:
        assert copies(crops) == few == {2 * at + 1: 2 * at for at in range(40)}
    finally:
        choosing.MOST_COMPARED = most
