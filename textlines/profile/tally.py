"""Counts over aligned lines."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from textlines.profile.affixes import Affix, cut
from textlines.profile.align import Edit, EditKind
from textlines.profile.reading import Misread, Reading
from textlines.profile.spans import align_spans
from textlines.profile.units import Split

Pair = tuple[str, str]


@dataclass(slots=True)
class Counts:
    """What the lines hold and how it was read; grows line by line.

    Attributes:
        affixes: what is set aside in every line that has it.
        support, right, deleted, inserted: by character.
        aside: characters of the labels that were set aside: in `support`, and else nowhere.
        replaced: by (label, read).
        respelled: by (label, read), one of them several characters that stand for the other.
        in_spans, spelled: the characters of these labels, and of these readings.
        inserting: lines in which a character was inserted at least once.
        accuracy: sum over the lines of 1 - edits / length of the longer text.
        misread: the lines whose reading differs, in the order in which they came.
        recomposed_labels, recomposed_readings: texts that were not in NFC.
    """

    affixes: Sequence[Affix] = ()
    lines: int = 0
    exact: int = 0
    casefold: int = 0
    nospace: int = 0
    edits: int = 0
    accuracy: float = 0.0
    support: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    aside: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)
    inserted: Counter[str] = field(default_factory=Counter)
    replaced: Counter[Pair] = field(default_factory=Counter)
    respelled: Counter[Pair] = field(default_factory=Counter)
    in_spans: Counter[str] = field(default_factory=Counter)
    spelled: Counter[str] = field(default_factory=Counter)
    inserting: Counter[str] = field(default_factory=Counter)
    misread: list[Misread] = field(default_factory=list)
    recomposed_labels: int = 0
    recomposed_readings: int = 0

    def add(self, reading: Reading, split: Split) -> None:
        """Count one line. Both texts are composed (NFC) first."""
        label = unicodedata.normalize("NFC", reading.label)
        read = unicodedata.normalize("NFC", reading.prediction)
        self.recomposed_labels += label != reading.label
        self.recomposed_readings += read != reading.prediction
        self.lines += 1
        self.casefold += label.casefold() == read.casefold()
        self.nospace += _without_spaces(label) == _without_spaces(read)
        units = split(label)
        self.support.update(units)
        if label == read:
            self.exact += 1
            self.accuracy += 1.0
            self.right.update(units)
            return
        read_units = split(read)
        edits = self._aligned(label, read, split) or align_spans(units, read_units)
        faults = self._count(edits)
        self.edits += faults
        self.accuracy += 1 - faults / max(len(units), len(read_units))
        self.misread.append(Misread(reading.path, label, read, reading.score, edits))

    def _aligned(self, label: str, read: str, split: Split) -> tuple[Edit, ...]:
        """Align what is left of a line without what is set aside; () where nothing is."""
        parts = cut(self.affixes, label, read)
        if parts.core == (label, read):
            return ()
        head, core, tail = (
            tuple(map(split, part)) for part in (parts.head, parts.core, parts.tail)
        )
        return (*_aside(*head), *align_spans(*core), *_aside(*tail))

    def _count(self, edits: tuple[Edit, ...]) -> int:
        faults, came = 0, set()
        for edit in edits:
            if edit.kind == "right":
                self.right[edit.label] += 1
                continue
            faults += 1
            if edit.is_aside:
                self.aside.update(filter(None, (edit.label,)))
            elif edit.kind == "respelled":
                self.respelled[edit.label, edit.read] += 1
                self.in_spans.update(edit.units)
                self.spelled.update(edit.read_units)
            elif edit.kind == "replaced":
                self.replaced[edit.label, edit.read] += 1
            elif edit.kind == "deleted":
                self.deleted[edit.label] += 1
            else:
                self.inserted[edit.read] += 1
                came.add(edit.read)
        self.inserting.update(came)
        return faults


def _aside(label: Sequence[str], read: Sequence[str]) -> tuple[Edit, ...]:
    """Return the steps of what is set aside at one end."""
    both = min(len(label), len(read))
    kinds: list[tuple[EditKind, str, str]] = [
        *(("replaced", a, b) for a, b in zip(label, read, strict=False)),
        *(("deleted", unit, "") for unit in label[both:]),
        *(("inserted", "", unit) for unit in read[both:]),
    ]
    return tuple(Edit(*step, is_aside=True) for step in kinds)


def _without_spaces(text: str) -> str:
    return "".join(text.split())
