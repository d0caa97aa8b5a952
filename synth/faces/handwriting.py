"""Is a face handwritten, by pen or brush: as its tables tell, or as its letters are measured.

Of handwriting the tables speak first: PANOSE's family kind 3, "Latin Hand Written", and IBM's
family class 10, "Scripts" (OpenType, OS/2 `panose` and `sFamilyClass`). A PANOSE without any figure
beside its kind says nothing of the drawing ("any" in each place). Then two figures are measured
that print does not have: letters that run into one another, and letters that dance on their line.

Measured on Debian's DejaVu, Liberation, Nanum, Baekmuk and Un faces and on trdg's Latin ones. Pairs
that join: connected scripts 0.83 (UnPilgi) and 1.0 (Pacifico), all others 0 to 0.33 (letters in
boxes). Unsteadiness: pens and brushes 0.18 and 0.20 (Nanum Brush Script, Nanum Pen Script), a
sketched serif 0.11, all others 0 to 0.08. Leaning by itself tells nothing: oblique print leans as
much.
"""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from synth.faces.breaking import MOST_EMS
from synth.faces.face_metrics import FaceMetrics
from synth.faces.font_face import open_file
from synth.faces.glyph_ink import shared_beside
from textlines.files import raise_if_of_the_machine

HAND_WRITTEN = 3
"""PANOSE's family kind."""

SCRIPTS = 10
"""IBM's family class, upper byte of `sFamilyClass`."""

LEAST_JOINED = 0.5
"""Share of pairs of small letters whose ink runs into each other."""

LEAST_UNSTEADY = 0.15
"""How far ends that print draws on one line lie apart, as a share of the height of an x."""

_JOINED = "aemnou"
_LEVELS = (("imnrxz", "uvwxz"), ("AEFHIKLMNTXZ", "BDEFHKLPRTZ"))
"""Small letters and capitals that stand on one line and end at one height, serifs aside."""

_SIZE = 96


def is_handwritten(font: Any, path: Path, index: int) -> bool:
    """Whether a face is handwriting, script or brush.

    Args:
        font: the face, opened by fontTools. path, index: where it lies.

    Returns:
        False as well where the tables say nothing and the face has no Latin letters to measure,
        or cannot be drawn.
    """
    os2 = font.get("OS/2")
    if os2 is not None:
        panose = os2.panose
        if panose.bFamilyType == HAND_WRITTEN or os2.sFamilyClass >> 8 == SCRIPTS:
            return True
        beside = (panose.bSerifStyle, panose.bWeight, panose.bProportion, panose.bContrast)
        if panose.bFamilyType > 1 and any(beside):
            return False
    metrics = FaceMetrics(path, index)
    if unsteadiness(metrics) >= LEAST_UNSTEADY:
        return True
    try:
        return joined_share(metrics, path, index) >= LEAST_JOINED
    # Pillow raises whatever a broken glyph leads it to; the gate of glyphs tells of those.
    except Exception as error:
        raise_if_of_the_machine(path, error)
        return False


def unsteadiness(metrics: FaceMetrics) -> float:
    """Measure how far letters stray from the lines that they stand and end on.

    Returns:
        Share of the height of an x: the lesser of what small letters and capitals stray, as a
        sketched or an old-style face may let one of them dance; 0 without these letters.
    """
    x = metrics.nominal("x")
    bottom, top = metrics.box(x)[1::2]
    if not x or top <= bottom:
        return 0.0
    strays = []
    for standing, ending in _LEVELS:
        feet, heads = _heights(metrics, standing, 1), _heights(metrics, ending, 3)
        if not feet or not heads:
            return 0.0
        strays.append(max(max(feet) - min(feet), max(heads) - min(heads)))
    return min(strays) / (top - bottom)


def _heights(metrics: FaceMetrics, letters: str, side: int) -> list[int]:
    """List where the letters' ink ends on a side of its box; empty where one is missing."""
    gids = [metrics.nominal(letter) for letter in letters]
    return [metrics.box(gid)[side] for gid in gids] if all(gids) else []


def joined_share(metrics: FaceMetrics, path: Path, index: int) -> float:
    """Count the pairs of small letters that run into each other at the face's own advance.

    Returns:
        Share of 36 pairs, 0..1; 0 where the face lacks one of the letters.
    """
    gids = {letter: metrics.nominal(letter) for letter in _JOINED}
    if not all(gids.values()):
        return 0.0
    if max(abs(side) for gid in gids.values() for side in metrics.box(gid)) > (
        MOST_EMS * metrics.upem
    ):
        return 0.0
    font = open_file(path, index, (), _SIZE)
    drawn = {}
    for letter in _JOINED:
        core, (left, _) = font.getmask2(letter, mode="L", anchor="ls")
        width, height = core.size
        _, top, _, _ = font.getbbox(letter, anchor="ls")
        drawn[letter] = np.array(core, np.uint8).reshape(height, width), int(left), int(top)
    joined = 0
    for first, second in product(_JOINED, repeat=2):
        pen = round(metrics.advance(gids[first]) * _SIZE / metrics.upem)
        ink, left, top = drawn[first]
        beside, other_left, other_top = drawn[second]
        joined += shared_beside(ink, beside, pen + other_left - left, other_top - top) > 0
    return joined / len(_JOINED) ** 2
