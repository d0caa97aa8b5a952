"""What a prediction is worth on labelled pages: boxes that fit, and lines that are read exactly.

A change between two predictions on the same pages is bounded by the paired bootstrap by page: lines
of a page fail together. Pages without any difference draw the same for ever, so a change of none
has no width; the share of lines read exactly follows `train.judging.intervals`, which bounds it by
a score interval too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from textlines.formats.judged_set import JUDGED_BY, JudgedBy
from textlines.pixels.arrays import Image
from textlines.regions.matching import (
    IGNORED_SHARE,
    LEAST_IOU,
    Matching,
    PageCounts,
    count_page,
    match,
    ratios,
    total,
)
from textlines.regions.page_file import PageLabels
from textlines.regions.polygons import Detected, Polygon
from textlines.wilson import Interval
from train.detection.judged_pages import cut_out, is_readable, line_reader_of
from train.judging.intervals import SEED, Numbers, change_interval
from train.reading.engine import Engine

Objective = Literal["hmean", "reading"]
"""Harmonic mean of precision and recall (PaddleOCR's DetMetric), or lines read exactly."""

DRAWS = 10_000

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of a page.

    Attributes:
        read: of each label with a text that is not ignored, whether its box was read exactly; ()
            where nothing was read.
    """

    counts: PageCounts
    read: tuple[bool, ...] = ()


def hmean_of(outcomes: Sequence[PageOutcome]) -> float:
    """Return the harmonic mean over pages, 0..1."""
    return ratios(total(outcome.counts for outcome in outcomes)).hmean


def reading_of(outcomes: Sequence[PageOutcome]) -> float:
    """Return the share of labels read exactly, 0..1; 0 without a label."""
    read = [right for outcome in outcomes for right in outcome.read]
    return sum(read) / len(read) if read else 0.0


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure before and after, 0..1.

    Attributes:
        interval: of after - before, 95 %; None for a single page, which says nothing of others.
    """

    before: float
    after: float
    interval: Interval | None

    @property
    def value(self) -> float:
        """After - before."""
        return self.after - self.before


def hmean_change(before: Sequence[PageOutcome], after: Sequence[PageOutcome]) -> FigureChange:
    """Compare two predictions on the same pages, in the same order.

    Raises:
        ValueError: there is no page, or the pages are not the same number.
    """
    if not before or len(before) != len(after):
        raise ValueError(f"need the same pages twice, got {len(before)} and {len(after)}")
    value = hmean_of(before), hmean_of(after)
    if len(before) == 1:
        return FigureChange(*value, None)
    random = np.random.Generator(np.random.PCG64(SEED))
    pages = len(before)
    drawn = random.multinomial(pages, np.full(pages, 1 / pages), size=DRAWS).astype(np.float64)
    change = hmeans_of(drawn @ outcome_counts(after)) - hmeans_of(drawn @ outcome_counts(before))
    low, high = np.percentile(change, [2.5, 97.5])
    middle = value[1] - value[0]
    return FigureChange(*value, (min(float(low), middle), max(float(high), middle)))


def outcome_counts(outcomes: Sequence[PageOutcome]) -> npt.NDArray[np.float64]:
    """Return labels, boxes and matched of each page (pages x 3)."""
    rows = [
        (outcome.counts.labels, outcome.counts.boxes, outcome.counts.matched)
        for outcome in outcomes
    ]
    return np.array(rows, np.float64)


def hmeans_of(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return 2 x matched / (labels + boxes), which is the harmonic mean of both shares.

    Args:
        sums: of labels, boxes and matched, a row for each draw of pages.
    """
    both = sums[:, 0] + sums[:, 1]
    return np.divide(2 * sums[:, 2], both, out=np.zeros(len(sums)), where=both > 0)


def reading_change(before: Sequence[PageOutcome], after: Sequence[PageOutcome]) -> FigureChange:
    """Compare what two predictions let be read of the same labels, by page.

    Raises:
        ValueError: the labels are not the same number.
    """
    first = np.array([right for outcome in before for right in outcome.read], np.float64)
    second = np.array([right for outcome in after for right in outcome.read], np.float64)
    if len(first) != len(second):
        raise ValueError(f"need the same labels twice, got {len(first)} and {len(second)}")
    pages = [page for page, outcome in enumerate(before) for _ in outcome.read]
    interval = change_interval(second - first, np.array(pages, np.intp)) if pages else None
    return FigureChange(reading_of(before), reading_of(after), interval)


class BoxCounter:
    """Counts the boxes of a page as `count_page`, again and again: labels are prepared once."""

    def __init__(self, page: PageLabels) -> None:
        import shapely

        self._labels = np.array([shapely.Polygon(region.polygon) for region in page.regions])
        self._ignored = np.array([region.is_ignored for region in page.regions], bool)
        self._areas = shapely.area(self._labels)

    def counts(self, boxes: Sequence[Detected]) -> PageCounts:
        """Count boxes, which are quads."""
        import shapely

        wanted = int((~self._ignored).sum())
        if not boxes:
            return PageCounts(labels=wanted)
        quads = shapely.polygons(np.stack([box.polygon for box in boxes]))
        quads = quads[shapely.is_valid(quads)]
        areas = shapely.area(quads)
        shared = np.zeros((len(self._labels), len(quads)))
        if len(self._labels) and len(quads):
            to, at = shapely.STRtree(self._labels).query(quads)
            shared[at, to] = shapely.area(shapely.intersection(self._labels[at], quads[to]))
        on_ignored = (shared[self._ignored] / areas > IGNORED_SHARE).any(axis=0)
        fits = self._overlap(shared, areas, quads) & ~self._ignored[:, None] & ~on_ignored
        free = np.ones(len(quads), bool)
        for row in fits[fits.any(axis=1)]:
            first = (row & free).argmax()
            free[first] &= not row[first]
        return PageCounts(wanted, int((~on_ignored).sum()), int((~free).sum()))

    def _overlap(self, shared: Numbers, areas: Numbers, quads: npt.NDArray[Any]) -> Flags:
        """Return which labels (rows) and boxes overlap by more than half of their union.

        At a half the last bit decides, so there unions are measured, as PaddleOCR measures them.
        """
        import shapely

        near = shared > (LEAST_IOU - 0.01) * (self._areas[:, None] + areas - shared)
        at, to = np.nonzero(near)
        union = shapely.area(shapely.union(self._labels[at], quads[to]))
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

    def is_right(self, label: str, text: str) -> bool:
        """Whether a reading is that of the label, both composed (NFC)."""
        return self._key(normalize("NFC", label)) == self._key(normalize("NFC", text))


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
    counts = count_page(labels, ignored, polygons)
    if reader is None or image is None:
        return PageOutcome(counts)
    matching = match(labels, ignored, polygons)
    return PageOutcome(counts, lines_read(page, matching, polygons, reader, image))


def lines_read(
    page: PageLabels,
    matching: Matching,
    boxes: Sequence[Polygon],
    reader: BoxReader,
    image: Callable[[], Image],
) -> tuple[bool, ...]:
    """Return of each readable label, in their order, whether its box is read exactly.

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
        at in by_label and reader.is_right(region.text, by_label[at])
        for at, region in enumerate(page.regions)
        if is_readable(region)
    )
