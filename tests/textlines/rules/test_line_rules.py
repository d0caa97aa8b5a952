import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.labels.alphabet import Alphabet
from textlines.rules import line_rules
from textlines.rules.line_rules import check_line, ctc_steps

ALPHABET = Alphabet(tuple("0123456789abcO:값갑e\u00e9ㅋ\u200d"))


def codes(label: str, width: int | None = None) -> list[str]:
    return [finding.code for finding in check_line(label, ALPHABET, width_px=width)]


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("값 10", []),
        ("", ["empty"]),
        ("  ", ["empty"]),
        (unicodedata.normalize("NFD", "값"), ["nfd"]),
        ("e\u0301", ["nfd"]),
        ("ㅋ", ["compat_jamo"]),
        ("\u1100a", ["loose_jamo", "outside_dictionary"]),
        ("a\u200bb", ["zero_width", "outside_dictionary"]),
        ("a\u200db", []),
        ("a\u00a0b", ["nbsp", "outside_dictionary"]),
        (" a", ["leading_space"]),
        ("a ", ["trailing_space"]),
        ("a  b", ["double_space"]),
        ("  a  b  ", ["leading_space", "trailing_space", "double_space"]),
        ("a\tb", ["control", "outside_dictionary"]),
        ("a" * 26, ["too_long"]),
        ("x", ["outside_dictionary"]),
    ],
)
def test_each_defect_has_its_code(label: str, found: list[str]) -> None:
    assert codes(label) == found


def test_details_name_the_character_and_what_the_dictionary_has() -> None:
    (finding,) = check_line("1：x", ALPHABET)
    assert finding.defect.is_error
    assert finding.detail == (
        "'：' (U+FF1A FULLWIDTH COLON), the dictionary has ':'; 'x' (U+0078 LATIN SMALL LETTER X)"
    )
    (double,) = check_line("ab  c", ALPHABET)
    assert double.detail == "at character 3"


def test_length_is_counted_in_composed_code_points() -> None:
    label = unicodedata.normalize("NFD", "값" * 25)
    assert [finding.code for finding in check_line(label, ALPHABET)] == ["nfd"]
    assert [f.code for f in check_line("값" * 24, ALPHABET, max_length=23)] == ["too_long"]


@pytest.mark.parametrize(
    ("label", "width", "height", "feasible"),
    [
        ("0" * 20, 100, 48, True),  # 39 of 40 steps
        ("0" * 21, 100, 48, False),  # 41 of 40
        ("0" * 21, 328, 48, True),  # 41 of 41
        ("0" * 21, 327, 48, False),
        ("0" * 21, 656, 96, True),
        ("01" * 12, 10, 48, True),  # 24 without a repeat
    ],
)
def test_ctc_needs_a_step_more_between_equal_classes(
    label: str, width: int, height: int, feasible: bool
) -> None:
    found = check_line(label, ALPHABET, width_px=width, height_px=height)
    assert [finding.code for finding in found] == ([] if feasible else ["ctc_infeasible"])


def test_equal_entries_count_as_one_class_for_ctc() -> None:
    alphabet = Alphabet(("a", "é", "a", "e\u0301", "ab"))
    assert ctc_steps("aaéé", alphabet) == 6
    assert ctc_steps("abab", alphabet) == 3
    assert ctc_steps("xx", alphabet) == 3


@given(
    st.text(st.sampled_from("01ab 값가e\u0301\u1100\u1161ㅋ\u200b\u200d\u00a0\t：é"), max_size=30),
    st.none() | st.integers(1, 500),
)
def test_the_short_way_never_hides_a_defect(label: str, width: int | None) -> None:
    steps = None if width is None else max(width, 320) // 8
    slow = line_rules._check_all(label, ALPHABET, 25, steps)
    assert check_line(label, ALPHABET, width_px=width) == slow
