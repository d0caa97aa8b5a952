"""A style bound to the functions it names, checked once and drawn from many times."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synth.draws import Draws
from synth.styles.limits import refuse_beyond
from synth.styles.model import Part, Style
from synth.styles.spans import Span
from synth.surfaces import DISTRACTORS, SURFACES
from textlines.errors import UsageError
from textlines.pixels.camera import CAMERA
from textlines.pixels.geometry import GEOMETRY
from textlines.pixels.light import LIGHT
from textlines.pixels.stroke import STROKE

Params = dict[str, float | int]

GIVEN = frozenset({"height", "width", "draws", "photos", "scene", "image", "mask"})
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


def bind(style: Style, distractor_weight: float = 1.0) -> Looks:
    """Bind a style to the functions that it names.

    Args:
        distractor_weight: factor on how often each distractor comes, for a model that reads
            what is no text.

    Raises:
        UsageError: a name or a parameter that does not exist, with what does.
    """
    refuse_beyond(style)
    surfaces = _bound(style, "surfaces", style.surfaces or {"plain": Part()}, SURFACES)
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
    )


def _bound(
    style: Style, stage: str, parts: Mapping[str, Part], table: Mapping[str, Callable[..., Any]]
) -> tuple[BoundPart, ...]:
    """Bind the parts of one stage, in the table's order (a style file has no order)."""
    for name in parts:
        if name not in table:
            raise UsageError(
                f"style {style.name!r}, {stage}.{name}",
                "there is no such part",
                f"There are: {', '.join(table)}.",
            )
    bound = []
    for name, function in table.items():
        if name not in parts:
            continue
        part = parts[name]
        takes = set(inspect.signature(function).parameters) - GIVEN
        unknown = sorted(set(part.with_) - takes)
        if unknown:
            raise UsageError(
                f"style {style.name!r}, {stage}.{name}.{unknown[0]}",
                "there is no such parameter",
                f"There are: {', '.join(sorted(takes - {'seed'})) or 'none'}.",
            )
        spans = tuple((key, part.with_[key]) for key in sorted(part.with_))
        bound.append(BoundPart(name, function, part.p, spans, "seed" in takes))
    return tuple(bound)
