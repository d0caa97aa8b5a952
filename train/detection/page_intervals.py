"""How far a change of two predictions on the same pages can be trusted.

What fails together is a page, so pages are drawn, each with both of its results (paired bootstrap),
and each set by itself. Pages on which nothing changed draw the same for ever: so no interval is
narrower than Tango's for the labels that flipped, of as many labels as these pages are worth
(`train.judging.intervals.change_interval`). One rule for what a search gained and for a gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textlines.wilson import Interval
from train.detection.page_outcomes import PageOutcome, hmean_of, reading_of
from train.judging.intervals import FEWEST_GROUPS, SEED, Numbers, change_interval, hull
from train.judging.significance import Z_LEVEL

DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure before and after, 0..1.

    Attributes:
        interval: of after - before, 95 %; None where a single page says nothing of others.
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
    return FigureChange(hmean_of(before), hmean_of(after), hmean_interval(before, after))


def reading_change(before: Sequence[PageOutcome], after: Sequence[PageOutcome]) -> FigureChange:
    """Compare what two predictions let be read of the same labels, by page.

    Raises:
        ValueError: the labels are not the same number.
    """
    return FigureChange(reading_of(before), reading_of(after), reading_interval(before, after))


def hmean_interval(
    before: Sequence[PageOutcome],
    after: Sequence[PageOutcome],
    *,
    sizes: Sequence[int] = (),
    seed: int = SEED,
) -> Interval | None:
    """Bound the change of hmean with 95 % confidence.

    Args:
        before, after: of the same pages.
        sizes: pages of each set, in their order; () for one set.
        seed: of the bootstrap.

    Returns:
        Bounds in -1..1, the change between them; None where fewer than two pages hold a label.

    Raises:
        ValueError: there is no page, or the pages are not the same number.
    """
    hmeans, recalls = _drawn_changes(before, after, sizes, seed)
    low, high = np.percentile(hmeans, [2.5, 97.5])
    value = hmean_of(after) - hmean_of(before)
    flips = [one.right for one in before], [one.right for one in after]
    around = _of_flips(*flips)
    if around is None:
        return None
    mean, bounds = around
    scale = _scale(hmeans, recalls)
    least = value + scale * (bounds[0] - mean), value + scale * (bounds[1] - mean)
    return _within(hull((float(low), float(high)), least, value))


def reading_interval(
    before: Sequence[PageOutcome], after: Sequence[PageOutcome]
) -> Interval | None:
    """Bound the change of the share of labels that are read exactly with 95 % confidence.

    Returns:
        Bounds in -1..1; None where fewer than two pages hold a label that is read.

    Raises:
        ValueError: the labels are not the same number.
    """
    around = _of_flips([one.read for one in before], [one.read for one in after])
    return None if around is None else _within(around[1])


def hmean_error(before: Sequence[PageOutcome], after: Sequence[PageOutcome]) -> float:
    """Return the standard error of the change of hmean, 0..1, as the pages' own differences say.

    Without the least width of `hmean_interval`: of two that are alike on all pages it is 0.

    Raises:
        ValueError: there is no page, or the pages are not the same number.
    """
    hmeans, _ = _drawn_changes(before, after, (), SEED)
    low, high = np.percentile(hmeans, [2.5, 97.5])
    value = hmean_of(after) - hmean_of(before)
    return (max(float(high), value) - min(float(low), value)) / (2 * Z_LEVEL)


def drawn_pages(sizes: Sequence[int], seed: int) -> Numbers:
    """Draw pages, each set by itself: how often each page is in each draw (draws x pages).

    Args:
        sizes: pages of each set.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    parts = [
        random.multinomial(pages, np.full(pages, 1 / pages), size=DRAWS) for pages in sizes if pages
    ]
    return np.concatenate(parts, axis=1).astype(np.float64)


def _drawn_changes(
    before: Sequence[PageOutcome], after: Sequence[PageOutcome], sizes: Sequence[int], seed: int
) -> tuple[Numbers, Numbers]:
    """Return the changes of hmean and of recall of each draw.

    Raises:
        ValueError: there is no page, or the pages are not the same number.
    """
    if not before or len(before) != len(after):
        raise ValueError(f"need the same pages twice, got {len(before)} and {len(after)}")
    drawn = drawn_pages(sizes or [len(before)], seed)
    first, second = drawn @ _counts(before), drawn @ _counts(after)
    return _hmeans(second) - _hmeans(first), _recalls(second) - _recalls(first)


def _counts(outcomes: Sequence[PageOutcome]) -> Numbers:
    """Return labels, boxes and matched of each page (pages x 3)."""
    rows = [
        (outcome.counts.labels, outcome.counts.boxes, outcome.counts.matched)
        for outcome in outcomes
    ]
    return np.array(rows, np.float64)


def _hmeans(sums: Numbers) -> Numbers:
    """Return 2 x matched / (labels + boxes), which is the harmonic mean of both shares.

    Args:
        sums: of labels, boxes and matched, a row for each draw of pages.
    """
    both = sums[:, 0] + sums[:, 1]
    return np.divide(2 * sums[:, 2], both, out=np.zeros(len(sums)), where=both > 0)


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


def _of_flips(
    before: Sequence[Sequence[bool]], after: Sequence[Sequence[bool]]
) -> tuple[float, Interval] | None:
    """Return the mean flip of labels and its interval, by page; None for fewer than two pages.

    Args:
        before, after: of each label of each page, whether it is right.

    Raises:
        ValueError: the labels are not the same number.
    """
    first, second = (
        np.array([right for labels in side for right in labels], np.float64)
        for side in (before, after)
    )
    if len(first) != len(second):
        raise ValueError(f"need the same labels twice, got {len(first)} and {len(second)}")
    pages = np.repeat(np.arange(len(before)), [len(labels) for labels in before])
    if len(np.unique(pages)) < FEWEST_GROUPS:
        return None
    interval = change_interval(second - first, pages)
    return None if interval is None else (float((second - first).mean()), interval)


def _within(interval: Interval) -> Interval:
    return max(-1.0, interval[0]), min(1.0, interval[1])
