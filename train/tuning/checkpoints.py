"""Checkpoints of a run: whole or not there, the last few kept, one process at a time in the run."""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textlines.array_files import read_npz
from textlines.errors import InputError
from textlines.files import read_text, sha256_of, unwritable
from textlines.parsing import parse_json
from textlines.partials import partial_folder, sweep, take_place
from train.models.base_folder import Tensors
from train.tuning.plan_io import PLAN

FOLDER = "checkpoints"
STATE = "state.json"
WEIGHTS, MOMENTS, AVERAGE = "weights.npz", "moments.npz", "average.npz"


LOCK_WAIT_S = 5.0


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
    for old in found(run)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def found(run: Path) -> list[Path]:
    """List the checkpoints of a run, oldest first."""
    return sorted(one for one in (run / FOLDER).glob("step-*") if (one / STATE).is_file())


def last(run: Path) -> Checkpoint | None:
    """Read the last whole checkpoint; None when there is none.

    A checkpoint whose files are not those that it names is passed over for the one before.

    Raises:
        InputError: the plan changed since.
    """
    for path in reversed(found(run)):
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
