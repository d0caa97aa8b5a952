"""Drawing from Python: one text, or as many as an iterable gives."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from synth.draws import Draws
from synth.faces.face_pool import EVERY_OTHER, FacePool, joined_weights
from synth.rendering.line_proof import runs_together
from synth.rendering.line_setting import LineSetter
from synth.rendering.sample import DrawingError, Sample, Setup
from synth.rendering.style import Style, load_style, make_style
from synth.run.job_faces import gather_faces, usual
from synth.run.job_options import JobOptions
from textlines.errors import UsageError
from textlines.formats.plan_rows import PlanRow
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import canonical
from textlines.wording.counts import count_of


class Renderer:
    """Draws texts in one style; keeps faces, photos and glyphs between calls.

    Args:
        style: a name (`lcd`), a TOML file, a table of such a file's keys, or a `Style`.
        fonts: folders or files, used alone; empty = what is found on this machine.
        licence: "known" leaves out fonts whose licence is not recognised.
        family_weights: factors on how often faces of a family are drawn, by the family's name;
            1 for those not named, 0 for never.
        backgrounds: folder of photos to draw on too; the style (`photos.p`) says how often.
        alphabet: of the model: its dictionary file, a list of entries, or an `Alphabet`. What a
            label can hold decides which glyphs may be mistaken for one another, and a text that it
            cannot hold is refused. Without it: ASCII, what the embedded corpora hold, and the
            text's own characters.
        settings: `key=value` over the style ("output.height=32").
        seed: with a text's number, decides everything about its look.
        plan: sha256 of a run's plan (`run.json`): texts then have the looks of its lines. Of a run
            in blocks: what `textlines.formats.run_record.plan_identity` returns of its record.

    Raises:
        InputError, UsageError: a file, folder, weight or setting cannot be used.

    >>> lcd = Renderer(
    ...     {"name": "meter", "faces": ["seven_segment"], "output": {"height": 32}},
    ...     alphabet=list("0123456789."),
    ...     family_weights={"Mend Segment 01": 3, "Mend Segment 02": 0},
    ...     seed=1,
    ... )
    >>> [sample.image.shape[0] for sample in lcd.lines(["47.01", "0.5"])]
    [32, 32]
    >>> lcd.render("47 V")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    textlines.labels.canonical.LabelError: label '47 V': holds what the dictionary does not: ...
    """

    def __init__(
        self,
        style: str | Path | Mapping[str, Any] | Style = "document",
        *,
        fonts: Iterable[Path] = (),
        licence: Literal["any", "known"] = "any",
        family_weights: Mapping[str, float] | None = None,
        backgrounds: Path | None = None,
        alphabet: str | Path | Iterable[str] | Alphabet | None = None,
        settings: Iterable[str] = (),
        seed: int = 0,
        plan: str = "",
    ) -> None:
        if licence not in ("any", "known"):
            raise UsageError(f"licence {licence!r}", "is neither any nor known", "")
        self._style = _style(style, tuple(settings))
        options = JobOptions(
            style=self._style.name, fonts=tuple(fonts), fonts_licence=licence, seed=seed
        )
        self._faces, _ = gather_faces(self._style, options)
        self._family_weights = dict(family_weights or {})
        _require_weights(self._family_weights, {face.family for face in self._faces})
        self._alphabet = _alphabet(alphabet)
        self._pools: dict[frozenset[str], FacePool] = {}
        self._seed = seed
        setup = Setup(
            style=self._style, faces=self._faces, photos=backgrounds, seed=seed, plan=plan
        )
        self._engine = setup.engine()

    def render(self, text: str, index: int = 0) -> Sample:
        """Draw one text: its image, its encoded file and its manifest row.

        Args:
            text: any Unicode form; the label is its NFC form.
            index: the text's number; another number gives another look.

        Raises:
            LabelError: the text is empty, or holds what no label line or the alphabet can.
            DrawingError: no face may draw it; says why.
        """
        label = canonical(text)
        if self._alphabet is not None:
            self._alphabet.encode(label)
        pool = self._pool(label)
        face = pool.choose(label, Draws(self._seed, index, 0, "face"))
        if face is None:
            reasons = ", ".join(
                f"{why} ({count_of(n, 'face')})" for why, n in pool.why_not(label).items()
            )
            raise DrawingError(
                f"text {label!r}", f"no face may draw it: {reasons}", "Add fonts that hold it."
            )
        setter = LineSetter.of(self._style, pool)
        set_as = setter.set(label, face, Draws(self._seed, index, 0, "setting")) if setter else None
        return self._engine.sample(
            PlanRow(
                index,
                label,
                (),
                face,
                self._style.name,
                source="call",
                parts=set_as.parts if set_as else (),
                vertical=set_as.vertical if set_as else "",
            )
        )

    def lines(self, texts: Iterable[str], start: int = 0) -> Iterator[Sample]:
        """Draw texts as they come, numbered from `start`."""
        try:
            for index, text in enumerate(texts, start):
                yield self.render(text, index)
        finally:
            for pool in self._pools.values():
                pool.save()

    def _pool(self, label: str) -> FacePool:
        alphabet = self._alphabet
        held = usual() | frozenset(label) if alphabet is None else alphabet.characters
        pool = self._pools.get(held)
        if pool is None:
            if len(self._pools) >= 64:
                self._pools.clear()
            pool = self._pools[held] = FacePool(
                self._faces,
                held,
                family_weights=joined_weights(
                    self._faces, self._style.family_weights, self._family_weights
                ),
                face_weights=self._style.face_weights,
                handwritten=self._style.handwritten,
                runs_together=runs_together,
            )
        return pool


def _style(given: str | Path | Mapping[str, Any] | Style, settings: tuple[str, ...]) -> Style:
    if isinstance(given, Mapping):
        return make_style(given, settings)
    if not isinstance(given, Style):
        return load_style(str(given), settings)
    if settings:
        raise UsageError(
            f"settings {', '.join(settings)}",
            f"go over a name, a file or a table, and {given.name!r} is a Style",
            "Change it by Style.model_copy, or name its table.",
        )
    return given


def _alphabet(given: str | Path | Iterable[str] | Alphabet | None) -> Alphabet | None:
    """Read a dictionary file, or take entries as they are. A string is a file's name."""
    if given is None or isinstance(given, Alphabet):
        return given
    if isinstance(given, str | Path):
        return Alphabet.read(Path(given))
    entries = tuple(given)
    if not entries:
        raise UsageError("alphabet", "holds no entry", "Name a dictionary file, or its entries.")
    return Alphabet(entries)


def _require_weights(weights: Mapping[str, float], families: set[str]) -> None:
    """Refuse weights of families that are not there, and weights that are none.

    Raises:
        UsageError: names the family.
    """
    for family, weight in weights.items():
        if family not in families and family != EVERY_OTHER:
            raise UsageError(
                f"family_weights[{family!r}]",
                f"there is no such family among {len(families)}",
                "synth fonts lists them.",
            )
        if not 0 <= weight < math.inf:
            raise UsageError(
                f"family_weights[{family!r}]",
                f"is {weight:g}, and a weight is 0 or above",
                "1 is the share of a family that is not named.",
            )


@lru_cache(maxsize=8)
def _renderer(style: str, seed: int) -> Renderer:
    return Renderer(style, seed=seed)


def render(text: str, *, style: str = "document", seed: int = 0, index: int = 0) -> Sample:
    r"""Draw one text with the faces of this machine. For more control, make a `Renderer`.

    >>> sample = render("47.01", style="lcd", seed=3)
    >>> sample.record["text"], sample.image.shape[0], sample.data[:2] == b"\xff\xd8"
    ('47.01', 48, True)
    """
    return _renderer(style, seed).render(text, index)
