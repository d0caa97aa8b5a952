"""How well a detector finds the text lines of labelled pages, and how well they are read then.

Precision, recall and hmean are PaddleOCR's (`textlines.regions.matching`). They hide what a page is
for: a box that is cut short passes at an IoU of 0.6, and its last letter is lost. So a recognizer
reads the lines from the detector's boxes and from the labelled ones: between the two is what the
detector costs. Intervals are by page, as the lines of a page fail together.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, get_args
from unicodedata import normalize

import numpy as np

from textlines.labels.tally import Tally
from textlines.regions.matching import (
    FAILURES,
    BoxOutcome,
    Failure,
    LabelOutcome,
    ratios,
    total,
)
from textlines.wilson import wilson
from train.detection.judged_pages import JudgedPage, LineTexts
from train.judging.comparisons import COMPARISONS, ComparisonName
from train.judging.evaluation import Figure, StrictValue
from train.judging.intervals import Groups, Numbers, change_interval, share_interval


class ReadingFigures(StrictValue):
    """Readable lines (not ignored, with a text) under one comparison.

    Attributes:
        from_boxes: share of them read right from the detector's box; a line without one is wrong.
        from_labels: share of them read right from the labelled corners: what a detector without a
            fault would leave.
        lost: from_boxes minus from_labels, paired by line.
        lines: how many they are.
    """

    lines: int
    from_boxes: Figure
    from_labels: Figure
    lost: Figure


class Negatives(StrictValue):
    """Pages without text.

    Attributes:
        pages: how many there are. boxes: that were found on them, all false.
        with_boxes: share of the pages that have any, with Wilson's interval; None without a page.
    """

    pages: int
    boxes: int
    with_boxes: Figure | None


class PageFigures(StrictValue):
    """A page in the table by page.

    Attributes:
        labels, boxes, matched: as PaddleOCR's metric counts them.
        failures: the six classes. read: lines read exactly from boxes, from labels and in all;
            None without a recognizer.
    """

    path: str
    height_px: int
    width_px: int
    is_negative: bool
    labels: int
    boxes: int
    matched: int
    failures: Mapping[Failure, int]
    read: tuple[int, int, int] | None


class DetEvaluation(StrictValue):
    """What `train det evaluate` tells.

    Attributes:
        detector: its name. settings: that it predicted with.
        recognizer: what read the lines; "" without one.
        labels, boxes, matched: that are not ignored, as PaddleOCR's metric counts them.
        precision, recall, hmean: of these, with intervals by page.
        failures: the six classes of failure.
        label_outcomes, box_outcomes: of all labels and of all boxes: each has one.
        readings: by comparison (all, case_folded, no_spaces, no_punctuation); None without a
            recognizer.
        by_page: every page, in the order of the file.
        counts: what was left out or is odd, by reason.
    """

    version: Literal[1] = 1
    detector: str
    settings: Mapping[str, Any]
    recognizer: str = ""
    pages: int
    labels: int
    boxes: int
    matched: int
    precision: Figure
    recall: Figure
    hmean: Figure
    failures: Mapping[Failure, int]
    label_outcomes: Mapping[LabelOutcome, int]
    box_outcomes: Mapping[BoxOutcome, int]
    negatives: Negatives
    readings: Mapping[ComparisonName, ReadingFigures] | None = None
    by_page: tuple[PageFigures, ...] = ()
    counts: Mapping[str, int] = {}
    inputs: Mapping[str, str] = {}
    versions: Mapping[str, str] = {}


def evaluate_pages(
    judged: Sequence[JudgedPage],
    *,
    detector: str,
    settings: Mapping[str, Any],
    recognizer: str = "",
    tally: Tally | None = None,
    inputs: Mapping[str, str] | None = None,
    versions: Mapping[str, str] | None = None,
    seed: int = 1,
) -> DetEvaluation:
    """Measure pages that a detector has seen.

    Args:
        judged: with texts where `recognizer` is named.
        tally: what was counted on the way. inputs: sha256 by name. seed: of the bootstrap.

    Raises:
        ValueError: there is no page.
    """
    if not judged:
        raise ValueError("no page to measure a detector on")
    counts = total(page.counts for page in judged)
    figures = ratios(counts)
    by_page = [page.counts for page in judged]
    of_labels = Counter(one for page in judged for one in page.matching.labels)
    of_boxes = Counter(one for page in judged for one in page.matching.boxes)
    return DetEvaluation(
        detector=detector,
        settings=settings,
        recognizer=recognizer,
        pages=len(judged),
        labels=counts.labels,
        boxes=counts.boxes,
        matched=counts.matched,
        precision=_share_of(figures.precision, [(c.matched, c.boxes) for c in by_page], seed),
        recall=_share_of(figures.recall, [(c.matched, c.labels) for c in by_page], seed),
        # Of labels and boxes together, the share that is in a pair.
        hmean=_share_of(
            figures.hmean, [(2 * c.matched, c.boxes + c.labels) for c in by_page], seed
        ),
        failures=failures_of(judged),
        label_outcomes={name: of_labels[name] for name in get_args(LabelOutcome)},
        box_outcomes={name: of_boxes[name] for name in get_args(BoxOutcome)},
        negatives=_negatives(judged),
        readings=_readings(judged, seed) if recognizer else None,
        by_page=tuple(map(_of_page, judged)),
        counts=tally.as_dict() if tally else {},
        inputs=inputs or {},
        versions=versions or {},
    )


def failures_of(judged: Iterable[JudgedPage]) -> dict[Failure, int]:
    """Sum the six classes of failure over pages."""
    by_page = [page.matching.failures() for page in judged]
    return {name: sum(failures[name] for failures in by_page) for name in FAILURES}


def _of_page(page: JudgedPage) -> PageFigures:
    return PageFigures(
        path=page.labels.path,
        height_px=page.height_px,
        width_px=page.width_px,
        is_negative=page.labels.is_negative,
        labels=page.counts.labels,
        boxes=page.counts.boxes,
        matched=page.counts.matched,
        failures=page.matching.failures(),
        read=_read_of(page) if page.texts else None,
    )


def _read_of(page: JudgedPage) -> tuple[int, int, int]:
    boxes, labels = _right(page.texts, COMPARISONS["all"])
    return int(boxes.sum()), int(labels.sum()), len(page.texts)


def _share_of(value: float, parts: Sequence[tuple[int, int]], seed: int) -> Figure:
    """Bound a share of what pages hold.

    Args:
        parts: of each page, how many of how many.
    """
    values = np.concatenate(
        [np.repeat([1.0, 0.0], [right, of - right]) for right, of in parts] or [np.zeros(0)]
    )
    groups = np.repeat(np.arange(len(parts)), [of for _, of in parts])
    return Figure.of(value, share_interval(values, groups, seed=seed))


def _negatives(judged: Sequence[JudgedPage]) -> Negatives:
    pages = [page for page in judged if page.labels.is_negative]
    boxes = [len(page.detected) for page in pages]
    if not pages:
        return Negatives(pages=0, boxes=0, with_boxes=None)
    with_any = sum(count > 0 for count in boxes)
    share = Figure.of(with_any / len(pages), wilson(with_any, len(pages)))
    return Negatives(pages=len(pages), boxes=sum(boxes), with_boxes=share)


def _readings(judged: Sequence[JudgedPage], seed: int) -> dict[ComparisonName, ReadingFigures]:
    texts = [text for page in judged for text in page.texts]
    groups = np.repeat(np.arange(len(judged)), [len(page.texts) for page in judged])
    return {
        name: _reading(*_right(texts, change), groups, seed) for name, change in COMPARISONS.items()
    }


def _right(texts: Sequence[LineTexts], change: Callable[[str], str]) -> tuple[Numbers, Numbers]:
    """Return for each line whether it is read right from its box, and from its label."""

    def is_right(text: LineTexts, read: str | None) -> bool:
        if read is None:
            return False
        return change(normalize("NFC", text.label)) == change(normalize("NFC", read))

    return (
        np.array([is_right(text, text.from_box) for text in texts], np.float64),
        np.array([is_right(text, text.from_label) for text in texts], np.float64),
    )


def _reading(boxes: Numbers, labels: Numbers, groups: Groups, seed: int) -> ReadingFigures:
    if not len(boxes):
        nothing = Figure(value=0.0)
        return ReadingFigures(lines=0, from_boxes=nothing, from_labels=nothing, lost=nothing)
    apart = boxes - labels
    return ReadingFigures(
        lines=len(boxes),
        from_boxes=Figure.of(boxes.mean(), share_interval(boxes, groups, seed=seed)),
        from_labels=Figure.of(labels.mean(), share_interval(labels, groups, seed=seed)),
        lost=Figure.of(apart.mean(), change_interval(apart, groups, seed=seed)),
    )
