"""What a plan takes from a profile."""

import pytest

from textlines.formats.profile import (
    AlphabetRecord,
    CharacterRow,
    ErrorProfile,
    LineFigures,
    SpaceRow,
)
from textlines.labels.alphabet import Alphabet
from train.tuning.from_profile import rows_from, wavering

OWN = Alphabet(("a", "o", "0"))


def profile(spaces: SpaceRow, rows: tuple[CharacterRow, ...] = ()) -> ErrorProfile:
    """Make a profile of these spaces and characters."""
    return ErrorProfile(
        alphabet=AlphabetRecord(entries=OWN.entries, use_space_char=True, sha256="", assumed=False),
        max_text_length=25,
        ranked=rows,
        insertions={},
        spaces=spaces,
        lines=LineFigures(lines=1, exact=0, casefold=0, nospace=0, character_accuracy=0, edits=0),
    )


def spaces(right: int, lost: int, put_in: int = 0) -> SpaceRow:
    """Make a row of spaces, read or lost."""
    return SpaceRow(support=right + lost, right=right, deletions=lost, insertions=put_in)


def test_spaces_that_are_lost_are_left_open() -> None:
    assert wavering(profile(spaces(891, 430, 30)), OWN) == " "


@pytest.mark.parametrize(
    "row",
    [
        spaces(990, 10),  # read well
        spaces(9, 1),  # too few to tell
        spaces(800, 100, 150),  # more are put in than lost
        spaces(0, 0),
    ],
)
def test_spaces_that_the_base_can_teach_are_not(row: SpaceRow) -> None:
    assert wavering(profile(row), OWN) == ""


def test_a_dictionary_without_a_space_has_none_to_leave_open() -> None:
    assert wavering(profile(spaces(1, 400)), Alphabet(("a",), use_space_char=False)) == ""


def test_new_entries_start_from_what_they_were_read_as() -> None:
    def row(char: str, **read: int) -> CharacterRow:
        return CharacterRow(
            char=char,
            support=9,
            right=0,
            recall=0,
            interval=(0, 1),
            gain=1,
            confusions=read,
            deletions=0,
        )

    given = profile(spaces(1, 0), (row("o", a=1), row("ö", x=5, o=3), row("ø", o=2), row("å")))
    assert rows_from(given, OWN, ("ø=a",)) == ("ö=o",)
    assert rows_from(None, OWN, ()) == ()
