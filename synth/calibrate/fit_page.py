"""A calibration as one page: real lines beside drawn ones, distances, and what tells them apart."""

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup

from synth.calibrate.calibration import Calibration, Pairing
from synth.calibrate.compression import Compressed
from synth.calibrate.dials import Table
from synth.calibrate.distances import Distance
from synth.calibrate.told_apart import MEASURES, in_words
from synth.faces.face_pool import EVERY_OTHER
from textlines.pages.environment import render
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, table
from textlines.pages.thumbnails import thumbnail
from textlines.wording import Sentence, say
from textlines.wording.counts import line_count

PACKAGE = "synth.calibrate"

FINDING = say(
    "The distance to real lines went from {before:.1f} to {after:.1f}; "
    "that of other real lines is {floor:.1f}."
)

TELLS = say(
    "A classifier picks the real one of two lines in {share:.0f} % of cases (50 is a guess)."
)

NEAREST = say("Nearest families: {names}.")

YES, NO = say("yes"), say("no")

_FAMILIES = 6
"""Of the nearest ones that are named."""

NOTHING = say("No measure tells them apart better than three times in five.")


def headline(made: Calibration) -> Sentence:
    """Say what the fit brought, in one sentence."""
    return FINDING.filled(
        before=made.before.frechet, after=made.after.frechet, floor=made.floor.frechet
    )


def fit_page(made: Calibration) -> str:
    """Lay out a calibration."""
    facts = (
        Fact(say("lines fitted to"), f"{made.fitted_lines:,}"),
        Fact(say("lines judged by"), f"{made.judged_lines:,}", say("their texts are others")),
        Fact(say("styles drawn"), f"{made.fit.trials:,}"),
        Fact(say("kinds of face"), ", ".join(made.kinds)),
    )
    words = in_words(made.apart)
    sections = (
        Section(
            say("Real beside drawn"),
            side_by_side(made.pairs),
            say(
                "Above what was photographed, below what the fitted style draws with the same text."
            ),
            is_wide=True,
        ),
        Section(say("Distances"), _distances(made), TELLS.filled(share=100 * made.after.auc)),
        Section(
            say("What still tells them apart"),
            render(PACKAGE, "words.html.j2", words=words or [NOTHING]),
        ),
        Section(say("Measures"), _measures(made)),
        Section(say("Colours"), palette(made.style.get("palette", []))),
        Section(
            say("What was measured first"),
            _steps(made) + render(PACKAGE, "words.html.j2", words=_in_words(made)),
            say("The rest of the distance that is left with it, before anything was fitted."),
        ),
        Section(say("What the fit turned"), _turned(made)),
    )
    return page(
        str(say("Fitted style")),
        sections,
        finding=headline(made),
        lead=_lead(made),
        facts=facts,
    )


def _lead(made: Calibration) -> Sentence:
    return say(
        "{crops}, {lines} of {there}; begun from {begun}.",
        crops=made.options.crops.name,
        lines=line_count(len(made.real.lines)),
        there=made.real.there,
        begun=made.options.begun,
    )


def side_by_side(pairs: Sequence[Pairing]) -> Markup:
    """Lay out pairs, the real line above the drawn one."""
    shown = [
        (pair.text, thumbnail(pair.real, max_width=320), thumbnail(pair.drawn, max_width=320))
        for pair in pairs
    ]
    return render(PACKAGE, "pairs.html.j2", pairs=shown)


def _distances(made: Calibration) -> Markup:
    def row(name: Sentence, found: Distance) -> list[str | float]:
        return [name, round(found.frechet, 2), round(found.auc, 3)]

    columns = (
        Column(say("lines")),
        Column(say("Fréchet distance"), True, say("of the recognizer's pooled features")),
        Column(say("told apart"), True, say("area under the curve: 0.5 is a guess, 1 is always")),
    )
    return table(
        columns,
        (
            row(say("drawn before"), made.before),
            row(say("drawn now"), made.after),
            row(say("other real lines"), made.floor),
        ),
    )


def _measures(made: Calibration) -> Markup:
    columns = (
        Column(say("measure")),
        Column(say("real"), True),
        Column(say("drawn"), True),
        Column(say("told apart"), True),
    )
    rows: list[Sequence[CellLike]] = [
        [MEASURES[one.measure], round(one.real, 3), round(one.drawn, 3), round(one.told, 3)]
        for one in made.apart
    ]
    return table(columns, rows, shown=8)


def _steps(made: Calibration) -> Markup:
    columns = (
        Column(say("measure")),
        Column(say("distance left"), True, say("1 is that of the style begun from")),
        Column(say("taken over")),
    )
    rows: list[Sequence[CellLike]] = [
        [step.name, Cell(f"{step.score / 2:.2f}", step.score), YES if step.is_kept else NO]
        for step in made.steps
    ]
    families = made.style.get("family_weights", {})
    near = [name for name in families if name != EVERY_OTHER][:_FAMILIES]
    shown = table(columns, rows)
    if not near:
        return shown
    return shown + render(PACKAGE, "words.html.j2", words=[NEAREST.filled(names=", ".join(near))])


def _in_words(made: Calibration) -> list[Sentence]:
    """Say what crops show of the file that they were and of the side that they are seen from."""
    return [*jpeg_words(made.jpeg), perspective_words(made.perspective)]


def jpeg_words(found: Compressed) -> list[Sentence]:
    """Say how strongly crops are compressed, and by what it is told."""
    if not found.qualities:
        return [
            say("No crop shows JPEG: never compressed, at the finest qualities, or resized since.")
        ]
    low, high = found.quartiles()
    words = [
        say(
            "Real crops are JPEG at {low} to {high} (half of them), told of {seen} of {crops}.",
            low=low,
            high=high,
            seen=len(found.qualities),
            crops=found.crops,
        )
    ]
    if found.by_file:
        words.append(
            say(
                "Of these, {files} are JPEG files, {halved} with colours at half the size (4:2:0).",
                files=found.by_file,
                halved=found.halved,
            )
        )
    return words


def perspective_words(sides: Sequence[float]) -> Sentence:
    """Say how much letters change in height along real lines."""
    if not sides:
        return say(
            "Too few lines show their perspective surely: it stays as in the style begun from."
        )
    low, high = np.quantile(np.abs(sides), (0.25, 0.75))
    return say(
        "Letters change in height by {low:.0f} to {high:.0f} % from one end of a crop to the other "
        "(half of the lines); they grow to the right in {right:.0f} %.",
        low=100 * low,
        high=100 * high,
        right=100 * float(np.mean(np.array(sides) > 0)),
    )


def palette(pairs: Sequence[Mapping[str, object]]) -> Markup:
    """Show pairs of ground and ink with their weights."""
    return render(PACKAGE, "palette.html.j2", pairs=pairs)


def _turned(made: Calibration) -> Markup:
    columns = (Column(say("key")), Column(say("turned by"), True), Column(say("now")))
    rows: list[Sequence[CellLike]] = [
        [name.rpartition(" ")[0], Cell(f"{turn:+.2f}", turn), _now(made.style, name)]
        for name, turn in sorted(made.fit.turned.items(), key=lambda item: -abs(item[1]))
    ]
    return table(columns, rows, shown=12)


def _now(style: Table, name: str) -> str:
    at: object = style
    for part in name.rpartition(" ")[0].split("."):
        at = at.get(part, {}) if isinstance(at, Mapping) else {}
    if isinstance(at, Mapping):
        numbers = at.get("values") or [at[end] for end in ("low", "high") if end in at]
    else:
        numbers = at if isinstance(at, list | tuple) else [at]
    ends = (min(numbers), max(numbers)) if numbers else ()
    return " … ".join(dict.fromkeys(f"{end:g}" for end in ends))
