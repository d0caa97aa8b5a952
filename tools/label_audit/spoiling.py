"""How `plant.py` spoils a sample: where ink lies, how to take it away, how to lay other ink down.

Pillow and numpy only, and nothing of the engine or of the audit: a mistake in either must not be
repeated here.
"""

import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SIGMAS = (0.0, 0.5, 0.8, 1.1, 1.5, 2.0, 2.6)


@lru_cache(maxsize=512)
def font_of(
    path: Path, index: int, axes: tuple[float, ...], size_px: int
) -> ImageFont.FreeTypeFont:
    """Open a face at a size; `axes`: where it stands in a variable font."""
    font = ImageFont.truetype(str(path), size_px, index, layout_engine=ImageFont.Layout.BASIC)
    if axes:
        font.set_variation_by_axes(list(axes))
    return font


def _opened(
    face: Mapping[str, Any], files: Mapping[str, Path], size_px: int
) -> ImageFont.FreeTypeFont:
    axes = tuple(value for _, value in face.get("instance", ()))
    return font_of(files[face["sha256"]], face["index"], axes, size_px)


class Line:
    """One line as the manifest says that it lies, with its faces at hand."""

    def __init__(self, row: Mapping[str, Any], files: Mapping[str, Path]) -> None:
        self.row, self.text = row, row["text"]
        self.size = (row["size"][0], row["size"][1])
        # The image may have been brought down; the flat line holds its ink in any case.
        high = max(self.size[1], row["line"]["baseline"] + row["line"]["size_px"])
        self.flat_size = (row["line"]["width"], high)
        size = row["line"]["size_px"]
        self.fonts = [_opened(row["face"], files, size)] * len(self.text)
        for start, end, face in row.get("parts", ()):
            self.fonts[start:end] = [_opened(face, files, size)] * (end - start)
        self.pens: list[int] = row["line"]["pens"]
        given = row["matrix"]
        self.matrix = np.eye(3) if given is None else np.array(given).reshape(3, 3)

    def coverage(self, at: int, char: str | None = None) -> Floats:
        """Draw one cluster (or another character in its place): image-sized, 0..1."""
        flat = Image.new("L", self.flat_size)
        place = (self.pens[at], self.row["line"]["baseline"])
        ImageDraw.Draw(flat).text(place, char or self.text[at], 255, self.fonts[at], "ls")
        return self.laid(flat)

    def tofu(self, at: int, crossed: bool) -> Floats:
        """Draw a box in a cluster's place, as fonts show what they lack."""
        size = self.row["line"]["size_px"]
        wall, foot = max(1, round(size / 14)), self.row["line"]["baseline"]
        left = self.pens[at] + round(size * 0.05)
        right = self.pens[at] + max(
            round(self.fonts[at].getlength(self.text[at]) * 0.92), size // 4
        )
        flat = Image.new("L", self.flat_size)
        pen = ImageDraw.Draw(flat)
        box = (left, foot - round(size * 0.7), right, foot)
        pen.rectangle(box, outline=255, width=wall)
        if crossed:
            pen.line(box, 255, wall)
            pen.line((box[0], box[3], box[2], box[1]), 255, wall)
        return self.laid(flat)

    def laid(self, flat: Image.Image) -> Floats:
        """Bring a flat picture into the image."""
        # Pillow counts corners, the manifest counts the middles of pixels.
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        back = half @ np.linalg.inv(self.matrix) @ np.linalg.inv(half)
        back /= back[2, 2]
        moved = flat.transform(
            self.size,
            Image.Transform.PERSPECTIVE,
            tuple(back.ravel()[:8]),
            Image.Resampling.BILINEAR,
        )
        return np.asarray(moved, np.float64) / 255

    def covers(self, char: str, at: int) -> bool:
        """Return whether the face in a place has a glyph for a character, not one for any."""
        mine, absent = (self.fonts[at].getmask(c) for c in (char, "\U0010fffd"))
        return mine.getbbox() is not None and bytes(mine) != bytes(absent)


def difference(one: Floats, other: Floats) -> float:
    """Return how far two pieces of ink differ: 0 the same, 1 or more nothing in common."""
    most = max(float(one.sum()), float(other.sum()))
    return float(np.abs(one - other).sum()) / most if most else 0.0


def spread(flags: Flags, reach: int) -> Flags:
    """Widen by a square of `reach` pixels on each side."""
    if reach == 0:
        return flags
    wide = Image.fromarray(flags.astype(np.uint8) * 255).filter(
        ImageFilter.MaxFilter(2 * reach + 1)
    )
    return np.asarray(wide) > 0


def softened(ink: Floats, sigma: float) -> Floats:
    """Blur coverage by a Gaussian."""
    if sigma == 0:
        return ink
    picture = Image.fromarray((ink * 255).round().astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(sigma)), np.float64) / 255


def sharpness(pixels: Floats, ink: Floats) -> float:
    """Find the blur (sigma in pixels) by which ink looks most like the image around it."""
    near = spread(ink > 0.1, 4)
    grey = pixels.mean(2)[near]
    fits = []
    for sigma in SIGMAS:
        soft = softened(ink, sigma)[near]
        apart = soft.std() * grey.std()
        fits.append(abs(float(((soft - soft.mean()) * (grey - grey.mean())).mean())) / (apart or 1))
    return SIGMAS[int(np.argmax(fits))]


def ground_under(pixels: Floats, ink: Floats, noise: np.random.Generator) -> Floats:
    """Guess the whole image without its ink: neighbours of no ink, blurred wider and wider.

    Args:
        pixels: H x W x 3. ink: coverage of all that is written.
        noise: gives the grain that the image has where there is no ink.
    """
    known = ~spread(ink > 0.04, 3)
    if not known.any():
        known = ~(ink > 0.04)
    if not known.any():
        known = ink <= ink.min()
    filled = np.zeros_like(pixels)
    filled[:] = np.median(pixels[known], 0)
    for sigma in (24.0, 8.0, 3.0):
        weight = _blurred(known.astype(np.float64), sigma)
        for channel in range(3):
            sums = _blurred(np.where(known, pixels[:, :, channel], 0.0), sigma)
            there = weight > 0.02
            filled[:, :, channel][there] = sums[there] / weight[there]
    grain = float(np.median(np.abs(pixels - filled)[known])) * 1.4826
    filled += noise.normal(0, min(grain, 12.0), (*known.shape, 1))
    return np.where(known[:, :, None], pixels, filled)


def _blurred(plane: Floats, sigma: float) -> Floats:
    reach = int(3 * sigma) + 1
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    taps /= taps.sum()
    padded = np.pad(plane, ((reach, reach), (0, 0)))
    rows = sum(t * padded[i : i + plane.shape[0]] for i, t in enumerate(taps))
    padded = np.pad(np.asarray(rows), ((0, 0), (reach, reach)))
    return np.asarray(sum(t * padded[:, i : i + plane.shape[1]] for i, t in enumerate(taps)))


def ink_colour(pixels: Floats, ink: Floats) -> Floats:
    """Return the mean colour where coverage is fullest."""
    core = ink >= 0.9 * ink.max()
    return np.asarray(pixels[core].mean(0), np.float64)


def parts(ink: Floats) -> list[Flags]:
    """Split ink into connected parts (8 neighbours), the largest first."""
    # Faint ink joins them still: a hairline that breaks where it is thin is no mark.
    solid = ink > 0.15
    found: list[Flags] = []
    left = solid.copy()
    while left.any():
        y, x = np.argwhere(left)[0]
        part = np.zeros_like(solid)
        part[y, x] = True
        while True:
            wider = spread(part, 1) & solid
            if (wider == part).all():
                break
            part = wider
        found.append(part)
        left &= ~part
    return sorted(found, key=lambda part: -int(part.sum()))


SEEN = 0.12
"""A swapped character differs by at least this share of its ink: l and I of a sans-serif face,
swapped, are no fault that anybody could see."""

DOTS = set(".,:;'\"·-~!?%")
SMALL = 0.3
LEAST_INK = 4

JAMO = {0: 588, 1: 28, 2: 1}
"""How far apart syllables are that differ in the first, second, last letter."""


class Cannot(Exception):
    """This fault does not fit this row; no error: the next row is tried."""


class Bench:
    """One row with its image, ready to be spoilt.

    Args:
        fonts: files by their sha256. alike: characters that may be swapped, by `kind_of`.
    """

    def __init__(
        self, folder: Path, row: dict[str, Any], fonts: Mapping[str, Path],
        alike: dict[str, list[str]], draw: np.random.Generator,
    ) -> None:  # fmt: skip
        self.row, self.draw, self.alike = row, draw, alike
        self.path = folder / row["image"]
        with Image.open(self.path) as image:
            self.mode = image.mode
            self.pixels: Floats = np.asarray(image.convert("RGB"), np.float64)
        self.line = Line(row, fonts)
        self.at = -1
        self.detail = ""
        bent = any(name in ("arc", "elastic") for name, _ in row["effects"])
        if bent or row["line"]["whole"] or row["line"].keys() & {"widths", "sizes"}:
            raise Cannot
        self.inks = {
            at: self.line.coverage(at) for at, char in enumerate(row["text"]) if char.strip()
        }
        self.inks = {at: ink for at, ink in self.inks.items() if (ink > 0.5).sum() >= LEAST_INK}
        if not self.inks:
            raise Cannot

    def pick(self, fits: Callable[[int], bool] = lambda _: True) -> Floats:
        """Choose a cluster; gives its ink."""
        places = [at for at in self.inks if fits(at)]
        if not places:
            raise Cannot
        self.at = int(self.draw.choice(places))
        return self.inks[self.at]

    def other(self) -> str:
        """Choose a character of the same kind that looks different, for the chosen place."""
        mine = self.row["text"][self.at]
        pool = [char for char in self.alike[kind_of(mine)] if char != mine]
        if "가" <= mine <= "힣" and self.draw.random() < 0.6:
            pool = [char for char in neighbours(mine) if char != mine]
        soft = softened(self.inks[self.at], 0.7)
        for char in self.draw.permutation(np.array(pool, object))[:40] if pool else ():
            if self.line.covers(char, self.at):
                ink = self.line.coverage(self.at, char)
                if difference(soft, softened(ink, 0.7)) >= SEEN:
                    return str(char)
        raise Cannot

    def erase(self, where: Flags, reach: int = 4) -> None:
        """Put the ground where some ink was, and where that ink spread to."""
        all_ink = np.max(list(self.inks.values()), 0)
        rest = np.where(where, 0.0, all_ink)
        gone = spread(where, reach) & (~spread(rest > 0.3, 1) | where)
        clear = ground_under(self.pixels, all_ink, self.draw)
        self.pixels = np.where(gone[:, :, None], clear, self.pixels)

    def lay(self, ink: Floats) -> None:
        """Draw other ink in the chosen place, in the colour and as soft as the old one."""
        old = self.inks[self.at]
        colour, sigma = ink_colour(self.pixels, old), sharpness(self.pixels, old)
        self.erase(old > 0.05)
        share = softened(ink, sigma)[:, :, None]
        self.pixels = self.pixels * (1 - share) + colour * share

    def save(self) -> None:
        """Write the image again; not of a column, whose ink is not where a line's would be."""
        if self.row.get("vertical") in ("upright", "mixed"):
            raise Cannot
        image = Image.fromarray(np.clip(self.pixels.round(), 0, 255).astype(np.uint8))
        kind = {"quality": self.row["quality"]} if self.path.suffix == ".jpg" else {}
        image.convert(self.mode).save(self.path, **kind)


def kind_of(char: str) -> str:
    """Sort a character among those it may be swapped with."""
    category = unicodedata.category(char)
    script = unicodedata.name(char, "?").split()[0].split("-")[0]
    return category + script if category[0] == "L" else category


def neighbours(char: str) -> list[str]:
    """Return the syllables that differ from one in a single letter."""
    code = ord(char) - 0xAC00
    lead, vowel, last = code // 588, code % 588 // 28, code % 28
    found = [chr(0xAC00 + n * 588 + vowel * 28 + last) for n in range(19)]
    found += [chr(0xAC00 + lead * 588 + n * 28 + last) for n in range(21)]
    return found + [chr(0xAC00 + lead * 588 + vowel * 28 + n) for n in range(28)]
