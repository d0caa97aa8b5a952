"""The decision: criteria over the numbers of the judged sets.

Passed: the lower bound of the target's gain is above 0, and six lines or more changed (five, all of
them mended, are chance in one of sixteen cases, whatever an interval says); and that of the change
over all general sets is at least -delta; and no general set is worse by more than half a point with
a significant McNemar test, and one of 1,000 lines or more surely not by 3 points; and no character
that the base reads well, nor the space, falls significantly; and no set under the strictest
comparison that its labels allow, nor the long lines of all sets (`train.judging.set_criteria`). A
harm that is shown fails. What is neither shown nor ruled out, because the lines are too few, is
"cannot tell". All intervals and tests are two-sided, 95 %; where looks at the lines are paid for
(`train.judging.look_spending`), a pass claims by wider intervals, and what shows harm stays at
95 %: a candidate that fails by a first look fails by each, and none passes that would not pass by
a first look.

The general change whose interval reaches below -delta: with an interval of at most 2 x delta it
fails, as so many lines would have shown a candidate that changes nothing to be harmless; wider,
it fails when even the upper bound is below 0, and is "cannot tell" else.

Rendered general lines can fail a candidate and cannot pass it: beside real ones they count set by
set alone, and without real ones what would have passed is "cannot tell", unless the target is
rendered too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from textlines.wording import UNSAID, Sentence, arranged, joined, say, say_n
from train.judging.figure_words import change_words, lost_words, p_said, points
from train.judging.intervals import SEED, Change, change_over
from train.judging.judged_sets import TARGET_TITLE
from train.judging.look_spending import Levels
from train.judging.paired_characters import (
    SPACE,
    CharacterPair,
    characters_criterion,
    space_criterion,
)
from train.judging.set_criteria import WHAT_TO_DO, SetNumbers, Veto, sets_criterion, veto_criteria
from train.judging.significance import (
    ALPHA,
    FEWEST_FLIPS,
    fewest_flips,
    holm,
    lines_for_gain,
    lines_for_margin,
    mcnemar,
)
from train.judging.verdict import Criterion, Outcome, Status, outcome_of

DELTA_POINTS = 1.0

TOGETHER_TITLE = say("The general sets together did not get worse")


@dataclass(frozen=True, slots=True)
class GateDecision:
    """The criteria, and the figures that they were made from.

    Attributes:
        p: exact McNemar of each set, by name. holm: adjusted, of the general sets.
        character_p: p and adjusted p of each well-read character. space_p: None without spaces.
        levels: at which the look was paid for; None where it was not.
    """

    criteria: tuple[Criterion, ...]
    target: Change
    general: Change
    p: dict[str, float]
    holm: dict[str, float]
    character_p: dict[str, tuple[float, float]]
    space_p: float | None
    levels: Levels | None = None

    @property
    def outcome(self) -> Outcome:
        """The verdict that the criteria make together."""
        return outcome_of(tuple(criterion.status for criterion in self.criteria))


def decide(
    sets: Sequence[SetNumbers],
    characters: Sequence[CharacterPair],
    *,
    vetoes: Sequence[Veto] = (),
    delta_points: float = DELTA_POINTS,
    seed: int = SEED,
    levels: Levels | None = None,
) -> GateDecision:
    """Judge a candidate.

    Args:
        sets: at least one target and one general, their names unique.
        characters: of all lines of these sets, the space among them.
        vetoes: further readings of the general sets.
        delta_points: what the general sets may lose together, in points (0.01 of the lines).
        seed: of the bootstrap.
        levels: at which the look is paid for; None judges as if these lines were looked at once.

    Raises:
        ValueError: there is no target or no general set.
    """
    alpha = Levels(ALPHA, ALPHA) if levels is None else levels
    general = [numbers for numbers in sets if not numbers.is_target]
    targets = [numbers for numbers in sets if numbers.is_target]
    gain = change_over([numbers.stratum() for numbers in targets], seed=seed, alpha=alpha.target)
    together = sets_together(sets)
    change = change_over(
        [numbers.stratum() for numbers in together], seed=seed, alpha=alpha.general
    )
    can_pass = is_demonstration(sets) or not all(numbers.is_rendered for numbers in together)
    p = {numbers.name: mcnemar(numbers.mended, numbers.broken) for numbers in sets}
    adjusted = dict(zip((s.name for s in general), holm([p[s.name] for s in general]), strict=True))
    well_read = [pair for pair in characters if pair.is_well_read and pair.char != SPACE]
    raw = [mcnemar(pair.rose, pair.fell) for pair in well_read]
    character_p = {
        pair.char: both
        for pair, both in zip(well_read, zip(raw, holm(raw), strict=True), strict=True)
    }
    space = next((pair for pair in characters if pair.char == SPACE), None)
    return GateDecision(
        criteria=(
            _target_criterion(targets, gain, levels.target if levels else None),
            general_criterion(
                together,
                change,
                delta_points / 100,
                can_pass=can_pass,
                alpha=levels.general if levels else None,
            ),
            sets_criterion(general, adjusted, seed, levels.general if levels else None),
            *veto_criteria(vetoes, seed=seed),
            characters_criterion(well_read, character_p),
            space_criterion(space),
        ),
        target=gain,
        general=change,
        p=p,
        holm=adjusted,
        character_p=character_p,
        space_p=mcnemar(space.rose, space.fell) if space else None,
        levels=levels,
    )


def _target_criterion(
    targets: Sequence[SetNumbers], gain: Change, alpha: float | None
) -> Criterion:
    level = ALPHA if alpha is None else alpha
    low, high = gain.claim
    broken, mended = (
        sum(getattr(numbers, kind) for numbers in targets) for kind in ("broken", "mended")
    )
    flips = mended + broken
    fewest = fewest_flips(level)
    more: int | None = None
    todo = UNSAID
    status: Status
    if low > 0 and flips >= fewest:
        status, words = "passed", say("better for sure")
    elif gain.interval[1] < 0 and flips >= FEWEST_FLIPS:
        status, words = "failed", say("worse for sure")
        todo = say(
            "Look at the labels of what it was trained on, then at the rate (docs/first-scene.md)."
        )
    else:
        status = "cannot_tell"
        words = (
            say("the interval holds 0")
            if low <= 0 <= high
            else say_n(
                "{n:,} changed line is too few ({p})",
                "{n:,} changed lines are too few ({p})",
                flips,
                p=p_said(mcnemar(mended, broken)),
            )
        )
        if gain.interval[0] > 0 and flips >= FEWEST_FLIPS:
            words = joined("; ", [words, _OF_ONE_LOOK])
        wanted = lines_for_gain(gain.value, gain.flips, design=gain.design, alpha=level)
        if wanted is None:
            proof = say("no gain is seen that more lines could prove")
            todo = say("Train on other lines or longer: more lines to judge by would not help.")
        else:
            more = max(wanted - gain.lines, ceil(fewest / gain.flips) - gain.lines, 1)
            proof = say_n(
                "about {n:,} more line like these would prove a gain of this size",
                "about {n:,} more lines like these would prove a gain of this size",
                more,
            )
            todo = say_n(
                "Label about {n:,} more line of the target to judge by.",
                "Label about {n:,} more lines of the target to judge by.",
                more,
            )
        words = joined("; ", [words, proof])
    return Criterion(
        key="target_gain",
        title=TARGET_TITLE,
        status=status,
        told=arranged(
            "{lost}: {change}; {told}",
            lost=lost_words(broken, mended, gain.lines),
            change=change_words(gain, _shown(alpha, status)),
            told=words,
        ),
        value=gain.value,
        interval=gain.interval if status == "failed" else gain.claim,
        level=_level(alpha, status),
        more_lines=more,
        todo=todo,
    )


_OF_ONE_LOOK = say("a single look at these lines would have passed it, not one of several")


def _shown(alpha: float | None, status: Status) -> float | None:
    """Return the alpha of the interval that a criterion is told by: harm is shown at 5 %."""
    return alpha if alpha is None or status != "failed" else ALPHA


def _level(alpha: float | None, status: Status) -> float | None:
    shown = _shown(alpha, status)
    return None if shown is None else round(1 - shown, 6)


def sets_together(sets: Sequence[SetNumbers]) -> tuple[SetNumbers, ...]:
    """Choose the general sets whose change together is judged: the real ones, if there are any.

    Rendered lines would dilute the change of real ones. Where the target is rendered as well, as
    in the line's own demonstration, nothing is said of real lines, and all count alike.
    """
    general = tuple(numbers for numbers in sets if not numbers.is_target)
    real = tuple(numbers for numbers in general if not numbers.is_rendered)
    return general if is_demonstration(sets) else real or general


def is_demonstration(sets: Sequence[SetNumbers]) -> bool:
    """Whether the target itself is rendered: its verdict is marked as one of rendered lines."""
    targets = [numbers for numbers in sets if numbers.is_target]
    return bool(targets) and all(numbers.is_rendered for numbers in targets)


def general_criterion(
    sets: Sequence[SetNumbers],
    change: Change,
    delta: float,
    *,
    can_pass: bool,
    alpha: float | None = None,
) -> Criterion:
    """Judge all general sets together.

    Args:
        sets: those of `sets_together`. change: over them.
        delta: what they may lose, as a share.
        can_pass: whether these lines can show that nothing was lost; rendered ones cannot.
        alpha: at which a look is paid for, of the interval that rules a loss out; None at 5 %.
    """
    low, high = change.interval
    level = ALPHA if alpha is None else alpha
    wanted = lines_for_margin(delta, change.flips, design=change.design, alpha=level)
    missing = max(wanted - change.lines, 1)
    broken, mended = (
        sum(getattr(numbers, kind) for numbers in sets) for kind in ("broken", "mended")
    )
    lost = lost_words(broken, mended, change.lines)
    limit = say("{points} points", points=f"{delta * 100:.2f}")
    more: int | None = None
    todo = UNSAID
    status: Status
    if change.claim[0] >= -delta and can_pass:
        status = "passed"
        words = say("a loss of more than {limit} is ruled out", limit=limit)
    elif not can_pass and high >= 0 and (low >= -delta or change.width > 2 * delta):
        # However many more of them there were.
        status = "cannot_tell"
        more = lines_for_margin(delta, max(change.flips, 0.02), alpha=level)
        words = say(
            "all of these lines are rendered: they can show damage, and not that there is none"
        )
        todo = say(
            "Name real labelled lines of other scenes with --general: about {more:,} (receipts, "
            "words and book lines that the model reads today) would decide.",
            more=more,
        )
    elif high < 0 and (low < -delta or not can_pass):
        status = "failed"
        words = (
            say("it lost lines for sure, more than the {limit} that may be lost", limit=limit)
            if high < -delta
            else say(
                "it lost lines for sure, and it may be more than the {limit} that may be lost",
                limit=limit,
            )
        )
        todo = WHAT_TO_DO
    elif low < -delta and change.width <= 2 * delta:
        status = "failed"
        todo, lost_most = WHAT_TO_DO, f"{-low * 100:.2f}"
        if wanted > change.lines:
            more = missing
            words = say(
                "it may have lost up to {most} points where {limit} may be lost, on lines enough "
                "to clear a candidate that does no damage in most cases; about {missing:,} more "
                "would clear one in 4 of 5",
                most=lost_most,
                limit=limit,
                missing=missing,
            )
        else:
            words = say(
                "it may have lost up to {most} points where {limit} may be lost, on lines enough "
                "to clear a candidate that does no damage",
                most=lost_most,
                limit=limit,
            )
    else:
        status = "cannot_tell"
        more = missing
        words = say_n(
            "too few lines: the truth may lie anywhere from {low} to {high}; about {n:,} more line "
            "like these would decide",
            "too few lines: the truth may lie anywhere from {low} to {high}; about {n:,} more "
            "lines like these would decide",
            missing,
            low=points(change.claim[0]),
            high=points(change.claim[1]),
        )
        if low >= -delta:
            words = joined("; ", [words, _OF_ONE_LOOK])
        todo = say_n(
            "Add about {n:,} labelled line of other scenes with --general.",
            "Add about {n:,} labelled lines of other scenes with --general.",
            missing,
        )
    return Criterion(
        key="general_change",
        title=TOGETHER_TITLE,
        status=status,
        told=arranged(
            "{lost}: {change}; {told}",
            lost=lost,
            change=change_words(change, _shown(alpha, status)),
            told=words,
        ),
        value=change.value,
        interval=change.interval if status == "failed" else change.claim,
        level=_level(alpha, status),
        more_lines=more,
        todo=todo,
    )


def rules_in_words(delta_points: float, *, is_paid: bool = False) -> tuple[Sentence, ...]:
    """Return the rules of the decision in words, for those who read a verdict.

    Args:
        delta_points: what the general sets may lose together.
        is_paid: whether looks at the lines are paid for.
    """
    paid = say(
        "Looks: several candidates judged on the same lines are several chances to pass by luck. "
        "So the 5 % that may go wrong is shared by all looks: the gain and what is ruled out are "
        "read from wider intervals. What shows harm is read at 95 %, as in a single look."
    )
    limit = points(-delta_points / 100)
    return (
        say("Passed: every criterion above is. Failed goes before cannot tell."),
        say(
            "Target: the lower bound of the gain is above 0. With the upper bound below 0 it "
            "failed; else the lines are too few to tell."
        ),
        say(
            "General, together: the lower bound is {limit} or more. Else it failed when "
            "the upper bound is below 0, or when the interval is narrow enough (twice the "
            "limit) to have shown that nothing changed; else the lines are too few to "
            "tell. Half a line that flips either way is added to what was seen, so that a "
            "handful of lines proves nothing.",
            limit=limit,
        ),
        say(
            "General, each: failed when a set is worse by more than half a point and p is below "
            "0.05. A set of 1,000 lines or more whose own interval reaches below −3 points "
            "cannot be told."
        ),
        say(
            "Vetoes: a set under the strictest comparison that its labels allow, and the long "
            "lines of all sets, fail by the same rule, their p after Holm over all vetoes; they "
            "pass nothing. Which comparison labels allow is found by the base's readings: where "
            "labels leave out what the base reads (one case only, no spaces, no punctuation), "
            "that does not count."
        ),
        say(
            "Rendered general lines can fail a candidate and cannot pass it: beside real ones they "
            "count set by set alone; without real ones the verdict is cannot tell."
        ),
        say(
            "Characters and spaces: failed when one falls and p is below 0.05. The unit is the "
            "line."
        ),
        *((paid,) if is_paid else ()),
    )
