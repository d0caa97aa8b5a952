"""A generated folder, counted, and samples of it to be shown."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synth.corpus.character_classes import is_cluster
from synth.draws import Draws
from synth.run.folder import FOLDER
from textlines.errors import InputError
from textlines.formats.manifest import MANIFEST, ManifestRow, Refusal, read_manifest
from textlines.formats.plan_rows import Vertical
from textlines.formats.run_record import RunRecord, read_run
from textlines.labels.canonical import clusters


@dataclass(slots=True)
class RunCounts:
    """Distributions over all samples of a run."""

    samples: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)
    """Drawings that were refused and drawn anew, by why."""
    characters: Counter[str] = field(default_factory=Counter)
    targets: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)
    """Lines by each family that draws in them: two of a line with two faces."""
    verticals: Counter[Vertical] = field(default_factory=Counter)
    """Lines that are set vertically, by how."""
    sources: Counter[str] = field(default_factory=Counter)
    surfaces: Counter[str] = field(default_factory=Counter)
    effects: Counter[str] = field(default_factory=Counter)
    distractors: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    lengths: list[int] = field(default_factory=list)
    sizes_px: list[int] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    contrasts: list[float] = field(default_factory=list)

    def add(self, row: ManifestRow) -> None:
        """Count one row of the manifest."""
        self.samples += 1
        self.refused.update(row.refused)
        self.characters.update(clusters(row.text))
        self.targets.update(row.targets)
        self.families.update(dict.fromkeys((face.family for face in row.faces()), 1))
        if row.vertical:
            self.verticals[row.vertical] += 1
        self.sources[row.source.split(":")[0]] += 1
        self.surfaces[row.surface[0]] += 1
        # By name: those that come as often stand in one order on every page of a run.
        self.effects.update(sorted({name for name, _ in row.effects}))
        self.distractors.update(sorted({name for name, _ in row.distractors}))
        self.attempts["plain" if row.fallback else str(row.attempt)] += 1
        self.lengths.append(len(row.text))
        self.sizes_px.append(row.line.size_px)
        self.widths.append(row.size[0])
        self.contrasts.append(row.luminance.contrast)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a preview shows. `rows` are the samples of the contact sheet, by index."""

    folder: Path
    record: RunRecord
    counts: RunCounts
    rows: tuple[ManifestRow, ...]
    complete: bool


def manifest_rows(folder: Path) -> Iterator[ManifestRow]:
    """Read the manifest of a run; of an unfinished one, what its finished shards hold.

    Raises:
        InputError: one of them is damaged; says where.
    """
    whole = folder / MANIFEST
    # From shard 10,000 on, names are longer.
    shards = sorted((folder / FOLDER).glob("*.jsonl"), key=lambda path: (len(path.name), path.name))
    files = [whole] if whole.exists() else shards
    for file in files:
        yield from read_manifest(file)


def read_preview(folder: Path, shown: int, seed: int) -> Preview:
    """Count a run and choose the samples to show, each with the same chance.

    Reservoir sampling (Vitter's algorithm R), so that a run of millions costs no memory.

    Raises:
        InputError: the folder holds no run, or no finished shard yet.
    """
    record = read_run(folder)
    counts = RunCounts()
    kept: list[ManifestRow] = []
    draws = Draws(seed, 0, 0, "preview")
    for row in manifest_rows(folder):
        counts.add(row)
        if len(kept) < shown:
            kept.append(row)
        else:
            place = draws.whole(0, counts.samples)
            if place < shown:
                kept[place] = row
    if counts.samples == 0:
        raise InputError(str(folder), "holds no finished shard yet", "Let synth generate go on.")
    kept.sort(key=lambda row: row.index)
    complete = (folder / MANIFEST).exists()
    return Preview(folder, record, counts, tuple(kept), complete)


def pieces_of(text: str, targets: Sequence[str]) -> list[tuple[str, bool]]:
    """Split a label into runs, and say of each whether it is a target of the line.

    A target that is one grapheme cluster is never the half of another one.

    >>> pieces_of("1O0O", ("O",)), pieces_of("a b", (" ",)), pieces_of("12", ())
    ([('1', False), ('O', True), ('0', False), ('O', True)], [('a', False), (' ', True), \
('b', False)], [('12', False)])
    """
    runs: list[tuple[str, bool]] = []
    for piece, is_target in _split(text, targets):
        if runs and runs[-1][1] == is_target:
            runs[-1] = runs[-1][0] + piece, is_target
        else:
            runs.append((piece, is_target))
    return runs


def _split(text: str, targets: Sequence[str]) -> Iterator[tuple[str, bool]]:
    alone = frozenset(target for target in targets if is_cluster(target))
    longer = sorted(frozenset(targets) - alone, key=lambda entry: (-len(entry), entry))
    # Entries of several clusters, and marks that join a letter, are looked for by code points.
    parts = re.split(f"({'|'.join(map(re.escape, longer))})", text) if longer else [text]
    for number, part in enumerate(parts):
        if number % 2:
            yield part, True
        else:
            yield from ((cluster, cluster in alone) for cluster in clusters(part))
