"""What pixels say of one text line, labels or not: colours, sizes, edges, light, noise.

Real and drawn lines are measured by the same functions, so that an error of a measure is the same
on both sides. All lengths are shares of the crop's height unless pixels are named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
import numpy.typing as npt

from synth.calibrate.ink import WORKING_HEIGHT, find_ink, working
from synth.rendering.colour import Colour, luminance
from textlines.line_reader import LineReader
from textlines.pixels.arrays import Grey, Image

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_SLANTS = np.linspace(-30.0, 30.0, 25)

_AGREED = 0.5
"""Of its text that must be read off the mask of a line's ink for it to be measured."""


@dataclass(frozen=True, slots=True)
class LineLook:
    """One line, measured.

    Attributes:
        height: of the file, in pixels. width: of the file, in heights.
        ground, ink: colours, BGR: medians of the ground, and of the third of the ink that stands
            out most.
        level: luminance of the ground, 0..255. contrast: that of ground less that of ink, in
            levels: below 0 for light ink.
        ground_colour, ink_colour: chroma of each (greatest channel less the least), in levels.
        stroke: width of strokes. fill: height of the ink. left, right, above, below: margins.
        density: share of the ink's box that is ink.
        slant: lean of uprights to the right, degrees. slope: climb of the line, degrees.
        sharpness: steepest steps between neighbours as a share of the contrast, at the file's size.
        fine: share of the luminance's variance in the finest quarter of the spectrum.
        noise: spread of the ground's grain in levels, at the file's size.
        blocks: how much steeper JPEG's borders of 8 pixels are than other columns and rows, 0 none.
        light_across, light_down: change of the ground's light from side to side and from top to
            bottom as a share of its level, with sign. uneven: spread of the ground's light about
            its own plane, as a share of the level.
        edges: how many of the four sides have a long straight edge beside them, 0..4.
        edge_light: of those edges, mean of the step outwards in levels (lighter outside is > 0).
    """

    height: float
    width: float
    ground: Colour
    ink: Colour
    level: float
    contrast: float
    ground_colour: float
    ink_colour: float
    stroke: float
    fill: float
    left: float
    right: float
    above: float
    below: float
    density: float
    slant: float
    slope: float
    sharpness: float
    fine: float
    noise: float
    blocks: float
    light_across: float
    light_down: float
    uneven: float
    edges: float
    edge_light: float

    @staticmethod
    def numbers() -> tuple[str, ...]:
        """Name the measures that are one number, in their order."""
        return tuple(
            field.name for field in fields(LineLook) if field.name not in ("ground", "ink")
        )


@dataclass(frozen=True, slots=True)
class Inked:
    """A line whose ink was told from its ground.

    Attributes:
        text: its label, or what was read.
        mask: of its ink, H x W of the working crop. agreement: of the text, 0..1, that was read
            off the mask alone.
    """

    text: str
    mask: Mask
    agreement: float
    look: LineLook


def inked_lines(
    images: Sequence[Image], texts: Sequence[str], reader: LineReader
) -> list[Inked | None]:
    """Find the ink of lines and measure them; None where it could not be told from its ground."""
    crops = [working(image) for image in images]
    found: list[Inked | None] = []
    guesses = find_ink(crops, texts, reader)
    for image, crop, text, guess in zip(images, crops, texts, guesses, strict=True):
        if guess is None or guess.agreement < _AGREED:
            found.append(None)
        else:
            look = look_at(image, crop, guess.mask)
            found.append(Inked(text, guess.mask, guess.agreement, look))
    return found


def numbers_of(looks: Sequence[LineLook]) -> Floats:
    """Return lines x len(LineLook.numbers())."""
    names = LineLook.numbers()
    return np.array([[getattr(look, name) for name in names] for look in looks], np.float64)


def look_at(image: Image, crop: Image, ink_mask: Mask) -> LineLook:
    """Measure a line.

    Args:
        image: as in its file, H x W x 3 BGR uint8.
        crop: the same, `working`. ink_mask: of that one, not empty.
    """
    height = image.shape[0]
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    ground_mask = ~cv2.dilate(ink_mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    if ground_mask.sum() < 16:
        ground_mask = ~ink_mask
    ground = _median(crop, ground_mask)
    ink = _median(crop, _fullest(grey, ink_mask, luminance(ground)))
    level, contrast = luminance(ground), luminance(ground) - luminance(ink)
    rows, columns = np.flatnonzero(ink_mask.any(1)), np.flatnonzero(ink_mask.any(0))
    tall, wide = WORKING_HEIGHT, crop.shape[1]
    box = ink_mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    across, down, uneven = _light(grey, ground_mask, level)
    edges, edge_light = _edges(grey, ink_mask)
    native = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return LineLook(
        height=float(height),
        width=image.shape[1] / height,
        ground=ground,
        ink=ink,
        level=float(level),
        contrast=float(contrast),
        ground_colour=float(max(ground) - min(ground)),
        ink_colour=float(max(ink) - min(ink)),
        stroke=_stroke(ink_mask) / tall,
        fill=(rows[-1] - rows[0] + 1) / tall,
        left=columns[0] / tall,
        right=(wide - 1 - columns[-1]) / tall,
        above=rows[0] / tall,
        below=(tall - 1 - rows[-1]) / tall,
        density=float(box.mean()),
        slant=slant_of(box),
        slope=_slope(ink_mask),
        sharpness=_sharpness(native, abs(contrast)),
        fine=_fine(native),
        noise=_noise(native, ground_mask),
        blocks=_blocks(native),
        light_across=across,
        light_down=down,
        uneven=uneven,
        edges=edges,
        edge_light=edge_light,
    )


def _fullest(grey: Grey, ink: Mask, level: int) -> Mask:
    """Return the third of the ink that is furthest from the ground: strokes fade at their edges."""
    apart = np.abs(grey.astype(np.int16) - level)
    fullest: Mask = ink & (apart >= np.quantile(apart[ink], 2 / 3))
    return fullest


def _median(crop: Image, mask: Mask) -> Colour:
    b, g, r = (int(value) for value in np.median(crop[mask], axis=0))
    return b, g, r


def _stroke(ink: Mask) -> float:
    """Return twice the mean distance of the ridge of the ink from its edge, in pixels."""
    far = cv2.distanceTransform(np.pad(ink.astype(np.uint8), 1), cv2.DIST_L2, 5)
    ridge = (far > 0) & (far >= cv2.dilate(far, np.ones((3, 3), np.uint8)) - 1e-4)
    return 2 * float(far[ridge].mean()) if ridge.any() else 0.0


def slant_of(box: Mask) -> float:
    """Return the shear, in degrees, under which the columns of the ink differ most."""
    tall, wide = box.shape
    if tall < 6 or wide < 3:
        return 0.0
    y, x = np.nonzero(box)
    best, found = -1.0, 0.0
    for deg in _SLANTS:
        moved = np.round(x + (y - tall / 2) * np.tan(np.radians(deg))).astype(np.int64)
        columns = np.bincount(moved - moved.min())
        score = float((columns.astype(np.float64) ** 2).sum())
        if score > best * 1.0005:
            best, found = score, float(deg)
    return found


def _slope(ink: Mask) -> float:
    """Return the climb of the line through the lower ends of its columns, in degrees."""
    columns = np.flatnonzero(ink.any(0))
    if columns.size < 8:
        return 0.0
    middle = (ink * np.arange(ink.shape[0])[:, None]).sum(0)[columns] / ink.sum(0)[columns]
    weights = ink.sum(0)[columns].astype(np.float64)
    x = columns - np.average(columns, weights=weights)
    spread = float((weights * x * x).sum())
    climb = float((weights * x * (middle - np.average(middle, weights=weights))).sum())
    return float(-np.degrees(np.arctan2(climb, spread)))


def _sharpness(grey: Grey, contrast: float) -> float:
    steps = np.abs(np.diff(grey.astype(np.int16), axis=1))
    return float(np.percentile(steps, 97)) / max(contrast, 1.0) if steps.size else 0.0


def _fine(grey: Grey) -> float:
    """Return the share of the variance in frequencies beyond three quarters of the highest."""
    part = grey[:, : 4 * grey.shape[0]].astype(np.float64)
    part = part - part.mean()
    power = np.abs(np.fft.rfft(part * np.hanning(part.shape[1])[None, :], axis=1)) ** 2
    power = power.sum(0)
    at = max(1, power.size * 3 // 4)
    return float(power[at:].sum() / max(power[1:].sum(), 1e-9))


def _noise(grey: Grey, ground: Mask) -> float:
    """Return the spread of the grain (Immerkær 1996), as the median over the ground's pixels."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    grain = np.abs(cv2.filter2D(grey.astype(np.float32), -1, kernel)) / 6
    size = (grey.shape[1], grey.shape[0])
    here = cv2.resize(ground.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)
    values = grain[here] if here.sum() >= 16 else grain.ravel()
    return float(np.median(values)) * 1.4826


def _blocks(grey: Grey) -> float:
    """Compare steps at every eighth column and row with the rest, where they differ most."""
    found = 0.0
    for axis in (0, 1):
        steps = np.abs(np.diff(grey.astype(np.int16), axis=axis)).mean(axis=1 - axis)
        if steps.size < 24:
            continue
        means = np.array([steps[offset::8].mean() for offset in range(8)])
        rest = float(np.median(means))
        found = max(found, (float(means.max()) - rest) / (rest + 1.0))
    return found


def _light(grey: Grey, ground: Mask, level: float) -> tuple[float, float, float]:
    """Fit a plane to the ground's luminance; return its two slopes and what it leaves."""
    y, x = np.nonzero(ground)
    if y.size < 32:
        return 0.0, 0.0, 0.0
    if y.size > 2000:
        step = y.size // 1000
        y, x = y[::step], x[::step]
    u, v = x / grey.shape[1] - 0.5, y / grey.shape[0] - 0.5
    table = np.stack([np.ones_like(u), u, v], axis=1)
    values = cv2.GaussianBlur(grey, (0, 0), 2.0)[y, x].astype(np.float64)
    plane, *_ = np.linalg.lstsq(table, values, rcond=None)
    left = values - table @ plane
    whole = max(level, 16.0)
    return float(plane[1]) / whole, float(plane[2]) / whole, float(left.std()) / whole


def _edges(grey: Grey, ink: Mask) -> tuple[float, float]:
    """Look for long straight steps beside the four sides, outside of the ink."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    smooth = cv2.GaussianBlur(grey, (3, 3), 0).astype(np.int16)
    steps = []
    for side, room in (
        (smooth[::-1], grey.shape[0] - 1 - rows[-1]),
        (smooth, rows[0]),
        (smooth.T, columns[0]),
        (smooth.T[::-1], grey.shape[1] - 1 - columns[-1]),
    ):
        near = side[: max(3, min(int(room) + 3, WORKING_HEIGHT))]
        outwards = near[:-2] - near[2:]
        common = np.median(outwards, axis=1)
        steep = int(np.abs(common).argmax())
        if abs(common[steep]) >= 12:
            steps.append(float(common[steep]))
    return float(len(steps)), float(np.mean(steps)) if steps else 0.0
