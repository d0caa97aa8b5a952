"""What of a style a fit may turn: shares of parts, sizes of their numbers, weights of faces."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from synth.rendering.limits import LIMITS

Table = dict[str, Any]

Way = Literal["share", "scale", "shift", "weight"]


@dataclass(frozen=True, slots=True)
class Dial:
    """One knob; at 0 the style is as it was.

    Attributes:
        key: of the style, with dots.
        way: what a turn does: "share" moves the chance of a part (log odds), "scale" multiplies
            and "shift" adds to all numbers of a distribution, "weight" multiplies a weight.
        unit: what a turn of 1 is: log odds, a factor's logarithm, or a sum.
    """

    key: str
    way: Way
    unit: float

    @property
    def name(self) -> str:
        """Name it: several may turn one key."""
        return f"{self.key} {self.way}"


MOST_TURN = 3.0
"""Beyond, a dial has no further effect: nothing is fitted far from where it was measured."""

_SHARE_ENDS = (0.004, 0.996)

_STAGES = ("distractors", "stroke", "geometry", "light", "camera")

_TEXT = (
    Dial("text.fill", "shift", 0.05),
    Dial("text.left", "scale", 0.4),
    Dial("text.right", "scale", 0.4),
    Dial("text.above", "shift", 0.1),
    Dial("text.spacing", "shift", 0.04),
    Dial("text.stretch", "scale", 0.12),
)

_INK = (
    Dial("ink.contrast", "shift", 0.08),
    Dial("ink.dark", "share", 1.0),
    Dial("ink.tint", "scale", 0.5),
)

_FACES = ("seven_segment", "dot_matrix", "italic", "serif", "mono")

_SHIFTED: Mapping[str, float] = {
    "camera.jpeg.quality": -12,
    "camera.downscale.factor": -0.12,
    "geometry.shear.deg": 2.0,
    "geometry.rotation.deg": 0.7,
    "geometry.slope.deg": 0.7,
}
"""Keys whose numbers are moved and not multiplied, with the unit."""

_SCALED = frozenset(
    (
        *("camera.gaussian_blur.sigma", "camera.sensor_noise.level", "camera.sharpen.amount"),
        *("light.uneven_light.strength", "light.side_light.strength", "stroke.bold.amount"),
        *("surfaces.paper.grain", "surfaces.lcd.gradient", "surfaces.lcd.texture"),
        "geometry.keystone.side",
    )
)
"""Keys whose numbers are multiplied. The others' are left: how often a part is drawn says more."""


def dials_of(
    table: Mapping[str, Any], faces: Sequence[str], *, on_photos: bool = False
) -> list[Dial]:
    """Name all dials of a style.

    Args:
        faces: kinds and traits that the installed faces have.
        on_photos: whether there are photos to draw on.
    """
    dials = [*_TEXT, *(dial for dial in _INK if "palette" not in table)]
    dials += [Dial(f"face_weights.{name}", "weight", 1.0) for name in _FACES if name in faces]
    if on_photos:
        dials += [Dial("photos.p", "share", 1.2), Dial("photos.calm", "shift", 0.15)]
    for name, part in table.get("surfaces", {}).items():
        if len(table["surfaces"]) > 1:
            dials.append(Dial(f"surfaces.{name}.p", "weight", 1.2))
        dials += _of_numbers(f"surfaces.{name}", part)
    for stage in _STAGES:
        for name, part in table.get(stage, {}).items():
            if 0 < part.get("p", 1.0) < 1:
                dials.append(Dial(f"{stage}.{name}.p", "share", 1.0))
            dials += _of_numbers(f"{stage}.{name}", part)
    return dials


def _of_numbers(key: str, part: Mapping[str, Any]) -> Iterator[Dial]:
    for name in part:
        whole = f"{key}.{name}"
        if whole in _SHIFTED:
            yield Dial(whole, "shift", _SHIFTED[whole])
        elif whole in _SCALED:
            yield Dial(whole, "scale", 0.4)


def turned(table: Mapping[str, Any], dials: Sequence[Dial], turns: Iterable[float]) -> Table:
    """Return a style with its dials turned; the table is left as it is."""
    style = deepcopy(dict(table))
    for dial, turn in zip(dials, turns, strict=True):
        turn = max(-MOST_TURN, min(MOST_TURN, float(turn)))
        if turn:
            _turn(style, dial, turn)
    return style


def _turn(style: Table, dial: Dial, turn: float) -> None:
    *path, last = dial.key.split(".")
    at: Any = style
    for name in path:
        at = at.setdefault(name, {})
    if dial.way == "share":
        share = min(max(float(at.get(last, 0.5)), _SHARE_ENDS[0]), _SHARE_ENDS[1])
        odds = math.log(share / (1 - share)) + turn * dial.unit
        at[last] = round(1 / (1 + math.exp(-odds)), 4)
    elif dial.way == "weight":
        at[last] = round(float(at.get(last, 1.0)) * math.exp(turn * dial.unit), 4)
    elif last in at:
        low, high = LIMITS.get(dial.key, (-math.inf, math.inf))

        def moved(number: float) -> float:
            other = (
                number * math.exp(turn * dial.unit)
                if dial.way == "scale"
                else number + turn * dial.unit
            )
            return min(max(other, low), high)

        at[last] = _moved(at[last], moved)


def _moved(span: Any, move: Callable[[float], float]) -> Any:
    """Move all numbers of a distribution, in whichever form it is written."""
    if isinstance(span, Mapping):
        changed = dict(span)
        for key in ("low", "high"):
            if key in changed:
                changed[key] = _number(changed[key], move)
        if changed.get("shape") == "log":  # which needs a low end above 0
            changed["low"] = max(changed["low"], 0.1 * float(span["low"]))
        if "values" in changed:
            changed["values"] = [_number(value, move) for value in changed["values"]]
        return changed
    if isinstance(span, (list, tuple)):
        return [_number(value, move) for value in span]
    return _number(span, move)


def _number(value: float, move: Callable[[float], float]) -> float:
    """Move one number; whole ones stay whole, as that is how they are drawn."""
    other = move(float(value))
    return round(other) if isinstance(value, int) and abs(value) >= 2 else round(other, 4)
