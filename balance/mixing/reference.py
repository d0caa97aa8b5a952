"""The lines that a mix should look like (`--like`), and what manifests know of lines."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from balance.mixing.aims import BINS, bins_of
from balance.mixing.arrays import Ints
from balance.mixing.drift import Shape, shape_of
from balance.mixing.lots import Index, Lot, Selection
from balance.mixing.manifests import KINDS, UNKNOWN, Manifest, read_manifest
from balance.mixing.measure import lengths_of


class FactTable:
    """Manifests beside the label files of a mix, read when first asked for.

    Args:
        paths: of the label files, by their number.
    """

    def __init__(self, paths: Mapping[int, Path]) -> None:
        self._paths = paths
        self._read: dict[int, Manifest | None] = {}

    def of_kind(self, lot: Lot, kind: str) -> Ints:
        """Return the face or the source of each line of a lot as a number; -1 for unknown."""
        known: dict[str, int] = {}
        groups = np.full(len(lot), UNKNOWN, np.int64)
        for number in lot.roles:
            lines = np.flatnonzero(lot.origins >> 1 == number)
            manifest = self._of(number)
            if manifest and len(lines):
                values = manifest.look_up(lot, lines)[:, KINDS.index(kind)]
                names = (*manifest.names, "")
                table = np.array([known.setdefault(name, len(known)) for name in names])
                groups[lines] = np.where(values >= 0, table[values], UNKNOWN)
        return groups

    def widths(self, lot: Lot, index: Index) -> Ints:
        """Return the known widths of some lines' images at height 48, in no order."""
        positions = np.arange(len(lot))[index]
        of = lot.origins[index] >> 1
        widths = [np.zeros(0, np.int64)]
        for number in lot.roles:
            manifest = self._of(number)
            lines = positions[of == number]
            if manifest and len(lines):
                widths.append(manifest.look_up(lot, lines)[:, KINDS.index("width")])
        whole = np.concatenate(widths)
        return whole[whole >= 0]

    def _of(self, number: int) -> Manifest | None:
        if number not in self._read:
            self._read[number] = read_manifest(self._paths[number])
        return self._read[number]


class Reference:
    """Lines of use: how long they are, how many spaces they hold, how wide they are."""

    def __init__(self, like: Lot, facts: FactTable) -> None:
        self._facts = facts
        everything = like.all()
        self.shape = self.shape_of(everything)
        counts = self.bins(everything).astype(np.float64)
        self.shares = counts / max(counts.sum(), 1)

    def shape_of(self, lines: Selection) -> Shape:
        """Measure some lines."""
        none = np.zeros(0, np.int64)
        shape = shape_of(none, none, none)
        for index in lines.blocks():
            lengths = lengths_of(*lines.lot.labels(index))
            shape = shape.plus(shape_of(*lengths, self._facts.widths(lines.lot, index)))
        return shape

    def bins(self, lines: Selection) -> Ints:
        """Count some lines by their length and whether they hold a space."""
        counts = np.zeros(BINS, np.int64)
        for labels, size in lines.label_blocks():
            counts += np.bincount(bins_of(*lengths_of(labels, size)), minlength=BINS)
        return counts
