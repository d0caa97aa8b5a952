"""What a reader of crops is, whoever computes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Literal, Protocol

import numpy as np

from textlines.labels.alphabet import Alphabet
from textlines.pixels.arrays import Image
from textlines.pixels.resize import LEAST_WIDTH, network_batch, to_recognizer
from train.reading.ctc import Line, Probabilities, read_probabilities

EngineName = Literal["onnx", "paddle", "reference"]


@dataclass(frozen=True, slots=True)
class Batching:
    """How an engine is fed best.

    Attributes:
        lines: at most in a batch, all of one padded width.
        chunk: consecutive lines that are prepared, and put into batches, together.
        is_parallel: whether several threads may read at once.
    """

    lines: int
    chunk: int
    is_parallel: bool


class Engine(Protocol):
    """Reads prepared crops.

    Attributes:
        name: of what computes, with its version, for the record.
    """

    name: str
    alphabet: Alphabet
    batching: Batching

    def prepare(self, image: Image) -> Image:
        """Make of an H x W x 3 BGR crop what `read` takes; called from several threads."""
        ...

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        """Read crops of one padded width, in their order."""
        ...


class Network(Protocol):
    """Computes the probabilities of classes.

    Attributes:
        name: with the version of the library.
        place: of its file, for messages.
        classes: of the last layer.
    """

    name: str
    place: str
    classes: int
    batching: Batching

    def probabilities(
        self, lines: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"
    ) -> Probabilities:
        """Run the network.

        Args:
            lines: N x 3 x 48 x W float32, -1..1, BGR.
        """
        ...


class CtcEngine:
    """Reads with a network and greedy CTC: height 48, own width, padded on the right."""

    def __init__(self, network: Network, alphabet: Alphabet) -> None:
        self.network, self.alphabet = network, alphabet
        self.name, self.batching = network.name, network.batching
        self._lock = None if network.batching.is_parallel else Lock()

    def prepare(self, image: Image) -> Image:
        """Resize a crop; it stays in bytes, a twelfth of what the network takes."""
        return to_recognizer(image)

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        """Read resized crops (48 x w x 3) of one padded width."""
        return read_probabilities(self.probabilities(prepared), self.alphabet, self.network.place)

    def probabilities(self, prepared: Sequence[Image]) -> Probabilities:
        """Return N x T x classes for resized crops of one padded width.

        Raises:
            ValueError: the padded widths differ.
        """
        lines = batch_of(prepared)
        if self._lock is None:
            return self.network.probabilities(lines)
        with self._lock:
            return self.network.probabilities(lines)


def width_of(prepared: Image) -> int:
    """Return the padded width of a resized crop, in pixels."""
    return max(LEAST_WIDTH, int(prepared.shape[1]))


def batch_of(prepared: Sequence[Image]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """Turn resized crops of one padded width into N x 3 x 48 x W float32, padded with 0.

    Raises:
        ValueError: there is none, or the padded widths differ.
    """
    widths = {width_of(crop) for crop in prepared}
    if len(widths) != 1:
        raise ValueError(f"a batch has one padded width, got {sorted(widths)}")
    return network_batch(prepared, widths.pop())


def by_width(prepared: Mapping[int, Image], most: int) -> list[list[int]]:
    """Put crops into batches of one padded width, at most `most` in each.

    Args:
        prepared: resized crops by their number.

    Returns:
        The numbers, batch by batch, in order of width and number.
    """
    widths: dict[int, list[int]] = {}
    for number in sorted(prepared):
        widths.setdefault(width_of(prepared[number]), []).append(number)
    return [
        numbers[at : at + most]
        for _, numbers in sorted(widths.items())
        for at in range(0, len(numbers), most)
    ]
