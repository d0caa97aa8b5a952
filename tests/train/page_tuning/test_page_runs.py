"""A detector's run from its plan to its best model, on pages made here."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from tests.train.page_tuning.conftest import WritePages
from textlines.errors import InputError, UsageError
from textlines.formats.history import TRAINED, read_history
from textlines.labels.tally import Tally
from textlines.parsing import parse_yaml
from textlines.regions.page_file import read_pages
from train.commands.det_plan import planned_run
from train.detection.detector import open_detector
from train.detection.tuned_file import read_tuned
from train.page_tuning import page_trainer
from train.page_tuning.page_batches import TrainedPages
from train.page_tuning.page_plan import PLAN, DetPlan, read_det_plan, write_det_plan
from train.page_tuning.page_plan_request import DetPlanRequest
from train.page_tuning.page_run import follow_pages
from train.page_tuning.page_run_folder import start_of_run
from train.tuning.run_records import read_metrics


def request(faint: Path, mixed: Path, out: Path, **more: Any) -> DetPlanRequest:
    values = {"side": 160, "epochs": 3, "rate": 0.02, "seed": 3, "tuned": None, **more}
    return DetPlanRequest(model=str(faint), mix=mixed, out=out, **values)


def plan_in(faint: Path, mixed: Path, out: Path, **more: Any) -> DetPlan:
    return planned_run(request(faint, mixed, out, **more), as_json=True)[0]


def test_a_detector_learns_what_it_missed(faint: Path, mixed: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    plan_in(faint, mixed, run)

    told = follow_pages(run, as_json=True)

    result = json.loads(told[-1])
    assert result["alpha"] > 0
    assert result["target"][1] > max(0.9, result["target"][0])
    best = open_detector(str(run / "best"))
    tuned = read_tuned(run / "best" / "tuned.toml")
    assert tuned.settings.settings() == best.settings
    assert (run / "report.html").read_text(encoding="utf-8").count("<svg") >= 2
    events = [event["event"] for event in read_metrics(run)]
    assert events.count("blend") == 6 and events[-1] == "finished"


def test_a_killed_run_ends_with_the_same_weights(
    faint: Path, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for run in (whole, killed):
        plan = plan_in(faint, mixed, run)
        stop = plan.stop.model_copy(update={"alphas": (0.0, 1.0)})
        changed = plan.model_copy(update={"steps": 9, "save_every": 4, "stop": stop})
        write_det_plan(changed, run / PLAN)
    follow_pages(whole, as_json=True)
    step = page_trainer.PageTrainer.step

    def until_six(self: Any, batch: Any, done: int, rate: float) -> Any:
        if done == 6:
            raise KeyboardInterrupt
        return step(self, batch, done, rate)

    monkeypatch.setattr(page_trainer.PageTrainer, "step", until_six)
    with pytest.raises(KeyboardInterrupt):
        follow_pages(killed, as_json=True)
    monkeypatch.undo()
    follow_pages(killed, as_json=True)

    first, second = (np.load(_last(run) / "average.npz") for run in (whole, killed))
    assert set(first) == set(second)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    steps = [event for event in read_metrics(killed) if event["event"] == "steps"]
    assert [event["done"] for event in steps] == sorted({event["done"] for event in steps})


def test_a_run_with_other_weights_does_not_go_on(
    faint: Path, mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint of a version that did not know a bias of one number as a weight."""
    run = tmp_path / "run"
    plan = plan_in(faint, mixed, run)
    write_det_plan(plan.model_copy(update={"steps": 2, "save_every": 1}), run / PLAN)
    follow_pages(run, as_json=True)
    (run / "best" / "inference.onnx").unlink()
    known = page_trainer.last(run)
    assert known is not None
    fewer = {name: one for name, one in known.weights.items() if name != "last_bias.b_0"}
    monkeypatch.setattr(page_trainer, "last", lambda run: replace(known, weights=fewer))

    with pytest.raises(InputError, match=r"another version .*last_bias\.b_0.*Plan it anew"):
        follow_pages(run, as_json=True)


def _last(run: Path) -> Path:
    return sorted((run / "checkpoints").glob("step-*"))[-1]


def test_pages_to_blend_by_are_not_trained_on(faint: Path, mixed: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    plan = plan_in(faint, mixed, run)

    held = {
        page.image
        for stop in (plan.stop.target, *plan.stop.general)
        for page in read_pages(Path(stop.labels), tally=Tally(), images=Path(stop.images))
    }
    history = read_history(run)

    assert len(held) == 4 + 2
    assert plan.stop.target.pages == 4
    assert history is not None
    by_step = {step.step: step.lines for step in history.steps}
    assert by_step == {
        "train on (own)": 12,
        "train on (original)": 10,
        "stop on": 4,
        "general stop": 2,
    }


def test_pages_without_text_are_trained_on(faint: Path, mixed: Path, tmp_path: Path) -> None:
    _, planned = planned_run(request(faint, mixed, tmp_path / "run"), as_json=True)

    kept = [page for pages in planned.lists for page in pages] + list(planned.held["general"])

    assert any(page.labels.is_negative for page in kept)
    rule = next(rule for rule in planned.plan.rules if rule.code == "negatives")
    assert rule.state == "kept"


@pytest.mark.parametrize("replay", ["maps", "labels"])
def test_pages_without_labels_teach_what_the_base_finds_and_never_that_nothing_is_there(
    faint: Path, write_pages: WritePages, tmp_path: Path, replay: str
) -> None:
    from balance import MixRequest, mix

    photos = write_pages("other", 10, seed=1)
    photos.unlink()
    own = write_pages("own", 16)
    mix(MixRequest(own=(own,), distil=(photos.parent,), epochs=2, out=tmp_path / "mix"))
    run = tmp_path / "run"
    asked = request(faint, tmp_path / "mix", run, replay=replay)
    plan, planned = planned_run(asked, as_json=True)
    roles = {page.role for pages in planned.lists for page in pages}
    assert roles == {"own", "distil"} and planned.held["general"] == ()
    assert plan.learns_labels("own") and not plan.learns_labels("distil")
    assert next(rule for rule in plan.rules if rule.code == "negatives").state != "kept"
    trained = TrainedPages(plan, planned.detector.configuration, planned.lists)
    batches = [trained.batch(done) for done in range(trained.steps_of(0))]
    by_labels = np.concatenate([batch.learns_labels for batch in batches])
    counts = np.concatenate([batch.counts for batch in batches])
    assert by_labels.any() and not by_labels.all()
    assert (counts[~by_labels] == 1).all()  # all of it is learnt, by the base's map
    result = json.loads(follow_pages(run, as_json=True)[-1])
    assert result["target"][1] >= result["target"][0]
    steps = {step.step: step.lines for step in read_history(run / "best").steps}
    assert steps[f"{TRAINED} (distil)"] == 10


def test_pages_without_labels_are_nothing_for_paddleocr(
    faint: Path, write_pages: WritePages, tmp_path: Path
) -> None:
    from balance import MixRequest, mix

    photos = write_pages("other", 6, seed=1)
    photos.unlink()
    own = write_pages("own", 16)
    mix(MixRequest(own=(own,), distil=(photos.parent,), epochs=1, out=tmp_path / "mix"))
    named = faint.with_name("PP-OCRv4_mobile_det.onnx")
    named.write_bytes(faint.read_bytes())
    more = {"paddleocr_yaml": tmp_path / "det.yml", "student": faint}
    with pytest.raises(UsageError, match="knows labels alone"):
        plan_in(named, tmp_path / "mix", tmp_path / "run", **more)


def test_the_plan_comes_back_as_it_was(faint: Path, mixed: Path, tmp_path: Path) -> None:
    plan = plan_in(faint, mixed, tmp_path / "run")

    assert read_det_plan(tmp_path / "run" / PLAN) == plan
    assert {rule.code: rule.state for rule in plan.rules}["pages"] == "broken"


def test_sizes_cover_what_is_predicted_at(faint: Path, mixed: Path, tmp_path: Path) -> None:
    plan = plan_in(faint, mixed, tmp_path / "run")

    own = plan.shown_as("own")
    # Pages of 280 x 200 are seen as 288 x 192.
    assert own.low < 288 < own.high
    assert plan.deployed.limit_side_len in plan.limits


def test_another_mix_is_told(faint: Path, mixed: Path, tmp_path: Path) -> None:
    plan_in(faint, mixed, tmp_path / "run")
    record = mixed / "mix.json"
    record.write_text(record.read_text(encoding="utf-8") + " ", encoding="utf-8")

    with pytest.raises(InputError, match="is not the mix that was planned with"):
        start_of_run(tmp_path / "run")


def test_another_model_is_told(faint: Path, mixed: Path, tmp_path: Path) -> None:
    plan_in(faint, mixed, tmp_path / "run")
    model = onnx.load(str(faint))
    model.graph.initializer[0].CopyFrom(
        onnx.numpy_helper.from_array(
            onnx.numpy_helper.to_array(model.graph.initializer[0]) + 1,
            model.graph.initializer[0].name,
        )
    )
    faint.write_bytes(model.SerializeToString())

    with pytest.raises(InputError, match="is not the model that was planned with"):
        start_of_run(tmp_path / "run")


def test_pages_to_blend_by_that_are_trained_on_are_refused(
    faint: Path, mixed: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="shares 16 of its 16 images with what is trained on"):
        plan_in(faint, mixed, tmp_path / "run", stop_on=tmp_path / "own" / "Label.txt")


def test_a_recognizers_plan_is_refused(tmp_path: Path) -> None:
    (tmp_path / PLAN).write_text("format = 2\n", encoding="utf-8")

    with pytest.raises(InputError, match="is no plan of a detector"):
        read_det_plan(tmp_path / PLAN)


def test_the_commands_run_as_a_user_runs_them(faint: Path, mixed: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    plan = ["plan", "--model", str(faint), "--mix", str(mixed), "--out", str(run)]
    plan += ["--side", "160", "--epochs", "1", "--rate", "0.02"]

    planned, followed, again = (
        subprocess.run(
            [sys.executable, "-m", "train", "det", *words],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        for words in (plan, ["rec", str(run), "--lang", "ko"], plan)
    )

    assert planned.returncode == 0, planned.stderr
    assert "4 pages (held out), hmean" in planned.stdout
    assert followed.returncode == 0, followed.stderr
    assert f"model: {run / 'best'}" in followed.stdout
    assert again.returncode != 0
    assert "holds a run that has begun" in again.stderr


def test_a_plan_for_paddleocr_leaves_out_what_is_held(
    faint: Path, mixed: Path, tmp_path: Path
) -> None:
    named = faint.with_name("PP-OCRv4_mobile_det.onnx")
    faint.rename(named)
    student = tmp_path / "student.pdparams"
    student.write_bytes(b"weights")
    yaml = tmp_path / "det.yml"
    run = tmp_path / "run"

    plan = plan_in(named, mixed, run, paddleocr_yaml=yaml, student=student)

    content = parse_yaml(yaml.read_text(encoding="utf-8"), "det.yml", "", "")
    assert content["Global"]["pretrained_model"] == str(student.with_suffix(""))
    lists = [Path(one) for one in content["Train"]["dataset"]["label_file_list"]]
    held = {page.path for page in read_pages(run / "target_pages.txt", **_in(plan))}
    rows = [row for one in lists for row in one.read_text(encoding="utf-8").splitlines()]
    listed = [row.partition("\t")[0] for row in rows]
    assert len(listed) == sum(plan.mix.lists)
    assert held and not held & set(listed)


def _in(plan: DetPlan) -> dict[str, Any]:
    return {"tally": Tally(), "images": Path(plan.stop.target.images)}


def test_paddleocr_is_told_of_models_that_it_trains_alone(
    faint: Path, mixed: Path, tmp_path: Path
) -> None:
    more = {"paddleocr_yaml": tmp_path / "det.yml", "student": faint}

    with pytest.raises(UsageError, match=r"PP-OCRv4_mobile_det and PP-OCRv5_mobile_det, not "):
        plan_in(faint, mixed, tmp_path / "run", **more)
    with pytest.raises(UsageError, match="needs the student's weights"):
        plan_in(faint, mixed, tmp_path / "run", **{**more, "student": None})
    assert not (tmp_path / "run" / PLAN).exists()
