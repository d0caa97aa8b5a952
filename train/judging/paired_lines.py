"""Judged lines as values: as texts, and as the numbers that a decision is made from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from textlines.formats.judged_set import JudgedSet
from train.judging.intervals import Stratum
from train.judging.strictness import Strictness


@dataclass(frozen=True, slots=True)
class PairedLine:
    """One line that both models read.

    Attributes:
        path: from the folder of the images on.
        truth, base, candidate: texts as they are.
        keys: what the set's comparison leaves of the three, in this order.
        unturned: what it leaves of the base's reading of the crop as it lies; None where that is
            its reading.
    """

    path: str
    truth: str
    base: str
    candidate: str
    keys: tuple[str, str, str]
    unturned: str | None = None

    @property
    def base_is_right(self) -> bool:
        """Tell whether the base read it right."""
        return self.keys[1] == self.keys[0]

    @property
    def candidate_is_right(self) -> bool:
        """Tell whether the candidate read it right."""
        return self.keys[2] == self.keys[0]

    @property
    def unturned_is_right(self) -> bool:
        """Whether the base read it right as it lies."""
        return (self.keys[1] if self.unturned is None else self.unturned) == self.keys[0]


def paired(
    judged: JudgedSet | Strictness,
    path: str,
    truth: str,
    base: str,
    candidate: str,
    unturned: str | None = None,
) -> PairedLine:
    """Pair two readings of a line under a comparison.

    Args:
        unturned: what the base reads in the crop as it lies, if that is another reading.
    """
    keys = (judged.key(truth), judged.key(base), judged.key(candidate))
    lies = None if unturned is None else judged.key(unturned)
    return PairedLine(path, truth, base, candidate, keys, lies)


@dataclass(frozen=True, slots=True, eq=False)
class SetNumbers:
    """One judged set as numbers; the arrays have one for each line, at least one.

    Attributes:
        name: of the set, unique.
        is_target: or general.
        base, candidate: whether each has the line right.
        groups: number of each line's group; None for lines that stand alone.
        is_rendered: it holds rendered lines, which prove harm and never its absence.
    """

    name: str
    is_target: bool
    base: npt.NDArray[np.bool_]
    candidate: npt.NDArray[np.bool_]
    groups: npt.NDArray[np.intp] | None = None
    is_rendered: bool = False

    @property
    def mended(self) -> int:
        """Count the lines that only the candidate has right."""
        return int(np.count_nonzero(self.candidate & ~self.base))

    @property
    def broken(self) -> int:
        """Count the lines that only the base has right."""
        return int(np.count_nonzero(self.base & ~self.candidate))

    def stratum(self) -> Stratum:
        """Give what the bootstrap draws from."""
        return Stratum(self.candidate.astype(np.int8) - self.base.astype(np.int8), self.groups)

    def some(self, chosen: npt.NDArray[np.bool_]) -> "SetNumbers":
        """Give some of the lines."""
        groups = None if self.groups is None else self.groups[chosen]
        return replace(
            self, base=self.base[chosen], candidate=self.candidate[chosen], groups=groups
        )


def numbers(
    name: str,
    is_target: bool,
    lines: Sequence[PairedLine],
    groups: npt.NDArray[np.intp] | None = None,
    *,
    is_rendered: bool = False,
) -> SetNumbers:
    """Turn the lines of a set into numbers."""
    return SetNumbers(
        name,
        is_target,
        np.array([line.base_is_right for line in lines], np.bool_),
        np.array([line.candidate_is_right for line in lines], np.bool_),
        groups,
        is_rendered,
    )


def turning_numbers(
    name: str,
    is_target: bool,
    lines: Sequence[PairedLine],
    groups: npt.NDArray[np.intp] | None = None,
) -> SetNumbers:
    """Turn the base's readings into numbers: as the crops lie, and in their turns."""
    return SetNumbers(
        name,
        is_target,
        np.array([line.unturned_is_right for line in lines], np.bool_),
        np.array([line.base_is_right for line in lines], np.bool_),
        groups,
    )
