"""The style a fit begins from: what was measured, and what is kept as lines come closer by it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from synth.assets import style_names
from synth.calibrate.compression import Compressed, as_compressed
from synth.calibrate.constant_width import constant_width, in_window
from synth.calibrate.dials import Table
from synth.calibrate.drawing import Drawn, Studio, StyleTable, faces_of
from synth.calibrate.fitting import Target
from synth.calibrate.letters import LetteredLine, LineSetting, Usual, letters_of, shapes_of
from synth.calibrate.measured_style import PLAINLY_SET, lent, measured, set_as, with_edges
from synth.calibrate.measures import Inked, inked_lines
from synth.calibrate.nearest_faces import family_distances, weights_by
from synth.calibrate.perspective import convergences, in_perspective
from synth.faces.font_face import Kind
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.style import make_style, style_table
from textlines.errors import UsageError
from textlines.line_reader import LineReader
from textlines.wording import Sentence, say

LENT_SHARE = 0.03
"""How often what the first style lacks and another has is drawn before the fit."""

_ALSO = 1.1
"""A kind of face within this factor of the best one's score is drawn as well."""

_NEAR = (0.03, 0.015, 0.007)
"""Of coverage: families that are so much further than the nearest are drawn 1/e as often."""

_WIDER = 0.2
"""Ems between letters of the lines that tell how high a line is beside its em."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was measured and put into a style.

    Attributes:
        name: what. score: as `fitting.Target` has it, with it; 2 for the style begun from.
        is_kept: drawn lines came closer by it, or it is what all others stand on.
    """

    name: Sentence
    score: float
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class FirstStyle:
    """Where a fit begins.

    Attributes:
        kinds: of face that are drawn. steps: in their order.
        perspective: changes of height along lines that drawn ones begin with, as shares; () where
            too few lines could be measured.
    """

    style: Table
    kinds: tuple[str, ...]
    steps: tuple[Step, ...]
    perspective: tuple[float, ...] = ()


def first_style(
    studio: Studio,
    target: Target,
    begun: StyleTable,
    inked: Sequence[Inked],
    jpeg: Compressed,
    reader: LineReader,
) -> FirstStyle:
    """Put into a style what crops show; of faces and of how letters are set only what helps.

    Args:
        target: has scored the style begun from.
        inked: the lines that are fitted to, as far as their ink was told.
        jpeg: how all of them were compressed.
    """
    building = _Building(studio, target, reader)
    looks = [line.look for line in inked]
    others = (style_table(name) for name in style_names())
    flat = building.drawn_level(begun)
    level = [line.look for line in flat]
    style = as_compressed(lent(measured(begun, looks, level), others, LENT_SHARE), jpeg)
    style, sides = in_perspective(style, convergences(inked), convergences(flat))
    style = building.with_kinds(with_edges(style, looks, level))
    style = building.with_window(style, inked)
    lettered = [line for line in map(letters_of, inked) if line is not None]
    style = building.with_families(style, lettered)
    style = building.set_alike(style, lettered)
    style["texts"] = texts_for(building.kinds, begun)
    perspective = tuple(float(side) for side in np.sort(sides))
    return FirstStyle(style, building.kinds, tuple(building.steps), perspective)


@dataclass
class _Building:
    """The steps, each of which draws and is scored."""

    studio: Studio
    target: Target
    reader: LineReader
    kinds: tuple[str, ...] = ()
    steps: list[Step] = field(default_factory=list)
    best: float = 0.0

    def with_kinds(self, style: StyleTable) -> Table:
        """Choose the kinds of face: the one that draws most alike, and what comes close to it."""
        scores: dict[str, float] = {}
        for kind in get_args(Kind):
            drawn = self._seen({**style, "faces": [kind]})
            if drawn is not None:
                scores[kind] = self.target.score(drawn).whole
        self.best = min(scores.values())
        self.kinds = tuple(sorted(k for k, score in scores.items() if score <= _ALSO * self.best))
        weights = {
            name: weight
            for name, weight in dict(style.get("face_weights", {})).items()
            if name not in get_args(Kind)
        }
        self.steps.append(Step(say("colours, sizes, margins, light; kind of face"), self.best))
        return {**style, "faces": list(self.kinds), "face_weights": weights}

    def with_window(self, style: Table, inked: Sequence[Inked]) -> Table:
        """Draw files as wide whatever stands in them, if crops are so and that helps."""
        found = constant_width(inked)
        return self._nearest(
            say("files of one width, the text at the side where it stands"),
            style,
            [in_window(style, found)] if found else [],
        )

    def with_families(self, style: Table, lettered: Sequence[LetteredLine]) -> Table:
        """Draw more of the families whose letters have the shapes of real ones, if that helps."""
        shapes = shapes_of(lettered)
        faces = faces_of(make_style(style), self.studio.scene)
        glyphs = GlyphCache()
        tried: list[Table] = []
        for with_widths in (True, False):
            away = family_distances(shapes, faces, glyphs, with_widths=with_widths)
            if len(away) > 1:
                tried += [{**style, "family_weights": weights_by(away, unit)} for unit in _NEAR]
        return self._nearest(say("families whose letters have these shapes"), style, tried)

    def set_alike(self, style: Table, lettered: Sequence[LetteredLine]) -> Table:
        """Set letters as wide, as far apart and as large as real ones, if that helps."""
        plain, wider = (
            [line for line in map(letters_of, self.drawn_level(plainly)) if line is not None]
            for plainly in (_plainly(style), _plainly(style, _WIDER))
        )
        usual = Usual(plain)
        apart = Usual(wider).gap - usual.gap
        if apart <= 0:
            return style
        real, drawn = (_settings(usual, lines) for lines in (lettered, plain))
        alike = set_as(style, real, drawn, _WIDER / apart)
        return self._nearest(
            say("widths of letters, white between them, sizes in a line"),
            style,
            [alike] if alike != style else [],
        )

    def _nearest(self, name: Sentence, style: Table, tried: Sequence[Table]) -> Table:
        """Return whichever is scored best; the style itself unless another one is better."""
        chosen = style
        lowest = self.best
        scores = []
        for other, drawn in zip(tried, map(self._seen, tried), strict=True):
            if drawn is None:
                continue
            score = self.target.score(drawn).whole
            scores.append(score)
            if score < lowest:
                chosen, lowest = other, score
        if scores:
            self.steps.append(Step(name, min(scores), chosen is not style))
        self.best = lowest
        return chosen

    def drawn_level(self, style: StyleTable) -> list[Inked]:
        """Draw the texts without any turn and look at their ink."""
        texts = self.studio.scene.texts
        images = self.studio.draw({**style, "geometry": {}}, range(len(texts)))
        there = [
            (text, image) for text, image in zip(texts, images, strict=True) if image is not None
        ]
        seen = inked_lines([image for _, image in there], [text for text, _ in there], self.reader)
        return [line for line in seen if line is not None]

    def _seen(self, style: Mapping[str, Any]) -> Drawn | None:
        try:
            return self.studio.see([style], range(len(self.studio.scene.texts)))[0]
        except UsageError:  # no face of the kind is here
            return None


def _plainly(style: Mapping[str, Any], spacing: float = 0.0) -> Table:
    text = {**style.get("text", {}), **PLAINLY_SET, "spacing": spacing}
    text.pop("character_width", None)
    return {**style, "text": text, "bend": {}}


def _settings(usual: Usual, lines: Sequence[LetteredLine]) -> list[LineSetting]:
    return [found for found in map(usual.setting, lines) if found is not None]


def texts_for(kinds: Collection[str], begun: StyleTable) -> str:
    """Name the style of ours whose texts faces of these kinds can draw, the one begun from first.

    >>> texts_for(["seven_segment"], style_table("document"))
    'lcd'
    """
    own = str(begun.get("texts") or begun["name"])
    known = {name: set(style_table(name).get("faces", ("text",))) for name in style_names()}
    if own in known and known[own] & set(kinds):
        return own
    return next((name for name in sorted(known) if known[name] & set(kinds)), "document")
