"""The decision between two detectors: criteria over the same pages under both.

Passed: the lower bound of the target's gain is above 0, each detector at the settings tuned for it,
and six pages or more changed (five, all of them better, are chance in one of sixteen cases); and
the target is not worse for sure where both predict as the base is deployed; and on each general set
the lower bound of the change of hmean, and of the lines read exactly where a recognizer reads them,
is at least -delta; and false boxes on pages without text did not become more for sure.

A general set whose interval reaches below -delta fails where the estimate itself lies there, or
where its upper bound is below 0 and its p, after Holm over all general sets, below 0.05; else its
pages are too few to tell. So no number of sets makes a pass easier. All intervals and tests are
two-sided, 95 %, by page.

What got worse and decides nothing by itself (a class of failure that rose on a general set, a
second figure of the target) is a warning.

Rendered general pages can fail a candidate and cannot pass it, as in `train.judging.decision`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textlines.wording import UNSAID, Sentence, joined, say, say_n
from train.detection.evaluate_text import FAILURE_WORDS
from train.detection.gate_verdict import DetCriterion
from train.detection.gate_words import (
    FIGURE_WORDS,
    SETTINGS_WORDS,
    WHAT_TO_DO,
    count_range,
    figure_words,
    page_count,
    told_figure,
)
from train.detection.general_criteria import general_criterion, weight_of
from train.detection.judged_changes import (
    JudgedSetPages,
    SetFigures,
    figure_over,
    figures_of,
)
from train.detection.page_outcomes import Objective
from train.detection.paired_pages import negative_change
from train.judging.figure_words import points, points_range
from train.judging.intervals import SEED
from train.judging.significance import FEWEST_FLIPS
from train.judging.verdict import Outcome, Status, outcome_of

DELTA_POINTS = 1.0

FEWEST_PAGES = FEWEST_FLIPS
"""Pages that changed, below which no test of them is ever significant, even if all got better."""


@dataclass(frozen=True, slots=True)
class DetDecision:
    """The criteria, and the figures that they were made from, in the order of the sets."""

    criteria: tuple[DetCriterion, ...]
    warnings: tuple[Sentence, ...]
    figures: tuple[SetFigures, ...]

    @property
    def outcome(self) -> Outcome:
        """The verdict that the criteria make together."""
        return outcome_of(tuple(criterion.status for criterion in self.criteria))


def decide(
    sets: Sequence[JudgedSetPages],
    *,
    objective: Objective = "hmean",
    delta_points: float = DELTA_POINTS,
    seed: int = SEED,
) -> DetDecision:
    """Judge a candidate.

    Args:
        sets: at least one target and one general set; a target at `as_base` besides is optional.
        objective: what the target is to gain.
        delta_points: what a general set may lose, in points (0.01 of the figure).
        seed: of the bootstrap.

    Raises:
        ValueError: there is no target or no general set.
    """
    targets = [one for one in sets if one.is_target and one.settings != "as_base"]
    general = [one for one in sets if not one.is_target]
    if not targets or not general:
        raise ValueError("need a target and a general set to decide by")
    figures = figures_of(sets, seed)
    known = dict(zip(map(id, sets), figures, strict=True))
    as_base = [one for one in sets if one.is_target and one.settings == "as_base"]
    criteria = [_target(targets, objective, seed)]
    if as_base:
        has_gained = (criteria[0].value or 0) > 0
        criteria.append(_at_stock(as_base, objective, seed, has_gained=has_gained))
    names: tuple[Objective, ...] = ("hmean", "reading")
    is_read = any(one.reading for one in figures)
    for name in names if is_read else names[:1]:
        criteria += [
            general_criterion(one, known[id(one)], name, delta_points / 100, weight_of(one, sets))
            for one in general
        ]
    criteria.append(_negatives([*targets, *general]))
    return DetDecision(
        tuple(criteria), tuple(_warnings(sets, figures, targets, objective, seed)), figures
    )


def _target(targets: Sequence[JudgedSetPages], objective: Objective, seed: int) -> DetCriterion:
    """Judge whether the target got better."""
    change = figure_over(targets, objective, seed)
    kinds = {one.settings for one in targets}
    head = DetCriterion(
        key="target_gain",
        title=say("The target got better"),
        status="cannot_tell",
        told=say("no label of these pages counts"),
        settings=kinds.pop() if len(kinds) == 1 else None,
    )
    if change is None:
        return head
    low, high = change.interval
    is_enough = change.changed >= FEWEST_PAGES
    more: int | None = None
    status: Status = "cannot_tell"
    todo = UNSAID
    if low > 0 and is_enough:
        status, words = "passed", say("better for sure")
    elif high < 0 and is_enough:
        status, words, todo = "failed", say("worse for sure"), WHAT_TO_DO
    else:
        words = (
            say("the interval holds 0")
            if low <= 0 <= high
            else say_n(
                "{n:,} changed page is too few",
                "{n:,} changed pages are too few",
                change.changed,
            )
        )
        wanted = change.pages_for(change.value)
        if wanted is None:
            proof = say("no gain is seen that more pages could prove")
        else:
            more = max(wanted - change.pages, FEWEST_PAGES - change.changed, 1)
            proof = say_n(
                "about {n:,} more page like these would prove a gain of this size",
                "about {n:,} more pages like these would prove a gain of this size",
                more,
            )
            todo = say_n(
                "Label about {n:,} more page of the target to judge by.",
                "Label about {n:,} more pages of the target to judge by.",
                more,
            )
        words = joined("; ", [words, proof])
    return head.model_copy(
        update={
            "status": status,
            "told": told_figure(objective, change, words),
            "value": change.value,
            "interval": change.interval,
            "more_lines": more,
            "todo": todo,
        }
    )


def _at_stock(
    targets: Sequence[JudgedSetPages], objective: Objective, seed: int, *, has_gained: bool
) -> DetCriterion:
    """Judge the target where both predict as the base is deployed.

    Args:
        has_gained: the target got better at the settings tuned for it.
    """
    change = figure_over(targets, objective, seed)
    head = DetCriterion(
        key="target_stock",
        title=say("The target is not worse at the settings of the base"),
        status="cannot_tell",
        told=say("no label of these pages counts"),
        settings="as_base",
    )
    if change is None:
        return head
    status: Status = "failed" if change.interval[1] < 0 else "passed"
    words, todo = say("not worse for sure"), UNSAID
    if status == "failed" and has_gained:
        words = say("worse for sure: it was trained at one scale only, and is good at that alone")
        todo = say("Train at scales up to the limit that pages are predicted at.")
    elif status == "failed":
        words, todo = say("worse for sure"), WHAT_TO_DO
    return head.model_copy(
        update={
            "status": status,
            "told": told_figure(objective, change, words),
            "value": change.value,
            "interval": change.interval,
            "todo": todo,
        }
    )


def _negatives(sets: Sequence[JudgedSetPages]) -> DetCriterion:
    """Judge the pages without text of all sets together."""
    change = negative_change([page for one in sets for page in one.pages])
    head = DetCriterion(
        key="negatives",
        title=say("Pages without text did not get more false boxes"),
        status="not_judged",
        told=say("these sets hold no page without text"),
    )
    if change.interval is None:
        return head
    has_risen = change.interval[0] > 0
    words = say("more for sure") if has_risen else say("not more for sure")
    told = say(
        "{before:,} of {pages} had a box and {after:,} have one now, {change} ({bounds}); {told}",
        before=change.before,
        pages=page_count(change.pages),
        after=change.after,
        change=points(change.value),
        bounds=points_range(change.interval),
        told=words,
    )
    return head.model_copy(
        update={
            "status": "failed" if has_risen else "passed",
            "told": told,
            "value": change.value,
            "interval": change.interval,
            "todo": say("Train with pages without text, which PaddleOCR drops without a word.")
            if has_risen
            else UNSAID,
        }
    )


def _warnings(
    sets: Sequence[JudgedSetPages],
    figures: Sequence[SetFigures],
    targets: Sequence[JudgedSetPages],
    objective: Objective,
    seed: int,
) -> Iterator[Sentence]:
    """Write what got worse for sure and decides nothing by itself."""
    second: Objective = "reading" if objective == "hmean" else "hmean"
    change = figure_over(targets, second, seed)
    if change is not None and change.interval[1] < 0:
        yield say(
            "the target, whatever it gained: {figure}, worse for sure",
            figure=figure_words(second, change),
        )
    for one, known in zip(sets, figures, strict=True):
        for rise in known.risen():
            yield say(
                "{name} ({settings}): {failure} rose from {before:,} to {after:,} ({bounds}), on "
                "{more:,} pages up and on {fewer:,} down",
                name=one.name,
                settings=SETTINGS_WORDS[one.settings],
                failure=FAILURE_WORDS[rise.failure],
                before=rise.before,
                after=rise.after,
                bounds=count_range(rise.interval),
                more=rise.more,
                fewer=rise.fewer,
            )


def rules_in_words(delta_points: float, objective: Objective) -> tuple[Sentence, ...]:
    """Return the rules of the decision in words, for those who read a verdict.

    Args:
        delta_points: what a general set may lose.
    """
    return (
        say("Passed: every criterion above is. Failed goes before cannot tell."),
        say(
            "Target: {figure}, each detector at the settings tuned for it; the lower bound of the "
            "gain is above 0, and {fewest} pages or more changed.",
            figure=FIGURE_WORDS[objective],
            fewest=FEWEST_PAGES,
        ),
        say(
            "Target at the settings of the base: failed when the upper bound of the change is "
            "below 0. A network that was trained at one scale is good at that one alone."
        ),
        say(
            "General, each set: the lower bound is {limit} or more. Else it failed when the "
            "estimate lies below that, or when the upper bound is below 0 and p, after Holm over "
            "all general sets, below 0.05; else the pages are too few to tell.",
            limit=points(-delta_points / 100),
        ),
        say(
            "Pages without text: failed when the lower bound of the change of the share with a "
            "box is above 0."
        ),
        say(
            "Classes of failure decide nothing: one that rose on a general set (its interval is "
            "above 0, and the sign test of pages, after Holm over all classes and general sets, "
            "below 0.05) is a warning."
        ),
        say("Rendered general pages can fail a candidate and cannot pass it."),
    )
