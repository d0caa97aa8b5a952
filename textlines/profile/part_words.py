"""The parts of Hangul syllables in the words of those who read them; "alike" are groups of Han."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textlines.formats.profile import PartPlace, PartRow

KOREAN: Mapping["PartPlace", str] = {
    "initial": "초성",
    "medial": "중성",
    "final": "받침",
    "glyph": "alike",
}

NO_FINAL = "없음"
"""Stands for a syllable without a final."""

MOST_READ_AS = 3


def in_korean(words: str) -> str:
    """Put the names of `CharacterRow.jamo` into Korean.

    >>> in_korean("initial ㅊ→ㅈ ×2, final ㅂ→none ×1, no final→ㄴ ×1")
    '초성 ㅊ→ㅈ ×2, 받침 ㅂ→없음 ×1, 받침 없음→ㄴ ×1'
    """
    words = words.replace("no final→", f"final {NO_FINAL}→").replace("→none", f"→{NO_FINAL}")
    for place, name in KOREAN.items():
        words = words.replace(f"{place} ", f"{name} ")
    return words


def part_name(row: "PartRow") -> str:
    """Name a part with what it is read as most often.

    >>> from textlines.formats.profile import PartRow
    >>> part_name(PartRow(place="final", part="ㅄ", seen=9, misread=4, recall=0.556,
    ...     interval=(0.2, 0.9), across=(0.2, 0.9), gain=1, confusions={"ㅂ": 4},
    ...     syllables=2, misread_in=1, alike=9))
    '받침 ㅄ→ㅂ'
    """
    name = f"{KOREAN[row.place]} {row.part or NO_FINAL}"
    return f"{name}→{next(iter(row.confusions)) or NO_FINAL}" if row.confusions else name


def part_read_as(row: "PartRow") -> str:
    """Write what a part was read as, how often, and in how many of its syllables."""
    top = list(row.confusions.items())[:MOST_READ_AS]
    read = "  ".join(f"{part or NO_FINAL} ×{count:,}" for part, count in top)
    more = len(row.confusions) - len(top)
    others = f" and {more} more" if more else ""
    kind = "characters" if row.place == "glyph" else "syllables"
    return f"{read}{others}, in {row.misread_in:,} of {row.syllables:,} {kind}"
