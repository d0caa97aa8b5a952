"""What a run is for where an error profile says what is misread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from synth.plan.part_lines import NeverSeen, PartLines, minimal_partners, part_lines
from synth.plan.request import SPACE, Pair, Refusal, TargetPlan
from synth.plan.targets import MOST_PARTNERS, parts_of
from textlines.formats.profile import WELL_READ, CharacterRow, ErrorProfile
from textlines.profile.jamo import parts
from textlines.profile.parts import Unseen, unseen_syllables, weakest_part
from textlines.wording import say

UNPROVEN_SHARE = 0.2
"""Of a run's lines, at most, for characters that may be well read, for all that is known."""

STRONG_SHARE = 0.1
"""The same for what is read right in `WELL_READ` of all places for all that is known, where a
profile of Hangul names what surely is not: of hundreds of syllables nearly each was misread once.
"""

UNSEEN_SHARE = 0.5
"""Of what syllables get that only their parts prove to be misread, for those never seen."""

UNSEEN_IN_GROUP = 0.1
"""Of what the members of a weak group of Han get, for those never seen: they are few, and use says
next to nothing of one among thousands, but what is learnt of 己 and 已 is to hold for 巳 too."""

FEWEST = 20
"""Lines that hold it, for a syllable that is surely misread: of a large alphabet each would get two
or three, which teach nothing (`textlines.profile.support.ENOUGH`)."""

FEWEST_PAIRED = 4
"""Lines for a syllable, of which one may be its partner's."""

FEWEST_SHARE = 1 / 3
"""Of the lines for hard characters, at most, that go to see to `FEWEST`, by falling gain."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """What a character gets: lines, and what they are parted by."""

    row: CharacterRow
    count: int
    partners: Mapping[str, int]


def plan_profile(
    profile: ErrorProfile,
    rows: int,
    filler_share: float,
    temper: float,
    refuse: Refusal,
    syllables: Iterable[str] = (),
    never: NeverSeen | None = None,
) -> TargetPlan:
    """Part a run by what a profile promises to gain.

    All characters stand in one list and share by gain ** temper; those that may be well read get
    `UNPROVEN_SHARE` of all lines at most, and beside weak Hangul those that are not weak
    `STRONG_SHARE`. Lost spaces count as a character's misreadings do. Of a character's lines as
    many stand in pairs as its confusions are of its errors; the rest (it was read as nothing)
    alone. A pair's two lines both count as the character's.

    A syllable of Hangul that its parts prove to be misread is a target as others are, each with
    the syllable that differs in that part alone (값 with 갑). Half of what such syllables would
    get goes to those with the same part that the profile never saw, beside what these promise
    themselves: it is the part that is to be learnt, whatever stands beside it. Of a weak group of
    Han that look alike a tenth goes to its members that were never seen. Where its own counts prove
    a syllable to be misread, `FEWEST` lines hold it, as far as `FEWEST_SHARE` goes.

    Args:
        syllables: of Hangul, and Han characters: all that may be planned.
        never: those that the profile never saw; natural lines that hold them, as many as the
            share of what they promise, stand in the place of others.

    Returns:
        A plan of natural lines alone where the profile names no character that can be served.
    """
    skipped: dict[str, str] = {}
    gains: dict[str, float] = {}
    ranked = profile.ranked
    if space := space_row(profile):
        ranked = tuple(sorted((*ranked, space), key=lambda row: -row.gain))
    usable = []
    for row in ranked:
        errors = row.deletions + sum(row.confusions.values())
        if row.gain <= 0 or not (errors or row.pooled):
            if errors:
                skipped[row.char] = say("nothing to gain")
            continue
        gains[row.char] = row.gain
        if why := refuse(row.char):
            skipped[row.char] = why
        else:
            usable.append(row)
    proven = [row for row in usable if row.proof]
    unproven = [row for row in usable if not row.proof]
    if not usable:
        return TargetPlan(filler=rows, skipped=skipped, gains=gains)
    groups = unseen_syllables(profile.ranked, profile.parts, syllables)
    weights, group_weights = _weights(proven, groups, profile, temper)
    doubtful = [round(row.gain**temper, 12) for row in unproven]
    targeted = rows - round(rows * filler_share)
    if profile.parts:
        most = rows * STRONG_SHARE / targeted if targeted else 0.0
        others = sum(group_weights)
        weights, doubtful = _held_back(
            proven, weights, unproven=unproven, doubtful=doubtful, others=others, most=most
        )
    whole = sum(weights) + sum(group_weights) + sum(doubtful)
    room = round(targeted * sum(doubtful) / whole) if whole else 0
    room = min(room, targeted, int(rows * UNPROVEN_SHARE))
    partners = {row.char: _partners(row, profile, refuse) for row in usable}
    counts = _parted(proven, targeted - room, [*weights, *group_weights])
    lines = [
        _Lines(row, count, partners[row.char])
        for row, count in (
            *zip(proven, counts, strict=False),
            *zip(unproven, parts_of(room, doubtful), strict=True),
        )
    ]
    never_seen = part_lines(groups, counts[len(proven) :], refuse)
    plan = _plan(profile, rows, lines=lines, never_seen=never_seen, skipped=skipped, gains=gains)
    return plan if never is None else _with_never_seen(plan, never, temper, refuse)


def _with_never_seen(
    plan: TargetPlan, never: NeverSeen, temper: float, refuse: Refusal
) -> TargetPlan:
    """Let natural lines hold what the profile never saw; nothing that is planned gets fewer."""
    more = never.lines(plan.rows, plan.filler, temper, refuse)
    new = [char for char in more if char not in plan.hard]
    alone = dict(plan.alone)
    for char, count in more.items():
        alone[char] = alone.get(char, 0) + count
    return replace(
        plan,
        alone=alone,
        filler=plan.filler - sum(more.values()),
        hard=(*plan.hard, *new),
        unseen=plan.unseen | frozenset(new),
        natural=frozenset(new),
    )


def _plan(
    profile: ErrorProfile,
    rows: int,
    lines: Sequence[_Lines],
    never_seen: PartLines,
    skipped: Mapping[str, str],
    gains: Mapping[str, float],
) -> TargetPlan:
    alone: dict[str, int] = dict(never_seen.alone)
    rounds: dict[tuple[str, str], int] = {}
    for entry in lines:
        paired = _rounds(entry.row, entry.count, entry.partners)
        alone[entry.row.char] = (
            alone.get(entry.row.char, 0) + entry.count - 2 * sum(paired.values())
        )
        for other, count in paired.items():
            # "0 read as O" and "O read as 0" are one pair.
            key = (entry.row.char, other)
            key = key[::-1] if key[::-1] in rounds else key
            rounds[key] = rounds.get(key, 0) + count
    for key, count in never_seen.rounds.items():
        key = key[::-1] if key[::-1] in rounds else key
        rounds[key] = rounds.get(key, 0) + count
    served = sum(alone.values()) + 2 * sum(rounds.values())
    parts_by_char = dict(never_seen.part)
    for entry in lines:
        part = weakest_part(entry.row.char, profile.parts)
        if part:
            parts_by_char[entry.row.char] = part
    weak = {entry.row.char for entry in lines if entry.row.interval[1] < WELL_READ}
    seen = tuple(entry.row.char for entry in lines)
    return TargetPlan(
        alone={char: count for char, count in alone.items() if count},
        pairs=tuple(Pair(entry, other, count) for (entry, other), count in rounds.items() if count),
        filler=rows - served,
        hard=(*seen, *never_seen.part),
        unproven=tuple(entry.row.char for entry in lines if not entry.row.proof),
        skipped=skipped,
        gains=gains,
        distractor_weight=distractor_weight(profile),
        parts=parts_by_char,
        unseen=frozenset(never_seen.part),
        weak=frozenset(weak | parts_by_char.keys()),
    )


def _weights(
    proven: Sequence[CharacterRow],
    groups: Sequence[Unseen],
    profile: ErrorProfile,
    temper: float,
) -> tuple[list[float], list[float]]:
    """Return what lines are parted by: of characters, and of syllables never seen by their part."""
    of_groups = {
        (group.part.place, group.part.part): round(group.gain**temper, 12) for group in groups
    }
    of_rows = []
    for row in proven:
        weight = round(row.gain**temper, 12)
        part = weakest_part(row.char, profile.parts)
        is_glyph = part is not None and part.place == "glyph"
        if part and (part.place, part.part) in of_groups and (is_glyph or row.proof == "parts"):
            lent = weight * (UNSEEN_IN_GROUP if is_glyph else UNSEEN_SHARE)
            of_groups[part.place, part.part] += lent
            weight -= lent
        of_rows.append(weight)
    return of_rows, list(of_groups.values())


def _held_back(
    proven: Sequence[CharacterRow],
    weights: Sequence[float],
    unproven: Sequence[CharacterRow],
    doubtful: Sequence[float],
    others: float,
    most: float,
) -> tuple[list[float], list[float]]:
    """Lower the weights of what is not weak, so that it is `most` of all; as they are without weak.

    Args:
        others: the weight of what else shares, all of it weak.
    """
    both = [*zip(proven, weights, strict=True), *zip(unproven, doubtful, strict=True)]
    weak = others + sum(weight for row, weight in both if row.upper < WELL_READ)
    strong = sum(weight for row, weight in both if row.upper >= WELL_READ)
    if not weak or not strong or most >= 1:
        return [*weights], [*doubtful]
    factor = min(1.0, weak * most / (1 - most) / strong)

    def lowered(rows: Sequence[CharacterRow], of: Sequence[float]) -> list[float]:
        return [
            weight if row.upper < WELL_READ else weight * factor
            for row, weight in zip(rows, of, strict=True)
        ]

    return lowered(proven, weights), lowered(unproven, doubtful)


def _parted(
    proven: Sequence[CharacterRow],
    total: int,
    weights: Sequence[float],
) -> list[int]:
    """Part lines by weights, and see to it that what is surely misread gets enough.

    Args:
        weights: of the rows, and behind them of whatever else shares.
    """
    enough: dict[int, int] = {}
    left = int(total * FEWEST_SHARE)
    for at, row in enumerate(proven):
        if parts(row.char) is None or row.interval[1] >= WELL_READ:
            continue
        if left < FEWEST + 1:
            break
        left -= FEWEST + 1  # one is its partner's
        enough[at] = FEWEST + 1
    fixed: dict[int, int] = {}
    while True:
        others = [0.0 if at in fixed else weight for at, weight in enumerate(weights)]
        counts = parts_of(total - sum(fixed.values()), others)
        short = {at: n for at, n in enough.items() if at not in fixed and counts[at] < n}
        if not short:
            return [fixed.get(at, count) for at, count in enumerate(counts)]
        fixed |= short


def space_row(profile: ErrorProfile) -> CharacterRow | None:
    """Return lost spaces as a character's row; None where no more are lost than put in.

    >>> from textlines.formats.profile import SpaceRow
    >>> profile = ErrorProfile.model_construct(
    ...     spaces=SpaceRow(support=1323, right=891, deletions=430, insertions=30)
    ... )
    >>> row = space_row(profile)
    >>> row.char, round(row.gain)
    (' ', 399)
    """
    spaces = profile.spaces
    if not spaces.are_lost:
        return None
    return CharacterRow(
        char=SPACE,
        support=spaces.support,
        right=spaces.right,
        recall=spaces.right / spaces.support,
        interval=spaces.interval,
        gain=spaces.support * (1 - spaces.interval[1]),
        confusions={},
        deletions=spaces.deletions,
        proof="own",
    )


def _partners(row: CharacterRow, profile: ErrorProfile, refuse: Refusal) -> dict[str, int]:
    """Return what a character is to be told from, by how often it was read so.

    A syllable that was never misread itself is told from those that its weakest part makes of it.
    """
    read: Mapping[str, int] = row.confusions
    if not row.deletions and not read and (part := weakest_part(row.char, profile.parts)):
        read = minimal_partners(row.char, part)
    near = sorted(read.items(), key=lambda item: (-item[1], item[0]))
    kept = [(c, n) for c, n in near if c.strip() and c != row.char and not refuse(c)]
    return dict(kept[:MOST_PARTNERS])


def _paired_share(row: CharacterRow, partners: Mapping[str, int]) -> float:
    errors = row.deletions + sum(row.confusions.values())
    return sum(partners.values()) / errors if errors else float(bool(partners))


def _rounds(row: CharacterRow, budget: int, partners: Mapping[str, int]) -> dict[str, int]:
    """Return the rounds of a character's lines by partner; the rest of its lines stands alone.

    A syllable that was misread stands once beside the one that it is read as: of a large alphabet
    that one is read well and stands in natural text, and lines for it take the place of lines that
    teach. Of 2,000 lines for a Korean model half were partners; without them the syllables that
    its profile names are read right in .895 of all places, with them in .838
    (`benchmarks/korean.py`).
    """
    if parts(row.char) and (row.deletions or row.confusions):
        return dict.fromkeys(list(partners)[:1], 1) if budget >= FEWEST_PAIRED else {}
    share = _paired_share(row, partners)
    counts = parts_of(int(budget * share / 2), [float(count) for count in partners.values()])
    return {char: count for char, count in zip(partners, counts, strict=True) if count}


def distractor_weight(profile: ErrorProfile) -> float:
    """Return the weight of distractors: 1 without insertions, 3 if all edits are insertions."""
    inserted = sum(profile.insertions.values())
    others = sum(row.deletions + sum(row.confusions.values()) for row in profile.ranked)
    return 1.0 + 2.0 * inserted / (inserted + others) if inserted else 1.0
