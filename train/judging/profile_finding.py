"""The sentence that stands first on `profile.html`: what most of the misreadings are of."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from textlines.formats.profile import ErrorProfile, PartRow
from textlines.labels.canonical import short
from textlines.profile.align import Edit
from textlines.profile.jamo import PLACES, Place, parts
from textlines.profile.part_words import KOREAN, NO_FINAL
from textlines.profile.reading import Misread
from textlines.wilson import wilson
from textlines.wording import say
from train.judging.page_parts import ALL_RIGHT, ONLY_CONVENTIONS

TWO = say("{cause} and {other}: {count} of {edits} edits.")
ONE = say("{cause}: {count} of {edits} edits.")
SPREAD = say("No cause stands out: {edits} edits in {wrong} of {lines} lines.")

SPACES, INSERTED = say("spaces"), say("characters read where nothing stands")

LEAST = 3
"""Edits of a cause that is named."""

APART_SHARE = 0.5
"""Of the wrong lines: from here on conventions are what is to be told first."""


def finding(profile: ErrorProfile, misread: Sequence[Misread]) -> str:
    """Say what most edits are of: the two causes that between them make up most.

    A cause is a part of Hangul syllables or a character with `LEAST` edits or more, a place of
    syllables (받침) that is surely misread more often than both others, spaces, or what is read
    where nothing stands. An edit of several causes counts once.

    Args:
        misread: all lines that the profile's figures are of.
    """
    lines = profile.lines
    wrong = len(misread)
    if not wrong:
        return ALL_RIGHT.filled(lines=f"{lines.lines:,}")
    apart = sum(line.agreed for line in misread)
    if apart >= APART_SHARE * wrong:
        return ONLY_CONVENTIONS.filled(apart=f"{apart:,}", wrong=f"{wrong:,}")
    known = _known(profile)
    counts = Counter(
        frozenset(_causes(edit)).intersection(known) for line in misread for edit in line.faults()
    )
    del counts[frozenset()]
    most, edits = _most(counts, list(known)), f"{lines.edits:,}"
    if not most:
        return SPREAD.filled(edits=edits, wrong=f"{wrong:,}", lines=f"{lines.lines:,}")
    count = f"{sum(n for causes, n in counts.items() if not causes.isdisjoint(most)):,}"
    if len(most) == 1:
        return ONE.filled(cause=known[most[0]], count=count, edits=edits)
    return TWO.filled(cause=known[most[0]], other=known[most[1]], count=count, edits=edits)


Cause = tuple[str, str]
"""What it is of: ("place", "final"), ("initial", "ㅊ"), ("char", "0"); and its name."""


def _known(profile: ErrorProfile) -> dict[Cause, str]:
    """Return the causes that may be named, those of parts before those of characters."""
    found: dict[Cause, str] = {("place", place): KOREAN[place] for place in _weak(profile.parts)}
    for part in profile.parts:
        found[part.place, part.part] = f"{KOREAN[part.place]} {part.part or NO_FINAL}"
    found |= {("char", row.char): short(row.char) for row in profile.ranked}
    return found | {("char", " "): SPACES, ("char", ""): INSERTED}


def _weak(rows: Sequence[PartRow]) -> Iterator[Place]:
    """Find a place that is surely misread more often than both others; none without a part of it
    (a syllable without 받침 tells nothing of 받침).
    """
    bounds = {}
    for place in PLACES:
        own = [row for row in rows if row.place == place and row.part]
        bounds[place] = wilson(sum(row.misread for row in own), sum(row.seen for row in own))
    for place, (low, _) in bounds.items():
        if all(low > high for other, (_, high) in bounds.items() if other != place):
            yield place


def _causes(edit: Edit) -> Iterator[Cause]:
    yield "char", edit.truth
    truth, read = parts(edit.truth), parts(edit.read)
    if truth is None or read is None:
        return
    for place, letter, other in zip(PLACES, truth, read, strict=True):
        if letter != other:
            yield place, letter
            if letter:
                yield "place", place


def _most(counts: Counter[frozenset[Cause]], known: Sequence[Cause]) -> tuple[Cause, ...]:
    """Choose the two causes that between them have most edits; one where it has all of them.

    Of several that have the same, the first: what stands for a whole place or part of syllables
    goes before the one syllable that it was seen in.
    """
    alone = Counter[Cause]()
    for causes, count in counts.items():
        alone.update(dict.fromkeys(causes, count))
    named = (cause for cause in known if alone[cause] >= LEAST)
    first = sorted(named, key=lambda cause: -alone[cause])

    def covered(chosen: tuple[Cause, ...]) -> int:
        return sum(count for causes, count in counts.items() if not causes.isdisjoint(chosen))

    # Beyond the weightiest ones no other can be of the best two but by a hair.
    pairs = combinations(first[:_TRIED], 2)
    best: tuple[Cause, ...] = max(pairs, key=covered, default=tuple(first))
    return best[:1] if best and covered(best) == covered(best[:1]) else best


_TRIED = 40
