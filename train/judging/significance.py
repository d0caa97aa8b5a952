"""What is significant: exact tests for pairs, many at once, and how many lines show a change.

How many lines decide comes from normal approximations. A line's change is 1, -1 or 0. With a share
`flips` of lines that flip for no reason, either way alike, and a true gain d on top, its variance
is flips + d - d². An interval of 95 % shows the gain with a probability of 80 % when
d = (1.96 + 0.84) x sqrt(variance / lines). (Connor 1987 gives the same for McNemar's test.)
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor, log2, sqrt
from statistics import NormalDist

from textlines.wilson import ALPHA_95, z_of
from train.judging.intervals import Change

ALPHA = ALPHA_95
"""What a two-sided test calls significant; the intervals of the gate are of 1 - ALPHA."""


@lru_cache(maxsize=65536)
def mcnemar(mended: int, broken: int) -> float:
    """Return the two-sided p of the exact McNemar test.

    Were base and candidate equally good, each line that only one of them has right would be a
    throw of a coin (McNemar 1947; the exact form is the sign test).

    Args:
        mended, broken: lines that only the candidate, or only the base, has right; 0 or more.

    >>> mcnemar(0, 5), mcnemar(3, 3), mcnemar(0, 0)
    (0.0625, 1.0, 1.0)
    """
    flips, fewer = mended + broken, min(mended, broken)
    term = below = 1
    for k in range(1, fewer + 1):
        term = term * (flips - k + 1) // k
        below += term
    # Both are integers of any size: the quotient is rounded once.
    return min(1.0, 2 * below / (1 << flips))


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """Adjust the p of several tests so that all of them together keep the level of one.

    Holm 1979: the smallest counts as often as there are tests, the next one time less, and
    none less than one before it.

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    adjusted, least = [0.0] * len(values), 0.0
    for rank, number in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        least = max(least, min(1.0, values[number] * (len(values) - rank)))
        adjusted[number] = least
    return tuple(adjusted)


POWER = 0.8

Z_LEVEL = NormalDist().inv_cdf(0.975)

FLIPS = 0.02
"""Share of lines that change for no reason from one training to another, for what can be proven."""

LEAST_FLIPS = 0.01
"""Share of lines that flips for no reason in any fine-tuning: fewer seen prove little."""


def fewest_flips(alpha: float = ALPHA) -> int:
    """Return below how many changed lines McNemar's exact test is never significant.

    Even if all of n are the same model's its p is 2 / 2^n.

    Args:
        alpha: of the two-sided test.

    >>> fewest_flips(), fewest_flips(0.05 / 2), fewest_flips(0.05 / 4)
    (6, 7, 8)
    """
    return 2 + floor(log2(1 / alpha))


FEWEST_FLIPS = fewest_flips()
"""Of the usual level of 5 %."""

LEAST_JUDGED = 60
"""Lines below which no judge is made of a team's own: an interval over fewer could prove no gain
that is worth having (60 lines prove one of about 10 points at best)."""


def smallest_provable_gain(
    lines: int,
    flips: float,
    *,
    power: float = POWER,
    design: float = 1.0,
    alpha: float = ALPHA,
) -> float:
    """Return the least true gain that so many lines show, as a share of lines (0..1).

    Args:
        lines: of the target sets together, at least 1.
        flips: share of lines that flip besides, either way alike, 0..1.
        power: how likely it is shown, 0.5..1.
        design: variance by groups over variance by lines, at least 1.
        alpha: of the interval that is to show it.

    Returns:
        At most 1: then no gain can be shown.

    Raises:
        ValueError: an argument is out of its range.

    >>> [round(smallest_provable_gain(lines, 0.02), 3) for lines in (98, 388, 3000)]
    [0.091, 0.032, 0.009]
    """
    _check(lines, flips, power, design)
    k2 = _reach(power, alpha) ** 2 * design
    # lines x d² = k² x (flips + d - d²), solved for d.
    gain = (k2 + sqrt(k2 * k2 + 4 * (lines + k2) * k2 * flips)) / (2 * (lines + k2))
    return min(1.0, gain)


def margin(lines: int, flips: float, *, design: float = 1.0) -> float:
    """Return half the width of the 95 % interval of a change that is none, as a share.

    >>> round(margin(3000, 0.02), 4)
    0.0051
    """
    _check(lines, flips, POWER, design)
    return Z_LEVEL * sqrt(flips * design / lines)


def lines_for_gain(
    gain: float,
    flips: float,
    *,
    power: float = POWER,
    design: float = 1.0,
    alpha: float = ALPHA,
) -> int | None:
    """Count the lines that show a gain; None when there is no gain to show.

    Args:
        gain: as seen, -1..1. flips: share of all lines that changed, the gain in it, 0..1.
        alpha: of the interval that is to show it.

    >>> lines_for_gain(0.05, 0.09), lines_for_gain(0.0, 0.02)
    (275, None)
    >>> lines_for_gain(0.05, 0.09, alpha=0.05 / 3)
    367
    """
    _check(1, flips, power, design)
    if gain <= 0:
        return None
    variance = max(flips, gain) - gain * gain
    return max(1, ceil(_reach(power, alpha) ** 2 * design * variance / (gain * gain)))


def lines_for_margin(
    delta: float,
    flips: float,
    *,
    power: float = POWER,
    design: float = 1.0,
    alpha: float = ALPHA,
) -> int:
    """Count the lines that show "no worse than delta" of a candidate that changes nothing.

    At the least so many that none of them flipping would rule it out (`textlines.wilson.paired`).

    Args:
        alpha: of the interval that is to show it.

    >>> lines_for_margin(0.01, 0.02), lines_for_margin(0.01, 0.0)
    (1570, 381)
    """
    _check(1, flips, power, design)
    if delta <= 0:
        raise ValueError(f"delta must be greater than 0, got {delta}")
    z = Z_LEVEL if alpha == ALPHA else z_of(alpha)
    least = z**2 * max(0.0, 1 - delta) / delta
    return max(1, ceil(max((_reach(power, alpha) / delta) ** 2 * flips, least) * design))


def _reach(power: float, alpha: float = ALPHA) -> float:
    z = Z_LEVEL if alpha == ALPHA else z_of(alpha)
    return z + NormalDist().inv_cdf(power)


def _check(lines: int, flips: float, power: float, design: float) -> None:
    if lines < 1 or not 0 <= flips <= 1 or not 0.5 <= power < 1 or design < 1:
        raise ValueError(
            "need lines >= 1, flips 0..1, power 0.5..1 and design >= 1, "
            f"got {lines}, {flips}, {power}, {design}"
        )


def smallest_gain(target: Change, alpha: float = ALPHA) -> tuple[float, float]:
    """Return the least gain that these target lines show, and the flips that it reckons with.

    Flips beyond the gain that was seen, but at least 1 % of the lines.

    Args:
        alpha: of the interval that is to show it.
    """
    flips = max(LEAST_FLIPS, target.flips - abs(target.value))
    gain = smallest_provable_gain(target.lines, min(flips, 1.0), design=target.design, alpha=alpha)
    return round(gain, 6), round(flips, 6)
