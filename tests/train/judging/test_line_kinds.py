"""Kinds of lines, and which of them general lines lack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.judging.line_kinds import gaps_of, is_long, is_prose, length_group, script_group

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
