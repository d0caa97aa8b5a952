"""The lines that a mix should look like (`--like`), and how far it is from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from balance.drift import PSI_FAR, distance, share_distance
from balance.mixing.label_blocks import lengths_of
from balance.mixing.lots import Index, Lot, Selection
from balance.mixing.objective import BINS, bins_of
from balance.mixing.slices import Hashes, Ints, hash_slices, with_slack
from textlines.formats.manifest import MANIFEST, read_facts
from textlines.pixels.resize import HEIGHT

Verdict = str


@dataclass(frozen=True, slots=True)
class MixDrift:
    """Two distributions of one measure of a line.

    Attributes:
        psi, ks: as `balance.drift.Distance` has them.
        mean, like_mean: of the measure.
    """

    psi: float
    ks: float
    mean: float
    like_mean: float

    @property
    def verdict(self) -> Verdict:
        """Return it in a word."""
        return "alike" if self.psi < 0.1 else "drifting" if self.psi < PSI_FAR else "apart"


@dataclass(frozen=True, slots=True)
class LineShape:
    """How often each value of a measure (0, 1, 2, ...) stands in a set of lines.

    Attributes:
        spaced: lines without a space, and with one.
    """

    length: Ints
    spaced: Ints
    width: Ints

    def plus(self, other: "LineShape") -> "LineShape":
        """Put two sets of lines together."""
        return LineShape(
            _add(self.length, other.length),
            _add(self.spaced, other.spaced),
            _add(self.width, other.width),
        )


_WIDTH_STEP = 16
"""Pixels at height 48 that are counted as one width."""


def shape_of(characters: Ints, spaces: Ints, widths: Ints) -> LineShape:
    """Count lengths (characters), lines with and without a space, and known widths of lines.

    Args:
        widths: in pixels at height 48; -1 where not known.
    """
    return LineShape(
        np.bincount(characters),
        np.bincount(spaces > 0, minlength=2),
        np.bincount(widths[widths >= 0] // _WIDTH_STEP),
    )


def drift(counts: Ints, like: Ints) -> MixDrift | None:
    """Compare two sets of counts by value as `balance check` does; None if one holds nothing."""
    if not counts.sum() or not like.sum():
        return None
    nothing = np.zeros(max(len(counts), len(like)), np.int64)
    mine, theirs = (_add(nothing, part) for part in (counts, like))
    apart = distance(mine, theirs)
    values = np.arange(len(nothing))
    means = (float(part @ values / part.sum()) for part in (mine, theirs))
    return MixDrift(apart.psi, apart.ks, *means)


def drifts(mix: LineShape, like: LineShape) -> Mapping[str, MixDrift]:
    """Compare all measures that both sets know."""
    compared = {
        "length": drift(mix.length, like.length),
        "space share": _share_drift(mix.spaced, like.spaced),
        "width": drift(mix.width, like.width),
    }
    return {name: figures for name, figures in compared.items() if figures is not None}


def _share_drift(counts: Ints, like: Ints) -> MixDrift | None:
    """Compare the shares of lines with a space; their means are in percent."""
    size, size_there = int(counts.sum()), int(like.sum())
    if not size or not size_there:
        return None
    apart = share_distance(int(counts[1]), size, int(like[1]), size_there)
    return MixDrift(apart.psi, apart.ks, 100 * counts[1] / size, 100 * like[1] / size_there)


def _add(counts: Ints, other: Ints) -> Ints:
    total = np.zeros(max(len(counts), len(other)), np.int64)
    total[: len(counts)] += counts
    total[: len(other)] += other
    return total


_KINDS = ("face", "source", "width")
"""Columns of a manifest."""

_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class _Manifest:
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
        return np.where((self.paths[at] == asked)[:, None], self.rows[at], _UNKNOWN)


def _read_manifest(labels: Path) -> _Manifest | None:
    """Read the manifest beside a label file; None without one.

    Raises:
        InputError: a line of the manifest is no row of one.
    """
    path = labels.with_name(MANIFEST)
    if not path.is_file():
        return None
    paths, rows, names = [b""], [(_UNKNOWN, _UNKNOWN, _UNKNOWN)], dict[str, int]()
    for row in read_facts(path):
        width, height = row.size
        face = names.setdefault(f"face {row.face.id}", len(names))
        source = _UNKNOWN
        if row.source:
            source = names.setdefault(f"source {row.source}", len(names))
        paths.append(row.image.encode())
        rows.append((face, source, -(-width * HEIGHT // height)))
    lengths = np.fromiter(map(len, paths), np.int64, len(paths))
    hashes = hash_slices(with_slack(b"".join(paths)), np.cumsum(lengths) - lengths, lengths)
    order = np.argsort(hashes, kind="stable")
    return _Manifest(hashes[order], np.array(rows, np.int64)[order], tuple(names))


class FactTable:
    """Manifests beside the label files of a mix, read when first asked for.

    Args:
        paths: of the label files, by their number.
    """

    def __init__(self, paths: Mapping[int, Path]) -> None:
        self._paths = paths
        self._read: dict[int, _Manifest | None] = {}

    def of_kind(self, lot: Lot, kind: str) -> Ints:
        """Return the face or the source of each line of a lot as a number; -1 for unknown."""
        known: dict[str, int] = {}
        groups = np.full(len(lot), _UNKNOWN, np.int64)
        for number in lot.roles:
            lines = np.flatnonzero(lot.origins >> 1 == number)
            manifest = self._of(number)
            if manifest and len(lines):
                values = manifest.look_up(lot, lines)[:, _KINDS.index(kind)]
                names = (*manifest.names, "")
                table = np.array([known.setdefault(name, len(known)) for name in names])
                groups[lines] = np.where(values >= 0, table[values], _UNKNOWN)
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
                widths.append(manifest.look_up(lot, lines)[:, _KINDS.index("width")])
        whole = np.concatenate(widths)
        return whole[whole >= 0]

    def _of(self, number: int) -> _Manifest | None:
        if number not in self._read:
            self._read[number] = _read_manifest(self._paths[number])
        return self._read[number]


class Reference:
    """Lines of use: how long they are, how many spaces they hold, how wide they are."""

    def __init__(self, like: Lot, facts: FactTable) -> None:
        self._facts = facts
        everything = like.all()
        self.shape = self.shape_of(everything)
        counts = self.bins(everything).astype(np.float64)
        self.shares = counts / max(counts.sum(), 1)

    def shape_of(self, lines: Selection) -> LineShape:
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
