"""One stage: run once, gone on with, cleared, or ended with the command's own code."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.synth.plan import plan_cases as cases
from textlines.errors import InputError
from textlines.formats.profile import save_profile
from train.pipeline.stage import (
    MOST_CALLS,
    Runner,
    Stage,
    StageError,
    is_done,
    read_manifest,
    run_stage,
)

Codes = Callable[..., None]


def plan_in(work: Path, **changes: Any) -> Stage:
    run = work / "plan" / "run"
    usual = Stage(
        name="plan",
        commands=(("train", "plan", "--minutes", "3", "--out", str(run)),),
        before=work / "manifests" / "mix.json",
        manifest=work / "manifests" / "plan.json",
        outputs=(run / "plan.toml",),
        folder=work / "plan",
    )
    assert usual.before
    usual.before.parent.mkdir(parents=True, exist_ok=True)
    if not usual.before.exists():
        usual.before.write_text("what the mix did")
    return replace(usual, **changes)


def never(call: object) -> list[str]:
    raise AssertionError("no lines are asked for")


def test_a_stage_is_run_once(stubs: Any, tmp_path: Path) -> None:
    stage, runner = plan_in(tmp_path), Runner(stubs.bin)
    assert run_stage(stage, tmp_path, runner, never) == 0
    manifest = read_manifest(stage.manifest)
    assert manifest
    assert list(manifest.outputs) == ["plan/run/plan.toml"]
    assert str(tmp_path) not in stage.manifest.read_text()
    first = stage.manifest.read_bytes()
    run_stage(stage, tmp_path, runner, never)
    assert stubs.calls() == ["train plan"]
    assert stage.manifest.read_bytes() == first


@pytest.mark.parametrize("change", ["options", "before", "output", "manifest", "stamp"])
def test_a_change_runs_it_again_in_a_cleared_folder(
    stubs: Any, tmp_path: Path, change: str
) -> None:
    stage, runner = plan_in(tmp_path), Runner(stubs.bin)
    run_stage(stage, tmp_path, runner, never)
    (tmp_path / "plan" / "old").write_text("of the run before")
    if change == "options":
        command = tuple("4" if word == "3" else word for word in stage.commands[0])
        stage = replace(stage, commands=(command,))
    elif change == "before":
        assert stage.before
        stage.before.write_text("another mix")
    elif change == "output":
        stage.outputs[0].unlink()
    elif change == "manifest":
        stage.manifest.write_text("{}")
    else:
        stage = replace(stage, stamp="other images")
    assert not is_done(stage, tmp_path)
    run_stage(stage, tmp_path, runner, never)
    assert stubs.calls() == ["train plan"] * 2
    assert not (tmp_path / "plan" / "old").exists()
    assert is_done(stage, tmp_path)


def test_a_stage_that_goes_on_keeps_its_folder_for_the_same_work(
    stubs: Any, tmp_path: Path, codes: Codes
) -> None:
    stage, runner = plan_in(tmp_path, goes_on=True), Runner(stubs.bin)
    codes(train_plan=[1])
    with pytest.raises(StageError):
        run_stage(stage, tmp_path, runner, never)
    half = tmp_path / "plan" / "half"
    half.write_text("half of it")
    codes()
    run_stage(stage, tmp_path, runner, never)
    assert half.exists()
    run_stage(replace(stage, stamp="other"), tmp_path, runner, never)
    assert not half.exists()


def test_a_command_that_ended_part_way_is_called_again(
    stubs: Any, tmp_path: Path, codes: Codes
) -> None:
    codes(train_plan=[4, 4, 0])
    assert run_stage(plan_in(tmp_path), tmp_path, Runner(stubs.bin), never) == 0
    assert stubs.calls() == ["train plan"] * 3


def test_but_not_for_ever(
    stubs: Any, tmp_path: Path, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.pipeline.stage.MOST_CALLS", 2)
    assert MOST_CALLS > 2
    codes(train_plan=[4])
    with pytest.raises(StageError, match="stage plan: train plan ended with 4") as caught:
        run_stage(plan_in(tmp_path), tmp_path, Runner(stubs.bin), never)
    assert caught.value.code == 4
    assert stubs.calls() == ["train plan"] * 3


def test_a_failed_command_leaves_no_manifest_and_gives_its_code(
    stubs: Any, tmp_path: Path, codes: Codes
) -> None:
    codes(train_plan=[2])
    stage = plan_in(tmp_path)
    with pytest.raises(StageError, match="ended with 2") as caught:
        run_stage(stage, tmp_path, Runner(stubs.bin), never)
    assert caught.value.code == 2
    assert not stage.manifest.exists()


def test_a_verdict_is_an_end_and_its_code_is_kept(stubs: Any, tmp_path: Path, codes: Codes) -> None:
    verdict = tmp_path / "gate"
    names = {"--html": "v.html", "--json": "v.json", "--junit": "v.xml", "--summary": "v.md"}
    words = [word for key, name in names.items() for word in (key, str(verdict / name))]
    gate = plan_in(
        tmp_path,
        name="gate",
        commands=(("train", "gate", *words),),
        outputs=(verdict / "v.json",),
        folder=verdict,
        ends=frozenset({0, 1, 3}),
        manifest=tmp_path / "manifests" / "gate.json",
    )
    codes(train_gate=[3])
    assert run_stage(gate, tmp_path, Runner(stubs.bin), never) == 3
    manifest = read_manifest(gate.manifest)
    assert manifest
    assert manifest.exit_code == 3
    codes(train_gate=[2])
    with pytest.raises(StageError, match="ended with 2"):
        run_stage(replace(gate, stamp="x"), tmp_path, Runner(stubs.bin), never)


def test_the_line_stops_where_its_style_draws_nothing_of_what_it_is_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real command: what it says is what the line stops with.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    profile = tmp_path / "profile.json"
    save_profile(cases.profile([cases.row("값", 200, 100, 30.0, {"갑": 50}, 50)]), profile)
    new = tmp_path / "generate" / "new"
    words = ("--profile", str(profile), "--style", "lcd", "--count", "20", "--workers", "1")
    stage = plan_in(
        tmp_path,
        name="generate",
        commands=(("synth", "generate", *words, "--out", str(new)),),
        outputs=(new / "rec_gt_train.txt",),
        folder=tmp_path / "generate",
        manifest=tmp_path / "manifests" / "generate.json",
    )
    with pytest.raises(StageError, match="synth generate ended with 1") as caught:
        run_stage(stage, tmp_path, Runner(), never)
    assert caught.value.code == 1
    assert "--style lcd: serves 0 of the 1 character of --profile" in capfd.readouterr().err
    assert not stage.manifest.exists()


def test_an_output_that_is_missing_is_named(stubs: Any, tmp_path: Path) -> None:
    stage = plan_in(tmp_path, outputs=(tmp_path / "plan" / "none.toml",))
    with pytest.raises(InputError, match=r"none\.toml"):
        run_stage(stage, tmp_path, Runner(stubs.bin), never)
    assert not stage.manifest.exists()


def test_arguments_of_an_earlier_stage_are_added(stubs: Any, tmp_path: Path) -> None:
    (tmp_path / "more.args").write_text("--family-weight\nMend Segment 01=0\n", encoding="utf-8")
    stage = plan_in(tmp_path, arguments=tmp_path / "more.args")
    run_stage(stage, tmp_path, Runner(stubs.bin), never)
    told = stage.outputs[0].read_text()
    assert told.endswith("--family-weight Mend Segment 01=0")


def test_a_folder_without_the_command_starts_it_as_a_module(tmp_path: Path) -> None:
    started = Runner(tmp_path).line(("train", "rec", "run"))
    assert started[1:] == ["-m", "train", "rec", "run"]
