"""The line as doit runs it: one task a stage, one manifest between two stages."""

import fcntl
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from textlines.errors import InputError, MendError, PartialError, UsageError
from textlines.files import replacing
from textlines.installing import install_line
from textlines.partials import holds_anything
from train.pipeline.elsewhere import HANDED, Handed
from train.pipeline.lines_stage import Call, prepare_lines
from train.pipeline.places import Crops, GeneralSet, Target
from train.pipeline.settings import Settings
from train.pipeline.stage import (
    Runner,
    Stage,
    StageError,
    add_seconds,
    is_done,
    is_whole,
    read_manifest,
    run_stage,
)
from train.pipeline.table import collecting_stages, line_stages

Prepare = Callable[[str, Call], Sequence[str]]

MARK = ".line"
"""In the folder of the work: that its folders may be cleared."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line, or one round of it: stages in order.

    Attributes:
        target: the team's own lines; None where they are rendered.
        general: its general sets; none where a guard is rendered.
        crops: crops without labels; the turn then ends with a queue of those to label.
        prepare: what stages of lines do, by the name of the stage; None as in a single turn.
        times: a file that grows by a row for each stage that was run; None keeps none.
    """

    settings: Settings
    target: Target | None
    general: tuple[GeneralSet, ...]
    stages: tuple[Stage, ...]
    runner: Runner
    crops: Crops | None = None

    prepare: Prepare | None = None
    times: Path | None = None

    @property
    def work(self) -> Path:
        """The folder of all that is made."""
        return Path(self.settings.work)

    def stage(self, name: str) -> Stage:
        """Return a stage by name.

        Raises:
            UsageError: this line has none of that name.
        """
        for stage in self.stages:
            if stage.name == name:
                return stage
        listed = ", ".join(stage.name for stage in self.stages)
        raise UsageError(f"stage {name}", "is none of this line", f"It has {listed}.")

    def claim(self) -> None:
        """Make the folder of the work and mark it.

        Raises:
            InputError: it holds something else: stages clear the folders in it.
        """
        work = self.work
        marks = (work / MARK, work / HANDED)
        if holds_anything(work) and not any(mark.is_file() for mark in marks):
            raise InputError(
                str(work),
                "holds other files; stages clear the folders in it",
                "Name a new folder: WORK=FOLDER, or work in pipeline.toml.",
            )
        with replacing(work / MARK) as out:
            out.write("folders in here are made and cleared by the line\n")

    def perform(self, name: str) -> None:
        """Run a stage.

        Raises:
            MendError: it did not end as it should.
        """
        stage = self.stage(name)
        if stage.before and not stage.before.is_file():
            raise InputError(
                f"stage {name}",
                f"follows the stage {stage.before.stem}, which is not done",
                "Run that one first.",
            )

        def prepare(call: Call) -> Sequence[str]:
            if self.prepare:
                return self.prepare(stage.name, call)
            return prepare_lines(self.settings, self.target, self.general, call)

        if self.times is None or is_done(stage, self.work):
            run_stage(stage, self.work, self.runner, prepare)
            return
        began, has_ended = time.monotonic(), False
        try:
            run_stage(stage, self.work, self.runner, prepare)
            has_ended = True
        finally:
            # What failed has taken its time too. Manifests hold none: same work, same bytes.
            add_seconds(self.times, stage.name, time.monotonic() - began, has_ended=has_ended)

    def tasks(self) -> Iterator[dict[str, Any]]:
        """Yield doit's tasks, in order."""
        from doit.tools import config_changed

        def as_action(stage: Stage) -> Any:
            def action() -> Any:
                return _guarded(self, stage)

            return action

        for stage in self.stages:
            # A round's stages are sub-tasks of it: doit run round-2:gate.
            of_round, _, name = stage.name.rpartition("/")
            yield {
                **({"basename": of_round, "name": name} if of_round else {"basename": name}),
                "doc": "; ".join(" ".join(command[:2]) for command in stage.commands),
                "actions": [as_action(stage)],
                "file_dep": [str(stage.before)] if stage.before else [],
                "targets": [str(stage.manifest)],
                "uptodate": [(is_whole, [stage, self.work]), config_changed(stage.configuration())],
                "verbosity": 2,
            }

    def doit_config(self) -> dict[str, Any]:
        """Return doit's settings: a store that survives a kill, in the folder of the work."""
        return {
            "backend": "sqlite3",
            "dep_file": str(self.work / ".doit.sqlite3"),
            "default_tasks": [task_name(self.stages[-1])],
        }

    def run(self, tasks: Mapping[str, Any]) -> int:
        """Run all stages that something changed for: see `run_line`."""
        return run_line(self, tasks)


def task_name(stage: Stage) -> str:
    """Return how doit names a stage."""
    return stage.name.replace("/", ":")


def line_of(
    settings: Settings,
    target: Target | None,
    general: tuple[GeneralSet, ...],
    crops: Crops | None,
    runner: Runner,
) -> Line:
    """Return a single turn."""
    stages = collecting_stages(settings, crops) if crops else line_stages(settings, target, general)
    return Line(
        settings=settings,
        target=target,
        general=general,
        stages=tuple(stages),
        runner=runner,
        crops=crops,
    )


def handed_line(handed: Handed, settings: Settings, runner: Runner) -> Line:
    """Return the line as far as it is here: the one stage that was handed over."""
    like = str(Path(settings.work) / handed.like) if handed.like else ""
    own = settings.own.model_copy(update={"like": like})
    settings = settings.model_copy(update={"own": own})
    stages = line_stages(settings, handed.target, handed.general)
    return Line(
        settings=settings,
        target=handed.target,
        general=handed.general,
        stages=tuple(
            handed.completed(stage, Path(settings.work))
            for stage in stages
            if stage.name == handed.stage
        ),
        runner=runner,
    )


_failed: list[MendError] = []
"""Why the last stage failed; doit passes on no more than words."""


def _guarded(line: Line, stage: Stage) -> Any:
    from doit.exceptions import TaskFailed

    try:
        line.perform(stage.name)
    except MendError as error:
        _failed.append(error)
        return TaskFailed(str(error))
    return None


def run_line(line: Line, tasks: Mapping[str, Any]) -> int:
    """Run all stages that something changed for.

    Args:
        tasks: doit's, by name: the contents of `dodo.py`.

    Returns:
        For own crops the gate's code: 0 passed, 1 failed, 3 cannot tell. For rendered ones 0 once
        a verdict is written, for crops without labels once their queue is. Else that of the
        command that failed.

    Raises:
        MendError: the folder of the work is in use, or a stage did not end as it should.
    """
    with taken(line.work):
        code = run_tasks(tasks, ())
        return code or _ended(line)


def run_tasks(tasks: Mapping[str, Any], names: Sequence[str]) -> int:
    """Run tasks of doit, and those that they depend on, as far as something changed for them.

    Args:
        tasks: what doit reads them from, by name.
        names: of the tasks; none are those that `DOIT_CONFIG` names.

    Returns:
        doit's code: 0 where all is done.

    Raises:
        MendError: a stage did not end as it should.
    """
    try:
        from doit.cmd_base import ModuleTaskLoader
        from doit.doit_cmd import DoitMain
    except ImportError:
        raise InputError(
            "the line", "needs doit, which is not installed", f"Run: {install_line('pipeline')}"
        ) from None
    _failed.clear()
    code = int(DoitMain(ModuleTaskLoader(dict(tasks))).run(["run", *names]) or 0)
    if code and _failed:
        raise _failed[-1]
    return code


def _ended(line: Line) -> int:
    last, code = line.stages[-1], verdict_code(line)
    folder = last.outputs[0].parent
    if line.crops:
        print(
            f"to label: {folder / 'label.html'}\n"
            f"then: train collect {folder} --answers answers.json --out labelled/; "
            "make loop LABELS=labelled/rec_gt.txt IMAGES=labelled"
        )
        return code
    names = {0: "passed", 1: "failed", 3: "cannot tell"}
    kind = "synthetic lines" if line.target is None else "own crops"
    print(f"verdict on {kind}: {names[code]} ({folder})")
    return code if line.target else 0


def verdict_code(line: Line) -> int:
    """Return the exit code of the last stage: of the gate, 0, 1 or 3.

    Raises:
        InputError: it is not done.
    """
    last = line.stages[-1]
    manifest = read_manifest(last.manifest)
    if manifest is None:
        raise InputError(str(last.manifest), "is not there", "Call again.")
    return manifest.exit_code


@contextmanager
def taken(work: Path) -> Iterator[None]:
    """Hold the folder of the work; another call of the line is told so."""
    with (work / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PartialError(str(work), "another call works in it", "Wait for it.") from None
        yield


class Runs(Protocol):
    """A single turn, or rounds."""

    def run(self, tasks: Mapping[str, Any]) -> int:
        """Run what is to be done and return the exit code."""


def main(line: Runs, tasks: Mapping[str, Any]) -> int:
    """Run the line as a program: one line on stderr for what went wrong, and an exit code."""
    from textlines.console import guarded

    ended: list[int] = []

    def app() -> None:
        try:
            ended.append(line.run(tasks))
        except StageError as error:
            print(f"line: error: {error}", file=sys.stderr)
            ended.append(error.code)

    return guarded(app, "line") or ended[-1]
