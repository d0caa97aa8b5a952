"""Counts over aligned lines."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from textlines.profile.align import Edit, align
from textlines.profile.reading import Misread, Reading
from textlines.profile.units import Split

Pair = tuple[str, str]


@dataclass(slots=True)
class Counts:
    """What the lines hold and how it was read; grows line by line.

    Attributes:
        support, right, deleted, inserted: by character.
        replaced: by (truth, read).
        inserting: lines in which a character was inserted at least once.
        accuracy: sum over the lines of 1 - edits / length of the longer text.
        misread: the lines whose reading differs, in the order in which they came.
        recomposed_labels, recomposed_readings: texts that were not in NFC.
    """

    lines: int = 0
    exact: int = 0
    casefold: int = 0
    nospace: int = 0
    edits: int = 0
    accuracy: float = 0.0
    support: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)
    inserted: Counter[str] = field(default_factory=Counter)
    replaced: Counter[Pair] = field(default_factory=Counter)
    inserting: Counter[str] = field(default_factory=Counter)
    misread: list[Misread] = field(default_factory=list)
    recomposed_labels: int = 0
    recomposed_readings: int = 0

    def add(self, reading: Reading, split: Split) -> None:
        """Count one line. Both texts are composed (NFC) first."""
        truth = unicodedata.normalize("NFC", reading.truth)
        read = unicodedata.normalize("NFC", reading.prediction)
        self.recomposed_labels += truth != reading.truth
        self.recomposed_readings += read != reading.prediction
        self.lines += 1
        self.casefold += truth.casefold() == read.casefold()
        self.nospace += _without_spaces(truth) == _without_spaces(read)
        units = split(truth)
        self.support.update(units)
        if truth == read:
            self.exact += 1
            self.accuracy += 1.0
            self.right.update(units)
            return
        read_units = split(read)
        edits = align(units, read_units)
        faults = self._count(edits)
        self.edits += faults
        self.accuracy += 1 - faults / max(len(units), len(read_units))
        self.misread.append(Misread(reading.path, truth, read, reading.score, edits))

    def _count(self, edits: tuple[Edit, ...]) -> int:
        faults, came = 0, set()
        for edit in edits:
            if edit.kind == "right":
                self.right[edit.truth] += 1
                continue
            faults += 1
            if edit.kind == "replaced":
                self.replaced[edit.truth, edit.read] += 1
            elif edit.kind == "deleted":
                self.deleted[edit.truth] += 1
            else:
                self.inserted[edit.read] += 1
                came.add(edit.read)
        self.inserting.update(came)
        return faults


def _without_spaces(text: str) -> str:
    return "".join(text.split())
