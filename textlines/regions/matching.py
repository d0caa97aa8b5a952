"""How detected regions match labelled ones: PaddleOCR's count, and what became of each region.

`count_page` and `ratios` are PaddleOCR's `DetMetric` (ppocr/metrics/eval_det_iou.py, after Liao et
al., DB, and ICDAR 2015's evaluation), to the order in which pairs are tried. It says how much is
wrong and not what. `match` says that: which box stands for which label, and why a label has none.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from textlines.regions.polygons import Polygon, area, intersection_areas, ious, is_valid

LEAST_IOU = 0.5
"""A pair matches above it, not at it."""

IGNORED_SHARE = 0.5
"""A box of which more than this lies on an ignored label is ignored, not at it."""

HALF = 0.5
"""Of a region, from which on it is mostly in another one."""

LEAST_SHARE = 0.2
"""Of a region, from which on it is touched at all; below it, it has been missed."""

LabelOutcome = Literal["right", "missed", "merged", "split", "cut", "loose", "ignored"]

BoxOutcome = Literal[
    "right", "merged", "split", "cut", "loose", "spare", "on_nothing", "ignored", "invalid"
]

Failure = Literal["missed", "merged", "split", "cut", "loose", "on_nothing"]

FAILURES: tuple[Failure, ...] = ("missed", "merged", "split", "cut", "loose", "on_nothing")
"""Five of labels and the last of boxes."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PageCounts:
    """What `DetMetric` counts on a page; sums of pages add up.

    Attributes:
        labels: that are not ignored. boxes: valid ones that are not ignored.
        matched: pairs of them.
    """

    labels: int = 0
    boxes: int = 0
    matched: int = 0

    def __add__(self, other: "PageCounts") -> "PageCounts":
        return PageCounts(
            self.labels + other.labels, self.boxes + other.boxes, self.matched + other.matched
        )


@dataclass(frozen=True, slots=True)
class Ratios:
    """Precision, recall and their harmonic mean, each 0..1; 0 where there is nothing to divide by.

    So says `DetMetric`: a set without boxes has a precision of 0.
    """

    precision: float
    recall: float
    hmean: float


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of each label and of each box of a page.

    A label that is not ignored has one outcome, the first that holds:

    - right: it and a box are a pair: IoU above 0.5, each in one pair, the best pairs first.
    - merged: a box covers half of it or more, and half or more of another label.
    - split: two boxes or more lie on it, each with half of itself or more; together they cover a
      fifth of it or more.
    - cut: one box lies on it so, and covers a fifth of it or more, and is smaller than the label.
    - loose: a box covers half of it or more, and is at least as large as the label.
    - missed: none of these; there may be a box beside it or on a corner of it.

    Merged and split say how many regions, cut and loose how large: a box may be short at one end
    and too high, and is named by the greater fault.

    A box is invalid (its outline crosses itself), ignored (more than half of it lies on an ignored
    label), right, or the reason of a label's merged, split, cut or loose; else it lies on nothing
    (less than a fifth of it on labels, and it covers half of none), or is spare: on text, beside
    the box that was taken for it or too far off.

    Attributes:
        labels: outcomes in the order of the labels.
        boxes: outcomes in the order of the boxes.
        reasons: for each label the boxes that its outcome is about: of a right one its pair; none
            of a missed or an ignored one.
    """

    labels: tuple[LabelOutcome, ...]
    boxes: tuple[BoxOutcome, ...]
    reasons: tuple[tuple[int, ...], ...]

    def failures(self) -> dict[Failure, int]:
        """Count the six classes of failure: labels, and for `on_nothing` boxes."""
        of_labels, of_boxes = Counter(self.labels), Counter(self.boxes)
        counts: dict[Failure, int] = {
            "missed": of_labels["missed"],
            "merged": of_labels["merged"],
            "split": of_labels["split"],
            "cut": of_labels["cut"],
            "loose": of_labels["loose"],
            "on_nothing": of_boxes["on_nothing"],
        }
        return counts


@dataclass(frozen=True, slots=True)
class _Shares:
    """How labels (rows) and valid boxes (columns) lie on each other, each 0..1.

    Attributes:
        ious: intersection over union. of_label: share of the label that the box covers.
        of_box: share of the box that lies on the label.
    """

    ious: Matrix
    of_label: Matrix
    of_box: Matrix


def count_page(
    labels: Sequence[Polygon], ignored: Sequence[bool], boxes: Sequence[Polygon]
) -> PageCounts:
    """Count a page as PaddleOCR's `DetMetric` does.

    Of labels in their order each takes the first box in theirs whose IoU is above 0.5 and that none
    has taken. Regions that are not valid are passed over.

    Args:
        labels: of the page. ignored: of each label, whether it is don't care.
        boxes: that were detected, in the detector's order.
    """
    kept = [at for at, label in enumerate(labels) if is_valid(label)]
    labels, is_ignored = [labels[at] for at in kept], np.array([ignored[at] for at in kept], bool)
    boxes = [box for box in boxes if is_valid(box)]
    are_ignored = _ignored_boxes(labels, is_ignored, boxes)
    fits = ious(labels, boxes) > LEAST_IOU
    fits &= ~is_ignored[:, None] & ~are_ignored[None, :]
    free = np.ones(len(boxes), bool)
    for row in fits:
        free_fits = np.flatnonzero(row & free)
        if len(free_fits):
            free[free_fits[0]] = False
    return PageCounts(int((~is_ignored).sum()), int((~are_ignored).sum()), int((~free).sum()))


def ratios(counts: PageCounts) -> Ratios:
    """Return the figures of a set from the sum of its pages.

    >>> ratios(PageCounts(labels=4, boxes=2, matched=1))
    Ratios(precision=0.5, recall=0.25, hmean=0.3333333333333333)
    >>> ratios(PageCounts())
    Ratios(precision=0.0, recall=0.0, hmean=0.0)
    """
    recall = counts.matched / counts.labels if counts.labels else 0.0
    precision = counts.matched / counts.boxes if counts.boxes else 0.0
    both = precision + recall
    return Ratios(precision, recall, 2 * precision * recall / both if both else 0.0)


def total(counts: Iterable[PageCounts]) -> PageCounts:
    """Return the sum of pages."""
    return sum(counts, PageCounts())


def match(labels: Sequence[Polygon], ignored: Sequence[bool], boxes: Sequence[Polygon]) -> Matching:
    """Find out what became of each label and of each box; `Matching` says by which rules.

    The order of labels and of boxes changes nothing but the order of the result. Pairs are the
    best ones first, not the first ones as for `count_page`: where labels overlap each other, that
    may pair one more or less.

    Args:
        labels: valid polygons. ignored: of each label, whether it is don't care.
        boxes: that were detected; they may be invalid.
    """
    is_ignored = np.array(ignored, bool).reshape(len(labels))
    valid = [at for at, box in enumerate(boxes) if is_valid(box)]
    sound = [boxes[at] for at in valid]
    shares = _shares(labels, sound)
    are_ignored = _ignored_boxes(labels, is_ignored, sound)
    pairs = _best_pairs(shares.ious, ~is_ignored, ~are_ignored)
    outcomes: list[LabelOutcome] = []
    reasons: list[tuple[int, ...]] = []
    for at in range(len(labels)):
        outcome, about = (
            ("right", (pairs[at],)) if at in pairs else _failure(at, is_ignored, shares)
        )
        outcomes.append(outcome)
        reasons.append(about)
    of_sound = _box_outcomes(outcomes, reasons, set(pairs.values()), are_ignored, shares)
    of_boxes: list[BoxOutcome] = ["invalid"] * len(boxes)
    for at, box_outcome in zip(valid, of_sound, strict=True):
        of_boxes[at] = box_outcome
    in_all = tuple(tuple(valid[at] for at in about) for about in reasons)
    return Matching(tuple(outcomes), tuple(of_boxes), in_all)


def _shares(labels: Sequence[Polygon], boxes: Sequence[Polygon]) -> _Shares:
    shared = intersection_areas(labels, boxes)
    of_labels = np.array([area(label) for label in labels]).reshape(-1, 1)
    of_boxes = np.array([area(box) for box in boxes]).reshape(1, -1)
    return _Shares(ious(labels, boxes), shared / of_labels, shared / of_boxes)


def _ignored_boxes(
    labels: Sequence[Polygon], is_ignored: npt.NDArray[np.bool_], boxes: Sequence[Polygon]
) -> npt.NDArray[np.bool_]:
    dont_care = [label for label, ignored in zip(labels, is_ignored, strict=True) if ignored]
    shared = intersection_areas(dont_care, boxes)
    of_boxes = np.array([area(box) for box in boxes]).reshape(1, -1)
    return np.count_nonzero(shared / of_boxes > IGNORED_SHARE, axis=0) > 0


def _best_pairs(
    overlaps: Matrix, labels: npt.NDArray[np.bool_], boxes: npt.NDArray[np.bool_]
) -> dict[int, int]:
    """Pair labels and boxes, the greatest IoU first."""
    at, to = np.nonzero((overlaps > LEAST_IOU) & labels[:, None] & boxes[None, :])
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for best in np.argsort(-overlaps[at, to], kind="stable"):
        label, box = int(at[best]), int(to[best])
        if label not in pairs and box not in taken:
            pairs[label] = box
            taken.add(box)
    return pairs


def _failure(
    at: int, is_ignored: npt.NDArray[np.bool_], shares: _Shares
) -> tuple[LabelOutcome, tuple[int, ...]]:
    """Return why a label has no pair, and the boxes that say so."""
    if is_ignored[at]:
        return "ignored", ()
    covered, inside = shares.of_label[at], shares.of_box[at]
    covering = np.flatnonzero(covered >= HALF)
    over_several = covering[(shares.of_label[:, covering] >= HALF).sum(axis=0) > 1]
    if len(over_several):
        return "merged", (_greatest(covered, over_several),)
    lying = np.flatnonzero(inside >= HALF)
    is_touched = bool(covered[lying].sum() >= LEAST_SHARE)
    if len(lying) > 1 and is_touched:
        return "split", tuple(int(box) for box in lying)
    # As the two shares are of one area, the smaller region has the greater share.
    smaller = lying[inside[lying] > covered[lying]]
    if len(smaller) and is_touched:
        return "cut", (_greatest(covered, smaller),)
    larger = covering[covered[covering] >= inside[covering]]
    if len(larger):
        return "loose", (_greatest(inside, larger),)
    return "missed", ()


def _greatest(shares: Matrix, among: npt.NDArray[np.intp]) -> int:
    return int(among[shares[among].argmax()])


def _box_outcomes(
    outcomes: Sequence[LabelOutcome],
    reasons: Sequence[tuple[int, ...]],
    paired: set[int],
    are_ignored: npt.NDArray[np.bool_],
    shares: _Shares,
) -> list[BoxOutcome]:
    """Return what became of each valid box."""
    blamed: dict[int, BoxOutcome] = {}
    for outcome in ("loose", "cut", "split", "merged"):  # the last one that holds is told
        for of_label, about in zip(outcomes, reasons, strict=True):
            if of_label == outcome:
                blamed.update(dict.fromkeys(about, _AS_BOX[outcome]))
    on_labels = shares.of_box.sum(axis=0)
    covers_one = np.count_nonzero(shares.of_label >= HALF, axis=0) > 0
    found: list[BoxOutcome] = []
    for at, is_ignored in enumerate(are_ignored):
        if is_ignored:
            found.append("ignored")
        elif at in paired:
            found.append("right")
        elif at in blamed:
            found.append(blamed[at])
        else:
            touches = on_labels[at] >= LEAST_SHARE or covers_one[at]
            found.append("spare" if touches else "on_nothing")
    return found


_AS_BOX: dict[str, BoxOutcome] = {
    "loose": "loose",
    "cut": "cut",
    "split": "split",
    "merged": "merged",
}
