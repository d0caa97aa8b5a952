"""What a prediction is worth on labelled pages: boxes that fit, and lines that are read exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from unicodedata import normalize

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from textlines.formats.judged_set import JUDGED_BY, JudgedBy
from textlines.pixels.arrays import Image
from textlines.regions.matching import (
    IGNORED_SHARE,
    LEAST_IOU,
    Matching,
    PageCounts,
    match,
    ratios,
    total,
)
from textlines.regions.page_file import PageLabels
from textlines.regions.polygons import Detected, Polygon
from train.detection.judged_pages import cut_out, is_readable, line_reader_of
from train.judging.intervals import Numbers
from train.reading.engine import Engine

Objective = Literal["hmean", "reading"]
"""Harmonic mean of precision and recall (PaddleOCR's DetMetric), or lines read exactly."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of a page.

    Attributes:
        right: of each label that is not ignored, whether a box is paired with it.
        read: of each label with a text that is not ignored, whether its box was read exactly; ()
            where nothing was read.
        likeness: of the same labels, how like their text that was read is, 0..1.
    """

    counts: PageCounts
    right: tuple[bool, ...]
    read: tuple[bool, ...] = ()
    likeness: tuple[float, ...] = ()


def hmean_of(outcomes: Sequence[PageOutcome]) -> float:
    """Return the harmonic mean over pages, 0..1."""
    return ratios(total(outcome.counts for outcome in outcomes)).hmean


def reading_of(outcomes: Sequence[PageOutcome]) -> float:
    """Return the share of labels read exactly, 0..1; 0 without a label."""
    read = [right for outcome in outcomes for right in outcome.read]
    return sum(read) / len(read) if read else 0.0


FEW_LINES = 50
"""Of fewer lines, readings are compared by how like their labels they are: of a hundred settings
tried on twenty lines many read as many of them, and the best of these is the luckiest."""


def scores_of(outcomes: Sequence[PageOutcome]) -> list[float]:
    """Return what readings are compared by, page by page: the sum over a page's readable labels.

    Of few lines it is how like its label each is read, else whether it is read exactly.
    """
    lines = sum(len(outcome.read) for outcome in outcomes)
    if lines < FEW_LINES:
        return [sum(outcome.likeness) for outcome in outcomes]
    return [float(sum(outcome.read)) for outcome in outcomes]


def score_of(outcomes: Sequence[PageOutcome]) -> float:
    """Return what readings are compared by, in the mean of labels, 0..1; 0 without any."""
    lines = sum(len(outcome.read) for outcome in outcomes)
    return sum(scores_of(outcomes)) / lines if lines else 0.0


class BoxCounter:
    """Counts the boxes of a page as `count_page`, again and again: labels are prepared once."""

    def __init__(self, page: PageLabels) -> None:
        import shapely

        self._labels = np.array([shapely.Polygon(region.polygon) for region in page.regions])
        self._ignored = np.array([region.is_ignored for region in page.regions], bool)
        self._areas = shapely.area(self._labels)

    def outcome(self, boxes: Sequence[Detected]) -> PageOutcome:
        """Count boxes, quads or polygons; nothing is read."""
        import shapely

        wanted = int((~self._ignored).sum())
        if not boxes:
            return PageOutcome(PageCounts(labels=wanted), (False,) * wanted)
        shapes = np.array([shapely.Polygon(box.polygon) for box in boxes])
        shapes = shapes[shapely.is_valid(shapes)]
        areas = shapely.area(shapes)
        shared = np.zeros((len(self._labels), len(shapes)))
        if len(self._labels) and len(shapes):
            to, at = shapely.STRtree(self._labels).query(shapes)
            shared[at, to] = shapely.area(shapely.intersection(self._labels[at], shapes[to]))
        on_ignored = (shared[self._ignored] / areas > IGNORED_SHARE).any(axis=0)
        fits = self._overlap(shared, areas, shapes) & ~self._ignored[:, None] & ~on_ignored
        free, right = np.ones(len(shapes), bool), np.zeros(len(self._labels), bool)
        for at in np.flatnonzero(fits.any(axis=1)):
            first = (fits[at] & free).argmax()
            right[at] = fits[at, first] and free[first]
            free[first] &= not right[at]
        counts = PageCounts(wanted, int((~on_ignored).sum()), int(right.sum()))
        return PageOutcome(counts, tuple(right[~self._ignored].tolist()))

    def _overlap(self, shared: Numbers, areas: Numbers, shapes: npt.NDArray[Any]) -> Flags:
        """Return which labels (rows) and boxes overlap by more than half of their union.

        At a half the last bit decides, so there unions are measured, as PaddleOCR measures them.
        """
        import shapely

        near = shared > (LEAST_IOU - 0.01) * (self._areas[:, None] + areas - shared)
        at, to = np.nonzero(near)
        union = shapely.area(shapely.union(self._labels[at], shapes[to]))
        fits = np.zeros(shared.shape, bool)
        fits[at, to] = shared[at, to] / union > LEAST_IOU
        return fits


class BoxReader:
    """Reads boxes of pages; a box that was read is not read again."""

    def __init__(self, engine: Engine, comparison: JudgedBy = "exact") -> None:
        self.comparison = comparison
        self._read, self._key = line_reader_of(engine), JUDGED_BY[comparison]
        self._known: dict[tuple[str, tuple[int, ...]], str] = {}

    def texts(self, page: str, image: Callable[[], Image], boxes: Sequence[Polygon]) -> list[str]:
        """Return what stands in boxes; "" for one that cannot be cut out.

        Args:
            page: by which its boxes are known again, rounded to whole pixels.
            image: opens it, H x W x 3 BGR; asked for only where a box is new.
        """
        keys = [(page, tuple(np.rint(box).astype(int).ravel().tolist())) for box in boxes]
        new = [at for at, key in enumerate(keys) if key not in self._known]
        if new:
            pixels = image()
            cut = [cut_out(pixels, boxes[at], "upright") for at in new]
            texts = iter(self._read([crop for crop in cut if crop is not None]))
            for at, crop in zip(new, cut, strict=True):
                self._known[keys[at]] = "" if crop is None else next(texts)
        return [self._known[key] for key in keys]

    def likeness(self, label: str, text: str) -> float:
        """Return how like a label a reading is, both composed (NFC), 0..1; 1 where it is right.

        1 - edits / characters of the longer one.
        """
        wanted, found = (self._key(normalize("NFC", one)) for one in (label, text))
        return float(Levenshtein.normalized_similarity(wanted, found))


def page_outcome(
    page: PageLabels,
    boxes: Sequence[Detected],
    reader: BoxReader | None = None,
    image: Callable[[], Image] | None = None,
) -> PageOutcome:
    """Judge the boxes of a page by its labels.

    Args:
        reader: None reads nothing. image: opens the page, for the reader.

    Returns:
        A label is read exactly if the box that it is paired with is.
    """
    labels = [region.polygon for region in page.regions]
    ignored = [region.is_ignored for region in page.regions]
    polygons = [box.polygon for box in boxes]
    outcome = BoxCounter(page).outcome(boxes)
    if reader is None or image is None:
        return outcome
    matching = match(labels, ignored, polygons)
    likeness = lines_likeness(page, matching, polygons, reader, image)
    return replace(outcome, read=read_exactly(likeness), likeness=likeness)


def lines_likeness(
    page: PageLabels,
    matching: Matching,
    boxes: Sequence[Polygon],
    reader: BoxReader,
    image: Callable[[], Image],
) -> tuple[float, ...]:
    """Return of each readable label, in their order, how like it its box is read, 0..1.

    0 where it has no box; see `BoxReader.likeness`.

    Args:
        matching: of the page's regions and the boxes. image: opens the page.
    """
    paired = {
        at: about[0]
        for at, (outcome, about) in enumerate(zip(matching.labels, matching.reasons, strict=True))
        if outcome == "right" and is_readable(page.regions[at])
    }
    texts = reader.texts(page.path, image, [boxes[box] for box in paired.values()])
    by_label = dict(zip(paired, texts, strict=True))
    return tuple(
        reader.likeness(region.text, by_label[at]) if at in by_label else 0.0
        for at, region in enumerate(page.regions)
        if is_readable(region)
    )


def read_exactly(likeness: Sequence[float]) -> tuple[bool, ...]:
    """Return of each label whether it is read exactly."""
    return tuple(one == 1 for one in likeness)
