"""The faces inside a variable font: its named instances, or some weights where it names none."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from synth.faces.font_face import TRAITS, Trait
from textlines.formats.faces import Instance

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
        raise InstancesError(f"{len(named):,} instances of {len(axes):,} axes")
    tags = [str(axis.axisTag) for axis in axes]
    wrong = [tag for tag in tags if not _TAG.fullmatch(tag)]
    if wrong or len(set(tags)) < len(tags):
        raise InstancesError(f"axes {tags!r}")
    faces: dict[Instance, str] = {}
    for one in named:
        place = tuple(_inside(axis, one.coordinates[axis.axisTag]) for axis in axes)
        faces.setdefault(place, _name_of(font, one.subfamilyNameID) or _in_words(place))
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
    found = font["name"].getDebugName(number) if "name" in font else None
    return (found or "").strip()


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
