"""Whether labels follow another convention than the detector: words where it finds lines.

A detector that finds lines has no box for a word in the middle of one, however well it works: on a
set of labelled words most failures may be that (183 of 290 on ICDAR 2015 by PP-OCRv4). No setting
mends it. So it is told before everything else, with what the figures were if it were set aside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

import numpy as np
import numpy.typing as npt

from textlines.regions import Polygon
from textlines.regions.matching import (
    HALF,
    Failure,
    PageCounts,
    Ratios,
    count_page,
    ratios,
    total,
)
from textlines.regions.polygons import area, intersection_areas, smallest_rectangle
from train.detection.judged_pages import JudgedPage

ConventionKind = Literal["words", "lines"]
"""What labels are, where the detector finds the other."""

MOST_GAP = 1.5
"""Between neighbours of one line, in heights of the lower one. A space between words is a third of
one; columns of a table stand further apart."""

MOST_SLIP = 0.5
"""By which neighbours of one line may be out of line, in heights of the lower one."""

FEWEST, OF_FAILURES, OF_LABELS = 5, 0.25, 0.1
"""Labels that a convention must explain before it is one, as a count, as a share of the labels that
failed, and of all labels: a few merged columns are slips."""


@dataclass(frozen=True, slots=True)
class Group:
    """Regions side by side on one line, that one region of the other side holds.

    Attributes:
        whole: number of the box that holds labels, or of the label that holds boxes.
        parts: numbers of the labels or of the boxes, along the line.
        gaps: between neighbours, in heights of the lower one; below 0 where they overlap.
    """

    whole: int
    parts: tuple[int, ...]
    gaps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Convention:
    """Labels and boxes that differ by what is one line.

    Attributes:
        kind: what the labels are.
        groups: boxes that hold several words, or labels that hold several boxes.
        failed: labels that have no box for this reason. failures: labels that have none at all.
        labels: that are not ignored.
        gap: median between neighbours, in heights.
        before: figures as they are. joined: with the parts of each group joined into one.
    """

    kind: ConventionKind
    groups: int
    failed: int
    failures: int
    labels: int
    gap: float
    before: Ratios
    joined: Ratios

    @property
    def is_one(self) -> bool:
        """Whether so much fails by it that it is to be told first."""
        return (
            self.failed >= FEWEST
            and self.failed >= OF_FAILURES * self.failures
            and self.failed >= OF_LABELS * self.labels
        )


def conventions_of(judged: Sequence[JudgedPage]) -> tuple[Convention, ...]:
    """Return what words and lines come to, in this order, whether they make a convention or not."""
    counts = total(page.counts for page in judged)
    failed = sum(_failed(page.matching.failures()) for page in judged)
    found: list[Convention] = []
    for kind, groups_of in (("words", merged_groups), ("lines", split_groups)):
        groups = [groups_of(page) for page in judged]
        gaps = [gap for of_page in groups for group in of_page for gap in group.gaps]
        found.append(
            Convention(
                kind="words" if kind == "words" else "lines",
                groups=sum(map(len, groups)),
                failed=sum(
                    _explained(page, of_page, kind == "words")
                    for page, of_page in zip(judged, groups, strict=True)
                ),
                failures=failed,
                labels=counts.labels,
                gap=median(gaps) if gaps else 0.0,
                before=ratios(counts),
                joined=ratios(
                    total(
                        _joined(page, of_page, kind == "words")
                        for page, of_page in zip(judged, groups, strict=True)
                    )
                ),
            )
        )
    return tuple(found)


def _failed(failures: Mapping[Failure, int]) -> int:
    return sum(count for name, count in failures.items() if name != "on_nothing")


def _explained(page: JudgedPage, groups: Sequence[Group], are_labels: bool) -> int:
    """Count the labels without a pair that groups explain."""
    if not are_labels:
        return len(groups)
    return sum(page.matching.labels[at] == "merged" for group in groups for at in group.parts)


def merged_groups(page: JudgedPage) -> tuple[Group, ...]:
    """Return the boxes that hold several labels side by side on one line.

    Labels that are ignored count among them: they are words of it, too.
    """
    labels = [region.polygon for region in page.labels.regions]
    merging = sorted(
        {
            about[0]
            for outcome, about in zip(page.matching.labels, page.matching.reasons, strict=True)
            if outcome == "merged"
        }
    )
    boxes = [page.detected[at].polygon for at in merging]
    shared = intersection_areas(labels, boxes)
    held = shared >= HALF * np.array([area(label) for label in labels]).reshape(-1, 1)
    found = (
        _group(box, np.flatnonzero(held[:, at]).tolist(), labels, boxes[at])
        for at, box in enumerate(merging)
    )
    return tuple(group for group in found if group is not None)


def split_groups(page: JudgedPage) -> tuple[Group, ...]:
    """Return the labels that hold several boxes side by side on one line."""
    boxes = [one.polygon for one in page.detected]
    found = (
        _group(at, about, boxes, page.labels.regions[at].polygon)
        for at, (outcome, about) in enumerate(
            zip(page.matching.labels, page.matching.reasons, strict=True)
        )
        if outcome == "split"
    )
    return tuple(group for group in found if group is not None)


def _group(
    whole: int, parts: Sequence[int], polygons: Sequence[Polygon], around: Polygon
) -> Group | None:
    """Return parts as a group; None where they are no neighbours on one line.

    Args:
        around: the region that holds them.
    """
    along = _direction([*(polygons[at] for at in parts), around])
    if along is None:
        return None
    down = np.array([-along[1], along[0]])
    order = sorted(parts, key=lambda at: float(polygons[at].mean(axis=0) @ along))
    gaps: list[float] = []
    for left, right in pairwise(polygons[at] for at in order):
        lower = min(float(np.ptp(left @ down)), float(np.ptp(right @ down)))
        slip = abs(float((right.mean(axis=0) - left.mean(axis=0)) @ down))
        gap = float((right @ along).min() - (left @ along).max())
        if lower <= 0 or slip > MOST_SLIP * lower or gap > MOST_GAP * lower:
            return None
        gaps.append(gap / lower)
    return Group(whole, tuple(order), tuple(gaps))


def _direction(polygons: Sequence[Polygon]) -> npt.NDArray[np.float64] | None:
    """Return where the long sides of regions run, of length 1; None where they run nowhere.

    The two sides of a rectangle as complex numbers, squared, add up to one whose angle is twice
    that of the long side: directions can be summed so, and a square says nothing.
    """
    total_squared = 0j
    for polygon in polygons:
        corners = smallest_rectangle(polygon)[0]
        for side in (corners[1] - corners[0], corners[2] - corners[1]):
            total_squared += complex(side[0], side[1]) ** 2
    if abs(total_squared) < 1e-9:
        return None
    along = total_squared**0.5
    return np.array([along.real, along.imag]) / abs(along)


def _joined(page: JudgedPage, groups: Sequence[Group], are_labels: bool) -> PageCounts:
    """Count a page with the parts of each group joined into their smallest rectangle.

    Labels that are ignored are joined with those beside them; a group of nothing else stays so.
    """
    regions = page.labels.regions
    labels = [region.polygon for region in regions]
    ignored = [region.is_ignored for region in regions]
    boxes = [one.polygon for one in page.detected]
    gone = {at for group in groups for at in group.parts}
    if are_labels:
        whole = [_around(labels, group.parts) for group in groups]
        are_ignored = [all(ignored[at] for at in group.parts) for group in groups]
        kept = [at for at in range(len(labels)) if at not in gone]
        return count_page(
            [*(labels[at] for at in kept), *whole],
            [*(ignored[at] for at in kept), *are_ignored],
            boxes,
        )
    kept_boxes = [box for at, box in enumerate(boxes) if at not in gone]
    return count_page(
        labels, ignored, [*kept_boxes, *(_around(boxes, group.parts) for group in groups)]
    )


def _around(polygons: Sequence[Polygon], parts: Iterable[int]) -> Polygon:
    return smallest_rectangle(np.concatenate([polygons[at] for at in parts]))[0]
