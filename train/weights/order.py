"""Is a dictionary in the order that the network was trained with?

Two readers that decode with the same dictionary agree whatever its order is, so no comparison of
them tells. Labels do: by a dictionary in another order nothing is read right, or, where entries
were put in or taken out, nothing from there on.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import bidirectional, normalize

from rapidfuzz.distance import Levenshtein

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.twins import twins_of
from textlines.wording.counts import count_of

FEWEST = 10
"""Characters of labels from which on readings tell of the order."""

NEARLY_NOTHING = 0.1
"""Share of the labels' characters: a model that reads fewer right on lines of its own is none."""

MOSTLY = 0.8
"""Share of a character's readings that are one other character, where entries were exchanged."""

NEAR = 3
"""Entries that are taken out or put in by mistake: blank lines, spaces, a byte order mark."""

FEWEST_MOVED = 3
"""Different characters that must stand off by the same number, to be no chance."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """What readings say of a dictionary's order.

    Attributes:
        lines, right: lines with a text that is known, and those read so.
        characters, characters_right: of these texts, without spaces; case and width do not count.
        is_empty: nothing was read in any line.
        always: what is read as one other character nearly always, with how often, most first.
        moved: by how many places entries stand off, and the first of them; None for none.
    """

    lines: int
    right: int
    characters: int
    characters_right: int
    is_empty: bool = False
    always: tuple[tuple[Pair, int], ...] = ()
    moved: tuple[int, str] | None = None

    @property
    def is_other(self) -> bool:
        """Whether the order is not the network's."""
        if self.characters < FEWEST:
            return False
        if self.characters_right < NEARLY_NOTHING * self.characters or self.moved:
            return True
        return 2 * sum(count for _, count in self.always) > self.characters

    @property
    def is_proven(self) -> bool:
        """Whether labels prove it: enough was read, and more than chance reads right."""
        return self.characters >= FEWEST and not self.is_other


def order_of(texts: Sequence[str], readings: Sequence[str], alphabet: Alphabet) -> Order:
    """Compare readings with what stands in the lines.

    Args:
        texts: what stands there, canonical; characters that the dictionary lacks count for nothing.
        readings: in the same order.
    """
    right = characters = characters_right = 0
    pairs: dict[str, Counter[str]] = defaultdict(Counter)
    for text, raw in zip(texts, readings, strict=True):
        read = _as_written(text, normalize("NFC", raw))
        right += text == read
        # The space's class is the last, in whatever order the entries stand.
        known = "".join(char for char in text if char != " " and alphabet.holds(char))
        read = read.replace(" ", "")
        plain, plain_read = _plain(known), _plain(read)
        characters += len(plain)
        steps = Levenshtein.editops(plain, plain_read)
        characters_right += len(plain) - sum(step.tag != "insert" for step in steps)
        # Of lines of one length each character has its reading; of others nobody knows which.
        if len(known) == len(read):
            for char, other in zip(known, read, strict=True):
                pairs[char][other] += 1
    always = _always(pairs)
    return Order(
        lines=len(texts),
        right=right,
        characters=characters,
        characters_right=characters_right,
        is_empty=not any(readings),
        always=always,
        moved=_moved(always, alphabet),
    )


def refuse_other_order(where: str, order: Order) -> None:
    """Refuse a dictionary by which labelled lines are not read.

    Args:
        where: the dictionary, for messages.

    Raises:
        InputError: nothing or nearly nothing is read right, or what is read wrongly is exchanged
            throughout; names some of it.
    """
    if not order.is_other:
        return
    figures = (
        f"{order.right:,} of {count_of(order.lines, 'labelled line')} and "
        f"{order.characters_right:,} of their {count_of(order.characters, 'character')} are read "
        "right"
    )
    if order.is_empty:
        raise InputError(
            where,
            f"cannot be shown to be in the network's order: {figures}, and nothing is read in any",
            "Name labelled lines that the model can read, upright, with --labels; or leave "
            "--labels away, and the order stays unproven.",
        )
    shown = ", ".join(
        f"{a!r} as {b!r} ({count_of(count, 'time')})" for (a, b), count in order.always[:4]
    )
    if order.moved:
        places, first = order.moved
        shown += f"; from {first!r} on entries stand {abs(places)} off"
    raise InputError(
        where,
        f"has the right length, and its order does not fit the network: {figures}"
        + (f"; it reads {shown}" if shown else ""),
        "Name the dictionary that the model was trained with, no line of it moved, taken out or "
        "put in. If labels or images are those of other lines, name others with --labels.",
    )


def _as_written(text: str, read: str) -> str:
    """Turn a reading round where the model reads right-to-left text from the left, as drawn.

    PaddleOCR trains such models on labels that it turns, and turns their readings back.
    """
    if not any(bidirectional(char) in ("R", "AL") for char in text):
        return read
    turned = read[::-1]
    nearer = Levenshtein.distance(text, turned) < Levenshtein.distance(text, read)
    return turned if nearer else read


def _plain(text: str) -> str:
    """Fold case and width: a model of other conventions reads right all the same."""
    return normalize("NFKC", text).casefold()


def _always(pairs: dict[str, Counter[str]]) -> tuple[tuple[Pair, int], ...]:
    always = []
    for char, readings in pairs.items():
        other, count = min(readings.items(), key=lambda item: (-item[1], item[0]))
        is_same = _plain(other) == _plain(char) or other in twins_of(char)
        if not is_same and count > 1 and count >= MOSTLY * readings.total():
            always.append(((char, other), count))
    return tuple(sorted(always, key=lambda item: (-item[1], item[0])))


def _moved(always: Sequence[tuple[Pair, int]], alphabet: Alphabet) -> tuple[int, str] | None:
    """Return how far entries stand off, if several do by the same few places, and from where on."""
    places: dict[int, list[str]] = defaultdict(list)
    ids = alphabet.ids
    for (char, other), _ in always:
        if char in ids and other in ids and 0 < abs(ids[other] - ids[char]) <= NEAR:
            places[ids[other] - ids[char]].append(char)
    if not places:
        return None
    off, moved = max(places.items(), key=lambda item: (len(item[1]), -abs(item[0]), item[0]))
    return (off, min(moved, key=lambda char: ids[char])) if len(moved) >= FEWEST_MOVED else None
