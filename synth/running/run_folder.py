"""The folder of one run: whose it is, who works in it, what it holds."""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synth.running.shards import FOLDER
from textlines.errors import InputError
from textlines.labels.files import unwritable
from textlines.labels.run_record import RunRecord, versions

RECORD, PLAN = "run.json", "plan.jsonl"

LOCK_WAIT_S = 15.0
"""How long to wait for the lock: workers of a killed run hold it until they notice."""


def open_run(
    out: Path, configuration: Mapping[str, Any], seed: int, inputs: Mapping[str, str]
) -> RunRecord:
    """Take a folder for a run, or go on with the same run in it.

    Returns:
        The record in the folder: new, or the one that is there (its `outputs` tell whether
        the plan is written and whether the run is finished).

    Raises:
        InputError: the folder holds another run, or something that is no run; or it cannot
            be written.
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
        if changed:
            raise InputError(
                str(out),
                f"holds another run; it differs in {', '.join(changed)}",
                "Name another --out, give the same options, or delete this folder.",
            )
        return there
    _refuse_foreign(out)
    try:
        for name in (FOLDER, "images"):
            (out / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(out, error) from None
    wanted.write(path)
    return wanted


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


def _refuse_foreign(out: Path) -> None:
    """Refuse a folder with files that no run of ours left there."""
    if not out.exists():
        return
    if not out.is_dir():
        raise InputError(str(out), "is a file", "Name a folder as --out.")
    ours = {FOLDER, "images", PLAN, ".lock"}
    others = [
        entry.name
        for entry in out.iterdir()
        if entry.name not in ours and not entry.name.endswith(".part")
    ]
    if others:
        raise InputError(
            str(out),
            f"is not empty and holds no {RECORD} ({sorted(others)[0]} is there)",
            "Name a new folder as --out.",
        )


@contextmanager
def locked(out: Path, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
    """Hold the folder against a second run; the system frees it when the process ends.

    Raises:
        InputError: another process holds it for longer than `wait_s` seconds.
    """
    try:
        handle = os.open(out / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise unwritable(out, error) from None
    try:
        end = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise InputError(
                        str(out),
                        "is being written by another run",
                        "Wait for it, or draw other shards into another folder.",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def shard_folders(out: Path, shards: Iterator[int]) -> None:
    """Make the folders for the images of these shards."""
    for shard in shards:
        (out / "images" / f"{shard:04d}").mkdir(parents=True, exist_ok=True)
