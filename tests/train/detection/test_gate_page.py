"""A verdict on a detector as a page, in both languages, and as text."""

import re
from pathlib import Path

import pytest

from tests.train.detection.two_detectors import gated_on
from textlines.wording import speaking
from train.detection.gate_job import Gated
from train.detection.gate_page import SHOWN_PAGES, verdict_page
from train.detection.gate_text import advice, headline, print_det_verdict
from train.detection.gate_verdict import DetVerdict


@pytest.fixture
def gated(tmp_path: Path) -> Gated:
    """Return a verdict on a target that got better, and receipts of which each lost a line."""
    return gated_on(tmp_path, ("meters", "receipts"), text="<b>", notes=("a & b",))


def test_the_page_shows_what_was_lost_and_what_was_won(gated: Gated) -> None:
    with speaking("en"):
        page = verdict_page(gated)
    assert page.startswith("<!doctype html>") and page.endswith("\n")
    assert "&lt;i&gt;new&lt;/i&gt; against old" in page and "a &amp; b" in page
    assert page.count("data:image/jpeg;base64,") == 2 * 2 * SHOWN_PAGES
    for words in (
        "meters: pages that won most",
        "receipts: pages that lost most",
        "6 of 8 such pages, each as deployed",
        "base: 2 of 2 labels have a box, of 2",
        "candidate: 1 of 2 labels have a box, of 1",
        "receipts (each as deployed): missed rose from 0 to 8",
        "1 left out",
    ):
        assert words in page, words
    assert "meters: pages that lost most" not in page
    ids = re.findall(r'<section[^>]* id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 6


def test_a_page_whose_image_is_gone_is_told(gated: Gated) -> None:
    (gated.sets[1].pages[0][0].labels.image).unlink()
    with speaking("en"):
        assert "0.png: not there" in verdict_page(gated)


def test_what_is_printed_says_every_figure(
    gated: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = gated.verdict
    print_det_verdict(verdict)
    told = capsys.readouterr().out
    assert told.splitlines()[:2] == ["FAILED", "<i>new</i> against old"]
    assert headline(verdict) == "FAILED"
    assert advice(verdict) == (
        "Do not release it. Worse than the base: receipts (hmean 1.000 to 0.667)."
    )
    assert re.search(r"meters +target +each as deployed +hmean +8 +8 +16 +0.667 +1.000", told)
    assert re.search(r"receipts +each as deployed +missed +0 +8 +\+8 to \+8", told)
    assert "warning     receipts (each as deployed): missed rose" in told
    assert told.count("\n\n") == 3


def test_a_verdict_is_read_again(gated: Gated) -> None:
    again = DetVerdict.model_validate_json(gated.verdict.to_json())
    assert again == gated.verdict and again.exit_code == 1


def test_a_pass_says_what_is_ruled_out(gated: Gated) -> None:
    passed = gated.verdict.model_copy(update={"outcome": "passed", "delta_points": 2.5})
    assert "a loss of more than 2.5 points on any general set is ruled out" in advice(passed)
    assert passed.exit_code == 0
