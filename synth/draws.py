"""The random stream of one sample."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of random values that depends on (seed, index, attempt) and on nothing else.

    Built on the two methods of `random.Random` whose values Python promises to keep
    (`random`, `getrandbits`), and not on numpy: a Generator costs twice as much to make and
    ten times as much for one value, and a sample draws some dozens of single values.

    >>> [Draws(7, 3).whole(0, 1000) for _ in range(2)], Draws(7, 4).whole(0, 1000)
    ([488, 488], 635)
    """

    __slots__ = ("_random", "bits", "unit")

    def __init__(self, seed: int, index: int, attempt: int = 0, purpose: str = "") -> None:
        key = f"{seed}/{index}/{attempt}/{purpose}".encode()
        self._random = random.Random(int.from_bytes(blake2b(key, digest_size=16).digest(), "big"))
        self.unit = self._random.random
        """Draw a float in [0, 1)."""
        self.bits = self._random.getrandbits
        """Draw an integer of n bits."""

    def span(self, low: float, high: float) -> float:
        """Draw a float from low to high, evenly."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """Draw an integer from low up to, and without, high."""
        return low + int(self.unit() * (high - low))

    def chance(self, share: float) -> bool:
        """Return True in this share (0..1) of the cases."""
        return self.unit() < share

    def pick(self, items: Sequence[T]) -> T:
        """Draw one of the items, evenly."""
        return items[int(self.unit() * len(items))]

    def weighted(self, items: Sequence[T], cumulative: Sequence[float]) -> T:
        """Draw one of the items; `cumulative` holds the running sums of their weights."""
        at = bisect_right(cumulative, self.unit() * cumulative[-1])
        return items[min(at, len(items) - 1)]
