"""A stage of the line: what it is, the manifest that says that it is done, and how it is run.

Its commands are run as processes; it has a folder of its own.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from textlines.errors import InputError, MendError
from textlines.files import read_text, replacing, sha256_of

FORMAT = 1
"""Of the manifests. One of another format counts as none: its stage runs again."""

Command = tuple[str, ...]

Need = Literal["crops", "gpu"]
"""What a stage asks of its machine beside the folder of the work: the pictures of labelled lines;
a card, where there is one."""

PREPARE_LINES = "prepare-lines"
"""Stands for a step that no command of ours does: sharing out and rendering lines."""

SHARE_OWN = "share-own"
"""Stands for another: in rounds, own lines are shared out apart from the rest, which stays."""

STEPS = frozenset({PREPARE_LINES, SHARE_OWN})

PARTIAL = 4
"""How a command ends that the same call goes on with."""

MOST_CALLS = 200
"""Of a command that ends part-way each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is run, on what, and what is there afterwards.

    Attributes:
        name: of the task.
        commands: in order; the first word is one of our commands.
        before: the manifest of the stage before, its only file dependency; None for the first.
        manifest: that this stage writes, last of all.
        outputs: files that must be there afterwards.
        folder: that belongs to this stage alone, and is cleared before other work begins in it.
        goes_on: a call that was killed is taken up by the same call; else the folder is cleared.
        ends: exit codes of the last command that count as an end. 4 is "call again".
        stamp: of what else it depends on.
        arguments: a file of further arguments of the last command, one a line, that an earlier
            stage wrote.
        is_synthetic: judged by rendered lines.
        needs: of its machine. One without crops reads no more than texts, and may run where no
            crop is.
        answered: a file that a person makes of what this stage left. While it is there the stage
            stays as it was, whatever changes: the answers would belong to nothing.
    """

    name: str
    commands: tuple[Command, ...]
    before: Path | None
    manifest: Path
    outputs: tuple[Path, ...]
    folder: Path | None = None
    goes_on: bool = False
    ends: frozenset[int] = frozenset({0})
    stamp: str = ""
    arguments: Path | None = None
    is_synthetic: bool = False
    needs: frozenset[Need] = frozenset()
    answered: Path | None = None

    def configuration(self) -> str:
        """Write down all that a change of makes the stage run again, but the file dependency."""
        return json.dumps([self.name, self.commands, self.stamp, self.is_synthetic])

    def signature(self) -> str:
        """Hash the configuration and the manifest of the stage before.

        Raises:
            InputError: that manifest cannot be read.
        """
        before = sha256_of(self.before) if self.before else ""
        return hashlib.sha256(f"{self.configuration()}\n{before}".encode()).hexdigest()


class Manifest(BaseModel, frozen=True, extra="forbid"):
    """What a stage did. Holds no time and no absolute path: the same work gives the same bytes.

    Attributes:
        signature: of the stage, as `Stage.signature`.
        exit_code: of its last command.
        outputs: sha256 by the path from the folder of all work on.
        synthetic: its lines, or those that it was judged by, were rendered.
    """

    format: Literal[1] = 1
    stage: str
    signature: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    exit_code: int
    outputs: Mapping[str, str]
    synthetic: bool


def write_manifest(stage: Stage, work: Path, exit_code: int) -> None:
    """Hash a stage's outputs and write its manifest, whole or not at all.

    Raises:
        InputError: an output is not there, or the manifest cannot be written.
    """
    manifest = Manifest(
        stage=stage.name,
        signature=stage.signature(),
        exit_code=exit_code,
        outputs={path.relative_to(work).as_posix(): sha256_of(path) for path in stage.outputs},
        synthetic=stage.is_synthetic,
    )
    with replacing(stage.manifest) as out:
        out.write(json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n")


def read_manifest(path: Path) -> Manifest | None:
    """Read a manifest; None if there is none that this program wrote."""
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def is_whole(stage: Stage, work: Path) -> bool:
    """Return whether the outputs of a done stage are still there."""
    manifest = read_manifest(stage.manifest)
    return manifest is not None and all((work / name).is_file() for name in manifest.outputs)


def is_done(stage: Stage, work: Path) -> bool:
    """Return whether a stage was run as it would be run now."""
    manifest = read_manifest(stage.manifest)
    if manifest is None or not is_whole(stage, work):
        return False
    return manifest.signature == stage.signature()


class StageError(MendError):
    """A stage ended otherwise than it may; its exit code is the command's."""

    def __init__(self, where: str, what: str, mend: str = "", code: int = 1) -> None:
        super().__init__(where, what, mend)
        self.args = (where, what, mend, code)
        self.code = code


class Runner:
    """Runs commands of ours.

    Attributes:
        bin: folder of the commands.
    """

    def __init__(self, bin: Path | None = None) -> None:
        """Take the commands of this Python, or those in a folder."""
        self.bin = bin or Path(sys.executable).parent

    def line(self, command: Command) -> list[str]:
        """Return a command as it is started."""
        script = self.bin / command[0]
        start = [str(script)] if script.is_file() else [sys.executable, "-m", command[0]]
        return [*start, *command[1:]]

    def run(self, command: Command) -> int:
        """Run a command, its output as it comes, and give its exit code."""
        print(f"$ {' '.join(command)}", flush=True)
        code = self._ended(command, None)[0]
        for _ in range(MOST_CALLS):
            if code != PARTIAL:
                break
            print(f"$ {' '.join(command)}   # goes on", flush=True)
            code = self._ended(command, None)[0]
        return code

    def call(self, command: Command) -> str:
        """Run a command and give what it printed.

        Raises:
            StageError: it ended with another code than 0.
        """
        code, printed = self._ended(command, subprocess.PIPE)
        if code:
            print(printed, end="", flush=True)
            raise StageError(" ".join(command), f"ended with {code}", code=code)
        return printed

    def _ended(self, command: Command, stdout: "int | IO[str] | None") -> tuple[int, str]:
        try:
            process = subprocess.Popen(
                self.line(command), stdout=stdout, text=True, encoding="utf-8", env=_environment()
            )
        except OSError as error:
            raise InputError(
                command[0], f"cannot be started ({error.strerror})", "Install the project."
            ) from error
        try:
            printed, _ = process.communicate()
        except BaseException:
            # Ctrl-C reaches the command too; a supervisor's SIGTERM reaches us alone.
            process.terminate()
            process.wait()
            raise
        return process.returncode, printed or ""


def run_stage(
    stage: Stage,
    work: Path,
    runner: Runner,
    prepare: Callable[[Callable[[Command], str]], Sequence[str]],
) -> int:
    """Run a stage, unless its manifest says that it is done; killed anywhere, call it again.

    Args:
        prepare: what a stage of lines does, with the function that calls commands.

    Returns:
        The exit code of its last command, one of those that count as an end.

    Raises:
        StageError: a command ended otherwise.
        InputError: an output is missing, or a file cannot be written.
    """
    if is_done(stage, work):
        print(f"{stage.name}: nothing changed")
        return 0
    if stage.answered and stage.answered.is_file() and all(map(Path.is_file, stage.outputs)):
        print(f"{stage.name}: is answered and stays as it is")
        write_manifest(stage, work, 0)
        return 0
    begin_stage(stage, work)
    code = 0
    for command in whole_commands(stage):
        if command[0] in STEPS:
            for line in prepare(runner.call):
                print(line, flush=True)
            continue
        code = runner.run(command)
        if code not in (stage.ends if command == whole_commands(stage)[-1] else {0}):
            raise StageError(
                f"stage {stage.name}",
                f"{command[0]} {command[1]} ended with {code}",
                "Mend what it says, and call again: the stages before it are kept.",
                code if code > 0 else 128 - code,
            )
    write_manifest(stage, work, code)
    return code


def write_arguments(path: Path, arguments: Sequence[str]) -> None:
    """Write arguments for a later stage, one a line."""
    with replacing(path) as out:
        out.writelines(f"{word}\n" for word in arguments)


def whole_commands(stage: Stage) -> tuple[Command, ...]:
    """Return the commands with the arguments that an earlier stage wrote.

    Raises:
        InputError: these cannot be read.
    """
    if stage.arguments is None:
        return stage.commands
    more = read_text(stage.arguments, "the file of arguments").splitlines()
    *first, last = stage.commands
    return (*first, (*last, *more))


def begin_stage(stage: Stage, work: Path) -> None:
    """Take back a stage's manifest, clear its folder of other work, note what begins now."""
    stage.manifest.unlink(missing_ok=True)
    note = work / "started" / stage.name
    signature = stage.signature()
    goes_on = stage.goes_on and note.is_file() and note.read_text(encoding="utf-8") == signature
    if stage.folder and not goes_on:
        shutil.rmtree(stage.folder, ignore_errors=True)
    if stage.folder:
        stage.folder.mkdir(parents=True, exist_ok=True)
    with replacing(note) as out:
        out.write(signature)


def _environment() -> dict[str, str]:
    # The commands of one environment find each other's, whoever started the line.
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


def add_seconds(file: Path, stage: str, seconds: float, *, has_ended: bool) -> None:
    """Add what a stage took to a file of times: manifests hold none.

    Args:
        has_ended: whether it ended as it should. What failed has taken its time too.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    row = {"stage": stage.rpartition("/")[2], "seconds": round(seconds, 3), "ended": has_ended}
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")


def stage_seconds(file: Path) -> list[tuple[str, float]]:
    """Read what stages took, in the order of their ends; a row that a kill broke off is left."""
    rows: list[tuple[str, float]] = []
    if not file.is_file():
        return rows
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
            rows.append((str(row["stage"]), float(row["seconds"])))
        except (ValueError, KeyError, TypeError):
            continue
    return rows
