"""What a recognizer reads and sees in text lines, for tools that do not know how it computes.

A package offers a function under the entry point `ocr_mend.readers`; ours is that of `train`:

    [project.entry-points."ocr_mend.readers"]
    recognizer = "train.reading.line_features:open_reader"
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from typing import Protocol

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.installing import DISTRIBUTION, install_line
from textlines.pixels.arrays import Image

GROUP = "ocr_mend.readers"
NAME = "recognizer"

Features = npt.NDArray[np.float32]
"""Lines x D, or D of one line."""


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One text line as a recognizer reads and sees it.

    Attributes:
        text, score: the reading, and how sure it is, 0..1.
        features: as `LineReader.features`.
    """

    text: str
    score: float
    features: Features


class LineReader(Protocol):
    """A recognizer. May be used by one thread at a time.

    Attributes:
        name: the model, for messages and records.
        characters: that it can read; None where that is not known.
    """

    name: str
    characters: frozenset[str] | None

    def see(self, images: Sequence[Image]) -> list[SeenLine]:
        """Read lines, each H x W x 3 BGR uint8, in their order."""
        ...

    def features(self, images: Sequence[Image]) -> Features:
        """Return lines x D: what the last layer decides from, averaged over each line.

        Lines are not padded to the width that readings ask for: that of a short one is most of what
        it costs, and no part of the line.
        """
        ...


def open_line_reader(model: str) -> LineReader:
    """Open a recognizer by its name, folder or file.

    Raises:
        InputError: there is no such model, or what reads it is not installed.
    """
    try:
        offered = distribution(DISTRIBUTION).entry_points.select(group=GROUP, name=NAME)
    except PackageNotFoundError:
        offered = ()  # type: ignore[assignment]
    for entry in offered:
        opener: Callable[[str], LineReader] = entry.load()
        return opener(model)
    raise InputError(
        GROUP, "names nothing that reads lines", f"Install anew: {install_line('train,models')}"
    )
