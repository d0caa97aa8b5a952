"""From lines that were measured to a first style: what a key asks for and a measure tells alike."""

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from synth.calibrate.dials import Table
from synth.calibrate.letters import LineSetting
from synth.calibrate.measures import Floats, LineLook, numbers_of
from synth.rendering.colour import Colour, luminance
from synth.rendering.style import ImageFile

PAIRS = 24
"""Of ground and ink, at most, that a palette holds."""

_STEPS = 9
"""Values that stand for a measured distribution, each as likely."""

_LOWEST, _USUAL, _TALLEST = 8, 48, 96
"""Pixels: of a file that is drawn, at least; of lines, unless taller ones are seen; at most.

Recognizers take lines of 32 or 48: more than twice that shows them nothing, and costs each effect
the square of it.
"""

_PAIR_SPREAD = 5

_MOST_GRAIN = 12.0

_IN_COLOURS = ("desaturate", "cast")
"""Of a camera: what it did to the colours is in those that were measured."""

_SIDES = 3.0
"""Sides of a crop that a housing is seen at, of those that show one."""

_MOST_EDGED = 0.9

_FAINTEST = 8.0
"""Levels between ink and ground below which no line is drawn, however faint real ones are."""

PLAINLY_SET: Mapping[str, Any] = {
    "spacing": 0.0,
    "stretch": 1.0,
    "gaps": {"p": 0.0},
    "sizes": {"p": 0.0},
}
"""Of `[text]`: as a face sets its letters by itself."""

_LEAST_SET = 12
"""Lines by which it can be told how lines are set."""

_LEAST_JITTER, _LEAST_SHARE, _LEAST_GAP = 0.03, 0.03, 0.03
"""Spread of widths; share of lines; heights of a line. Less is the measure's own error."""

_SPACE = 0.3
"""Ems of a space, as `text.gaps` counts them at most."""

_LEND = ("distractors", "stroke", "geometry", "light", "camera")


def lent(table: Mapping[str, Any], others: Iterable[Mapping[str, Any]], share: float) -> Table:
    """Return a style that has, at a small share, the parts of other styles that it lacks."""
    style = deepcopy(dict(table))
    for other in others:
        for stage in _LEND:
            for name, part in other.get(stage, {}).items():
                style.setdefault(stage, {}).setdefault(name, {**part, "p": share})
        for name, part in other.get("surfaces", {}).items():
            whole = sum(one.get("p", 1.0) for one in style.get("surfaces", {}).values())
            style.setdefault("surfaces", {}).setdefault(name, {**part, "p": share * (whole or 1)})
    return style


def measured(
    table: Mapping[str, Any], looks: Sequence[LineLook], level: Sequence[LineLook] = ()
) -> Table:
    """Put what was measured into a style; the table is left as it is.

    Colours as pairs, native heights, margins, the height of the ink, lean, turn, noise and the
    fall of the light are measured in the unit of their keys. All else is left to the fit.

    Args:
        level: lines of the same texts, drawn level and upright: what is measured of lean and climb
            in these is the texts', and is taken off.

    Raises:
        ValueError: no line was measured.
    """
    if not looks:
        raise ValueError("no line was measured")
    style = deepcopy(dict(table))
    column = dict(zip(LineLook.numbers(), numbers_of(looks).T, strict=True))
    for name in ("slant", "slope"):
        column[name] = beyond(column[name], np.array([getattr(look, name) for look in level]))
    output = style.setdefault("output", {})
    native = values_of(np.clip(column["height"], _LOWEST, _TALLEST), whole=True)
    height = max(_USUAL, *native["values"])
    if height > _USUAL:  # as many heights wide as before
        begun = ImageFile.model_validate(output)
        output["max_width"] = math.ceil(begun.max_width * height / begun.height)
    output["height"], output["native"] = height, native
    output.pop("min_width", None)
    text = style.setdefault("text", {})
    text["ink_share"] = 1.0
    text["fill"] = values_of(np.clip(column["fill"], 0.2, 0.97))
    text["left"], text["right"] = values_of(column["left"]), values_of(column["right"])
    spare = column["above"] + column["below"]
    text["above"] = values_of(np.where(spare > 0, column["above"] / np.maximum(spare, 1e-6), 0.5))
    text["rise"] = 0.35
    legible = style.setdefault("legible", {})
    faint = 0.8 * float(np.quantile(np.abs(column["contrast"]), 0.05))
    legible["contrast"] = round(min(float(legible.get("contrast", 18)), max(faint, _FAINTEST)), 1)
    style["palette"] = palette_of(
        [look for look in looks if _stands_out(look, legible["contrast"])]
    )
    for name in _IN_COLOURS:
        style.get("camera", {}).pop(name, None)
    geometry = style.setdefault("geometry", {})
    geometry["shear"] = {"p": 1.0, "deg": values_of(np.clip(column["slant"], -30, 30))}
    most = float(np.degrees(np.arctan(text["rise"]))) - 0.1
    geometry["rotation"] = {"p": 1.0, "deg": values_of(np.clip(column["slope"], -most, most))}
    geometry.pop("slope", None)
    grain = values_of(np.clip(column["noise"], 0, _MOST_GRAIN))
    for name in ("paper", "thermal"):
        if name in style.get("surfaces", {}):
            style["surfaces"][name]["grain"] = grain
    light = style.setdefault("light", {})
    fall = np.hypot(column["light_across"], column["light_down"]) / 2
    strength = values_of(np.clip(fall, 0, 0.9))
    light["side_light"] = {"p": 1.0, "strength": strength, "deg": [0, 360]}
    return style


def with_edges(
    table: Mapping[str, Any], looks: Sequence[LineLook], level: Sequence[LineLook]
) -> Table:
    """Let as many lines have edges beside them as real ones do; the table is left as it is.

    What is lighter beyond its edges lies in a housing (`bezel`), what is darker in a `frame`.

    Args:
        level: lines that were drawn without either; what counts as an edge in these is the text's.
    """
    style = deepcopy(dict(table))
    if not looks or not level:
        return style
    more = float(np.mean([look.edges for look in looks]) - np.mean([one.edges for one in level]))
    beside = [look.edge_light for look in looks if look.edges]
    name = "bezel" if beside and float(np.median(beside)) > 0 else "frame"
    part = style.get("distractors", {}).get(name)
    if more > 0 and part is not None:
        share = min(more / _SIDES, _MOST_EDGED)
        part["p"] = round(max(share, float(part.get("p", 1.0))), 3)
    return style


def set_as(
    table: Mapping[str, Any],
    real: Sequence[LineSetting],
    plain: Sequence[LineSetting],
    heights: float,
) -> Table:
    """Put into a style how lines are set: widths, spacing, gaps, sizes; the table is left as it is.

    Args:
        plain: of the same texts, drawn by the same faces with `PLAINLY_SET`: what is measured in
            these is the faces' and the measure's own, and is taken off.
        heights: of a line's ink to the em.
    """
    style = deepcopy(dict(table))
    if min(len(real), len(plain)) < _LEAST_SET:
        return style
    text = style.setdefault("text", {})
    own, drawn = (np.log([one.stretch for one in lines]) for lines in (real, plain))
    text["stretch"] = values_of(np.exp(np.clip(beyond(own, drawn), -0.8, 0.8)))
    own, drawn = (_there(one.gap for one in lines) for lines in (real, plain))
    if min(len(own), len(drawn)) >= _LEAST_SET:
        text["spacing"] = values_of(np.clip(beyond(own, drawn) * heights, -0.1, 1.0))
    uneven = _beyond_square(real, plain)
    if uneven >= _LEAST_JITTER:
        normal = (-1.4, -0.9, -0.55, -0.25, 0.0, 0.25, 0.55, 0.9, 1.4)
        widths = np.clip(np.exp(uneven * np.array(normal)), 0.75, 1.35)
        text["character_width"] = {"values": [round(float(one), 3) for one in widths]}
    text["gaps"] = _gaps(real, plain, heights)
    sizes = [one.smaller for one in real if one.smaller < 1]
    share = len(sizes) / len(real) - sum(one.smaller < 1 for one in plain) / len(plain)
    if sizes and share > _LEAST_SHARE:
        text["sizes"] = {"p": round(share, 3), "factor": values_of(np.clip(sizes, 0.5, 1.0))}
    return style


def _there(numbers: Iterable[float]) -> Floats:
    found = np.array(list(numbers), np.float64)
    return found[~np.isnan(found)]


def _beyond_square(real: Sequence[LineSetting], plain: Sequence[LineSetting]) -> float:
    """Return the spread of widths within a line that plainly set lines do not show."""
    own, drawn = (float(np.mean([one.jitter**2 for one in lines])) for lines in (real, plain))
    return max(own - drawn, 0.0) ** 0.5


def _gaps(real: Sequence[LineSetting], plain: Sequence[LineSetting], heights: float) -> Table:
    """Return gaps where letters and digits meet, of as many lines as show more than plain ones."""
    own, drawn = (_there(one.group_gap for one in lines) for lines in (real, plain))
    if min(len(own), len(drawn)) < _LEAST_SET:
        return {"p": 0.0}
    usual = float(np.quantile(drawn, 0.9)) + _LEAST_GAP
    wide = own[own > usual] - float(np.median(drawn))
    share = len(wide) / len(own) - 0.1
    if share <= _LEAST_SHARE:
        return {"p": 0.0}
    return {
        "p": round(share, 3),
        "amount": values_of(np.clip(wide * heights / _SPACE, 0.0, 0.5)),
        "every": 0,
        "changes": 1.0,
    }


def beyond(real: Floats, level: Floats) -> Floats:
    """Take off real numbers what drawn lines show that have none of it: its middle and spread."""
    if len(level) < 2:
        return real
    spread = max(float(real.var() - level.var()), 0.0) / max(float(real.var()), 1e-9)
    middle = float(np.median(real))
    return (real - middle) * spread**0.5 + middle - float(np.median(level))


def _stands_out(look: LineLook, least: float) -> bool:
    """Whether a pair of colours may be drawn: luminance is rounded and strays."""
    return abs(luminance(look.ground) - luminance(look.ink)) >= least + 2


def values_of(numbers: "np.ndarray[Any, np.dtype[np.float64]]", *, whole: bool = False) -> Table:
    """Return a distribution of a few values, each as likely: quantiles at their middles."""
    at = (np.arange(_STEPS) + 0.5) / _STEPS
    found = np.quantile(numbers, at)
    return {"values": [round(float(one)) if whole else round(float(one), 3) for one in found]}


def palette_of(looks: Sequence[LineLook], pairs: int = PAIRS) -> list[Table]:
    """Return pairs of ground and ink that stand for those that were measured.

    k-means on both colours together (Lloyd 1982, seeded as k-means++); of each cluster its median.
    """
    colours = np.array([[*look.ground, *look.ink] for look in looks], np.float64)
    count = min(pairs, len(np.unique(colours, axis=0)))
    nearest = np.zeros(len(colours), np.int64)
    draws = np.random.default_rng(0)
    centres = colours[[int(draws.integers(len(colours)))]]
    while len(centres) < count:
        apart = ((colours[:, None] - centres[None]) ** 2).sum(2).min(1)
        at = int(draws.choice(len(colours), p=apart / apart.sum()))
        centres = np.vstack((centres, colours[at]))
    for _ in range(20):
        nearest = ((colours[:, None] - centres[None]) ** 2).sum(2).argmin(1)
        centres = np.array(
            [
                np.median(colours[nearest == k], axis=0) if (nearest == k).any() else centres[k]
                for k in range(count)
            ]
        )
    found = []
    for k in range(count):
        weight = int((nearest == k).sum())
        if weight:
            whole = [round(float(value)) for value in centres[k]]
            ground, ink = (_hex((part[0], part[1], part[2])) for part in (whole[:3], whole[3:]))
            found.append({"ground": ground, "ink": ink, "weight": weight, "spread": _PAIR_SPREAD})
    return sorted(found, key=lambda pair: (-int(pair["weight"]), str(pair["ground"])))


def _hex(colour: Colour) -> str:
    """Write a BGR colour as a style does.

    >>> _hex((255, 128, 0))
    '#0080ff'
    """
    b, g, r = colour
    return f"#{r:02x}{g:02x}{b:02x}"
