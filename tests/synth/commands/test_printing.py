import io
import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from synth.commands.printing import print_oddities, slow_progress, watching_drawing
from textlines import progress
from textlines.labels.tally import Tally


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Report every state."""
    monkeypatch.setattr(progress, "LOG_EVERY_S", 0.0)


@pytest.mark.usefixtures("at_once")
def test_lines_that_had_to_be_drawn_plain_are_told() -> None:
    log = io.StringIO()
    with watching_drawing(False, log) as watch:
        watch(50, 200, 0)
        watch(100, 200, 3)
    first, second = log.getvalue().splitlines()
    assert first.startswith("50 of 200 images drawn (25 %), ")
    assert "plain" not in first
    assert re.fullmatch(
        r"100 of 200 images drawn \(50 %\), .* a second, .* s left, 3 drawn plain", second
    )


@pytest.mark.usefixtures("at_once")
def test_a_program_is_told_the_same() -> None:
    log = io.StringIO()
    with watching_drawing(True, log) as watch:
        watch(100, 200, 3)
    event = json.loads(log.getvalue())
    assert (event["event"], event["what"], event["note"]) == (
        "progress",
        "images drawn",
        "3 drawn plain",
    )
    assert (event["done"], event["total"]) == (100, 200)


def test_quick_preparations_are_not_told() -> None:
    log = io.StringIO()
    told = slow_progress(log)
    for k in range(100):
        told("reading fonts", k, 100)
    assert log.getvalue() == ""


@pytest.mark.parametrize("of_machine", [True, False])
def test_foreign_files_beside_the_machines_fonts_are_one_line(
    of_machine: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = Tally()
    counted.add("font: not a font", count=1200)
    counted.add("font: broken", "/fonts/x.ttf")
    counted.add("text: bom", "a.txt:1", effect="changed")
    scan: Any = SimpleNamespace(is_of_machine=of_machine)
    print_oddities(counted, scan, as_json=False)
    told = capsys.readouterr().err.splitlines()
    assert told[0 if of_machine else -1] == "text: byte order mark taken off: 1 (a.txt:1)"
    if of_machine:
        assert told[1:] == [
            "fonts of this machine: 1,200 not a font, 1 broken; left out (synth fonts lists them)"
        ]
    else:  # the user's own: each reason with its places
        assert "font: broken, left out: 1 (/fonts/x.ttf)" in told
