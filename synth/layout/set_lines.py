"""A text line set flat for a page, where it comes to lie there, and whether it is legible in it.

The same engine as for single lines sets and draws it (`synth.rendering.line_mask`), and the same
questions are asked of it (`synth.rendering.attempt.fault_of`), in the pixels of the finished page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from synth.draws import Draws
from synth.faces.display import ghost_text
from synth.faces.face_metrics import metrics_of
from synth.faces.font_face import Face
from synth.layout.plane import Rect
from synth.rendering.attempt import Shown, fault_of
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.legibility import judge
from synth.rendering.line_mask import Boxes, Layout, draw_mask, lay_out
from synth.rendering.looks import BoundPart, Params, apply_stage
from synth.rendering.spans import Span
from synth.rendering.style import ImageFile, Legible
from synth.rendering.text_style import Text
from textlines.formats.manifest import Refusal
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.geometry import Matrix, compose, warp, warp_points
from textlines.regions.polygons import Polygon

LineRole = Literal["display", "print"]

FILL = 0.9
"""Of the image in which a line is set, for its ink; the rest is cut off again."""

INK = 24
"""Coverage from which on a pixel is ink, as `judge` takes it."""

MARGIN, LEAST_MARGIN_PX = 0.06, 1.0
"""Room between ink and box, as a share of the ink's height and in pixels at least: as people draw
boxes around lines, close and not touching."""

JUDGED_PX = 48.0
"""Height of a box at which its line is judged, where it is higher: what is asked of lines is asked
in the pixels of a recognizer, and a large number that is blurred by three pixels reads well."""

AROUND_PX = 8
"""Pixels of the page around a line in which its ring and its grain are judged."""


@dataclass(frozen=True, slots=True, eq=False)
class SetLine:
    """A line, flat and cut to its ink.

    Attributes:
        mask: H x W coverage as it should be. drawn: as it is drawn, worn or widened.
        boxes: of its clusters and marks in `mask`.
        shared: see `Inked`. ghost: coverage of all segments of its display with those to its left,
            its right lower corner on that of the mask's; None without.
    """

    text: str
    face: Face
    mask: Grey
    drawn: Grey
    boxes: Boxes
    shared: float
    effects: tuple[tuple[str, Params], ...]
    ghost: Grey | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height of the ink in pixels."""
        return self.mask.shape[1], self.mask.shape[0]


def set_line(
    text: str,
    face: Face,
    ink_px: float,
    draws: Draws,
    glyphs: GlyphCache,
    *,
    style: Text,
    stroke: tuple[BoundPart, ...] = (),
    lean_deg: float = 0.0,
    places: int = 0,
) -> SetLine | None:
    """Set a line whose ink is about so high; None where it leaves none.

    Args:
        ink_px: height of the ink in pixels, 8..460.
        style: its spacing and stretch are drawn from.
        stroke: what is done to the ink.
        lean_deg: by which uprights lean to the right.
        places: unlit cells to the left of the line in the ghost, from 0 on; below 0: no ghost.
    """
    height = min(max(round(ink_px / FILL), 9), 512)
    flat = style.model_copy(
        update={
            "fill": Span(low=FILL, high=FILL),
            "ink_share": 1.0,
            "left": Span(low=0.3, high=0.3),
            "right": Span(low=0.3, high=0.3),
            "above": Span(low=0.5, high=0.5),
        }
    )
    output = ImageFile(height=height, max_width=100_000)
    layout = lay_out(text, metrics_of(face), flat, output, draws)
    clean, boxes, shared, _ = draw_mask(layout, face, glyphs)
    if not len(boxes):
        return None
    effects: list[tuple[str, Params]] = []
    drawn = apply_stage(stroke, clean, draws, effects, True)
    layers = [clean, drawn]
    if places >= 0 and face.kind == "seven_segment" and not layout.whole:
        layers.append(_ghost(layout, face, glyphs, places))
    matrix = _flat_matrix(layout, clean.shape[0], lean_deg)
    reach = max(0, layers[-1].shape[1] - clean.shape[1])
    shapes = []
    for layer in layers:
        # A ghost is longer to the left: all are laid over each other at their right ends.
        beyond = reach - (layer.shape[1] - clean.shape[1])
        if beyond:
            layer = cv2.copyMakeBorder(layer, 0, 0, beyond, 0, cv2.BORDER_CONSTANT, value=0)
        lean_px = abs(np.tan(np.radians(lean_deg))) * layer.shape[0]
        width = int(layer.shape[1] * layout.stretch + lean_px) + 2
        shapes.append(warp(layer, matrix, (width, layer.shape[0])))
    moved = boxes + np.array([reach, 0, reach, 0], np.int32)
    moved = warped_boxes(moved, matrix)
    x, y, wide, high = cv2.boundingRect(
        cv2.threshold(cv2.max(shapes[0], shapes[1]), INK - 1, 255, cv2.THRESH_BINARY)[1]
    )
    if not wide or not high:
        return None
    cut = slice(y, y + high), slice(x, x + wide)
    ghost = shapes[2][: y + high, : x + wide] if len(shapes) > 2 else None
    # Boxes around what leans are wider than it; all ink lies in the mask.
    fitted = np.clip(moved - np.array([x, y, x, y], np.int32), 0, (wide, high, wide, high))
    return SetLine(
        text=text,
        face=face,
        mask=np.ascontiguousarray(shapes[0][cut]),
        drawn=np.ascontiguousarray(shapes[1][cut]),
        boxes=fitted.astype(np.int32),
        shared=shared,
        effects=tuple(effects),
        ghost=None if ghost is None else np.ascontiguousarray(ghost),
    )


def _ghost(layout: Layout, face: Face, glyphs: GlyphCache, places: int) -> Grey:
    """Draw all segments of a display, with unlit cells to the left of its text."""
    cells = [end - pen for pen, end in zip(layout.pens, layout.ends, strict=True)]
    step = max(cells)
    text = "8" * places + layout.text
    pens = (*(layout.pens[0] + step * at for at in range(places)),)
    pens += tuple(pen + step * places for pen in layout.pens)
    unlit = replace(
        layout,
        text=ghost_text(text),
        pens=pens,
        ends=(*pens[1:], layout.ends[-1] + step * places),
        width=layout.width + step * places,
        widths=(),
        sizes=(),
    )
    return draw_mask(unlit, face, glyphs).mask


def _flat_matrix(layout: Layout, height: int, lean_deg: float) -> Matrix:
    """Return the stretch and the lean of a line; all of it stays right of 0."""
    lean = float(np.tan(np.radians(lean_deg)))
    shift = lean * height if lean > 0 else 0.0
    return np.array([[layout.stretch, -lean, shift], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def warped_boxes(boxes: Boxes, matrix: Matrix) -> Boxes:
    """Return the upright boxes around boxes that are moved by a matrix; a new array."""
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2).astype(np.float64)
    moved = warp_points(corners, matrix).reshape(-1, 4, 2)
    return np.hstack([np.floor(moved.min(1)), np.ceil(moved.max(1))]).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class PlacedLine:
    """A line where it lies on the flat plane that the camera sees.

    Attributes:
        x, y: of its mask's upper left corner, in whole pixels of the plane.
        darker: whether its ink was laid darker than what it stands on.
        legible: what is asked of it.
    """

    line: SetLine
    x: int
    y: int
    role: LineRole
    darker: bool
    legible: Legible

    @property
    def rect(self) -> Rect:
        """Return where its ink lies."""
        width, height = self.line.size
        return Rect(self.x, self.y, self.x + width, self.y + height)

    def polygon(self, view: Matrix) -> Polygon:
        """Return its box on the page: four corners from the upper left one clockwise as it is read.

        Args:
            view: from the plane to the page.
        """
        rect = self.rect
        room = max(LEAST_MARGIN_PX, MARGIN * rect.height)
        wide = rect.grown(room)
        # A pixel's middle is its place: what covers it reaches half a pixel further.
        corners = [(x - 0.5, y - 0.5) for x, y in wide.corners()]
        return warp_points(np.array(corners, np.float64), view)

    def fault(
        self, page: Image, view: Matrix, effects: Sequence[tuple[str, Params]]
    ) -> tuple[Refusal | None, float]:
        """Return the first reason why it is not legible on the finished page, and its contrast.

        Args:
            page: H x W x 3 BGR, as it will be encoded.
            view: from the plane to the page.
            effects: of the page.
        """
        height, width = page.shape[:2]
        frame = self.polygon(view)
        held = warped_boxes(self.line.boxes, compose(self._laid(), view))
        low = np.minimum(np.floor(frame.min(0)), held[:, :2].min(0)) - AROUND_PX
        high = np.maximum(np.ceil(frame.max(0)), held[:, 2:].max(0)) + AROUND_PX
        (x0, y0), (x1, y1) = low.astype(int).tolist(), high.astype(int).tolist()
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
        if x1 - x0 < 2 or y1 - y0 < 2:
            return "outside", 0.0
        onto = compose(self._laid(), view, _shift(-x0, -y0))
        size = x1 - x0, y1 - y0
        mask, drawn = (warp(layer, onto, size) for layer in (self.line.mask, self.line.drawn))
        seen = page[y0:y1, x0:x1]
        down = min(1.0, JUDGED_PX / float(np.linalg.norm(frame[3] - frame[0])))
        if down < 1:
            small = max(2, round(size[0] * down)), max(2, round(size[1] * down))
            seen, mask, drawn = (
                cv2.resize(layer, small, interpolation=cv2.INTER_AREA)
                for layer in (seen, mask, drawn)
            )
            onto, size = compose(onto, np.diag([small[0] / size[0], small[1] / size[1], 1])), small
        boxes = warped_boxes(self.line.boxes, onto)
        if not _is_inside(boxes, size):
            return "outside", 0.0
        weakest = judge(seen, mask, boxes, drawn=drawn, darker=self.darker)
        shown = Shown(
            seen, mask, boxes, self.darker, weakest, self.line.shared,
            (*self.line.effects, *effects),
        )  # fmt: skip
        return fault_of(shown, self.legible), weakest.contrast

    def ink_on(self, view: Matrix, size: tuple[int, int]) -> Grey:
        """Return the coverage of its ink on the page, (width, height) pixels."""
        return warp(self.line.drawn, compose(self._laid(), view), size)

    def _laid(self) -> Matrix:
        return _shift(self.x, self.y)


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _is_inside(boxes: Boxes, size: tuple[int, int]) -> bool:
    """Whether any box has ink inside; `judge` tells the rest."""
    width, height = size
    across = (boxes[:, 2] > 0) & (boxes[:, 0] < width)
    return bool((across & (boxes[:, 3] > 0) & (boxes[:, 1] < height)).any())
