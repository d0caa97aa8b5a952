"""Whether a face can set a line at all, and keeps its characters apart, before the line is planned.

The glyph gate has drawn each character alone. A line may still break: by rules that let it grow
without end, and in shaped scripts by glyphs that no single character leads to. The plan is made
whole by one process before the first image, so what is found here holds for every worker, share
and later call alike. Costs some 20 µs a line, 120 µs where a line is shaped.

Neighbours may lie on each other's ink: connected scripts join their letters by design, a heavy
face lets them collide, and either way nobody sees where one letter ends. That is asked at the
face's own advances; pairs whose boxes keep apart are told by their boxes alone. Shaped lines
(Arabic, Devanagari, combined marks) join because their script does, and are never asked.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from synth.faces.breaking import MOST_EMS, BreaksError, drawing, require_sane
from synth.faces.face_metrics import FaceMetrics, Shaped, metrics_of
from synth.faces.font_face import Face, open_file
from synth.rendering.line_runs import shaped_line
from textlines.formats.faces import Instance

if TYPE_CHECKING:
    from PIL import ImageFont
import numpy as np
from PIL import ImageFont

from synth.faces.face_metrics import Box
from synth.faces.font_face import open_face
from synth.faces.glyph_ink import MOST_SHARED, shared_beside
from textlines.wording.counts import count_of

MOST_GROWN, SPARE_GLYPHS = 16, 32
"""Glyphs of a line: so many for each character, and some more. Real rules make up to 18 of one
character (U+FDFA), and 3 of the vowels of Khmer and Tamil."""

_PROOF_PX = 32


def line_fault(face: Face, text: str) -> str | None:
    """Return in words how a face breaks at a line; None if it can draw it."""
    try:
        with drawing(face, text):
            metrics = metrics_of(face)
            shaped, whole = shaped_once(face, text)
            _require_bounded(shaped, text, metrics)
            if whole:
                # Loads every glyph that raqm will draw, without drawing it.
                font = _opened(face.path, face.index, face.instance, face.sha256)
                _, top, _, bottom = font.getbbox(text, anchor="ls")
                require_sane((0, top, 0, bottom), _PROOF_PX)
    except BreaksError as error:
        return error.what
    return None


@lru_cache(maxsize=64)
def shaped_once(face: Face, text: str) -> tuple[Shaped, bool]:
    """Shape a line that several proofs ask for; see `shaped_line`."""
    return shaped_line(text, metrics_of(face))


def _require_bounded(shaped: Shaped, text: str, metrics: FaceMetrics) -> None:
    if len(shaped.gids) > MOST_GROWN * len(text) + SPARE_GLYPHS:
        raise ValueError(f"its rules make {count_of(len(shaped.gids), 'glyph')} of the line")
    most = MOST_EMS * metrics.upem
    if any(abs(step) > most for step in shaped.advances):
        raise ValueError(f"a glyph moves the pen by more than {MOST_EMS} ems")
    if any(abs(value) > most for offset in shaped.offsets for value in offset):
        raise ValueError(f"a glyph stands more than {MOST_EMS} ems off the pen")
    for gid in shaped.gids:
        if max(map(abs, metrics.box(gid))) > most:
            raise ValueError(f"its ink reaches more than {MOST_EMS} ems")


@lru_cache(maxsize=32)
def _opened(path: Path, index: int, instance: Instance, sha256: str) -> "ImageFont.FreeTypeFont":
    return open_file(path, index, instance, _PROOF_PX, shaped=True)


_NEIGHBOURS_PX = 64

_NEAR = 1 / 64
"""Of an em: boxes that reach into each other by less share a column of pixels at most."""


def runs_together(face: Face, text: str) -> bool:
    """Whether two neighbours of a line share more than `MOST_SHARED` of the lesser one's ink.

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
                step = round((start - before[1]) * _NEIGHBOURS_PX / metrics.upem)
                if _shared(face, before[0], char, step) > MOST_SHARED:
                    return True
            before = char, start, box
        pen += advance
    return False


def _are_near(box: Box, other: Box, step: int, metrics: FaceMetrics) -> bool:
    """Whether two boxes of ink reach into each other, the second so many units further right."""
    across = box[2] - (step + other[0])
    return across > metrics.upem * _NEAR and min(box[3], other[3]) > max(box[1], other[1])


@lru_cache(maxsize=65_536)
def _shared(face: Face, char: str, other: str, step: int) -> float:
    """Return the ink that two neighbours share, the second so many pixels further right."""
    font = _opened_unshaped(face)
    with drawing(face, char + other):
        first, (left, top) = font.getmask2(char, mode="L", anchor="ls")
        second, (other_left, other_top) = font.getmask2(other, mode="L", anchor="ls")
    ink, beside = (
        np.array(core, np.uint8).reshape(core.size[1], core.size[0]) for core in (first, second)
    )
    x, y = step + int(other_left) - int(left), int(other_top) - int(top)
    return shared_beside(ink, beside, x, y)


@lru_cache(maxsize=32)
def _opened_unshaped(face: Face) -> ImageFont.FreeTypeFont:
    return open_face(face, _NEIGHBOURS_PX)
