"""Drawing from Python: one text, or as many as an iterable gives."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from synth.draws import Draws
from synth.engine.encoding import DrawingError
from synth.engine.sample import Sample
from synth.engine.setup import Setup
from synth.faces.pool import FacePool
from synth.ink.joined import runs_together
from synth.run.job_faces import gather_faces, usual
from synth.run.job_options import JobOptions
from synth.styles.load import load_style
from textlines.formats.plan_rows import PlanRow
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import canonical


class Renderer:
    """Draws texts in one style; keeps faces, photos and glyphs between calls.

    Args:
        style: a name (`lcd`) or a TOML file.
        fonts: folders or files, used alone; empty = what is found on this machine.
        backgrounds: folder of photos to draw on too; the style (`photos.p`) says how often.
        dictionary: of the model: what a label can hold decides which glyphs may be mistaken
            for one another. Without it: ASCII, what the embedded corpora hold, and the text's own
            characters.
        settings: `key=value` over the style ("output.height=32").
        seed: with a text's number, decides everything about its look.

    Raises:
        InputError, UsageError: a file, folder or setting cannot be used.
    """

    def __init__(
        self,
        style: str = "document",
        *,
        fonts: Iterable[Path] = (),
        backgrounds: Path | None = None,
        dictionary: Path | None = None,
        settings: Iterable[str] = (),
        seed: int = 0,
    ) -> None:
        self._style = load_style(style, tuple(settings))
        options = JobOptions(style=style, fonts=tuple(fonts), seed=seed)
        self._faces, _ = gather_faces(self._style, options)
        alphabet = None if dictionary is None else Alphabet.read(dictionary)
        self._held = None if alphabet is None else alphabet.characters
        self._pools: dict[frozenset[str], FacePool] = {}
        self._seed = seed
        self._engine = Setup(self._style, self._faces, backgrounds, seed).engine()

    def render(self, text: str, index: int = 0) -> Sample:
        """Draw one text: its image, its encoded file and its manifest row.

        Args:
            text: any Unicode form; the label is its NFC form.
            index: the text's number; another number gives another look.

        Raises:
            LabelError: the text is empty or holds what no label line can.
            DrawingError: no face may draw it; says why.
        """
        label = canonical(text)
        pool = self._pool(label)
        face = pool.choose(label, Draws(self._seed, index, 0, "face"))
        if face is None:
            reasons = ", ".join(f"{why} ({n} faces)" for why, n in pool.why_not(label).items())
            raise DrawingError(
                f"text {label!r}", f"no face may draw it: {reasons}", "Add fonts that hold it."
            )
        return self._engine.sample(PlanRow(index, label, (), face, self._style.name, source="call"))

    def lines(self, texts: Iterable[str], start: int = 0) -> Iterator[Sample]:
        """Draw texts as they come, numbered from `start`."""
        try:
            for index, text in enumerate(texts, start):
                yield self.render(text, index)
        finally:
            for pool in self._pools.values():
                pool.save()

    def _pool(self, label: str) -> FacePool:
        held = self._held if self._held is not None else usual() | frozenset(label)
        pool = self._pools.get(held)
        if pool is None:
            if len(self._pools) >= 64:
                self._pools.clear()
            pool = self._pools[held] = FacePool(
                self._faces,
                held,
                face_weights=self._style.face_weights,
                handwritten=self._style.handwritten,
                runs_together=runs_together,
            )
        return pool


@lru_cache(maxsize=8)
def _renderer(style: str, seed: int) -> Renderer:
    return Renderer(style, seed=seed)


def render(text: str, *, style: str = "document", seed: int = 0, index: int = 0) -> Sample:
    """Draw one text with the faces of this machine. For more control, make a `Renderer`.

    >>> sample = render("47.01", style="lcd", seed=3)
    >>> sample.record["text"], sample.image.shape[0], sample.data[:2] == b"\\xff\\xd8"
    ('47.01', 48, True)
    """
    return _renderer(style, seed).render(text, index)
