"""One attempt at a line, with the record of how it was drawn."""

from dataclasses import dataclass
from typing import Any

from synth.engine.legibility import Boxes, Verdict
from synth.engine.looks import Params
from synth.faces.font_face import Face
from synth.ink.colour import luminance
from synth.ink.layout import Layout
from textlines.formats.faces import FaceOf
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.geometry import Matrix


@dataclass(frozen=True, slots=True)
class Drawn:
    """One attempt at a line: the image, and all that was drawn for it.

    Attributes:
        image: H x W x 3 BGR, before it is encoded.
        matrix: from the flat line to the image; None where it lies flat.
        surface, extras, effects: names with their drawn parameters.
        under, ink: mean colour of the surface under the text, and the ink's, BGR.
        asked: coverage of the ink as it should be (H x W), and the boxes of clusters and marks.
        shared: see `Inked`.
    """

    image: Image
    layout: Layout
    matrix: Matrix | None
    surface: tuple[str, Params]
    extras: list[tuple[str, Any]]
    effects: list[tuple[str, Params]]
    under: tuple[int, int, int]
    ink: tuple[int, int, int]
    verdict: Verdict
    quality: int
    asked: tuple[Grey, Boxes]
    shared: float

    @property
    def darker(self) -> bool:
        """Say whether the ink was laid darker than what it stands on."""
        return luminance(self.ink) < luminance(self.under)

    def record(self, face: Face) -> dict[str, Any]:
        """Give the part of the manifest row that says how it was drawn, ready for JSON."""
        height, width = self.image.shape[:2]
        layout = self.layout
        return {
            "face": FaceOf(
                face.family, face.sha256, face.index, face.licence, face.instance
            ).as_dict(),
            "size": [width, height],
            "line": {
                "size_px": layout.size_px,
                "baseline": layout.baseline,
                "pens": layout.pens,
                "whole": layout.whole,
                "stretch": round(layout.stretch, 6),
                "width": layout.width,
            },
            "matrix": None if self.matrix is None else self.matrix.ravel().tolist(),
            "surface": self.surface,
            "distractors": self.extras,
            "luminance": {
                "surface": luminance(self.under),
                "ink": luminance(self.ink),
                "contrast": round(self.verdict.contrast, 1),
            },
            "ink": self.ink,
            "effects": self.effects,
            "quality": self.quality,
        }
