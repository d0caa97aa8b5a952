"""The crops that a detector is trained on: a piece of a page at one of the sizes it is seen at.

A detector knows the sizes that it has seen: one that was trained on pages at 608 pixels alone finds
meters there (.996) and no longer at 960 (.778). So pages are shown at sizes around every limit that
they will be predicted with, and enlarged and reduced as prediction does it, without smoothing.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from textlines.pixels.arrays import Image
from textlines.regions.page_file import PageLabels
from train.page_tuning.shrunk_labels import (
    BorderTarget,
    PageTarget,
    border_of,
    moved,
    target_of,
)
from train.page_tuning.strange_views import LARGER, SMALLER, strange_view

MOST_ENLARGED = 1.25
"""Times its own size, at most: prediction enlarges no page."""

ON_A_LINE = 0.8
"""Of the crops of a page with text, that are laid around one of its lines."""

_TURN_DEG, _STRETCH, _LIGHT, _CONTRAST, _COLOUR = 4.0, 0.12, 0.14, 0.25, 0.06

_GREY = (124, 116, 104)
"""Blue, green, red of the mean that networks subtract: what lies beyond a page's edge."""


@dataclass(frozen=True, slots=True)
class PageCrop:
    """What a network is shown, and what it is to say.

    Attributes:
        image: side x side x 3 uint8, BGR.
        border: what its branch of thresholds is to say; None where the rule asks for none.
    """

    image: Image
    target: PageTarget
    border: BorderTarget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CropRule:
    """How crops are cut out of pages.

    Attributes:
        side: in pixels, a multiple of 32.
        low, high: between which the long side of the whole page lies, in pixels.
        ratio: by which lines are shrunk.
        varies: whether pages are turned, stretched and lit otherwise.
        strange: share of the crops that are made strange (`strange_views`): where the target is
            what the base finds, not what is labelled.
        has_border: whether thresholds are taught too.
    """

    side: int
    low: float
    high: float
    ratio: float
    varies: bool = True
    strange: float = 0.0
    has_border: bool = False


def page_crop(
    page: PageLabels, image: Image, rule: CropRule, random: np.random.Generator
) -> PageCrop:
    """Cut a crop out of a page.

    Args:
        image: H x W x 3 uint8, BGR, upright; left as it is.
        random: of this crop alone.
    """
    height, width = image.shape[:2]
    is_strange = bool(rule.strange) and random.random() < rule.strange
    long_side = _between(rule.low, rule.high, random)
    scale = min(long_side / max(height, width), MOST_ENLARGED)
    if is_strange:
        scale *= _between(SMALLER, LARGER, random)
    matrix = _placed(page, (height, width), rule, scale, random)
    side = (rule.side, rule.side)
    shown = cv2.warpAffine(image, matrix, side, flags=cv2.INTER_LINEAR, borderValue=_GREY)
    polygons = [moved(region.polygon, matrix) for region in page.regions]
    target = target_of(page.regions, polygons, side, rule.ratio)
    beyond = np.zeros(side, np.uint8)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    cv2.fillPoly(beyond, [np.rint(moved(frame, matrix)).astype(np.int32)], 1)
    counts = target.counts & beyond
    border = None
    if rule.has_border:
        border = border_of(page.regions, polygons, side, rule.ratio)
        border = BorderTarget(border.threshold, border.band * beyond)
    if is_strange:
        shown = strange_view(shown, random)
    elif rule.varies:
        shown = _relit(shown, random)
    return PageCrop(shown, PageTarget(target.core & beyond, counts), border)


def _between(low: float, high: float, random: np.random.Generator) -> float:
    """Draw a size, each octave as likely as any other."""
    return math.exp(random.uniform(math.log(low), math.log(high)))


def _placed(
    page: PageLabels,
    size: tuple[int, int],
    rule: CropRule,
    scale: float,
    random: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """Return the transform from the page to the crop."""
    height, width = size
    turn = math.radians(random.uniform(-_TURN_DEG, _TURN_DEG)) if rule.varies else 0.0
    stretch = math.exp(random.uniform(-_STRETCH, _STRETCH)) if rule.varies else 1.0
    across, down = scale * math.sqrt(stretch), scale / math.sqrt(stretch)
    linear = np.array(
        [
            [math.cos(turn) * across, -math.sin(turn) * down],
            [math.sin(turn) * across, math.cos(turn) * down],
        ]
    )
    lines = [region for region in page.regions if not region.is_ignored]
    if lines and random.random() < ON_A_LINE:
        line = lines[int(random.integers(len(lines)))]
        corners = line.polygon
        centre = corners.min(axis=0) + random.random(2) * np.ptp(corners, axis=0)
        at = rule.side * random.uniform(0.15, 0.85, 2)
    else:
        centre = random.random(2) * (width, height)
        at = np.full(2, rule.side / 2)
    shift = at - linear @ centre
    return np.column_stack([linear, _within(linear, shift, size, rule.side)])


def _within(
    linear: npt.NDArray[np.float64],
    shift: npt.NDArray[np.float64],
    size: tuple[int, int],
    side: int,
) -> npt.NDArray[np.float64]:
    """Move a crop so that it shows as much of the page as it can; a small page lies anywhere."""
    height, width = size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ linear.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    ends = np.stack([-low, side - high])
    return np.clip(shift, ends.min(axis=0), ends.max(axis=0))


def _relit(image: Image, random: np.random.Generator) -> Image:
    """Vary light, contrast and colour, by a table for each channel."""
    values = np.arange(256, dtype=np.float64)
    contrast = math.exp(random.uniform(-_CONTRAST, _CONTRAST))
    light = 255 * random.uniform(-_LIGHT, _LIGHT)
    gamma = math.exp(random.uniform(-_CONTRAST, _CONTRAST))
    tints = np.exp(random.uniform(-_COLOUR, _COLOUR, 3))
    curve = 255 * (values / 255) ** gamma
    tables = np.clip((curve - 128) * contrast + 128 + light, 0, 255)[:, None] * tints
    table = np.clip(np.rint(tables), 0, 255).astype(np.uint8)
    lit: Image = cv2.LUT(image, table[None])
    return lit
