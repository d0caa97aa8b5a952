"""From crops to a fitted style, with what it was measured and judged by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.calibrate.compression import Compressed, compressed, compression_of
from synth.calibrate.crops import RealLine, RealLines, parted, read_crops
from synth.calibrate.dials import Table, dials_of
from synth.calibrate.distances import Distance, Rows, distance
from synth.calibrate.drawing import Drawn, Scene, studio
from synth.calibrate.first_style import Step, first_style
from synth.calibrate.fitting import Fitted, Target, fit
from synth.calibrate.libraries import require_libraries
from synth.calibrate.measures import Inked, inked_lines
from synth.calibrate.told_apart import Difference, differences
from synth.faces.font_face import TRAITS
from synth.rendering.style import style_table
from textlines.errors import InputError
from textlines.line_reader import LineReader, open_line_reader
from textlines.pixels.arrays import Image
from textlines.pixels.decode import read_bytes
from textlines.progress import Watching
from textlines.wording.counts import count_of

_LEAST_MEASURED = 12


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
        steps: what was measured and kept before the fit, each with the score after it, 1 for the
            style begun from.
        jpeg: how the lines fitted to were compressed.
        perspective: changes of height along lines, as `first_style.FirstStyle` has them.
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
    steps: tuple[Step, ...]
    jpeg: Compressed
    perspective: tuple[float, ...]
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
    inked = _inked(fitted_lines, reader)
    jpeg = compressed(
        [compression_of(read_bytes(options.crops / one.path), one.image) for one in fitted_lines]
    )
    characters = _characters(real.lines, reader)
    scene = _scene(fitted_lines, characters, options, options.seed)
    with studio(scene, options.workers) as drawing:
        target = Target(_rows(fitted_lines))
        target.score(drawing.see([begun], range(len(fitted_lines)))[0])
        first = first_style(drawing, target, begun, inked, jpeg, reader)
        style = {**first.style, "name": "calibrated", "about": f"fitted to {options.crops.name}"}
        dials = dials_of(style, (*first.kinds, *TRAITS), on_photos=options.backgrounds is not None)
        with watching("styles drawn") as watch:
            fitted = fit(
                drawing,
                target,
                style,
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
        kinds=first.kinds,
        steps=first.steps,
        jpeg=jpeg,
        perspective=first.perspective,
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


def _inked(lines: Sequence[RealLine], reader: LineReader) -> list[Inked]:
    seen = inked_lines([line.image for line in lines], [line.text for line in lines], reader)
    found = [line for line in seen if line is not None]
    if len(found) < _LEAST_MEASURED:
        raise InputError(
            "--crops",
            f"show ink that can be told from its ground in {count_of(len(found), 'line')} of "
            f"{len(lines)}, and {_LEAST_MEASURED} are the least",
            "Give labels or a model that reads these lines better.",
        )
    return found


def _distance(rows: Rows, lines: Sequence[RealLine], drawn: Drawn) -> Distance:
    numbers = list(drawn.numbers)
    texts = [lines[number].text for number in numbers]
    known = {text: at for at, text in enumerate(sorted(set(texts)))}
    groups = np.array([known[text] for text in texts] * 2, np.int64)
    return distance(rows[numbers], drawn.features.astype(np.float64), groups)


def _apart(pairs: Sequence[tuple[RealLine, Image]], reader: LineReader) -> tuple[Difference, ...]:
    texts = [line.text for line, _ in pairs]
    real, drawn = (
        [line.look for line in inked_lines(images, texts, reader) if line is not None]
        for images in ([line.image for line, _ in pairs], [image for _, image in pairs])
    )
    return tuple(differences(real, drawn)) if real and drawn else ()
