"""The folder of one run: whose it is, who works in it, what it holds."""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synth.running.shards import FOLDER, Share
from textlines.errors import InputError
from textlines.files import unwritable
from textlines.formats.plan_rows import PLAN
from textlines.formats.run_record import RECORD, RunRecord, versions
from textlines.partials import sweep

LOCK = ".lock"
"""What the names of the lock files start with."""

LOCK_WAIT_S = 15.0
"""How long to wait for the lock: workers of a killed run hold it until they notice."""


def open_run(
    out: Path, configuration: Mapping[str, Any], seed: int, inputs: Mapping[str, str]
) -> RunRecord:
    """Take a folder for a run, or go on with the same run in it.

    The caller holds `recording`: of two runs that start at once, the second meets the first's
    record.

    Returns:
        The record in the folder: new, or the one that is there (its `outputs` tell whether
        the plan is written and whether the run is finished).

    Raises:
        InputError: the folder holds another run, or cannot be written.
    """
    wanted = RunRecord(
        command="synth generate",
        configuration=configuration,
        seed=seed,
        inputs=inputs,
        versions=versions(),
    )
    path = out / RECORD
    if path.exists():
        there = RunRecord.read(path)
        changed = _differences(there, wanted)
        # A run that came to no plan (a text that no face holds) has nothing to lose.
        if changed and not there.outputs:
            wanted.write(path)
            return wanted
        if changed:
            raise InputError(
                str(out),
                f"holds another run; it differs in {', '.join(changed)}",
                "Name another --out, give the same options, or delete this folder.",
            )
        return there
    wanted.write(path)
    return wanted


def make_folder(out: Path) -> None:
    """Make the folder of a run, before anything in it is locked or written.

    Raises:
        InputError: it is a file, holds what no run of ours left there, or cannot be made.
    """
    refuse_foreign(out)
    try:
        for name in (FOLDER, "images"):
            (out / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(out, error) from None


def _differences(there: RunRecord, wanted: RunRecord) -> list[str]:
    """Name what differs, with both values where they are short."""
    found = []
    if there.command != wanted.command:
        found.append(f"command ({there.command!r}, not {wanted.command!r})")
    pairs: list[tuple[str, Any, Any]] = [("seed", there.seed, wanted.seed)]
    for part in ("configuration", "inputs", "versions"):
        old, new = getattr(there, part), getattr(wanted, part)
        pairs += [(key, old.get(key), new.get(key)) for key in sorted({*old, *new})]
    for key, old, new in pairs:
        if old != new:
            short = len(f"{old}{new}") <= 80
            found.append(f"{key} ({old}, not {new})" if short else key)
    return found


def refuse_foreign(out: Path) -> None:
    """Refuse a folder with files that no run of ours left there.

    Raises:
        InputError: it is a file, or holds something else and no record of a run.
    """
    if (out / RECORD).exists() or not out.exists():
        return
    if not out.is_dir():
        raise InputError(str(out), "is a file", "Name a folder as --out.")
    ours = {FOLDER, "images", PLAN}
    others = [
        entry.name
        for entry in out.iterdir()
        if entry.name not in ours and not entry.name.startswith(LOCK) and entry.suffix != ".part"
    ]
    if others:
        raise InputError(
            str(out),
            f"is not empty and holds no {RECORD} ({sorted(others)[0]} is there)",
            "Name a new folder as --out.",
        )


@contextmanager
def locked(out: Path, share: Share) -> Iterator[None]:
    """Hold a run's folder, or one share of it, against a second run of the same.

    A whole run has the folder alone. Machines with different shares work in it together:
    should two shares overlap (0/2 and 0/4), both write the same bytes.

    Raises:
        InputError: another process holds it for longer than `LOCK_WAIT_S` seconds.
    """
    if share.parts == 1:
        with _held(out, LOCK, fcntl.LOCK_EX, LOCK_WAIT_S):
            _sweep(out)
            yield
    else:
        own = f"{LOCK}-{share.part}-of-{share.parts}"
        with (
            _held(out, LOCK, fcntl.LOCK_SH, LOCK_WAIT_S),
            _held(out, own, fcntl.LOCK_EX, LOCK_WAIT_S),
        ):
            _sweep(out)
            yield


@contextmanager
def recording(out: Path) -> Iterator[None]:
    """Hold what all shares write: the record, the plan, the merged files. Waits its turn."""
    with _held(out, f"{LOCK}-record", fcntl.LOCK_EX, None):
        yield


@contextmanager
def _held(out: Path, name: str, kind: int, wait_s: float | None) -> Iterator[None]:
    """Lock a file of the folder; the system frees it when the last process with it ends."""
    try:
        handle = os.open(out / name, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise unwritable(out, error) from None
    try:
        if wait_s is None:
            fcntl.flock(handle, kind)
        else:
            _take(out, handle, kind, wait_s)
        yield
    finally:
        os.close(handle)


def _sweep(out: Path) -> None:
    """Delete what killed runs left half written."""
    for folder in (out, out / FOLDER):
        sweep(folder)


def _take(out: Path, handle: int, kind: int, wait_s: float) -> None:
    end = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise InputError(
                    str(out),
                    "is being written by another run",
                    "Wait for it, or name another --out.",
                ) from None
            time.sleep(0.05)


def shard_folders(out: Path, shards: Iterator[int]) -> None:
    """Make the folders for the images of these shards."""
    for shard in shards:
        (out / "images" / f"{shard:04d}").mkdir(parents=True, exist_ok=True)
