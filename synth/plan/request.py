"""What a plan is asked for, the lines that this comes to, and the order they come in."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synth.corpus.sources import Corpus
from synth.draws import Draws
from synth.plan.bounds import Limits, LineShape, Originals, count_for
from synth.plan.plan_options import FILLER, REST, PlanOptions
from textlines.errors import UsageError
from textlines.formats.plan_rows import Why

if TYPE_CHECKING:
    from synth.plan.beside_own import Beside
    from textlines.formats.profile import ErrorProfile, PartRow


MOST_ROWS = 10_000_000_000

SPACE = " "
"""Stands among the hard characters where spaces are lost; its lines hold several words."""

Refusal = Callable[[str], str | None]
"""Says in words why a character cannot be served; None if it can."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PlanRequest:
    """Everything that a plan depends on, beside the faces.

    With `texts`, exactly these are planned, in turn. With `profile` or `chars`, the run is for
    hard characters. With none of the three, texts come from the corpus as they are.

    Attributes:
        corpus: where texts come from.
        stand_ins: sources for characters that the corpus does not hold (their shares are 0).
        profile, chars, texts: see above; at most one of them.
        beside: own lines and production: the run is for what own lines lack, of the profile or
            the characters and of all else that production holds.
        looks_like_own: the corpus is made of own texts: a character is rather set into one of
            these than looked for in `stand_ins`.
        options: how many lines, and how they are shared out.
        originals: the team's own lines.
        like: lengths and spaces to follow.
        limits: alphabet, length limit, texts of judging sets.
        style: written into each row.

    Raises:
        UsageError: two of profile, chars and texts are given, or a number is out of range.
    """

    options: PlanOptions = field(default_factory=PlanOptions)
    corpus: Corpus = field(default_factory=Corpus)
    stand_ins: Corpus = field(default_factory=Corpus)
    profile: "ErrorProfile | None" = None
    chars: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    beside: "Beside | None" = None
    looks_like_own: bool = False
    originals: Originals | None = None
    like: LineShape | None = None
    limits: Limits = field(default_factory=Limits)
    style: str = "document"

    def __post_init__(self) -> None:
        asked = [
            name
            for name, value in (
                ("--profile", self.profile),
                ("--chars", self.chars),
                ("--text-list", self.texts),
            )
            if value
        ]
        if len(asked) > 1:
            raise UsageError(" and ".join(asked), "exclude each other", "Name one of them.")
        for option, value in (
            ("--filler", self.filler_share),
            ("--alpha", self.options.alpha),
            ("--temper", self.options.temper),
        ):
            if not 0 <= value <= 1:
                raise UsageError(option, f"is {value:g}, not from 0 to 1", "Name a share.")
        cap = self.options.repeat_cap
        if not 0 <= cap <= 60_000:
            raise UsageError("--repeat-cap", f"is {cap}, not from 1 to 60,000", "Name another.")
        if not 1 <= self.rows <= MOST_ROWS:
            raise UsageError(
                "--count", f"is {self.rows}, not from 1 to {MOST_ROWS:,}", "Name another."
            )
        if not self.texts and not (self.corpus.lines or self.corpus.patterns):
            raise UsageError(
                "--corpus", "holds neither lines nor patterns", "Add a source of texts."
            )

    @property
    def filler_share(self) -> float:
        """Return the share of natural lines, or of lines for all of production: 0..1."""
        if self.options.filler is not None:
            return self.options.filler
        return FILLER if self.beside is None else REST

    def numbers(self) -> dict[str, float | None]:
        """Return the options as this plan takes them, by name: what the run's record holds."""
        return self.options.numbers() | {"count": self.rows, "filler": self.filler_share}

    @property
    def rows(self) -> int:
        """Return the number of lines that the run is to have.

        Raises:
            UsageError: neither count nor originals nor texts say it.
        """
        if self.options.count is not None:
            return self.options.count
        if self.originals is not None:
            return count_for(self.originals.lines, self.options.ratio)
        if self.texts:
            return len(self.texts)
        raise UsageError(
            "--count", "is missing", "Say how many lines, or name your own with --original."
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two confusable characters, each in as many lines as the other: `rounds`.

    In each round the same text is planned with the one and with the other, where both are texts
    (numbers, codes, what a source has itself); else each in a text of its own that holds it.
    """

    one: str
    other: str
    rounds: int


@dataclass(frozen=True)
class TargetPlan:
    """The lines of a run by what they are for.

    Attributes:
        alone: lines for a character without a partner beside them.
        pairs: rounds of two lines.
        filler: lines of natural text.
        hard: characters that the run is for, in order; partners that are not are left out.
        unproven: those of `hard` that may be well read, for all that is known.
        skipped: characters left out, with the reason in words.
        gains: what each misread character of a profile promises to gain, served or not.
        distractor_weight: what the style's distractors are to be multiplied with, 1..3. It
            grows with the share of insertions among the edits of the profile: characters read
            where there are none come from frames and lines, and no text teaches against them.
        why: of a run beside own lines, why a character's lines are drawn; see `PlanRow`.
        parts: of a profile, the weakest part of each hard syllable that has a weak one.
        unseen: those of `hard` that the profile never saw.
        natural: those of `unseen` that no weak part names: natural lines hold them, for what a
            large alphabet promises beyond what was seen.
        weak: those of `hard` that are surely read right in less than `WELL_READ` of all places, or
            have such a part. A round counts as the line of a weak character does.
    """

    alone: Mapping[str, int] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    filler: int = 0
    hard: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    gains: Mapping[str, float] = field(default_factory=dict)
    distractor_weight: float = 1.0
    why: Mapping[str, Why] = field(default_factory=dict)
    parts: "Mapping[str, PartRow]" = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    natural: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()

    @property
    def rows(self) -> int:
        """Count the lines."""
        return sum(self.alone.values()) + 2 * sum(p.rounds for p in self.pairs) + self.filler

    @property
    def unserved_share(self) -> float:
        """Sum up what the characters left out promise, as a share of what all do.

        >>> TargetPlan(skipped={"b": "no face draws it"}, gains={"a": 1, "b": 3}).unserved_share
        0.75
        """
        lost = sum(gain for char, gain in self.gains.items() if char in self.skipped)
        return lost / sum(self.gains.values()) if lost else 0.0

    def wanted(self) -> dict[str, int]:
        """Count the lines for each character, partners too."""
        lines = dict(self.alone)
        for pair in self.pairs:
            for char in (pair.one, pair.other):
                lines[char] = lines.get(char, 0) + pair.rounds
        return {char: lines[char] for char in sorted(lines) if lines[char]}


@dataclass(frozen=True)
class Schedule:
    """Jobs, and the order in which they come.

    Attributes:
        jobs: job 0 is a filler line; a job of one character is a line for it; a job of two is a
            round of a pair.
        order: for each unit of the run, the number of its job. Two to four bytes a unit.
    """

    jobs: tuple[tuple[str, ...], ...]
    order: "array[int]"


def schedule(plan: TargetPlan, seed: int) -> Schedule:
    """Spread each job evenly over the run, so that any prefix is like the whole.

    A job of n units stands at (k + u) / n of the run for k = 0..n-1, with one u in 0..1 drawn
    for the job; in any prefix each job has as many units as its share, within one.

    >>> plan = TargetPlan({"1": 2}, filler=4)
    >>> made = schedule(plan, seed=1)
    >>> made.jobs, sorted(made.order)
    (((), ('1',)), [0, 0, 0, 0, 1, 1])
    """
    jobs: list[tuple[str, ...]] = [()]
    counts = [plan.filler]
    for char, count in plan.alone.items():
        jobs.append((char,))
        counts.append(count)
    for pair in plan.pairs:
        jobs.append((pair.one, pair.other))
        counts.append(pair.rounds)
    return Schedule(tuple(jobs), _spread(counts, seed))


def _spread(counts: Sequence[int], seed: int) -> "array[int]":
    import numpy as np

    total = sum(counts)
    places = np.empty(total, np.float64)
    numbers = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
    at = 0
    for job, count in enumerate(counts):
        if count:
            offset = Draws(seed, job, purpose="schedule").unit()
            places[at : at + count] = (np.arange(count) + offset) / count
            at += count
    order = array("I")
    order.frombytes(numbers[np.argsort(places, kind="stable")].tobytes())
    return order
