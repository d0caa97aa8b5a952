"""Cut long lines into carriers: at spaces where there are any, never inside a cluster."""

from collections.abc import Callable, Iterator

from synth.corpus.classes import class_of
from textlines.labels.canonical import clusters

STOPS = frozenset(".,;:!?)]}。，、；：！？）】」』…")
"""Marks that a text without spaces is rather cut behind."""


def pieces(text: str, longest: int, wanted: Callable[[], int]) -> Iterator[str]:
    """Cut a text into pieces.

    Args:
        text: canonical, single spaces, none at the ends.
        longest: in characters (code points); no piece is longer.
        wanted: gives the length to aim at for the next piece, so that pieces differ in length.

    >>> list(pieces("the quick brown fox", 11, lambda: 9))
    ['the quick', 'brown fox']
    >>> list(pieces("今天天气好，我们去公园。", 8, lambda: 7))
    ['今天天气好，', '我们去公园。']
    """
    piece, aim = "", min(max(wanted(), 1), longest)
    for word in text.split(" "):
        joined = f"{piece} {word}" if piece else word
        if len(joined) <= aim:
            piece = joined
            continue
        if piece:
            yield piece
            piece, aim = "", min(max(wanted(), 1), longest)
        if len(word) <= longest:
            # A word longer than the aim stays whole: aims are wishes, `longest` is not.
            piece = word
            continue
        *whole, piece = _split_word(word, longest, aim, wanted)
        yield from whole
    if piece:
        yield piece


def _split_word(word: str, longest: int, aim: int, wanted: Callable[[], int]) -> list[str]:
    """Cut a word that is longer than a carrier may be, behind a stop or between clusters."""
    done: list[str] = []
    held: list[str] = []
    length = 0
    for cluster in clusters(word):
        if held and length + len(cluster) > aim:
            stop = next((k for k in range(len(held), 0, -1) if held[k - 1] in STOPS), 0)
            # A stop in the first half would leave a stump.
            at = stop if stop * 2 > len(held) else len(held)
            done.append("".join(held[:at]))
            held = held[at:]
            length = sum(map(len, held))
            aim = min(max(wanted(), length + 1, 2), longest)
        if len(cluster) > longest:
            continue
        held.append(cluster)
        length += len(cluster)
    return [*done, "".join(held)]


def window(text: str, char: str, longest: int, start: int) -> str | None:
    """Cut words out of a line around one occurrence of a character.

    Args:
        text: the line. char: what the part must hold. longest: in characters.
        start: any number; which occurrence and which side grows first depend on it.

    Returns:
        Whole words, at most `longest` characters; within a word only in Chinese, which has
        no spaces. None if the word itself is longer.

    >>> window("total due by 12 May please", "2", 9, 0)
    'by 12 May'
    """
    words = text.split(" ")
    holders = [k for k, word in enumerate(words) if char in word]
    if not holders:
        return None
    first = last = holders[start % len(holders)]
    length = len(words[first])
    if length > longest:
        return _inside(words[first], char, longest, start) if class_of(char) == "Han" else None
    turn = start
    while True:
        left = first > 0 and length + 1 + len(words[first - 1]) <= longest
        right = last + 1 < len(words) and length + 1 + len(words[last + 1]) <= longest
        if not left and not right:
            return " ".join(words[first : last + 1])
        if left and (turn % 2 or not right):
            first -= 1
            length += 1 + len(words[first])
        else:
            last += 1
            length += 1 + len(words[last])
        turn += 1


def _inside(word: str, char: str, longest: int, start: int) -> str:
    """Cut clusters out of a word without spaces, around one occurrence of a character."""
    at = word.index(char)
    first = max(0, min(at - start % longest, len(word) - longest))
    return word[first : first + longest].strip("".join(STOPS)) if longest > 1 else char
