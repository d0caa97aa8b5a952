"""The decision: five criteria over the numbers of the judged sets.

Passed: the lower bound of the target's gain is above 0; and that of the change over all general
sets is at least -delta; and no general set is worse by more than half a point with a significant
McNemar test; and no character that the base reads well, nor the space, falls significantly. A
harm that is shown fails. What is neither shown nor ruled out, because the lines are too few, is
"cannot tell". All intervals and tests are two-sided, 95 %.

The general change whose interval reaches below -delta: with an interval of at most 2 x delta it
fails, as so many lines would have shown a candidate that changes nothing to be harmless; wider,
it fails when even the upper bound is below 0, and is "cannot tell" else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from train.gate.bootstrap import HALF, SEED, Change, change_over
from train.gate.characters import LEAST_SUPPORT, SPACE, CharacterPair
from train.gate.exact import ALPHA, holm, mcnemar
from train.gate.lines import SetNumbers
from train.gate.model import Criterion, Outcome, outcome_of
from train.gate.power import lines_for_gain, lines_for_margin
from train.gate.words import change_words, points

SET_LOSS = 0.005
"""What one general set may lose, as a share, whatever the test says."""

DELTA_POINTS = 1.0


@dataclass(frozen=True, slots=True)
class Decision:
    """The criteria, and the figures that they were made from.

    Attributes:
        p: exact McNemar of each set, by name. holm: adjusted, of the general sets.
        character_p: p and adjusted p of each well-read character. space_p: None without spaces.
    """

    criteria: tuple[Criterion, ...]
    target: Change
    general: Change
    p: dict[str, float]
    holm: dict[str, float]
    character_p: dict[str, tuple[float, float]]
    space_p: float | None

    @property
    def outcome(self) -> Outcome:
        """Give the verdict."""
        return outcome_of(tuple(one.status for one in self.criteria))


def decide(
    sets: Sequence[SetNumbers],
    characters: Sequence[CharacterPair],
    *,
    delta_points: float = DELTA_POINTS,
    seed: int = SEED,
) -> Decision:
    """Judge a candidate.

    Args:
        sets: at least one target and one general, their names unique.
        characters: of all lines of these sets, the space among them.
        delta_points: what the general sets may lose together, in points (0.01 of the lines).
        seed: of the bootstrap.

    Raises:
        ValueError: there is no target or no general set.
    """
    general = [one for one in sets if not one.is_target]
    gain = change_over([one.stratum() for one in sets if one.is_target], seed=seed)
    change = change_over([one.stratum() for one in general], seed=seed, added=HALF)
    p = {one.name: mcnemar(one.mended, one.broken) for one in sets}
    adjusted = dict(zip((s.name for s in general), holm([p[s.name] for s in general]), strict=True))
    well_read = [one for one in characters if one.is_well_read and one.char != SPACE]
    raw = [mcnemar(one.rose, one.fell) for one in well_read]
    character_p = {
        one.char: both
        for one, both in zip(well_read, zip(raw, holm(raw), strict=True), strict=True)
    }
    space = next((one for one in characters if one.char == SPACE), None)
    return Decision(
        criteria=(
            _target_criterion(gain),
            _general_criterion(change, delta_points / 100),
            _sets_criterion(general, adjusted),
            _characters_criterion(well_read, character_p),
            _space_criterion(space),
        ),
        target=gain,
        general=change,
        p=p,
        holm=adjusted,
        character_p=character_p,
        space_p=mcnemar(space.rose, space.fell) if space else None,
    )


def _target_criterion(gain: Change) -> Criterion:
    low, high = gain.interval
    more = None
    if low > 0:
        status, told = "passed", "better for sure"
    elif high < 0:
        status, told = "failed", "worse for sure"
    else:
        status, told = "cannot_tell", "the interval holds 0"
        wanted = lines_for_gain(gain.value, gain.flips, design=gain.design)
        if wanted is None:
            told += "; no gain is seen that more lines could prove"
        else:
            more = max(wanted - gain.lines, 1)
            told += f"; about {more:,} more lines like these would prove a gain of this size"
    return Criterion(
        key="target_gain",
        title="The target got better",
        status=status,
        told=f"{change_words(gain)} on {gain.lines:,} lines: {told}",
        value=gain.value,
        interval=gain.interval,
        more_lines=more,
    )


def _general_criterion(change: Change, delta: float) -> Criterion:
    low, high = change.interval
    more = None
    limit = points(-delta)
    if low >= -delta:
        status, told = "passed", f"no worse than {limit} for sure"
    elif high < 0:
        status, told = "failed", f"worse for sure, and {limit} is not ruled out"
    elif change.width <= 2 * delta:
        status = "failed"
        told = f"{limit} is not ruled out, by lines enough to rule it out if nothing had changed"
    else:
        status = "cannot_tell"
        wanted = lines_for_margin(delta, change.flips, design=change.design)
        more = max(wanted - change.lines, 1)
        told = (
            f"the interval is wider than {2 * delta * 100:g} points; about {more:,} more lines "
            "like these would decide"
        )
    return Criterion(
        key="general_change",
        title="The general sets together did not get worse",
        status=status,
        told=f"{change_words(change)} on {change.lines:,} lines: {told}",
        value=change.value,
        interval=change.interval,
        more_lines=more,
    )


def _sets_criterion(general: Sequence[SetNumbers], adjusted: dict[str, float]) -> Criterion:
    changes = {one.name: (one.mended - one.broken) / len(one.base) for one in general}
    worse = [
        f"{one.name} {points(changes[one.name])} (mended {one.mended}, broken {one.broken}, "
        f"p = {adjusted[one.name]:.2g})"
        for one in general
        if changes[one.name] < -SET_LOSS and adjusted[one.name] < ALPHA
    ]
    lowest = min(changes, key=changes.__getitem__)
    told = "; ".join(worse) or (
        f"{len(general)} sets; the lowest is {lowest} with {points(changes[lowest])}, "
        f"p = {adjusted[lowest]:.2g} after Holm"
    )
    return Criterion(
        key="general_sets",
        title="No general set got worse by itself",
        status="failed" if worse else "passed",
        told=told,
        value=changes[lowest],
    )


def _characters_criterion(
    well_read: Sequence[CharacterPair], tests: dict[str, tuple[float, float]]
) -> Criterion:
    title = "No character that was read well fell"
    if not well_read:
        return Criterion(
            key="characters",
            title=title,
            status="not_judged",
            told=f"none is read well ({LEAST_SUPPORT} times or more, recall 0.95 or more)",
        )
    fallen = [one for one in well_read if one.fell > one.rose and tests[one.char][1] < ALPHA]
    told = "; ".join(
        f"{one.char} from {one.base_recall:.3f} to {one.candidate_recall:.3f} (worse in "
        f"{one.fell} lines, better in {one.rose}, p = {tests[one.char][1]:.2g})"
        for one in fallen
    )
    if not fallen:
        told = f"{len(well_read):,} well-read characters, none fell significantly after Holm"
    return Criterion(
        key="characters", title=title, status="failed" if fallen else "passed", told=told
    )


def _space_criterion(space: CharacterPair | None) -> Criterion:
    title = "Spaces did not fall"
    if space is None or space.support < LEAST_SUPPORT:
        held = space.support if space else 0
        return Criterion(
            key="spaces",
            title=title,
            status="not_judged",
            told=f"the labels hold {held} spaces, {LEAST_SUPPORT} are needed",
        )
    p = mcnemar(space.rose, space.fell)
    has_fallen = space.fell > space.rose and p < ALPHA
    return Criterion(
        key="spaces",
        title=title,
        status="failed" if has_fallen else "passed",
        told=(
            f"recall {space.base_recall:.3f} to {space.candidate_recall:.3f} of {space.support:,}, "
            f"inserted {space.base_inserted:,} to {space.candidate_inserted:,}; worse in "
            f"{space.fell} lines, better in {space.rose}, p = {p:.2g}"
        ),
        value=space.candidate_recall - space.base_recall,
    )
