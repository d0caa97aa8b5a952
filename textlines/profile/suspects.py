"""Lines whose label, rather than the reading, may be wrong.

By readings and scores alone, where that is all there is (`with_suspicion`: a profile of any
model's predictions); by what a model finds of label and reading that was not trained on the line
(`doubts_of`: folds of a team's own lines), which ranks all of them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log

from textlines.profile.align import Edit, align
from textlines.profile.conventions import Agreement
from textlines.profile.reading import Misread
from textlines.profile.units import splitter
from textlines.wording import Sentence, say, say_n

SURE = 0.9
"""The score from which on a model counts as sure."""

NEAR = 0.2
"""Share of the label's characters that may differ in a reading that is near (one always may)."""

USUAL = 0.01
"""Share of the lines from which on a fault is this model's habit, and no slip in a label."""


def agrees(edit: Edit, agreement: Agreement) -> bool:
    """Whether a convention explains the edit."""
    if edit.is_aside or edit.kind == "respelled" or edit.label in agreement.foreign:
        return True
    if edit.kind == "replaced":
        return (edit.label, edit.read) in agreement.pairs
    return edit.kind == "inserted" and edit.read in agreement.inserted


def is_of_the_set(edit: Edit, agreement: Agreement) -> bool:
    """Whether a convention of all labels explains the edit, and not of a character here and there.

    A beginning or an end, one case, full width, a character that is read throughout and never
    written.
    """
    if edit.is_aside or (edit.label, edit.read) in agreement.throughout:
        return True
    return edit.kind == "inserted" and edit.read in agreement.inserted


def with_suspicion(
    misread: Sequence[Misread], agreement: Agreement, lines: int, real: Collection[str] = ()
) -> tuple[Misread, ...]:
    """Mark the lines that conventions alone set apart, and those whose label looks wrong.

    What is true of the whole set is told once, and makes no single label suspect. Else a label is
    suspected when the model was sure and its reading differs by a convention alone, or is near the
    label while at least one of the faults is none of the model's habits. Faults that show up in one
    line of a hundred (`.` lost, over and over) speak against the model.

    Args:
        lines: how many lines were measured.
        real: paths that a person has marked as real misreadings: never suspected.
    """
    faults = [tuple(e for e in line.faults() if not agrees(e, agreement)) for line in misread]
    seen = Counter(edit for line in faults for edit in set(line))
    habit = max(3, USUAL * lines)
    marked = []
    for line, left in zip(misread, faults, strict=True):
        reason = ""
        if line.path not in real and line.score is not None and line.score >= SURE:
            if not left and all(is_of_the_set(edit, agreement) for edit in line.faults()):
                reason = ""
            elif not left:
                reason = say("sure, and apart by a convention alone")
            elif _is_near(line, left) and min(seen[edit] for edit in left) < habit:
                reason = _reason(len(left))
        marked.append(replace(line, agreed=not left, suspected=reason))
    return tuple(marked)


def _is_near(line: Misread, faults: Sequence[Edit]) -> bool:
    characters = sum(1 for edit in line.edits if edit.label)
    return len(faults) <= max(1, NEAR * characters)


MOST_NATS = 10.0
"""What a label's being less likely than the reading counts at most. Beyond it says nothing more
of the label: a crop that lies upside down makes every label as unlikely as can be."""

UNSEEN_TEXT = 0.5
"""Lines that are added to those that hold a text, so that one that no other holds has some."""

NOTHING_READ = 3.0
"""Nats that speak for the label where nothing was read: that corrects none."""

DOUBTED, SURE_READ = 5.0, 0.5
"""A label is suspected from so much doubt on, where the model finds all of its reading so likely.
Measured on 900 real lines: 3 of 4 planted slips, and 3 of 200 labels that nobody planted, some
of which are wrong indeed (benchmarks/suspects.py)."""

UNREADABLE_NATS = 1e4
"""Stands for the loss of a label that the network cannot write at all: it holds a character
outside the dictionary, or needs more time steps than the crop has."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A labelled line as a model read it that was not trained on it, and as the base reads it.

    Attributes:
        path: names the line.
        reading, score: out of fold. label_nats, read_nats: minus the logarithm of the probability
            of all ways to write the label, and the reading; of the fold's model.
        base_reading: of the base. base_label_nats, base_read_nats: how likely the base finds the
            label, and the fold's reading.
    """

    path: str
    label: str
    reading: str
    score: float
    label_nats: float
    read_nats: float
    base_reading: str
    base_label_nats: float
    base_read_nats: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """How much a line's label is doubted.

    Attributes:
        doubt: what ranks: above 0 the label is likelier wrong than right.
        label_score, read_score: 0..1 a character, of the fold's model.
        reason: why the label is suspected, in words; "" when it is not.
    """

    evidence: Evidence
    doubt: float
    label_score: float
    read_score: float
    reason: str = ""

    @property
    def suspected(self) -> bool:
        """Whether the line counts as a suspect."""
        return bool(self.reason)


def doubts_of(lines: Sequence[Evidence], real: Collection[str] = ()) -> tuple[Doubt, ...]:
    """Rank lines by how much their labels are doubted, the most doubted first.

    The doubt adds up, in nats: how much less likely the label is than the reading (`MOST_NATS` at
    most); how likely the reading is by itself, as an unsure model is no witness; how many other
    lines hold the text that was read, against the label's: texts come again, slips do not.

    Args:
        real: paths of lines whose label a person has confirmed: ranked last, never suspected.
    """
    texts = Counter(line.label for line in lines)
    doubts = [_doubt(line, texts, is_real=line.path in real) for line in lines]
    return tuple(sorted(doubts, key=lambda doubt: (-doubt.doubt, doubt.evidence.path)))


def _doubt(line: Evidence, texts: Mapping[str, int], *, is_real: bool) -> Doubt:
    scores = _a_character(line.label_nats, line.label), _a_character(line.read_nats, line.reading)
    if is_real or line.reading == line.label:
        return Doubt(line, -UNREADABLE_NATS, *scores)
    doubt = min(line.label_nats - line.read_nats, MOST_NATS) - line.read_nats
    others = texts.get(line.reading, 0) + UNSEEN_TEXT
    doubt += log(others / (texts[line.label] - 1 + UNSEEN_TEXT))
    if not line.reading:
        doubt -= NOTHING_READ
    if doubt < DOUBTED or exp(-line.read_nats) < SURE_READ:
        return Doubt(line, doubt, *scores)
    split = splitter(None)
    apart = sum(e.kind != "right" for e in align(split(line.label), split(line.reading)))
    return Doubt(line, doubt, *scores, _reason(apart))


def _reason(apart: int) -> Sentence:
    return say_n("sure, and {n} character apart", "sure, and {n} characters apart", apart)


def _a_character(nats: float, text: str) -> float:
    return exp(-nats / max(len(text), 1))
