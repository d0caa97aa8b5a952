"""What the tables of an open font say of its faces: names, licence, traits, instances, declaration.

Names 1 and 2 hold families of at most four styles (OpenType, `name`, ids 1, 2, 16 and 17): a font
without 16 and 17 names its other weights as families of their own ("Walkway Bold", "Regular").
Drawn as families, eight weights of one design would be eight times as likely as another's one.

The faces inside a variable font are its named instances, or some weights where it names none.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from string import ascii_letters
from typing import Any, NamedTuple

from synth.faces.font_face import TRAITS, Kind, Trait
from textlines.formats.faces import Instance
from textlines.wording.counts import count_of

_WEIGHT = (
    "thin|hairline|(?:extra|ultra|semi|demi)[ -]?light|light|book|medium|"
    "(?:extra|ultra|semi|demi)[ -]?bold|bold|black|heavy"
)
_LAST_WORDS = re.compile(rf"(?:[ -]+(?:{_WEIGHT}|italic|oblique))+$", re.IGNORECASE)


def without_weight(family: str, style: str) -> tuple[str, str]:
    """Move words of weight and slant from the end of a family's name to the style.

    Args:
        family, style: names 1 and 2, of a face that has no name 16.

    >>> without_weight("Walkway Oblique SemiBold", "Regular")
    ('Walkway', 'Oblique SemiBold')
    >>> without_weight("Aller Light", "Italic"), without_weight("Sansation Light", "Light")
    (('Aller', 'Light Italic'), ('Sansation', 'Light'))
    >>> without_weight("Roboto Condensed", "Bold"), without_weight("Black", "Regular")
    (('Roboto Condensed', 'Bold'), ('Black', 'Regular'))
    >>> without_weight("NanumGothicBold", "Regular")
    ('NanumGothicBold', 'Regular')
    """
    ending = _LAST_WORDS.search(family)
    if ending is None or not ending.start():
        return family, style
    words = ending.group().split()
    said = {word.casefold() for word in words} | {"regular", "normal"}
    words += [word for word in style.split() if word.casefold() not in said]
    return family[: ending.start()], " ".join(words)


# In the order of the test: the first pattern found decides. A notice on both ("GPL or OFL")
# is rare and is named by the stricter one, which stands first.
_KNOWN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AGPL", ("affero general public",)),
    ("LGPL", ("lesser general public", "lgpl")),
    ("GPL", ("general public license", "general public licence", "gnu gpl", "gpl")),
    ("OFL-1.1", ("sil open font license", "scripts.sil.org/ofl", "openfontlicense", "ofl")),
    ("Apache-2.0", ("apache license", "apache.org/licenses", "apache 2.0")),
    ("IPA", ("ipa font license", "ipafont.ipa.go.jp", "ipa_font_license")),
    ("Bitstream Vera", ("bitstream vera",)),
    ("Liberation", ("liberation fonts license", "licensing/liberationfontlicense")),
    ("UFL-1.0", ("ubuntu font licence",)),
    ("CC0-1.0", ("cc0", "publicdomain/zero")),
    ("Public domain", ("public domain",)),
    ("MIT", ("mit license", "opensource.org/licenses/mit")),
)


def short_licence(licence: str, url: str, copyright_notice: str) -> str:
    """Name the licence from name ids 13, 14 and 0; "unknown" when none is recognised.

    The three are read in this order: a copyright line often names fonts that the face was
    derived from, and their licences.

    >>> short_licence("This Font Software is licensed under the SIL Open Font License", "", "")
    'OFL-1.1'
    >>> short_licence("", "", "Copyright (c) 2003 by Bitstream, Inc. Bitstream Vera is a trademark")
    'Bitstream Vera'
    >>> short_licence("Free for personal use", "", "")
    'unknown'
    """
    for notice in (licence, url, copyright_notice):
        words = notice.casefold()
        for name, patterns in _KNOWN:
            if any(_holds(words, pattern) for pattern in patterns):
                return name
    return "unknown"


def is_known(licence: str) -> bool:
    """Whether `--fonts-licence known` keeps a face with this licence."""
    return licence not in ("", "unknown")


def _holds(words: str, pattern: str) -> bool:
    """Find the pattern; a short one ("gpl", "ofl") only as a word of its own."""
    at = words.find(pattern)
    while at >= 0:
        before, after = words[at - 1 : at], words[at + len(pattern) : at + len(pattern) + 1]
        if len(pattern) > 4 or not (before.isalpha() or after.isalpha()):
            return True
        at = words.find(pattern, at + 1)
    return False


_DECLARATION = "ocr-mend "


def draws_pictures(font: Any, cmap: Mapping[int, str]) -> bool:
    """Whether a symbol font poses as a text font: pictures or Greek behind A to Z.

    The cmap of Debian's D050000L says that the pencil is a zero, that of Standard Symbols PS
    that alpha is an `a`; the names of their glyphs (Adobe's lists) and PANOSE tell the truth.
    """
    from fontTools.agl import toUnicode

    if "OS/2" in font and font["OS/2"].panose.bFamilyType == 5:  # Latin symbol
        return True
    named = other = 0
    for char in ascii_letters:
        name = cmap.get(ord(char))
        if name is None:
            continue
        meant = toUnicode(name) or toUnicode(name, isZapfDingbats=True)
        if meant:
            named += 1
            # Faces with capitals only draw them for small letters too.
            other += meant.casefold() != char.casefold()
    return named > 0 and other > named / 2


def declaration_of(text: str) -> tuple[Kind, str | None]:
    """Read what a face of ours says its glyphs stand for."""
    if not text.startswith(_DECLARATION):
        return "text", None
    try:
        held = json.loads(text.removeprefix(_DECLARATION))
        kind, declared = held["kind"], str(held["stands_for"])
    except (ValueError, KeyError, TypeError):
        return "text", None
    return (kind, declared) if kind in ("seven_segment", "dot_matrix") else ("text", declared)


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
    held = {"italic": leans, "serif": serif, "mono": fixed, "handwritten": handwritten}
    return tuple(trait for trait in TRAITS if held[trait])


def _has_serifs(os2: Any, latin: bool, family: str) -> bool:
    if latin and os2.panose.bSerifStyle >= 2:
        return os2.panose.bSerifStyle in _SERIF_STYLES
    if os2 is not None and os2.sFamilyClass >> 8:
        return os2.sFamilyClass >> 8 in _SERIF_CLASSES
    name = family.casefold()
    return any(word in name for word in ("serif", "mincho", "ming", "myeongjo", "명조", "batang"))


MOST_INSTANCES = 256
"""Of one face. Real ones name up to some 140 (four axes)."""

MOST_AXES = 64
"""What OpenType lets a font have is 65,535; real ones have up to some 20."""

WEIGHTS = ((400.0, "Regular"), (700.0, "Bold"), (300.0, "Light"))
"""On the scale of `wght` (OpenType, registered axes), in the order of the wish for them."""

_TAG = re.compile("[A-Za-z][A-Za-z0-9]{0,3} {0,3}")
_LEAN = 1.0
"""Degrees of `slnt` from which a face counts as leaning, as `post.italicAngle` does."""


class Named(NamedTuple):
    """One face of a variable font. style: its name; "" for what the file calls itself."""

    instance: Instance
    style: str


class InstancesError(ValueError):
    """The axes of a font are none that a face can be known by."""


def named_instances(font: Any) -> list[Named]:
    """List the faces of an open fontTools font, each place of its axes once, in the file's order.

    A file without axes, or whose outlines do not hang on them, is one face without an instance.
    Where no instance is named: the default and two weights, as far apart as the file lets them.

    Raises:
        InstancesError: an axis has no OpenType name, or there are more than any font has.
    """
    if "fvar" not in font or not ("gvar" in font or "CFF2" in font):
        return [Named((), "")]
    axes, named = font["fvar"].axes, font["fvar"].instances
    if not axes:
        return [Named((), "")]
    if len(axes) > MOST_AXES or len(named) > MOST_INSTANCES:
        raise InstancesError(
            f"{count_of(len(named), 'instance')} of {count_of(len(axes), 'axis', 'axes')}"
        )
    tags = [str(axis.axisTag) for axis in axes]
    wrong = [tag for tag in tags if not _TAG.fullmatch(tag)]
    if wrong or len(set(tags)) < len(tags):
        raise InstancesError(f"axes {tags!r}")
    faces: dict[Instance, str] = {}
    for instance in named:
        place = tuple(_inside(axis, instance.coordinates[axis.axisTag]) for axis in axes)
        faces.setdefault(place, _name_of(font, instance.subfamilyNameID) or _in_words(place))
    if not faces:
        faces = dict(_unnamed(axes))
    return [Named(place, style) for place, style in faces.items()]


def leaning(traits: Sequence[Trait], instance: Instance) -> tuple[Trait, ...]:
    """Return the traits of a file as they are at an instance: where an axis leans, it decides.

    >>> leaning(("serif",), (("slnt", -10.0),)), leaning(("italic",), (("ital", 0.0),))
    (('italic', 'serif'), ())
    """
    leans = [
        abs(value) >= (_LEAN if tag == "slnt" else 0.5)
        for tag, value in instance
        if tag in ("slnt", "ital")
    ]
    if not leans:
        return tuple(traits)
    held = {*traits, "italic"} if any(leans) else {*traits} - {"italic"}
    return tuple(trait for trait in TRAITS if trait in held)


def _inside(axis: Any, value: float) -> tuple[str, float]:
    return str(axis.axisTag), float(min(max(value, axis.minValue), axis.maxValue))


def _name_of(font: Any, number: int) -> str:
    name = font["name"].getDebugName(number) if "name" in font else None
    return (name or "").strip()


def _unnamed(axes: Sequence[Any]) -> Iterator[tuple[Instance, str]]:
    """Yield the default, and two weights that differ from it where there is an axis of weight."""
    default = tuple(_inside(axis, axis.defaultValue) for axis in axes)
    yield default, ""
    weight = next((axis for axis in axes if str(axis.axisTag) == "wght"), None)
    if weight is None:
        return
    drawn = {weight.defaultValue}
    for value, name in (*WEIGHTS, (weight.maxValue, ""), (weight.minValue, "")):
        is_new = value not in drawn and weight.minValue <= value <= weight.maxValue
        if is_new and len(drawn) < 3:
            drawn.add(value)
            place = tuple((tag, float(value) if tag == "wght" else at) for tag, at in default)
            yield place, name or _in_words(place)


def _in_words(place: Instance) -> str:
    return " ".join(f"{tag.strip()} {value:g}" for tag, value in place)
