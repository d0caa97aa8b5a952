"""One sample: a plan row to an image that is proven legible, its file, and the record of how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synth.draws import Draws
from synth.faces.breaking import breaks
from synth.faces.face_metrics import FaceMetrics, GrowthError, metrics_of
from synth.faces.font_face import Face
from synth.faces.glyph_ink import MOST_SHARED
from synth.rendering.attempt import Attempt, refusal
from synth.rendering.character_boxes import character_boxes, ink_png
from synth.rendering.colour import apart, blend, ink_for, luminance, mean_colour
from synth.rendering.composition import (
    after,
    bend_line,
    bring_under,
    brought_down,
    drawn_matrix,
    dress,
    lay_down,
    letter,
    shot_of,
    turned_whole,
)
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.legibility import judge
from synth.rendering.lettering import Coat
from synth.rendering.limits import greatest_native
from synth.rendering.line_mask import draw_mask, lay_out
from synth.rendering.line_runs import ONE_FACE, FacePart, SetAs, in_parts
from synth.rendering.looks import BoundPart, Looks, Params, apply_pipeline, apply_stage, bind
from synth.rendering.photos import PhotoBank
from synth.rendering.style import PHOTO, ImageFile, Style, on_photos
from synth.rendering.style_record import described
from textlines.errors import MendError
from textlines.formats.manifest import Refusal, image_path
from textlines.formats.plan_rows import PlanRow
from textlines.pixels.arrays import Image
from textlines.pixels.geometry import warp


class DrawingError(MendError):
    """A sample could not be drawn at all; another attempt would not help."""


def encode(image: Image, output: ImageFile, quality: int) -> bytes:
    """Encode an image as the style says."""
    picture = image if output.colour else image[:, :, 0]
    if output.format == "png":
        done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 4])
    else:
        done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise DrawingError("image", f"cannot be encoded as {output.format}")
    return data.tobytes()


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
        mask: the ink of the line as a PNG, where the engine is asked for it; b"" else.
    """

    data: bytes
    image: Image
    record: dict[str, Any]
    mask: bytes = b""


class RenderEngine:
    """What one process needs to draw samples: a style, faces, photos and caches.

    Args:
        plan: sha256 of the plan. It enters the stream of every look: two plans of one seed would
            else have the same surfaces, light and camera line by line.
        boxes, masks: whether records hold the boxes of characters, and samples their ink.
    """

    def __init__(
        self,
        looks: Looks,
        faces: Mapping[str, Face],
        photos: PhotoBank | None,
        seed: int,
        plan: str = "",
        *,
        boxes: bool = False,
        masks: bool = False,
    ) -> None:
        # One thread a process (workers would fight), and no IPP: its results change by CPU.
        cv2.setNumThreads(1)
        cv2.ipp.setUseIPP(False)
        self.looks, self.faces, self.photos, self.seed = looks, faces, photos, seed
        self._of_plan = f" {plan}" if plan else ""
        self._boxes, self._masks = boxes, masks
        self.glyphs = GlyphCache()

    def sample(self, row: PlanRow) -> Sample:
        """Draw a row of the plan: a function of the plan, the row, the configuration and the seed.

        Raises:
            DrawingError: the face is not at hand, or leaves no ink.
            BreaksError: the face breaks. A plan holds no such row (see `line_proof`): the file has
                changed since, or another library draws.
        """
        face = self._face(row, row.face)
        others = [FacePart(a, b, self._face(row, name)) for a, b, name in row.parts]
        as_set = SetAs(in_parts(row.text, face, others), row.vertical)
        try:
            return self._sample(row, face, as_set)
        except GrowthError as error:
            raise breaks(face, row.text, str(error)) from None

    def _face(self, row: PlanRow, name: str) -> Face:
        face = self.faces.get(name)
        if face is None:
            raise DrawingError(
                f"plan row {row.index}",
                f"no face {name} is at hand",
                "Give the same --fonts as when the plan was made.",
            )
        return face

    def _sample(self, row: PlanRow, face: Face, as_set: SetAs) -> Sample:
        metrics = metrics_of(face)
        refused: list[Refusal] = []
        for stream, boost, full in TRIES:
            if boost > 1 and full and refused[-1] in BEYOND_INK:
                continue
            draws = Draws(self.seed, row.index, stream, "look" + self._of_plan)
            attempt = self._draw(
                row.text, face, metrics, draws, boost=boost, full=full, as_set=as_set
            )
            why = refusal(attempt, self.looks.style.legible)
            if why is None:
                return self._finish(row, face, as_set, attempt, refused, fallback=False)
            refused.append(why)
        for spread in PLAIN_SPREADS:
            draws = Draws(self.seed, row.index, 0, "plain" + self._of_plan)
            plain = self._plain(row.text, face, metrics, draws, spread, as_set)
            if plain.shared <= MOST_SHARED:
                break
        return self._finish(row, face, as_set, plain, refused, fallback=True)

    def _draw(
        self,
        text: str,
        face: Face,
        metrics: FaceMetrics,
        draws: Draws,
        *,
        boost: float,
        full: bool,
        as_set: SetAs = ONE_FACE,
    ) -> Attempt:
        """Draw a line with all that the style may do to it.

        Args:
            boost: factor on the ink's contrast. full: whether effects are applied, or drawn only.
            as_set: in which faces beside the first, and how the line is set vertically.

        Raises:
            DrawingError: the text leaves no ink in this face.
        """
        looks = self.looks
        style = looks.style
        layout = lay_out(text, metrics, style.text, style.output, draws, as_set=as_set)
        mask, boxes, shared, pens = draw_mask(layout, face, self.glyphs)
        if len(boxes) == 0:
            raise DrawingError(f"text {text!r}", f"leaves no ink in {face.family}")
        effects: list[tuple[str, Params]] = []
        clean = mask
        mask = apply_stage(looks.stroke, mask, draws, effects, full)
        worn = mask is not clean
        if looks.bend:
            (mask, clean), boxes = bend_line((mask, clean), boxes, looks.bend, draws, effects)
        half_turn = None
        if as_set.vertical == "turned":
            (mask, clean), boxes, half_turn = turned_whole((mask, clean), boxes)
        matrix, turned = drawn_matrix(
            looks.geometry, mask.shape, layout.stretch, style.text.rise, draws
        )
        effects += turned
        if matrix is not None:
            mask, boxes, matrix = lay_down(mask, boxes, matrix, layout.stretch)
            if worn:
                clean = warp(clean, matrix, (mask.shape[1], mask.shape[0]))
        matrix = after(half_turn, matrix)
        height, width = mask.shape
        paint = looks.paint(draws, boost)
        surface = draws.weighted(looks.surfaces, looks.surface_weights)
        surface_params = surface.params(draws)
        ground = surface.apply(height, width, draws, self.photos, **surface_params)
        photo = self._photo_under(surface)
        ground, stuck = bring_under(ground, boxes, looks, paint, draws)
        ground, extras = dress(
            ground,
            looks,
            layout=layout,
            face=face,
            glyphs=self.glyphs,
            boxes=boxes,
            matrix=matrix,
            draws=draws,
            paint=paint,
        )
        extras[:0] = stuck
        box = (
            max(0, int(boxes[:, 0].min())),
            max(0, int(boxes[:, 1].min())),
            int(boxes[:, 2].max()),
            int(boxes[:, 3].max()),
        )
        under = mean_colour(ground[box[1] : box[3], box[0] : box[2]])
        ink = paint.ink if paint else ink_for(under, style.ink, draws, boost)
        if looks.lettering:
            coat = Coat(mask, boxes, ink, under, text)
            image, under = letter(ground, coat, looks.lettering, draws, effects, full)
        else:
            image = blend(ground, mask, ink)
        image = apply_stage(looks.light, image, draws, effects, full)
        if style.output.native:
            image = brought_down(image, int(style.output.native.draw(draws)))
            effects.append(("native", {"height": image.shape[0]}))
        image = apply_stage(looks.camera, image, draws, effects, full)
        image = apply_pipeline(looks.pipeline, image, draws, effects, full)
        shot = shot_of(image, (height, width), matrix, style.output)
        darker = luminance(ink) < luminance(under)  # as Attempt.darker
        reference, drawn = (clean, mask) if worn else (mask, None)
        return Attempt(
            shot=shot,
            layout=layout,
            surface=(surface.name, surface_params),
            extras=extras,
            effects=effects,
            under=under,
            ink=ink,
            weakest=judge(shot.judged, reference, boxes, drawn=drawn, darker=darker),
            quality=int(style.output.quality.draw(draws)),
            asked=(reference, boxes),
            drawn=mask,
            pens=pens,
            shared=shared,
            photo=photo,
            pair=paint.pair if paint else None,
        )

    def _plain(
        self,
        text: str,
        face: Face,
        metrics: FaceMetrics,
        draws: Draws,
        spread: float,
        as_set: SetAs,
    ) -> Attempt:
        """Draw the style's ink on a flat ground of its own without any effect.

        Legible by construction: the two are moved apart until the line is legible, to black on
        white at last (white on black, where the style's ink is never darker); and where that is not
        enough at the greatest of its native heights, it is not brought down.
        """
        style = self.looks.style
        layout = lay_out(text, metrics, style.text, style.output, draws, spread, as_set)
        mask, boxes, shared, pens = draw_mask(layout, face, self.glyphs)
        matrix = half_turn = None
        if as_set.vertical == "turned":
            (mask,), boxes, half_turn = turned_whole((mask,), boxes)
        if layout.stretch != 1.0:
            mask, boxes, matrix = lay_down(
                mask, boxes, np.diag([layout.stretch, 1.0, 1.0]), layout.stretch
            )
        matrix = after(half_turn, matrix)
        quality = max(90, int(style.output.quality.draw(draws)))
        paint = self.looks.paint(draws)
        surface = draws.weighted(self.looks.surfaces, self.looks.surface_weights)
        params = surface.params(draws)
        height, width = mask.shape
        ground = surface.apply(height, width, draws, self.photos, **params)
        photo = self._photo_under(surface)
        mean = paint.ground if paint else mean_colour(ground)
        drawn_ink = paint.ink if paint else ink_for(mean, style.ink, draws)
        darker = luminance(drawn_ink) < luminance(mean)
        if luminance(drawn_ink) == luminance(mean):  # no room: the side that the style asks for
            darker = style.ink.dark >= 0.5
        native = greatest_native(style.output)
        for least in PLAIN_DISTANCES:
            under, ink = apart(mean, drawn_ink, darker=darker, least=least)
            image = blend(np.full((*mask.shape, 3), under, np.uint8), mask, ink)
            shot = shot_of(brought_down(image, native), mask.shape, matrix, style.output)
            weakest = judge(shot.judged, mask, boxes, core=64, darker=darker)
            if weakest.contrast >= style.legible.contrast:
                break
        else:
            shot = shot_of(image, mask.shape, matrix, style.output)
            weakest = judge(shot.judged, mask, boxes, core=64, darker=darker)
        return Attempt(
            shot=shot,
            layout=layout,
            surface=(surface.name, params),
            extras=[],
            effects=[],
            under=under,
            ink=ink,
            weakest=weakest,
            quality=quality,
            asked=(mask, boxes),
            drawn=mask,
            pens=pens,
            shared=shared,
            photo=photo,
            pair=paint.pair if paint else None,
        )

    def _photo_under(self, surface: BoundPart) -> str:
        """Return the sha256 of the photo that a surface was just cut from; "" of another ground."""
        return self.photos.latest if self.photos and surface.name == PHOTO else ""

    def _finish(
        self,
        row: PlanRow,
        face: Face,
        as_set: SetAs,
        attempt: Attempt,
        refused: Sequence[Refusal],
        fallback: bool,
    ) -> Sample:
        output = self.looks.style.output
        data = encode(attempt.shot.image, output, attempt.quality)
        mask = ink_png(attempt) if self._masks else b""
        record = {
            "index": row.index,
            "image": image_path(row.index, output.format),
            "text": row.text,
            "targets": row.targets,
            "split": row.split,
            "source": row.source,
            "style": row.style,
            **attempt.record(face, as_set),
            "attempt": len(refused),
            **({"refused": list(refused)} if refused else {}),
            "fallback": fallback,
            "sha256": sha256(data).hexdigest(),
            **({"boxes": character_boxes(attempt)} if self._boxes else {}),
            **({"mask": sha256(mask).hexdigest()} if mask else {}),
        }
        return Sample(data, attempt.shot.image, record, mask)


@lru_cache(maxsize=1)
def photo_bank(folder: Path) -> PhotoBank:
    """Survey a folder of photos, once in a process."""
    return PhotoBank(folder)


@dataclass(frozen=True, slots=True)
class Setup:
    """The configuration that pixels depend on, beside the plan.

    Attributes:
        faces: all faces that the plan may name.
        photos: folder of photographs; None without. With them the style's share of lines
            (`photos.p`) is drawn on them.
        distractor_weight: factor on how often distractors come.
        plan: sha256 of the plan that is drawn, which the streams of looks depend on; "" where
            lines are drawn without one.
        boxes, masks: as of `RenderEngine`. No pixel of an image depends on them.
    """

    style: Style
    faces: tuple[Face, ...]
    photos: Path | None
    seed: int
    distractor_weight: float = 1.0
    plan: str = ""
    boxes: bool = False
    masks: bool = False

    def engine(
        self, faces: Mapping[str, Face] | None = None, photos: PhotoBank | None = None
    ) -> RenderEngine:
        """Build an engine. Decodes the photos: once for each process.

        Args:
            faces: by id, in the place of `faces`, where their files lie elsewhere. Kept as it is:
                what is put into it later can be drawn with.
            photos: in the place of a survey of the folder.
        """
        bank = None if self.photos is None else photos or photo_bank(self.photos)
        by_id = {face.id: face for face in self.faces} if faces is None else faces
        style = self.style if bank is None else on_photos(self.style)
        return RenderEngine(
            bind(style, self.distractor_weight),
            by_id,
            bank,
            self.seed,
            self.plan,
            boxes=self.boxes,
            masks=self.masks,
        )

    def identity(self) -> dict[str, Any]:
        """Describe the setup by content, without the paths of a machine, for run.json.

        The plan stands there by itself, among the outputs.
        """
        return {
            **described(self.style),
            "faces": sorted(face.id for face in self.faces),
            "photos": [] if self.photos is None else photo_bank(self.photos).identity(),
            "seed": self.seed,
            "distractor_weight": self.distractor_weight,
            **({"boxes": True} if self.boxes else {}),
            **({"masks": True} if self.masks else {}),
        }
