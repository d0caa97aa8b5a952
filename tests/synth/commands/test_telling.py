import io
import json
import re

import pytest

from synth.commands.telling import told_slowly, watching_drawing
from textlines import progress


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell every state."""
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
    told = told_slowly(log)
    for k in range(100):
        told("reading fonts", k, 100)
    assert log.getvalue() == ""
