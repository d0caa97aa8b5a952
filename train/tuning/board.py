"""A run's events as TensorBoard shows them, beside `metrics.jsonl`, which holds them all."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import unwritable
from textlines.installing import install_line, missing_modules

BOARD = "tensorboard"
"""The folder in that of the run."""

_LEFT_OUT = frozenset({"done", "stage", "epoch", "at", "is_best"})
"""Of an event: what says where it stands, not what was found."""


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
    found: dict[str, float] = {}
    for key, value in values.items():
        if key in left_out:
            continue
        several = list(enumerate(value, 1)) if isinstance(value, list) else [(0, value)]
        for number, one in several:
            if type(one) in (int, float):
                name = f"{group}/{key}_{number}" if number else f"{group}/{key}"
                found[re.sub(r"[^\w ./-]", "_", name)] = float(one)
    return found
