"""Runs with a branch of thresholds: it learns by itself first, and stays out of the graph."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from tests.train.graphs import headed_detector, written
from textlines.errors import InputError
from train.commands.det_plan import planned_run
from train.detection.detector_source import THRESHOLDS, open_detector_source
from train.models.base_folder import Tensors
from train.networks.threshold_branch import BRANCH, first_weights, split_branch
from train.page_tuning import page_trainer
from train.page_tuning.page_batches import PageBatch, TrainedPages
from train.page_tuning.page_plan import PLAN, DetPlan, read_det_plan, write_det_plan
from train.page_tuning.page_plan_request import DetPlanRequest
from train.page_tuning.page_plan_text import plan_lines
from train.page_tuning.page_planning import PlannedPages
from train.page_tuning.page_run import follow_pages
from train.page_tuning.page_trainer import PageTrainer
from train.tuning.run_records import read_metrics


@pytest.fixture
def headed(tmp_path: Path) -> Path:
    return written(headed_detector(), tmp_path / "headed.onnx")


def planned(model: Path, mixed: Path, out: Path, **more: Any) -> tuple[DetPlan, PlannedPages]:
    values: dict[str, Any] = {"side": 96, "batch": 2, "epochs": 1, "rate": 1e-3, "seed": 3, **more}
    request = DetPlanRequest(model=str(model), mix=mixed, out=out, threshold_branch="on", **values)
    return planned_run(request, as_json=True)


def changed(plan: DetPlan, run: Path, *, steps: int, alone: int) -> DetPlan:
    """Write a plan with other steps in the place of that of a run."""
    step = plan.step.model_copy(update={"alone": alone})
    stop = plan.stop.model_copy(update={"alphas": (0.0, 1.0)})
    more = {"steps": steps, "save_every": 4, "stop": stop, "step": step}
    write_det_plan(plan.model_copy(update=more), run / PLAN)
    return read_det_plan(run / PLAN)


def trainer_of(plan: DetPlan, found: PlannedPages, run: Path) -> tuple[PageTrainer, TrainedPages]:
    pages = TrainedPages(plan, found.detector.configuration, found.lists)
    return PageTrainer(run, plan, found.spec, found.weights, pages), pages


def parts_of(trainer: PageTrainer) -> tuple[Tensors, Tensors]:
    return split_branch(trainer._learner.tensors())


def test_alone_the_branch_learns_and_all_else_stays_to_the_bit(
    headed: Path, mixed: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    plan, found = planned(headed, mixed, run)
    plan, base = changed(plan, run, steps=9, alone=3), found.weights
    trainer, pages = trainer_of(plan, found, run)
    branch, network = parts_of(trainer)
    assert all(np.array_equal(array, base[name]) for name, array in network.items())
    assert all(np.array_equal(array, first_weights(8, 3)[name]) for name, array in branch.items())

    labelled = next(batch for batch in map(pages.batch, range(9)) if batch.learns_labels.any())
    told = [trainer.step(labelled, done, 1e-3) for done in range(3)]

    after, still = parts_of(trainer)
    assert all(np.array_equal(array, base[name]) for name, array in still.items())
    assert all(not np.array_equal(array, branch[name]) for name, array in after.items())
    assert told[0].keys() == {"loss", "cores", "thresholds", "binary"}
    assert told[0]["cores"] == told[2]["cores"] > 0
    weighed = told[0]["cores"] + 2 * told[0]["thresholds"] + told[0]["binary"] / 5
    assert told[0]["loss"] == pytest.approx(weighed, rel=1e-5)
    assert told[2]["loss"] < told[0]["loss"]

    trainer.step(labelled, 3, 1e-3)
    moved = parts_of(trainer)[1]
    learning = {name for name, _ in trainer._network.learning()}
    assert {name for name in moved if not np.array_equal(moved[name], base[name])} == learning


def test_pages_that_teach_maps_teach_no_thresholds(
    headed: Path, mixed: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    plan, found = planned(headed, mixed, run)
    plan, base = changed(plan, run, steps=9, alone=1), found.weights
    trainer, pages = trainer_of(plan, found, run)
    batches = [pages.batch(done) for done in range(12)]
    for batch in batches:
        rows = 0 if batch.border is None else len(batch.border.band)
        assert rows == batch.learns_labels.sum()
    mixed_batch = next(batch for batch in batches if 0 < batch.learns_labels.sum() < 2)
    others = np.flatnonzero(~mixed_batch.learns_labels)
    kept = PageBatch(
        mixed_batch.pages[others],
        mixed_batch.core[others],
        mixed_batch.counts[others],
        mixed_batch.learns_labels[others],
    )
    branch = parts_of(trainer)[0]

    alone, together = trainer.step(kept, 0, 1e-3), trainer.step(kept, 1, 1e-3)

    assert alone.keys() == together.keys() == {"loss", "cores"}
    after, network = parts_of(trainer)
    assert all(np.array_equal(array, branch[name]) for name, array in after.items())
    assert any(not np.array_equal(array, base[name]) for name, array in network.items())


def test_a_killed_run_ends_with_the_same_branch(
    headed: Path, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for run in (whole, killed):
        # One crop a step: some steps have no page that teaches thresholds.
        changed(planned(headed, mixed, run, batch=1)[0], run, steps=11, alone=6)
    follow_pages(whole, as_json=True)
    step = page_trainer.PageTrainer.step

    for last in (5, 9):  # within the steps of the branch alone, and behind them

        def until(self: Any, batch: Any, done: int, rate: float, last: int = last) -> Any:
            if done == last:
                raise KeyboardInterrupt
            return step(self, batch, done, rate)

        monkeypatch.setattr(page_trainer.PageTrainer, "step", until)
        with pytest.raises(KeyboardInterrupt):
            follow_pages(killed, as_json=True)
    monkeypatch.undo()
    follow_pages(killed, as_json=True)

    files = [Path("best/inference.onnx"), *_of_checkpoint(whole)]
    for file in files:
        assert (whole / file).read_bytes() == (killed / file).read_bytes(), file
    first, second = (np.load(run / THRESHOLDS) for run in (whole, killed))
    assert first.files == second.files
    assert all(np.array_equal(first[name], second[name]) for name in first.files)
    events = [read_metrics(run) for run in (whole, killed)]
    shown = [
        [(event["done"], event["loss"]) for event in of if event["event"] == "steps"]
        for of in events
    ]
    assert [done for done, _ in shown[0]] == [5, 10, 11]
    assert [done for done, _ in shown[1]][-1] == 11


def _of_checkpoint(run: Path) -> list[Path]:
    last = sorted((run / "checkpoints").glob("step-*"))[-1]
    arrays = [last / name for name in ("weights.npz", "moments.npz", "average.npz")]
    for path in arrays:
        assert any(name.startswith(BRANCH) for name in np.load(path).files), path
    return [path.relative_to(run) for path in arrays]


def test_a_run_keeps_the_branch_beside_a_graph_without_it(
    headed: Path, mixed: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    changed(planned(headed, mixed, run)[0], run, steps=10, alone=4)

    follow_pages(run, as_json=True)

    best, base = (onnx.load(str(path)) for path in (run / "best" / "inference.onnx", headed))
    assert [node.op_type for node in best.graph.node] == [node.op_type for node in base.graph.node]
    assert {one.name for one in best.graph.initializer} == {
        one.name for one in base.graph.initializer
    }
    kept = np.load(run / THRESHOLDS)
    assert set(kept.files) == set(first_weights(8, 3))
    assert open_detector_source(str(run)).thresholds == run / THRESHOLDS
    assert open_detector_source(str(run / "best")).thresholds is None
    steps = [event for event in read_metrics(run) if event["event"] == "steps"]
    assert all({"loss", "cores", "thresholds", "binary"} <= event.keys() for event in steps)
    assert steps[0]["rate"] > steps[-1]["rate"]
    report = (run / "report.html").read_text(encoding="utf-8")
    for name in ("thresholds: mean difference", "both as one map: dice", "sum, weighed"):
        assert name in report


def test_the_plan_says_what_the_branch_is_and_costs(
    headed: Path, mixed: Path, tmp_path: Path
) -> None:
    plan, found = planned(headed, mixed, tmp_path / "run")

    assert read_det_plan(tmp_path / "run" / PLAN) == plan
    assert plan.step.has_branch
    assert plan.step.alone == 20 < plan.steps
    assert plan.rate_at(0) == plan.rate_at(19) == plan.step.alone_rate == 1e-3
    assert plan.rate_at(20) < plan.rate_at(20 + plan.step.warmup) == plan.step.rate
    assert plan.rate_at(plan.steps - 1) == pytest.approx(plan.step.final)
    assert 0 <= plan.branch_seconds < plan.seconds_a_step
    rule = next(rule for rule in plan.rules if rule.code == "thresholds")
    assert rule.state == "kept" and f"20 of {plan.steps} steps" in str(rule.why)
    told = next(
        line for line in plan_lines(plan, found, tmp_path) if line.startswith("  thresholds")
    )
    assert "a branch of 187 numbers at both (8 channels): 20 of these steps by itself" in told
    assert "s a step" in told


def test_a_short_run_leaves_the_network_half_of_its_steps(
    headed: Path, mixed: Path, tmp_path: Path
) -> None:
    plan, _ = planned(headed, mixed, tmp_path / "run", batch=8)

    assert plan.step.alone == plan.steps // 2 < 20
    with pytest.raises(ValueError, match=r"no more than step\.alone"):
        DetPlan.model_validate(plan.model_dump() | {"steps": plan.step.alone})
    off = plan.step.model_dump() | {"threshold_branch": "off"}
    with pytest.raises(ValueError, match="there is no branch"):
        DetPlan.model_validate(plan.model_dump() | {"step": off})


def test_a_run_without_the_branch_has_none(headed: Path, mixed: Path, tmp_path: Path) -> None:
    request = DetPlanRequest(
        model=str(headed), mix=mixed, out=tmp_path / "run", side=96, epochs=1, rate=1e-3
    )

    plan, found = planned_run(request, as_json=True)

    assert not plan.step.has_branch and plan.step.alone == 0 and plan.branch_seconds == 0
    rule = next(rule for rule in plan.rules if rule.code == "thresholds")
    assert rule.state == "not applicable"
    pages = trainer_of(plan, found, tmp_path / "run")[1]
    assert all(pages.batch(done).border is None for done in range(4))


def test_a_model_without_such_a_head_is_refused(faint: Path, mixed: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no head beside which thresholds could be learnt"):
        planned(faint, mixed, tmp_path / "run")

    assert not (tmp_path / "run").exists()


def test_the_command_plans_it_as_a_user_asks(headed: Path, mixed: Path, tmp_path: Path) -> None:
    words = ["--model", str(headed), "--mix", str(mixed), "--out", str(tmp_path / "run")]
    words += ["--side", "96", "--epochs", "1", "--threshold-branch", "on"]

    done = subprocess.run(
        [sys.executable, "-m", "train", "det", "plan", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "a branch of 187 numbers at both (8 channels)" in done.stdout
    assert "statistics" not in done.stderr and "global mean" not in done.stderr
    text = (tmp_path / "run" / PLAN).read_text(encoding="utf-8")
    assert 'threshold_branch = "on"' in text


def test_a_plan_file_with_a_branch_that_is_none_is_refused(
    headed: Path, mixed: Path, tmp_path: Path
) -> None:
    planned(headed, mixed, tmp_path / "run")
    path = tmp_path / "run" / PLAN
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('threshold_branch = "on"', 'threshold_branch = "yes"'), encoding="utf-8"
    )

    with pytest.raises(InputError, match="threshold_branch"):
        read_det_plan(path)
