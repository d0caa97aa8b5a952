"""Where each character of a drawn line lies in its file, and the ink of the line as a picture.

The boxes that a line is judged by are those of its glyphs with the advance of each, moved by all
that moves the line, and what strokes were widened by lies beyond them. Here they are fitted to the
ink as it was drawn.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from synth.rendering.attempt import Attempt
from synth.rendering.line_mask import Boxes
from textlines.pixels.arrays import Grey

INK = 64
"""Coverage from which on a pixel is ink: a quarter."""


def character_boxes(attempt: Attempt) -> list[tuple[int, int, int, int, int, int]]:
    """Return the box of each character, or of each cluster that is drawn as one, in text order.

    Returns:
        Rows of (start, end, x0, y0, x1, y1): which characters of the text, from and up to before,
        and where they lie in the file, in its pixels, upper bounds excluded. A space has none, nor
        has what lies outside of the image.
    """
    count = len(attempt.pens)
    boxes = around_ink(attempt.asked[1][:count], attempt.drawn)
    height, width = attempt.drawn.shape
    rows, columns = attempt.shot.image.shape[:2]
    across, down = columns / width, rows / height
    found = []
    for pen, (x0, y0, x1, y1) in zip(attempt.pens, boxes.tolist(), strict=True):
        left, top = max(0, math.floor(x0 * across)), max(0, math.floor(y0 * down))
        right, bottom = min(columns, math.ceil(x1 * across)), min(rows, math.ceil(y1 * down))
        if left < right and top < bottom:
            found.append((*attempt.layout.characters(pen), left, top, right, bottom))
    return sorted(found)


def around_ink(boxes: Boxes, mask: Grey) -> Boxes:
    """Fit the boxes of clusters to their ink; all ink lies in one of them afterwards.

    Ink in one box alone is that cluster's, and ink in none that of the nearest box. Ink in several
    is that of those among them which the same connected piece reaches into by itself: an arm of a
    `V` over the foot of an `A` belongs to the `V`, and where letters touch, to both. A piece that
    lies in several and reaches into none goes to the nearest middle.

    Args:
        boxes: N x 4, one at least. mask: H x W coverage, 0..255. Both are left as they are.

    Returns:
        N x 4, new. A box without ink stays as it is.
    """
    ink = cv2.threshold(mask, INK - 1, 255, cv2.THRESH_BINARY)[1]
    pieces = cv2.connectedComponents(ink)[1]
    ys, xs = np.nonzero(ink)
    if not len(ys):
        return boxes.copy()
    x, y, piece = xs[:, None], ys[:, None], pieces[ys, xs]
    owns = (x >= boxes[:, 0]) & (x < boxes[:, 2]) & (y >= boxes[:, 1]) & (y < boxes[:, 3])
    count = owns.sum(axis=1)
    reaches = np.zeros((int(piece.max()) + 1, len(boxes)), np.bool_)
    alone = count == 1
    reaches[piece[alone], owns[alone].argmax(axis=1)] = True
    for at in np.flatnonzero(~alone):
        among = owns[at] & reaches[piece[at]]
        if not among.any():
            away = _middle_away if count[at] else _away
            distance = np.where(owns[at] | (count[at] == 0), away(boxes, xs[at], ys[at]), np.inf)
            among = np.arange(len(boxes)) == distance.argmin()
        owns[at] = among
    fitted = boxes.copy()
    for number, mine in enumerate(owns.T):
        if mine.any():
            left, right = xs[mine].min(), xs[mine].max() + 1
            fitted[number] = left, ys[mine].min(), right, ys[mine].max() + 1
    return fitted


def _away(boxes: Boxes, x: int, y: int) -> npt.NDArray[np.float64]:
    """Return how far a pixel lies outside each box, along the longer of the two axes."""
    beside = np.maximum(boxes[:, 0] - x, x - boxes[:, 2] + 1)
    above = np.maximum(boxes[:, 1] - y, y - boxes[:, 3] + 1)
    return np.maximum(beside, above).astype(np.float64)


def _middle_away(boxes: Boxes, x: int, y: int) -> npt.NDArray[np.float64]:
    """Return how far a pixel lies from the middle of each box, from side to side."""
    return np.abs((boxes[:, 0] + boxes[:, 2]) / 2 - x)


def ink_png(attempt: Attempt) -> bytes:
    """Return the coverage of a line's ink in the pixels of its file, 255 = full, as a grey PNG."""
    rows, columns = attempt.shot.image.shape[:2]
    mask = attempt.drawn
    if mask.shape != (rows, columns):
        mask = cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".png", mask, [cv2.IMWRITE_PNG_COMPRESSION, 4])
    if not done:
        raise ValueError(f"a mask of {columns} x {rows} pixels cannot be encoded as PNG")
    return data.tobytes()
