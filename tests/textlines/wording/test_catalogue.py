"""Catalogues hold what pages can say, all of it and nothing else."""

from pathlib import Path

import polib
import pytest

from tests.messages import UnreadableError, catalogue_paths, fields, messages, of_code, of_template
from textlines.wording import LANGUAGES
from textlines.wording.catalogue import catalogue


def test_there_is_one_for_each_language_but_english() -> None:
    assert {path.stem for path in catalogue_paths()} == set(LANGUAGES) - {"en"}
    assert catalogue("en") == {}


@pytest.mark.parametrize("path", catalogue_paths(), ids=lambda path: path.stem)
def test_it_holds_what_the_source_says_and_nothing_else(path: Path) -> None:
    entries = polib.pofile(str(path))
    assert entries.metadata["Language"] == path.stem
    held = [(entry.msgctxt or "", entry.msgid) for entry in entries]
    said = messages()
    hint = "python -m tests.messages brings it in step"
    assert len(held) == len(set(held))
    assert [key for key in said if key not in set(held)] == [], hint
    assert [key for key in held if key not in said] == [], hint


@pytest.mark.parametrize("path", catalogue_paths(), ids=lambda path: path.stem)
def test_each_entry_is_translated_and_fills_in_the_same(path: Path) -> None:
    for entry in polib.pofile(str(path)):
        translation = entry.msgstr or entry.msgstr_plural.get(0, "")
        assert translation and not entry.fuzzy, entry.msgid
        assert fields(translation) <= fields(entry.msgid) | fields(entry.msgid_plural), entry.msgid
        assert fields(translation) >= fields(entry.msgid), entry.msgid
        assert (translation[0] == " ") == (entry.msgid[0] == " ") or entry.msgid == " and "


def test_a_text_that_is_no_literal_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"a\.py:1: the text is no literal"):
        list(of_code('say(f"{count} lines")', "a.py"))
    with pytest.raises(UnreadableError, match=r"asks for \{'count'\}, is given \{'lines'\}"):
        list(of_code('say("{count} lines", lines=3)', "a.py"))


def test_templates_are_read_too() -> None:
    [one] = of_template('<p title="{{ say_n("{n} row", "{n} rows", rows | length) }}">', "a.j2")
    assert (one.text, one.many) == ("{n} row", "{n} rows")
