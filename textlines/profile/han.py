"""Han characters: which there are, and how those were read whose glyphs are alike.

As the parts of Hangul syllables, a group of characters that look alike (未 and 末; 己, 已 and 巳)
is misread as one another: what is seen of one tells of the others, as far as they are misread
alike. Their groups are measured (`textlines.profile.glyphs`) and not listed.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from functools import lru_cache

from textlines.formats.profile import CharacterRow, PartRow
from textlines.labels.scripts import script_of
from textlines.profile.pooling import Cases, alike, shared_row

STANDARDS = ("gb2312", "big5", "shift_jis", "euc_kr")
"""Encodings whose Han are those of common use: of GB 2312, Big5, JIS X 0208 and KS X 1001."""

Group = tuple[str, ...]


def is_han(char: str) -> bool:
    """Whether a character is a single Han character.

    >>> is_han("未"), is_han("값"), is_han("㎏")
    (True, False, False)
    """
    return len(char) == 1 and script_of(char) == "Han"


@lru_cache(maxsize=len(STANDARDS))
def common_han(encoding: str = STANDARDS[0]) -> tuple[str, ...]:
    """Return the Han characters that an encoding has, in the order of Unicode.

    >>> len(common_han()), common_han()[:3]
    (6763, ('一', '丁', '七'))
    """
    return tuple(char for char in map(chr, range(0x4E00, 0xA000)) if _encodes(encoding, char))


def _encodes(encoding: str, char: str) -> bool:
    try:
        return len(char.encode(encoding)) == 2
    except UnicodeEncodeError:
        return False


def standard_of(chars: Iterable[str]) -> str:
    """Return the encoding that holds most of some characters; of several the first.

    >>> standard_of("未末"), standard_of("們國")
    ('gb2312', 'big5')
    """
    counts = Counter[str]()
    for char in chars:
        counts.update(name for name in STANDARDS if _encodes(name, char))
    return max(STANDARDS, key=lambda name: counts[name])


def may_be_read(seen: Collection[str], entries: Collection[str] | None) -> tuple[str, ...]:
    """Return the Han characters that a model may read: the dictionary's, those seen among them.

    Of a dictionary that holds twice as many as GB 2312, and without one, those of the standard that
    holds most of the ones seen: hardly any text of theirs holds another.

    Args:
        entries: of the dictionary; None where none was given.
    """
    used = [char for char in seen if is_han(char)]
    held = {char for char in entries or () if is_han(char)}
    if entries is None or len(held) > 2 * len(common_han()):
        common = common_han(standard_of(used))
        held = held.intersection(common) if entries is not None else set(common)
    return tuple(sorted(held.union(used)))


def mistaken(rows: Iterable[CharacterRow]) -> tuple[str, ...]:
    """Return the Han characters that were misread as another one, and those they were read as."""
    chars: dict[str, None] = {}
    for row in rows:
        read = [char for char in row.confusions if is_han(char)] if is_han(row.char) else []
        chars |= dict.fromkeys([row.char, *read] if read else [])
    return tuple(chars)


def read_as_han(row: CharacterRow, among: Collection[str]) -> tuple[int, int]:
    """Count the places of a character that tell of its glyph, and those read as one of some."""
    others = [(char, n) for char, n in row.confusions.items() if is_han(char)]
    return row.right + sum(n for _, n in others), sum(n for c, n in others if c in among)


def group_rows(rows: Iterable[CharacterRow], groups: Iterable[Group]) -> list[PartRow]:
    """Return how each group of Han was read that was misread within itself.

    How alike the members of a group are misread is estimated from all groups together: each has too
    few members to tell by itself.
    """
    by_char = {row.char: row for row in rows}
    cases: dict[Group, list[Cases]] = {}
    read: dict[Group, Counter[str]] = {}
    for group in groups:
        members = []
        wrong = Counter[str]()
        for char in group:
            if char not in by_char:
                continue
            row = by_char[char]
            seen, misread = read_as_han(row, group)
            if seen:
                members.append(Cases(char, seen, misread))
            wrong.update({c: n for c, n in row.confusions.items() if c in group and c != char})
        if any(case.misread for case in members):
            cases[group], read[group] = members, wrong
    several = [members for members in cases.values() if len(members) > 1]
    kappa = alike(several)
    return [
        shared_row("glyph", "".join(group), cases[group], read[group], kappa) for group in cases
    ]
