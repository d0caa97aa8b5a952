"""A stage in parts on other machines: the same lines as here, and no crop on the way."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.running import files_of, run_module
from textlines.errors import InputError, UsageError
from train.pipeline.elsewhere import HANDED, Handed, InWork, hand_over, join_parts, read_handed
from train.pipeline.line import Line
from train.pipeline.round_line import read_turn
from train.pipeline.stage import Runner, Stage, whole_commands


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a folder of work in which all before `generate` is there."""
    work = tmp_path / "work"
    for name, text in {
        ".line": "",
        "manifests/mine.json": "{}",
        "mine/profile.json": '{"a": "profile"}',
        "own/train.txt": "crops/1.png\t12\n",
        "own/stop.txt": "crops/2.png\t12\n",
        "own/judge.txt": "crops/3.png\t12\n",
        "lines/generate.args": f"--exclude-texts\n{work}/own/judge.txt\n",
        "lines/guard/judge/rec_gt_train.txt": "a.jpg\ta line\n",
    }.items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return work


@pytest.fixture
def environment(tmp_path: Path, work: Path, stubs: Any) -> dict[str, str]:
    crops = tmp_path / "crops"
    crops.mkdir()
    (crops / "rec_gt.txt").write_text("1.png\t12\n", encoding="utf-8")
    (tmp_path / "like.txt").write_text("x.png\t34\n", encoding="utf-8")
    settings = tmp_path / "pipeline.toml"
    settings.write_text(f"new_lines = 2000\n[own]\nlike = '{tmp_path / 'like.txt'}'\n")
    return {
        "SETTINGS": str(settings),
        "LABELS": str(crops / "rec_gt.txt"),
        "WORK": str(work),
        "BIN_FOLDER": str(stubs.bin),
    }


def handed(line: Line, name: str, folder: Path) -> list[str]:
    return hand_over(
        line.stage(name),
        line.work,
        folder,
        target=line.target,
        general=line.general,
        like=line.settings.own.like,
    )


def test_what_goes_is_what_the_command_names_and_no_more(
    environment: dict[str, str], tmp_path: Path
) -> None:
    files = handed(read_turn(environment), "generate", tmp_path / "over")
    assert files == [
        "like/like.txt",
        "lines/guard/judge/rec_gt_train.txt",
        "manifests/mine.json",
        "mine/profile.json",
        "own/judge.txt",
        "own/train.txt",
    ]
    assert set(files_of(tmp_path / "over")) == {*files, HANDED}
    # Nor where the crops lie.
    assert str(tmp_path / "crops") not in (tmp_path / "over" / HANDED).read_text()


def test_there_the_same_command_is_run_on_what_came_along(
    environment: dict[str, str], tmp_path: Path
) -> None:
    line = read_turn(environment)
    here = whole_commands(line.stage("generate"))[-1]
    handed(line, "generate", tmp_path / "over")
    # Neither labels nor crops are there.
    away = {**environment, "WORK": str(tmp_path / "over"), "LABELS": "gone.txt"}
    there = read_turn(away)
    assert [stage.name for stage in there.stages] == ["generate"]
    command = whole_commands(there.stage("generate"))[-1]
    over = f"{tmp_path}/over"
    moved = [
        word.replace(f"{tmp_path}/work", over).replace(
            f"{tmp_path}/like.txt", f"{over}/like/like.txt"
        )
        for word in here
    ]
    assert list(command) == moved
    for word in command:
        if word.startswith(over) and not word.endswith("generate/new"):
            assert Path(word).is_file(), word
    with pytest.raises(UsageError, match=r"stage mix: is none of this line\. It has generate\."):
        there.perform("mix")


@pytest.mark.parametrize("name", ["lines", "mine", "mix", "plan", "rec", "export", "gate"])
def test_what_reads_crops_is_not_handed_over(
    name: str, environment: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="reads crops, which do not leave their machine"):
        handed(read_turn(environment), name, tmp_path / "over")
    assert not (tmp_path / "over").exists()


def test_a_stage_before_it_must_be_done(environment: dict[str, str], tmp_path: Path) -> None:
    line = read_turn(environment)
    (line.work / "manifests" / "mine.json").unlink()
    with pytest.raises(InputError, match="stage generate: follows a stage that is not done"):
        handed(line, "generate", tmp_path / "over")
    with pytest.raises(InputError, match="follows the stage mine, which is not done"):
        line.perform("generate")


def test_a_folder_of_others_is_not_cleared(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "over").mkdir()
    (tmp_path / "over" / "cat.jpg").write_bytes(b"meow")
    line = read_turn(environment)
    with pytest.raises(InputError, match="over: holds other files"):
        handed(line, "generate", tmp_path / "over")
    (tmp_path / "over" / "cat.jpg").unlink()
    # One that was handed over before is.
    handed(line, "generate", tmp_path / "over")
    (tmp_path / "over" / "old.txt").touch()
    handed(line, "generate", tmp_path / "over")
    assert not (tmp_path / "over" / "old.txt").exists()


def test_a_damaged_record_is_told(tmp_path: Path) -> None:
    assert read_handed(tmp_path) is None
    (tmp_path / HANDED).write_text('{"format": 9}', encoding="utf-8")
    with pytest.raises(InputError, match=r"handed.json: is damaged\. Hand the stage over again"):
        read_handed(tmp_path)


def test_arguments_of_the_folder_move_with_it() -> None:
    record = Handed(
        stage="generate",
        target=None,
        general=(),
        arguments=("--family-weight", "A=0", InWork(path="own/judge.txt")),
        like="",
    )
    again = Handed.model_validate_json(record.model_dump_json())
    stage = Stage(
        name="generate",
        commands=(("synth", "generate"),),
        before=None,
        manifest=Path("m"),
        outputs=(),
        arguments=Path("gone.args"),
    )
    done = again.completed(stage, Path("there"))
    assert done.commands == (
        ("synth", "generate", "--family-weight", "A=0", "there/own/judge.txt"),
    )
    assert done.arguments is None


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Draw 1,010 lines in two parts, small ones: a shard holds 1,000."""
    folder = tmp_path_factory.mktemp("drawn")
    common = ["--style", "lcd", "--chars", "01", "--set", "output.height=16", "--allow-unserved"]
    made = {}
    for name, more in {
        "parts/a": ["--shard", "0/2"],
        "parts/b": ["--shard", "1/2"],
    }.items():
        out = folder / name
        done = run_module(
            "synth", "generate", *common, "--count", "1010", "--workers", "1", "--out", out, *more
        )
        assert done.returncode == 0, done.stderr
        made[name] = out
    return made


def joining(folder: Path) -> tuple[Stage, Path]:
    """Return the stage `generate` of a folder of work that has its profile, and that folder."""
    work = folder / "work"
    new = work / "generate" / "new"
    for path in (work / "mine" / "profile.json", work / "manifests" / "mine.json"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    stage = Stage(
        name="generate",
        commands=(("synth", "generate", "--allow-unserved", "--out", str(new)),),
        before=work / "manifests" / "mine.json",
        manifest=work / "manifests" / "generate.json",
        outputs=(new / "rec_gt_train.txt", new / "run.json"),
        folder=work / "generate",
    )
    return stage, work


def for_profile(parts: Path, profile: Path) -> None:
    """Note in the records of parts that they were drawn for a profile."""
    from textlines.files import sha256_of

    for part in parts.iterdir():
        record = json.loads((part / "run.json").read_text(encoding="utf-8"))
        record["inputs"]["profile"] = sha256_of(profile)
        (part / "run.json").write_text(json.dumps(record), encoding="utf-8")


def test_parts_together_are_the_whole(drawn: dict[str, Path], tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    shutil.copytree(drawn["parts/a"].parent, parts)
    stage, work = joining(tmp_path)
    for_profile(parts, work / "mine" / "profile.json")
    join_parts(stage, work, Runner(), parts)
    found = files_of(work / "generate" / "new")
    assert found["rec_gt_train.txt"].count(b"\n") == found["manifest.jsonl"].count(b"\n") == 1010
    for part in drawn.values():
        drawn_there = files_of(part)
        images = [name for name in drawn_there if name.startswith("images/")]
        assert images and all(found[name] == drawn_there[name] for name in images)
    assert stage.manifest.is_file()
    # Done: parts of another call are not even looked at.
    join_parts(stage, work, Runner(), tmp_path / "none")


def test_a_part_that_is_missing_or_of_another_run_is_refused(
    drawn: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    parts = tmp_path / "parts"
    stage, work = joining(tmp_path)
    parts.mkdir()
    with pytest.raises(InputError, match=r"parts: holds no part"):
        join_parts(stage, work, Runner(), parts)
    shutil.copytree(drawn["parts/a"], parts / "a")
    with pytest.raises(InputError, match="a: was rendered for another profile than"):
        join_parts(stage, work, Runner(), parts)
    for_profile(parts, work / "mine" / "profile.json")
    with pytest.raises(Exception, match="stage generate: synth merge ended with 1"):
        join_parts(stage, work, Runner(), parts)
    assert "1 of 2 shards" in capfd.readouterr().err
    assert not stage.manifest.exists()
    shutil.copytree(drawn["parts/b"], parts / "b")
    (parts / "b" / "plan.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"b: is of another run than .*a\. Render all parts with"):
        join_parts(stage, work, Runner(), parts)
    (parts / "b" / "run.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match=r"run.json: is damaged"):
        join_parts(stage, work, Runner(), parts)
