"""An evaluation as a value."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, field_serializer

from textlines.wilson import Interval
from textlines.wording import Sentence
from train.reading.turned_crops import TurnedCrops


class StrictValue(BaseModel, frozen=True, extra="forbid"):
    """A value whose unknown keys are refused."""


class Figure(StrictValue):
    """A figure with its 95 % interval (`train.judging.intervals`).

    Attributes:
        interval: holds the value; None where too little is there to bound it (one group), or it
            was not asked for.
    """

    value: float
    interval: Interval | None = None

    @classmethod
    def of(cls, value: float, interval: Interval | None) -> "Figure":
        """Round both to what is written."""
        bounds = None if interval is None else (round(interval[0], 6), round(interval[1], 6))
        return cls(value=round(float(value), 6), interval=bounds)


class Figures(StrictValue):
    """Lines under one comparison.

    Attributes:
        line_accuracy: share of lines read right, 0..1.
        character_accuracy: mean over the lines of 1 - NED (edits / length of the longer text).
        cer: edits in all lines / characters of all labels; None when labels hold none. May
            pass 1.
    """

    lines: int
    line_accuracy: Figure
    character_accuracy: Figure
    cer: Figure | None


class LineSubset(StrictValue):
    """Some of the lines, everything counted; `name` is data where it names a group."""

    name: Sentence
    figures: Figures


class Versus(StrictValue):
    """These readings beside others of the same lines.

    Attributes:
        other: what the others were read by.
        lines: that both have.
        same_text: how many lines both read alike.
        mended, broken: lines that only these, or only the others, have right.
        difference: of line accuracy, these minus the others.
    """

    other: str
    lines: int
    same_text: int
    mended: int
    broken: int
    their_accuracy: float
    difference: Figure


ReaderKind = Literal["stock", "model", "predictions"]
"""A published model by its name, another model, or readings from a file."""


class Contender(StrictValue):
    """What read these lines, beside all others that did; on the lines that all of them have.

    Attributes:
        kind: of what read them.
        line_accuracy, cer: as in `Figures`.
        change: of line accuracy against the first contender, paired by line; None for the first.
        p: of the exact sign test against the first, by line or by group; None for the first.
        only: lines that it alone reads right.
        best_of_two: share of lines that it or the first reads right: what choosing perfectly
            between the two would give.
    """

    name: str
    kind: ReaderKind
    line_accuracy: Figure
    cer: Figure | None
    change: Figure | None = None
    p: float | None = None
    only: int
    best_of_two: float


class Contest(StrictValue):
    """Several readings of the same lines.

    Attributes:
        lines: that all have. contenders: the one that is measured first.
        best_of_all: share of lines that any of them reads right.
        better: stock models that surely read more of them (exact test, adjusted, and interval).
    """

    lines: int
    contenders: tuple[Contender, ...]
    best_of_all: float
    better: tuple[str, ...] = ()


class RulesEffect(StrictValue):
    """What a file of rules did to the readings.

    Attributes:
        changed: readings. mended, broken: lines that are right with, or without them alone.
        before: share of lines read exactly without them. change: with them minus that.
        has_seen: whether the rules were found on this label file, and prove nothing on it.
    """

    path: str
    rules: int
    lines: int
    changed: int
    mended: int
    broken: int
    before: float
    change: Figure
    has_seen: bool


class Agreed(StrictValue):
    """Lines that nothing but conventions of the whole label set set apart from their readings.

    Attributes:
        conventions: what each is, in words. mends: what to do about each, in the same order.
        is_edge: whether all of them are of what labels or readings begin or end with.
        right: of the `wrong` lines, how many are right with the conventions set aside.
        line_accuracy: with them set aside, beside the strict one of `Evaluation.comparisons`.
    """

    conventions: tuple[Sentence, ...]
    mends: tuple[Sentence, ...]
    is_edge: bool
    right: int
    wrong: int
    line_accuracy: Figure


class Evaluation(StrictValue):
    """What `train evaluate` tells.

    Attributes:
        comparisons: by name: all, case_folded, no_spaces, no_punctuation.
        lengths: by the length of the label. groups: by --group, most lines first.
        agreed: lines that are wrong by conventions of the whole set alone; None where none is.
        contest: all that read these lines in one table; None without others.
        rules: that were applied to the readings before all else; None without.
        resampled: what fails by itself, and intervals go by.
        counts: what was left out or changed on the way, by reason.
        notes: in words, what to mind.
        turned: what turning crops is about; None where a file of predictions was measured.
    """

    version: Literal[1] = 1
    model: str
    comparisons: Mapping[str, Figures]
    lengths: tuple[LineSubset, ...]
    groups: tuple[LineSubset, ...] = ()
    agreed: Agreed | None = None
    resampled: Literal["lines", "groups"] = "lines"
    versus: tuple[Versus, ...] = ()
    contest: Contest | None = None
    rules: RulesEffect | None = None
    counts: Mapping[str, int] = {}
    inputs: Mapping[str, str] = {}
    versions: Mapping[str, str] = {}
    notes: tuple[Sentence, ...] = ()
    turned: TurnedCrops | None = None

    @field_serializer("turned")
    def _turned_record(self, turned: TurnedCrops | None) -> dict[str, Any] | None:
        return turned.record() if turned else None
