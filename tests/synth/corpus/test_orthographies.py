"""Letters of one shape in one script: the line's other letters say which language's is meant."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.assets import asset_dir
from synth.corpus.lookalikes import shown
from synth.corpus.orthographies import ALPHABETS, alphabets_of, meant


@pytest.mark.parametrize(
    ("line", "alphabets"),
    [
        ("حتى", {"Arabic"}),
        ("كتاب في البيت", {"Arabic", "Uyghur"}),
        ("کتابخانه", {"Persian", "Pashto"}),
        ("چای ۳", {"Persian", "Urdu", "Pashto"}),
        ("بڑھا", {"Urdu"}),
        ("ئۇيغۇر", {"Uyghur"}),
        ("عليک", {"Pashto"}),  # its ي is Arabic's, its ک is Persian's
        ("علىک", set()),  # no language has both
        ("٣٣", set()),
        ("abc 12", set()),
    ],
)
def test_a_line_is_in_the_alphabets_that_hold_all_its_letters(
    line: str, alphabets: set[str]
) -> None:
    assert alphabets_of(line) == alphabets


def test_our_arabic_lines_are_in_the_arabic_alphabet() -> None:
    for line in (asset_dir("corpora") / "lines_ar.txt").read_text("utf-8").splitlines():
        assert "Arabic" in alphabets_of(line), line


@pytest.mark.parametrize(
    ("char", "twin", "line", "is_shown"),
    [
        ("ى", "ی", "حتى", True),
        ("ی", "ى", "علی", True),
        ("ى", "ی", "علىک", False),
        ("ى", "ی", "", False),
        ("ه", "ھ", "هذا إلى", True),
        ("٣", "۳", "رقم ٣", True),
        ("٣", "۳", "٣", False),
    ],
)
def test_the_alphabet_of_the_line_decides_between_twins(
    char: str, twin: str, line: str, is_shown: bool
) -> None:
    scripts = frozenset({"Arabic"}) if any(map(str.isalpha, line)) else frozenset[str]()
    assert shown(char, (twin,), None, scripts, alphabets_of(line)) is is_shown


def test_twins_of_other_scripts_are_left_to_the_script() -> None:
    assert meant(("O", "ی"), frozenset({"Arabic"})) == ("O",)
    assert all(
        meant((char,), frozenset({name})) for name, held in ALPHABETS.items() for char in held
    )


def test_a_face_that_draws_two_languages_letters_alike_draws_a_line_of_either(
    make_font: Callable[..., Path], rectangle: Any, tmp_path: Path
) -> None:
    from synth.faces.face_pool import FacePool
    from synth.faces.scan import find_faces

    yeh = (rectangle(50, 0, 400, 300),)
    glyphs = {"ى": yeh, "ی": yeh}
    glyphs |= {c: (rectangle(50, 0, 200 + 40 * k, 700),) for k, c in enumerate("حتعلإک")}
    make_font(glyphs, path=tmp_path / "a.ttf")
    pool = FacePool(find_faces([tmp_path / "a.ttf"]).faces, glyphs)
    assert pool.allowed("حتى") and pool.allowed("علی")
    assert not pool.allowed("علىک")
    assert pool.why_not("علىک") == {"looks like ی 'ى'": 1}
