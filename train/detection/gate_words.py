"""The words of the gate of detectors: figures, settings and counts, as sentences."""

from collections.abc import Mapping
from math import ceil, floor

from textlines.wilson import Interval
from textlines.wording import Sentence, arranged, say, say_n
from train.detection.gate_verdict import SettingsKind
from train.detection.page_outcomes import Objective
from train.detection.paired_pages import PageChange
from train.judging.figure_words import points, points_range

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


def told_figure(name: Objective, change: PageChange, words: Sentence) -> Sentence:
    """Write how a figure changed, and what that says."""
    return arranged("{figure}; {words}", figure=figure_words(name, change), words=words)


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
