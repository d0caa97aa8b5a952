"""What a run is for: how many lines for each hard character, and which stand in pairs."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synth.corpus.character_classes import partners
from textlines.errors import UsageError
from textlines.formats.plan_rows import Why
from textlines.labels.canonical import LabelError, canonical, clusters

if TYPE_CHECKING:
    from textlines.formats.profile import PartRow

SPACE = " "
"""Stands among the hard characters where spaces are lost; its lines hold several words."""


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
        found = dict(self.alone)
        for pair in self.pairs:
            for char in (pair.one, pair.other):
                found[char] = found.get(char, 0) + pair.rounds
        return {char: found[char] for char in sorted(found) if found[char]}


Refusal = Callable[[str], str | None]
"""Says in words why a character cannot be served; None if it can."""


def read_chars(text: str) -> tuple[str, ...]:
    """Take the characters of `--chars` apart: clusters, each once, without spaces.

    Raises:
        UsageError: there is none, or one that no label can hold.

    >>> read_chars("0O 1l0")
    ('0', 'O', '1', 'l')
    """
    try:
        found = tuple(dict.fromkeys(c for c in clusters(canonical(text)) if c.strip()))
    except LabelError as error:
        raise UsageError("--chars", error.what, "Name characters that a line may hold.") from None
    if not found:
        raise UsageError("--chars", "names no character", "Name some, as in --chars 0O1l.")
    return found


def parts_of(total: int, weights: Sequence[float]) -> list[int]:
    """Part a number by weights, to the last one (largest remainders; ties to the first).

    >>> parts_of(10, [1, 1, 1]), parts_of(2, [5, 0, 5])
    ([4, 3, 3], [1, 0, 1])
    """
    whole = sum(weights)
    if whole <= 0:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    found = [int(value) for value in exact]
    rest = sorted(range(len(exact)), key=lambda k: (found[k] - exact[k], k))
    for k in rest[: total - sum(found)]:
        found[k] += 1
    return found


def plan_chars(chars: Sequence[str], rows: int, filler_share: float, refuse: Refusal) -> TargetPlan:
    """Part a run evenly among characters; partners among them stand in pairs.

    Every character gets the same number of lines, give or take one; as many of them as can be
    stand in pairs.
    """
    skipped = {char: why for char in chars if (why := refuse(char))}
    hard = tuple(char for char in chars if char not in skipped)
    filler = round(rows * filler_share) if hard else rows
    lines = dict(zip(hard, parts_of(rows - filler, [1.0] * len(hard)), strict=True))
    edges = partners(hard)
    degree = Counter(char for edge in edges for char in edge)
    pairs = []
    for one, other in edges:
        rounds = min(lines[one] // degree[one], lines[other] // degree[other])
        if rounds:
            pairs.append(Pair(one, other, rounds))
    in_pairs: Counter[str] = Counter()
    for pair in pairs:
        in_pairs[pair.one] += pair.rounds
        in_pairs[pair.other] += pair.rounds
    alone = {char: lines[char] - in_pairs[char] for char in hard}
    return TargetPlan(
        {char: count for char, count in alone.items() if count},
        tuple(pairs),
        filler,
        hard,
        skipped=skipped,
    )
