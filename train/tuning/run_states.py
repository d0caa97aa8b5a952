"""States of a run on disk: checkpoints to go on from, and the best one by its stopping sets.

Whole or not there, the last few kept, one process at a time in the run; known again after a kill.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textlines.array_files import read_npz
from textlines.errors import InputError
from textlines.files import read_text, replacing, replacing_bytes, sha256_of, unwritable
from textlines.formats.rows import is_count
from textlines.parsing import parse_json
from textlines.partials import partial_folder, sweep, take_place
from train.models.base_folder import Tensors
from train.tuning.ranks import Ranks
from train.tuning.stopping_sets import Standing, balance, keeps_up
from train.tuning.train_plan import PLAN

FOLDER = "checkpoints"
STATE = "state.json"
WEIGHTS, MOMENTS, AVERAGE = "weights.npz", "moments.npz", "average.npz"


LOCK_WAIT_S = 5.0

BEST = "tuned.json"


@dataclass(frozen=True, slots=True)
class State:
    """Where a run stands.

    Attributes:
        stage, epoch, step: of the next step: number of the stage, of its epoch, of its step in it.
        done: steps made in all stages.
        stale: epochs since the best one of this stage.
    """

    stage: int = 0
    epoch: int = 0
    step: int = 0
    done: int = 0
    stale: int = 0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a run goes on from."""

    state: State
    weights: Tensors
    moments: Tensors
    average: Tensors


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Keep other processes out of a run. The lock ends with the process, however that ends.

    The processes of a run that was killed may need a moment to notice.

    Raises:
        InputError: another process has it for longer than `LOCK_WAIT_S` seconds.
    """
    try:
        file = (run / "lock").open("a")
    except OSError as error:
        raise unwritable(run, error) from error
    with file:
        end = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() > end:
                    raise InputError(
                        str(run), "is being trained by another process", "Wait for it, or end it."
                    ) from error
                time.sleep(0.05)
        sweep(run / FOLDER)
        yield


def save(run: Path, checkpoint: Checkpoint, *, keep: int) -> Path:
    """Write a checkpoint and delete all but the last few.

    Raises:
        InputError: the disk is full; the checkpoints that were there stay.
    """
    folder = run / FOLDER
    target = folder / f"step-{checkpoint.state.done:08d}"
    try:
        with partial_folder(target) as partial:
            parts = {
                WEIGHTS: checkpoint.weights,
                MOMENTS: checkpoint.moments,
                AVERAGE: checkpoint.average,
            }
            for name, arrays in parts.items():
                with (partial / name).open("wb") as out:
                    np.savez(out, allow_pickle=False, **arrays)
                    _synced(out)
            shutil.copyfile(run / PLAN, partial / PLAN)
            hashes = {name: sha256_of(partial / name) for name in (*parts, PLAN)}
            with (partial / STATE).open("w", encoding="utf-8") as text:
                content = {"state": asdict(checkpoint.state), "files": hashes}
                json.dump({**content, "sha256": _hash(content)}, text)
                _synced(text)
            take_place(partial, target)
    except OSError as error:
        raise unwritable(target, error) from error
    for old in checkpoints_of(run)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def checkpoints_of(run: Path) -> list[Path]:
    """List the checkpoints of a run, oldest first."""
    return sorted(folder for folder in (run / FOLDER).glob("step-*") if (folder / STATE).is_file())


def last(run: Path) -> Checkpoint | None:
    """Read the last whole checkpoint; None when there is none.

    A checkpoint whose files are not those that it names is passed over for the one before.

    Raises:
        InputError: the plan changed since.
    """
    for path in reversed(checkpoints_of(run)):
        kept = _state_of(path)
        if kept is None or not _is_whole(path, kept[1]):
            continue
        state, files = kept
        if files[PLAN] != sha256_of(run / PLAN):
            raise InputError(
                str(run / PLAN),
                f"is not the plan that {path.name} was trained by",
                "Put the old plan back, or start a new run folder.",
            )
        return Checkpoint(
            state,
            _arrays(path / WEIGHTS),
            _arrays(path / MOMENTS),
            _arrays(path / AVERAGE),
        )
    return None


def _state_of(path: Path) -> tuple[State, dict[str, str]] | None:
    """Read where a checkpoint stands and its files' hashes; None if it does not say so."""
    try:
        what = "the state of a checkpoint"
        content = parse_json(read_text(path / STATE, what), str(path / STATE), what, "")
        if content.pop("sha256") != _hash(content):
            return None
        state, files = State(**content["state"]), dict(content["files"])
    except (InputError, KeyError, TypeError, AttributeError, ValueError):
        return None
    return (state, files) if {WEIGHTS, MOMENTS, AVERAGE, PLAN} <= files.keys() else None


def _hash(content: Mapping[str, object]) -> str:
    """Hash where a checkpoint stands: a changed number would train on from another place."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _is_whole(path: Path, files: Mapping[str, str]) -> bool:
    return all(
        (path / name).is_file() and sha256_of(path / name) == known for name, known in files.items()
    )


def _arrays(path: Path) -> Tensors:
    return read_npz(path, "the checkpoint", "Delete its folder.")


def _synced(out: Any) -> None:
    out.flush()
    os.fsync(out.fileno())


Judge = Callable[[Tensors], Standing]


@dataclass(frozen=True, slots=True)
class Best:
    """A judged state: after how many steps, how it does, and the file of its weights.

    Attributes:
        highest: the highest balance of all states up to it.
    """

    done: int
    standing: Standing
    file: str
    highest: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, without the readings."""
        standing = self.standing
        return {
            "done": self.done,
            "file": self.file,
            "right": list(standing.right),
            "lines": list(standing.lines),
            "targets": list(standing.targets),
            "highest": self.highest,
        }

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Best":
        """Read it back.

        Raises:
            KeyError, TypeError, ValueError: it is no such value.
        """
        right, lines, targets = (tuple(content[key]) for key in ("right", "lines", "targets"))
        done, file = content["done"], content["file"]
        if not all(map(is_count, (*right, *lines, done))) or len({*map(len, (right, lines))}) > 1:
            raise ValueError("its counts")
        if len(targets) != len(lines) or not all(type(target) is bool for target in targets):
            raise ValueError("its targets")
        # A file of the run's own folder, or none: the base model.
        if type(file) is not str or not re.fullmatch(r"(tuned-\d{8}\.npz)?", file):
            raise ValueError("its file")
        highest = content["highest"]
        if type(highest) is not float or not -2 <= highest <= 1:
            raise ValueError("its highest balance")
        return cls(done, Standing(right, lines, targets), file, highest)


class Keeper:
    """Judges states and keeps the weights of the best one.

    Of several that do about equally well (`keeps_up`), the best is the last.

    `tuned.json` names the best state and the one before: a run that was killed between judging
    and its next checkpoint judges that state again, against the one before.
    """

    def __init__(
        self,
        run: Path,
        base: Tensors,
        judge: Judge,
        ranks: Ranks,
        *,
        delta: float,
        done: int,
        keeps_last: bool = False,
    ) -> None:
        """Take up what is known, or judge the base model.

        Args:
            judge: all processes together, with the same answer; the first one writes it down.
            done: steps that the run goes on from.
            keeps_last: the last state counts as the best one, whatever its standing: folds have
                said when to end.

        Raises:
            InputError: `tuned.json` is broken.
        """
        self._run, self._judge, self._ranks, self._delta = run, judge, ranks, delta
        self._base_weights, self._keeps_last = base, keeps_last
        self.base: Standing | None = None
        self._before: Best | None = None
        self._best: Best | None = None
        self._take_up(done)
        if self.base is None or self._best is None:
            self.base = judge(base)
            self._best = self._before = self._of_base(self.base)
            self._write()

    @property
    def best(self) -> Best:
        """The best state."""
        assert self._best is not None
        return self._best

    def judge(self, done: int, tensors: Tensors) -> tuple[bool, Standing]:
        """Judge a state and keep it if it does as well as the best so far, as far as can be told.

        Returns:
            Whether it does, and how it does; the same in every process.
        """
        assert self.base is not None
        standing = self._judge(tensors)
        highest = max(self.best.highest, balance(standing, self.base, self._delta))
        is_best = self._keeps_last or keeps_up(standing, highest, self.base, self._delta)
        if is_best:
            self._keep(done, standing, highest, tensors)
        return is_best, standing

    def weights(self) -> Tensors:
        """Read the weights of the best state: those of the base model before any is judged.

        Other processes than the first call this when that has judged: after a barrier.
        """
        content = self._read()
        if content is None or not content["best"].file:
            return self._base_weights
        path = self._run / content["best"].file
        return read_npz(path, "the weights of the best state", "Start a new run folder.")

    def _of_base(self, base: Standing) -> Best:
        return Best(0, base, "", balance(base, base, self._delta))

    def _keep(self, done: int, standing: Standing, highest: float, tensors: Tensors) -> None:
        file = f"tuned-{done:08d}.npz"
        self._before, self._best = self._best, Best(done, standing, file, highest)
        if not self._ranks.is_first:
            return
        with replacing_bytes(self._run / file) as out:
            np.savez(out, allow_pickle=False, **tensors)
        self._write()
        named = {state.file for state in (self._before, self._best) if state}
        for old in self._run.glob("tuned-*.npz"):
            if old.name not in named:
                old.unlink(missing_ok=True)

    def _write(self) -> None:
        if not self._ranks.is_first:
            return
        assert self.base is not None and self._best is not None and self._before is not None
        content = {
            "base": self._of_base(self.base).as_dict(),
            "before": self._before.as_dict(),
            "best": self._best.as_dict(),
        }
        with replacing(self._run / BEST) as out:
            json.dump(content, out, indent=1)

    def _read(self) -> "dict[str, Best] | None":
        path = self._run / BEST
        if not path.is_file():
            return None
        what, mend = "the run's best state", "Start a new run folder."
        content = parse_json(read_text(path, what), str(path), what, mend)
        try:
            parts = {name: Best.of(content[name]) for name in ("base", "before", "best")}
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(str(path), f"lacks {error}, or holds it wrongly", mend) from error
        return parts

    def _take_up(self, done: int) -> None:
        content = self._read()
        if content is None:
            return
        self.base = content["base"].standing
        best, before = content["best"], content["before"]
        self._before = before
        self._best = best if best.done <= done else before
