"""How many lines of one text, one face or one source a choice may hold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Flags, Ints, runs
from textlines.errors import UsageError

KINDS = ("text", "face", "source")


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit: `most` lines of a kind, or a share of the choice (0..1)."""

    kind: str
    most: int = 0
    share: float = 0.0

    def limit(self, lines: int) -> int:
        """Give how many lines of one group a choice of so many may hold; 1 or more."""
        return self.most or max(1, int(self.share * lines))


def read_caps(text: str) -> tuple[Cap, ...]:
    """Read caps as in "text=3,face=10%,source=50%".

    Raises:
        UsageError: a kind that is none, or a limit that is neither a count nor a share.

    >>> read_caps("text=3, face=10%")
    (Cap(kind='text', most=3, share=0.0), Cap(kind='face', most=0, share=0.1))
    """
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        kind, _, value = (piece.strip() for piece in part.partition("="))
        number = value.removesuffix("%")
        try:
            amount = float(number) / 100 if value.endswith("%") else int(number)
        except ValueError:
            amount = 0
        if kind not in KINDS or amount <= 0 or (isinstance(amount, float) and amount > 1):
            raise UsageError(
                "--caps",
                f"{part!r} is no cap",
                f"Write {', '.join(KINDS)} with a count or a share, as in text=3,face=10%.",
            )
        found.append(
            Cap(kind, share=amount) if isinstance(amount, float) else Cap(kind, most=amount)
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one kind that lines are in: 0.. for each line, -1 for none, and the limit."""

    of_line: Ints
    limit: int


class Room:
    """How much of each cap is left while a choice grows. Changed by `take` alone."""

    def __init__(self, groups: Sequence[Groups]) -> None:
        self._groups = groups
        self._used = [np.zeros(int(g.of_line.max(initial=-1)) + 1, np.int64) for g in groups]

    def allowed(self, rows: Ints) -> Flags:
        """Tell of lines in their order which may all be taken together, the first ones first."""
        keep = np.ones(len(rows), np.bool_)
        for groups, used in zip(self._groups, self._used, strict=True):
            own = groups.of_line[rows]
            inside = np.flatnonzero((own >= 0) & keep)
            if not len(inside):
                continue
            order = inside[np.argsort(own[inside], kind="stable")]
            edges = runs(own[order])
            rank = np.arange(len(order)) - np.repeat(edges[:-1], np.diff(edges))
            over = rank + used[own[order]] >= groups.limit
            keep[order[over]] = False
        return keep

    def take(self, rows: Ints) -> None:
        """Count lines as taken."""
        for groups, used in zip(self._groups, self._used, strict=True):
            own = groups.of_line[rows]
            np.add.at(used, own[own >= 0], 1)

    def spent(self, rows: Ints) -> Flags:
        """Tell of lines which stand in a group that has no room left."""
        gone = np.zeros(len(rows), np.bool_)
        for groups, used in zip(self._groups, self._used, strict=True):
            own = groups.of_line[rows]
            gone |= (own >= 0) & (used[np.maximum(own, 0)] >= groups.limit) if len(used) else False
        return gone
