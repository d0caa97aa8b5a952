"""Where the ink of a real line lies: several guesses of its pixels, and a reader who chooses."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from textlines.line_reader import LineReader
from textlines.pixels.arrays import Grey, Image

Mask = npt.NDArray[np.bool_]

WORKING_HEIGHT = 48
"""Pixels that a crop is brought to before its ink is looked for: that of the recognizer."""

_TOO_WIDE = 40.0
"""Widths of a crop in heights beyond which only its beginning is looked at."""

_LEAST_PIXELS = 12

_ON_RIM = 0.8
"""What a guess that covers the whole border of its crop must read better by, as agreement."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One way to tell ink from ground in a crop.

    Attributes:
        mask: of ink, H x W of the working crop.
        agreement: how much of the text is read off the mask alone, 0..1; 0 where none was asked.
    """

    mask: Mask
    agreement: float = 0.0


def working(image: Image) -> Image:
    """Bring a crop to `WORKING_HEIGHT`, its width in proportion."""
    height = image.shape[0]
    part = image[:, : max(4, int(height * _TOO_WIDE))]
    size = (max(4, round(part.shape[1] * WORKING_HEIGHT / height)), WORKING_HEIGHT)
    way = cv2.INTER_AREA if height > WORKING_HEIGHT else cv2.INTER_CUBIC
    return cv2.resize(part, size, interpolation=way)


def guesses(crop: Image) -> list[Mask]:
    """Guess the ink of a working crop: the likeliest first, none that is empty.

    Two classes of luminance over the whole crop (Otsu 1979), and against the light around each
    pixel (for a panel whose light falls off, or whose frame is the brightest thing), each with dark
    and with light ink. The side of which the border has less comes first.
    """
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    _, split = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    light: Mask = split.astype(bool)
    rim = np.concatenate((light[:2].ravel(), light[-2:].ravel(), light[:, 0], light[:, -1]))
    whole = [~light, light] if rim.mean() + light.mean() >= 1 else [light, ~light]
    around = cv2.GaussianBlur(grey, (0, 0), WORKING_HEIGHT / 3).astype(np.float32)
    step = grey.astype(np.float32) - around
    least = max(3.0, 0.6 * float(step.std()))
    local: list[Mask] = [step < -least, step > least]
    found = [_without_frames(mask) for mask in (*whole, *local)]
    return [mask for mask in found if mask.sum() >= _LEAST_PIXELS]


def _without_frames(ink: Mask) -> Mask:
    """Leave out specks, rules along a side and rims around the crop."""
    count, names, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    tall, wide = ink.shape
    keep = np.zeros(count, bool)
    for part in range(1, count):
        x, y, w, h, area = stats[part]
        touches = int(x == 0) + int(y == 0) + int(x + w == wide) + int(y + h == tall)
        is_rule = w > 0.8 * wide and wide > 1.5 * tall and h < 0.3 * tall
        is_post = touches and h > 0.9 * tall and w < 0.12 * tall
        is_rim = touches >= 2 and area < 0.5 * w * h and w * h > 0.5 * tall * wide
        keep[part] = area >= 4 and not (is_rule or is_post or is_rim)
    kept: Mask = keep[names]
    return kept


def _rim(mask: Mask) -> float:
    """Return the share of a mask's border that it covers."""
    sides = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    return float(np.concatenate(sides).mean())


def as_print(mask: Mask) -> Image:
    """Return a mask as black print on white, H x W x 3, soft at its edges."""
    page: Grey = np.where(mask, 20, 245).astype(np.uint8)
    page = cv2.copyMakeBorder(page, 3, 3, 6, 6, cv2.BORDER_CONSTANT, value=(245.0,))
    return cv2.merge([cv2.GaussianBlur(page, (3, 3), 0)] * 3)


def find_ink(
    crops: Sequence[Image], texts: Sequence[str], reader: LineReader
) -> list[Guess | None]:
    """Choose for each working crop the guess that reads most like its text.

    Args:
        texts: labels or readings; "" takes the likeliest guess unread.

    Returns:
        None where nothing stands out of the crop.
    """
    chosen: list[Guess | None] = []
    for crop, text in zip(crops, texts, strict=True):
        masks = guesses(crop)
        if not masks or not text:
            chosen.append(Guess(masks[0]) if masks else None)
            continue
        read = reader.see([as_print(mask) for mask in masks])
        agreed = [Levenshtein.normalized_similarity(text, line.text) for line in read]
        # The ground around letters reads as well as they do: ink is what the border has less of.
        worth = [like - _ON_RIM * _rim(mask) for like, mask in zip(agreed, masks, strict=True)]
        best = max(range(len(masks)), key=lambda at: worth[at])
        chosen.append(Guess(masks[best], agreed[best]))
    return chosen
