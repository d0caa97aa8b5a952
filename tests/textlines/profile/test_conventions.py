from collections.abc import Iterable

import pytest

from textlines.formats.profile import CharacterRow, Convention
from textlines.labels.alphabet import Alphabet
from textlines.profile.measure import Measurement, measure
from textlines.profile.reading import Reading


def measured(pairs: Iterable[tuple[str, str]], alphabet: Alphabet | None = None) -> Measurement:
    return measure((Reading(f"{n}.jpg", a, b, 0.95) for n, (a, b) in enumerate(pairs)), alphabet)


def only(found: Measurement) -> Convention:
    (convention,) = found.profile.conventions
    return convention


def row(found: Measurement, char: str) -> CharacterRow:
    rows = found.profile.ranked
    return next(row for row in rows if row.char == char)


def test_a_dot_read_in_nearly_all_lines_is_a_convention_and_no_insertion() -> None:
    plates = [("京A12345", "京A·12345")] * 167 + [("沪B99999", "沪B99999")] * 3
    found = measured(plates)
    convention = only(found)
    assert convention.kind == "inserted_everywhere"
    assert (convention.chars, convention.count, convention.of) == ("·", 167, 170)
    assert "Strip it from the readings" in convention.advice
    assert found.profile.insertions == {}
    assert found.profile.lines.exact < 0.02
    assert found.profile.lines.agreed == 1.0


def test_a_frequent_digit_inserted_everywhere_is_no_convention() -> None:
    found = measured([("11.01", "111.01")] * 100)
    assert found.profile.conventions == ()
    assert found.profile.insertions == {"1": 100}


def test_full_width_for_half_width_does_not_rank() -> None:
    lines = [("a: 1", "a： 1")] * 40 + [("b: 7", "b: 1")] * 20 + [("c: 7", "c: 7")] * 20
    found = measured(lines)
    convention = only(found)
    assert (convention.kind, convention.chars) == ("width_form", ":→：")
    assert (convention.count, convention.of) == (40, 80)
    assert row(found, ":").right == row(found, ":").support == 80
    assert row(found, ":").conventional == 40
    assert row(found, ":").gain == 0
    assert found.profile.ranked[0].char == "7"
    assert found.profile.lines.agreed == 0.75


def test_labels_that_hold_both_widths_are_told_to_choose() -> None:
    lines = [("a:", "a：")] * 5 + [("b：", "b：")] * 5
    assert "write one of them throughout" in only(measured(lines)).advice


def test_labels_in_capitals_are_one_convention_and_real_faults_stay() -> None:
    lines = [("TOTAL SUM", "Total Sum")] * 20 + [("BEER", "8eer")] * 10 + [("TEA", "TEA")] * 30
    found = measured(lines)
    convention = only(found)
    assert convention.kind == "capitals"
    assert convention.count == 20 * (4 + 2) + 10 * 3
    assert row(found, "E").right == row(found, "E").support
    assert found.profile.ranked[0].char == "B"
    assert found.profile.ranked[0].confusions == {"8": 10}


def test_capitals_misread_as_their_small_twins_prove_no_convention() -> None:
    found = measured([("COS OX", "Cos ox")] * 40)
    assert found.profile.conventions == ()
    assert row(found, "O").confusions == {"o": 80}


def test_labels_of_both_cases_keep_their_case() -> None:
    lines = [("Total", "total")] * 40 + [("cash", "Cash")] * 40
    assert measured(lines).profile.conventions == ()


def test_a_character_outside_the_dictionary_is_told_with_what_to_write_instead() -> None:
    alphabet = Alphabet(tuple("abc:"))
    found = measured([("a：b", "ab")] * 30 + [("a：c", "acc")] * 2, alphabet)
    convention = only(found)
    assert (convention.kind, convention.chars) == ("out_of_dictionary", "：")
    assert (convention.count, convention.of) == (32, 96)
    assert "Write ':' in the labels" in convention.advice
    assert "：" not in {r.char for r in found.profile.ranked}
    assert found.profile.lines.agreed == 1.0


def test_spaces_without_a_class_for_them_are_told() -> None:
    found = measured([("a b", "ab")] * 30, Alphabet(tuple("ab"), use_space_char=False))
    assert only(found).chars == " "
    assert "use_space_char" in only(found).advice


def test_a_character_that_was_read_is_not_outside_the_dictionary() -> None:
    found = measured([("aß", "aß"), ("ß", "a")] * 10, Alphabet(("a",)))
    assert found.profile.conventions == ()
    assert found.profile.counts == {"reads_outside_dictionary": 10}


def test_another_code_of_the_same_look_is_told() -> None:
    convention = only(measured([("5 µm", "5 μm")] * 3))
    assert (convention.kind, convention.chars, convention.count) == ("other_form", "µ→μ", 3)


def test_a_dash_is_a_convention_only_when_it_is_the_rule() -> None:
    assert only(measured([("1–2", "1-2")] * 8)).kind == "other_form"
    assert measured([("1–2", "1-2")] * 8 + [("1–2", "1–2")] * 20).profile.conventions == ()


def test_decomposed_labels_are_compared_composed_and_counted() -> None:
    found = measured([("\u1100\u1161", "가"), ("가", "가")])
    assert found.profile.lines.exact == 1.0
    assert (only(found).chars, only(found).count, only(found).of) == ("NFC", 1, 4)


def test_superscripts_and_circled_digits_are_no_other_form() -> None:
    assert measured([("m²①", "m21")] * 30).profile.conventions == ()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("(주)", "㈜"),
        ("㈜", "(주)"),
        ("㎡", "m²"),
        ("m2", "㎡"),
        ("℃", "°C"),
        ("№", "No."),
        ("(1)", "①"),
        ("㎖", "ml"),
        ("…", "..."),
    ],
)
def test_one_character_against_several_is_a_convention_and_no_misreading(
    written: str, read: str
) -> None:
    lines = [(f"가{written}나", f"가{read}나")] * 18 + [("가나 7", "가나 1")] * 9
    found = measured(lines)
    convention = only(found)
    assert convention.kind == "one_for_several"
    assert (convention.chars, convention.count, convention.of) == (f"{written}→{read}", 18, 18)
    assert convention.advice.startswith("Keep what is printed: ")
    assert [one.char for one in found.profile.ranked if one.gain] == ["7"]
    assert all(row(found, char).conventional == 18 for char in set(written))
    assert found.profile.insertions == {}
    assert found.profile.lines.agreed == round(18 / 27, 6)
    assert all(line.agreed for line in found.misread[:18])


def test_a_part_of_what_stands_for_one_is_a_misreading() -> None:
    found = measured([("84㎡", "84m")] * 9 + [("(주)가", "주)가")] * 9 + [("①", "1")] * 9)
    assert found.profile.conventions == ()
    assert row(found, "㎡").confusions == {"m": 9}
    assert row(found, "(").deletions == 9
    assert row(found, "①").confusions == {"1": 9}


def test_what_both_sides_spell_alike_beside_what_they_do_not() -> None:
    found = measured([("(주)가 (주)나", "(주)가 ㈜다")] * 9)
    assert only(found).count == 9
    assert row(found, "(").right == row(found, "(").support == 18
    assert row(found, "나").confusions == {"다": 9}
