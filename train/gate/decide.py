"""The decision: five criteria over the numbers of the judged sets.

Passed: the lower bound of the target's gain is above 0; and that of the change over all general
sets is at least -delta; and no general set is worse by more than half a point with a significant
McNemar test, and one of 1,000 lines or more surely not by 3 points; and no character that the
base reads well, nor the space, falls significantly. A harm that is shown fails. What is neither
shown nor ruled out, because the lines are too few, is "cannot tell". All intervals and tests are
two-sided, 95 %.

The general change whose interval reaches below -delta: with an interval of at most 2 x delta it
fails, as so many lines would have shown a candidate that changes nothing to be harmless; wider,
it fails when even the upper bound is below 0, and is "cannot tell" else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from train.gate.bootstrap import HALF, SEED, Change, change_over
from train.gate.character_criteria import characters_criterion, space_criterion
from train.gate.characters import SPACE, CharacterPair
from train.gate.exact import ALPHA, holm, mcnemar
from train.gate.lines import SetNumbers
from train.gate.model import Criterion, Outcome, Status, outcome_of
from train.gate.power import lines_for_gain, lines_for_margin
from train.gate.words import change_words, p_said, points

SET_LOSS = 0.005
"""What one general set may lose, as a share, whatever the test says."""

LARGE_SET, LARGE_LOSS = 1000, 0.03
"""Lines of a set from which on a loss of so much has to be ruled out for it alone. Among many
sets Holm's test misses one: 19 of 100 times with ten sets of 1,000 lines and 4 % flips
(`benchmarks/gate.py`), while all of them together hardly move."""

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
            _sets_criterion(general, adjusted, seed),
            characters_criterion(well_read, character_p),
            space_criterion(space),
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
    wanted = lines_for_margin(delta, change.flips, design=change.design)
    more: int | None = max(wanted - change.lines, 1)
    limit = points(-delta)
    if low >= -delta:
        status, told = "passed", f"no worse than {limit} for sure"
    elif high < 0:
        status = "failed"
        told = "worse for sure, " + (
            f"by more than {points(delta).lstrip('+')}"
            if high < -delta
            else f"{limit} not ruled out"
        )
    elif change.width <= 2 * delta:
        status = "failed"
        told = f"{limit} is not ruled out, by an interval narrow enough to do so"
        if wanted > change.lines:
            told += f"; about {more:,} more lines would clear a candidate that changes nothing"
    else:
        status = "cannot_tell"
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
        more_lines=more if low < -delta and high >= 0 else None,
    )


def _sets_criterion(
    general: Sequence[SetNumbers], adjusted: dict[str, float], seed: int
) -> Criterion:
    changes = {one.name: (one.mended - one.broken) / len(one.base) for one in general}
    worse = [
        f"{one.name} {points(changes[one.name])} (mended {one.mended}, broken {one.broken}, "
        f"{p_said(adjusted[one.name])} after Holm)"
        for one in general
        if changes[one.name] < -SET_LOSS and adjusted[one.name] < ALPHA
    ]
    lowest = min(changes, key=changes.__getitem__)
    status: Status = "failed" if worse else "passed"
    more = None
    told = "; ".join(worse) or (
        f"{len(general)} sets; the lowest is {lowest} with {points(changes[lowest])}, "
        f"{p_said(adjusted[lowest])} after Holm"
    )
    if not worse:
        open_losses = [
            (one, loss)
            for one in general
            if len(one.base) >= LARGE_SET
            and (loss := change_over([one.stratum()], seed=seed)).interval[0] < -LARGE_LOSS
        ]
        if open_losses:
            status = "cannot_tell"
            more = max(
                max(lines_for_margin(LARGE_LOSS, loss.flips, design=loss.design) - loss.lines, 1)
                for _, loss in open_losses
            )
            told = "; ".join(
                f"{one.name} {change_words(loss)}: {points(-LARGE_LOSS)} is not ruled out"
                for one, loss in open_losses
            )
            told += f"; judge it on other lines beside these, about {more:,} or more"
    return Criterion(
        key="general_sets",
        title="No general set got worse by itself",
        status=status,
        told=told,
        value=changes[lowest],
        more_lines=more,
    )
