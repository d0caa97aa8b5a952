"""A stage on other machines: what it reads is handed over, it is done in parts, they come back.

    here       hand_over(line, "generate", folder)   texts, the profile, a record; no crop
    elsewhere  render_part(line, "1/4")              in that folder, as its WORK
    here       join_parts(line, folder)              all of them, merged; the stage is done

What may go is what `Stage.needs` says: a stage without crops reads texts alone.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from textlines.errors import InputError, UsageError
from textlines.files import read_text, replacing, sha256_of
from textlines.formats.plan_rows import PLAN
from textlines.formats.run_record import RECORD, RunRecord
from textlines.partials import holds_anything
from train.pipeline.places import GeneralSet, Places, Target
from train.pipeline.stage import (
    Command,
    Runner,
    Stage,
    StageError,
    begin_stage,
    is_done,
    whole_commands,
    write_manifest,
)
from train.pipeline.table import GENERATE

HANDED = "handed.json"
"""In a folder of work: that it holds what one stage reads, and which."""

LIKE = "like"
"""The folder of what lies outside the folder of the work, and is read all the same."""


class InWork(BaseModel, frozen=True, extra="forbid"):
    """A file in the folder of the work, wherever that is.

    Attributes:
        path: from there on.
    """

    path: str


class Handed(BaseModel, frozen=True, extra="forbid"):
    """What stands in for files that are not here.

    Attributes:
        stage: that may be done.
        target, general: what the table asks of a team's lines; the label files they name are not
            here.
        arguments: what an earlier stage wrote for its last command.
        like: the file that takes the place of `[own] like`, from the folder of the work on.
    """

    format: Literal[1] = 1
    stage: str
    target: Target | None
    general: tuple[GeneralSet, ...]
    arguments: tuple[str | InWork, ...]
    like: str

    def completed(self, stage: Stage, work: Path) -> Stage:
        """Return a stage with the arguments that an earlier one wrote where its folder was."""
        words = (
            word if isinstance(word, str) else str(work / word.path) for word in self.arguments
        )
        *first, last = stage.commands
        return replace(stage, commands=(*first, (*last, *words)), arguments=None)


def read_handed(work: Path) -> Handed | None:
    """Read the record of a folder that was handed over; None for any other folder.

    Raises:
        InputError: it is damaged.
    """
    path = work / HANDED
    if not path.is_file():
        return None
    try:
        return Handed.model_validate_json(read_text(path, "the record of what was handed over"))
    except ValidationError as error:
        raise InputError(str(path), "is damaged", "Hand the stage over again.") from error


def hand_over(
    stage: Stage,
    work: Path,
    folder: Path,
    *,
    target: Target | None,
    general: Sequence[GeneralSet],
    like: str,
) -> list[str]:
    """Copy what a stage reads to a folder, laid out as that of the work.

    Args:
        folder: to make; one that was handed over before is replaced.
        like: `[own] like`, "" for none.

    Returns:
        The files, from the folder on.

    Raises:
        UsageError: the stage reads crops.
        InputError: a stage before it is not done, or the folder holds something else.
    """
    if "crops" in stage.needs:
        raise UsageError(
            f"--hand-over: {stage.name}",
            "reads crops, which do not leave their machine",
            f"Hand over {GENERATE}, which reads texts alone.",
        )
    if stage.before is None or not stage.before.is_file():
        raise InputError(
            f"stage {stage.name}", "follows a stage that is not done", "Run those before it first."
        )
    if holds_anything(folder) and not (folder / HANDED).is_file():
        raise InputError(str(folder), "holds other files", "Name a new folder.")
    shutil.rmtree(folder, ignore_errors=True)
    files = [*_read_files(stage, work)]
    for file in files:
        _copy(work / file, folder / file)
    target_row = target and Target(Path(target.labels.name), Path(), "", *_counts(target))
    general_rows = tuple(
        GeneralSet(
            Target(Path(each.target.labels.name), Path(), "", *_counts(each.target)),
            each.comparison,
            each.name,
        )
        for each in general
    )
    handed_like = ""
    if like and target:
        handed_like = f"{LIKE}/{Path(like).name}"
        _copy(Path(like), folder / handed_like)
        files.append(handed_like)
    record = Handed(
        stage=stage.name,
        target=target_row,
        general=general_rows,
        arguments=_arguments(stage, work),
        like=handed_like,
    )
    with replacing(folder / HANDED) as out:
        out.write(record.model_dump_json(indent=1) + "\n")
    return sorted(files)


def _arguments(stage: Stage, work: Path) -> tuple[str | InWork, ...]:
    """Return what an earlier stage wrote for this one, the files of the work as such."""
    words = whole_commands(stage)[-1][len(stage.commands[-1]) :]
    return tuple(
        InWork(path=Path(word).relative_to(work).as_posix())
        if Path(word).is_relative_to(work)
        else word
        for word in words
    )


def _counts(target: Target) -> tuple[int, int]:
    return target.lines, target.long_lines


def _read_files(stage: Stage, work: Path) -> Iterator[str]:
    """Yield the files of earlier stages that a stage's commands name, and those that it hangs on.

    Raises:
        InputError: one of them is a folder: who knows what is in it?
    """
    assert stage.before is not None  # looked at before
    paths = [stage.before]
    for command in whole_commands(stage):
        paths += [Path(word) for word in command if Path(word).is_relative_to(work)]
    for path in dict.fromkeys(paths):
        if stage.folder and path.is_relative_to(stage.folder):
            continue
        if not path.is_file():
            raise InputError(
                str(path), f"is no file, and stage {stage.name} reads it", "Run the stages again."
            )
        yield path.relative_to(work).as_posix()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        raise InputError(str(source), "is not there", "Mend pipeline.toml.") from None


def render_part(stage: Stage, work: Path, runner: Runner, share: str) -> None:
    """Do a part of the stage `generate`; the others are done elsewhere.

    Args:
        share: as of `synth generate --shard`: i/n.

    Raises:
        UsageError: it is another stage.
        StageError: the command failed.
    """
    _require_parts(stage, "--shard")
    begin_stage(stage, work)
    *_, command = whole_commands(stage)
    _run(stage, runner, (*command, "--shard", share))


def join_parts(stage: Stage, work: Path, runner: Runner, folder: Path) -> None:
    """Put the parts of the stage `generate` together; it is done then.

    Args:
        folder: holds the parts, a folder each (what each left at its `generate/new`).

    Raises:
        UsageError: it is another stage.
        InputError: there is no part, or two are of different runs.
        StageError: parts are missing, or damaged.
    """
    _require_parts(stage, "--parts")
    if is_done(stage, work):
        print(f"{stage.name}: nothing changed")
        return
    parts = sorted(path.parent for path in folder.glob(f"*/{RECORD}"))
    if not parts:
        raise InputError(
            str(folder), f"holds no part ({folder}/*/{RECORD})", "Render them: --shard i/n."
        )
    first = parts[0]
    for part in parts[1:]:
        if _identity(part) != _identity(first):
            raise InputError(
                str(part),
                f"is of another run than {first}",
                "Render all parts with the same versions, fonts and settings.",
            )
    profile = Places(work).profile
    if _record(first).inputs.get("profile") != sha256_of(profile):
        raise InputError(
            str(first),
            f"was rendered for another profile than {profile}",
            "Render all parts again.",
        )
    begin_stage(stage, work)
    # What an earlier call left half joined; parts are whole, and here to be copied again.
    out = stage.outputs[0].parent
    shutil.rmtree(out, ignore_errors=True)
    for part in parts:
        shutil.copytree(
            part, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".lock*", "*.part")
        )
    *_, command = whole_commands(stage)
    allowed = tuple(word for word in command if word == "--allow-unserved")
    _run(stage, runner, ("synth", "merge", str(out), *allowed[:1]))
    write_manifest(stage, work, 0)


def _identity(part: Path) -> tuple[str, str]:
    """Return what all parts of a run have in common."""
    record = _record(part)
    shared = record.model_dump(include={"configuration", "versions", "seed", "inputs"})
    # A run in blocks has no plan in one file: what its blocks are follows from the rest.
    plan = part / PLAN
    return sha256_of(plan) if plan.is_file() else "", json.dumps(shared, sort_keys=True)


def _record(part: Path) -> RunRecord:
    try:
        return RunRecord.read(part / RECORD)
    except InputError as error:
        raise InputError(
            str(part / RECORD), f"is damaged ({error.what})", "Render this part again: --shard i/n."
        ) from error


def _require_parts(stage: Stage, option: str) -> None:
    if stage.name != GENERATE:
        raise UsageError(option, f"is for the stage {GENERATE} alone", f"Call it so: {GENERATE}.")


def _run(stage: Stage, runner: Runner, command: Command) -> None:
    code = runner.run(command)
    if code:
        raise StageError(
            f"stage {stage.name}",
            f"{command[0]} {command[1]} ended with {code}",
            "Mend what it says, and call again.",
            code if code > 0 else 128 - code,
        )
