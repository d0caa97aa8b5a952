"""How far a figure of these lines can be trusted: one rule for every figure with an interval.

Lines that stand alone are independent. The share of them that is right has Wilson's interval, and
a change of it, of the same lines read twice, Tango's (`textlines.wilson`). Lines of one document
fail together. Resampling documents, not lines, keeps that in (Bisani and Ney 2004 do so by
speaker); so it does for figures that no formula bounds, means and character error rates.

But resampling what agrees draws the same for ever: 28 wrong lines would prove that none is ever
right, and ten documents without a fault that none has one. So no interval by resampling is
narrower than that score interval for as many independent lines as these are worth: lines / design,
as surveys reckon (Kish 1965; Franco, Little, Louis and Slud 2019 find Wilson's interval with that
number to hold where shares are near 0 or 1). The design is the variance that is seen, over that of
independent lines that are right or wrong. Where all groups agree nothing is seen of it; then a
group counts as one line, as if its lines failed or passed all together, and each group that
deviates halves what is reckoned with of that (`reckoned_design`).

A change over several sets (`change_over`) is drawn by the paired, stratified bootstrap: a line with
both of its readings (paired), a document with all of its lines where groups are named, and each set
by itself (stratified), so that every draw holds as much of each set as the sets themselves do.
Thirty lines without a flip prove as little of flips as thirty lines can, and three mended ones of
three prove no gain.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from textlines.errors import UsageError
from textlines.wilson import ALPHA_95, Interval, paired, wilson

Numbers = npt.NDArray[np.float64]

Groups = npt.NDArray[np.intp]

Changes = npt.NDArray[np.int8]
"""One number a line: 1 mended, -1 broken, 0 neither."""

DRAWS = 2000

CHANGE_DRAWS = 10_000

FEWEST_IN_TAIL = 50
"""Draws beyond each bound of a change: a percentile that few draws lie beyond is itself drawn by
chance. 10,000 draws hold so many for every level down to 99 %."""

SEED = 1

FEWEST_GROUPS = 2
"""One group says nothing of others."""

FEW_GROUPS = 10
"""Fewer give intervals that are too narrow to lean on."""

UNMATCHED = "(no match)"
"""The group of paths that the expression does not find anything in."""


def share_interval(
    values: Numbers, groups: Groups | None = None, *, seed: int = SEED
) -> Interval | None:
    """Bound the mean of numbers in 0..1 with 95 % confidence: 1 for a line that is right, else 0.

    The same numbers and seed give the same interval for one release of NumPy.

    Args:
        values: one for each line.
        groups: the number of each line's group, from 0; None for lines that stand alone.

    Returns:
        Lower and upper bound, the mean between them; None without a line and for one group.

    >>> [round(bound, 3) for bound in share_interval(np.zeros(28)) or ()]
    [0.0, 0.121]
    """
    units = _Units.of(values, np.ones_like(values), groups)
    if units is None:
        return None
    is_share = bool(np.isin(values, (0.0, 1.0)).all())
    if is_share and units.are_lines:
        return wilson(float(values.sum()), len(values))
    if is_share:
        return units.interval(1.0, seed, deviating_units(values, groups), least=1.0)
    return units.interval(1.0, seed, units.deviating)


def rate_interval(
    edits: Numbers, length: Numbers, groups: Groups | None = None, *, seed: int = SEED
) -> Interval | None:
    """Bound edits per character with 95 % confidence; the rest as for `share_interval`.

    A line of which nothing is read has a rate of 1. Where characters were put in a rate may pass
    that: the worst unit seen is then the worst that is reckoned with.

    Args:
        edits, length: of each line; the rate is the quotient of their sums.

    Returns:
        None when no label holds a character, too.
    """
    units = _Units.of(edits, length, groups)
    if units is None or not length.sum():
        return None
    rates = units.above[units.below > 0] / units.below[units.below > 0]
    return units.interval(max(1.0, float(rates.max())), seed, units.deviating)


def change_interval(
    change: Numbers, groups: Groups | None = None, *, seed: int = SEED
) -> Interval | None:
    """Bound a change of the share of right lines, read twice, with 95 % confidence.

    Args:
        change: of each line: 1 mended, -1 broken, 0 neither.
        groups: as for `share_interval`, and the result too; bounds are in -1..1.

    >>> [round(bound, 3) for bound in change_interval(np.zeros(28)) or ()]
    [-0.121, 0.121]
    """
    units = _Units.of(change, np.ones_like(change), groups)
    if units is None:
        return None
    lines, mended, broken = len(change), int((change > 0).sum()), int((change < 0).sum())
    design = 1.0
    if not units.are_lines:
        by_line = (mended + broken) / lines - units.value**2
        seen = units.variance * lines / by_line if by_line > 0 else 1.0
        count = deviating_units(change, groups)
        design = reckoned_design(max(1.0, seen), lines / len(units.lines), count)
    score = paired(mended / design, broken / design, lines / design)
    return score if units.are_lines else hull(score, units.resampled(seed), units.value)


def reckoned_design(seen: float, worst: float, deviating: int) -> float:
    """Return the design to reckon with: what is seen, and of the worst what nothing speaks against.

    Args:
        seen: variance by groups over that of independent lines.
        worst: that of groups whose lines fail or pass all together: the lines of a group.
        deviating: groups that do not say what most of them say throughout.

    >>> [reckoned_design(1.0, 33.0, count) for count in (0, 1, 2, 9)]
    [33.0, 17.0, 9.0, 1.0625]
    """
    return seen + max(0.0, worst - seen) / 2.0 ** min(deviating, 60)


def deviating_units(values: npt.NDArray[np.generic], groups: Groups | None) -> int:
    """Count the groups (lines, for None) that are not of the one value that most are throughout."""
    if not len(values):
        return 0
    if groups is None:
        return len(values) - int(np.unique(values, return_counts=True)[1].max())
    pure = [np.bincount(groups, values == value) for value in np.unique(values)]
    lines = np.bincount(groups)
    there = lines > 0
    return int(there.sum()) - max(int(((held == lines) & there).sum()) for held in pure)


def hull(first: Interval, second: Interval, value: float) -> Interval:
    """Return the interval that holds two others, and the figure itself.

    >>> hull((0.1, 0.2), (0.15, 0.3), 0.2)
    (0.1, 0.3)
    """
    return min(first[0], second[0], value), max(first[1], second[1], value)


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """What fails by itself, lines or groups: two sums and the number of lines of each."""

    above: Numbers
    below: Numbers
    lines: npt.NDArray[np.intp]

    @classmethod
    def of(cls, above: Numbers, below: Numbers, groups: Groups | None) -> "_Units | None":
        """Sum lines by group; None where that leaves too few."""
        if not len(above):
            return None
        if groups is None or len(np.unique(groups)) == len(groups):
            return cls(above, below, np.ones(len(above), np.intp))
        lines = np.bincount(groups)
        there = lines > 0
        if there.sum() < FEWEST_GROUPS:
            return None
        sums = [
            np.bincount(groups, weights).astype(np.float64)[there] for weights in (above, below)
        ]
        return cls(sums[0], sums[1], lines[there])

    @property
    def are_lines(self) -> bool:
        """Whether each line is a unit by itself."""
        return bool((self.lines == 1).all())

    @property
    def value(self) -> float:
        """The figure."""
        return float(self.above.sum() / self.below.sum())

    @property
    def variance(self) -> float:
        """The variance of the figure as the units show it (by linearisation)."""
        apart = self.above - self.value * self.below
        count = len(self.lines)
        return float((apart**2).sum() / self.below.sum() ** 2) * count / max(count - 1, 1)

    def resampled(self, seed: int) -> Interval:
        """Return percentiles of the bootstrap."""
        # Units with the same two numbers are one kind, drawn as often as all of them together: the
        # same distribution, and a million lines are a few hundred kinds.
        both = np.stack([self.above, self.below], axis=1)
        kinds, counts = np.unique(both, axis=0, return_counts=True)
        units = int(counts.sum())
        random = np.random.Generator(np.random.PCG64(seed))
        drawn = random.multinomial(units, counts / units, size=DRAWS).astype(np.float64) @ kinds
        some = drawn[drawn[:, 1] > 0]
        low, high = np.percentile(some[:, 0] / some[:, 1], [2.5, 97.5])
        return float(low), float(high)

    @property
    def deviating(self) -> int:
        """How many units have another figure than the one that most have."""
        rates = self.above[self.below > 0] / self.below[self.below > 0]
        return len(rates) - int(np.unique(rates.round(12), return_counts=True)[1].max())

    def interval(self, top: float, seed: int, deviating: int, *, least: float = 0.0) -> Interval:
        """Bound the figure: the bootstrap, and the score interval that it must not undercut.

        Args:
            top: the most that a line can have, above over below; the least is 0.
            deviating: units that speak against all of them being alike.
            least: of the design that is seen; lines that are right or wrong have 1.
        """
        lines, share = int(self.lines.sum()), min(1.0, self.value / top)
        by_line = share * (1 - share) / lines
        seen = self.variance / top**2 / by_line if by_line > 0 else 1.0
        design = reckoned_design(max(least, seen), lines / len(self.lines), deviating)
        low, high = wilson(share * lines / design, lines / design)
        return hull((top * low, top * high), self.resampled(seed), self.value)


def group_numbers(names: Mapping[int, str] | list[str]) -> Groups:
    """Number groups in the order of their names: the same lines in another order, the same.

    >>> group_numbers(["b", "a", "b"]).tolist()
    [1, 0, 1]
    """
    listed = list(names.values()) if isinstance(names, Mapping) else names
    order = {name: number for number, name in enumerate(sorted(set(listed)))}
    return np.array([order[name] for name in listed], np.intp)


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group of each line, and how many lines matched no expression."""

    pattern: str
    names: tuple[str, ...]
    unmatched: int


def grouping(pattern: str, paths: Sequence[str]) -> Grouping:
    """Name the group of each path.

    Raises:
        UsageError: the expression is none, captures nothing, or matches no path.

    >>> grouping("^crops/([^_]+)_", ["crops/a_1.jpg", "crops/a_2.jpg", "x.jpg"]).names
    ('a', 'a', '(no match)')
    """
    option = f"--group {pattern}"
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise UsageError(option, f"is no regular expression ({error})", "") from error
    if not expression.groups:
        raise UsageError(
            option, "captures nothing", "Put the part that names the group in brackets: ^([^_]+)_"
        )
    matches = [expression.search(path) for path in paths]
    if not any(matches):
        first = f" (first: {paths[0]})" if paths else ""
        raise UsageError(option, f"matches none of the {len(paths):,} paths{first}", "")
    names = tuple((match[1] or "") if match else UNMATCHED for match in matches)
    return Grouping(pattern, names, sum(match is None for match in matches))


@dataclass(frozen=True, slots=True)
class Stratum:
    """The lines of one set.

    Attributes:
        change: of each line.
        groups: number of each line's group, from 0; None draws lines.
    """

    change: Changes
    groups: npt.NDArray[np.intp] | None = None

    def kinds(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Return what is drawn, alike units together: (sum of change, lines), and their count."""
        if self.groups is None:
            broken, same, mended = np.bincount(self.change.astype(np.intp) + 1, minlength=3)[:3]
            rows = np.array([[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
            return rows, np.array([broken, same, mended], np.int64)
        count = int(self.groups.max(initial=-1)) + 1
        sums = np.bincount(self.groups, self.change, count).astype(np.float64)
        lines = np.bincount(self.groups, minlength=count).astype(np.float64)
        both = np.stack([sums, lines], axis=1)[lines > 0]
        rows, counts = np.unique(both, axis=0, return_counts=True)
        return rows, counts.astype(np.int64)

    def units(self) -> int:
        """Count what is drawn: lines, or groups."""
        return len(self.change) if self.groups is None else len(np.unique(self.groups))


@dataclass(frozen=True, slots=True)
class Change:
    """A change of line accuracy over some sets, as a share (-1..1).

    Attributes:
        interval: two-sided, 95 %; holds the value.
        claim: the interval that a claim rests on where more than one look at the lines is paid for:
            two-sided, of 1 - alpha, and never narrower than `interval`, which it is for one look.
        flips: share of lines that changed either way.
        design: how much wider the groups make the variance than lines alone would, at least 1;
            where hardly a group has a flip, what is reckoned with (`reckoned_design`).
    """

    value: float
    interval: Interval
    lines: int
    flips: float
    claim: Interval
    design: float = 1.0

    @property
    def width(self) -> float:
        """The width of the interval."""
        return self.interval[1] - self.interval[0]


def change_over(strata: Sequence[Stratum], *, seed: int = SEED, alpha: float = ALPHA_95) -> Change:
    """Measure the change over some sets, all lines weighing alike.

    Args:
        strata: each at least one line.
        alpha: what the interval of a claim leaves out, at most 0.05; the other stays at 95 %.

    Raises:
        ValueError: there is no line, or alpha is out of its range.
    """
    if not 0 < alpha <= ALPHA_95:
        raise ValueError(f"alpha must be above 0 and at most {ALPHA_95}, got {alpha}")
    total = sum(len(stratum.change) for stratum in strata)
    if not total:
        raise ValueError("no line to measure a change on")
    random = np.random.Generator(np.random.PCG64(seed))
    drawn, by_line, worst, deviating = _drawn(strata, total, random), 0.0, 0.0, 0
    for stratum in strata:
        share = len(stratum.change) / total
        # From counts, so that the order of the lines leaves not one bit.
        mean, of = int(stratum.change.sum()) / len(stratum.change), len(stratum.change)
        by_line += share**2 * (np.count_nonzero(stratum.change) / of - mean * mean) / of
        worst += share * of / stratum.units()
        deviating += deviating_units(stratum.change, stratum.groups)
    spread = float(np.var(drawn))
    design = reckoned_design(max(1.0, spread / by_line if by_line else 1.0), worst, deviating)
    changes = np.concatenate([stratum.change for stratum in strata])
    value, mended, broken = (
        float(changes.mean()),
        int((changes > 0).sum()),
        int((changes < 0).sum()),
    )

    def bounds(draws: Numbers, alpha: float) -> Interval:
        tails = [2.5, 97.5] if alpha == ALPHA_95 else [50 * alpha, 100 - 50 * alpha]
        low, high = np.percentile(draws, tails)
        score = paired(mended / design, broken / design, total / design, alpha=alpha)
        return hull((float(low), float(high)), score, value)

    interval = claim = bounds(drawn, ALPHA_95)
    if alpha < ALPHA_95:
        blocks = ceil(2 * FEWEST_IN_TAIL / alpha / CHANGE_DRAWS)
        more = [drawn, *(_drawn(strata, total, random) for _ in range(blocks - 1))]
        claim = hull(interval, bounds(np.concatenate(more), alpha), value)
    return Change(
        value=value,
        interval=interval,
        lines=total,
        flips=(mended + broken) / total,
        claim=claim,
        design=design,
    )


def _drawn(strata: Sequence[Stratum], total: int, random: np.random.Generator) -> Numbers:
    """Draw the change over some sets `CHANGE_DRAWS` times, each set by itself."""
    drawn = np.zeros(CHANGE_DRAWS)
    for stratum in strata:
        kinds, counts = stratum.kinds()
        units, share = int(counts.sum()), len(stratum.change) / total
        sums = (
            random.multinomial(units, counts / units, size=CHANGE_DRAWS).astype(np.float64) @ kinds
        )
        drawn += share * sums[:, 0] / sums[:, 1]
    return drawn
