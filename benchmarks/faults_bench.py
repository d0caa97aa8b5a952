"""One sample on the bench: its image, its ink, and the two ways of spoiling it."""

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from faults_ink import (
    Flags,
    Floats,
    Line,
    difference,
    ground_under,
    ink_colour,
    sharpness,
    softened,
    spread,
)
from PIL import Image

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
    """One row with its image, ready to be spoilt."""

    def __init__(
        self, folder: Path, row: dict[str, Any], font: Path, alike: dict[str, list[str]],
        draw: np.random.Generator,
    ) -> None:  # fmt: skip
        self.row, self.draw, self.alike = row, draw, alike
        self.path = folder / row["image"]
        with Image.open(self.path) as image:
            self.mode = image.mode
            self.pixels: Floats = np.asarray(image.convert("RGB"), np.float64)
        self.line = Line(row, font)
        self.at = -1
        self.detail = ""
        if row["line"]["whole"]:
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
            if self.line.covers(char):
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
        """Write the image again."""
        image = Image.fromarray(np.clip(self.pixels.round(), 0, 255).astype(np.uint8))
        kind = {"quality": self.row["quality"]} if self.path.suffix == ".jpg" else {}
        image.convert(self.mode).save(self.path, **kind)  # type: ignore[arg-type]


def kind_of(char: str) -> str:
    """Sort a character among those it may be swapped with."""
    category = unicodedata.category(char)
    script = unicodedata.name(char, "?").split()[0].split("-")[0]
    return category + script if category[0] == "L" else category


def neighbours(char: str) -> list[str]:
    """Give the syllables that differ from one in a single letter."""
    code = ord(char) - 0xAC00
    lead, vowel, last = code // 588, code % 588 // 28, code % 28
    found = [chr(0xAC00 + n * 588 + vowel * 28 + last) for n in range(19)]
    found += [chr(0xAC00 + lead * 588 + n * 28 + last) for n in range(21)]
    return found + [chr(0xAC00 + lead * 588 + vowel * 28 + n) for n in range(28)]
