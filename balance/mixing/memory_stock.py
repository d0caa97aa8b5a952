"""Lines of a mix in memory: some 230 bytes each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Hashes
from balance.mixing.lines import Source
from balance.mixing.lists import Part
from balance.mixing.material import Material
from balance.mixing.measure import Holding, known_words
from balance.mixing.options import Options
from balance.mixing.pool import Drawer, Pool, make_pool
from balance.mixing.repeats import copied
from balance.mixing.screen import CODE_POINTS
from balance.mixing.words import LEAST_WORD_COUNT, count_words, most_frequent
from textlines.formats.roles import Role


@dataclass(frozen=True, slots=True)
class MemoryLot:
    """All lines of some roles."""

    pool: Pool

    def __len__(self) -> int:
        return len(self.pool)

    @property
    def amount(self) -> int:
        """Add their sizes up."""
        return self.pool.amount

    def all(self) -> Part:
        """Give all of them."""
        return Part(self.pool, np.arange(len(self.pool)))

    def drawer(self) -> "PartDrawer":
        """Start drawing."""
        return PartDrawer(self.pool)


class PartDrawer:
    """Draws lines of a pool in their order. Remembers how far it came."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._drawer = pool, Drawer(pool.sizes)

    def draw(self, amount: int) -> Part:
        """Give the next lines that together are at most `amount`."""
        return Part(self._pool, self._drawer.draw(amount))


class MemoryStock:
    """All lines of a mix, from sources that were read whole."""

    def __init__(self, material: Material, options: Options) -> None:
        self._material, self._options = material, options
        self._new = self._pool(material.of("new"))

    @property
    def new(self) -> Pool:
        """Give the new lines."""
        return self._new

    def lot(self, *roles: Role) -> MemoryLot:
        """Give the lines of some roles."""
        return MemoryLot(self._pool(self._material.of(*roles)))

    def own(self, times: int) -> Part:
        """Return all own lines, each so often."""
        return own_part(self._material, self._options, times)

    def replay(self) -> Mapping[str, MemoryLot]:
        """Give the replay sets by their names."""
        return {
            name: MemoryLot(self._pool(sources))
            for name, sources in self._material.replay_sets().items()
        }

    def frequent_words(self) -> Hashes:
        """Find the words with a floor, the most frequent of own and original lines, each once."""
        sources = self._material.of("original", "own")
        words, counts = count_words(source.words for source in sources)
        return most_frequent(words, counts, self._options.floor_words, LEAST_WORD_COUNT)

    def holds(self, words: Hashes, *roles: Role) -> Holding:
        """Say what all lines of some roles hold, from what was counted on reading."""
        return counted(self._material.of(*roles), words)

    def _pool(self, sources: Sequence[Source]) -> Pool:
        return make_pool(sources, self._options.seed, self._options.by)


def own_part(material: Material, options: Options, times: int) -> Part:
    """Return all own lines, each so often, in the order that they are drawn in."""
    pool = make_pool(material.of("own"), options.seed, options.by)
    pool = copied(pool, np.full(len(pool), times))
    return Part(pool, np.arange(len(pool)))


def counted(sources: Iterable[Source], words: Hashes) -> Holding:
    """Add up what was counted on reading: code points, and those words that are in memory."""
    codes = np.zeros(CODE_POINTS, np.int64)
    counts = np.zeros(len(words), np.int64)
    for source in sources:
        codes += source.code_counts
        counts += known_words(source.words, words)
    return Holding(codes, counts)
