"""Whether a face can draw a line at all, before the line is planned.

The glyph gate has drawn each character alone. A line may still break: by rules that let it grow
without end, and in shaped scripts by glyphs that no single character leads to. The plan is made
whole by one process before the first image, so what is found here holds for every worker, share
and later call alike. Costs some 20 µs a line, 120 µs where a line is shaped.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from synth.faces.breaking import MOST_EMS, BreaksError, drawing, require_sane
from synth.faces.face_metrics import FaceMetrics, Shaped, metrics_of
from synth.faces.font_face import Face, open_file
from synth.ink.layout import shaped_line
from textlines.formats.faces import Instance

if TYPE_CHECKING:
    from PIL import ImageFont

MOST_GROWN, SPARE_GLYPHS = 16, 32
"""Glyphs of a line: so many for each character, and some more. Real rules make up to 18 of one
character (U+FDFA), and 3 of the vowels of Khmer and Tamil."""

_SIZE_PX = 32


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
                require_sane((0, top, 0, bottom), _SIZE_PX)
    except BreaksError as error:
        return error.what
    return None


@lru_cache(maxsize=64)
def shaped_once(face: Face, text: str) -> tuple[Shaped, bool]:
    """Shape a line that several proofs ask for; see `shaped_line`."""
    return shaped_line(text, metrics_of(face))


def _require_bounded(shaped: Shaped, text: str, metrics: FaceMetrics) -> None:
    if len(shaped.gids) > MOST_GROWN * len(text) + SPARE_GLYPHS:
        raise ValueError(f"its rules make {len(shaped.gids):,} glyphs of the line")
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
    return open_file(path, index, instance, _SIZE_PX, shaped=True)
