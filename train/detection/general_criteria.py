"""Whether a general set got worse: one figure of one set, real pages or rendered ones."""

from collections.abc import Sequence
from typing import Literal

from textlines.wording import UNSAID, Sentence, say, say_n
from train.detection.gate_verdict import DetCriterion
from train.detection.gate_words import WHAT_TO_DO, told_figure
from train.detection.judged_changes import JudgedSetPages, SetFigures
from train.detection.page_outcomes import Objective
from train.detection.paired_pages import PageChange
from train.judging.figure_words import how_sure, points
from train.judging.significance import ALPHA
from train.judging.verdict import Status

Weight = Literal["full", "beside_real", "alone"]
"""What a general set counts for. beside_real, alone: its pages are rendered, and real ones are
judged beside them, or none are."""


def weight_of(one: JudgedSetPages, sets: Sequence[JudgedSetPages]) -> Weight:
    """Return what a general set counts for."""
    is_demonstration = all(other.is_rendered for other in sets if other.is_target)
    if is_demonstration or not one.is_rendered:
        return "full"
    has_real = any(not other.is_target and not other.is_rendered for other in sets)
    return "beside_real" if has_real else "alone"


def general_criterion(
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
            "told": told_figure(name, change, words),
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
