"""Classes of characters: which may stand in another's place, and where a target stands in a text.

A target is what a line is drawn for: mostly one grapheme cluster, which is looked for as a cluster
of the text and never as the half of another one. A dictionary may also name a mark that only ever
stands joined to a letter (Thai tone marks), or an entry of several clusters ("kg"): those are
looked for by their code points, as the model reads them.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from synth.corpus.lookalikes import CODE, LOOKALIKES, is_mixed, is_quantity
from textlines.labels.canonical import clusters
from textlines.labels.scripts import script_of
from textlines.profile.jamo import parts


@lru_cache(maxsize=65_536)
def is_joined(char: str) -> bool:
    r"""Whether a character always joins the one before it, and so is never a cluster in a line.

    >>> is_joined("\u0e49"), is_joined("\u0e01"), is_joined("\u0e01\u0e49")
    (True, False, False)
    """
    return not char.isascii() and len(clusters("a" + char)) == 1


@lru_cache(maxsize=65_536)
def is_cluster(target: str) -> bool:
    """Whether a target is looked for among the clusters of a text.

    >>> is_cluster("ก็"), is_cluster("kg")
    (True, False)
    """
    return len(clusters(target)) == 1 and not is_joined(target)


def pieces(text: str, target: str) -> tuple[str, ...]:
    """Split a text into what `target` is one of: clusters, or code points for a joined mark."""
    return clusters(text) if is_cluster(target) else tuple(text)


def holds(text: str, target: str) -> bool:
    """Whether a text holds a target as such.

    >>> holds("काक", "क"), holds("का", "क"), holds("20kg", "kg")
    (True, False, True)
    """
    if target not in text:
        return False
    return text.isascii() or not is_cluster(target) or target in clusters(text)


def joined_up(units: Sequence[str], *, apart: bool = True) -> str | None:
    r"""Join units to a text; None where they compose, or (`apart`) are its clusters no more.

    >>> joined_up(("\u1100", "\u1161")), joined_up(("कि", "क"))
    (None, 'किक')
    """
    text = "".join(units)
    if text.isascii():
        return text
    if not unicodedata.is_normalized("NFC", text):
        return None
    return text if not apart or clusters(text) == tuple(units) else None


@lru_cache(maxsize=65_536)
def class_of(char: str) -> str:
    """Name the class of a character (or of a cluster, by its first character).

    Two characters of one class may stand in each other's place: digits; capitals and small
    letters of one script, apart; syllables; Han; marks of one kind; what joins a letter.

    >>> [class_of(char) for char in "7Aa값金.₩("]
    ['digit', 'upper Latin', 'lower Latin', 'Hangul', 'Han', 'mark Po', 'mark Sc', 'mark Ps']
    """
    first = char[0]
    if first == " ":
        return "space"
    if is_joined(char):
        return f"joined {script_of(char)}"
    category = unicodedata.category(first)
    if category[0] in "PS":
        return f"mark {category}"
    if category == "Nd":
        return "digit" if first.isascii() else f"digit {script_of(first)}"
    if parts(first):
        return "Hangul"
    if category in ("Lu", "Ll"):
        return f"{'upper' if category == 'Lu' else 'lower'} {script_of(first)}"
    return script_of(first)


def coarse(name: str) -> str:
    """Return the class that takes in a class: all marks are one.

    >>> coarse("mark Po"), coarse("upper Latin")
    ('mark', 'upper Latin')
    """
    return "mark" if name.startswith("mark ") else name


def jamo_apart(syllable: str, other: str) -> int:
    """Count the parts (initial, medial, final) in which two syllables differ; 3 if not both are.

    >>> jamo_apart("값", "갑"), jamo_apart("값", "산"), jamo_apart("값", "A")
    (1, 2, 3)
    """
    first, second = parts(syllable), parts(other)
    if first is None or second is None:
        return 3
    return sum(a != b for a, b in zip(first, second, strict=True))


def partners(chars: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Pair characters up with those that they may be mistaken for, each pair once.

    Built-in look-alikes; syllables that differ in one part, or else each with the nearest; and,
    so that every other character has its like beside it, each with the next of its class (the
    last with the first).

    >>> ["".join(pair) for pair in partners(tuple("0O1lI값갑"))]
    ['0O', '1l', '1I', 'lI', '값갑', '01', 'OI']
    """
    pairs: dict[frozenset[str], tuple[str, str]] = {}

    def add(member: str, other: str) -> None:
        pairs.setdefault(frozenset((member, other)), (member, other))

    for member, other in _mistaken(tuple(dict.fromkeys(chars))):
        add(member, other)
    settled = {char for pair in pairs.values() for char in pair}
    rings: dict[str, list[str]] = {}
    for char in chars:
        rings.setdefault(class_of(char), []).append(char)
    for name, ring in rings.items():
        if len(ring) == 1:
            continue
        if name == "Hangul":
            for member in ring:
                others = [other for other in ring if other != member]
                if member not in settled:
                    add(member, min(others, key=lambda other: jamo_apart(member, other)))
        else:
            for member, other in zip(ring, [*ring[1:], ring[0]], strict=True):
                add(member, other)
    return tuple(pairs.values())


def _mistaken(chars: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the built-in look-alikes and the syllables that differ in one part, in order.

    Characters with two parts in common are looked up, not compared each with each: a run may be
    for all of thousands of syllables.
    """
    alike: dict[tuple[str, ...], list[int]] = {}
    for at, char in enumerate(chars):
        for group in LOOKALIKES:
            if char in group:
                alike.setdefault((group,), []).append(at)
        for place, kept in enumerate(_without_each(parts(char) or ())):
            alike.setdefault((str(place), *kept), []).append(at)
    for first, second in sorted(
        {pair for places in alike.values() for pair in combinations(places, 2)}
    ):
        yield chars[first], chars[second]


def _without_each(taken: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for place in range(len(taken)):
        yield (*taken[:place], *taken[place + 1 :])


def makes_words(char: str) -> bool:
    """Whether a character makes up words: in another's place it leaves none.

    >>> [makes_words(char) for char in "7A값金.₩"]
    [False, True, True, True, False, False]
    """
    return unicodedata.category(char[0])[0] == "L"


def in_word(units: Sequence[str], at: int) -> bool:
    """Whether a unit of a text is a letter with another letter of its script beside it.

    Letters of codes are in no word, nor is a letter that stands alone between digits.

    >>> [in_word(tuple("12가 3456"), 2), in_word(tuple("위원장"), 1), in_word(tuple("AB-12"), 0)]
    [False, True, False]
    """
    if not makes_words(units[at]):
        return False
    first = sum(map(len, units[:at]))
    for token in CODE.finditer("".join(units)):
        if token.start() <= first < token.end():
            return len(token[0]) > 1 and not is_mixed(token[0])
    beside = [*units[max(0, at - 1) : at], *units[at + 1 : at + 2]]
    script = script_of(units[at][0])
    return any(makes_words(other) and script_of(other[0]) == script for other in beside)


def exchanged(text: str, char: str, other: str) -> str | None:
    """Put each of two characters in the other's place, everywhere in the text.

    Doing it twice gives the text back, so a text and its exchange hold the two in equal number.
    Clusters change places with clusters: `क` is not exchanged within `कि`.

    Returns:
        None where the outcome would be no plausible text: a digit and a letter change places
        only in codes that hold letters and digits beside them; a mark never becomes a letter;
        what is put in joins nothing beside it.

    >>> exchanged("10:10", "0", "1"), exchanged("LOT A0-93", "0", "O"), exchanged("10:10", "0", "O")
    ('01:01', None, None)
    >>> exchanged("NO A0-93", "0", "O"), exchanged("S/N A0-93", "0", "O")
    (None, 'S/N AO-93')
    """
    if not holds(text, char) and not holds(text, other):
        return None
    if class_of(char) != class_of(other) and not only_in_codes(text, char, other):
        return None
    if text.isascii() and len(char) == len(other) == 1:
        return text.translate({ord(char): other, ord(other): char})
    swap = {char: other, other: char}
    if is_cluster(char) and is_cluster(other):
        return joined_up([swap.get(piece, piece) for piece in pieces(text, char)])
    pattern = "|".join(re.escape(swapped) for swapped in sorted(swap, key=len, reverse=True))
    return joined_up([re.sub(pattern, lambda match: swap[match[0]], text)], apart=False)


def exchangeable(char: str, other: str) -> bool:
    """Whether there can be a text in which the two may change places.

    >>> exchangeable("0", "1"), exchangeable("0", "O"), exchangeable("0", ".")
    (True, True, False)
    """
    return class_of(char) == class_of(other) or all(
        either.isascii() and either.isalnum() for either in (char, other)
    )


def only_in_codes(text: str, char: str, other: str) -> bool:
    """Whether both stand only in codes whose other characters are letters and digits.

    A number with its unit ("10kg", "14A") is no code.

    >>> only_in_codes("LOT A0-93", "0", "O"), only_in_codes("S/N A0Q-93", "O", "Q")
    (False, True)
    >>> only_in_codes("118/76mmHg", "1", "l"), only_in_codes("30km/h", "k", "K")
    (False, False)
    """
    if not all(letter.isascii() and letter.isalnum() for letter in (char, other)):
        return False
    for token in CODE.findall(text):
        if char in token or other in token:
            # Blood pressure, "118/76mmHg", and a speed, "30km/h", are no codes either.
            if is_quantity(re.sub("^[0-9]+/|/[a-z]{1,3}$", "", token)):
                return False
            rest = [letter for letter in token if letter not in (char, other)]
            if not is_mixed(rest):
                return False
            letters = [letter for letter in rest if letter.isalpha()]
            cases = {letter.isupper() for letter in (char, other) if letter.isalpha()}
            if len(cases) == 1 and not any(letter.isupper() in cases for letter in letters):
                return False
    return True
