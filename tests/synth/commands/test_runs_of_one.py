"""What commands print of one image, one line, one face: in the singular."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.plan.plan_report import PlanReport, describe
from synth.run.folder import Extent, require_all
from synth.run.merging import short_words
from textlines.errors import InputError

Run = Callable[..., Any]

MANY = re.compile(r"\b1 (\w+ )?(images|samples|lines|faces|families|characters|shards)\b")
"""A one with a plural."""


def test_a_run_of_one_image(
    tmp_path: Path, quick_run: Callable[[int], list[str]], synth_here: Run
) -> None:
    out = tmp_path / "run"
    drawn = synth_here(*quick_run(1), "--workers", 1, "--out", out)
    assert drawn.out.splitlines()[0] == "1 of 1 line planned"
    assert drawn.out.splitlines()[-1] == f"1 image in {out} (1 drawn now)"
    page = tmp_path / "page.html"
    again = {
        "merge": ("merge", out),
        "pack": ("pack", out, "--out", tmp_path / "run.tar"),
        "preview": ("preview", out, "--html", page),
    }
    printed = {name: synth_here(*words).out for name, words in again.items()}
    assert printed["merge"].startswith(f"1 image in {out}\n")
    assert printed["pack"].startswith(f"1 image in {tmp_path / 'run.tar'} (sha256 ")
    assert printed["preview"].startswith(f"1 sample: {page} and ")
    for text in (drawn.out, *printed.values()):
        assert not MANY.search(text), text


def test_one_face_and_what_it_lacks(
    make_font: Callable[..., Path],
    rectangle: Any,
    synth_here: Run,
    tmp_path: Path,
    write_file: Callable[[str, str], Path],
) -> None:
    make_font({"0": (rectangle(50, 0, 400, 700),)}, path=tmp_path / "fonts/one.ttf")
    dictionary = write_file("dictionary.txt", "0\n1\n")
    printed = synth_here("fonts", "--fonts", tmp_path / "fonts", "--dictionary", dictionary).out
    assert "1 face in 1 family" in printed
    assert "1 character of the dictionary is in no face: 1" in printed


def test_a_plan_of_one_line() -> None:
    report = PlanReport(wanted=1, planned=1, weak=1, natural=(1, 1))
    assert describe(report)[:3] == [
        "1 of 1 line planned",
        "1 of 1 line (100.0%) is for characters or parts that are surely read right in less than "
        "95 of 100 places",
        "1 natural line holds 1 syllable or Han character that the profile never saw",
    ]


def test_one_character_is_short_and_one_shard_is_missing(tmp_path: Path) -> None:
    short = {"targets": 2, "served short: O": 1}
    assert short_words(short) == "1 of 2 characters stands in fewer lines than asked ('O' 1)"
    with pytest.raises(InputError, match="1 of 1 shard is missing: 0"):
        require_all(tmp_path, Extent.of(1))
