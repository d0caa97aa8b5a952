"""What padding to less than 320 pixels would save, and what it would cost.

    python benchmarks/padding.py --model PP-OCRv4_mobile_rec --labels SET/rec_gt.txt [--labels …]

A recognizer in use pads each line on the right to 320 pixels at least, and training pads as use
does. Narrower buckets cost fewer time steps, and show the network borders that it will not meet in
use. Told for each least width: pixels that the network is given, its CPU seconds, lines read as
with 320, and line accuracy.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.pixels.decode import read_image
from textlines.pixels.resize import LEAST_WIDTH, network_input
from train.reading.ctc import read_probabilities
from train.reading.engine import CtcEngine
from train.reading.model_opening import open_model

NARROWER = (LEAST_WIDTH, 192, 96, 48)
BUCKET = 16
"""Widths are multiples of this, in pixels, so that lines share batches."""


def padded(image: Image, least: int) -> np.ndarray:
    """Return a crop's input, 3 x 48 x W float32, padded to `least` and to a whole bucket."""
    line = network_input(image, least=least)
    room = -line.shape[2] % BUCKET if line.shape[2] != LEAST_WIDTH else 0
    return np.pad(line, ((0, 0), (0, 0), (0, room)))


def readings(engine: CtcEngine, images: Sequence[Image], least: int) -> tuple[list[str], int]:
    """Read crops one at a time; give the texts and the columns that the network was given."""
    texts, columns = [], 0
    for image in images:
        line = padded(image, least)
        columns += line.shape[2]
        found = engine.network.probabilities(line[None])
        texts.append(read_probabilities(found, engine.alphabet)[0].text)
    return texts, columns


def compare(engine: CtcEngine, labels: Path) -> None:
    """Print a set's figures, a row for each least width."""
    lines = list(read_labels(labels, tally=Tally()))
    images = [read_image(labels.parent / line.path) for line in lines]
    print(f"{labels}: {len(lines):,} lines")
    readings(engine, images[:8], LEAST_WIDTH)
    base: tuple[list[str], int, float] | None = None
    for least in NARROWER:
        start = time.process_time()
        texts, columns = readings(engine, images, least)
        seconds = time.process_time() - start
        base = base or (texts, columns, seconds)
        alike = np.mean([a == b for a, b in zip(texts, base[0], strict=True)])
        right = np.mean([a == b.label for a, b in zip(texts, lines, strict=True)])
        print(
            f"  at least {least:3} px: {columns / base[1]:.2f} of the columns, "
            f"{seconds / base[2]:.2f} of the CPU, {alike:.3f} read alike, accuracy {right:.3f}",
            flush=True,
        )


def main() -> None:
    """Print figures for each set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True)
    parser.add_argument("--labels", type=Path, action="append", required=True)
    options = parser.parse_args()
    engine = open_model(options.model, engine="onnx").engine
    if not isinstance(engine, CtcEngine):
        sys.exit(f"{engine.name} runs no graph of ours")
    for labels in options.labels:
        compare(engine, labels)


if __name__ == "__main__":
    main()
