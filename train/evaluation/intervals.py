"""How far a figure of these lines can be trusted: the bootstrap, by group where there are some.

Lines of one document fail together. Resampling documents, not lines, keeps that in (Bisani and
Ney 2004 do so by speaker); resampling lines would give intervals that are too narrow.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Interval = tuple[float, float]

DRAWS = 2000
SEED = 1

FEWEST_GROUPS = 2
"""Of one group nothing can be resampled."""


def ratio_interval(
    above: Numbers,
    below: Numbers,
    groups: npt.NDArray[np.intp] | None = None,
    *,
    seed: int = SEED,
) -> Interval | None:
    """Bound the ratio of two sums with 95 % confidence (percentiles of the bootstrap).

    The same numbers and seed give the same interval for one release of NumPy.

    Args:
        above, below: one number for each line: right and 1 for the share of lines read right,
            edits and length for the character error rate.
        groups: the number of each line's group, from 0; None resamples lines.

    Returns:
        Lower and upper bound; None for fewer than two units or when nothing stands below.
    """
    if groups is not None:
        count = int(groups.max(initial=-1)) + 1
        above = np.bincount(groups, above, count).astype(np.float64)
        below = np.bincount(groups, below, count).astype(np.float64)
    if len(above) < FEWEST_GROUPS or not below.sum():
        return None
    # Units with the same two numbers are one kind, drawn as often as all of them together: the
    # same distribution, and a million lines are a few hundred kinds.
    kinds, counts = np.unique(np.stack([above, below], axis=1), axis=0, return_counts=True)
    units = int(counts.sum())
    random = np.random.Generator(np.random.PCG64(seed))
    drawn = random.multinomial(units, counts / units, size=DRAWS).astype(np.float64) @ kinds
    some = drawn[drawn[:, 1] > 0]
    low, high = np.percentile(some[:, 0] / some[:, 1], [2.5, 97.5])
    return float(low), float(high)


def group_numbers(names: Mapping[int, str] | list[str]) -> npt.NDArray[np.intp]:
    """Number groups in the order of their names: the same lines in another order, the same.

    >>> group_numbers(["b", "a", "b"]).tolist()
    [1, 0, 1]
    """
    listed = list(names.values()) if isinstance(names, Mapping) else names
    order = {name: number for number, name in enumerate(sorted(set(listed)))}
    return np.array([order[name] for name in listed], np.intp)
