"""The sentence that stands first on `evaluation.html`: what is wrong most, and against what."""

from collections.abc import Iterator
from pathlib import PurePath

from textlines.wilson import wilson
from textlines.wording import say
from train.judging.evaluation import Contest, Evaluation, Figures, Versus
from train.judging.page_parts import percent
from train.judging.profile_finding import APART, RIGHT

BETTER = say(
    "{other} reads {theirs} of these {lines} lines exactly, {model} {ours}: use it, or start from "
    "it."
)
AGAINST = say(
    "{share} of {lines} lines are read exactly; {other} reads {before}, and against it {mended} "
    "are mended and {broken} broken."
)
IGNORED = {
    "case_folded": say(
        "Capitals are wrong most: {share} of {lines} lines are read exactly, {without} "
        "where they do not count."
    ),
    "no_spaces": say(
        "Spaces are wrong most: {share} of {lines} lines are read exactly, {without} "
        "where they do not count."
    ),
    "no_punctuation": say(
        "Punctuation is wrong most: {share} of {lines} lines are read exactly, "
        "{without} where it does not count."
    ),
}
LENGTH = say(
    "Labels of {name} characters are misread most: {share} of {lines} lines are read exactly, "
    "{rest} of the other {others}."
)
GROUP = say(
    "Lines of {name} are misread most: {share} of {lines} are read exactly, {rest} of the other "
    "{others}."
)
EVEN = say(
    "{wrong} of {lines} lines are misread, those of no length and no group surely more often than "
    "the others."
)

MOST = 0.5
"""Of the wrong lines: what explains so many is what is wrong most."""


def finding(found: Evaluation) -> str:
    """Say what is wrong most, by how much, and against what.

    First whether another model surely reads the lines better; else how they differ from other
    readings that were named; else what explains half of the wrong lines; else the length or group
    whose lines are surely misread more often than the others (Wilson's intervals apart).
    """
    all_ = found.comparisons["all"]
    wrong = all_.lines - right(all_)
    if not wrong:
        return RIGHT.filled(lines=f"{all_.lines:,}")
    if found.contest and found.contest.better:
        return _better(found.contest)
    if found.versus:
        return _against(found.versus[0], all_)
    if found.agreed and found.agreed.right >= MOST * wrong:
        return APART.filled(apart=f"{found.agreed.right:,}", wrong=f"{found.agreed.wrong:,}")
    name = max(
        IGNORED, key=lambda one: right(found.comparisons[one]) if one in found.comparisons else -1
    )
    if name in found.comparisons and right(found.comparisons[name]) - right(all_) >= MOST * wrong:
        without = percent(found.comparisons[name].line_accuracy.value)
        share = percent(all_.line_accuracy.value)
        return IGNORED[name].filled(share=share, lines=f"{all_.lines:,}", without=without)
    worst = max(_worse(found, all_), default=None)
    if worst is None:
        return EVEN.filled(wrong=f"{wrong:,}", lines=f"{all_.lines:,}")
    return worst[2]


def right(figures: Figures) -> int:
    """Return how many lines are read right."""
    return round(figures.line_accuracy.value * figures.lines)


def _better(contest: Contest) -> str:
    first = contest.contenders[0]
    best = next(one for one in contest.contenders if one.name == contest.better[0])
    return BETTER.filled(
        other=_short(best.name),
        theirs=percent(best.line_accuracy.value),
        lines=f"{contest.lines:,}",
        model=_short(first.name),
        ours=percent(first.line_accuracy.value),
    )


def _short(name: str) -> str:
    """Shorten a path to its end: a model's file is named by its folder."""
    return "/".join(PurePath(name).parts[-2:])


def _against(one: Versus, all_: Figures) -> str:
    return AGAINST.filled(
        share=percent(one.their_accuracy + one.difference.value),
        lines=f"{one.lines:,}",
        before=percent(one.their_accuracy),
        other=_short(one.other),
        mended=f"{one.mended:,}",
        broken=f"{one.broken:,}",
    )


def _worse(found: Evaluation, all_: Figures) -> Iterator[tuple[float, int, str]]:
    """Find lengths and groups that are surely misread more often than the other lines.

    Yields:
        How many more of its lines are misread than of as many others, how many lines it has
        (below 0, so that of two the smaller one is the greater), and the sentence.
    """
    named = [(LENGTH, part) for part in found.lengths] + [(GROUP, part) for part in found.groups]
    for words, part in named:
        lines, good = part.figures.lines, right(part.figures)
        others, rest = all_.lines - lines, right(all_) - good
        if not others or wilson(good, lines)[1] >= wilson(rest, others)[0]:
            continue
        yield (
            lines * rest / others - good,
            -lines,
            words.filled(
                name=part.name,
                share=percent(good / lines),
                lines=f"{lines:,}",
                rest=percent(rest / others),
                others=f"{others:,}",
            ),
        )
