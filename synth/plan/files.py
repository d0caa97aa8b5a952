"""`plan.jsonl`: one row a sample."""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from synth.plan.row import PlanRow
from textlines.errors import InputError
from textlines.files import replacing_bytes, unreadable


def write_plan(path: Path, rows: Iterable[PlanRow]) -> str:
    """Write a plan, whole or not at all, as it streams.

    Returns:
        The sha256 of the file's content, in hexadecimal.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    found = sha256()
    with replacing_bytes(path) as out:
        for row in rows:
            line = f"{row.to_json()}\n".encode()
            found.update(line)
            out.write(line)
    return found.hexdigest()


def read_plan(path: Path) -> Iterator[PlanRow]:
    """Read a plan row by row.

    Raises:
        InputError: the file cannot be read, or a line is no row.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise unreadable(path, error, "the plan") from error
    with file:
        for number, line in enumerate(file, 1):
            try:
                row = PlanRow.from_json(line.decode())
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                what = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
                raise InputError(
                    f"{path}:{number}", f"is no row of a plan ({what})", "Plan the run again."
                ) from error
            yield row
