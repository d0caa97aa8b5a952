"""Joiners without width stay where they show, and nowhere else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.corpus.carriers import fitted, read_lines, tidy
from synth.corpus.joiners import JOINERS, ZWJ, ZWNJ, without_idle
from textlines.labels.tally import Tally

SHOWN = [
    f"می{ZWNJ}خواهم",  # yeh, which joins, kept apart from khah
    f"کتاب{ZWNJ}ها",
    f"क्{ZWJ}ष",  # the half form in the place of the conjunct
    f"क्{ZWNJ}ष",  # the virama in the place of both
    f"ه{ZWJ}",  # heh as at the start of a word
    f"ـ{ZWNJ}ـ",
    f"بَ{ZWNJ}ب",  # a vowel sign between
    f"👩{ZWJ}🔬",
]

IDLE = [
    f"A{ZWNJ}B",
    f"د{ZWNJ}ب",  # dal joins nothing behind it
    f"{ZWNJ}ب",
    f"ب{ZWNJ}",
    f"ب {ZWNJ}ب",
    f"ก{ZWNJ}ข",
    f"1{ZWJ}2",
    f"ب{ZWJ}ب",  # they join without it
    f"क{ZWNJ}ष",
]


@pytest.mark.parametrize("text", SHOWN)
def test_a_joiner_that_shows_stays(text: str) -> None:
    assert without_idle(text) == text
    assert tidy(text) == (text, [])


@pytest.mark.parametrize("text", IDLE)
def test_a_joiner_that_nobody_sees_is_taken_out_and_counted(text: str, tmp_path: Path) -> None:
    bare = text.replace(ZWNJ, "").replace(ZWJ, "")
    assert without_idle(text) == bare
    file = tmp_path / "a.txt"
    file.write_text(text + "\n", "utf-8")
    tally, labels = Tally(), Tally()
    read = list(read_lines(file, longest=25, tally=tally, length=lambda _: 25))
    assert read == list(fitted(text, 25, lambda _: 25, "a:1", labels)) == [bare]
    assert tally.as_dict() == labels.as_dict() == {"invisible": 1}


@given(st.text("ab دبيकष्क" + ZWNJ + ZWJ))
def test_nothing_but_joiners_is_taken_out_and_never_twice(text: str) -> None:
    left = without_idle(text)
    kept = "".join(char for char in text if char not in JOINERS)
    assert "".join(char for char in left if char not in JOINERS) == kept
    assert len(without_idle(left)) <= len(left)
