"""What the manifest beside a label file knows of its images: face, source, width."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Hashes, Ints, with_slack
from balance.mixing.hashing import hash_slices
from balance.mixing.lots import Lot
from textlines.formats.manifest import MANIFEST, read_facts
from textlines.pixels.resize import HEIGHT

KINDS = ("face", "source", "width")
"""Columns of a manifest."""

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Manifest:
    """The rows of a manifest by the hash of their path, rising.

    Attributes:
        rows: N x 3, face and source as numbers of `names`, width at height 48; -1 where unknown.
    """

    paths: Hashes
    rows: Ints
    names: tuple[str, ...]

    def look_up(self, lot: Lot, lines: Ints) -> Ints:
        """Return the rows of some lines of a lot, N x 3; -1 for those that it does not hold."""
        asked = hash_slices(lot.texts, lot.starts[lines], lot.path_lengths[lines])
        at = np.minimum(np.searchsorted(self.paths, asked), len(self.paths) - 1)
        return np.where((self.paths[at] == asked)[:, None], self.rows[at], UNKNOWN)


def read_manifest(labels: Path) -> Manifest | None:
    """Read the manifest beside a label file; None without one.

    Raises:
        InputError: a line of the manifest is no row of one.
    """
    path = labels.with_name(MANIFEST)
    if not path.is_file():
        return None
    paths, rows, names = [b""], [(UNKNOWN, UNKNOWN, UNKNOWN)], dict[str, int]()
    for row in read_facts(path):
        width, height = row.size
        face = names.setdefault(f"face {row.face.id}", len(names))
        source = UNKNOWN
        if row.source:
            source = names.setdefault(f"source {row.source}", len(names))
        paths.append(row.image.encode())
        rows.append((face, source, -(-width * HEIGHT // height)))
    lengths = np.fromiter(map(len, paths), np.int64, len(paths))
    hashes = hash_slices(with_slack(b"".join(paths)), np.cumsum(lengths) - lengths, lengths)
    order = np.argsort(hashes, kind="stable")
    return Manifest(hashes[order], np.array(rows, np.int64)[order], tuple(names))
