"""The criteria on the general lines: all sets together, and each by itself."""

from collections.abc import Mapping, Sequence

from train.evaluation.exact import ALPHA
from train.gate.bootstrap import SEED, Change, change_over
from train.gate.lines import SetNumbers
from train.gate.model import Criterion, Status
from train.gate.power import lines_for_margin
from train.gate.words import change_words, how_sure, lost_words, points

SET_LOSS = 0.005
"""What one general set may lose, as a share, whatever the test says."""

LARGE_SET, LARGE_LOSS = 1000, 0.03
"""Lines of a set from which on a loss of so much has to be ruled out for it alone. Among many
sets Holm's test misses one: 19 of 100 times with ten sets of 1,000 lines and 4 % flips
(`benchmarks/gate.py`), while all of them together hardly move."""

NEXT = (
    "See the broken lines on the page (--html). Add lines like them to what is distilled (balance "
    "mix --distil) and stopped by (train plan --general-stop), and train again; a lower --rate or "
    "--head-rate forgets less."
)
"""What to do about damage."""

TITLE = "The general sets together did not get worse"


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
    limit = f"{delta * 100:.2f} points"
    more: int | None = None
    todo = ""
    if low >= -delta and can_pass:
        status: Status = "passed"
        told = f"a loss of more than {limit} is ruled out"
    elif not can_pass and high >= 0 and (low >= -delta or change.width > 2 * delta):
        # However many more of them there were.
        status = "cannot_tell"
        more = lines_for_margin(delta, max(change.flips, 0.02))
        told = "all of these lines are rendered: they can show damage, and not that there is none"
        todo = (
            f"Name real labelled lines of other scenes with --general: about {more:,} (receipts, "
            "words and book lines that the model reads today) would decide."
        )
    elif high < 0:
        status = "failed"
        told = "it lost lines for sure, " + (
            f"more than the {limit} that may be lost"
            if high < -delta
            else f"and it may be more than the {limit} that may be lost"
        )
        todo = NEXT
    elif change.width <= 2 * delta:
        status = "failed"
        told = (
            f"it may have lost up to {-low * 100:.2f} points where {limit} may be lost, on lines "
            "enough to clear a candidate that does no damage"
        )
        todo = NEXT
        if wanted > change.lines:
            more = missing
            told += f" in most cases; about {missing:,} more would clear one in 4 of 5"
    else:
        status = "cannot_tell"
        more = missing
        told = (
            f"too few lines: the truth may lie anywhere from {points(low)} to {points(high)}; "
            f"about {missing:,} more lines like these would decide"
        )
        todo = f"Add about {missing:,} labelled lines of other scenes with --general."
    return Criterion(
        key="general_change",
        title=TITLE,
        status=status,
        told=f"{lost}: {change_words(change)}; {told}",
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
        f"{one.name}: {lost_words(one.broken, one.mended, len(one.base))}, "
        f"{points(changes[one.name])}; {how_sure(adjusted[one.name])} (after Holm)"
        for one in general
        if has_fallen(changes[one.name], adjusted[one.name])
    ]
    lowest = min(changes, key=changes.__getitem__)
    status: Status = "failed" if worse else "passed"
    more, todo = None, NEXT if worse else ""
    told = "; ".join(worse) or (
        f"{len(general)} sets; the lowest is {lowest} with {points(changes[lowest])}, "
        f"{how_sure(adjusted[lowest])} (after Holm)"
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
                f"{one.name} {change_words(loss)}: a loss of {LARGE_LOSS * 100:g} points or more "
                "is not ruled out"
                for one, loss in open_losses
            )
            todo = f"Judge it on other lines beside these, about {more:,} or more."
    return Criterion(
        key="general_sets",
        title="No general set got worse by itself",
        status=status,
        told=told,
        value=changes[lowest],
        more_lines=more,
        todo=todo,
    )
