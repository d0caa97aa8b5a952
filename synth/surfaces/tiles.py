"""Textures that are made once per process: crops of them make paper, film and panels cheap.

All are uint8 with mean about 128; a surface scales them to the strength it wants. Made in
integers and exact blends from a fixed seed, so that every process has the same bytes.
"""

from functools import cache

import cv2
import numpy as np

from textlines.pixels.arrays import Grey
from textlines.pixels.noise import clouds, grey_grain
from textlines.pixels.tone import blend


@cache
def fibre() -> Grey:
    """Make the texture of paper: fine grain, short fibres across, clouds. 256 x 2048."""
    fine = grey_grain(2)
    # The same noise drawn out: fibres lie in the direction in which the paper ran.
    fibres = cv2.blur(np.roll(fine, 97, axis=1), (9, 1))
    fibres = cv2.addWeighted(fibres, 2.5, fibres, 0.0, -1.5 * 128)
    texture = blend(blend(fine, fibres, 0.5), clouds(12), 0.125)
    texture.flags.writeable = False
    return texture


@cache
def film() -> Grey:
    """Make the texture of a panel behind glass: soft clouds and hardly any grain. 256 x 2048."""
    fine = grey_grain(2)
    texture = blend(blend(clouds(48), clouds(9), 0.25), fine, 0.25)
    texture.flags.writeable = False
    return texture


@cache
def streaks() -> Grey:
    """Make level streaks as a print head or a scanner's line leaves them. 256 x 2048."""
    rows = np.ascontiguousarray(grey_grain(1)[:, :16])
    drawn_out = cv2.resize(rows, (2048, 256), interpolation=cv2.INTER_LINEAR)
    drawn_out.flags.writeable = False
    return drawn_out
