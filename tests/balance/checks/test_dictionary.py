from typing import Any

import pytest

from textlines.formats.profile import save_profile
from textlines.labels.alphabet import Alphabet
from textlines.profile.measure import measure
from textlines.profile.reading import Reading


@pytest.fixture
def labels(kit: Any) -> Any:
    return kit.text("labels.txt", "a.jpg\ta\n")


def test_duplicates_and_blank_lines_are_named_by_line(kit: Any, labels: Any) -> None:
    dictionary = kit.text("dict.txt", "a\nb\n\na\n \nc\x07\n")
    checked = kit.check(labels, look=False, dictionary=dictionary)
    assert kit.places(checked, "dictionary_duplicate") == [4]
    assert kit.only(checked, "dictionary_duplicate").detail == "'a' stands at 1 already"
    assert kit.places(checked, "dictionary_blank") == [3, 5]
    assert kit.places(checked, "dictionary_control") == [6]


def test_entries_that_are_not_composed_are_a_note(kit: Any, labels: Any) -> None:
    dictionary = kit.text("dict.txt", "a\ne\u0301\n\u2126\n")
    found = kit.only(kit.check(labels, look=False, dictionary=dictionary), "dictionary_nfc")
    assert (found.detail, found.severity) == ("2 entries", "note")


def test_bom_and_crlf_of_a_dictionary_are_reported(kit: Any, labels: Any) -> None:
    dictionary = kit.text("dict.txt", "\ufeffa\r\nb\r\n")
    found = kit.check(labels, look=False, dictionary=dictionary).findings.listed("dictionary_file")
    assert [one.detail for one in found] == ["bom: 1", "crlf: 2"]


@pytest.mark.parametrize(
    ("new", "codes"),
    [
        ("a\nb\n", set()),
        ("a\nb\nc\n", {"dictionary_changed"}),
        ("b\na\n", {"dictionary_changed", "dictionary_moved"}),
        ("a\n", {"dictionary_changed", "dictionary_moved"}),
    ],
)
def test_appending_is_a_warning_and_moving_is_an_error(
    kit: Any, labels: Any, new: str, codes: set[str]
) -> None:
    base, dictionary = kit.text("base.txt", "a\nb\n"), kit.text("dict.txt", new)
    checked = kit.check(labels, look=False, dictionary=dictionary, base_dictionary=base)
    found = checked.findings.counts().keys() & {"dictionary_changed", "dictionary_moved"}
    assert found == codes


def test_the_profile_tells_the_base_dictionary(kit: Any, labels: Any) -> None:
    profile = measure([Reading("a.jpg", "ab", "aa")], Alphabet(("a", "b"))).profile
    save_profile(profile, kit.folder / "profile.json")
    dictionary = kit.text("dict.txt", "a\nb\nc\n")
    checked = kit.check(
        labels, look=False, dictionary=dictionary, profile=kit.folder / "profile.json"
    )
    assert "3 entries, the profile" in kit.only(checked, "dictionary_changed").detail
