"""What is said of the amounts of an epoch, of text lines and of pages.

Each sentence stands here whole for both: a noun that is filled in would not agree in every language
with the words around it.
"""

from typing import Literal

from textlines.rules.proportions import LOWEST
from textlines.wording import Sentence, say, say_n

Unit = Literal["lines", "characters", "pages"]

UNITS = {"lines": say("lines"), "characters": say("characters"), "pages": say("pages")}
"""What is counted, in words."""


def own_stand(rows: int, unit: Unit) -> Sentence:
    """Return how many own lines or pages there are, as the subject of a sentence."""
    if unit == "pages":
        return say_n("{n:,} own page stands", "{n:,} own pages stand", rows)
    return say_n("{n:,} own line stands", "{n:,} own lines stand", rows)


def own_rendered(rendered: int, unit: Unit) -> Sentence:
    """Return a note on own rows that were drawn: they pass the ratio by, which is for them."""
    if unit == "pages":
        return say_n(
            "{n:,} own page was rendered, and counts as original: drawn pages that teach are --new",
            "{n:,} own pages were rendered, and count as original: drawn pages that teach are "
            "--new",
            rendered,
        )
    return say_n(
        "{n:,} own line was rendered, and counts as original: drawn lines that teach are --new",
        "{n:,} own lines were rendered, and count as original: drawn lines that teach are --new",
        rendered,
    )


def too_few_originals(rows: int, wanted: int, unit: Unit) -> Sentence:
    """Return a note on lists that were to hold more originals than there are."""
    if unit == "pages":
        return say_n(
            "{n:,} original page, not {wanted:,}: it stands in each list",
            "{n:,} original pages, not {wanted:,}: all in each list",
            rows,
            wanted=wanted,
        )
    return say_n(
        "{n:,} original line, not {wanted:,}: it stands in each list",
        "{n:,} original lines, not {wanted:,}: all in each list",
        rows,
        wanted=wanted,
    )


def none_fits(kept: int, new: int, unit: Unit) -> Sentence:
    """Return a note on originals that are too few for any of the new rows."""
    if unit == "pages":
        return say(
            "no new page: {lowest}:1 lets in none beside {originals}, left out: {new:,}",
            lowest=LOWEST,
            originals=say_n("{n:,} original page", "{n:,} original pages", kept),
            new=new,
        )
    return say(
        "no new line: {lowest}:1 lets in none beside {originals}, left out: {new:,}",
        lowest=LOWEST,
        originals=say_n("{n:,} original", "{n:,} originals", kept),
        new=new,
    )


def new_again(times: float, unit: Unit) -> Sentence:
    """Return a note on new rows that stand in an epoch more than once."""
    if unit == "pages":
        return say("new pages stand {times:.1f} times in an epoch", times=times)
    return say("new lines stand {times:.1f} times in an epoch", times=times)


def general_again(times: float, unit: Unit) -> Sentence:
    """Return a note on general rows that stand in an epoch more than once."""
    if unit == "pages":
        return say("general pages stand {times:.1f} times an epoch", times=times)
    return say("general lines stand {times:.1f} times an epoch", times=times)


def nothing_kept(unit: Unit) -> Sentence:
    """Return a note on a mix of the own scene alone."""
    if unit == "pages":
        return say(
            "nothing but the own scene is in this mix: nothing keeps what the detector knows "
            "(--original or --general)"
        )
    return say(
        "nothing but the own scene is in this mix: nothing keeps what the model knows (--distil, "
        "--original or --general)"
    )


def few_others(others: int, have: int, unit: Unit) -> Sentence:
    """Return why no more others than `others` stand beside the own scene, of those there are."""
    if unit == "pages":
        if others < have:
            return say("--epoch-pages leaves {others:,} other pages", others=others)
        return say("only {have:,} other pages are there", have=have)
    if others < have:
        return say("--epoch-lines leaves {others:,} others", others=others)
    return say("only {have:,} others are there", have=have)
