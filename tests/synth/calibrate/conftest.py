"""Lines to calibrate on, drawn here, and a recognizer that needs no model."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from synth.api import Renderer
from synth.calibrate.drawing import Drawn, Easel, Scene
from textlines.line_reader import Features, SeenLine
from textlines.pixels.arrays import Image

TEXTS = tuple(
    f"{letter}{number}-{number % 7}" for number, letter in enumerate("ABCDEFGHKL" * 4, 10)
)


class Looker:
    """Sees the light of a line, and "reads" what it is told that dark print on white says."""

    name = "looker"
    characters: frozenset[str] | None = None

    def __init__(self, text: str = "") -> None:
        self.text = text

    def see(self, images: Sequence[Image]) -> list[SeenLine]:
        """Read the text where most of an image is light."""
        rows = self.features(images)
        return [
            SeenLine(self.text if row[0] > 128 else "", 0.9 if row[0] > 128 else 0.0, row)
            for row in rows
        ]

    def features(self, images: Sequence[Image]) -> Features:
        """Return the mean and the spread of four upright bands."""
        rows = []
        for image in images:
            grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
            bands = np.array_split(grey, 4, axis=1)
            rows.append([grey.mean(), grey.std(), *(band.mean() for band in bands)])
        return np.array(rows, np.float32).reshape(len(rows), 6)


class Here:
    """A studio in this process."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self._easel, self.seen = scene, Easel(scene), 0
        self._easel._reader = Looker()

    def see(self, styles: list[Any], numbers: range) -> list[Drawn]:
        self.seen += len(styles)
        return [self._easel.see(style, numbers) for style in styles]

    def draw(self, style: Any, numbers: range) -> list[Image | None]:
        return self._easel.draw(style, numbers)


@pytest.fixture(scope="session")
def yellow_style() -> dict[str, object]:
    """A style whose lines are dark red on yellow."""
    return {
        "name": "yellow",
        "surfaces": {"plain": {"p": 1, "level": 220}},
        "palette": [{"ground": "#e8d040", "ink": "#601010", "spread": 3}],
        "output": {"native": [24, 40]},
        "text": {"fill": [0.6, 0.8]},
    }


@pytest.fixture(scope="session")
def yellow_lines(yellow_style: dict[str, object]) -> list[Image]:
    """Lines in that style, one for each of `TEXTS`."""
    renderer = Renderer(yellow_style, alphabet=sorted(set("".join(TEXTS))), seed=5)
    return [renderer.render(text, number).image for number, text in enumerate(TEXTS)]
