"""A verdict as a value, and its JSON."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer

from textlines.wilson import Interval
from textlines.wording import UNSAID, Sentence
from train.judging.evaluation import StrictValue

Status = Literal["passed", "failed", "cannot_tell", "not_judged"]
LengthGroup = Literal["1 to 9", "10 to 24", "25 to 39", "40 and more"]
"""Of lines, in characters."""

Outcome = Literal["passed", "failed", "cannot_tell"]

EXIT_CODES: Mapping[Outcome, int] = {"passed": 0, "failed": 1, "cannot_tell": 3}


class Criterion(StrictValue):
    """One condition of the verdict.

    Attributes:
        key: a name that stays. title: what it asks. told: what was found, in a sentence.
        todo: what to do about it; "" where nothing is.
        value, interval: the figure behind it, as a share of lines; None where it has none.
        level: of the interval, 0..1, where looks at the lines are paid for; None is 0.95.
        more_lines: how many more lines would decide it, when they could.
    """

    key: str
    title: Sentence
    status: Status
    told: Sentence
    value: float | None = None
    interval: Interval | None = None
    level: float | None = None
    more_lines: int | None = None
    todo: Sentence = UNSAID

    @model_serializer(mode="wrap")
    def _as_written(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave the level out where it is the usual one."""
        content: dict[str, Any] = write(self)
        if content["level"] is None:
            del content["level"]
        return content


class ChangeRow(StrictValue):
    """Line accuracy of both models over some lines, as shares.

    Attributes:
        flips: share of lines that changed either way.
        mended, broken: how many lines.
    """

    lines: int
    base: float
    candidate: float
    change: float
    interval: Interval
    flips: float
    mended: int
    broken: int


class SetRow(StrictValue):
    """One judged set.

    Attributes:
        p: exact McNemar, two-sided. holm: p adjusted over the general sets; None for a target.
        drawn: what its interval draws: lines, or groups, and how many.
        left_out: lines of the file that are not judged.
    """

    name: str
    role: Literal["target", "general"]
    comparison: str
    figures: ChangeRow
    p: float
    holm: float | None
    drawn: Sentence
    left_out: int
    is_synthetic: bool = False


VetoKind = Literal["strictest", "long_lines"]


class VetoRow(StrictValue):
    """A further reading of general lines, which can fail a candidate and cannot pass one.

    Attributes:
        kind: a set by the strictest comparison that its labels allow, or the long lines of all.
        p: exact McNemar, two-sided. holm: adjusted over all such readings.
    """

    kind: VetoKind
    name: Sentence
    comparison: str
    figures: ChangeRow
    p: float
    holm: float


class KindRow(StrictValue):
    """General lines of one script and length: what was forgotten of them, and what was mended.

    Attributes:
        script: "Latin", "Hangul", ...; "digits and signs" for lines without a letter.
        length: in characters: "10 to 24".
    """

    script: str
    length: LengthGroup
    lines: int
    mended: int
    broken: int


class CharacterChange(StrictValue):
    """One character under both models; `p` and `holm` only where it is well read.

    Attributes:
        fell, rose: lines in which the candidate read fewer, or more, of them right.
    """

    char: str
    support: int
    base_recall: float
    candidate_recall: float
    fell: int
    rose: int
    p: float | None = None
    holm: float | None = None


class SpaceChange(StrictValue):
    """Spaces, apart: read right of those in labels, and read where none stand."""

    support: int
    base_right: int
    candidate_right: int
    base_inserted: int
    candidate_inserted: int
    fell: int
    rose: int
    p: float


class PatternRow(StrictValue):
    """The gain on target lines with the pattern that stands out, and on those without.

    Attributes:
        pattern: in words: "ends in '.00'".
        within, without: None where no line is.
    """

    pattern: Sentence
    share: float
    within: ChangeRow | None
    without: ChangeRow | None


class TurningRow(StrictValue):
    """What reading crops in their turns brings to the base alone, without any training.

    Attributes:
        target, general: from the base's readings of the crops as they lie (`base`) to those of the
            same model in their turns (`candidate`); None where no set of that role is.
        base_turned, candidate_turned: how many crops each of the two read turned.
    """

    target: ChangeRow | None
    general: ChangeRow | None
    base_turned: int
    candidate_turned: int


class SeenRow(StrictValue):
    """What earlier steps have seen of one judged set.

    Attributes:
        steps: that read this very label file: what they did, and the name it had.
        images: of its images, how many any step read.
        by: the steps that read some of them, whatever file named them, and how many.
    """

    set: str
    steps: tuple[Sentence, ...]
    images: int
    of: int
    by: tuple[Sentence, ...] = ()


class Look(StrictValue):
    """A set that this verdict read.

    To have looked at lines is not to have seen them: no step of the model depends on them, and the
    next gate does not refuse them.

    Attributes:
        file, sha256: of the labels. images: how many of them are there.
        images_sha256: of the first 16 bytes of the sha256 of each image, in their order.
    """

    file: str
    sha256: str
    images: int
    images_sha256: str


class LookCount(StrictValue):
    """How often lines of one role were looked at, and what this look costs.

    Attributes:
        number: of this look, from 1; it may be beyond what was planned, which is refused.
        alpha: what the intervals of this look leave out. spent: by all looks up to this one.
    """

    number: int
    alpha: float
    spent: float


class PaidLook(StrictValue):
    """What this verdict's look at its lines is, among all looks that a record holds.

    Attributes:
        file: the record. planned: how many looks are to share the 5 %; None shares them by a
            series.
        target, general: of the lines of each role.
        is_repeated: the same two models were judged on the same lines before, in the same way:
            that costs nothing.
    """

    file: str
    planned: int | None
    target: LookCount
    general: LookCount
    is_repeated: bool = False


class FlippedLine(StrictValue):
    """A line that only one of the two has right.

    Attributes:
        strictly: only as strictly as its set's labels allow; by the set's own comparison both are
            alike.
    """

    set: str
    path: str
    kind: Literal["mended", "broken"]
    truth: str
    base: str
    candidate: str
    strictly: bool = False


class GateVerdict(StrictValue):
    """What `train gate` tells.

    Attributes:
        is_refused: the sets were not judged, as an earlier step saw them.
        synthetic: why this verdict says nothing about photographed lines; empty when it does.
        smallest_gain: the least true gain that these target lines show in 4 of 5 cases, a share;
            with `smallest_gain_flips` of the lines flipping besides.
        delta_points: what the general sets may lose, in points.
        vetoes: further readings of the general lines. kinds: of these, by script and length.
        looks: the sets that were read for it; none where it is refused.
        counts: what was left out, by reason. inputs: sha256 by name.
        notes: in words, what to mind.
        turning: what turning crops brings to the base; None where both read them as they lie.
        paid: the look that this is, where looks are paid for; None where they are not.
    """

    version: Literal[1] = 1
    outcome: Outcome
    is_refused: bool = False
    base: str
    candidate: str
    synthetic: tuple[Sentence, ...] = ()
    criteria: tuple[Criterion, ...]
    target: ChangeRow | None = None
    general: ChangeRow | None = None
    sets: tuple[SetRow, ...] = ()
    vetoes: tuple[VetoRow, ...] = ()
    kinds: tuple[KindRow, ...] = ()
    characters: tuple[CharacterChange, ...] = ()
    spaces: SpaceChange | None = None
    pattern: PatternRow | None = None
    smallest_gain: float | None = None
    smallest_gain_flips: float | None = None
    seen: tuple[SeenRow, ...] = ()
    looks: tuple[Look, ...] = ()
    flipped: tuple[FlippedLine, ...] = ()
    delta_points: float
    seed: int
    counts: Mapping[str, int] = {}
    inputs: Mapping[str, str] = {}
    versions: Mapping[str, str] = {}
    notes: tuple[Sentence, ...] = ()
    turning: TurningRow | None = None
    paid: PaidLook | None = None

    @property
    def exit_code(self) -> int:
        """The exit code: 0 passed, 1 failed, 3 cannot tell."""
        return EXIT_CODES[self.outcome]

    def to_json(self) -> str:
        """Write the verdict as JSON, ending in a line feed; `paid` only where looks are."""
        content = self.model_dump(mode="json")
        if self.paid is None:
            del content["paid"]
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def outcome_of(statuses: "tuple[Status, ...]") -> Outcome:
    """Return the outcome of criteria together: failed goes before cannot tell.

    >>> outcome_of(("passed", "cannot_tell", "failed")), outcome_of(("passed", "not_judged"))
    ('failed', 'passed')
    """
    if "failed" in statuses:
        return "failed"
    return "cannot_tell" if "cannot_tell" in statuses else "passed"
