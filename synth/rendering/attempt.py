"""One attempt at a line: how it was drawn, and whether it may stand or why not.

What costs little is asked first, and what no effect of the line can have done is not asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from synth.faces.font_face import Face
from synth.faces.glyph_ink import MOST_SHARED
from synth.rendering.colour import luminance
from synth.rendering.composition import Shot
from synth.rendering.legibility import WeakestSpot, least_over_grain
from synth.rendering.letter_shapes import least_open, least_seen, least_stroke, may_close, seen_ink
from synth.rendering.line_mask import Boxes, Layout
from synth.rendering.line_runs import ONE_FACE, SetAs
from synth.rendering.looks import Params
from synth.rendering.style import Legible, Pair
from textlines.formats.faces import FaceOf
from textlines.formats.manifest import Refusal
from textlines.pixels.arrays import Grey, Image


class Shown(NamedTuple):
    """What is asked of a line: the pixels that a reader sees, and where its ink lies in them.

    Attributes:
        image: H x W x 3 BGR, at the size at which the line was drawn.
        mask, boxes: coverage of the ink as it should be (H x W), and the boxes of clusters and
            marks.
        darker: whether the ink was laid darker than what it stands on.
        weakest: as `judge` returns it. shared: see `Inked`.
        effects: names with their drawn parameters.
    """

    image: Image
    mask: Grey
    boxes: Boxes
    darker: bool
    weakest: WeakestSpot
    shared: float
    effects: Sequence[tuple[str, Params]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a line: the image, and all that was drawn for it.

    Attributes:
        shot: the image before it is encoded, and how the line lies in it.
        surface, extras, effects: names with their drawn parameters.
        under, ink: mean colour of the surface under the text, and the ink's, BGR.
        asked: coverage of the ink as it should be (H x W), and the boxes of clusters and marks.
        drawn: the same as it was drawn, worn or widened.
        pens: of the clusters, whose boxes come before those of marks; see `Inked`.
        shared: see `Inked`.
        photo: sha256 of the photo under the line; "" without one.
        pair: of the palette, in which it is drawn; None without a palette.
    """

    shot: Shot
    layout: Layout
    surface: tuple[str, Params]
    extras: list[tuple[str, Any]]
    effects: list[tuple[str, Params]]
    under: tuple[int, int, int]
    ink: tuple[int, int, int]
    weakest: WeakestSpot
    quality: int
    asked: tuple[Grey, Boxes]
    drawn: Grey
    pens: tuple[int, ...]
    shared: float
    photo: str = ""
    pair: Pair | None = None

    @property
    def darker(self) -> bool:
        """Whether the ink was laid darker than what it stands on."""
        return luminance(self.ink) < luminance(self.under)

    @property
    def shown(self) -> Shown:
        """Return what is asked of the line."""
        return Shown(
            self.shot.judged, *self.asked, self.darker, self.weakest, self.shared, self.effects
        )

    def record(self, face: Face, as_set: SetAs = ONE_FACE) -> dict[str, Any]:
        """Return the part of the manifest row that says how it was drawn, ready for JSON.

        Args:
            face: the line's first. as_set: how it was set.
        """
        others = [part for part in as_set.parts if part.face.id != face.id]
        height, width = self.shot.image.shape[:2]
        layout, matrix = self.layout, self.shot.matrix
        return {
            "face": _named(face),
            "size": [width, height],
            "line": {
                "size_px": layout.size_px,
                "baseline": layout.baseline,
                "pens": layout.pens,
                "whole": layout.whole,
                "stretch": round(layout.stretch, 6),
                "width": layout.width,
                **({"widths": layout.widths} if layout.widths else {}),
                **({"sizes": layout.sizes} if layout.sizes else {}),
            },
            "matrix": None if matrix is None else matrix.ravel().tolist(),
            "surface": self.surface,
            "distractors": self.extras,
            "luminance": {
                "surface": luminance(self.under),
                "ink": luminance(self.ink),
                "contrast": round(self.weakest.contrast, 1),
            },
            "ink": self.ink,
            "effects": self.effects,
            "quality": self.quality,
            **({"photo": self.photo} if self.photo else {}),
            **({"palette": [self.pair.ground, self.pair.ink]} if self.pair else {}),
            **({"parts": [[a, b, _named(other)] for a, b, other in others]} if others else {}),
            **({"vertical": as_set.vertical} if as_set.vertical else {}),
        }


def _named(face: Face) -> dict[str, Any]:
    return FaceOf(face.family, face.sha256, face.index, face.licence, face.instance).as_dict()


PLAIN_TO_SEE = 100
"""Levels of contrast in the weakest half of the weakest cluster from which no part of it can have
faded away."""

LEAST_SEEN = 0.6
"""Of the ink of each part of a cluster."""

OVER_GRAIN = 4.0
"""Standard deviations of the ground's grain by which a small mark must stand out. Of 1,340 lines
with small marks one was below 11, at 2.7: a full stop that nobody finds."""


def refusal(attempt: Attempt, asked: Legible) -> Refusal | None:
    """Return the first reason why an attempt may not stand; None where it may."""
    return fault_of(attempt.shown, asked)


def fault_of(shown: Shown, asked: Legible) -> Refusal | None:
    """Return the first reason why a line is not legible; None where it is.

    Cells of ink are asked only where the contrast is not plain to see. Single strokes are asked
    for in any case: a strong line may have lost its hairlines, or be so bold that its strokes run
    together.
    """
    weakest = shown.weakest
    if shown.shared > MOST_SHARED:
        return "overlap"
    if weakest.contrast < asked.contrast:
        return "contrast"
    if weakest.inside < asked.inside:
        return "outside"
    return _lost_part(shown, asked) or _closed(shown, asked)


def _lost_part(shown: Shown, asked: Legible) -> Refusal | None:
    asks_parts = asked.part > 0 and shown.weakest.contrast < PLAIN_TO_SEE
    if not asks_parts and not asked.stroke:
        return None
    planes = seen_ink(shown.image, shown.mask, shown.darker, asked.part * asked.contrast)
    if asks_parts and (least_seen(planes, shown.boxes) < LEAST_SEEN or _in_grain(shown)):
        return "part"
    if asked.stroke and least_stroke(planes) < asked.stroke:
        return "stroke"
    return None


def _in_grain(shown: Shown) -> bool:
    return least_over_grain(shown.image, shown.mask, shown.boxes, shown.darker) < OVER_GRAIN


def _closed(shown: Shown, asked: Legible) -> Refusal | None:
    if not asked.counter or not may_close(shown.effects):
        return None
    open_share = least_open(shown.image, shown.mask, shown.boxes, shown.darker, shown.weakest.mean)
    return "counter" if open_share < asked.counter else None
