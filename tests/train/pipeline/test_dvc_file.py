"""`dvc.yaml`: the stages of the line, chained, with the keys of the settings that they hang on."""

import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from train.pipeline.dvc_file import NO_STAGE, NamedFiles, dvc_file, keys_by_stage
from train.pipeline.line import Line
from train.pipeline.round_line import read_turn
from train.pipeline.settings import SETTINGS, Settings

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crops").mkdir()
    (tmp_path / "rec_gt.txt").write_text("1.png\t12\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text("name = 'mine'\n", encoding="utf-8")
    (tmp_path / "marks.tsv").write_text("", encoding="utf-8")
    (tmp_path / "words.txt").write_text("a.png\tword\n", encoding="utf-8")
    (tmp_path / "pipeline.toml").write_text(
        "style = 'mine.toml'\nseed = 3\n[own]\nmarks = 'marks.tsv'\n"
        "[general]\nlabels = ['words.txt:alnum']\n",
        encoding="utf-8",
    )
    return tmp_path


def written(labels: bool = True) -> tuple[Line, dict[str, Any]]:
    named = {"LABELS": "rec_gt.txt", "IMAGES": "crops"} if labels else {}
    line = read_turn(named)
    paths = NamedFiles(SETTINGS, *([Path("rec_gt.txt"), Path("crops")] if labels else []))
    content = yaml.safe_load(dvc_file(line, paths))
    assert set(content) == {"stages"}
    return line, content["stages"]


def left_by(stage: dict[str, Any]) -> dict[str, Any]:
    """Return what a stage leaves, with how DVC keeps it."""
    return {
        path: kept
        for part in ("outs", "metrics")
        for out in stage.get(part, [])
        for path, kept in out.items()
    }


@pytest.mark.parametrize("labels", [True, False])
def test_its_stages_are_those_of_the_line_and_chained(files: Path, labels: bool) -> None:
    line, stages = written(labels)
    assert list(stages) == [stage.name for stage in line.stages]
    for before, after in pairwise(line.stages):
        manifest = str(before.manifest)
        assert manifest in left_by(stages[before.name])
        assert manifest in stages[after.name]["deps"]
    everything = [path for stage in stages.values() for path in left_by(stage)]
    assert len(set(everything)) == len(everything)
    # No output lies in another: DVC refuses that.
    for one in everything:
        assert not [other for other in everything if other.startswith(f"{one}/")]
    for stage in line.stages:
        for output in stage.outputs:
            there = left_by(stages[stage.name])
            assert any(output.is_relative_to(path) for path in there), output


def test_each_runs_its_stage_by_the_command_of_the_line(files: Path) -> None:
    _, stages = written()
    for name, stage in stages.items():
        words = shlex.split(stage["cmd"])
        assert words[:3] == ["train", "line", name]
        assert words[3:7] == ["--labels", "rec_gt.txt", "--images", "crops"]
        # "failed" is a verdict, and no failure of the stage.
        assert words[7:] == (["--any-verdict"] if name == "gate" else [])
    named = NamedFiles(Path("other.toml"), has_work=True)
    (files / "other.toml").write_text("seed = 3\n", encoding="utf-8")
    other = yaml.safe_load(dvc_file(read_turn({"WORK": "w"}), named))["stages"]["base"]
    assert other["cmd"] == "train line base --settings other.toml --work w"


def test_files_of_the_team_are_what_stages_depend_on(files: Path) -> None:
    _, stages = written()
    assert stages["lines"]["deps"][1:] == ["rec_gt.txt", "crops", "marks.tsv", "words.txt", "."]
    assert "marks.tsv" in stages["fold"]["deps"]
    assert "mine.toml" in stages["generate"]["deps"]
    assert "deps" not in stages["base"]


def test_candidate_and_verdict_alone_are_kept_by_dvc(files: Path) -> None:
    _, stages = written()
    cached = {
        path
        for stage in stages.values()
        for path, kept in left_by(stage).items()
        if kept.get("cache", True)
    }
    assert cached == {"loop-out/export/candidate"}
    # Stages go on with what is there: DVC clears nothing before them.
    assert all(
        kept["persist"] is True for stage in stages.values() for kept in left_by(stage).values()
    )
    assert stages["gate"]["metrics"] == [
        {"loop-out/gate/verdict.json": {"cache": False, "persist": True}}
    ]


def test_keys_are_those_that_change_what_a_stage_does(files: Path) -> None:
    line, _ = written()
    keys = keys_by_stage(line)
    assert keys["base"] == ("model", "turn")
    assert keys["mix"] == ("seed", "mix.ratio", "mix.epochs")
    assert keys["gate"] == ("delta", "workers")
    assert keys["rec"] == ()
    assert "own.folds" in keys["fold"] and "minutes" in keys["plan"]
    rendered = keys_by_stage(read_turn({}))
    assert "mix.epoch_lines" in rendered["mix"]
    # Every key is one of some stage, of one line or the other.
    every = {key for found in (keys, rendered) for part in found.values() for key in part}
    fields = {
        f"{name}.{inner}" if inner else name
        for name, field in Settings.model_fields.items()
        if name not in NO_STAGE
        for inner in getattr(field.annotation, "model_fields", {"": None})
    }
    assert every == fields


def test_a_key_that_is_unsaid_makes_it_the_whole_file(files: Path) -> None:
    _, stages = written()
    # `turn` may be written later; DVC would not see that.
    assert stages["base"]["params"] == [{"pipeline.toml": None}]
    assert "params" not in stages["rec"]
    (files / "pipeline.toml").write_text("model = 'a'\nturn = 'off'\nseed = 1\n", encoding="utf-8")
    _, stages = written()
    assert stages["base"]["params"] == [{"pipeline.toml": ["model", "turn"]}]


def test_the_projects_own_settings_say_every_key(files: Path) -> None:
    text = (PROJECT / "pipeline.toml").read_text(encoding="utf-8")
    (files / "pipeline.toml").write_text(text, encoding="utf-8")
    for labels in (True, False):
        _, stages = written(labels)
        for stage in stages.values():
            assert all(part["pipeline.toml"] for part in stage.get("params", []))
