"""Kinds of lines, and the pattern that many labels share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.judging.line_kinds import (
    PATTERN_SHARE,
    dominant,
    gaps_of,
    is_long,
    is_prose,
    length_group,
    script_group,
)

BOOK = "the boat lay still upon the water until morning"


@pytest.mark.parametrize(
    "text, expected",
    [
        (BOOK, True),
        ("강 건너 마을에는 불빛이 하나도 보이지 않았다", True),
        ("他沿着河慢慢走回去，天色已经暗了下来。", True),
        ("それから二人はしばらく黙って歩いた。", True),
        ("THANK YOU FOR SHOPPING WITH US", False),  # a receipt's capitals
        ("4 x Milk 1L @ 2.50 = 10.00", False),
        ("Total amount", False),
        ("", False),
    ],
)
def test_prose(text: str, expected: bool) -> None:
    assert is_prose(text) is expected


@given(st.text(max_size=90))
def test_every_line_has_a_length_and_a_script(text: str) -> None:
    assert (length_group(text) == "40 and more") == is_long(text)
    assert script_group(text)


@pytest.mark.parametrize(
    "labels, missing",
    [
        ([BOOK] * 3 + ["12.05"] * 97, []),
        (["12.05"] * 100, ["long lines", "prose"]),
        ([BOOK[:38]] * 5 + ["12.05"] * 95, ["long lines"]),
        (["1234567890 " * 5] * 5 + ["12.05"] * 95, ["prose"]),
        ([BOOK] + ["12.05"] * 999, ["long lines", "prose"]),  # one in a thousand
    ],
)
def test_general_lines_that_lack_a_kind(labels: list[str], missing: list[str]) -> None:
    told = gaps_of(labels)
    assert [any(kind in line for line in told) for kind in missing] == [True] * len(missing)
    assert len(told) == len(missing)


METERS = [f"{n}.00" for n in range(10, 22)] + ["1.25", "13.7", "88.14", "37.02", "90.55", "7.1"]


def test_the_end_that_most_meters_share() -> None:
    found = dominant(METERS)
    assert found is not None
    assert (found.kind, found.text) == ("ends in", ".00")
    assert found.share == pytest.approx(12 / 18)
    assert [label for label in METERS if found.fits(label)] == METERS[:12]


def test_a_shared_beginning() -> None:
    found = dominant([f"No. {n * 37}" for n in range(12)])
    assert str(found) == "starts with 'No. '"


def test_a_shape_when_no_text_is_shared() -> None:
    dates = [f"{n}{9 - n}/{n}{n}" for n in range(1, 9)]
    found = dominant([*dates, "abc", "d-e", "fgh1", "x"])
    assert str(found) == "looks like '99/99'"
    assert found is not None and found.fits("12/34") and not found.fits("1/34")
    assert dominant([*dates, "91/88", "81/77"]) is None  # all of them: nothing stands apart


def test_few_or_mixed_labels_have_none() -> None:
    assert dominant(["1.00"] * 9) is None
    assert dominant([chr(65 + n) * (n + 1) for n in range(20)]) is None


@given(st.lists(st.text("01.a", min_size=1, max_size=5), max_size=40))
def test_what_is_found_is_shared_by_as_many_as_it_says(labels: list[str]) -> None:
    found = dominant(labels)
    if found:
        count = sum(found.fits(label) for label in labels)
        assert count == pytest.approx(found.share * len(labels))
        assert count >= PATTERN_SHARE * len(labels)
