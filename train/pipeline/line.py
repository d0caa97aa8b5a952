"""The line as doit runs it: one task a stage, one manifest between two stages."""

import fcntl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textlines.errors import InputError, MendError, PartialError, UsageError
from textlines.files import replacing
from textlines.installing import install_line
from textlines.partials import holds_anything
from train.pipeline.elsewhere import HANDED, Handed, read_handed
from train.pipeline.lines_stage import prepare_lines
from train.pipeline.own_lines import crops_of, general_of, target_of
from train.pipeline.settings import SETTINGS, Settings, read_settings
from train.pipeline.stage import Runner, Stage, StageError, is_whole, read_manifest, run_stage
from train.pipeline.table import Crops, GeneralSet, Target, collecting_stages, line_stages

MARK = ".line"
"""In the folder of the work: that its folders may be cleared."""


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of the line.

    Attributes:
        target: the team's own lines; None where they are rendered.
        general: its general sets; none where a guard is rendered.
        crops: crops without labels; the turn then ends with a queue of those to label.
    """

    settings: Settings
    target: Target | None
    general: tuple[GeneralSet, ...]
    stages: tuple[Stage, ...]
    runner: Runner
    crops: Crops | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Line":
        """Read what is to be done from the environment.

        SETTINGS (pipeline.toml), LABELS and IMAGES, or CROPS, WORK, BIN_FOLDER.

        Raises:
            InputError, UsageError: a file that is named cannot be used.
        """
        settings = read_settings(Path(environment.get("SETTINGS") or SETTINGS))
        work = environment.get("WORK") or settings.work
        settings = settings.model_copy(update={"work": work})
        folder = environment.get("BIN_FOLDER")
        runner = Runner(Path(folder) if folder else None)
        if handed := read_handed(Path(work)):
            return cls._of_handed(handed, settings, runner)
        target = target_of(environment.get("LABELS", ""), environment.get("IMAGES", ""))
        general = general_of(settings.general)
        crops = crops_of(environment.get("CROPS", ""))
        if crops and target:
            raise UsageError(
                "CROPS, LABELS",
                "both are named",
                "CROPS alone asks for labels; LABELS alone trains on them.",
            )
        stages = (
            collecting_stages(settings, crops) if crops else line_stages(settings, target, general)
        )
        return cls(
            settings=settings,
            target=target,
            general=general,
            stages=tuple(stages),
            runner=runner,
            crops=crops,
        )

    @classmethod
    def _of_handed(cls, handed: Handed, settings: Settings, runner: Runner) -> "Line":
        """Return the line as far as it is here: the one stage that was handed over."""
        like = str(Path(settings.work) / handed.like) if handed.like else ""
        own = settings.own.model_copy(update={"like": like})
        settings = settings.model_copy(update={"own": own})
        stages = line_stages(settings, handed.target, handed.general)
        return cls(
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

        def prepare(call: Any) -> list[str]:
            return prepare_lines(self.settings, self.target, self.general, call)

        stage = self.stage(name)
        if stage.before and not stage.before.is_file():
            raise InputError(
                f"stage {name}",
                f"follows the stage {stage.before.stem}, which is not done",
                "Run that one first.",
            )
        run_stage(stage, self.work, self.runner, prepare)

    def tasks(self) -> Iterator[dict[str, Any]]:
        """Yield doit's tasks, in order."""
        from doit.tools import config_changed

        def as_action(stage: Stage) -> Any:
            def action() -> Any:
                return _guarded(self, stage)

            return action

        for stage in self.stages:
            yield {
                "basename": stage.name,
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
            "default_tasks": [self.stages[-1].name],
        }


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
    try:
        from doit.cmd_base import ModuleTaskLoader
        from doit.doit_cmd import DoitMain
    except ImportError:
        raise InputError(
            "the line", "needs doit, which is not installed", f"Run: {install_line('pipeline')}"
        ) from None

    with taken(line.work):
        _failed.clear()
        code = int(DoitMain(ModuleTaskLoader(dict(tasks))).run(["run"]) or 0)
        if code:
            if _failed:
                raise _failed[-1]
            return code
        return _ended(line)


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


def main(line: Line, tasks: Mapping[str, Any]) -> int:
    """Run the line as a program: one line on stderr for what went wrong, and an exit code."""
    from textlines.console import guarded

    ended: list[int] = []

    def app() -> None:
        try:
            ended.append(run_line(line, tasks))
        except StageError as error:
            print(f"line: error: {error}", file=sys.stderr)
            ended.append(error.code)

    return guarded(app, "line") or ended[-1]
