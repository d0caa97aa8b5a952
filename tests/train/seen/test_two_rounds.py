"""What round 1 mined, trained on and stopped by, the gate of round 2 refuses: by every way."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.train.seen.conftest import Rounds, train
from textlines.files import sha256_of
from textlines.formats.history import read_history, write_history
from textlines.formats.judged_set import JudgedSet
from textlines.formats.seen_images import as_digests, digest
from train.pipeline.places import Places
from train.pipeline.settings import Settings
from train.pipeline.table import line_stages
from train.tuning.new_run import history_of_run
from train.tuning.train_plan import read_plan

SAW = {
    "mined1": "round 1: mine from",
    "original1": "round 1: train on (original)",
    "distil1": "round 1: train on (distil)",
    "new1": "round 1: train on (new)",
    "stop1": "round 1: stop on",
    "general1": "round 1: general stop",
    "original2": "round 2: train on (original)",
    "stop2": "round 2: stop on",
}
"""Sets, and the step that saw them."""


def from_candidate(one: Rounds, folder: Path) -> Path:
    train("weights", one.candidate, "--out", folder / "base")
    return folder / "base"


def from_best(one: Rounds, folder: Path) -> Path:
    return one.run / "best"


def from_another_export(one: Rounds, folder: Path) -> Path:
    train("export", one.run, "--out", folder / "again")
    train("weights", folder / "again", "--out", folder / "base")
    return folder / "base"


def from_onnx(one: Rounds, folder: Path) -> Path:
    train("weights", one.candidate / "inference.onnx", "--out", folder / "base")
    return folder / "base"


def from_checkpoint(one: Rounds, folder: Path) -> Path:
    checkpoint = one.candidate / "pretrained.pdparams"
    dictionary = one.candidate / "dictionary.txt"
    train("weights", checkpoint, "--dictionary", dictionary, "--out", folder / "base")
    train("export", folder / "base", "--out", folder / "again")
    train("weights", folder / "again" / "inference.onnx", "--out", folder / "base2")
    return folder / "base2"


@pytest.mark.parametrize("way", [from_candidate, from_best])
def test_the_gate_of_round_2_refuses_what_both_rounds_saw(
    way: Callable[[Rounds, Path], Path], rounds: Rounds, tmp_path: Path
) -> None:
    base, run, candidate = way(rounds, tmp_path), tmp_path / "run", tmp_path / "candidate"
    said = rounds.plan(base, run, 2)
    assert "history     base has a history: 6 steps, 42 images" in said
    train("rec", run)
    train("export", run, "--out", candidate)
    _refuse_each(rounds, candidate, SAW, tmp_path)
    for model in (candidate / "inference.onnx", run / "best"):
        _refuse_each(rounds, model, {"mined1": SAW["mined1"]}, tmp_path / model.name)
    target = rounds.renamed("mined1", tmp_path / "allowed")
    assert not rounds.gate(rounds.base, candidate, target, "--allow-seen")["is_refused"]
    verdict = rounds.gate(rounds.base, candidate, rounds.labels("unseen"))
    assert not verdict["is_refused"]
    first = verdict["criteria"][0]
    assert (first["status"], first["told"]) == (
        "passed",
        "11 earlier steps saw 78 images, none of these",
    )


@pytest.mark.parametrize("way", [from_another_export, from_onnx, from_checkpoint])
def test_what_round_2_begins_from_brings_what_round_1_saw_by_the_longer_ways_too(
    way: Callable[[Rounds, Path], Path], rounds: Rounds, tmp_path: Path
) -> None:
    base, run = way(rounds, tmp_path), tmp_path / "run"
    rounds.plan(base, run, 2)
    first = {name: step for name, step in SAW.items() if name.endswith("1")}
    _refuse_each(rounds, base, first, tmp_path)
    # What the run will have seen is put together by the plan, whatever came before.
    begun, other = read_history(run), tmp_path / "other"
    rounds.plan(rounds.run / "best", other, 2)
    assert begun == read_history(other)


def _refuse_each(rounds: Rounds, model: Path, saw: Mapping[str, str], folder: Path) -> None:
    for name, step in saw.items():
        verdict = rounds.gate(rounds.base, model, rounds.renamed(name, folder / name))
        assert verdict["is_refused"], name
        (row,) = verdict["seen"]
        assert row["images"] == row["of"] > 0
        assert [told.startswith(step) for told in row["by"]] == [True], row
        assert verdict["looks"] == []


def test_the_line_goes_on_from_the_last_candidate_in_the_first_of_these_ways(
    rounds: Rounds, tmp_path: Path
) -> None:
    settings = Settings(model=str(rounds.candidate), work=str(tmp_path))
    stages = {one.name: one.commands[0] for one in line_stages(settings, None, ())}
    base = str(Places(tmp_path).base)
    assert stages["base"] == ("train", "weights", str(rounds.candidate), "--out", base)
    assert stages["plan"][:4] == ("train", "plan", "--model", base)
    assert "--profile" in stages["plan"]
    assert "the model has a history: 6 steps, 42 images" in train(*stages["base"][1:])


def test_a_gate_leaves_a_look_in_its_verdict_and_the_next_one_does_not_refuse(
    rounds: Rounds, tmp_path: Path
) -> None:
    target = rounds.renamed("unseen", tmp_path / "judge")
    first = rounds.gate(rounds.base, rounds.candidate, target)
    images = sorted(digest(one.read_bytes()) for one in target.parent.glob("*.png"))
    assert first["looks"][0] == {
        "file": target.as_posix(),
        "sha256": sha256_of(target),
        "images": 6,
        "images_sha256": hashlib.sha256(b"".join(images)).hexdigest(),
    }
    assert len(first["looks"]) == 2
    again = rounds.gate(rounds.base, rounds.candidate, target)
    assert (again["is_refused"], again["looks"]) == (False, first["looks"])


def test_real_lines_of_a_comparison_are_looked_at_and_those_of_a_checkpoint_are_seen(
    rounds: Rounds, tmp_path: Path
) -> None:
    labels = rounds.labels("unseen")
    train("weights", rounds.candidate, "--out", tmp_path / "base", "--labels", labels)
    looked = read_history(tmp_path / "base")
    assert looked is not None
    assert (looked.steps[-1].step, looked.steps[-1].is_look) == ("compare on", True)
    out = tmp_path / "candidate"
    train("export", tmp_path / "base", "--out", out, "--labels", labels)
    assert not rounds.gate(rounds.base, out, labels)["is_refused"]
    train("export", tmp_path / "base", "--out", out, "--labels", labels, "--pdparams")
    verdict = rounds.gate(rounds.base, out, rounds.renamed("unseen", tmp_path / "judge"))
    assert verdict["seen"][0]["by"] == [f"round 1: settle on {labels} (6)"]


def test_lines_to_train_on_are_no_lines_to_stop_by(rounds: Rounds, tmp_path: Path) -> None:
    run = tmp_path / "run"
    for role in ("original1", "distil1", "new1"):
        shared = rounds.renamed(role, tmp_path / role)
        for option in ("--stop-on", "--general-stop"):
            said = rounds.plan(rounds.base, run, 1, option, shared, code=2)
            assert "of its" in said and "images with what is trained on (first: image0.png)" in said
            assert not run.exists()


def test_lines_that_an_earlier_round_trained_on_are_told_when_they_are_to_stop_by(
    rounds: Rounds, tmp_path: Path
) -> None:
    again = rounds.renamed("original1", tmp_path / "again")
    said = rounds.plan(rounds.run / "best", tmp_path / "run", 2, "--stop-on", again)
    assert f"{again}: 10 of 10 images were trained on in an earlier round" in said
    assert "were trained on" not in rounds.plan(rounds.run / "best", tmp_path / "run", 2)


def test_a_profile_that_the_plan_does_not_name_is_a_gap(rounds: Rounds, tmp_path: Path) -> None:
    record = rounds.folder / "new2" / "run.json"
    content = {"command": "synth generate", "inputs": {"profile": sha256_of(rounds.profile)}}
    record.write_text(json.dumps(content), encoding="utf-8")
    try:
        said = rounds.plan(rounds.base, tmp_path / "run", 2)
        assert "warning     not all is known" in said and "did not name" in said
        named = [
            rounds.plan(rounds.base, tmp_path / "run", 2, option, rounds.profile)
            for option in ("--profile", "--earlier-profile")
        ]
    finally:
        record.unlink()
    assert not any("not all is known" in told for told in named)


def test_a_mix_whose_label_files_are_gone_counts_by_its_lists(
    rounds: Rounds, tmp_path: Path
) -> None:
    labels = rounds.labels("original2")
    kept = labels.rename(labels.with_name("elsewhere.txt"))
    try:
        rounds.plan(rounds.base, tmp_path / "run", 2)
    finally:
        kept.rename(labels)
    history = read_history(tmp_path / "run")
    assert history is not None
    images = sorted((rounds.folder / "original2" / "crops").glob("*.png"))
    assert history.images.holds(as_digests(digest(one.read_bytes()) for one in images)).all()
    assert "train on (lists)" in {one.step for one in history.steps}


def test_a_plan_that_was_changed_by_hand_is_read_for_the_history(
    rounds: Rounds, tmp_path: Path
) -> None:
    rounds.plan(rounds.base, tmp_path / "run", 2)
    plan = read_plan(tmp_path / "run" / "plan.toml")
    other = rounds.renamed("unseen", tmp_path / "other")
    changed = plan.stop.model_copy(update={"target": (JudgedSet(other),)})
    history = history_of_run(tmp_path / "run", plan.model_copy(update={"stop": changed}))
    assert [one.step for one in history.saw_file(sha256_of(other))] == ["stop on"]
    (tmp_path / "run" / "history.json").unlink()
    said = train("rec", tmp_path / "run", code=1)
    assert "history.json: is not there: nobody could tell what the model has seen" in said


def test_a_base_of_ours_without_its_history_is_told_and_never_passes(
    rounds: Rounds, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    shutil.copytree(rounds.base, base)
    (base / "history.json").unlink()
    said = rounds.plan(base, tmp_path / "run", 2)
    assert f"with gaps: {base} has no history.json" in said
    history = read_history(tmp_path / "run")
    assert history is not None and len(history.gaps) == 1
    write_history(history, tmp_path, model={})
    model = shutil.copy(rounds.candidate / "inference.onnx", tmp_path / "model.onnx")
    verdict = rounds.gate(rounds.base, Path(model), rounds.renamed("unseen", tmp_path / "judge"))
    assert verdict["criteria"][0]["status"] == "not_judged"
    assert any("has no history.json" in note for note in verdict["notes"])


def test_a_history_beside_another_model_is_told(rounds: Rounds, tmp_path: Path) -> None:
    import onnx

    for name in ("history.json", "seen_images.npy"):
        shutil.copy(rounds.candidate / name, tmp_path / name)
    other = onnx.load(str(rounds.candidate / "inference.onnx"))
    other.producer_name = "another"
    onnx.save(other, str(tmp_path / "model.onnx"))
    judge = rounds.renamed("unseen", tmp_path / "judge")
    verdict = rounds.gate(rounds.base, tmp_path / "model.onnx", judge)
    assert "describes another model" in verdict["criteria"][0]["told"]
    assert verdict["criteria"][0]["status"] == "not_judged"
