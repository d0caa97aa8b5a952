"""In which proportion lines stand in an epoch: what draws, mixes, plans and judges agree on."""

LOWEST, HIGHEST = 5, 10
"""Original lines beside one new line, by the fine-tune guide: fewer forget, more learn nothing."""

ABOUT = 1.25
"""Own scene to general within this factor of what was asked for is about that."""

OWN_ROWS = 120
"""Rows that own lines fill in an epoch by standing again, if there are fewer of them."""

MOST_TIMES = 8
"""How often an own line stands at most: the same few images again are learned by heart."""


def times_of(lines: int) -> int:
    """Return how often each of so many own lines stands in an epoch: max(1, 120/n), at most 8.

    >>> [times_of(lines) for lines in (0, 5, 25, 48, 79, 81, 400)]
    [1, 8, 5, 2, 2, 1, 1]
    """
    return min(MOST_TIMES, round(max(1, OWN_ROWS / lines))) if lines else 1
