"""Which installed families draw letters of the shapes that crops show."""

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import cv2
import numpy as np

from synth.calibrate.letters import Floats, shape_of
from synth.calibrate.measures import slant_of
from synth.faces.breaking import BreaksError
from synth.faces.face_coverage import characters_of
from synth.faces.face_pool import EVERY_OTHER
from synth.faces.font_face import Face
from synth.rendering.glyph_bitmaps import GlyphCache
from textlines.pixels.arrays import Grey

_SIZE = 48
"""Pixels to the em that faces are drawn at to be compared."""

_MOST_SHAPES = 12
"""Of one character that are compared: more of a frequent one say nothing new."""

_LEAST_WEIGHT, _REST = 0.02, 0.003
"""Of a family that is named, beside the nearest one; and of each that is not."""

_LEAST_CHARACTERS = 4
"""That a family must share with the crops to be compared at all."""


def family_distances(
    shapes: Mapping[str, Sequence[Floats]],
    faces: Iterable[Face],
    glyphs: GlyphCache,
    *,
    with_widths: bool = True,
) -> dict[str, float]:
    """Compare letters with the glyphs of faces, box on box, both set upright.

    A family is as far as its nearest face. The distance of a face is the mean, over the characters
    that it has, of the mean absolute difference of coverage to the letters of each, less what all
    faces are from that character on average: so a face that lacks the hard ones is not nearer.

    Args:
        shapes: of the real letters, by character, as `shape_of` returns them.
        with_widths: letters of another width are further; else only what is in their box counts.

    Returns:
        By family; 0 is as near as all faces on average, below it is nearer. Families that share too
        few characters are not among them.
    """
    planes = slice(None) if with_widths else slice(1)
    real = {
        char: np.stack(seen[:_MOST_SHAPES])[:, planes]
        for char, seen in sorted(shapes.items())
        if seen
    }
    rows: list[tuple[str, dict[str, float]]] = []
    for face in faces:
        away = _of_face(face, real, glyphs)
        if len(away) >= min(_LEAST_CHARACTERS, len(real)) and away:
            rows.append((face.family, away))
    usual = {
        char: float(np.mean([away[char] for _, away in rows if char in away]))
        for char in real
        if any(char in away for _, away in rows)
    }
    found: dict[str, float] = {}
    for family, away in rows:
        beside = float(np.mean([value - usual[char] for char, value in away.items()]))
        found[family] = min(beside, found.get(family, math.inf))
    return found


def _of_face(face: Face, real: Mapping[str, Floats], glyphs: GlyphCache) -> dict[str, float]:
    masks: dict[str, Grey] = {}
    for char in sorted(characters_of(face) & real.keys()):
        with suppress(BreaksError):
            mask = glyphs.glyphs(face, _SIZE, char)[0].mask
            if min(mask.shape, default=0) >= 3:
                masks[char] = mask
    return {
        char: float(np.abs(real[char] - shape_of(ink)[: real[char].shape[1]]).mean())
        for char, ink in _upright(masks).items()
    }


def _upright(masks: Mapping[str, Grey]) -> dict[str, Grey]:
    """Take the lean that they have together off the glyphs of a face, as off the letters."""
    if not masks:
        return {}
    tall = max(mask.shape[0] for mask in masks.values())
    row = [np.pad(mask, ((tall - mask.shape[0], 0), (4, 4))) for mask in masks.values()]
    lean = math.tan(math.radians(slant_of(np.concatenate(row, axis=1) >= 128)))
    found = {}
    for char, mask in masks.items():
        high, wide = mask.shape
        room = math.ceil(abs(lean) * high) + 1
        shift = np.array([[1.0, lean, room - lean * high / 2], [0.0, 1.0, 0.0]])
        found[char] = _trimmed(cv2.warpAffine(mask, shift, (wide + 2 * room, high)))
    return found


def _trimmed(mask: Grey) -> Grey:
    solid = mask >= 128
    if not solid.any():
        return mask
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def weights_by(distances: Mapping[str, float], unit: float) -> dict[str, float]:
    """Return a weight for each family that is near: the nearest 1, one `unit` further 1/e.

    All others share the entry `EVERY_OTHER`, so that a text which no near one can draw has a face.

    >>> weights_by({"Near": -0.02, "Next": 0.0, "Far": 0.2}, 0.02)
    {'Near': 1.0, 'Next': 0.368, '*': 0.003}
    """
    nearest = min(distances.values(), default=0.0)
    weights = {name: math.exp((nearest - away) / unit) for name, away in distances.items()}
    near = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    kept = {name: round(weight, 3) for name, weight in near if weight >= _LEAST_WEIGHT}
    return {**kept, EVERY_OTHER: _REST}
