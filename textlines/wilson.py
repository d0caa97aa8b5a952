"""How far a share of few cases can be trusted."""

from math import sqrt

Z_95 = 1.959963984540054
"""The two-sided 95 % point of the normal distribution."""


def wilson(right: int, of: int) -> tuple[float, float]:
    """Bound the share behind `right` of `of` cases with 95 % confidence.

    Wilson's score interval (1927): unlike p ± 1.96 s it stays within 0..1 and keeps its width
    when all cases or none are right. Nothing seen gives (0, 1).

    Raises:
        ValueError: not 0 <= right <= of.

    >>> [round(bound, 3) for bound in wilson(123, 159)]
    [0.703, 0.832]
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if not 0 <= right <= of:
        raise ValueError(f"need 0 <= right <= of, got {right} of {of}")
    if of == 0:
        return 0.0, 1.0
    share, z2 = right / of, Z_95 * Z_95
    middle = share + z2 / (2 * of)
    half = Z_95 * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    low, high = (middle - half) / (1 + z2 / of), (middle + half) / (1 + z2 / of)
    # At the ends the formula gives 0 and 1 but for the last bit.
    return (0.0 if right == 0 else low), (1.0 if right == of else high)
