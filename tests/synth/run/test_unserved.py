"""A run for characters that its style and faces do not draw is stopped, with what draws them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.faces.font_files import read_font_file
from synth.faces.glyph_gate import Gate
from synth.plan.profile_targets import plan_profile
from synth.run.unserved import drawn_by
from tests.synth.faces import broken_fonts as fonts
from tests.synth.plan import plan_cases as cases
from textlines.formats.profile import save_profile

Run = Callable[..., Any]


@pytest.fixture
def profile(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a profile of characters with their gains."""

    def write(**gains: float) -> Path:
        rows = [
            cases.row(char, 200, 100, gain, {"7": 50}, 50)
            for char, gain in sorted(gains.items(), key=lambda item: -item[1])
        ]
        path = tmp_path / "profile.json"
        save_profile(cases.profile(rows), path)
        return path

    return write


@pytest.fixture
def generate(synth_here: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that draws numbers of a display; one font of letters is installed."""
    letters = fonts.true_type(tmp_path / "installed/letters.ttf")
    monkeypatch.setenv("OCR_FONT_DIRS", str(letters.parent))

    def run(*words: object, style: str = "lcd") -> Any:
        shared = ("--style", style, "--count", 20, "--workers", 1, "--out", tmp_path / "run")
        return synth_here("generate", *shared, *words)

    return run


def test_a_profile_that_is_mostly_not_drawn_stops_before_a_line_is(
    generate: Run, profile: Callable[..., Path], tmp_path: Path
) -> None:
    asked = ("--profile", profile(**{"1": 4.0, "x": 30.0, "값": 6.0}))
    ended = generate(*asked)
    assert ended.code == 1
    assert "--style lcd: serves 1 of the 3 characters of --profile; 90% of what" in ended.err
    assert "'x' '값': no face draws it" in ended.err
    of_text = "--style document or form or plate or sign"
    assert f"{of_text} draws 'x' (letters), 1 of these 2." in ended.err
    assert "--allow-unserved goes on without them" in ended.err
    assert not list((tmp_path / "run").rglob("*.jpg"))
    assert not (tmp_path / "run/plan.jsonl").exists()
    # The same folder goes on when told to.
    ended = generate(*asked, "--allow-unserved")
    assert ended.code == 0, ended.err
    assert len(list((tmp_path / "run").rglob("*.jpg"))) == 20
    assert "not served: x: no face draws it" in ended.out


def test_what_is_not_drawn_may_be_the_smaller_part(
    generate: Run, profile: Callable[..., Path]
) -> None:
    ended = generate("--profile", profile(**{"1": 31.0, "x": 30.0}))
    assert ended.code == 0, ended.err
    assert "not served: x" in ended.out


def test_a_dry_run_stops_with_the_same_words(generate: Run, profile: Callable[..., Path]) -> None:
    ended = generate("--profile", profile(**{"x": 3.0}), "--dry-run")
    assert ended.code == 1
    assert "100% of what they promise to gain is not served" in ended.err


def test_characters_that_are_named_and_not_served_are_no_plain_success(
    generate: Run, tmp_path: Path
) -> None:
    asked = ("--chars", "1xy")
    for _ in range(2):  # drawn, and found finished
        ended = generate(*asked)
        assert ended.code == 1
        told = (
            f"{tmp_path / 'run'}: 2 of 3 characters stand in fewer lines than asked ('x' 0, 'y' 0)"
        )
        assert told in ended.err
        assert "--allow-unserved takes the run as it is" in ended.err
    assert len(list((tmp_path / "run").rglob("*.jpg"))) == 20
    counts = json.loads((tmp_path / "run/run.json").read_text())["counts"]
    assert counts["targets"] == 3 and counts["served short: x"] == 0
    ended = generate(*asked, "--dry-run")
    assert ended.code == 1
    assert "not served: x: no face draws it" in ended.out
    assert "2 of 3 characters get fewer lines than asked" in ended.out
    assert "--chars: 2 of 3 characters stand in fewer lines than asked" in ended.err
    assert generate(*asked, "--allow-unserved").code == 0


def test_texts_that_the_faces_cannot_draw_are_told_apart_from_characters(
    generate: Run, profile: Callable[..., Path], tmp_path: Path
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("xylem 4\nword 47\n", encoding="utf-8")
    ended = generate("--profile", profile(**{"4": 30.0}), "--corpus", words)
    assert ended.code == 1
    assert "The faces draw '4', and no text that holds them: name a --corpus" in ended.err


def test_fonts_that_lack_them_are_told_of_the_installed_ones(
    generate: Run, profile: Callable[..., Path], tmp_path: Path
) -> None:
    given = tmp_path / "given/digits.ttf"
    fonts.true_type(given)
    _keep(given, "0123456789")
    ended = generate("--profile", profile(**{"x": 30.0}), "--fonts", given.parent, style="document")
    assert ended.code == 1
    # The machine may have others beside the one of this test.
    assert re.search(r"--fonts \S+ draws 'x' \(.+\), 1 of these 1\. --allow", ended.err)
    rare = "\U0002cea1"
    ended = generate(
        "--profile", profile(**{rare: 30.0}), "--fonts", given.parent, style="document"
    )
    assert ended.code == 1
    assert "No face on this machine draws them: put one that does into fonts/." in ended.err


def _keep(font: Path, chars: str) -> None:
    """Leave only these characters in a font's table."""
    from fontTools.ttLib import TTFont

    with TTFont(font) as opened:
        for table in opened["cmap"].tables:
            table.cmap = {code: name for code, name in table.cmap.items() if chr(code) in chars}
        opened.save(font)


def test_faces_are_found_that_share_the_characters(tmp_path: Path) -> None:
    paths = [fonts.true_type(tmp_path / f"{name}.ttf") for name in ("many", "few", "none")]
    _keep(paths[0], "abcde")
    _keep(paths[1], "efg")
    _keep(paths[2], "z")
    faces = [face for path in paths for face in read_font_file(path).as_faces(path)]
    drawn, by = drawn_by(("a", "g", "e", "값"), faces, Gate("abcdefgz"))
    assert drawn == ("a", "g", "e")
    assert {face.family for face in by} == {"few", "many"}
    assert drawn_by(("값",), faces, Gate("a값")) == ((), ())


def test_gains_are_of_what_was_asked_for() -> None:
    rows = [cases.row("1", 200, 100, 16.0, {}, 100), cases.row("x", 200, 100, 48.0, {}, 100)]
    right = cases.row("9", 200, 200, 5.0)
    plan = plan_profile(
        cases.profile([*rows, right]), 100, 0.3, 0.5, lambda c: "no" if c == "x" else None
    )
    assert plan.gains == {"1": 16.0, "x": 48.0}
    assert plan.unserved_share == 0.75
    none = plan_profile(cases.profile(rows), 100, 0.3, 0.5, lambda c: "no")
    assert (none.hard, none.unserved_share, none.rows) == ((), 1.0, 100)


def test_a_run_that_stopped_says_so_in_json_too(
    generate: Run, profile: Callable[..., Path]
) -> None:
    ended = generate("--profile", profile(**{"x": 3.0}), "--json")
    assert ended.code == 1
    assert ended.out == "" or all(json.loads(line) for line in ended.out.splitlines())
    assert "is not served" in ended.err


def test_lines_follow_the_gains_of_a_profile_as_far_as_they_are_asked_to(
    generate: Run, profile: Callable[..., Path]
) -> None:
    words = ("--profile", profile(**{"1": 27.0, "4": 3.0}), "--count", 60, "--filler", 0)
    wanted = {}
    for temper in (0, 0.5, 1):
        ended = generate(*words, "--temper", temper, "--dry-run", "--json")
        assert ended.code == 0, ended.err
        targets = json.loads(ended.out)["plan"]["targets"]
        wanted[temper] = {
            row["char"]: row["wanted"] for row in targets if row["char"] in ("1", "4")
        }
    even, between, by_gain = (wanted[temper]["1"] / wanted[temper]["4"] for temper in (0, 0.5, 1))
    assert even == pytest.approx(1, abs=0.1)
    assert between == pytest.approx(3, abs=0.6)
    assert by_gain == pytest.approx(9, abs=2)
