"""What merge, preview and redraw say with `--json`: the keys that docs/json.md names."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.documents import json_keys

Run = Callable[..., Any]

COUNT = 6


@pytest.fixture
def drawn(draw_run: Callable[[int], Path]) -> Path:
    """Draw a small run."""
    return draw_run(COUNT)


def test_merge_says_what_is_left_out_and_taken_again(
    drawn: Path, synth_here: Run, write_file: Callable[[str, str], Path]
) -> None:
    bad = write_file("bad.txt", "images/0000/000003.jpg\n")
    told = json.loads(synth_here("merge", drawn, "--without", bad, "--json").out)
    assert told.keys() == json_keys("synth merge")
    assert (told["out"], told["left_out"], told["taken_again"]) == (str(drawn), 1, 0)
    assert told["counts"]["samples"] == COUNT - 1
    again = json.loads(synth_here("merge", drawn, "--json").out)
    assert (again["left_out"], again["taken_again"], again["counts"]["samples"]) == (0, 1, COUNT)


def test_preview_says_what_it_wrote(drawn: Path, synth_here: Run, tmp_path: Path) -> None:
    html = tmp_path / "page.html"
    told = json.loads(synth_here("preview", drawn, "--html", html, "--shown", 4, "--json").out)
    assert told.keys() == json_keys("synth preview")
    assert (told["samples"], told["shown"], told["complete"]) == (COUNT, 4, True)
    assert Path(told["page"]) == html and html.is_file()
    assert Path(told["picture"]) == tmp_path / "page.png" and Path(told["picture"]).is_file()


def test_redraw_says_which_bytes_it_drew(drawn: Path, synth_here: Run) -> None:
    image = drawn / "images/0000/000002.jpg"
    told = json.loads(synth_here("redraw", drawn, "--index", 2, "--json").out)
    assert told.keys() == json_keys("synth redraw")
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    assert told == {"sample": 2, "image": str(image), "sha256": digest, "was_there": True}
    image.unlink()
    told = json.loads(synth_here("redraw", drawn, "--index", 2, "--json").out)
    assert (told["sha256"], told["was_there"]) == (digest, False)
    assert hashlib.sha256(image.read_bytes()).hexdigest() == digest
