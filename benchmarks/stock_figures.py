"""Whether a stock model reads a set as its kept predictions say, and if not, why not.

    python benchmarks/stock_figures.py --model PP-OCRv4_mobile_rec --set DIR --tsv FILE [--cut 64]

The predictions (path, truth, prediction, score) were made by someone else, from the pixels that
were there then. Crops may have been changed since: cut in height (`--cut`: those exactly so high),
or compressed (JPEG). So lines are told apart by whether their pixels can still be the same:
lossless and lower than the cut. On these the reading must agree in text and score; on the others
only as far as it stands another change of that kind, which is measured beside it (`--again`,
`--shrink`).

`--width ceil` pads a line that is wider than 320 to its own width rounded up, as some loops over
the ONNX file do, and not down, as PaddleOCR does. It is a rule of this benchmark alone.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from textlines.labels.alphabet import Alphabet
from textlines.pixels.arrays import Image
from textlines.pixels.decode import read_image
from textlines.pixels.resize import HEIGHT, LEAST_WIDTH, network_input
from train.reading.ctc import Line, read_probabilities
from train.reading.engine import CtcEngine
from train.reading.model_opening import open_model

Width = Literal["paddleocr", "ceil"]

SAME_SCORE = 1.5e-4
"""Scores stand in the file with four decimals, and float32 differs between machines."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the kept predictions, and what is read there now.

    Attributes:
        is_untouched: lossless and lower than the cut.
        again: the reading after one more change; None when it was not asked for.
    """

    truth: str
    kept: str
    kept_score: float
    is_untouched: bool
    now: Line
    again: Line | None


def read_line(engine: CtcEngine, image: Image, width: Width) -> Line:
    """Read one crop with a rule for the width of its input."""
    lines = network_input(image)[None]
    if width == "ceil":
        height, own = image.shape[:2]
        wanted = max(LEAST_WIDTH, math.ceil(HEIGHT * own / height))
        if wanted != lines.shape[-1]:
            resized = cv2.resize(image, (wanted, HEIGHT)).transpose(2, 0, 1)
            lines = ((resized.astype(np.float32) / 255 - 0.5) / 0.5)[None]
    alphabet: Alphabet = engine.alphabet
    return read_probabilities(engine.network.probabilities(lines), alphabet)[0]


def changed(image: Image, quality: int, shrink: float) -> Image:
    """Cut pixels in height once more, and send them through JPEG.

    Args:
        quality: of the JPEG, 1..100. shrink: 0..1, of both sides; 1 leaves the size.
    """
    if shrink < 1:
        image = np.asarray(
            cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        )
    found, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not found:
        raise SystemExit("OpenCV writes no JPEG")
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def read_rows(
    engine: CtcEngine, folder: Path, tsv: Path, width: Width, cut: int, quality: int, shrink: float
) -> list[Row]:
    """Read all lines of a file of predictions.

    Args:
        cut: height that higher crops were cut to. quality, shrink: of the change before a second
            reading, as in `changed`; quality 0 for none.
    """
    rows = []
    for line in tsv.read_text(encoding="utf-8").split("\n")[1:]:
        if not line:
            continue
        path, truth, kept, score = line.split("\t")
        image = read_image(folder / path)
        lossless = not (folder / path).read_bytes().startswith(b"\xff\xd8")
        again = read_line(engine, changed(image, quality, shrink), width) if quality else None
        untouched = lossless and image.shape[0] < cut
        now = read_line(engine, image, width)
        rows.append(Row(truth, kept, float(score), untouched, now, again))
    return rows


def tell(name: str, rows: Sequence[Row]) -> None:
    """Print how many lines agree, and how many would after one more compression."""
    if not rows:
        return
    right = sum(row.now.text == row.truth for row in rows)
    kept = sum(row.kept == row.truth for row in rows)
    texts = sum(row.now.text == row.kept for row in rows)
    scores = sum(
        row.now.text == row.kept and abs(row.now.score - row.kept_score) <= SAME_SCORE
        for row in rows
    )
    told = (
        f"  {name}: {len(rows):,} lines, exact {_share(right, rows)} (kept {_share(kept, rows)}), "
        f"same text {_share(texts, rows)}, same text and score {_share(scores, rows)}"
    )
    both = [(row, row.again) for row in rows if row.again is not None]
    if both:
        same = sum(again.text == row.now.text for row, again in both)
        right = sum(again.text == row.truth for row, again in both)
        told += f"; changed again: same text {_share(same, rows)}, exact {_share(right, rows)}"
    print(told, flush=True)


def _share(count: int, rows: Sequence[Row]) -> str:
    return f"{count / len(rows):.4f}"


def main() -> int:
    """Print the figures of a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--set", type=Path, required=True, help="folder that the paths start from")
    parser.add_argument("--tsv", type=Path, required=True)
    parser.add_argument("--width", choices=["paddleocr", "ceil"], default="paddleocr")
    parser.add_argument("--cut", type=int, default=10_000)
    parser.add_argument("--again", type=int, default=0, help="JPEG quality of a second reading")
    parser.add_argument("--shrink", type=float, default=1.0, help="size for a second reading")
    options = parser.parse_args()
    opened = open_model(options.model)
    engine = opened.engine
    if not isinstance(engine, CtcEngine):
        raise SystemExit(f"{engine.name} tells no probabilities")
    print(f"{options.model}, {options.tsv}, width as {options.width}")
    rows = read_rows(
        engine,
        options.set,
        options.tsv,
        options.width,
        options.cut,
        options.again,
        options.shrink,
    )
    tell("pixels as they were", [row for row in rows if row.is_untouched])
    tell("cut or compressed since", [row for row in rows if not row.is_untouched])
    tell("all", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
