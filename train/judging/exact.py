"""Exact tests for pairs, and many of them at once."""

from collections.abc import Sequence
from functools import lru_cache

ALPHA = 0.05
"""What a two-sided test calls significant; the intervals of the gate are of 1 - ALPHA."""


@lru_cache(maxsize=65536)
def mcnemar(mended: int, broken: int) -> float:
    """Give the two-sided p of the exact McNemar test.

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
