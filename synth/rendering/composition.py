"""How a line comes to lie in its image: the plane it lies in, and what stands beside it."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import cv2
import numpy as np

from synth.draws import Draws
from synth.faces.display import ghost_text
from synth.faces.font_face import Face
from synth.rendering.bends import bent, bent_boxes
from synth.rendering.colour import Colour, Paint, blend, ink_for, inlaid, mean_colour, recoloured
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.legibility import INNER, OUTER
from synth.rendering.lettering import INKS, OVER, UNDER, Coat
from synth.rendering.line_mask import Boxes, Layout, bounds_of, draw_mask
from synth.rendering.looks import BoundPart, Looks, Params
from synth.rendering.margins import Scene
from synth.rendering.style import ImageFile
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.geometry import Matrix, compose, steady, warp, warp_points


def turned_whole(masks: tuple[Grey, ...], boxes: Boxes) -> tuple[tuple[Grey, ...], Boxes, Matrix]:
    """Turn a flat line by 180 degrees: as a line that is read upwards comes to a recognizer.

    Args:
        masks: coverages of the same line, H x W each; left as they are.
        boxes: of its clusters and marks.

    Returns:
        The masks and the boxes, turned, and the matrix from the flat line's pixels to them.
    """
    height, width = masks[0].shape
    turned = np.array([width, height, width, height], np.int32) - boxes[:, [2, 3, 0, 1]]
    matrix = np.array([[-1.0, 0.0, width - 1.0], [0.0, -1.0, height - 1.0], [0.0, 0.0, 1.0]])
    return tuple(np.ascontiguousarray(mask[::-1, ::-1]) for mask in masks), turned, matrix


def after(first: Matrix | None, then: Matrix | None) -> Matrix | None:
    """Return what two moves come to, the one after the other; None moves nothing."""
    if first is None or then is None:
        return then if first is None else first
    return steady(compose(first, then))


def bend_line(
    masks: tuple[Grey, ...],
    boxes: Boxes,
    parts: Sequence[BoundPart],
    draws: Draws,
    used: list[tuple[str, Params]],
) -> tuple[tuple[Grey, ...], Boxes]:
    """Bend a flat line, as the style draws it.

    Args:
        masks: coverages of the same line, H x W each; left as they are.
        boxes: of its clusters and marks.
        used: gets what is drawn, with its parameters.

    Returns:
        The masks and the boxes, bent.
    """
    for part in parts:
        if draws.chance(part.p):
            params = part.params(draws)
            used.append((part.name, params))
            bend = part.apply(*masks[0].shape, bounds_of(boxes), **params)
            masks, boxes = tuple(bent(mask, bend) for mask in masks), bent_boxes(boxes, bend)
    return masks, boxes


MARGIN_PX = 1.0

TURNS = frozenset({"rotation", "slope"})
"""Effects whose `deg` lifts one end of the line above the other."""


def drawn_matrix(
    parts: Sequence[BoundPart], size: tuple[int, int], stretch: float, rise: float, draws: Draws
) -> tuple[Matrix | None, list[tuple[str, Params]]]:
    """Draw the geometry of one line: a matrix from the flat line's pixels to the image's.

    None where the line lies flat and unstretched.

    Args:
        size: (height, width) of the flat mask, before the stretch.
        rise: see `Text`.
    """
    used: list[tuple[str, Params]] = []
    matrix: Matrix = np.array([[stretch, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    height, width = size[0], max(1, round(size[1] * stretch))
    for part in parts:
        if draws.chance(part.p):
            params = part.params(draws)
            if part.name in TURNS:
                params["deg"] = level_enough(params["deg"], height, width, rise)
            used.append((part.name, params))
            matrix = compose(matrix, part.apply(width, height, **params))
    if not used and stretch == 1.0:
        return None, used
    return matrix, used


def level_enough(deg: float, height: int, width: int, rise: float) -> float:
    """Turn a line less where its length would make it rise by more than a share of the height.

    Below that nothing changes; the sign stays.

    >>> level_enough(2.0, 48, 120, 0.18), level_enough(-2.0, 48, 480, 0.18)
    (2.0, -1.031213)
    """
    most = math.degrees(math.atan(rise * height / max(width, 1)))
    return deg if abs(deg) <= most else math.copysign(round(most, 6), deg)


def lay_down(
    mask: Grey, boxes: Boxes, matrix: Matrix, stretch: float
) -> tuple[Grey, Boxes, Matrix]:
    """Bring a flat mask and its boxes into the image; all ink stays inside.

    A crop is cut around a line however it lies, so a turned line gets smaller and does not
    lose its ends: where the turned ink is larger than the image it is scaled down evenly,
    and where it crosses a border it is moved.

    Returns:
        The mask (same height, stretched width), the boxes around the turned boxes, and the
        matrix that was used.
    """
    height, width = mask.shape[0], max(1, round(mask.shape[1] * stretch))
    x0, y0 = boxes[:, 0].min(), boxes[:, 1].min()
    x1, y1 = boxes[:, 2].max(), boxes[:, 3].max()
    outline = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)
    turned = warp_points(outline, matrix)
    low, high = turned.min(0), turned.max(0)
    room = np.array([width - 2 * MARGIN_PX, height - 2 * MARGIN_PX])
    scale = float(min(1.0, *(room / np.maximum(high - low, 1e-6))))
    centre = (low + high) / 2
    half = (high - low) / 2 * scale
    least, most = MARGIN_PX + half, np.array([width, height]) - MARGIN_PX - half
    aim = np.minimum(np.maximum(centre, least), np.maximum(most, least))
    fit = np.array(
        [
            [scale, 0.0, aim[0] - scale * centre[0]],
            [0.0, scale, aim[1] - scale * centre[1]],
            [0.0, 0.0, 1.0],
        ]
    )
    used = steady(compose(matrix, fit))
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2).astype(np.float64)
    moved = warp_points(corners, used).reshape(-1, 4, 2)
    placed = np.hstack([np.floor(moved.min(1)), np.ceil(moved.max(1))]).astype(np.int32)
    return warp(mask, used, (width, height)), placed, used


def brought_down(image: Image, height: int) -> Image:
    """Bring an image down to a height as a camera's sensor does, by the means of areas.

    What is no higher than that is returned as it is.
    """
    rows, columns = image.shape[:2]
    if height >= rows:
        return image
    size = (max(1, round(columns * height / rows)), height)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


class Shot(NamedTuple):
    """A line as its file shows it.

    Attributes:
        image: H x W x 3 BGR. matrix: from the flat line to it; None where the line lies flat.
        enlarged: the same at the size at which the line was drawn; None where that is its own.
    """

    image: Image
    matrix: Matrix | None
    enlarged: Image | None

    @property
    def judged(self) -> Image:
        """Return the image in the pixels in which the line was drawn."""
        return self.image if self.enlarged is None else self.enlarged


def shot_of(image: Image, drawn: tuple[int, int], matrix: Matrix | None, output: ImageFile) -> Shot:
    """Return what the file shows of an image that may have been brought down.

    Args:
        image: H x W x 3 BGR; grey where the style's files are. Left as it is.
        drawn: (height, width) at which the line was drawn.
        matrix: from the flat line to an image of that size.
    """
    if not output.colour:
        image = cv2.merge([cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)] * 3)
    if image.shape[:2] == drawn:
        return Shot(image, matrix, None)
    # As the recognizer enlarges a small crop.
    enlarged = cv2.resize(image, drawn[::-1], interpolation=cv2.INTER_LINEAR)
    if output.enlarge:
        return Shot(enlarged, matrix, None)
    y, x = (size / full for size, full in zip(image.shape[:2], drawn, strict=True))
    down = np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2], [0.0, 0.0, 1.0]])
    return Shot(image, steady(down if matrix is None else compose(matrix, down)), enlarged)


def bring_under(
    ground: Image, boxes: Boxes, looks: Looks, paint: Paint | None, draws: Draws
) -> tuple[Image, list[tuple[str, Any]]]:
    """Bring what the text stands on to its colour: a label stuck on the surface, or the surface.

    Returns:
        The ground, and the label with its parameters, where there is one.
    """
    part = looks.patch
    if part is not None and draws.chance(part.p):
        params = part.params(draws)
        return part.apply(ground, bounds_of(boxes), paint and paint.ground, draws, **params), [
            (part.name, params)
        ]
    return (recoloured(ground, paint.ground) if paint else ground), []


def dress(
    ground: Image,
    looks: Looks,
    layout: Layout,
    face: Face,
    glyphs: GlyphCache,
    boxes: Boxes,
    matrix: Matrix | None,
    draws: Draws,
    paint: Paint | None = None,
) -> tuple[Image, list[tuple[str, Any]]]:
    """Draw distractors and ghost segments on a surface, before the ink.

    Args:
        ground: the surface; may be drawn on in place.
        boxes: of the clusters as they lie in the image; kept clear.
        matrix: that laid the line down; None where it lies flat.
        paint: the line's own colours, in whose ink the page's other marks are printed; None: in one
            that is drawn as the line's is.

    Returns:
        The ground, and what was drawn with its parameters.
    """
    extras: list[tuple[str, Any]] = []
    ghost = looks.style.ghost
    if ghost.p and draws.chance(ghost.p):
        opacity = round(float(ghost.with_["opacity"].draw(draws)), 4)
        if face.kind == "seven_segment" and not layout.whole:
            unlit = replace(layout, text=ghost_text(layout.text))
            ground = _ghost(ground, unlit, face, glyphs, matrix=matrix, opacity=opacity)
            extras.append(("ghost", {"opacity": opacity}))
    if not looks.distractors:
        return ground, extras

    def neighbour() -> Grey | None:
        return _neighbour(layout, face, glyphs, draws)

    box = bounds_of(boxes)
    scene: Scene | None = None
    for part in looks.distractors:
        if not draws.chance(part.p):
            continue
        if scene is None:
            ink = paint.ink if paint else ink_for(mean_colour(ground), looks.style.ink, draws)
            scene = Scene(
                image=ground,
                box=box,
                ink=ink,
                baseline_y=float(layout.baseline),
                neighbour=neighbour,
            )
        drawn = part.apply(scene, draws, **part.params(draws))
        if drawn is not None:
            extras.append((part.name, drawn))
    return ground, extras


def letter(
    ground: Image,
    coat: Coat,
    parts: Sequence[BoundPart],
    draws: Draws,
    used: list[tuple[str, Params]],
    full: bool,
) -> tuple[Image, Colour]:
    """Lay the ink of a line on its ground with what its letters are made of.

    Args:
        ground: H x W x 3 BGR. Left as it is.
        used: gets what is drawn, with its parameters.
        full: whether parts are applied, or drawn only.

    Returns:
        The line, and the mean colour of what lies right around its ink, which is what it is read
        against: an outline or a shadow where there is one.
    """
    drawn = []
    for part in parts:
        if draws.chance(part.p):
            drawn.append((part, part.params(draws)))
    if not full:
        drawn = []
    used += [(part.name, params) for part, params in drawn]
    for part, params in drawn:
        if part.name in UNDER:
            ground = part.apply(ground, coat, **params)
    plane = np.full(ground.shape, coat.ink, np.uint8)
    for part, params in drawn:
        if part.name in INKS:
            plane = part.apply(plane, coat, **params)
    image = inlaid(ground, coat.mask, plane)
    for part, params in drawn:
        if part.name in OVER:
            image = part.apply(image, coat, **params)
    return image, around_ink(ground, coat.mask) or coat.under


def around_ink(ground: Image, mask: Grey) -> Colour | None:
    """Return the mean colour of the ring that `judge` holds ink against; None without one."""
    support = cv2.threshold(mask, 23, 255, cv2.THRESH_BINARY)[1]
    ring = cv2.subtract(cv2.dilate(support, OUTER), cv2.dilate(support, INNER))
    count = cv2.countNonZero(ring)
    if not count:
        return None
    b, g, r = (
        int(total) // count
        for total in cv2.sumElems(cv2.bitwise_and(ground, ground, mask=ring))[:3]
    )
    return b, g, r


def _ghost(
    ground: Image,
    unlit: Layout,
    face: Face,
    glyphs: GlyphCache,
    *,
    matrix: Matrix | None,
    opacity: float,
) -> Image:
    """Lay all segments of the display under the text, in a darker shade of the surface."""
    mask = draw_mask(unlit, face, glyphs).mask
    if matrix is not None:
        mask = warp(mask, matrix, (ground.shape[1], ground.shape[0]))
    faint = cv2.LUT(mask, np.round(np.arange(256) * opacity).astype(np.uint8))
    return blend(ground, faint, (0, 0, 0))


def _neighbour(layout: Layout, face: Face, glyphs: GlyphCache, draws: Draws) -> Grey | None:
    """Draw the same characters in another order, as the line above or below might hold."""
    if layout.whole or len(layout.text) < 2:
        return None
    shift = draws.whole(1, len(layout.text))
    if layout.faces or layout.middles:
        # Each character in its own face and place: the line, begun further on.
        return np.roll(draw_mask(layout, face, glyphs).mask, -layout.pens[shift], axis=1)
    text = layout.text[shift:] + layout.text[:shift]
    mask = np.zeros((layout.height, layout.width), np.uint8)
    pen = layout.pens[0]
    drawn = glyphs.glyphs(face, layout.size_px, text)
    for glyph, start, end in zip(drawn, layout.pens, layout.ends, strict=True):
        w, h = glyph.width, glyph.height
        x, y = pen + glyph.left, layout.baseline + glyph.top
        pen += max(end - start, glyph.left + w)
        if h and x >= 0 and y >= 0 and x + w <= layout.width and y + h <= layout.height:
            under = mask[y : y + h, x : x + w]
            np.maximum(under, glyph.mask, out=under)
    return mask
