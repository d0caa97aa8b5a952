"""The own lines of a mix, each held out in a fold, and what models say of their labels.

Documents, images and their copies stay together in a fold. What a model says is of a line that it
was not trained on, beside its own reading.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from textlines.errors import InputError
from textlines.files import replacing
from textlines.formats.mix import MixFolder
from textlines.formats.predictions import Turn
from textlines.formats.rows import RowKind, read_rows, refuse_keys, wrong
from textlines.labels.alphabet import Alphabet
from textlines.profile.suspects import Evidence
from textlines.wording.counts import count_of
from train.own.sharing import documents_of
from train.reading.ctc import Line, nats_of, read_probabilities
from train.reading.engine import CtcEngine
from train.reading.turning import surest
from train.seen import hashes_of
from train.tuning.network_readers import FeatureEngine
from train.tuning.stopping_sets import StopLine
from train.tuning.training_lines import OwnLine, own_lines

EVIDENCE_KIND = RowKind("the fold's evidence", "row of evidence", "Delete the fold's folder.")


def bundles_of(*names: Sequence[str]) -> tuple[int, ...]:
    """Number the bundles of lines that share any name: document, image, path.

    Args:
        names: of one kind each, a name a line.

    >>> bundles_of(["a", "a", "b", "c"], ["1", "2", "3", "1"])
    (0, 0, 2, 0)
    """
    parent = list(range(len(names[0])))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for kind in names:
        first: dict[str, int] = {}
        for at, name in enumerate(kind):
            first_root, other = root(first.setdefault(name, at)), root(at)
            parent[max(first_root, other)] = min(first_root, other)
    return tuple(root(at) for at in range(len(parent)))


def deal_folds(bundles: Sequence[int], names: Sequence[str], count: int, seed: int) -> list[int]:
    """Deal bundles out to folds of about equal numbers of lines.

    By hash of the names in a bundle, the largest bundles first: each into the fold that has the
    fewest lines so far.

    Args:
        bundles: of each line. names: of each line, what its place is drawn by.

    Raises:
        InputError: there are fewer bundles than folds.
    """
    lines: dict[int, list[int]] = {}
    for at, bundle in enumerate(bundles):
        lines.setdefault(bundle, []).append(at)
    if len(lines) < count:
        raise InputError(
            "own lines",
            f"are of {count_of(len(lines), 'document')}, fewer than {count_of(count, 'fold')}",
            "Label lines of other documents, name fewer folds (--count), or another --group.",
        )

    def place(members: list[int]) -> tuple[int, bytes]:
        name = min(names[at] for at in members)
        return -len(members), hashlib.sha256(f"{seed}\n{name}".encode()).digest()

    sizes = [0] * count
    fold_of = [0] * len(bundles)
    for members in sorted(lines.values(), key=place):
        fold = sizes.index(min(sizes))
        sizes[fold] += len(members)
        for at in members:
            fold_of[at] = fold
    return fold_of


@dataclass(frozen=True, slots=True)
class HeldLines:
    """Own lines with the folds that they are held out in.

    Attributes:
        lines: with their paths in the lists. names: their paths in the label file of own lines; of
            several such files, as the lists have them.
        folds: of each line, from 0. documents: of each line.
        images: the folder that `names` start from.
    """

    lines: tuple[OwnLine, ...]
    names: tuple[str, ...]
    folds: tuple[int, ...]
    documents: tuple[str, ...]
    images: Path

    def members(self, fold: int) -> list[int]:
        """Return the numbers of a fold's lines."""
        return [number for number, held_in in enumerate(self.folds) if held_in == fold]


def held_lines(mix: MixFolder, *, group: str, count: int, seed: int) -> HeldLines:
    """Deal the own lines of a mix out to folds.

    Args:
        group: a regular expression on the path whose first capture group names the document; ""
            for none.

    Raises:
        InputError: there is none, or there are fewer documents than folds.
        UsageError: the regular expression does not fit the paths.
    """
    lines = own_lines(mix)
    if not lines:
        raise InputError(
            str(mix.folder),
            "holds no own line to hold out",
            "Mix a team's labelled lines as such: balance mix --own FILE.",
        )
    names, images = _names(mix, lines)
    documents = documents_of(names, group)
    hashes = hashes_of([mix.data / line.path for line in lines])
    copies = [sha256 or line.path for sha256, line in zip(hashes, lines, strict=True)]
    bundles = bundles_of(documents, copies, [line.path for line in lines])
    folds = deal_folds(bundles, names, count, seed)
    return HeldLines(lines, names, tuple(folds), documents, images)


def _names(mix: MixFolder, lines: Sequence[OwnLine]) -> tuple[tuple[str, ...], Path]:
    sources = [source for source in mix.sources if source.is_own]
    if len(sources) == 1 and all(line.path.startswith(sources[0].head) for line in lines):
        names = tuple(line.path.removeprefix(sources[0].head) for line in lines)
        return names, mix.place(sources[0].images)
    return tuple(line.path for line in lines), mix.data


def evidence_of(
    model: CtcEngine | FeatureEngine,
    base: CtcEngine | FeatureEngine,
    lines: Sequence[StopLine],
    workers: int,
) -> list[Evidence]:
    """Read lines by a fold's model and by the base.

    A crop that may lie turned is read as it would be in use; its label is heard in the turn that
    speaks for it most: a crop is no reason to doubt a label because it lies upside down.
    """

    def heard(line: StopLine) -> Evidence:
        ours = {turn: model.probabilities([crop])[0] for turn, crop in line.crops.items()}
        theirs = {turn: base.probabilities([crop])[0] for turn, crop in line.crops.items()}
        turn, read = _surest(ours, model.alphabet)
        base_turn, base_read = _surest(theirs, base.alphabet)
        return Evidence(
            path=line.path,
            label=line.label,
            reading=read.text,
            score=read.score,
            label_nats=min(
                nats_of(turned, [line.label], model.alphabet)[0] for turned in ours.values()
            ),
            read_nats=nats_of(ours[turn], [read.text], model.alphabet)[0],
            base_reading=base_read.text,
            base_label_nats=min(
                nats_of(turned, [line.label], base.alphabet)[0] for turned in theirs.values()
            ),
            base_read_nats=nats_of(theirs[base_turn], [read.text], base.alphabet)[0],
        )

    with ThreadPoolExecutor(workers, thread_name_prefix="evidence") as pool:
        return list(pool.map(heard, lines))


def _surest(
    probabilities: "Mapping[Turn, np.ndarray[Any, np.dtype[np.float32]]]", alphabet: Alphabet
) -> tuple[Turn, Line]:
    lines = {
        turn: read_probabilities(steps[None], alphabet)[0] for turn, steps in probabilities.items()
    }
    turn = surest(lines)
    return turn, lines[turn]


def write_evidence(path: Path, rows: Iterable[Evidence]) -> None:
    """Write a fold's evidence, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        for row in rows:
            out.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")


def read_evidence(path: Path) -> Iterator[Evidence]:
    """Read a fold's evidence.

    Raises:
        InputError: the file cannot be read, or a row is none.
    """
    return read_rows(path, EVIDENCE_KIND, _row)


_TEXTS = ("path", "label", "reading", "base_reading")


def _row(content: dict[str, Any]) -> Evidence:
    names = [entry.name for entry in fields(Evidence)]
    refuse_keys(content, frozenset(names))
    for name in names:
        value = content[name]
        if name in _TEXTS:
            if type(value) is not str:
                raise wrong(name, value, "text")
        elif type(value) not in (int, float) or not isfinite(value):
            raise wrong(name, value, "a number")
    return Evidence(**content)
