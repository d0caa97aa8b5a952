"""The same pages before two detectors, and how far what changed can be trusted.

Shares are bounded by `train.detection.page_intervals`. Where pages hold no label there is none to
bound.

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
from train.detection.page_intervals import drawn_pages, hmean_interval, reading_interval
from train.detection.page_outcomes import PageOutcome, hmean_of, reading_of
from train.judging.intervals import SEED, change_interval
from train.judging.significance import POWER, Z_LEVEL, mcnemar

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class PageResult:
    """What one detector made of a page.

    Attributes:
        outcome: what PaddleOCR's metric counts, which labels are paired, and what is read.
        failures: the six classes. boxes: all that were found, ignored ones too.
    """

    outcome: PageOutcome
    failures: Mapping[Failure, int]
    boxes: int

    @classmethod
    def of(cls, page: JudgedPage, read: tuple[bool, ...] = ()) -> "PageResult":
        """Return the result of a judged page.

        Args:
            read: of each readable label, whether it is read exactly from its box.
        """
        outcomes = page.matching.labels
        right = tuple(one == "right" for one in outcomes if one != "ignored")
        return cls(
            PageOutcome(page.counts, right, read),
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
        base, candidate = self.base.outcome, self.candidate.outcome
        return (base.counts, base.right) != (candidate.counts, candidate.right)

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
    first, second = _outcomes(pages)
    interval = hmean_interval(first, second, sizes=[len(one) for one in sets], seed=seed)
    changed = sum(page.has_other_boxes for page in pages)
    return _change(hmean_of(first), hmean_of(second), interval, len(pages), changed)


def change_of_reading(sets: Sequence[PagedSet]) -> PageChange | None:
    """Measure how many labels are read exactly; None where nothing is read."""
    pages = [page for pages in sets for page in pages]
    first, second = _outcomes(pages)
    if not any(outcome.read for outcome in first):
        return None
    interval = reading_interval(first, second)
    changed = sum(one.read != two.read for one, two in zip(first, second, strict=True))
    return _change(reading_of(first), reading_of(second), interval, len(pages), changed)


def _outcomes(pages: PagedSet) -> tuple[list[PageOutcome], list[PageOutcome]]:
    return [page.base.outcome for page in pages], [page.candidate.outcome for page in pages]


def _change(
    before: float, after: float, interval: Interval | None, pages: int, changed: int
) -> PageChange:
    """Return a change; one that nothing bounds may be anything."""
    return PageChange(before, after, interval or (-1.0, 1.0), pages, changed)


def failure_changes(pages: PagedSet, *, seed: int = SEED) -> tuple[FailureChange, ...]:
    """Measure each class of failure on the pages of a set."""
    before, after = (
        np.array([[side.failures[name] for name in FAILURES] for side in sides], np.float64)
        for sides in ([page.base for page in pages], [page.candidate for page in pages])
    )
    changes = after - before
    bounds = np.percentile(drawn_pages([len(pages)], seed) @ changes, [2.5, 97.5], axis=0)
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
