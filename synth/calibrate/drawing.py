"""Lines drawn in a trial style and seen by the recognizer, in processes of their own."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from synth.draws import Draws
from synth.faces.face_pool import FacePool
from synth.faces.font_face import Face
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.line_proof import line_fault, runs_together
from synth.rendering.sample import DrawingError, RenderEngine, Setup
from synth.rendering.style import Style, make_style
from synth.run.job_faces import gather_faces
from synth.run.job_options import JobOptions
from textlines.formats.plan_rows import PlanRow
from textlines.line_reader import Features, LineReader, open_line_reader
from textlines.pixels.arrays import Image
from textlines.signals import result_of, signals_held, worker_pool

StyleTable = Mapping[str, Any]
"""A style as its file holds it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What stays the same through all trials; goes to each process once.

    Attributes:
        texts: of the lines, in the order of the real ones.
        characters: that a label can hold.
        fonts, backgrounds: as `synth generate` takes them.
    """

    texts: tuple[str, ...]
    characters: frozenset[str]
    model: str
    fonts: tuple[Path, ...] = ()
    backgrounds: Path | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """The lines of one trial.

    Attributes:
        numbers: of those that could be drawn. features: N x D, of these.
    """

    numbers: tuple[int, ...]
    features: Features


def faces_of(style: Style, scene: Scene) -> tuple[Face, ...]:
    """Find the faces that a style draws from.

    Raises:
        UsageError: there is none of its kinds.
    """
    options = JobOptions(style=style.name, fonts=scene.fonts, seed=scene.seed)
    return gather_faces(style, options)[0]


class Easel:
    """Draws lines in one process; what is known of faces and glyphs is kept from trial to trial."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._reader: LineReader | None = None
        self._pools: dict[tuple[str, ...], FacePool] = {}
        self._glyphs = GlyphCache()

    @property
    def reader(self) -> LineReader:
        """Open the recognizer, once."""
        if self._reader is None:
            self._reader = open_line_reader(self.scene.model)
        return self._reader

    def draw(self, style: StyleTable, numbers: Iterable[int]) -> list[Image | None]:
        """Draw lines by their numbers; None where no face may draw the text.

        Raises:
            UsageError: a key of the style is unknown or out of range, or no face is of its kinds.
        """
        scene, made = self.scene, make_style(style)
        pool = self._pool(made)
        setup = Setup(style=made, faces=pool.faces, photos=scene.backgrounds, seed=scene.seed)
        engine = setup.engine()
        engine.glyphs = self._glyphs
        return [self._line(engine, pool, number) for number in numbers]

    def _pool(self, style: Style) -> FacePool:
        if style.faces not in self._pools:
            self._pools[style.faces] = FacePool(
                faces_of(style, self.scene),
                self.scene.characters,
                fault=line_fault,
                runs_together=runs_together,
            )
        return self._pools[style.faces].weighed(
            style.family_weights, style.face_weights, style.handwritten
        )

    def _line(self, engine: RenderEngine, pool: FacePool, number: int) -> Image | None:
        text = self.scene.texts[number]
        face = pool.choose(text, Draws(self.scene.seed, number, 0, "face"))
        if face is None:
            return None
        try:
            return engine.sample(PlanRow(number, text, (), face, "trial", source="trial")).image
        except DrawingError:
            return None

    def see(self, style: StyleTable, numbers: Sequence[int]) -> Drawn:
        """Draw lines and let the recognizer see them."""
        pairs = [
            (number, image)
            for number, image in zip(numbers, self.draw(style, numbers), strict=True)
            if image is not None
        ]
        return Drawn(
            tuple(number for number, _ in pairs),
            self.reader.features([image for _, image in pairs]),
        )


_easel: Easel | None = None


def _begin(scene: Scene) -> None:
    global _easel
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    _easel = Easel(scene)


def _draw(style: StyleTable, numbers: Sequence[int]) -> list[Image | None]:
    assert _easel is not None
    return _easel.draw(style, numbers)


def _see(style: StyleTable, numbers: Sequence[int]) -> Drawn:
    assert _easel is not None
    return _easel.see(style, numbers)


class Studio:
    """Several easels: trials are shared among processes, and come back in their order.

    The same features for any number of workers, as each line is drawn and seen by itself.
    """

    def __init__(self, scene: Scene, pool: ProcessPoolExecutor, workers: int) -> None:
        self.scene, self._pool, self._workers = scene, pool, workers

    def see(self, styles: Sequence[StyleTable], numbers: Sequence[int]) -> list[Drawn]:
        """Draw and see the same lines in each style.

        Raises:
            UsageError: a style cannot be drawn.
        """
        parts = min(self._workers, max(1, len(numbers) // 8)) if len(styles) < self._workers else 1
        cuts = [list(numbers[at::parts]) for at in range(parts)]
        with signals_held():
            waiting = [[self._pool.submit(_see, style, cut) for cut in cuts] for style in styles]
        return [_joined([result_of(each, self._pool) for each in one]) for one in waiting]

    def draw(self, style: StyleTable, numbers: Sequence[int]) -> list[Image | None]:
        """Draw lines; None where no face may draw the text."""
        with signals_held():
            waiting = self._pool.submit(_draw, style, list(numbers))
        return result_of(waiting, self._pool)


@contextmanager
def studio(scene: Scene, workers: int) -> Iterator[Studio]:
    """Open a studio that ends with the block."""
    # Not forked: this process has a recognizer open, whose threads a copy would wait for.
    with worker_pool(workers, method="spawn", initializer=partial(_begin, scene)) as pool:
        yield Studio(scene, pool, workers)


def _joined(parts: Sequence[Drawn]) -> Drawn:
    drawn = [part for part in parts if part.numbers]
    if not drawn:
        return parts[0]
    numbers = [number for part in drawn for number in part.numbers]
    order = np.argsort(numbers, kind="stable")
    features = np.concatenate([part.features for part in drawn])
    return Drawn(tuple(numbers[at] for at in order), features[order])
