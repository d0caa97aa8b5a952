"""Tests for what a detector's run takes: every page that is gone through is counted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.train.page_tuning.conftest import WritePages
from textlines.errors import UsageError
from train.commands.det_plan import planned_run
from train.detection.tuning import most_tried
from train.page_tuning import page_pacing
from train.page_tuning.page_plan import DetPlan
from train.page_tuning.page_plan_request import DetPlanRequest


def _plan(
    faint: Path, mixed: Path, out: Path, minutes: float, general: tuple[Path, ...] = ()
) -> tuple[DetPlan, float | None]:
    request = DetPlanRequest(
        model=str(faint), mix=mixed, out=out, side=160, epochs=3, seed=3, tuned=None,
        minutes=minutes, general_stop=general,
    )  # fmt: skip
    planned = planned_run(request, as_json=True)[1]
    return planned.plan, planned.seconds


def test_blends_are_counted_page_by_page(
    faint: Path, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def a_second(work: Callable[[], object]) -> float:
        work()
        return 1.0

    monkeypatch.setattr(page_pacing, "_seconds", a_second)
    monkeypatch.setattr(page_pacing, "seconds_of_steps", lambda *args, **more: [1.0])
    plan, seconds = _plan(faint, mixed, tmp_path / "run", minutes=10_000)

    alphas, target = len(plan.stop.alphas), plan.stop.target.pages
    a_search = len(plan.limits) + most_tried(len(plan.limits))
    general = sum(one.pages for one in plan.stop.general)
    assert seconds == alphas * (target * a_search + 2 * general) + plan.steps


@pytest.mark.parametrize("gone", [1, 3])
def test_a_page_of_another_scene_that_is_gone_is_not_timed(
    faint: Path, mixed: Path, tmp_path: Path, write_pages: WritePages, gone: int
) -> None:
    labels = write_pages("bills", 3, seed=9)
    for page in range(gone):
        (labels.parent / "images" / f"{page}.png").write_bytes(b"no image")
    _, seconds = _plan(faint, mixed, tmp_path / "run", minutes=10_000, general=(labels,))
    assert seconds is not None and seconds > 0


def test_minutes_that_blends_alone_take_are_refused(
    faint: Path, mixed: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="are too few: blends take some"):
        _plan(faint, mixed, tmp_path / "run", minutes=1e-6)
