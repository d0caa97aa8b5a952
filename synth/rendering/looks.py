"""A style bound to the functions it names, checked once and drawn from many times."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from itertools import accumulate
from typing import Any

import numpy as np

from synth.draws import Draws
from synth.plugins import STAGES, plugin_parts
from synth.rendering.bends import BENDS, Bend, Box
from synth.rendering.colour import Paint, paint_for
from synth.rendering.distractors import DISTRACTORS
from synth.rendering.lettering import LETTERING
from synth.rendering.limits import refuse_beyond, refuse_enlarging
from synth.rendering.patches import patch
from synth.rendering.pipelines import TABLE, BoundPipeline, bind_pipeline
from synth.rendering.spans import Span, StylePart
from synth.rendering.style import Style
from synth.rendering.surfaces import SURFACES
from textlines.errors import UsageError
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.camera import CAMERA
from textlines.pixels.geometry import GEOMETRY
from textlines.pixels.light import LIGHT
from textlines.pixels.stroke import STROKE

Params = dict[str, float | int]

GIVEN = frozenset(
    {"height", "width", "draws", "photos", "scene", "image", "mask", "coat", "box", "base"}
)
"""Parameters that the engine passes itself."""


@dataclass(frozen=True, slots=True)
class BoundPart:
    """One effect, surface or distractor with the spans of its parameters.

    `seeded`: the function takes a `seed`, for which the engine draws 32 bits.
    """

    name: str
    apply: Callable[..., Any]
    p: float
    spans: tuple[tuple[str, Span], ...]
    seeded: bool

    def params(self, draws: Draws) -> Params:
        """Draw a value for each parameter."""
        drawn: Params = {name: _rounded(span.draw(draws)) for name, span in self.spans}
        if self.seeded:
            drawn["seed"] = draws.bits(32)
        return drawn


def _rounded(value: float | int) -> float | int:
    """Keep six digits, so that a manifest read back gives the very same image."""
    return value if isinstance(value, int) else round(value, 6)


@dataclass(frozen=True, slots=True)
class Looks:
    """A style whose parts are bound. Made once for each process."""

    style: Style
    surfaces: tuple[BoundPart, ...]
    surface_weights: tuple[float, ...]
    distractors: tuple[BoundPart, ...]
    stroke: tuple[BoundPart, ...]
    geometry: tuple[BoundPart, ...]
    light: tuple[BoundPart, ...]
    camera: tuple[BoundPart, ...]
    pipeline: BoundPipeline | None = None
    palette_weights: tuple[float, ...] = ()
    patch: BoundPart | None = None
    lettering: tuple[BoundPart, ...] = ()
    bend: tuple[BoundPart, ...] = ()

    def paint(self, draws: Draws, boost: float = 1.0) -> Paint | None:
        """Draw the colours of one line from the palette; None without one."""
        palette = self.style.palette
        if not palette:
            return None
        return paint_for(draws.weighted(palette, self.palette_weights), draws, boost)


def bind(style: Style, distractor_weight: float = 1.0) -> Looks:
    """Bind a style to the functions that it names.

    Args:
        distractor_weight: factor on how often each distractor comes, for a model that reads
            what is no text.

    Raises:
        UsageError: a name or a parameter that does not exist, with what does.
    """
    refuse_beyond(style)
    refuse_enlarging(style)
    surfaces = _bound(style, "surfaces", style.surfaces or {"plain": StylePart()}, SURFACES)
    running, weights = 0.0, []
    for part in surfaces:
        running += part.p
        weights.append(running)
    raised = {
        name: part.model_copy(update={"p": min(1.0, part.p * distractor_weight)})
        for name, part in style.distractors.items()
    }
    return Looks(
        style=style,
        surfaces=surfaces,
        surface_weights=tuple(weights),
        distractors=_bound(style, "distractors", raised, DISTRACTORS),
        stroke=_bound(style, "stroke", style.stroke, STROKE),
        geometry=_bound(style, "geometry", style.geometry, GEOMETRY),
        light=_bound(style, "light", style.light, LIGHT),
        camera=_bound(style, "camera", style.camera, CAMERA),
        pipeline=None
        if style.albumentations is None
        else bind_pipeline(style.albumentations, f"style {style.name!r}, {TABLE}"),
        patch=_bound(style, "", {"patch": style.patch}, {"patch": patch})[0]
        if style.patch.p
        else None,
        lettering=_bound(style, "lettering", style.lettering, LETTERING),
        bend=_bound(style, "bend", style.bend, BENDS),
        palette_weights=tuple(accumulate(pair.weight for pair in style.palette)),
    )


def _bound(
    style: Style,
    stage: str,
    parts: Mapping[str, StylePart],
    table: Mapping[str, Callable[..., Any]],
) -> tuple[BoundPart, ...]:
    """Bind the parts of one stage, in the table's order (a style file has no order).

    stage: "" of a part that stands at the top of a style.
    """
    table = _with_plugins(style, stage, table)
    for name in parts:
        key = f"{stage}.{name}" if stage else name
        if name not in table:
            raise UsageError(
                f"style {style.name!r}, {key}",
                "there is no such part",
                f"There are: {', '.join(table)}.",
            )
    bound = []
    for name, function in table.items():
        if name not in parts:
            continue
        part, key = parts[name], f"{stage}.{name}" if stage else name
        takes = set(inspect.signature(function).parameters) - GIVEN
        unknown = sorted(set(part.with_) - takes)
        if unknown:
            raise UsageError(
                f"style {style.name!r}, {key}.{unknown[0]}",
                "there is no such parameter",
                f"There are: {', '.join(sorted(takes - {'seed'})) or 'none'}.",
            )
        spans = tuple((key, part.with_[key]) for key in sorted(part.with_))
        bound.append(BoundPart(name, function, part.p, spans, "seed" in takes))
    return tuple(bound)


def _with_plugins(
    style: Style, stage: str, table: Mapping[str, Callable[..., Any]]
) -> Mapping[str, Callable[..., Any]]:
    """Return the functions of a stage with those of the packages that the style names, last.

    Raises:
        UsageError: a package cannot be used, or offers a name of ours.
    """
    if not style.plugins or stage not in STAGES:
        return table
    where = f"style {style.name!r}, plugins"
    parts = plugin_parts(style.plugins, stage, where)
    for name in parts:
        if name in table:
            raise UsageError(
                where, f"{stage}.{name} is a part of ours", "Ask its author for another name."
            )
    return {**table, **{name: _checked(stage, name, part) for name, part in parts.items()}}


def _checked(stage: str, name: str, part: Callable[..., Any]) -> Callable[..., Any]:
    """Return a stranger's part that is refused where it does not give back what is drawn on."""
    if stage == "bend":
        return _checked_bend(name, part)

    @wraps(part)
    def apply(*given: Any, **params: Any) -> Any:
        result = part(*given, **params)
        if stage == "distractors":
            return result
        shape = (*given[:2], 3) if stage == "surfaces" else given[0].shape
        if not isinstance(result, np.ndarray) or (result.shape, result.dtype) != (shape, np.uint8):
            told = getattr(result, "shape", type(result).__name__)
            raise UsageError(
                f"{stage}.{name}",
                f"gives {told} of {getattr(result, 'dtype', 'no numbers')}, not {shape} of uint8",
                "Mend the package.",
            )
        return result

    return apply


def _checked_bend(name: str, part: Callable[..., Any]) -> Callable[..., Bend]:
    """Return a stranger's bend that is refused where it makes no planes or cuts ink off."""
    place = f"bend.{name}"

    @wraps(part)
    def apply(height: int, width: int, box: Box, **params: Any) -> Bend:
        result = part(height, width, box, **params)
        planes = [np.asarray(plane) for plane in result] if isinstance(result, tuple) else []
        shapes = [plane.shape for plane in planes]
        if shapes != [(height, width)] * 2 or not all(_numbers(plane) for plane in planes):
            told = " and ".join(map(str, shapes)) or type(result).__name__
            raise UsageError(
                place,
                f"gives {told}, not x and y of {(height, width)} numbers",
                "Mend the package.",
            )
        bend = Bend(*(np.asarray(plane, np.float64) for plane in planes))
        if _cuts(bend, box):
            raise UsageError(
                place,
                f"moves ink out of a line of {width} x {height} pixels",
                f"Whatever it is given, the box of the ink {box} has to stay inside.",
            )
        return bend

    return apply


def _numbers(plane: np.ndarray[Any, Any]) -> bool:
    return plane.dtype.kind in "fiu" and bool(np.isfinite(plane).all())


def _cuts(bend: Bend, box: Box) -> bool:
    """Whether ink that lay clear of the border in a flat line comes to lie across it."""
    x0, y0, x1, y1 = box
    inside = (bend.x > x0) & (bend.x < x1 - 1) & (bend.y > y0) & (bend.y < y1 - 1)
    if not inside.any() and min(x1 - x0, y1 - y0) > 2:
        return True
    rim = (inside[0], inside[-1], inside[:, 0], inside[:, -1])
    # A line that touches its border in the flat may touch it bent.
    height, width = inside.shape
    flat = (y0 <= 0, y1 >= height, x0 <= 0, x1 >= width)
    return any(bool(side.any()) and not was for side, was in zip(rim, flat, strict=True))


def apply_stage(
    parts: tuple[BoundPart, ...],
    array: Grey | Image,
    draws: Draws,
    used: list[tuple[str, Params]],
    full: bool,
) -> Grey | Image:
    """Draw and apply the effects of one stage; `full` off draws them all and applies none."""
    for part in parts:
        if draws.chance(part.p):
            params = part.params(draws)
            if full:
                array = part.apply(array, **params)
                used.append((part.name, params))
    return array


def apply_pipeline(
    pipeline: BoundPipeline | None,
    image: Image,
    draws: Draws,
    used: list[tuple[str, Params]],
    full: bool,
) -> Image:
    """Apply the style's own pipeline, where it has one and this line is drawn for it."""
    if pipeline is None or not draws.chance(pipeline.p):
        return image
    seed = draws.bits(32)
    if not full:
        return image
    used.append((TABLE, {"seed": seed}))
    return pipeline.apply(image, seed)
