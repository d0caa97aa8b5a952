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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Literal

from textlines.wilson import Interval
from textlines.wording import UNSAID, Sentence, arranged, joined, say, say_n
from train.detection.evaluate_text import FAILURE_WORDS
from train.detection.gate_verdict import DetCriterion, SettingsKind
from train.detection.page_outcomes import Objective
from train.detection.paired_pages import (
    FailureChange,
    NegativeChange,
    PageChange,
    PairedPage,
    change_of_hmean,
    change_of_reading,
    failure_changes,
    negative_change,
)
from train.judging.figure_words import how_sure, points, points_range
from train.judging.intervals import SEED
from train.judging.significance import ALPHA, FEWEST_FLIPS, holm
from train.judging.verdict import Outcome, Status, outcome_of

DELTA_POINTS = 1.0

FEWEST_PAGES = FEWEST_FLIPS
"""Pages that changed, below which no test of them is ever significant, even if all got better."""

FIGURE_WORDS: Mapping[Objective, str] = {"hmean": "hmean", "reading": say("read exactly")}

SETTINGS_WORDS: Mapping[SettingsKind, Sentence] = {
    "tuned": say("each as tuned for these pages"),
    "deployed": say("each as deployed"),
    "as_base": say("both as the base is deployed"),
}

WHAT_TO_DO = say(
    "See the pages that lost most (--html). Train again with more pages like them beside the new "
    "ones, at a lower rate, or with a blend that is nearer to the base."
)
"""What to do about damage."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedSetPages:
    """The pages of one set under both detectors at one kind of settings.

    Attributes:
        name: of the set. pages: at least one.
        is_rendered: it holds rendered pages, which prove harm and never its absence.
    """

    name: str
    is_target: bool
    settings: SettingsKind
    pages: tuple[PairedPage, ...]
    is_rendered: bool = False


@dataclass(frozen=True, slots=True)
class SetFigures:
    """What changed on one set; None for a figure that it does not have.

    Attributes:
        hmean_holm, reading_holm: p after Holm over all general sets; None for a target.
        failure_holm: of each class, over all classes of all general sets; () for a target.
    """

    hmean: PageChange | None
    reading: PageChange | None
    failures: tuple[FailureChange, ...]
    negatives: NegativeChange
    hmean_holm: float | None = None
    reading_holm: float | None = None
    failure_holm: tuple[float, ...] = ()

    def figure(self, name: Objective) -> PageChange | None:
        """Return one of the two shares."""
        return self.hmean if name == "hmean" else self.reading

    def figure_holm(self, name: Objective) -> float | None:
        """Return its p after Holm."""
        return self.hmean_holm if name == "hmean" else self.reading_holm

    def risen(self) -> tuple[FailureChange, ...]:
        """Return the classes of failure that rose for sure."""
        return tuple(
            change
            for change, p in zip(self.failures, self.failure_holm, strict=False)
            if change.interval[0] > 0 and p < ALPHA
        )


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
    figures = _figures(sets, seed)
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
            _general(one, known[id(one)], name, delta_points / 100, _weight(one, sets))
            for one in general
        ]
    criteria.append(_negatives([*targets, *general]))
    return DetDecision(
        tuple(criteria), tuple(_warnings(sets, figures, targets, objective, seed)), figures
    )


def _figures(sets: Sequence[JudgedSetPages], seed: int) -> tuple[SetFigures, ...]:
    """Measure each set, and adjust what is tested over all general sets together."""
    plain = [
        SetFigures(
            change_of_hmean([one.pages], seed=seed),
            change_of_reading([one.pages]),
            failure_changes(one.pages, seed=seed),
            negative_change(one.pages),
        )
        for one in sets
    ]
    general = [at for at, one in enumerate(sets) if not one.is_target]
    hmeans = _adjusted([plain[at].hmean for at in general])
    readings = _adjusted([plain[at].reading for at in general])
    classes = iter(holm([change.p for at in general for change in plain[at].failures]))
    for at, of_hmean, of_reading in zip(general, hmeans, readings, strict=True):
        plain[at] = replace(
            plain[at],
            hmean_holm=of_hmean,
            reading_holm=of_reading,
            failure_holm=tuple(next(classes) for _ in plain[at].failures),
        )
    return tuple(plain)


def _adjusted(changes: Sequence[PageChange | None]) -> list[float | None]:
    """Return p after Holm of those that are there."""
    values = iter(holm([change.p for change in changes if change is not None]))
    return [None if change is None else next(values) for change in changes]


def _figure_over(sets: Sequence[JudgedSetPages], figure: Objective, seed: int) -> PageChange | None:
    """Measure a figure over some sets together."""
    pages = [one.pages for one in sets]
    return change_of_hmean(pages, seed=seed) if figure == "hmean" else change_of_reading(pages)


def figure_words(name: Objective, change: PageChange) -> Sentence:
    """Write how a figure changed, with its interval and its pages."""
    return say(
        "{figure} {before:.3f} to {after:.3f}, {change} ({bounds}) on {pages}",
        figure=FIGURE_WORDS[name],
        before=change.before,
        after=change.after,
        change=points(change.value),
        bounds=points_range(change.interval),
        pages=page_count(change.pages),
    )


def page_count(count: int) -> Sentence:
    """Return how many pages as a sentence, to stand in another one."""
    return say_n("{n:,} page", "{n:,} pages", count)


def _target(targets: Sequence[JudgedSetPages], objective: Objective, seed: int) -> DetCriterion:
    """Judge whether the target got better."""
    change = _figure_over(targets, objective, seed)
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
            "told": _told(objective, change, words),
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
    change = _figure_over(targets, objective, seed)
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
            "told": _told(objective, change, words),
            "value": change.value,
            "interval": change.interval,
            "todo": todo,
        }
    )


Weight = Literal["full", "beside_real", "alone"]
"""What a general set counts for. beside_real, alone: its pages are rendered, and real ones are
judged beside them, or none are."""


def _weight(one: JudgedSetPages, sets: Sequence[JudgedSetPages]) -> Weight:
    """Return what a general set counts for."""
    is_demonstration = all(other.is_rendered for other in sets if other.is_target)
    if is_demonstration or not one.is_rendered:
        return "full"
    has_real = any(not other.is_target and not other.is_rendered for other in sets)
    return "beside_real" if has_real else "alone"


def _general(
    one: JudgedSetPages, figures: SetFigures, name: Objective, delta: float, weight: Weight
) -> DetCriterion:
    """Judge one figure of one general set.

    Args:
        delta: what it may lose, as a share.
    """
    title = (
        say("{name} is not detected worse", name=one.name)
        if name == "hmean"
        else say("{name} is not read worse", name=one.name)
    )
    head = DetCriterion(
        key=f"general_{name}",
        title=title,
        status="not_judged",
        told=say("no label of these pages counts"),
        set=one.name,
        settings=one.settings,
    )
    change, p = figures.figure(name), figures.figure_holm(name)
    if change is None or p is None:
        return head
    status, words, more, todo = _loss(change, p, delta, weight)
    return head.model_copy(
        update={
            "status": status,
            "told": _told(name, change, words),
            "value": change.value,
            "interval": change.interval,
            "more_lines": more,
            "todo": todo,
        }
    )


def _loss(
    change: PageChange, p: float, delta: float, weight: Weight
) -> tuple[Status, Sentence, int | None, Sentence]:
    """Judge the change of a general set: its status, in words, pages that would decide, advice."""
    low, high = change.interval
    limit = say("{points} points", points=f"{delta * 100:.2f}")
    if low < -delta and change.value < -delta:
        return (
            "failed",
            say("more than the {limit} that may be lost", limit=limit),
            None,
            WHAT_TO_DO,
        )
    if low < -delta and high < 0 and p < ALPHA:
        words = say(
            "worse for sure ({sure}, after Holm), and it may be by more than the {limit} that may "
            "be lost",
            limit=limit,
            sure=how_sure(p),
        )
        return "failed", words, None, WHAT_TO_DO
    if weight == "beside_real":
        words = say("rendered pages: they can show damage, and not that there is none")
        return "not_judged", words, None, UNSAID
    if low < -delta:
        more = max((change.pages_for(delta) or 0) - change.pages, 1)
        words = say_n(
            "too few pages: the truth may lie anywhere from {low} to {high}; about {n:,} more page "
            "like these would decide",
            "too few pages: the truth may lie anywhere from {low} to {high}; about {n:,} more "
            "pages like these would decide",
            more,
            low=points(low),
            high=points(high),
        )
        todo = say_n(
            "Label about {n:,} more page of this kind, for --general.",
            "Label about {n:,} more pages of this kind, for --general.",
            more,
        )
        return "cannot_tell", words, more, todo
    if weight == "alone":
        words = say(
            "all general pages are rendered: they can show damage, and not that there is none"
        )
        return "cannot_tell", words, None, say("Name real labelled pages with --general.")
    return "passed", say("a loss of more than {limit} is ruled out", limit=limit), None, UNSAID


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


def _told(name: Objective, change: PageChange, words: Sentence) -> Sentence:
    return arranged("{figure}; {words}", figure=figure_words(name, change), words=words)


def _warnings(
    sets: Sequence[JudgedSetPages],
    figures: Sequence[SetFigures],
    targets: Sequence[JudgedSetPages],
    objective: Objective,
    seed: int,
) -> Iterator[Sentence]:
    """Write what got worse for sure and decides nothing by itself."""
    second: Objective = "reading" if objective == "hmean" else "hmean"
    change = _figure_over(targets, second, seed)
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


def count_range(interval: Interval) -> Sentence:
    """Write an interval of a change of counts.

    >>> count_range((-3.0, 12.5))
    '−3 to +13'
    """
    low, high = (signed_count(bound) for bound in (floor(interval[0]), ceil(interval[1])))
    return say("{low} to {high}", low=low, high=high)


def signed_count(change: int) -> str:
    """Write a change of a count with its sign.

    >>> signed_count(-1200), signed_count(0)
    ('−1,200', '0')
    """
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return f"{sign}{abs(change):,}"


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
