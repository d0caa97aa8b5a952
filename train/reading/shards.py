"""Predictions on disk, shard by shard, so that a killed run goes on where it was.

`predictions/NNNN.jsonl` holds the outcomes of 1,000 consecutive label lines; `reading.json`
beside them says what read them. A shard is used again if it names the same crops, in order, and
none of them has changed since.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.formats.predictions import Outcome, read_outcomes, row_of
from textlines.parsing import parse_json
from textlines.partials import holds_anything

SHARD = 1000
"""Lines in a shard."""

RECORD = "reading.json"


def shard_path(folder: Path, number: int) -> Path:
    """Name a shard's file, counted from 0."""
    return folder / f"{number:04d}.jsonl"


def write_shard(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write a shard, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.writelines(map(row_of, outcomes))


def finished_shard(path: Path, crops: Sequence[str], images: Path) -> list[Outcome] | None:
    """Read a shard that still holds; None when it is not there or has to be made again."""
    try:
        written = path.stat().st_mtime_ns
        outcomes = list(read_outcomes(path))
    except (OSError, InputError):
        return None
    if [one.path for one in outcomes] != list(crops):
        return None
    if any(_has_changed(images / one.path, one.fault, written) for one in outcomes):
        return None
    return outcomes


def _has_changed(crop: Path, fault: str, since_ns: int) -> bool:
    """Tell whether a crop is another than when it was read, by the times of the file system."""
    try:
        status = crop.stat()
    except OSError:
        return fault not in ("missing", "unreadable")
    # The time of change too: a copy may keep the time of writing of an old file.
    return fault == "missing" or max(status.st_mtime_ns, status.st_ctime_ns) > since_ns


def claim(folder: Path, record: Mapping[str, Any]) -> None:
    """Write down what reads into a folder, or check that it is the same as before.

    Raises:
        InputError: the folder holds readings of another model or way of reading; names what
            differs.
    """
    path = folder / RECORD
    if path.is_file():
        try:
            what = "the record of the reading"
            known = parse_json(read_text(path, what), str(path), what, "Name another --out.")
        except InputError:
            known = None
        if known == dict(record):
            return
        differing = sorted(
            key
            for key in {*record, *(known if isinstance(known, dict) else {})}
            if not isinstance(known, dict) or known.get(key) != record.get(key)
        )
        raise InputError(
            str(folder),
            f"holds predictions of another reading ({', '.join(differing)} differs)",
            "Name another --out, or delete the folder.",
        )
    if holds_anything(folder):
        raise InputError(
            str(folder), f"holds files but no {RECORD}", "Name another --out, or delete the folder."
        )
    with replacing(path) as out:
        out.write(json.dumps(dict(record), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
