"""Running one stage: its commands as processes, its folder, its manifest."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from textlines.errors import InputError, MendError
from textlines.files import read_text, replacing
from train.pipeline.stage import Command, Stage, is_done, write_manifest
from train.pipeline.table import PREPARE_LINES

PARTIAL = 4
"""How a command ends that the same call goes on with."""

MOST_CALLS = 200
"""Of a command that ends part-way each time."""


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
        prepare: what the stage of the lines does, with the function that calls commands.

    Returns:
        The exit code of its last command, one of those that count as an end.

    Raises:
        StageError: a command ended otherwise.
        InputError: an output is missing, or a file cannot be written.
    """
    if is_done(stage, work):
        print(f"{stage.name}: nothing changed")
        return 0
    stage.manifest.unlink(missing_ok=True)
    _clear(stage, work)
    code = 0
    for command in _commands(stage):
        if command[0] == PREPARE_LINES:
            for told in prepare(runner.call):
                print(told, flush=True)
            continue
        code = runner.run(command)
        if code not in (stage.ends if command == _commands(stage)[-1] else {0}):
            raise StageError(
                f"stage {stage.name}",
                f"{command[0]} {command[1]} ended with {code}",
                "Mend what it says, and call again: the stages before it are kept.",
                code if code > 0 else 128 - code,
            )
    write_manifest(stage, work, code)
    return code


def _commands(stage: Stage) -> tuple[Command, ...]:
    """Return the commands with the arguments that an earlier stage wrote."""
    if stage.arguments is None:
        return stage.commands
    more = read_text(stage.arguments, "the file of arguments").splitlines()
    *first, last = stage.commands
    return (*first, (*last, *more))


def _clear(stage: Stage, work: Path) -> None:
    """Clear a stage's folder of other work; note what begins now."""
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
