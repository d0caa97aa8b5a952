from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from train.collect import likeness
from train.collect.likeness import copies_of, groups_of, near_copies

Crop = Callable[..., Any]


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
    most, likeness.MOST_COMPARED = likeness.MOST_COMPARED, 10
    try:
        assert copies(crops) == few == {2 * at + 1: 2 * at for at in range(40)}
    finally:
        likeness.MOST_COMPARED = most
