"""What a run is for: how many lines for each hard character, and which stand in pairs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synth.corpus.classes import partners
from textlines.errors import UsageError
from textlines.labels.canonical import LabelError, canonical, clusters

if TYPE_CHECKING:
    from textlines.profile.model import CharacterRow, ErrorProfile

UNPROVEN_SHARE = 0.2
"""Of a run's lines, at most, for characters with too little support to tell."""

MOST_PARTNERS = 4
"""Of one character; the rarer confusions of a profile are chance."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two confusable characters, each in as many lines as the other: `rounds`.

    In each round the same text is planned with the one and with the other.
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
        unproven: those of `hard` with too little support to tell.
        skipped: characters left out, with the reason in words.
        distractor_weight: what the style's distractors are to be multiplied with, 1..3. It
            grows with the share of insertions among the edits of the profile: characters read
            where there are none come from frames and lines, and no text teaches against them.
    """

    alone: Mapping[str, int] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    filler: int = 0
    hard: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    distractor_weight: float = 1.0

    @property
    def rows(self) -> int:
        """Count the lines."""
        return sum(self.alone.values()) + 2 * sum(p.rounds for p in self.pairs) + self.filler

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
    degree = {char: sum(char in edge for edge in edges) for char in hard}
    pairs = []
    for one, other in edges:
        rounds = min(lines[one] // degree[one], lines[other] // degree[other])
        if rounds:
            pairs.append(Pair(one, other, rounds))
    in_pairs = {c: sum(p.rounds for p in pairs if c in (p.one, p.other)) for c in hard}
    alone = {char: lines[char] - in_pairs[char] for char in hard}
    return TargetPlan(
        {char: count for char, count in alone.items() if count},
        tuple(pairs),
        filler,
        hard,
        skipped=skipped,
    )


def plan_profile(
    profile: "ErrorProfile", rows: int, filler_share: float, temper: float, refuse: Refusal
) -> TargetPlan:
    """Part a run by what a profile promises to gain.

    Proven characters share by gain ** temper; the unproven evenly, at most `UNPROVEN_SHARE` of
    all lines. Of a character's lines as many stand in pairs as its confusions are of its
    errors; the rest (it was read as nothing) alone. A pair's two lines both count as the
    character's.

    Raises:
        UsageError: the profile names no character that can be served.
    """
    skipped: dict[str, str] = {}

    def usable(ranked: "Sequence[CharacterRow]") -> "list[CharacterRow]":
        kept = []
        for row in ranked:
            errors = row.deletions + sum(row.confusions.values())
            why = None if errors else "never misread"
            why = why or ("nothing to gain" if row.gain <= 0 and ranked is profile.ranked else None)
            why = why or refuse(row.char)
            if why is None:
                kept.append(row)
            elif errors:
                skipped[row.char] = why
        return kept

    proven, unproven = usable(profile.ranked), usable(profile.unproven)
    if not proven and not unproven:
        words = "; ".join(f"{char!r}: {why}" for char, why in skipped.items())
        raise UsageError(
            "--profile",
            f"names no character that can be served ({words or 'nothing was misread'})",
            "Name characters with --chars, or plan without a profile.",
        )
    targeted = rows - round(rows * filler_share)
    room = min(targeted, int(rows * UNPROVEN_SHARE)) if unproven else 0
    gains = [round(row.gain**temper, 12) for row in proven]
    budgets = [
        *zip(proven, parts_of(targeted - room, gains), strict=True),
        *zip(unproven, parts_of(room, [1.0] * len(unproven)), strict=True),
    ]
    alone: dict[str, int] = {}
    rounds: dict[tuple[str, str], int] = {}
    for row, budget in budgets:
        single, paired = _budget(row, budget, refuse)
        alone[row.char] = alone.get(row.char, 0) + single
        for other, count in paired.items():
            # "0 read as O" and "O read as 0" are one pair.
            key = (other, row.char) if (other, row.char) in rounds else (row.char, other)
            rounds[key] = rounds.get(key, 0) + count
    served = sum(alone.values()) + 2 * sum(rounds.values())
    return TargetPlan(
        {char: count for char, count in alone.items() if count},
        tuple(Pair(one, other, count) for (one, other), count in rounds.items() if count),
        rows - served,
        tuple(row.char for row in (*proven, *unproven)),
        tuple(row.char for row in unproven),
        skipped,
        distractor_weight(profile),
    )


def _budget(row: "CharacterRow", budget: int, refuse: Refusal) -> tuple[int, dict[str, int]]:
    """Part one character's lines into those alone and rounds by partner."""
    near = sorted(row.confusions.items(), key=lambda item: (-item[1], item[0]))
    kept = [(c, n) for c, n in near if c.strip() and c != row.char and not refuse(c)]
    kept = kept[:MOST_PARTNERS]
    errors = row.deletions + sum(row.confusions.values())
    share = sum(count for _, count in kept) / errors
    counts = parts_of(int(budget * share / 2), [float(count) for _, count in kept])
    paired = {char: count for (char, _), count in zip(kept, counts, strict=True) if count}
    return budget - 2 * sum(paired.values()), paired


def distractor_weight(profile: "ErrorProfile") -> float:
    """Give the weight of distractors: 1 without insertions, 3 if all edits are insertions."""
    inserted = sum(profile.insertions.values())
    others = sum(
        row.deletions + sum(row.confusions.values()) for row in (*profile.ranked, *profile.unproven)
    )
    return 1.0 + 2.0 * inserted / (inserted + others) if inserted else 1.0
