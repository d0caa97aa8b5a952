"""What a face looks like: leaning, with serifs, of one width, handwritten."""

from typing import Any

from synth.faces.font_face import TRAITS, Trait

_SERIF_STYLES = range(2, 11)
"""PANOSE's serif styles, cove to triangle; 11 and above are sans (OpenType, OS/2 `panose`)."""

_SERIF_CLASSES = frozenset({1, 2, 3, 4, 5, 7})
"""IBM's family classes with serifs (OpenType, OS/2 `sFamilyClass`, upper byte)."""


def traits_of(font: Any, family: str, handwritten: bool = False) -> tuple[Trait, ...]:
    """Read the traits of an open fontTools font; whether it is handwritten is measured elsewhere.

    Where the tables say nothing of serifs, the family's name does ("Serif", "Mincho", 명조).
    Fields that are not filled are common; a face without any trait is upright, sans and
    proportional as far as one knows.
    """
    os2 = font.get("OS/2")
    post = font.get("post")
    leans = post is not None and abs(post.italicAngle) >= 1
    leans = leans or bool(font["head"].macStyle & 2 if "head" in font else 0)
    leans = leans or bool(os2 is not None and os2.fsSelection & 0x201)
    fixed = post is not None and bool(post.isFixedPitch)
    latin = os2 is not None and os2.panose.bFamilyType == 2
    fixed = fixed or (latin and os2.panose.bProportion == 9)
    serif = _has_serifs(os2, latin, family)
    found = {"italic": leans, "serif": serif, "mono": fixed, "handwritten": handwritten}
    return tuple(trait for trait in TRAITS if found[trait])


def _has_serifs(os2: Any, latin: bool, family: str) -> bool:
    if latin and os2.panose.bSerifStyle >= 2:
        return os2.panose.bSerifStyle in _SERIF_STYLES
    if os2 is not None and os2.sFamilyClass >> 8:
        return os2.sFamilyClass >> 8 in _SERIF_CLASSES
    name = family.casefold()
    return any(word in name for word in ("serif", "mincho", "ming", "myeongjo", "명조", "batang"))
