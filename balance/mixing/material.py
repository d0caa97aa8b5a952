"""All files of a mix, once they were read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Hashes
from balance.mixing.lots import Lot
from balance.mixing.measure import Holding
from balance.mixing.screen import CODE_POINTS
from balance.mixing.sources import SourceFile
from balance.mixing.words import count_words, most_frequent
from textlines.formats.profile import ErrorProfile
from textlines.formats.roles import Role
from textlines.labels.alphabet import Alphabet


@dataclass(frozen=True)
class Material:
    """What a mix is made of: label files in the order of their roles, and what judges them.

    Attributes:
        own, new: lines of these roles, in memory. kept: original and distilled lines.
        replay: by the name of the set.
        like: lines of use, with what is known of their file.
    """

    sources: tuple[SourceFile, ...]
    own: Lot
    kept: Lot
    new: Lot
    general: Lot
    replay: Mapping[str, Lot]
    alphabet: Alphabet | None
    profile: ErrorProfile | None
    like: tuple[SourceFile, Lot] | None

    def of(self, *roles: Role) -> tuple[SourceFile, ...]:
        """Return the label files of some roles."""
        return tuple(source for source in self.sources if source.role in roles)

    def paths(self) -> dict[int, Path]:
        """Return the paths of all label files by the number that lines have; `like` is the last."""
        files = [*self.sources, *([self.like[0]] if self.like else [])]
        return {number: file.path for number, file in enumerate(files)}

    def frequent_words(self, most: int) -> Hashes:
        """Find the most frequent words of own and original lines, each line once."""
        words = count_words(np.zeros(0, np.uint64))
        for source in self.of("original", "own"):
            words = words.plus(source.words)
        return most_frequent(words, most)

    def holds(self, words: Hashes, *roles: Role) -> Holding:
        """Return what all lines of some roles hold, from what was counted on reading."""
        codes = np.zeros(CODE_POINTS, np.int64)
        counts = np.zeros(len(words), np.int64)
        for source in self.of(*roles):
            codes += source.code_counts
            counts += source.words.of(words)
        return Holding(codes, counts)
