"""Fonts opened for drawing, each at the place of its axes that the face names.

The only module that opens fonts in Pillow: whoever opened one elsewhere would draw a variable font
at its default, while the boxes are those of the instance.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from synth.faces.face import Face
from textlines.formats.faces import Instance

if TYPE_CHECKING:
    from PIL import ImageFont


def open_face(face: Face, size_px: int, *, shaped: bool = False) -> "ImageFont.FreeTypeFont":
    """Open a face for drawing.

    Args:
        size_px: pixels to the em. shaped: lay text out by raqm; else character by character.

    Raises:
        OSError, ValueError, MemoryError: FreeType cannot open it, or not at this instance.
    """
    return open_file(face.path, face.index, face.instance, size_px, shaped=shaped)


def open_file(
    path: Path, index: int, instance: Instance, size_px: int, *, shaped: bool = False
) -> "ImageFont.FreeTypeFont":
    """Open a face of a file for drawing; arguments and errors as of `open_face`."""
    from PIL import ImageFont

    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    font = ImageFont.truetype(str(path), size_px, index=index, layout_engine=engine)
    if instance:
        font.set_variation_by_axes([value for _, value in instance])
    return font
