"""What stands beside the text: distractors and unlit segments."""

from typing import Any

import cv2
import numpy as np

from synth.draws import Draws
from synth.engine.looks import Looks
from synth.faces.display import ghost_text
from synth.faces.font_face import Face
from synth.ink.colour import blend, ink_for
from synth.ink.glyphs import GlyphCache
from synth.ink.layout import Layout
from synth.ink.masks import Boxes, draw_mask
from synth.surfaces import Scene
from synth.surfaces.scene import mean_colour
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.geometry import Matrix, warp


def dress(
    ground: Image,
    looks: Looks,
    layout: Layout,
    face: Face,
    glyphs: GlyphCache,
    boxes: Boxes,
    lay: tuple[Boxes, Matrix | None],
    draws: Draws,
) -> tuple[Image, list[tuple[str, Any]]]:
    """Draw distractors and ghost segments on a surface, before the ink.

    Args:
        ground: the surface; may be drawn on in place.
        boxes: of the clusters as they lie in the image; kept clear.
        lay: the flat boxes and the matrix that laid them down.

    Returns:
        The ground, and what was drawn with its parameters.
    """
    extras: list[tuple[str, Any]] = []
    matrix = lay[1]
    ghost = looks.style.ghost
    if ghost.p and draws.chance(ghost.p):
        opacity = round(float(ghost.with_["opacity"].draw(draws)), 4)
        if face.kind == "seven_segment" and not layout.whole:
            unlit = ghost_text(layout.text)
            ground = _ghost(ground, layout, face, glyphs, unlit, matrix, opacity)
            extras.append(("ghost", {"opacity": opacity}))
    if not looks.distractors:
        return ground, extras

    def neighbour() -> Grey | None:
        return _neighbour(layout, face, glyphs, draws)

    box = (
        int(boxes[:, 0].min()),
        int(boxes[:, 1].min()),
        int(boxes[:, 2].max()),
        int(boxes[:, 3].max()),
    )
    scene: Scene | None = None
    for part in looks.distractors:
        if not draws.chance(part.p):
            continue
        if scene is None:
            ink = ink_for(mean_colour(ground), looks.style.ink, draws)
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


def _ghost(
    ground: Image,
    layout: Layout,
    face: Face,
    glyphs: GlyphCache,
    unlit: str,
    matrix: Matrix | None,
    opacity: float,
) -> Image:
    """Lay all segments of the display under the text, in a darker shade of the surface."""
    as_unlit = Layout(
        unlit,
        layout.size_px,
        layout.width,
        layout.height,
        layout.baseline,
        layout.pens,
        layout.ends,
        False,
        layout.spacing_px,
        layout.stretch,
    )
    mask = draw_mask(as_unlit, face, glyphs).mask
    if matrix is not None:
        mask = warp(mask, matrix, (ground.shape[1], ground.shape[0]))
    faint = cv2.LUT(mask, np.round(np.arange(256) * opacity).astype(np.uint8))
    return blend(ground, faint, (0, 0, 0))


def _neighbour(layout: Layout, face: Face, glyphs: GlyphCache, draws: Draws) -> Grey | None:
    """Draw the same characters in another order, as the line above or below might hold."""
    if layout.whole or len(layout.text) < 2:
        return None
    shift = draws.whole(1, len(layout.text))
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
