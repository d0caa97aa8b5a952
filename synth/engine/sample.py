"""One sample: a plan row to an image that is proven legible, with the record of how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import cv2
import numpy as np

from synth.draws import Draws
from synth.engine.drawn import Drawn
from synth.engine.encoding import DrawingError, encode, image_path
from synth.engine.legibility import judge
from synth.engine.looks import BoundPart, Looks, Params
from synth.engine.plane import drawn_matrix, lay_down
from synth.engine.refusals import refusal
from synth.engine.scene import dress
from synth.faces.breaking import breaks
from synth.faces.face import Face
from synth.faces.metrics import FaceMetrics, GrowthError, metrics_of
from synth.faces.shared_ink import MOST_SHARED
from synth.ink.colour import apart, blend, ink_for, luminance
from synth.ink.glyphs import GlyphCache
from synth.ink.layout import lay_out
from synth.ink.masks import draw_mask
from synth.surfaces import PhotoBank
from synth.surfaces.scene import mean_colour
from textlines.formats.manifest import Refusal
from textlines.formats.plan_rows import PlanRow
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.geometry import warp

TRIES = ((0, 1.0, True), (0, 1.9, True), (0, 1.9, False), (1, 1.9, False))
"""What each attempt does: the stream it draws from, the boost of the ink's contrast, and
whether all effects are used. The same look with stronger ink comes first, then without the
effects that harm, then another look; after these the line is drawn plain."""

BEYOND_INK = frozenset[Refusal]({"counter", "overlap"})
"""What stronger ink does not mend: that attempt is passed over."""

PLAIN_SPREADS = (0.0, 0.04, 0.1, 0.2)
"""Ems that the letters of a line that is drawn plain are set further apart: the first that keeps
their ink apart."""

PLAIN_DISTANCES = (80, 120, 160, 200, 255)
"""Levels between ground and ink of a line that is drawn plain: the first that is legible."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One finished sample.

    Attributes:
        data: the encoded file. image: H x W x 3 BGR as it was encoded.
        record: its row of the manifest, ready for JSON.
    """

    data: bytes
    image: Image
    record: dict[str, Any]


class Engine:
    """What one process needs to draw samples: a style, faces, photos and caches.

    Args:
        plan: sha256 of the plan. It enters the stream of every look: two plans of one seed would
            else have the same surfaces, light and camera line by line.
    """

    def __init__(
        self,
        looks: Looks,
        faces: Mapping[str, Face],
        photos: PhotoBank | None,
        seed: int,
        plan: str = "",
    ) -> None:
        # One thread a process (workers would fight), and no IPP: its results change by CPU.
        cv2.setNumThreads(1)
        cv2.ipp.setUseIPP(False)
        self.looks, self.faces, self.photos, self.seed = looks, faces, photos, seed
        self._of_plan = f" {plan}" if plan else ""
        self.glyphs = GlyphCache()

    def sample(self, row: PlanRow) -> Sample:
        """Draw a row of the plan: a function of the plan, the row, the configuration and the seed.

        Raises:
            DrawingError: the face is not at hand, or leaves no ink.
            BreaksError: the face breaks. A plan holds no such row (see `synth.ink.proof`): the
                file has changed since, or another library draws.
        """
        face = self.faces.get(row.face)
        if face is None:
            raise DrawingError(
                f"plan row {row.index}",
                f"no face {row.face} is at hand",
                "Give the same --fonts as when the plan was made.",
            )
        try:
            return self._sample(row, face)
        except GrowthError as error:
            raise breaks(face, row.text, str(error)) from None

    def _sample(self, row: PlanRow, face: Face) -> Sample:
        metrics = metrics_of(face)
        refused: list[Refusal] = []
        for stream, boost, full in TRIES:
            if boost > 1 and full and refused[-1] in BEYOND_INK:
                continue
            draws = Draws(self.seed, row.index, stream, "look" + self._of_plan)
            drawn = self._draw(row.text, face, metrics, draws, boost, full)
            why = refusal(drawn, self.looks.style.legible)
            if why is None:
                return self._finish(row, face, drawn, refused, fallback=False)
            refused.append(why)
        for spread in PLAIN_SPREADS:
            draws = Draws(self.seed, row.index, 0, "plain" + self._of_plan)
            plain = self._plain(row.text, face, metrics, draws, spread)
            if plain.shared <= MOST_SHARED:
                break
        return self._finish(row, face, plain, refused, fallback=True)

    def _draw(
        self,
        text: str,
        face: Face,
        metrics: FaceMetrics,
        draws: Draws,
        boost: float,
        full: bool,
    ) -> Drawn:
        looks = self.looks
        style = looks.style
        layout = lay_out(text, metrics, style.text, style.output, draws)
        mask, boxes, shared = draw_mask(layout, face, self.glyphs)
        if len(boxes) == 0:
            raise DrawingError(f"text {text!r}", f"leaves no ink in {face.family}")
        effects: list[tuple[str, Params]] = []
        clean = mask
        mask = _apply(looks.stroke, mask, draws, effects, full)
        worn = mask is not clean
        matrix, turned = drawn_matrix(
            looks.geometry, mask.shape, layout.stretch, style.text.rise, draws
        )
        effects += turned
        flat = boxes
        if matrix is not None:
            mask, boxes, matrix = lay_down(mask, boxes, matrix, layout.stretch)
            if worn:
                clean = warp(clean, matrix, (mask.shape[1], mask.shape[0]))
        height, width = mask.shape
        surface = draws.weighted(looks.surfaces, looks.surface_weights)
        surface_params = surface.params(draws)
        ground = surface.apply(height, width, draws, self.photos, **surface_params)
        ground, extras = dress(
            ground, looks, layout, face, self.glyphs, boxes, (flat, matrix), draws
        )
        box = (
            max(0, int(boxes[:, 0].min())),
            max(0, int(boxes[:, 1].min())),
            int(boxes[:, 2].max()),
            int(boxes[:, 3].max()),
        )
        under = mean_colour(ground[box[1] : box[3], box[0] : box[2]])
        ink = ink_for(under, style.ink, draws, boost)
        image = blend(ground, mask, ink)
        image = _apply(looks.light, image, draws, effects, full)
        image = _apply(looks.camera, image, draws, effects, full)
        if not style.output.colour:
            image = cv2.merge([cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)] * 3)
        darker = luminance(ink) < luminance(under)  # as Drawn.darker
        reference, drawn = (clean, mask) if worn else (mask, None)
        verdict = judge(image, reference, boxes, drawn=drawn, darker=darker)
        quality = int(style.output.quality.draw(draws))
        return Drawn(
            image,
            layout,
            matrix,
            (surface.name, surface_params),
            extras,
            effects,
            under,
            ink,
            verdict,
            quality,
            (reference, boxes),
            shared,
        )

    def _plain(
        self, text: str, face: Face, metrics: FaceMetrics, draws: Draws, spread: float
    ) -> Drawn:
        """Draw the style's ink on a flat ground of its own without any effect.

        Legible by construction: the two are moved apart until the line is legible, to black on
        white at last (white on black, where the style's ink is never darker).
        """
        style = self.looks.style
        layout = lay_out(text, metrics, style.text, style.output, draws, spread)
        mask, boxes, shared = draw_mask(layout, face, self.glyphs)
        matrix = None
        if layout.stretch != 1.0:
            mask, boxes, matrix = lay_down(
                mask, boxes, np.diag([layout.stretch, 1.0, 1.0]), layout.stretch
            )
        quality = max(90, int(style.output.quality.draw(draws)))
        surface = draws.weighted(self.looks.surfaces, self.looks.surface_weights)
        params = surface.params(draws)
        height, width = mask.shape
        ground = surface.apply(height, width, draws, self.photos, **params)
        own = mean_colour(ground)
        drawn_ink = ink_for(own, style.ink, draws)
        darker = luminance(drawn_ink) < luminance(own)
        if luminance(drawn_ink) == luminance(own):  # no room: the side that the style asks for
            darker = style.ink.dark >= 0.5
        for least in PLAIN_DISTANCES:
            under, ink = apart(own, drawn_ink, darker=darker, least=least)
            image = blend(np.full((*mask.shape, 3), under, np.uint8), mask, ink)
            if not style.output.colour:
                image = cv2.merge([cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)] * 3)
            verdict = judge(image, mask, boxes, core=64, darker=darker)
            if verdict.contrast >= style.legible.contrast:
                break
        return Drawn(
            image,
            layout,
            matrix,
            (surface.name, params),
            [],
            [],
            under,
            ink,
            verdict,
            quality,
            (mask, boxes),
            shared,
        )

    def _finish(
        self,
        row: PlanRow,
        face: Face,
        drawn: Drawn,
        refused: Sequence[Refusal],
        fallback: bool,
    ) -> Sample:
        output = self.looks.style.output
        data = encode(drawn.image, output, drawn.quality)
        record = {
            "index": row.index,
            "image": image_path(row.index, output),
            "text": row.text,
            "targets": row.targets,
            "split": row.split,
            "source": row.source,
            "style": row.style,
            **drawn.record(face),
            "attempt": len(refused),
            **({"refused": list(refused)} if refused else {}),
            "fallback": fallback,
            "sha256": sha256(data).hexdigest(),
        }
        return Sample(data, drawn.image, record)


def _apply(
    parts: tuple[BoundPart, ...],
    array: Grey | Image,
    draws: Draws,
    used: list[tuple[str, Params]],
    full: bool,
) -> Grey | Image:
    """Draw and apply the effects of one stage; `full` off draws them all and applies none."""
    for part in parts:
        if draws.chance(part.p):
            params = part.params(draws)
            if full:
                array = part.apply(array, **params)
                used.append((part.name, params))
    return array
