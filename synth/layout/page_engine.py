"""One page: a planned page to the image of a photo, its labelled lines, and the record of how.

A page is a function of the plan, its index, the configuration and the seed, whoever draws it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synth.draws import Draws
from synth.faces.font_face import Face
from synth.layout.aims import Aims
from synth.layout.blocks import Kit
from synth.layout.devices import Drawn, draw_device
from synth.layout.empty_pages import draw_empty
from synth.layout.page_plan import PlannedPage
from synth.layout.page_rows import LineRow, PageRow
from synth.layout.scenes import Scene
from synth.layout.set_lines import LineRole, PlacedLine
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.looks import Looks, Params, apply_stage, bind
from synth.rendering.photos import PhotoBank
from synth.rendering.sample import encode, photo_bank
from textlines.formats.manifest import Refusal, image_path
from textlines.pixels.arrays import Image
from textlines.pixels.geometry import Matrix, compose, warp
from textlines.regions.polygons import Polygon

SHAPES = ((16, 9), (4, 3), (3, 4), (9, 16))
SHAPE_SUMS = (8, 13, 17, 19)
"""Sides of photos as phones take them, and the running sums of how often each comes."""

TRIES = 3
"""How often a page is drawn until all lines that lie on it are legible: as it comes, with stronger
ink for those that are not, and with calm glass before them; what is not legible then is `###`."""

MENDS: Mapping[LineRole, int] = {"display": 2, "print": 1}
"""How often a line is drawn anew: print that strong ink does not make legible is too small."""

BEYOND_INK = frozenset[Refusal]({"outside", "overlap"})
"""What stronger ink does not mend."""

THUMB = 0.08
"""Share of the photos with a finger before the lens, at a border without lines."""

LEAST_SEEN = 0.12
"""Of its box, that must lie on the page for a line to be labelled at all."""


@dataclass(frozen=True, slots=True)
class PageSetup:
    """The configuration that the pixels of pages depend on, beside the plan.

    Attributes:
        faces: all that the plan may name. photos: folder of photos without text; None without.
        size_px: the longer side of a page. aims: what heights, contrasts and places follow.
        plan: sha256 of the plan; "" while it is not made yet.
    """

    scene: Scene
    faces: tuple[Face, ...]
    photos: Path | None
    size_px: int
    aims: Aims
    seed: int
    plan: str = ""

    def engine(self) -> "PageEngine":
        """Build an engine: once for each process."""
        return PageEngine(self)

    def identity(self) -> dict[str, Any]:
        """Describe the setup by content, without the paths of a machine, for `run.json`."""
        return {
            "scene": self.scene.identity(),
            "faces": sorted(face.id for face in self.faces),
            "photos": [] if self.photos is None else photo_bank(self.photos).identity(),
            "size": self.size_px,
        }


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPage:
    """A finished page.

    Attributes:
        data: the encoded file. image: H x W x 3 BGR as it was encoded.
        placed: its lines on the plane, those without a box among them. view: from it to the page.
    """

    data: bytes
    image: Image
    row: PageRow
    placed: tuple[PlacedLine, ...]
    view: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class _Shot:
    drawn: Drawn
    image: Image
    view: Matrix
    effects: list[tuple[str, Params]]
    photo: str


class PageEngine:
    """What one process needs to draw pages."""

    def __init__(self, setup: PageSetup) -> None:
        # As for lines: one thread a process, and no IPP, whose results change by CPU.
        cv2.setNumThreads(1)
        cv2.ipp.setUseIPP(False)
        scene = setup.scene
        self._setup = setup
        self._photo: Looks = bind(scene.photo)
        photos: PhotoBank | None = None if setup.photos is None else photo_bank(setup.photos)
        faces: Mapping[str, Face] = {face.id: face for face in setup.faces}
        self._kit = Kit(scene, bind(scene.display), bind(scene.print), faces, GlyphCache(), photos)

    def page(self, planned: PlannedPage) -> DrawnPage:
        """Draw a page of the plan.

        Raises:
            BreaksError: a face breaks that the plan found sound: its file has changed.
        """
        levels: dict[int, int] = {}
        for attempts in range(1, TRIES + 1):
            shot = self._shoot(planned, levels)
            faults = [
                line.fault(shot.image, shot.view, (*effects, *shot.effects))
                for line, effects in zip(shot.drawn.lines, shot.drawn.effects, strict=True)
            ]
            mendable = [
                number
                for number, (fault, _) in enumerate(faults)
                if fault is not None
                and fault not in BEYOND_INK
                and levels.get(number, 0) < MENDS[shot.drawn.lines[number].role]
            ]
            if not mendable or attempts == TRIES:
                break
            for number in mendable:
                levels[number] = levels.get(number, 0) + 1
        return self._finish(planned, shot, faults, attempts)

    def _shoot(self, planned: PlannedPage, levels: Mapping[int, int]) -> _Shot:
        """Draw the plane of a page and photograph it."""
        setup, index = self._setup, planned.index
        # As for lines the plan enters every stream: two plans of one seed share no look.
        draws = Draws(setup.seed, index, 0, f"page {setup.plan}")
        size = page_size(setup.size_px, draws)
        aim = setup.aims.draw(min(size), draws)
        view_draws = Draws(setup.seed, index, 0, f"view {setup.plan}")
        if self._kit.photos is not None:
            self._kit.photos.latest = ""
        if planned.kind == "empty":
            drawn = draw_empty(self._kit, aim, size, draws)
        else:
            drawn = draw_device(self._kit, planned, aim, size, draws, levels)
        photo = "" if self._kit.photos is None else self._kit.photos.latest
        effects: list[tuple[str, Params]] = []
        view = self._view(drawn, size, view_draws, effects)
        image = warp(drawn.plane, view, size, "reflect")
        image = apply_stage(self._photo.light, image, view_draws, effects, True)
        _finger(image, [line.polygon(view) for line in drawn.lines], view_draws)
        image = apply_stage(self._photo.camera, image, view_draws, effects, True)
        return _Shot(drawn, image, view, effects, photo)

    def _view(
        self,
        drawn: Drawn,
        size: tuple[int, int],
        draws: Draws,
        effects: list[tuple[str, Params]],
    ) -> Matrix:
        """Draw how the camera stands: the matrix from the plane to the page."""
        x, y = drawn.page.x0, drawn.page.y0
        matrix: Matrix = np.array([[1.0, 0.0, -x], [0.0, 1.0, -y], [0.0, 0.0, 1.0]])
        for part in self._photo.geometry:
            if draws.chance(part.p):
                params = part.params(draws)
                effects.append((part.name, params))
                matrix = compose(matrix, part.apply(*size, **params))
        return matrix

    def _finish(
        self,
        planned: PlannedPage,
        shot: _Shot,
        faults: Sequence[tuple[Refusal | None, float]],
        attempts: int,
    ) -> DrawnPage:
        style = self._setup.scene.photo
        draws = Draws(self._setup.seed, planned.index, 0, f"file {self._setup.plan}")
        quality = int(style.output.quality.draw(draws))
        data = encode(shot.image, style.output, quality)
        height, width = shot.image.shape[:2]
        lines, cut_off = [], 0
        for placed, (fault, contrast) in zip(shot.drawn.lines, faults, strict=True):
            points = on_page(placed.polygon(shot.view), width, height)
            if points is None:
                cut_off += 1
                continue
            lines.append(
                LineRow(
                    text=placed.line.text,
                    points=points,
                    role=placed.role,
                    face=placed.line.face.id,
                    height_px=placed.line.size[1],
                    contrast=round(contrast, 1),
                    fault=fault,
                )
            )
        row = PageRow(
            index=planned.index,
            image=image_path(planned.index, style.output.format),
            kind=planned.kind,
            style=self._setup.scene.name,
            size=(width, height),
            sha256=sha256(data).hexdigest(),
            quality=quality,
            attempts=attempts,
            photo=shot.photo,
            view=tuple(shot.view.ravel().tolist()),
            effects=tuple(shot.effects),
            cut_off=cut_off,
            lines=tuple(lines),
        )
        return DrawnPage(data, shot.image, row, tuple(shot.drawn.lines), shot.view)


def page_size(long_px: int, draws: Draws) -> tuple[int, int]:
    """Draw the (width, height) of a photo whose longer side is given.

    >>> page_size(960, Draws(1, 1)) in ((960, 540), (960, 720), (720, 960), (540, 960))
    True
    """
    across, down = draws.weighted(SHAPES, SHAPE_SUMS)
    most = max(across, down)
    return round(long_px * across / most), round(long_px * down / most)


Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def on_page(polygon: Polygon, width: int, height: int) -> Corners | None:
    """Return a box as far as it lies on its page, to a tenth of a pixel; None for too little of it.

    >>> on_page(np.array([[-4, 2], [6, 2], [6, 5], [-4, 5.0]]), 100, 50)
    ((0.0, 2.0), (6.0, 2.0), (6.0, 5.0), (0.0, 5.0))
    >>> on_page(np.array([[-40, 2], [-6, 2], [-6, 5], [-40, 5.0]]), 100, 50) is None
    True
    >>> on_page(np.array([[10, 30], [90, 52], [91, 90], [8, 60.0]]), 100, 50)
    ((8.7, 30.0), (82.7, 30.0), (82.7, 50.0), (8.7, 50.0))
    """
    whole = polygon.astype(np.float32)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen, part = cv2.intersectConvexConvex(whole, frame)
    if seen < LEAST_SEEN * cv2.contourArea(whole):
        return None
    kept = np.round(np.clip(polygon, 0, (width, height)), 1)
    if not cv2.isContourConvex((kept * 10).astype(np.int32)):
        # A corner that slid along an edge has passed another one.
        corners = part.reshape(-1, 2).astype(np.float64)
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        kept = np.round([[left, top], [right, top], [right, bottom], [left, bottom]], 1)
    a, b, c, d = ((float(x), float(y)) for x, y in kept)
    return a, b, c, d


def _finger(image: Image, boxes: Sequence[Polygon], draws: Draws) -> None:
    """Lay a finger that is out of focus over a border of a photo where no line lies, in place."""
    height, width = image.shape[:2]
    is_there, side, along = draws.chance(THUMB), draws.whole(0, 4), draws.unit()
    reach, wide = draws.span(0.08, 0.3) * min(width, height), draws.span(0.4, 1.0)
    soft = draws.span(0.03, 0.1)
    colour = tuple(
        level * draws.span(0.85, 1.15) for level in draws.pick(((95, 130, 190), (30, 40, 62)))
    )
    if not is_there:
        return
    x, y = (
        (along * width, 0),
        (along * width, height),
        (0, along * height),
        (width, along * height),
    )[side]
    for box in boxes:
        low, high = box.min(0) - 1.6 * reach, box.max(0) + 1.6 * reach
        if low[0] < x < high[0] and low[1] < y < high[1]:
            return
    mask = np.zeros((height // 4 + 1, width // 4 + 1), np.uint8)
    axes = (
        (round(reach / 4), round(reach * wide / 4))
        if side > 1
        else (
            round(reach * wide / 4),
            round(reach / 4),
        )
    )
    cv2.ellipse(mask, (round(x / 4), round(y / 4)), axes, 0, 0, 360, 255, -1)
    blur = 2 * max(1, round(soft * min(mask.shape))) + 1
    mask = cv2.resize(cv2.blur(mask, (blur, blur)), (width, height), interpolation=cv2.INTER_LINEAR)
    level = cv2.merge([mask] * 3)
    flat = np.full(image.shape, [min(255, round(value)) for value in colour], np.uint8)
    kept = cv2.multiply(image, cv2.bitwise_not(level), scale=1 / 255)
    image[:] = cv2.add(kept, cv2.multiply(flat, level, scale=1 / 255))
