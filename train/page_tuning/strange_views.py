"""Pages made strange, on which a detector is to go on finding what it finds.

What a fine-tune leaves alone on receipts it may lose on street signs: kept pages hold one kind of
paper. Where a page teaches what the base itself finds, its labels do not bind, and it may look like
anything. So half of those pages are shown in other sizes and colours, inverted, uneven in light,
blurred, noisy, and with shapes and textures on them that are no text: the base says of each what it
is. This is distillation on images away from the training pages (Hinton et al. 2015, 1503.02531; of
images out of the domain: Beyer et al. 2022, 2106.05237).
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from textlines.pixels.arrays import Image

SHARE = 0.5
"""Of the crops that teach what the base finds."""

SMALLER, LARGER = 0.7, 4.0
"""Times the size that the page would be shown at."""

_MOST_SHAPES = 12

Floats = npt.NDArray[np.float32]


def strange_view(image: Image, random: np.random.Generator) -> Image:
    """Return a page that is hardly to be known again.

    Args:
        image: H x W x 3 uint8; left as it is.
        random: of this view alone.
    """
    view = image.astype(np.float32)
    if random.random() < 0.4:
        view = 255 - view
    view = _in_other_colours(view, random)
    if random.random() < 0.6:
        view = _textured(view, random)
    shown = np.clip(view, 0, 255).astype(np.uint8)
    if random.random() < 0.7:
        shown = _with_shapes(shown, random)
    if random.random() < 0.4:
        shown = cv2.GaussianBlur(shown, (0, 0), random.uniform(0.5, 2.0))
    if random.random() < 0.4:
        noise = random.normal(0, random.uniform(2, 14), shown.shape)
        shown = np.clip(shown + noise, 0, 255).astype(np.uint8)
    result: Image = shown
    return result


def _in_other_colours(view: Floats, random: np.random.Generator) -> Floats:
    """Mix the channels, and bring light and contrast to other values."""
    mixing = np.eye(3) * random.uniform(0.3, 1.0, 3) + random.uniform(-0.2, 0.35, (3, 3))
    contrast, light = random.uniform(0.25, 1.1), random.uniform(-70, 90)
    mixed = (view - 128) @ mixing.T.astype(np.float32)
    changed: Floats = (mixed * np.float32(contrast) + np.float32(128 + light)).astype(np.float32)
    return changed


def _textured(view: Floats, random: np.random.Generator) -> Floats:
    """Add fields of colour of several sizes, as cloth, leaves, or uneven light have them."""
    height, width = view.shape[:2]
    field = np.zeros_like(view)
    for _ in range(int(random.integers(1, 4))):
        cells = int(2 ** random.uniform(1, 7))
        coarse = random.normal(0, 1, (cells, max(1, round(cells * random.uniform(0.3, 3))), 3))
        if random.random() < 0.5:
            coarse[...] = coarse[..., :1]
        grown = cv2.resize(
            coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR
        )
        field += grown * np.float32(random.uniform(4, 35))
    return view + field


def _with_shapes(image: Image, random: np.random.Generator) -> Image:
    """Draw what is no text over a part of the page: bars, discs, lines, grids, stripes."""
    drawn = image.copy()
    height, width = drawn.shape[:2]
    for _ in range(int(random.integers(1, _MOST_SHAPES))):
        colour = tuple(map(int, random.integers(0, 256, 3)))
        x, y = int(random.integers(width)), int(random.integers(height))
        size = int(math.exp(random.uniform(math.log(6), math.log(max(8, height / 2)))))
        tall = max(2, round(size * math.exp(random.uniform(-1.5, 1.5))))
        thick = -1 if random.random() < 0.6 else int(random.integers(1, 6))
        kind = random.integers(5)
        if kind == 0:
            cv2.rectangle(drawn, (x, y), (x + size, y + tall), colour, thick)
        elif kind == 1:
            turn = float(random.uniform(0, 180))
            cv2.ellipse(drawn, (x, y), (size // 2 + 1, tall // 2 + 1), turn, 0, 360, colour, thick)
        elif kind == 2:
            angle = random.uniform(0, math.pi)
            end = (x + int(size * math.cos(angle)), y + int(size * math.sin(angle)))
            cv2.line(drawn, (x, y), end, colour, max(1, abs(thick)), cv2.LINE_AA)
        else:
            step = int(random.integers(3, 24))
            for at in range(0, size, step):
                # kind 3: stripes, as on grilles and radiators; 4: rows of dots, screws, bricks.
                if kind == 3:
                    corner = (x + at + max(1, step // 2), y + tall)
                    cv2.rectangle(drawn, (x + at, y), corner, colour, -1)
                else:
                    cv2.circle(drawn, (x + at, y), max(1, step // 3), colour, thick)
    return drawn
