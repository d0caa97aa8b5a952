"""`metrics.jsonl`: what happened in a run, a line an event; a resumed run goes on in it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textlines.files import unwritable
from textlines.partials import partial_file

METRICS = "metrics.jsonl"


class Metrics:
    """Appends events to a run's file."""

    def __init__(self, run: Path, done: int = 0) -> None:
        """Open the file; what a killed run had noted beyond its last checkpoint is cut off.

        Args:
            done: steps that the run goes on from.
        """
        self._path = run / METRICS
        kept = [one for one in read_metrics(run) if int(one.get("done", 0)) <= done]
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in kept)
        # Whole or not at all: a kill here must not take what earlier calls had noted.
        try:
            with partial_file(self._path, "w", encoding="utf-8") as (out, partial):
                out.write(text)
                out.flush()
                partial.replace(self._path)
        except OSError as error:
            raise unwritable(self._path, error) from error

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


def read_metrics(run: Path) -> list[Mapping[str, Any]]:
    """Read a run's events; a line that a killed run left half is passed over."""
    path = run / METRICS
    if not path.is_file():
        return []
    found: list[Mapping[str, Any]] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and "event" in row:
            found.append(row)
    return found
