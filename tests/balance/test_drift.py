import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.drift import (
    charset_drift,
    counted,
    ks,
    label_drifts,
    psi,
    psi_by_chance,
    share_drift,
    value_drift,
)

COUNTS = st.lists(st.integers(0, 1000), min_size=2, max_size=8)
VALUES = st.lists(st.integers(0, 50), min_size=1, max_size=60)


@given(COUNTS)
def test_psi_of_a_set_with_itself_is_nothing(counts: list[int]) -> None:
    assert psi(counts, counts) == 0


@given(st.data(), COUNTS)
def test_psi_is_symmetric_and_never_below_zero(data: st.DataObject, counts: list[int]) -> None:
    size = len(counts)
    other = data.draw(st.lists(st.integers(0, 1000), min_size=size, max_size=size))
    assert psi(counts, other) >= 0
    assert math.isclose(psi(counts, other), psi(other, counts), abs_tol=1e-12)


@given(VALUES, VALUES)
def test_ks_is_a_distance_between_0_and_1(one: list[int], other: list[int]) -> None:
    here, there = counted(one, other)
    assert 0 <= ks(here, there) <= 1
    assert ks(here, there) == pytest.approx(ks(there, here))
    assert ks(here, here) == 0


def test_ks_agrees_with_its_definition() -> None:
    draw = np.random.default_rng(3)
    one, other = draw.integers(0, 9, 80), draw.integers(2, 12, 50)
    gaps = [abs((one <= x).mean() - (other <= x).mean()) for x in range(13)]
    assert ks(*counted(one.tolist(), other.tolist())) == pytest.approx(max(gaps))


def test_samples_of_one_source_are_not_far_apart() -> None:
    draw = np.random.default_rng(5)
    far = 0
    for _ in range(200):
        one, other = (draw.poisson(9, size).tolist() for size in (120, 60))
        far += value_drift("length", one, other).is_far
    assert far <= 4


def test_chance_falls_with_the_size_of_the_samples() -> None:
    assert psi_by_chance(10, 100, 100) > psi_by_chance(10, 10_000, 100) > 0


def test_large_differences_are_far() -> None:
    short, long = ["12.50"] * 300, ["GOODS SOLD ARE NOT RETURNABLE"] * 300
    by_name = {drift.name: drift for drift in label_drifts(short, long)}
    assert all(drift.is_far for drift in by_name.values())
    assert by_name["length"].detail == "mean 5.00, there 29.00"
    assert by_name["space"].detail == "0.0%, there 100.0%"


def test_the_characters_that_differ_most_are_named() -> None:
    drift = charset_drift(["aab"] * 100, ["abb"] * 100)
    assert drift.detail.startswith("'a' +33.3 points, 'b' -33.3 points")


def test_an_empty_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="empty sample"):
        value_drift("length", [], [1])


def test_a_share_of_few_lines_is_not_far() -> None:
    assert not share_drift("space", 1, 4, 3, 4).is_far


def test_drift_between_roles_is_reported(kit: Any) -> None:
    def many(name: str, text: str, count: int) -> Any:
        return kit.text(name, "".join(f"{name}{n}.jpg\t{text}\n" for n in range(count)))

    train, val = many("train.txt", "12.50", 100), many("val.txt", "a long line", 100)
    like = many("like.txt", "12.51", 100)
    checked = kit.check(train, val=[val], like=[like], look=False)
    found = {(one.code, one.detail.split(":")[0]) for c in checked.findings.counts()
             for one in checked.findings.listed(c) if c.startswith("drift")}  # fmt: skip
    assert ("drift_length", "training against validation") in found
    assert ("drift_space", "validation against production") in found
    assert ("drift_length", "training against production") not in found


def test_a_handful_of_lines_is_not_compared(kit: Any) -> None:
    train, val = kit.text("t.txt", "a.jpg\tx\n"), kit.text("v.txt", "b.jpg\tlong line\n")
    assert kit.check(train, val=[val], look=False).drifts == ()


def test_shapes_are_compared_where_images_were_opened(kit: Any) -> None:
    train = kit.lines("train.txt", {f"t{n}.png": "1" for n in range(25)})
    val = kit.lines("val.txt", {f"v{n}.png": "1234567890" for n in range(25)})
    names = [row.drift.name for row in kit.check(train, val=[val], near=False).drifts]
    assert names == ["length", "space", "charset", "width"]


def test_other_characters_and_other_shapes_are_reported(kit: Any) -> None:
    train = kit.lines("train.txt", {f"t{n}.png": "1" for n in range(40)})
    val = kit.lines("val.txt", {f"v{n}.png": "abcdefgh" for n in range(40)})
    checked = kit.check(train, val=[val], near=False)
    charset = kit.only(checked, "drift_charset")
    assert "training against validation" in charset.detail
    width = kit.only(checked, "drift_width")
    assert "training against validation" in width.detail
