"""The page of a run as it is laid out, in headless Chromium, and what it says first."""

import json
import re
from pathlib import Path
from typing import Any

from tests.korean_pages import english_in, language_of_page
from tests.page_layout import lay_out, require_fit
from textlines.wording import speaking
from train.tuning.prepared_run import ready_for
from train.tuning.run_page import run_page, what_came
from train.tuning.run_records import READINGS, read_metrics
from train.tuning.train_plan import PLAN, read_plan


def test_the_page_of_a_run_fits_its_window_and_says_what_came_of_it(
    unbroken: Path, browser: Any
) -> None:
    found = lay_out(browser, unbroken / "run/report.html")
    require_fit(found)
    assert found.above == ["H1"]
    assert re.fullmatch(
        r"Of 24 stopping lines \d+ are mended and \d+ broken: the target goes from [\d.]+% to "
        r"[\d.]+%, the general lines from [\d.]+% to [\d.]+%[.]"
        r"|Nothing came of it: .*",
        found.finding,
    )


def test_what_came_of_a_run_is_said_with_lines_and_both_accuracies() -> None:
    base, chosen = {"target": 0.5, "general": 0.9}, {"alpha": 0.6, "target": 0.75, "general": 0.875}
    rows = [{"base_right": n % 2 == 0, "tuned_right": n < 6} for n in range(8)]
    assert what_came(["target", "general"], base, chosen, rows) == (
        "Of 8 stopping lines 3 are mended and 1 broken: the target goes from 50.0% to 75.0%, the "
        "general lines from 90.0% to 87.5%."
    )
    assert what_came(["target"], base, chosen, rows) == (
        "Of 8 stopping lines 3 are mended and 1 broken: the target goes from 50.0% to 75.0%."
    )
    assert what_came(["general"], base, chosen, rows) == (
        "Of 8 stopping lines 3 are mended and 1 broken: the general lines go from 90.0% to 87.5%."
    )
    assert what_came(["target"], base, chosen | {"alpha": 0}, rows) == (
        "Nothing came of it: no blend is better than the base, which is kept (alpha 0)."
    )


def test_the_page_of_a_run_speaks_korean(unbroken: Path) -> None:
    run = unbroken / "run"
    ready = ready_for(read_plan(run / PLAN), run)
    rows = [json.loads(row) for row in (run / READINGS).read_text(encoding="utf-8").splitlines()]
    with speaking("ko"):
        page = run_page(ready, read_metrics(run), rows)
    assert language_of_page(page) == "ko"
    assert english_in(page) == []
    assert "가이드의 규칙" in page and "지키지 못함" in page
