"""The criteria on the general lines: all sets together, and each by itself."""

from collections.abc import Mapping, Sequence

from textlines.wording import UNSAID, arranged, joined, say
from train.judging.figure_words import change_words, how_sure, lost_words, points
from train.judging.intervals import SEED, Change, change_over
from train.judging.paired_lines import SetNumbers
from train.judging.significance import ALPHA, lines_for_margin
from train.judging.verdict import Criterion, Status

SET_LOSS = 0.005
"""What one general set may lose, as a share, whatever the test says."""

LARGE_SET, LARGE_LOSS = 1000, 0.03
"""Lines of a set from which on a loss of so much has to be ruled out for it alone. Among many
sets Holm's test misses one: 19 of 100 times with ten sets of 1,000 lines and 4 % flips
(`benchmarks/gate.py`), while all of them together hardly move."""

NEXT = say(
    "See the broken lines on the page (--html). Add lines like them to what is distilled (balance "
    "mix --distil) and stopped by (train plan --general-stop), and train again; a lower --rate or "
    "--head-rate forgets less."
)
"""What to do about damage."""

TITLE = say("The general sets together did not get worse")


def has_fallen(change: float, p: float) -> bool:
    """Whether a set fell: by more than it may lose, and not by chance.

    Args:
        change: as a share of the lines. p: after Holm.
    """
    return change < -SET_LOSS and p < ALPHA


def counted(sets: Sequence[SetNumbers]) -> tuple[SetNumbers, ...]:
    """Choose the general sets whose change together is judged: the real ones, if there are any.

    Rendered lines would dilute the change of real ones. Where the target is rendered as well, as
    in the line's own demonstration, nothing is said of real lines, and all count alike.
    """
    general = tuple(one for one in sets if not one.is_target)
    real = tuple(one for one in general if not one.is_rendered)
    return general if is_demonstration(sets) else real or general


def is_demonstration(sets: Sequence[SetNumbers]) -> bool:
    """Whether the target itself is rendered: its verdict is marked as one of rendered lines."""
    targets = [one for one in sets if one.is_target]
    return bool(targets) and all(one.is_rendered for one in targets)


def general_criterion(
    sets: Sequence[SetNumbers], change: Change, delta: float, *, can_pass: bool
) -> Criterion:
    """Judge all general sets together.

    Args:
        sets: those of `counted`. change: over them.
        delta: what they may lose, as a share.
        can_pass: whether these lines can show that nothing was lost; rendered ones cannot.
    """
    low, high = change.interval
    wanted = lines_for_margin(delta, change.flips, design=change.design)
    missing = max(wanted - change.lines, 1)
    broken, mended = (sum(getattr(one, kind) for one in sets) for kind in ("broken", "mended"))
    lost = lost_words(broken, mended, change.lines)
    limit = say("{points} points", points=f"{delta * 100:.2f}")
    more: int | None = None
    todo = UNSAID
    if low >= -delta and can_pass:
        status: Status = "passed"
        told = say("a loss of more than {limit} is ruled out", limit=limit)
    elif not can_pass and high >= 0 and (low >= -delta or change.width > 2 * delta):
        # However many more of them there were.
        status = "cannot_tell"
        more = lines_for_margin(delta, max(change.flips, 0.02))
        told = say(
            "all of these lines are rendered: they can show damage, and not that there is none"
        )
        todo = say(
            "Name real labelled lines of other scenes with --general: about {more:,} (receipts, "
            "words and book lines that the model reads today) would decide.",
            more=more,
        )
    elif high < 0:
        status = "failed"
        told = (
            say("it lost lines for sure, more than the {limit} that may be lost", limit=limit)
            if high < -delta
            else say(
                "it lost lines for sure, and it may be more than the {limit} that may be lost",
                limit=limit,
            )
        )
        todo = NEXT
    elif change.width <= 2 * delta:
        status = "failed"
        todo, lost_most = NEXT, f"{-low * 100:.2f}"
        if wanted > change.lines:
            more = missing
            told = say(
                "it may have lost up to {most} points where {limit} may be lost, on lines enough "
                "to clear a candidate that does no damage in most cases; about {missing:,} more "
                "would clear one in 4 of 5",
                most=lost_most,
                limit=limit,
                missing=missing,
            )
        else:
            told = say(
                "it may have lost up to {most} points where {limit} may be lost, on lines enough "
                "to clear a candidate that does no damage",
                most=lost_most,
                limit=limit,
            )
    else:
        status = "cannot_tell"
        more = missing
        told = say(
            "too few lines: the truth may lie anywhere from {low} to {high}; about {missing:,} "
            "more lines like these would decide",
            low=points(low),
            high=points(high),
            missing=missing,
        )
        todo = say(
            "Add about {missing:,} labelled lines of other scenes with --general.", missing=missing
        )
    return Criterion(
        key="general_change",
        title=TITLE,
        status=status,
        told=arranged(
            "{lost}: {change}; {told}", lost=lost, change=change_words(change), told=told
        ),
        value=change.value,
        interval=change.interval,
        more_lines=more,
        todo=todo,
    )


def sets_criterion(
    general: Sequence[SetNumbers], adjusted: Mapping[str, float], seed: int = SEED
) -> Criterion:
    """Judge each general set by itself.

    Args:
        adjusted: p of each after Holm, by name.
    """
    changes = {one.name: (one.mended - one.broken) / len(one.base) for one in general}
    worse = [
        say(
            "{name}: {lost}, {change}; {sure} (after Holm)",
            name=one.name,
            lost=lost_words(one.broken, one.mended, len(one.base)),
            change=points(changes[one.name]),
            sure=how_sure(adjusted[one.name]),
        )
        for one in general
        if has_fallen(changes[one.name], adjusted[one.name])
    ]
    lowest = min(changes, key=changes.__getitem__)
    status: Status = "failed" if worse else "passed"
    more, todo = None, NEXT if worse else UNSAID
    told = joined("; ", worse) or say(
        "{count} sets; the lowest is {name} with {change}, {sure} (after Holm)",
        count=len(general),
        name=lowest,
        change=points(changes[lowest]),
        sure=how_sure(adjusted[lowest]),
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
            told = joined(
                "; ",
                [
                    say(
                        "{name} {change}: a loss of {points:g} points or more is not ruled out",
                        name=one.name,
                        change=change_words(loss),
                        points=LARGE_LOSS * 100,
                    )
                    for one, loss in open_losses
                ],
            )
            todo = say("Judge it on other lines beside these, about {more:,} or more.", more=more)
    return Criterion(
        key="general_sets",
        title=say("No general set got worse by itself"),
        status=status,
        told=told,
        value=changes[lowest],
        more_lines=more,
        todo=todo,
    )
