"""Lines that a network is shown: fixed and real ones to compare readings on, those of a mix."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.formats.mix import MixFolder
from textlines.labels.alphabet import Alphabet
from textlines.labels.fitting import no_image, nothing_left
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from textlines.pixels.resize import HEIGHT, LEAST_WIDTH, network_input, resized_width

_TEXTS = ("0123456789", "Invoice No. 4711/B", "TOTAL: 1,290.50 EUR (incl. VAT 19%)", "aA bB iI1l")
MOST_REAL = 64
"""Real lines that a comparison reads, spread evenly over the label file."""

MOST_OF_MIX = 128
"""Lines of a mix whose statistics normalisations get."""


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ProbeLine:
    """One line as the network reads it.

    Attributes:
        name: for messages.
        pixels: 1 x 3 x 48 x W float32, -1..1.
        label: what stands there; "" where nothing does.
    """

    name: str
    pixels: npt.NDArray[np.float32]
    label: str = ""


def fixed_lines() -> Sequence[ProbeLine]:
    """Draw lines of text and of noise, of several widths; the same bytes every time.

    The strokes are OpenCV's built-in ones, legible to any recognizer of Latin letters; the noise
    reaches what no clean line does.
    """
    import cv2

    lines = []
    for number, text in enumerate(_TEXTS):
        (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 2)
        grey = (250, 200, 90, 235)[number]
        canvas = np.full((height + below + 16, width + 20, 3), grey, np.uint8)
        ink = (20, 20, 20) if grey > 128 else (240, 240, 240)
        at = (10, height + 8)
        cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 1.0, ink, 2)
        lines.append(ProbeLine(repr(text), network_input(canvas)[None], text))
    rng = np.random.default_rng(48)
    for width in (320, 404):
        noise = rng.integers(0, 256, (48, width, 3), np.uint8)
        lines.append(ProbeLine(f"noise, {width} wide", network_input(noise)[None]))
    return lines


def real_lines(
    labels: Path, images: Path | None, tally: Tally, most: int = MOST_REAL
) -> Sequence[ProbeLine]:
    """Read up to `most` crops of a label file, spread evenly over it.

    Unreadable ones are counted in `tally` and replaced by none.

    Raises:
        InputError: the label file cannot be read, or none of its crops can.
    """
    folder = images or labels.parent
    listed = read_labels(labels, tally=tally, home=folder)
    rows = [(line.path, line.label) for line in listed]
    lines = []
    for path, label in spread(rows, most):
        try:
            pixels = network_input(read_image(folder / path))
        except ImageError as error:
            tally.add(error.reason)
            continue
        lines.append(ProbeLine(path, pixels[None], label))
    if not lines:
        if not rows:
            raise nothing_left(labels, tally, images=folder)
        raise no_image(labels, folder, len(rows))
    return lines


def mix_lines(mix: MixFolder, alphabet: Alphabet, most: int = MOST_OF_MIX) -> Sequence[ProbeLine]:
    """Read up to `most` crops of a mix's first list, as PaddleOCR trains on them.

    They are spread evenly over the list and squeezed to 320 pixels where they are wider. Crops
    that cannot be read and labels that the alphabet does not hold are passed over: the plan has
    counted them.

    Raises:
        InputError: the list, or all of these crops, cannot be read.
    """
    epoch = mix.epochs[0]
    listed = [line for line, _ in mix.lines(epoch, Tally())]
    rows = [(line.path, line.label) for line in listed if alphabet.holds(line.label)]
    lines = []
    for path, label in spread(rows, most):
        try:
            image = read_image(mix.data / path)
        except ImageError:
            continue
        lines.append(ProbeLine(path, network_input(_squeezed(image))[None], label))
    if not lines:
        raise InputError(
            str(mix.folder / epoch.list),
            f"names no crop in {mix.data} that can be read and whose label the dictionary holds",
            "Put the images back, or make the mix again.",
        )
    return lines


def _squeezed(image: Image) -> Image:
    """Narrow a crop that would be wider than 320 pixels at height 48, as `RecResizeImg` does."""
    import cv2

    height, width = image.shape[:2]
    if resized_width(width, height) <= LEAST_WIDTH:
        return image
    return np.asarray(cv2.resize(image, (LEAST_WIDTH, HEIGHT)), np.uint8)


def spread(rows: Sequence[Row], most: int) -> list[Row]:
    """Choose up to `most` rows, evenly over all, in their order.

    >>> spread("abcdefg", 3)
    ['a', 'd', 'g']
    """
    if len(rows) <= most:
        return list(rows)
    return [rows[at] for at in sorted({round(k) for k in np.linspace(0, len(rows) - 1, most)})]
