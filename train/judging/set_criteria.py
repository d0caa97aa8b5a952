"""The criteria on the general lines: all sets together, each by itself, and the vetoes.

A veto is a further reading that can fail a candidate and cannot pass one. Each set whose own
comparison looks away from something that its labels record is read by the strictest comparison that
they allow as well; and the long lines of all sets are a set of their own.
"""

from collections.abc import Mapping, Sequence

from textlines.wording import UNSAID, Sentence, arranged, joined, say
from train.judging.figure_words import change_words, how_sure, lost_words, points
from train.judging.intervals import SEED, Change, change_over
from train.judging.line_kinds import LONG
from train.judging.paired_lines import SetNumbers, Veto
from train.judging.significance import ALPHA, holm, lines_for_margin
from train.judging.verdict import Criterion, Status, VetoKind

SET_LOSS = 0.005
"""What one general set may lose, as a share, whatever the test says."""

LARGE_SET, LARGE_LOSS = 1000, 0.03
"""Lines of a set from which on a loss of so much has to be ruled out for it alone. Among many
sets Holm's test misses one: 19 of 100 times with ten sets of 1,000 lines and 4 % flips
(`benchmarks/gate.py`), while all of them together hardly move."""

WHAT_TO_DO = say(
    "See the broken lines on the page (--html). Add lines like them to what is distilled (balance "
    "mix --distil) and stopped by (train plan --general-stop), and train again; a lower --rate or "
    "--head-rate forgets less."
)
"""What to do about damage."""

TOGETHER_TITLE = say("The general sets together did not get worse")


def has_fallen(change: float, p: float) -> bool:
    """Whether a set fell: by more than it may lose, and not by chance.

    Args:
        change: as a share of the lines. p: after Holm.
    """
    return change < -SET_LOSS and p < ALPHA


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
    sets: Sequence[SetNumbers], change: Change, delta: float, *, can_pass: bool
) -> Criterion:
    """Judge all general sets together.

    Args:
        sets: those of `sets_together`. change: over them.
        delta: what they may lose, as a share.
        can_pass: whether these lines can show that nothing was lost; rendered ones cannot.
    """
    low, high = change.interval
    wanted = lines_for_margin(delta, change.flips, design=change.design)
    missing = max(wanted - change.lines, 1)
    broken, mended = (
        sum(getattr(numbers, kind) for numbers in sets) for kind in ("broken", "mended")
    )
    lost = lost_words(broken, mended, change.lines)
    limit = say("{points} points", points=f"{delta * 100:.2f}")
    more: int | None = None
    todo = UNSAID
    if low >= -delta and can_pass:
        status: Status = "passed"
        words = say("a loss of more than {limit} is ruled out", limit=limit)
    elif not can_pass and high >= 0 and (low >= -delta or change.width > 2 * delta):
        # However many more of them there were.
        status = "cannot_tell"
        more = lines_for_margin(delta, max(change.flips, 0.02))
        words = say(
            "all of these lines are rendered: they can show damage, and not that there is none"
        )
        todo = say(
            "Name real labelled lines of other scenes with --general: about {more:,} (receipts, "
            "words and book lines that the model reads today) would decide.",
            more=more,
        )
    elif high < 0:
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
    elif change.width <= 2 * delta:
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
        words = say(
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
        title=TOGETHER_TITLE,
        status=status,
        told=arranged(
            "{lost}: {change}; {told}", lost=lost, change=change_words(change), told=words
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
    changes = {
        numbers.name: (numbers.mended - numbers.broken) / len(numbers.base) for numbers in general
    }
    worse = [
        say(
            "{name}: {lost}, {change}; {sure} (after Holm)",
            name=numbers.name,
            lost=lost_words(numbers.broken, numbers.mended, len(numbers.base)),
            change=points(changes[numbers.name]),
            sure=how_sure(adjusted[numbers.name]),
        )
        for numbers in general
        if has_fallen(changes[numbers.name], adjusted[numbers.name])
    ]
    lowest = min(changes, key=changes.__getitem__)
    status: Status = "failed" if worse else "passed"
    more, todo = None, WHAT_TO_DO if worse else UNSAID
    words = joined("; ", worse) or say(
        "{count} sets; the lowest is {name} with {change}, {sure} (after Holm)",
        count=len(general),
        name=lowest,
        change=points(changes[lowest]),
        sure=how_sure(adjusted[lowest]),
    )
    if not worse:
        open_losses = [
            (numbers, loss)
            for numbers in general
            if len(numbers.base) >= LARGE_SET
            and (loss := change_over([numbers.stratum()], seed=seed)).interval[0] < -LARGE_LOSS
        ]
        if open_losses:
            status = "cannot_tell"
            more = max(
                max(lines_for_margin(LARGE_LOSS, loss.flips, design=loss.design) - loss.lines, 1)
                for _, loss in open_losses
            )
            words = joined(
                "; ",
                [
                    say(
                        "{name} {change}: a loss of {points:g} points or more is not ruled out",
                        name=numbers.name,
                        change=change_words(loss),
                        points=LARGE_LOSS * 100,
                    )
                    for numbers, loss in open_losses
                ],
            )
            todo = say("Judge it on other lines beside these, about {more:,} or more.", more=more)
    return Criterion(
        key="general_sets",
        title=say("No general set got worse by itself"),
        status=status,
        told=words,
        value=changes[lowest],
        more_lines=more,
        todo=todo,
    )


def adjusted_p(vetoes: Sequence[Veto]) -> tuple[float, ...]:
    """Return p after Holm, over all of them together."""
    return holm([veto.p for veto in vetoes])


def veto_criteria(vetoes: Sequence[Veto], *, seed: int = SEED) -> tuple[Criterion, Criterion]:
    """Judge the vetoes: one criterion for the stricter readings, one for the long lines."""
    tests = adjusted_p(vetoes)
    rows: Mapping[VetoKind, list[tuple[Veto, float]]] = {
        kind: [(veto, p) for veto, p in zip(vetoes, tests, strict=True) if veto.kind == kind]
        for kind in ("strictest", "long_lines")
    }
    return (
        _veto_criterion(
            rows["strictest"],
            key="strictest",
            title=say(
                "No general set got worse under the strictest comparison that its labels allow"
            ),
            none=say("each set is compared as strictly as its labels allow"),
            is_judged=True,
            seed=seed,
        ),
        _veto_criterion(
            rows["long_lines"],
            key="long_lines",
            title=say("Long lines ({count} characters and more) did not get worse", count=LONG),
            none=say("the general lines hold none of {count} characters or more", count=LONG),
            is_judged=False,
            seed=seed,
        ),
    )


def _veto_criterion(
    rows: Sequence[tuple[Veto, float]],
    *,
    key: str,
    title: Sentence,
    none: Sentence,
    is_judged: bool,
    seed: int,
) -> Criterion:
    if not rows:
        return Criterion(
            key=key, title=title, status="passed" if is_judged else "not_judged", told=none
        )
    fallen = [(veto, p) for veto, p in rows if has_fallen(veto.change, p)]
    if fallen:
        words = joined(
            "; ",
            [
                say(
                    "{name} under {comparison}: {lost}, {change}; {sure}",
                    name=veto.numbers.name,
                    comparison=veto.comparison,
                    lost=lost_words(
                        veto.numbers.broken, veto.numbers.mended, len(veto.numbers.base)
                    ),
                    change=points(veto.change),
                    sure=how_sure(p),
                )
                for veto, p in fallen
            ],
        )
    else:
        lowest, p = min(rows, key=lambda row: (row[0].change, row[0].numbers.name))
        change = change_over([lowest.numbers.stratum()], seed=seed)
        words = say(
            "the lowest is {name} under {comparison} with {change} on {lines:,} lines; {sure}",
            name=lowest.numbers.name,
            comparison=lowest.comparison,
            change=change_words(change),
            lines=change.lines,
            sure=how_sure(p),
        )
    return Criterion(
        key=key,
        title=title,
        status="failed" if fallen else "passed",
        told=words,
        value=min(veto.change for veto, _ in rows),
        todo=WHAT_TO_DO if fallen else UNSAID,
    )
