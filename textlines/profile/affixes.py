"""What nearly all lines of a set begin or end with, in labels or in readings alone.

A space that every label starts with and no image shows, quotes around every label, a unit that
labels leave out: no reading is wrong for that. It is one fact about the set, however many lines.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from rapidfuzz.distance import Levenshtein

from textlines.wording import Sentence, joined, say, say_n

Side = Literal["labels", "readings"]
Pair = tuple[str, str]
"""Label and reading."""

FEWEST_LINES = 10
"""Of which something must hold before it is taken for a habit of the set."""

NEARLY_ALL = 0.9
"""Share of the lines that a beginning or an end must stand in; and of these, the share where the
other side must not have it."""

LONGEST = 12
"""Characters of a beginning or an end."""

NEARER = 0.6
"""Share of the characters of a beginning or an end by which lines must come nearer without it. Of
readings that are wrong anyhow not all do."""

FEWEST_RIGHT, RIGHT_SHARE = 3, 0.02
"""Lines that must be right without it, up to their other end, and case and width aside: a network
that reads the same in every crop has a beginning too."""

SAMPLE = 2000
"""Lines that a beginning is weighed by."""


def common_affixes(texts: Sequence[str], *, at_end: bool) -> list[tuple[str, int]]:
    """Return the beginnings (or ends) that nearly all texts have, shortest first, with their count.

    A text that is nothing else has none.

    >>> common_affixes(["No. 1", "No. 23"] * 5, at_end=False)[-1]
    ('No. ', 10)
    """
    affixes: list[tuple[str, int]] = []
    needed = max(FEWEST_LINES, NEARLY_ALL * len(texts))
    for size in range(1, LONGEST + 1):
        ends = Counter(
            text[-size:] if at_end else text[:size] for text in texts if len(text) > size
        )
        if not ends:
            break
        text, count = min(ends.items(), key=lambda item: (-item[1], item[0]))
        if count < needed:
            break
        affixes.append((text, count))
    return affixes


def common_affix(texts: Sequence[str], *, at_end: bool) -> str:
    """Return the longest beginning (or end) that nearly all texts have; "" for none."""
    affixes = common_affixes(texts, at_end=at_end)
    return affixes[-1][0] if affixes else ""


@dataclass(frozen=True, slots=True)
class Affix:
    """A beginning or an end that one side writes, and the other does not.

    Attributes:
        side: that writes it. other: what the other side has in its place: nothing, or the same in
            another form (`℃`, `°C`).
        lines: in which that side has it, of all. alone: of these, where the other side does not.
    """

    text: str
    at_end: bool
    side: Side
    lines: int
    alone: int
    of: int
    other: str = ""

    def cut(self, label: str, reading: str) -> tuple[str, str, str, str] | None:
        """Return what is left of both, and what is set aside of both; None where it is not so.

        >>> Affix(" ", False, "labels", 10, 10, 10).cut(" A1", "A7")
        ('A1', 'A7', ' ', '')
        """
        written, opposite = (label, reading) if self.side == "labels" else (reading, label)
        if not has(written, self.text, self.at_end) or has(opposite, self.text, self.at_end):
            return None
        if self.other and not has(opposite, self.other, self.at_end):
            return None
        written, opposite = (
            without(written, self.text, self.at_end),
            without(opposite, self.other, self.at_end),
        )
        if self.side == "labels":
            return written, opposite, self.text, self.other
        return opposite, written, self.other, self.text


def has(text: str, affix: str, at_end: bool) -> bool:
    """Whether a text begins (or ends) so, and is more than that."""
    return len(text) > len(affix) and (text.endswith if at_end else text.startswith)(affix)


def without(text: str, affix: str, at_end: bool) -> str:
    """Return a text without what it begins (or ends) with."""
    return text[: len(text) - len(affix)] if at_end else text[len(affix) :]


@dataclass(frozen=True, slots=True)
class Cut:
    """A line in three parts, the outer ones set aside; each of label and reading."""

    head: Pair
    core: Pair
    tail: Pair


def cut(affixes: Sequence[Affix], label: str, reading: str) -> Cut:
    """Set aside what no reading of the set has, or no label.

    >>> quote = [Affix('"', at_end, "labels", 10, 10, 10) for at_end in (False, True)]
    >>> cut(quote, '"1"', "1")
    Cut(head=('"', ''), core=('1', '1'), tail=('"', ''))
    """
    heads, tails = ["", ""], ["", ""]
    for affix in affixes:
        left = affix.cut(label, reading)
        if left is None:
            continue
        label, reading, *gone = left
        for at, text in enumerate(gone):
            if affix.at_end:
                tails[at] = text + tails[at]
            else:
                heads[at] += text
    return Cut((heads[0], heads[1]), (label, reading), (tails[0], tails[1]))


def find_affixes(pairs: Sequence[Pair]) -> tuple[Affix, ...]:
    """Find what labels begin or end with throughout and readings do not, and the other way round.

    Nearly all lines (`NEARLY_ALL`, `FEWEST_LINES` at least) have it on one side, and of these
    hardly one on the other; without it the lines are nearer, and some are right.

    Args:
        pairs: label and reading of all lines, in NFC.
    """
    affixes: list[Affix] = []
    if all(label == reading for label, reading in pairs):
        return ()
    for at_end in (False, True):
        for side in ("labels", "readings"):
            affix = _in_another_form(pairs, side, at_end) or _alone(pairs, side, at_end)
            if affix:
                affixes.append(affix)
                cuts = (affix.cut(*pair) for pair in pairs)
                pairs = [
                    (gone[0], gone[1]) if gone else pair
                    for gone, pair in zip(cuts, pairs, strict=True)
                ]
    return tuple(affixes)


def _alone(pairs: Sequence[Pair], side: Side, at_end: bool) -> Affix | None:
    """Find what one side writes and the other has nothing for."""
    at = 0 if side == "labels" else 1
    candidates = common_affixes([pair[at] for pair in pairs], at_end=at_end)
    if not candidates:
        return None
    some = list(islice(pairs, 0, None, max(1, len(pairs) // SAMPLE)))
    others = [_folded(pair[1 - at]) for pair in some]
    costs = [sum(_apart(_folded(pair[at]), b) for pair, b in zip(some, others, strict=True))]
    rights = [0]
    for text, _ in candidates:
        left = [without(p[at], text, at_end) if has(p[at], text, at_end) else p[at] for p in some]
        both = [(_folded(text_left), other) for text_left, other in zip(left, others, strict=True)]
        costs.append(sum(_apart(*pair) for pair in both))
        rights.append(sum(_agree(*pair, at_end) for pair in both))
    size = costs.index(min(costs))
    if not size:
        return None
    text, lines = candidates[size - 1]
    gained = (costs[0] - costs[size]) / (len(_folded(text)) * len(some))
    if gained < NEARER or rights[size] < max(FEWEST_RIGHT, RIGHT_SHARE * len(some)):
        return None
    return _counted(pairs, Affix(text, at_end, side, lines, lines, len(pairs)))


def _in_another_form(pairs: Sequence[Pair], side: Side, at_end: bool) -> Affix | None:
    """Find a character of one side for which the other writes several: `℃`, `°C`."""
    at = 0 if side == "labels" else 1
    for text, lines in common_affixes([pair[at] for pair in pairs], at_end=at_end)[:1]:
        plain = unicodedata.normalize("NFKC", text)
        if len(plain) > 1:
            affix = Affix(text, at_end, side, lines, lines, len(pairs), plain)
            there = sum(has(pair[1 - at], plain, at_end) for pair in pairs)
            if there >= max(FEWEST_LINES, NEARLY_ALL * lines):
                return _counted(pairs, affix)
    return None


def _counted(pairs: Sequence[Pair], affix: Affix) -> Affix | None:
    alone = sum(affix.cut(*pair) is not None for pair in pairs)
    if alone < max(FEWEST_LINES, NEARLY_ALL * affix.lines):
        return None
    return Affix(affix.text, affix.at_end, affix.side, affix.lines, alone, affix.of, affix.other)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _agree(text: str, other: str, at_end: bool) -> bool:
    """Whether two texts agree from one end on, as far as the shorter goes: half the longer."""
    shorter, longer = sorted((text, other), key=len)
    fits = longer.endswith(shorter) if at_end else longer.startswith(shorter)
    return fits and 2 * len(shorter) >= len(longer)


def _apart(text: str, other: str) -> int:
    return int(Levenshtein.distance(text, other))


def label_edges(labels: Sequence[str]) -> tuple[tuple[str, bool, int], ...]:
    """Return what nearly all labels begin or end with, by labels alone: spaces, quotes, units.

    Without readings nobody knows what crops show. So it is what a label may owe to whoever wrote
    it: it ends (at the beginning of labels; begins, at their end) in a space or a mark, and no
    letter or digit.

    Returns:
        The text, whether it is an end, and how many labels have it.

    >>> label_edges([f" {number}℃" for number in range(10, 20)])
    ((' ', False, 10), ('℃', True, 10))
    >>> label_edges([f"KR{number}" for number in range(10, 20)])
    ()
    """
    edges = []
    for at_end in (False, True):
        text = common_affix(labels, at_end=at_end)
        while text and text[0 if at_end else -1].isalnum():
            text = text[1:] if at_end else text[:-1]
        if text:
            edges.append((text, at_end, sum(has(label, text, at_end) for label in labels)))
    return tuple(edges)


def edge_words(texts: Sequence[tuple[str, bool]]) -> Sentence:
    """Write what lines start and end with.

    Args:
        texts: a beginning or an end, and whether it is an end.

    >>> edge_words([(" ", False), ("°C", True)])
    "start with a space and end with '°C'"
    """
    parts = [
        say("end with {text}", text=_named(text))
        if at_end
        else say("start with {text}", text=_named(text))
        for text, at_end in texts
    ]
    return joined(say(" and "), parts)


def _named(text: str) -> str:
    if text.strip(" "):
        return repr(text)
    return say_n("a space", "{n} spaces", len(text))


def amount_words(count: int, of: int, name: str) -> Sentence:
    """Write a count of things beside the number of all.

    >>> amount_words(40, 40, "labels"), amount_words(39, 40, "labels")
    ('all 40 labels', '39 of 40 labels')
    """
    if count == of:
        return say("all {of:,} {name}", of=of, name=name)
    return say("{count:,} of {of:,} {name}", count=count, of=of, name=name)
