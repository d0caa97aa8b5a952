"""Lines of a mix on disk: read block by block into a store, and asked for there."""

from collections.abc import Mapping

import numpy as np

from balance.mixing.arrays import Hashes
from balance.mixing.buffers import Stream
from balance.mixing.gathering import gather
from balance.mixing.hashing import draw_keys
from balance.mixing.lines import Source, no_lines
from balance.mixing.lists import Part
from balance.mixing.material import Material
from balance.mixing.measure import Holding
from balance.mixing.memory_stock import counted, own_part
from balance.mixing.options import Options
from balance.mixing.pool import Pool, make_pool
from balance.mixing.reading import BlockReader
from balance.mixing.store import Store
from balance.mixing.stored_lots import StoredLot
from balance.mixing.words import LEAST_WORD_COUNT
from textlines.formats.roles import Role


def read_into(
    store: Store, number: int, name: str, reader: BlockReader, options: Options
) -> Source:
    """Read a label file into a store; its lines are told from others' by `number`.

    Raises:
        InputError: the file cannot be read, is UTF-16, or (strict) a line is at fault.
        UsageError: distilled lines without labels, counted by characters.
    """
    stream, count, rendered = Stream(reader.path), 0, 0
    for buffer, block in stream.blocks():
        columns, hashes, mended = reader.read(buffer, block)
        size = int(block.ends[-1]) + 1
        lines = reader.lines(buffer, size, [columns], [hashes], mended)
        lines.refuse_unlabelled(reader.path, reader.role, options.by)
        if not len(lines):
            continue
        sizes = lines.characters if options.by == "characters" else np.ones(len(lines), np.int64)
        texts, starts = gather(lines.buffer, lines.starts, lines.lengths)
        whole = texts[: int(starts[-1] + lines.lengths[-1])].tobytes().decode().split("\n")
        keys = draw_keys(lines.hashes, options.seed, name)
        store.add(number, keys, sizes, whole, lines.rendered)
        store.add_words(number, reader.labels.take_words())
        count += len(lines)
        rendered += int(np.count_nonzero(lines.rendered))
    return reader.source(name, no_lines(), stream.sha256, count, rendered)


class StoredStock:
    """All lines of a mix: new and own ones in memory, the others in a store."""

    def __init__(self, material: Material, options: Options, store: Store) -> None:
        self._material, self._options, self._store = material, options, store
        self._new = make_pool(material.of("new"), options.seed, options.by)

    @property
    def new(self) -> Pool:
        """Give the new lines."""
        return self._new

    def lot(self, *roles: Role) -> StoredLot:
        """Give the lines of some roles."""
        return StoredLot(self._store, self._numbered(*roles))

    def own(self, times: int) -> Part:
        """Return all own lines, each so often."""
        return own_part(self._material, self._options, times)

    def replay(self) -> Mapping[str, StoredLot]:
        """Give the replay sets by their names."""
        numbered = self._numbered("replay")
        return {
            name: StoredLot(self._store, {k: s for k, s in numbered.items() if s in sources})
            for name, sources in self._material.replay_sets().items()
        }

    def frequent_words(self) -> Hashes:
        """Find the words with a floor, the most frequent of own and original lines, each once."""
        numbers = self._numbered("original", "own")
        if not numbers:
            return np.zeros(0, np.uint64)
        found = self._store.table(
            f"SELECT hash FROM words WHERE source IN ({', '.join(map(str, numbers))}) "
            f"GROUP BY hash HAVING sum(count) >= {LEAST_WORD_COUNT} "
            f"ORDER BY sum(count) DESC, hash LIMIT {self._options.floor_words}"
        )
        return np.sort(found["hash"].astype(np.uint64))

    def holds(self, words: Hashes, *roles: Role) -> Holding:
        """Say what all lines of some roles hold, from what was counted on reading."""
        numbers = self._numbered(*roles)
        held = counted(numbers.values(), words)
        if numbers and len(words):
            listed = ", ".join(map(str, numbers))
            asked = ", ".join(map(str, words.tolist()))
            found = self._store.table(
                f"SELECT hash, sum(count)::BIGINT AS count FROM words "
                f"WHERE source IN ({listed}) AND hash IN ({asked}) GROUP BY hash"
            )
            at = np.searchsorted(words, found["hash"].astype(np.uint64))
            held.words[at] += found["count"].astype(np.int64)
        return held

    def _numbered(self, *roles: Role) -> dict[int, Source]:
        sources = enumerate(self._material.sources)
        return {number: source for number, source in sources if source.role in roles}
