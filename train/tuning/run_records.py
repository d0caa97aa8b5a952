"""What a run writes down: events as they happen, and what was read in its stopping sets.

`metrics.jsonl` holds a line an event, and a resumed run goes on in it; TensorBoard is shown the
same beside it. `readings.jsonl` holds what the base and the chosen model read, a line each.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textlines.errors import InputError
from textlines.files import read_regular, replacing, unreadable, unwritable
from textlines.formats.rows import (
    RowError,
    RowKind,
    is_count,
    parse_row,
    read_rows,
    refuse,
    refuse_keys,
    wrong,
)
from textlines.installing import install_line, missing_modules

if TYPE_CHECKING:
    from train.tuning.stopping_sets import Standing, StopSet

BOARD = "tensorboard"
"""The folder in that of the run."""

_LEFT_OUT = frozenset({"done", "stage", "epoch", "at", "is_best"})
"""Of an event: what says where it stands, not what was found."""

METRICS = "metrics.jsonl"

_KIND = RowKind(
    "the run's metrics", "event of a run", "Remove the line, or start a new run folder."
)

READINGS = "readings.jsonl"

_READINGS = RowKind(
    "the run's readings", "reading of a run", "Train again in a new folder: train plan, train rec."
)

_TEXTS = ("set", "path", "label", "base", "tuned")

_FLAGS = ("target", "base_right", "tuned_right")


class Board:
    """Writes the numbers of events, by the steps that were made."""

    def __init__(self, run: Path) -> None:
        """Begin a file of events in the place of those of earlier calls.

        Raises:
            InputError: tensorboardX is not installed, or the folder cannot be written.
        """
        need_board()
        from tensorboardX import SummaryWriter

        folder = run / BOARD
        try:
            for old in folder.glob("events.out.tfevents.*"):
                old.unlink()
            self._writer = SummaryWriter(str(folder), flush_secs=10)
        except OSError as error:
            raise unwritable(folder, error) from error

    def note(self, event: str, values: Mapping[str, Any]) -> None:
        """Add the numbers of an event; one without steps has no place."""
        if "done" not in values:
            return
        for name, number in numbers_of(event, values).items():
            self._writer.add_scalar(name, number, int(values["done"]))
        self._writer.flush()

    def close(self) -> None:
        """Write all and close the file."""
        self._writer.close()


def need_board() -> None:
    """Check that what writes the events is installed.

    Raises:
        InputError: it is not; names the line that installs it.
    """
    if missing_modules("tensorboardX"):
        raise InputError(
            "--tensorboard",
            "needs tensorboardX, which is not installed",
            f"Run: {install_line('board')}",
        )


def numbers_of(event: str, values: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of an event by the name of their curve.

    Blends share one step: each has curves of its own.

    >>> numbers_of("judged", {"done": 8, "target": 0.5, "right": [6, 9], "is_best": True})
    {'judged/target': 0.5, 'judged/right_1': 6.0, 'judged/right_2': 9.0}
    >>> numbers_of("blend", {"done": 8, "alpha": 0.4, "target": 0.5})
    {'blend_0.4/target': 0.5}
    >>> numbers_of("steps", {"done": 8, "ctc": None, "rate": 1e-4})
    {'steps/rate': 0.0001}
    """
    group = event
    left_out = _LEFT_OUT
    if event == "blend":
        group, left_out = f"blend_{values['alpha']:g}", left_out | {"alpha"}
    numbers: dict[str, float] = {}
    for key, value in values.items():
        if key in left_out:
            continue
        several = list(enumerate(value, 1)) if isinstance(value, list) else [(0, value)]
        for number, item in several:
            if type(item) in (int, float):
                name = f"{group}/{key}_{number}" if number else f"{group}/{key}"
                numbers[re.sub(r"[^\w ./-]", "_", name)] = float(item)
    return numbers


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
        kept = [event for event in read_metrics(run) if int(event.get("done", 0)) <= done]
        text = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in kept)
        # Whole or not at all: a kill here must not take what earlier calls had noted.
        with replacing(self._path) as out:
            out.write(text)
        for event in kept if board else ():
            self._show(event)

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
    events: list[Mapping[str, Any]] = []
    for number, line in enumerate(data[: data.rfind(b"\n") + 1].split(b"\n")[:-1], 1):
        try:
            row = parse_row(line.decode())
            if type(row.get("event")) is not str:
                raise RowError("it names no event")
            if "done" in row and not is_count(row["done"]):
                raise wrong("done", row["done"], "a number of steps")
        except ValueError as error:
            refuse(path, number, _KIND, error)
        events.append(row)
    return events


def write_readings(
    run: Path, sets: Sequence["StopSet"], base: "Standing", taken: "Standing"
) -> None:
    """Write what the base and the chosen model read in the stopping sets, a line each."""
    with replacing(run / READINGS) as out:
        for number, stop_set in enumerate(sets):
            for line, before, after in zip(
                stop_set.lines, base.readings[number], taken.readings[number], strict=True
            ):
                row = {
                    "set": str(stop_set.judged),
                    "target": stop_set.is_target,
                    "path": line.path,
                    "label": line.label,
                    "base": before,
                    "tuned": after,
                    "base_right": stop_set.is_right(line.label, before),
                    "tuned_right": stop_set.is_right(line.label, after),
                }
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_readings(run: Path) -> list[dict[str, Any]]:
    """Read what `write_readings` has written.

    Raises:
        InputError: the file cannot be read, or a line is damaged; says which.
    """
    return list(read_rows(run / READINGS, _READINGS, _reading))


def _reading(content: dict[str, Any]) -> dict[str, Any]:
    refuse_keys(content, frozenset((*_TEXTS, *_FLAGS)))
    for kind, keys in ((str, _TEXTS), (bool, _FLAGS)):
        for key in keys:
            if type(content[key]) is not kind:
                raise wrong(key, content[key], "text" if kind is str else "true or false")
    return content
