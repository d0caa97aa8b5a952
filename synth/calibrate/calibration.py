"""From crops to a fitted style, with what it was measured and judged by."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from synth.assets import style_names
from synth.calibrate.crops import RealLine, RealLines, parted, read_crops
from synth.calibrate.dials import Table, dials_of
from synth.calibrate.distances import Distance, Rows, distance
from synth.calibrate.drawing import Drawn, Scene, Studio, StyleTable, studio
from synth.calibrate.fitting import Fitted, Target, fit
from synth.calibrate.libraries import require_libraries
from synth.calibrate.measured_style import lent, measured, with_edges
from synth.calibrate.measures import LineLook
from synth.calibrate.told_apart import Difference, differences, looks_of
from synth.faces.font_face import TRAITS, Kind
from synth.rendering.style import style_table
from textlines.errors import InputError
from textlines.line_reader import LineReader, open_line_reader
from textlines.pixels.arrays import Image
from textlines.progress import Watching
from textlines.wording.counts import count_of

LENT_SHARE = 0.03
"""How often what the first style lacks and another has is drawn before the fit."""

_LEAST_MEASURED = 12

_ALSO = 1.1
"""A kind of face within this factor of the best one's score is drawn as well."""


@dataclass(frozen=True, slots=True)
class CalibrateOptions:
    """What a calibration is asked for.

    Attributes:
        crops: folder of images. labels: of these, or None.
        model: a recognizer, by name, folder or file.
        begun: the style to begin from, by name or file.
        trials: styles to draw. seed: the same one gives the same style.
        fonts, backgrounds: as `synth generate` takes them.
    """

    crops: Path
    labels: Path | None
    model: str
    begun: str = "document"
    trials: int = 320
    seed: int = 1
    fonts: tuple[Path, ...] = ()
    backgrounds: Path | None = None
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Pairing:
    """A real line, and the line drawn beside it."""

    text: str
    real: Image
    drawn: Image


@dataclass(frozen=True, slots=True)
class Calibration:
    """What came out.

    Attributes:
        style: the fitted style, as a file holds it.
        real: the crops. fitted_lines, judged_lines: how many were fitted to, and judged by.
        before, after: distance of drawn lines to the lines judged by, in the style begun from and
            the fitted one. floor: of the real lines that were fitted to.
        fit: the turns of the dials, and scores.
        kinds: of face that are drawn.
        apart: what still tells the judged lines from drawn ones.
        pairs: some lines side by side.
    """

    options: CalibrateOptions
    style: Table
    real: RealLines
    fitted_lines: int
    judged_lines: int
    before: Distance
    after: Distance
    floor: Distance
    fit: Fitted
    kinds: tuple[str, ...]
    apart: tuple[Difference, ...]
    pairs: tuple[Pairing, ...]


def calibrate(options: CalibrateOptions, watching: Watching) -> Calibration:
    """Measure crops, draw, and turn a style until drawn lines look as they do.

    Half of the crops, by text, are fitted to; the other half judges.

    Raises:
        InputError: the crops, the labels or the model cannot be used.
        UsageError: the style to begin from cannot.
    """
    begun = style_table(options.begun)
    require_libraries()
    reader = open_line_reader(options.model)
    with watching("crops read") as watch:
        real = read_crops(options.crops, options.labels, reader, seed=options.seed, watch=watch)
    fitted_lines, judged_lines = parted(real.lines, options.seed)
    looks = _measured(fitted_lines, reader)
    characters = _characters(real.lines, reader)
    scene = _scene(fitted_lines, characters, options, options.seed)
    with studio(scene, options.workers) as drawing:
        target = Target(_rows(fitted_lines))
        target.score(drawing.see([begun], range(len(fitted_lines)))[0])
        others = (style_table(name) for name in style_names())
        level = _level(drawing, begun, fitted_lines, reader)
        first = lent(measured(begun, looks, level), others, LENT_SHARE)
        first = with_edges(first, looks, level)
        first, kinds = _with_kinds(drawing, target, first)
        first["name"], first["about"] = "calibrated", f"fitted to {options.crops.name}"
        first["texts"] = _texts_for(kinds, begun)
        dials = dials_of(first, (*kinds, *TRAITS), on_photos=options.backgrounds is not None)
        with watching("styles drawn") as watch:
            fitted = fit(
                drawing,
                target,
                first,
                dials,
                trials=options.trials,
                seed=options.seed,
                told=lambda done, of, best: watch(done, of, f"{best / 2:.2f} of the distance"),
            )
    judging = _scene(judged_lines, characters, options, options.seed + 1)
    rows = _rows(judged_lines)
    with studio(judging, options.workers) as drawing:
        numbers = range(len(judged_lines))
        before, after = (
            _distance(rows, judged_lines, drawn)
            for drawn in drawing.see([begun, fitted.style], numbers)
        )
        images = drawing.draw(fitted.style, numbers)
    there = [
        (line, image) for line, image in zip(judged_lines, images, strict=True) if image is not None
    ]
    apart = _apart(there, reader)
    return Calibration(
        options=options,
        style=fitted.style,
        real=real,
        fitted_lines=len(fitted_lines),
        judged_lines=len(judged_lines),
        before=before,
        after=after,
        floor=distance(_rows(fitted_lines), rows),
        fit=fitted,
        kinds=kinds,
        apart=apart,
        pairs=tuple(Pairing(line.text, line.image, image) for line, image in there[:60]),
    )


def _rows(lines: Sequence[RealLine]) -> Rows:
    return np.array([line.features for line in lines], np.float64)


def _characters(lines: Sequence[RealLine], reader: LineReader) -> frozenset[str]:
    """Return what a label can hold: what the lines do, and ASCII that the model reads."""
    ascii_ = frozenset(map(chr, range(33, 127)))
    held = frozenset(char for line in lines for char in line.text)
    return held | (ascii_ if reader.characters is None else ascii_ & reader.characters)


def _scene(
    lines: Sequence[RealLine], characters: frozenset[str], options: CalibrateOptions, seed: int
) -> Scene:
    return Scene(
        texts=tuple(line.text for line in lines),
        characters=characters,
        model=options.model,
        fonts=options.fonts,
        backgrounds=options.backgrounds,
        seed=seed,
    )


def _measured(lines: Sequence[RealLine], reader: LineReader) -> list[LineLook]:
    looks = looks_of([line.image for line in lines], [line.text for line in lines], reader)
    found = [look for look in looks if look is not None]
    if len(found) < _LEAST_MEASURED:
        raise InputError(
            "--crops",
            f"show ink that can be told from its ground in {count_of(len(found), 'line')} of "
            f"{len(lines)}, and {_LEAST_MEASURED} are the least",
            "Give labels or a model that reads these lines better.",
        )
    return found


def _level(
    studio: Studio, style: StyleTable, lines: Sequence[RealLine], reader: LineReader
) -> list[LineLook]:
    """Measure the texts, drawn in a style without any turn."""
    images = studio.draw({**style, "geometry": {}}, range(len(lines)))
    there = [
        (line.text, image) for line, image in zip(lines, images, strict=True) if image is not None
    ]
    looks = looks_of([image for _, image in there], [text for text, _ in there], reader)
    return [look for look in looks if look is not None]


def _with_kinds(studio: Studio, target: Target, style: StyleTable) -> tuple[Table, tuple[str, ...]]:
    """Choose the kinds of face: the one that draws most alike, and what comes close to it."""
    scores: dict[str, float] = {}
    for kind in get_args(Kind):
        drawn = _seen(studio, {**style, "faces": [kind]})
        if drawn is not None:
            scores[kind] = target.score(drawn).whole
    best = min(scores.values())
    kinds = tuple(sorted(kind for kind, score in scores.items() if score <= _ALSO * best))
    weights = {
        name: weight
        for name, weight in dict(style.get("face_weights", {})).items()
        if name not in get_args(Kind)
    }
    table: Table = {**style, "faces": list(kinds), "face_weights": weights}
    return table, kinds


def _texts_for(kinds: Collection[str], begun: StyleTable) -> str:
    """Name the style of ours whose texts faces of these kinds can draw, the one begun from first.

    >>> _texts_for(["seven_segment"], style_table("document"))
    'lcd'
    """
    own = str(begun.get("texts") or begun["name"])
    known = {name: set(style_table(name).get("faces", ("text",))) for name in style_names()}
    if own in known and known[own] & set(kinds):
        return own
    return next((name for name in sorted(known) if known[name] & set(kinds)), "document")


def _seen(studio: Studio, style: Mapping[str, Any]) -> Drawn | None:
    from textlines.errors import UsageError

    try:
        return studio.see([style], range(len(studio.scene.texts)))[0]
    except UsageError:  # no face of the kind is here
        return None


def _distance(rows: Rows, lines: Sequence[RealLine], drawn: Drawn) -> Distance:
    numbers = list(drawn.numbers)
    texts = [lines[number].text for number in numbers]
    known = {text: at for at, text in enumerate(sorted(set(texts)))}
    groups = np.array([known[text] for text in texts] * 2, np.int64)
    return distance(rows[numbers], drawn.features.astype(np.float64), groups)


def _apart(pairs: Sequence[tuple[RealLine, Image]], reader: LineReader) -> tuple[Difference, ...]:
    texts = [line.text for line, _ in pairs]
    real = [look for look in looks_of([line.image for line, _ in pairs], texts, reader) if look]
    drawn = [look for look in looks_of([image for _, image in pairs], texts, reader) if look]
    return tuple(differences(real, drawn)) if real and drawn else ()
