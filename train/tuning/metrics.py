"""`metrics.jsonl`: what happened in a run, a line an event; a resumed run goes on in it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textlines.files import read_regular, replacing, unreadable, unwritable
from textlines.formats.rows import RowError, RowKind, is_count, parse_row, refuse, wrong
from train.tuning.board import Board

METRICS = "metrics.jsonl"

_KIND = RowKind(
    "the run's metrics", "event of a run", "Remove the line, or start a new run folder."
)


class Metrics:
    """Appends events to a run's file."""

    def __init__(self, run: Path, done: int = 0, board: Board | None = None) -> None:
        """Open the file; what a killed run had noted beyond its last checkpoint is cut off.

        Args:
            done: steps that the run goes on from.
            board: takes each event too, those that are kept first: it shows what the file holds,
                whichever call of the run was killed.
        """
        self._board = board
        self._path = run / METRICS
        kept = [one for one in read_metrics(run) if int(one.get("done", 0)) <= done]
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in kept)
        # Whole or not at all: a kill here must not take what earlier calls had noted.
        with replacing(self._path) as out:
            out.write(text)
        for one in kept if board else ():
            self._show(one)

    def note(self, event: str, **values: Any) -> None:
        """Add an event.

        Raises:
            InputError: the file cannot be written.
        """
        row = json.dumps({"event": event, **values}, ensure_ascii=False)
        try:
            with self._path.open("a", encoding="utf-8") as out:
                out.write(row + "\n")
        except OSError as error:
            raise unwritable(self._path, error) from error
        self._show({"event": event, **values})

    def _show(self, row: Mapping[str, Any]) -> None:
        if self._board:
            self._board.note(str(row["event"]), {k: v for k, v in row.items() if k != "event"})


def read_metrics(run: Path) -> list[Mapping[str, Any]]:
    """Read a run's events; a last line that a killed run left half is passed over.

    Raises:
        InputError: the file cannot be read, or another line is damaged; says which.
    """
    path = run / METRICS
    if not path.is_file():
        return []
    try:
        data = read_regular(path)
    except OSError as error:
        raise unreadable(path, error, "the run's metrics") from error
    found: list[Mapping[str, Any]] = []
    for number, line in enumerate(data[: data.rfind(b"\n") + 1].split(b"\n")[:-1], 1):
        try:
            row = parse_row(line.decode())
            if type(row.get("event")) is not str:
                raise RowError("it names no event")
            if "done" in row and not is_count(row["done"]):
                raise wrong("done", row["done"], "a number of steps")
        except ValueError as error:
            refuse(path, number, _KIND, error)
        found.append(row)
    return found
