"""The same pages before two detectors, and how far what changed can be trusted.

What fails together is a page, so pages are drawn, each with both of its results (paired bootstrap),
and each set by itself. Pages on which nothing changed draw the same for ever: so no interval is
narrower than Tango's for the labels that flipped, of as many labels as these pages are worth
(`train.judging.intervals.change_interval`). Where pages hold no label there is none to bound.

Classes of failure are counts, and pages their units: of those on which a class changed, as many
would rise as fall if both detectors were alike (the sign test, which is McNemar's of pages).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from textlines.regions.matching import FAILURES, Failure
from textlines.wilson import Interval
from train.detection.judged_pages import JudgedPage
from train.detection.page_outcomes import (
    DRAWS,
    PageOutcome,
    hmean_of,
    hmeans_of,
    outcome_counts,
    reading_of,
)
from train.judging.intervals import FEWEST_GROUPS, SEED, Numbers, change_interval, hull
from train.judging.significance import POWER, Z_LEVEL, mcnemar

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class PageResult:
    """What one detector made of a page.

    Attributes:
        outcome: what PaddleOCR's metric counts, and what is read from the boxes.
        right: of each label that is not ignored, whether a box is paired with it.
        failures: the six classes. boxes: all that were found, ignored ones too.
    """

    outcome: PageOutcome
    right: tuple[bool, ...]
    failures: Mapping[Failure, int]
    boxes: int

    @classmethod
    def of(cls, page: JudgedPage, read: tuple[bool, ...] = ()) -> "PageResult":
        """Return the result of a judged page.

        Args:
            read: of each readable label, whether it is read exactly from its box.
        """
        outcomes = page.matching.labels
        return cls(
            PageOutcome(page.counts, read),
            tuple(one == "right" for one in outcomes if one != "ignored"),
            page.matching.failures(),
            len(page.detected),
        )


@dataclass(frozen=True, slots=True)
class PairedPage:
    """A page under both detectors.

    Attributes:
        path: as its label file names it. is_negative: it has no text.
    """

    path: str
    is_negative: bool
    base: PageResult
    candidate: PageResult

    @property
    def has_changed(self) -> bool:
        """Whether a count, a label that has a box, or a line that is read differs."""
        return self.has_other_boxes or self.base.outcome.read != self.candidate.outcome.read

    @property
    def has_other_boxes(self) -> bool:
        """Whether a count, or a label that has a box, differs."""
        both = self.base, self.candidate
        counts = both[0].outcome.counts != both[1].outcome.counts
        return counts or both[0].right != both[1].right

    @property
    def won(self) -> int:
        """Labels that have a box now, less those that had one."""
        return self.candidate.outcome.counts.matched - self.base.outcome.counts.matched


PagedSet = Sequence[PairedPage]


@dataclass(frozen=True, slots=True)
class PageChange:
    """A share before and after, 0..1.

    Attributes:
        interval: of after - before, 95 %, by page; holds it.
        pages: that it is of. changed: of them, those on which what it is made of differs.
    """

    before: float
    after: float
    interval: Interval
    pages: int
    changed: int

    @property
    def value(self) -> float:
        """After - before."""
        return self.after - self.before

    @property
    def p(self) -> float:
        """The two-sided p: below 0.05 where the interval does not hold 0, for a normal change."""
        value = self.value
        half = self.interval[1] - value if value < 0 else value - self.interval[0]
        if not value:
            return 1.0
        # The interval reaches 1.96 standard errors; without any it is no chance.
        return 2 * _NORMAL.cdf(-abs(value) / half * Z_LEVEL) if half else 0.0

    def pages_for(self, wanted: float) -> int | None:
        """Count the pages that would show a change of so much in 4 of 5 cases; None for none.

        Args:
            wanted: as a share, -1..1.
        """
        if wanted <= 0:
            return None
        error = (self.interval[1] - self.interval[0]) / (2 * Z_LEVEL)
        reach = Z_LEVEL + _NORMAL.inv_cdf(POWER)
        return max(1, int(np.ceil(self.pages * (reach * error / wanted) ** 2)))


@dataclass(frozen=True, slots=True)
class FailureChange:
    """One class of failure before and after, as counts.

    Attributes:
        interval: of after - before, 95 %, by page.
        more, fewer: pages on which it rose, or fell.
    """

    failure: Failure
    before: int
    after: int
    interval: Interval
    more: int
    fewer: int

    @property
    def p(self) -> float:
        """The sign test of pages, two-sided."""
        return mcnemar(self.fewer, self.more)


@dataclass(frozen=True, slots=True)
class NegativeChange:
    """False boxes on pages without text.

    Attributes:
        pages: without text. before, after: of them, those with a box. boxes: of both detectors.
        interval: of the change of their share, 95 %; None without a page.
    """

    pages: int
    before: int
    after: int
    boxes: tuple[int, int]
    interval: Interval | None

    @property
    def value(self) -> float:
        """The change of the share of pages with a box; 0 without a page."""
        return (self.after - self.before) / self.pages if self.pages else 0.0


def labels_of(sets: Sequence[PagedSet]) -> int:
    """Count the labels that are not ignored."""
    return sum(page.base.outcome.counts.labels for pages in sets for page in pages)


def change_of_hmean(sets: Sequence[PagedSet], *, seed: int = SEED) -> PageChange | None:
    """Measure how hmean changed over some sets; None where no page has a label.

    Args:
        seed: of the bootstrap.
    """
    if not labels_of(sets):
        return None
    pages = [page for pages in sets for page in pages]
    base, candidate = [page.base for page in pages], [page.candidate for page in pages]
    first, second = ([one.outcome for one in side] for side in (base, candidate))
    drawn = _drawn(sets, seed)
    sums = drawn @ outcome_counts(first), drawn @ outcome_counts(second)
    changes = hmeans_of(sums[1]) - hmeans_of(sums[0])
    low, high = np.percentile(changes, [2.5, 97.5])
    value = hmean_of(second) - hmean_of(first)
    least = _around(
        value,
        [one.right for one in base],
        [one.right for one in candidate],
        scale=_scale(changes, _recalls(sums[1]) - _recalls(sums[0])),
    )
    interval = hull((float(low), float(high)), least, value)
    changed = sum(page.has_other_boxes for page in pages)
    return _change(hmean_of(first), hmean_of(second), interval, len(pages), changed)


def change_of_reading(sets: Sequence[PagedSet]) -> PageChange | None:
    """Measure how many labels are read exactly; None where nothing is read."""
    pages = [page for pages in sets for page in pages]
    first, second = (
        [page.base.outcome for page in pages],
        [page.candidate.outcome for page in pages],
    )
    if not any(outcome.read for outcome in first):
        return None
    before, after = reading_of(first), reading_of(second)
    interval = _around(after - before, [one.read for one in first], [one.read for one in second])
    changed = sum(one.read != two.read for one, two in zip(first, second, strict=True))
    return _change(before, after, interval, len(pages), changed)


def _recalls(sums: Numbers) -> Numbers:
    """Return matched / labels of each draw; 0 where it has no label."""
    labels, matched = sums[:, 0], sums[:, 2]
    return np.divide(matched, labels, out=np.zeros(len(sums)), where=labels > 0)


def _scale(hmeans: Numbers, recalls: Numbers) -> float:
    """Return how much of a change of recall is one of hmean, as the draws show it: 0.5 to 1.

    A label that gets the box which it had not is another box as well, and moves hmean by about
    half; one whose box fits now moves it by all.
    """
    spread = float(np.std(recalls))
    return min(1.0, max(0.5, float(np.std(hmeans)) / spread)) if spread > 0 else 1.0


def _around(
    value: float,
    before: Sequence[Sequence[bool]],
    after: Sequence[Sequence[bool]],
    *,
    scale: float = 1.0,
) -> Interval:
    """Return an interval around a change, as wide as that of the labels that flipped, by page.

    Args:
        before, after: of each label of each page, whether it is right.
        scale: of its width.
    """
    flips = np.array(
        [
            float(new) - float(old)
            for first, second in zip(before, after, strict=True)
            for old, new in zip(first, second, strict=True)
        ]
    )
    pages = np.repeat(np.arange(len(before)), [len(labels) for labels in before])
    interval = change_interval(flips, pages) if len(np.unique(pages)) >= FEWEST_GROUPS else None
    if interval is None:
        return -1.0, 1.0
    mean = float(flips.mean())
    return value + scale * (interval[0] - mean), value + scale * (interval[1] - mean)


def _change(
    before: float, after: float, interval: Interval, pages: int, changed: int
) -> PageChange:
    low, high = max(-1.0, interval[0]), min(1.0, interval[1])
    return PageChange(before, after, (low, high), pages, changed)


def failure_changes(pages: PagedSet, *, seed: int = SEED) -> tuple[FailureChange, ...]:
    """Measure each class of failure on the pages of a set."""
    before, after = (
        np.array([[side.failures[name] for name in FAILURES] for side in sides], np.float64)
        for sides in ([page.base for page in pages], [page.candidate for page in pages])
    )
    changes = after - before
    bounds = np.percentile(_drawn([pages], seed) @ changes, [2.5, 97.5], axis=0)
    return tuple(
        FailureChange(
            failure=name,
            before=int(before[:, at].sum()),
            after=int(after[:, at].sum()),
            interval=(float(bounds[0, at]), float(bounds[1, at])),
            more=int((changes[:, at] > 0).sum()),
            fewer=int((changes[:, at] < 0).sum()),
        )
        for at, name in enumerate(FAILURES)
    )


def negative_change(pages: Sequence[PairedPage]) -> NegativeChange:
    """Measure the false boxes on those of some pages that have no text."""
    without = [page for page in pages if page.is_negative]
    before = np.array([page.base.boxes > 0 for page in without], np.float64)
    after = np.array([page.candidate.boxes > 0 for page in without], np.float64)
    return NegativeChange(
        pages=len(without),
        before=int(before.sum()),
        after=int(after.sum()),
        boxes=(sum(page.base.boxes for page in without), sum(p.candidate.boxes for p in without)),
        interval=change_interval(after - before) if without else None,
    )


def _drawn(sets: Sequence[PagedSet], seed: int) -> Numbers:
    """Draw pages, each set by itself: how often each page is in each draw (draws x pages)."""
    random = np.random.Generator(np.random.PCG64(seed))
    parts = [
        random.multinomial(len(pages), np.full(len(pages), 1 / len(pages)), size=DRAWS)
        for pages in sets
    ]
    return np.concatenate(parts, axis=1).astype(np.float64)
