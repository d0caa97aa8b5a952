"""Whether a face sets the characters of a line so that neighbours lie on each other's ink.

At the face's own advances, before anything is drawn: connected scripts join their letters by
design, a heavy face lets them collide, and either way nobody sees where one letter ends. Pairs
whose boxes keep apart are told by their boxes alone. Shaped lines (Arabic, Devanagari, combined
marks) join because their script does, and are never asked.
"""

from functools import lru_cache

import numpy as np
from PIL import ImageFont

from synth.faces.breaking import drawing
from synth.faces.face import Face
from synth.faces.metrics import Box, FaceMetrics, metrics_of
from synth.faces.opening import open_face
from synth.faces.shared_ink import MOST_SHARED, shared_beside
from synth.ink.proof import shaped_once

_SIZE_PX = 64

_NEAR = 1 / 64
"""Of an em: boxes that reach into each other by less share a column of pixels at most."""


def runs_together(face: Face, text: str) -> bool:
    """Tell whether two neighbours of a line share more than `MOST_SHARED` of the lesser one's ink.

    Raises:
        BreaksError: the face cannot draw one of them.
    """
    metrics = metrics_of(face)
    shaped, whole = shaped_once(face, text)
    if whole:
        return False
    pen, before = 0, None
    for char, gid, advance, (shift, _) in zip(
        text, shaped.gids, shaped.advances, shaped.offsets, strict=True
    ):
        box, start = metrics.box(gid), pen + shift
        if box[3] > box[1]:
            if before is not None and _are_near(before[2], box, start - before[1], metrics):
                step = round((start - before[1]) * _SIZE_PX / metrics.upem)
                if _shared(face, before[0], char, step) > MOST_SHARED:
                    return True
            before = char, start, box
        pen += advance
    return False


def _are_near(one: Box, other: Box, step: int, metrics: FaceMetrics) -> bool:
    """Whether two boxes of ink reach into each other, the second so many units further right."""
    across = one[2] - (step + other[0])
    return across > metrics.upem * _NEAR and min(one[3], other[3]) > max(one[1], other[1])


@lru_cache(maxsize=65_536)
def _shared(face: Face, one: str, other: str, step: int) -> float:
    """Measure the ink that two neighbours share, the second so many pixels further right."""
    font = _opened(face)
    with drawing(face, one + other):
        first, (left, top) = font.getmask2(one, mode="L", anchor="ls")
        second, (other_left, other_top) = font.getmask2(other, mode="L", anchor="ls")
    ink, beside = (
        np.array(core, np.uint8).reshape(core.size[1], core.size[0]) for core in (first, second)
    )
    x, y = step + int(other_left) - int(left), int(other_top) - int(top)
    return shared_beside(ink, beside, x, y)


@lru_cache(maxsize=32)
def _opened(face: Face) -> ImageFont.FreeTypeFont:
    return open_face(face, _SIZE_PX)
