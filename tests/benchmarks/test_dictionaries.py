"""The benchmark of dictionaries: a row for each file, and 1 for what breaks without a word."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import dictionaries as bench
from tests.synth.faces import broken_fonts as fonts
from textlines.labels.alphabet import Alphabet

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-/$%&()#* "


def write(folder: Path, name: str, entries: str | Sequence[str]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{entry}\n" for entry in entries), encoding="utf-8")


def test_every_dictionary_gets_a_row(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("OCR_FONT_DIRS", "")
    letters = fonts.true_type(tmp_path / "fonts/letters.ttf")
    write(tmp_path / "dicts", "en.txt", LATIN)
    write(tmp_path / "dicts", "more/thai.txt", LATIN + "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภม")
    write(tmp_path / "dicts", "more/labels.txt", ["a.jpg\t값", "b.jpg\t나"])
    words = ["dictionaries.py", "--folder", tmp_path / "dicts", "--out", tmp_path / "out"]
    monkeypatch.setattr(
        sys, "argv", [*map(str, words), "--lines", "6", "--fonts", str(letters.parent)]
    )
    ended = bench.main()
    rows = capsys.readouterr().out.splitlines()
    assert ended == 0, rows
    latin, labels, thai, total = (" ".join(row.split()) for row in rows)
    assert latin.startswith("en.txt | 74 of 75 reached (1 space_twice) | 6 lines by itself, ")
    assert "| no: " in labels and "it looks like a label file (2 of its 2 lines" in labels
    assert thai.startswith("more/thai.txt | 104 of 105 reached (1 space_twice) | no: --dictionary ")
    assert "is of Thai (30 of its 105 entries), and no" in thai
    assert total == "3 files, 0 break without words"
    drawn = (tmp_path / "out" / "en.txt" / "rec_gt_train.txt").read_text(encoding="utf-8")
    assert len(drawn.splitlines()) == 6


def test_what_ends_without_words_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "en.txt", LATIN)
    args = Namespace(folder=tmp_path, out=tmp_path / "o", lines=3, fonts=[], seed=1, limit=9.0)
    said = "Traceback (most recent call last):\nValueError: what"
    for ending in ((1, said), (-1, "no end after 9 s"), (3, "")):
        monkeypatch.setattr(bench, "generate", lambda *_, ending=ending: ending)
        row = bench.row_of(tmp_path / "en.txt", args)
        (fault,) = row.faults
        assert fault.startswith(f"exit {ending[0]}: ")
        assert "BREAKS: exit" in row.line()

    def too_few(options: object, out: Path, limit: float) -> tuple[int, str]:
        out.mkdir(parents=True)
        (out / "rec_gt_train.txt").write_text("a.png\tab\n")
        return 0, "1 of 3 lines planned"

    monkeypatch.setattr(bench, "generate", too_few)
    assert bench.row_of(tmp_path / "en.txt", args).faults == (
        "1 of 3 lines, and not a word on why",
    )


def test_an_entry_that_does_not_come_back_is_a_fault() -> None:
    alphabet = Alphabet(("a", "b", "a"))
    assert not list(bench.law_faults(alphabet))
    alphabet.unreached.clear()  # as if nobody had found out that the first is never encoded to
    assert list(bench.law_faults(alphabet)) == ["entry 1 'a' encodes to [3]"]


def test_words_are_made_of_the_script_with_marks_behind_letters() -> None:
    words = bench.made_words(Alphabet(tuple("אבגדהוזחט\u05b0\u05b1abc")), 40, 1)
    assert len(words) == 40
    assert all(word[0] in "אבגדהוזחט" for word in words)
    assert bench.made_words(Alphabet(tuple("אבגדהוזחט\u05b0\u05b1abc")), 40, 1) == words
