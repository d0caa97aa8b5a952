"""Whether our count of a detector's boxes is PaddleOCR's: the same boxes by both, page by page.

    python benchmarks/det_metric.py --paddleocr TREE --data DATA [--model NAME] [--boxes NAME=FILE]

TREE is a checkout of PaddleOCR, whose `ppocr/metrics/det_metric.py` is run as it stands on the rows
as `DetLabelEncode` reads them. DATA holds `sroie/dev`, `lcd/dev` and `icdar15/dev`, each with a
`Label.txt`. Boxes are true ones that were disturbed, by three strengths; those of detectors, as
they are deployed; and others from files, one row a page of any set:
`path<TAB>[{"points": [[x, y], …]}, …]`, where the path is that of `Label.txt` behind the set's
name. Ends with 1 if a figure differs in its fourth digit, or a count of a page at all.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from textlines.labels.tally import Tally
from textlines.pixels.decode import read_image
from textlines.regions import Polygon
from textlines.regions.matching import PageCounts, Ratios, count_page, ratios, total
from textlines.regions.page_file import PageLabels, read_pages
from textlines.regions.polygons import ordered_quad
from train.detection.judged_pages import PageReader

SETS = ("sroie/dev", "lcd/dev", "icdar15/dev")

STRENGTHS = (0.05, 0.15, 0.4)

DIGITS = 4

Boxes = Sequence[Polygon]

Theirs = Callable[[Sequence[tuple[Any, Any, Boxes]]], tuple[Ratios, list[PageCounts]]]


@dataclass(frozen=True, slots=True)
class Row:
    """A set of pages with boxes from one source, counted by both."""

    pages: str
    boxes: str
    ours: Ratios
    theirs: Ratios
    differing: int

    @property
    def is_alike(self) -> bool:
        """Whether all figures agree to four digits and all pages in their counts."""
        pairs = zip(_figures(self.ours), _figures(self.theirs), strict=True)
        return not self.differing and all(
            round(one, DIGITS) == round(other, DIGITS) for one, other in pairs
        )

    def told(self) -> str:
        """Write the row of the table."""
        both = [
            "/".join(f"{figure:.4f}" for figure in _figures(one))
            for one in (self.ours, self.theirs)
        ]
        return f"| {self.pages} | {self.boxes} | {' | '.join(both)} | {self.differing} |"


def _figures(one: Ratios) -> tuple[float, float, float]:
    return one.precision, one.recall, one.hmean


def metric_of(tree: Path) -> Theirs:
    """Return PaddleOCR's metric as a function of pages: corners, tags and boxes of each."""
    package = ModuleType("paddleocr_metrics")  # its own __init__ imports every metric there is
    package.__path__ = [str(tree / "ppocr" / "metrics")]
    sys.modules[package.__name__] = package
    metric = import_module(".det_metric", package.__name__).DetMetric

    def counted(pages: Sequence[tuple[Any, Any, Boxes]]) -> tuple[Ratios, list[PageCounts]]:
        found = metric()
        for corners, tags, boxes in pages:
            found([{"points": boxes}], [None, None, [corners], [tags]])
        counts = [
            PageCounts(one["gtCare"], one["detCare"], one["detMatched"]) for one in found.results
        ]
        told = found.get_metric()
        return Ratios(told["precision"], told["recall"], told["hmean"]), counts

    return counted


def encoded(row: str) -> tuple[Any, Any]:
    """Read the labels of a row as PaddleOCR's `DetLabelEncode` does: corners and tags.

    In float32; the last corner of what has fewer than another is repeated.
    """
    marks = json.loads(row)
    most = max((len(mark["points"]) for mark in marks), default=0)
    corners = [
        mark["points"] + [mark["points"][-1]] * (most - len(mark["points"])) for mark in marks
    ]
    return (
        np.array(corners, np.float32),
        np.array([mark["transcription"] in ("*", "###") for mark in marks], bool),
    )


def disturbed(page: PageLabels, strength: float, rng: np.random.Generator) -> list[Polygon]:
    """Return boxes as a detector that errs might find them, in whole pixels.

    Of each label the box may be left out, cut in two, joined with the next one's, found twice, or
    have two corners exchanged; all are moved at every corner; others lie anywhere.

    Args:
        strength: the share of boxes that each of this happens to, and of the height of a line that
            corners move by (one sigma).
    """
    polygons = [ordered_quad(one.polygon[:4]) for one in page.regions if len(one.polygon) >= 4]
    found: list[Polygon] = []
    for at, quad in enumerate(polygons):
        kind = rng.random(6) < strength
        if kind[0]:
            continue
        pieces = [quad]
        if kind[1]:
            cut = rng.uniform(0.2, 0.8)
            top, bottom = quad[0] + (quad[1] - quad[0]) * cut, quad[3] + (quad[2] - quad[3]) * cut
            pieces = [
                np.stack([quad[0], top, bottom, quad[3]]),
                np.stack([top, quad[1], quad[2], bottom]),
            ]
        elif kind[2] and at + 1 < len(polygons):
            after = polygons[at + 1]
            pieces = [np.stack([quad[0], after[1], after[2], quad[3]])]
        elif kind[3]:
            pieces = [quad, quad]
        for piece in pieces:
            height = float(np.hypot(*(piece[3] - piece[0])))
            moved = piece + rng.normal(0, strength * height, (4, 2))
            found.append(np.rint(moved[[0, 2, 1, 3]] if kind[4] else moved))
        if kind[5]:
            found.append(np.rint(quad + rng.uniform(-300, 300, (1, 2))))
    order = rng.permutation(len(found))
    return [found[place] for place in order]


def boxes_in(file: Path) -> Mapping[str, Boxes]:
    """Read the boxes of a detector by path."""
    rows = (row.partition("\t") for row in file.read_text(encoding="utf-8").splitlines())
    return {
        path: [np.array(mark["points"], np.float64) for mark in json.loads(marks)]
        for path, _, marks in rows
    }


def compared(
    folder: Path, name: str, sources: Mapping[str, Callable[[PageLabels], Boxes]], theirs: Theirs
) -> list[Row]:
    """Count the boxes of each source on the pages of a set by both."""
    tally = Tally()
    pages = list(read_pages(folder / "Label.txt", tally=tally))
    for line in tally.lines():
        print(f"{folder}: {line}", file=sys.stderr)
    raw = dict(
        row.split("\t", 1)
        for row in (folder / "Label.txt").read_text(encoding="utf-8").splitlines()
    )
    rows = []
    for source, boxes_of in sources.items():
        boxes = [boxes_of(page) for page in pages]
        ours = [
            count_page(
                [one.polygon for one in page.regions],
                [one.is_ignored for one in page.regions],
                found,
            )
            for page, found in zip(pages, boxes, strict=True)
        ]
        reference, by_page = theirs(
            [(*encoded(raw[page.path]), found) for page, found in zip(pages, boxes, strict=True)]
        )
        differing = sum(one != other for one, other in zip(ours, by_page, strict=True))
        rows.append(Row(name, source, ratios(total(ours)), reference, differing))
        print(rows[-1].told(), flush=True)
    return rows


def main() -> int:
    """Compare over all sets and sources."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--paddleocr", type=Path, required=True, help="a checkout of PaddleOCR")
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--model", action="append", default=[], help="a detector")
    parser.add_argument("--boxes", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    theirs = metric_of(options.paddleocr)
    detectors = {model: _opened(model) for model in options.model}
    files = dict(one.split("=", 1) for one in options.boxes)
    found = {name: boxes_in(Path(file)) for name, file in files.items()}
    print("| pages | boxes | ours P/R/H | PaddleOCR P/R/H | pages that differ |")
    print("|---|---|---|---|---|", flush=True)
    rows: list[Row] = []
    for at, name in enumerate(SETS):
        sources: dict[str, Callable[[PageLabels], Boxes]] = {
            "true": lambda page: [one.polygon for one in page.regions]
        }
        for strength in STRENGTHS:
            rng = np.random.default_rng([options.seed, at])
            sources[f"disturbed by {strength:g}"] = _disturber(strength, rng)
        for model, detector in detectors.items():
            sources[model] = _detecting(detector)
        for source, by_path in found.items():
            sources[source] = _looked_up(by_path, name)
        rows += compared(options.data / name, name, sources, theirs)
    alike = sum(row.is_alike for row in rows)
    print(f"{alike} of {len(rows)} alike to {DIGITS} digits and in every page's counts")
    return int(alike < len(rows))


def _disturber(strength: float, rng: np.random.Generator) -> Callable[[PageLabels], Boxes]:
    return lambda page: disturbed(page, strength, rng)


def _opened(model: str) -> PageReader:
    from train.detection.detector import open_detector

    detector: PageReader = open_detector(model)
    return detector


def _detecting(detector: PageReader) -> Callable[[PageLabels], Boxes]:
    return lambda page: [one.polygon for one in detector.boxes(read_image(page.image))]


def _looked_up(by_path: Mapping[str, Boxes], name: str) -> Callable[[PageLabels], Boxes]:
    return lambda page: by_path[f"{name}/{page.path}"]


if __name__ == "__main__":
    sys.exit(main())
