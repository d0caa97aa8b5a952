"""What the manifest beside a label file knows of its images: face, source, width."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Ints, with_slack
from balance.mixing.hashing import hash_slices
from balance.mixing.lines import Source
from textlines.formats.manifest import MANIFEST
from textlines.formats.manifest import read_facts as read_rows
from textlines.pixels.resize import HEIGHT


@dataclass(frozen=True, slots=True)
class Facts:
    """For each line of a source: face and source as numbers of `names`, width at height 48.

    -1 where the manifest does not say.
    """

    face: Ints
    source: Ints
    width: Ints
    names: tuple[str, ...]


def read_facts(source: Source) -> Facts:
    """Look up what the manifest beside a label file says of each of its lines.

    Raises:
        InputError: a line of the manifest is no row of one.
    """
    lines = source.lines
    unknown = np.full(len(lines), -1, np.int64)
    path = source.path.with_name(MANIFEST)
    if not path.is_file() or not len(lines):
        return Facts(unknown, unknown, unknown, ())
    paths, rows, names = _read(path)
    lengths = np.fromiter(map(len, paths), np.int64, len(paths))
    known = hash_slices(with_slack(b"".join(paths)), np.cumsum(lengths) - lengths, lengths)
    order = np.argsort(known, kind="stable")
    asked = hash_slices(lines.buffer, lines.starts, lines.path_lengths)
    at = order[np.minimum(np.searchsorted(known[order], asked), len(order) - 1)]
    found = np.where((known[at] == asked)[:, None], np.array(rows, np.int64)[at], -1)
    return Facts(found[:, 0], found[:, 1], found[:, 2], names)


def _read(path: Path) -> tuple[list[bytes], list[tuple[int, int, int]], tuple[str, ...]]:
    paths, rows, names = [b""], [(-1, -1, -1)], dict[str, int]()
    for row in read_rows(path):
        width, height = row.size
        face = names.setdefault(f"face {row.face.id}", len(names))
        source = names.setdefault(f"source {row.source}", len(names)) if row.source else -1
        paths.append(row.image.encode())
        rows.append((face, source, -(-width * HEIGHT // height)))
    return paths, rows, tuple(names)


def group_numbers(parts: Sequence[tuple[Ints, tuple[str, ...]]]) -> Ints:
    """Number the groups of several sources alike, by their names; -1 stays."""
    known: dict[str, int] = {}
    found = []
    for values, names in parts:
        table = np.array([known.setdefault(name, len(known)) for name in (*names, "")], np.int64)
        found.append(np.where(values >= 0, table[values], -1))
    return np.concatenate([np.zeros(0, np.int64), *found])
