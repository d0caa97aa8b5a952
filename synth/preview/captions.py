"""A face for the labels under the samples of a picture."""

import io
from collections import Counter
from pathlib import Path

from PIL import ImageFont

from synth.faces.font_files import MOST_BYTES
from synth.preview.read import Preview
from textlines.errors import InputError
from textlines.files import read_regular

SIZE_PX = 13


def caption_font(given: Path | None, preview: Preview) -> ImageFont.FreeTypeFont | None:
    """Open the face that captions are written in.

    Args:
        given: a font file of the user's; without it, the text face on this machine that holds
            most of the shown labels' characters is taken.

    Returns:
        None if no text face is at hand.

    Raises:
        InputError: the given file is no font.
    """
    if given is not None:
        try:
            return ImageFont.truetype(io.BytesIO(read_regular(given, MOST_BYTES)), SIZE_PX)
        except OSError as error:
            raise InputError(
                str(given), f"cannot be opened as a font ({error})", "Name a .ttf or .otf file."
            ) from None
    from synth.faces.face_metrics import metrics_of
    from synth.faces.font_face import open_face
    from synth.faces.scan import find_faces

    used = Counter(char for row in preview.rows for char in row.text)
    best, most = None, (0, False)
    for face in find_faces().faces:
        if face.kind != "text":
            continue
        metrics = metrics_of(face)
        held = sum(count for char, count in used.items() if metrics.nominal(char))
        # A plain face of regular weight: neither hairlines nor a hand are read at this size.
        rank = held, face.style == "Regular" and not face.traits
        if held and rank > most:
            best, most = face, rank
    if best is None:
        return None
    return open_face(best, SIZE_PX, shaped=True)
