"""The lists of a mix, written whole or not at all, in an order that no input order changes."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Bytes, Flags, Ints, records
from balance.mixing.gathering import scatter
from balance.mixing.lines import Source
from balance.mixing.measure import label_blocks
from balance.mixing.pool import Pool, order_of
from textlines.files import replacing_bytes
from textlines.formats.roles import role_rows

_LINES = 1 << 18
"""Lines put together before they are written."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a pool, by their positions in it."""

    pool: Pool
    positions: Ints

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def amount(self) -> int:
        """Add their sizes up."""
        return int(self.pool.sizes[self.positions].sum())

    def of_role(self, *roles: str) -> "Part":
        """Give those that come from sources of these roles."""
        fits = np.array([source.role in roles for source in self.pool.sources] or [False])
        if fits.all():
            return self
        if not fits.any():
            return Part(self.pool, self.positions[:0])
        return Part(self.pool, self.positions[fits[self.pool.of[self.positions]]])

    def label_blocks(self) -> Iterator[tuple[Bytes, int]]:
        """Give the labels, one a line, some at a time: a buffer with slack and its size."""
        return label_blocks(self.pool, self.positions)


def in_memory(parts: Iterable[object]) -> tuple[Part, ...]:
    """Give the parts that are in memory: all of them, if there is no store."""
    return tuple(part for part in parts if isinstance(part, Part))


def write_list(
    path: Path,
    roles: Path,
    parts: Sequence[Part],
    sources: Sequence[Source],
    heads: Sequence[str],
    codes: Sequence[str],
) -> tuple[str, str]:
    """Write lines of several pools as one label file, by rising key, and their roles beside it.

    Args:
        sources: all of the mix. heads: what stands before the paths of each.
        codes: of the roles, two for each source: of its lines, and of its rendered ones.

    Returns:
        The sha256 of both files.

    Raises:
        InputError: the file cannot be written.
    """
    numbers = {id(source): number for number, source in enumerate(sources)}
    of, rows, keys = [], [], []
    for part in parts:
        table = np.array([numbers[id(s)] for s in part.pool.sources] or [0], np.int64)
        of.append(table[part.pool.of[part.positions]])
        rows.append(part.pool.rows[part.positions])
        keys.append(part.pool.keys[part.positions])
    all_of, all_rows = np.concatenate(of), np.concatenate(rows)
    order = order_of(np.concatenate(keys))
    found, of_roles = hashlib.sha256(), hashlib.sha256()
    with replacing_bytes(path) as out, replacing_bytes(roles) as beside:
        for low in range(0, len(order), _LINES):
            some = order[low : low + _LINES]
            block = block_of(all_of[some], all_rows[some], sources, heads)
            found.update(block.data)
            out.write(block.data)
            rendered = rendered_of(all_of[some], all_rows[some], sources)
            rows_of_roles = role_rows(codes, 2 * all_of[some] + rendered)
            of_roles.update(rows_of_roles)
            beside.write(rows_of_roles)
    return found.hexdigest(), of_roles.hexdigest()


def rendered_of(of: Ints, rows: Ints, sources: Sequence[Source]) -> Flags:
    """Tell of lines, by source and row, whether their image was rendered."""
    found = np.zeros(len(of), np.bool_)
    for number, source in enumerate(sources):
        own = of == number
        if own.any():
            found[own] = source.lines.rendered[rows[own]]
    return found


def block_of(of: Ints, rows: Ints, sources: Sequence[Source], heads: Sequence[str]) -> Bytes:
    """Put lines one behind another, each with the head of its source and a line feed."""
    texts = [np.frombuffer(head.encode(), np.uint8) for head in heads]
    lengths = np.empty(len(of), np.int64)
    for number, source in enumerate(sources):
        own = of == number
        lengths[own] = source.lines.lengths[rows[own]] + len(texts[number])
    ends = np.cumsum(lengths + 1)
    out = np.empty(int(ends[-1]), np.uint8)
    for number, source in enumerate(sources):
        own = of == number
        if not own.any():
            continue
        text = texts[number]
        places = ends[own] - lengths[own] - 1
        if len(text):
            records(out, len(text))[places] = text.view(f"V{len(text)}")[0]
        lines = source.lines
        taken = rows[own]
        scatter(out, places + len(text), lines.buffer, lines.starts[taken], lines.lengths[taken])
    out[ends - 1] = 10
    return out
