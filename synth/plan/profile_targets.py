"""What a run is for where an error profile says what is misread."""

from collections.abc import Sequence

from synth.plan.targets import SPACE, Pair, Refusal, TargetPlan, parts_of
from textlines.formats.profile import CharacterRow, ErrorProfile

UNPROVEN_SHARE = 0.2
"""Of a run's lines, at most, for characters with too little support to tell."""

MOST_PARTNERS = 4
"""Of one character; the rarer confusions of a profile are chance."""


def plan_profile(
    profile: ErrorProfile, rows: int, filler_share: float, temper: float, refuse: Refusal
) -> TargetPlan:
    """Part a run by what a profile promises to gain.

    Proven characters share by gain ** temper; the unproven evenly, at most `UNPROVEN_SHARE` of
    all lines. Lost spaces count as a character's misreadings do. Of a character's lines as many
    stand in pairs as its confusions are of its errors; the rest (it was read as nothing) alone.
    A pair's two lines both count as the character's.

    Returns:
        A plan of natural lines alone where the profile names no character that can be served.
    """
    skipped: dict[str, str] = {}
    gains: dict[str, float] = {}

    def usable(rows: Sequence[CharacterRow], *, has_gain: bool) -> list[CharacterRow]:
        kept = []
        for row in rows:
            errors = row.deletions + sum(row.confusions.values())
            why = None if errors else "never misread"
            why = why or ("nothing to gain" if row.gain <= 0 and has_gain else None)
            why = why or refuse(row.char)
            if errors and row.gain > 0:
                gains[row.char] = row.gain
            if why is None:
                kept.append(row)
            elif errors:
                skipped[row.char] = why
        return kept

    ranked = profile.ranked
    if space := space_row(profile):
        ranked = tuple(sorted((*ranked, space), key=lambda row: -row.gain))
    proven, unproven = usable(ranked, has_gain=True), usable(profile.unproven, has_gain=False)
    if not proven and not unproven:
        return TargetPlan(filler=rows, skipped=skipped, gains=gains)
    targeted = rows - round(rows * filler_share)
    room = min(targeted, int(rows * UNPROVEN_SHARE)) if unproven else 0
    weights = [round(row.gain**temper, 12) for row in proven]
    budgets = [
        *zip(proven, parts_of(targeted - room, weights), strict=True),
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
        gains,
        distractor_weight(profile),
    )


def space_row(profile: ErrorProfile) -> CharacterRow | None:
    """Give lost spaces the form of a character's row; None where no more are lost than put in.

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
    )


def _budget(row: CharacterRow, budget: int, refuse: Refusal) -> tuple[int, dict[str, int]]:
    """Part one character's lines into those alone and rounds by partner."""
    near = sorted(row.confusions.items(), key=lambda item: (-item[1], item[0]))
    kept = [(c, n) for c, n in near if c.strip() and c != row.char and not refuse(c)]
    kept = kept[:MOST_PARTNERS]
    errors = row.deletions + sum(row.confusions.values())
    share = sum(count for _, count in kept) / errors
    counts = parts_of(int(budget * share / 2), [float(count) for _, count in kept])
    paired = {char: count for (char, _), count in zip(kept, counts, strict=True) if count}
    return budget - 2 * sum(paired.values()), paired


def distractor_weight(profile: ErrorProfile) -> float:
    """Give the weight of distractors: 1 without insertions, 3 if all edits are insertions."""
    inserted = sum(profile.insertions.values())
    others = sum(
        row.deletions + sum(row.confusions.values()) for row in (*profile.ranked, *profile.unproven)
    )
    return 1.0 + 2.0 * inserted / (inserted + others) if inserted else 1.0
