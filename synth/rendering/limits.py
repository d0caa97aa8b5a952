"""How far each number of a style is drawn as it is asked for; what lies beyond is refused.

The functions that draw cut what lies beyond off themselves, for whoever calls them with numbers of
another kind; of a style that would be a picture that nobody asked for, without a word.
"""

import math
from collections.abc import Iterator, Mapping

from synth.rendering.colour import colour_of, luminance
from synth.rendering.spans import Span, StylePart
from synth.rendering.style import ImageFile, Style
from synth.trdg_parts import LIMITS as OF_TRDG
from textlines.errors import UsageError

Range = tuple[float, float]

MOST_RISE_DEG = 90.0

_ANY_LEVEL = (0.0, 280.0)
"""Of a surface: beyond 255 its texture is blown out, as under a flash."""

_TURN = (-360.0, 360.0)
"""Of a direction: once around, either way."""

TURNED_BY_RISE = frozenset({"geometry.rotation.deg", "geometry.slope.deg"})
"""Turns of the line, which `text.rise` bounds."""

_OF_DISTRACTORS: Mapping[str, Range] = {
    # How often something is drawn, or how dense: from nothing to all.
    **dict.fromkeys(
        (
            *("bezel.left", "bezel.top", "bezel.right", "bezel.bottom", "bezel.screw"),
            *("frame.left", "frame.top", "frame.right", "frame.bottom", "frame.double"),
            *("table_lines.left", "table_lines.top", "table_lines.right", "table_lines.bottom"),
            *("table_lines.dashed", "table_lines.density", "underline.double"),
            *("neighbour_lines.above", "neighbour_lines.below", "neighbour_lines.density"),
            *("underline.density", "stamp_edge.density", "specks.density"),
            *("frame.contrast", "side_mark.contrast", "frame.light"),
            *("frame.all_sides", "bezel.all_sides"),
        ),
        (0, 1),
    ),
    # Shares of the height.
    **dict.fromkeys(
        (
            *("bezel.edge", "frame.line", "table_lines.line", "underline.line", "stamp_edge.line"),
            *("side_mark.size", "specks.size"),
            *("bezel.gap", "frame.gap", "side_mark.gap", "table_lines.gap", "underline.gap"),
            *("neighbour_lines.gap", "stamp_edge.gap", "specks.gap", "torn_edge.gap"),
        ),
        (0, 1),
    ),
    "stamp_edge.radius": (0.1, 10),
    # A share of the panel's luminance.
    "bezel.dark": (0, 4),
    # Further in it would lie on the letters.
    "frame.touch": (0, 0.15),
    # Degrees to either side.
    **dict.fromkeys(
        ("bezel.skew", "frame.skew", "table_lines.skew", "torn_edge.skew"),
        (0, 45),
    ),
    "bezel.level": _ANY_LEVEL,
    "torn_edge.level": _ANY_LEVEL,
    "specks.count": (0, 100),
}

LIMITS: Mapping[str, Range] = {
    "output.quality": (1, 100),
    "output.native": (8, 512),
    "output.window.width": (0.5, 40),
    "text.fill": (0, 1),
    "text.above": (0, 1),
    # Below 0 the line begins or ends outside the image, as in a crop that cuts it.
    "text.left": (-1, 20),
    "text.right": (-1, 20),
    "text.spacing": (-1, 4),
    "text.stretch": (0.1, 10),
    "text.word_space": (0, 10),
    # Wider or narrower than that, one character becomes another beside its neighbours.
    "text.character_width": (0.75, 1.35),
    # Beyond that a reader sees a space.
    "text.gaps.amount": (0, 0.5),
    "text.gaps.every": (0, 50),
    "text.sizes.factor": (0.5, 1),
    # Beyond 1 there is no more than the full range: that much of the span is drawn with it.
    "ink.contrast": (0, 1.5),
    "ink.tint": (0, 255),
    "ghost.opacity": (0, 1),
    "patch.margin": (0, 1),
    "patch.level": (0, 255),
    "patch.tint": (0, 255),
    "patch.corner": (0, 0.5),
    "patch.skew": (0, 10),
    "patch.lift": (0, 0.9),
    **{f"surfaces.{name}.level": _ANY_LEVEL for name in ("plain", "paper", "thermal", "lcd")},
    **{f"surfaces.{name}.tint": (0, 255) for name in ("plain", "paper", "thermal")},
    **{f"surfaces.{name}.grain": (0, 64) for name in ("paper", "thermal")},
    **{f"surfaces.{name}.fold": (0, 0.9) for name in ("paper", "thermal")},
    "surfaces.thermal.streak": (0, 64),
    "surfaces.lcd.tint": (0, 1),
    "surfaces.lcd.gradient": (0, 0.9),
    "surfaces.lcd.texture": (0, 64),
    "surfaces.lcd.dust": (0, 100),
    "surfaces.lcd.lit": (0, 1),
    "surfaces.photo.zoom": (0.25, 4),
    "surfaces.photo.calm": (0, 1),
    "photos.zoom": (0.25, 4),
    "photos.calm": (0, 1),
    **{f"distractors.{name}": limits for name, limits in _OF_DISTRACTORS.items()},
    "stroke.bold.amount": (0, 3),
    "stroke.thin.amount": (0, 1),
    "stroke.rough.amount": (0, 1),
    "stroke.mottle.depth": (0, 0.8),
    "stroke.mottle.cell": (2, 32),
    "stroke.dots.pitch": (2, 16),
    "stroke.dots.depth": (0, 0.9),
    # With fewer drops small print loses its shapes.
    "stroke.inkjet.rows": (16, 48),
    "stroke.inkjet.size": (0.6, 1.3),
    "stroke.inkjet.jitter": (0, 0.5),
    "stroke.fade.depth": (0, 0.9),
    "stroke.fade.patch": (0, 20),
    "stroke.streaks.depth": (0, 0.8),
    "stroke.streaks.count": (0, 100),
    "stroke.echo.depth": (0, 1),
    "stroke.echo.right": (-32, 32),
    "stroke.echo.down": (-32, 32),
    "lettering.drop_shadow.right": (-0.3, 0.3),
    "lettering.drop_shadow.down": (-0.3, 0.3),
    "lettering.drop_shadow.depth": (0, 1),
    "lettering.drop_shadow.blur": (0, 0.3),
    "lettering.extrusion.length": (0.01, 0.4),
    "lettering.extrusion.deg": _TURN,
    "lettering.extrusion.shade": (0.3, 1),
    "lettering.outline.line": (0.01, 0.2),
    "lettering.outline.contrast": (0, 1),
    "lettering.outline.tint": (0, 1),
    "lettering.gradient.amount": (-1, 0.5),
    "lettering.gradient.tint": (0, 1),
    "lettering.gradient.deg": _TURN,
    "lettering.two_tone.amount": (-1, 0.5),
    "lettering.two_tone.tint": (0, 1),
    "lettering.ink_texture.spread": (0, 64),
    "lettering.ink_texture.cell": (2, 32),
    "lettering.emboss.rim": (0, 0.15),
    "lettering.emboss.depth": (0, 1),
    "lettering.emboss.deg": _TURN,
    # Thicker or steeper bars would make other letters.
    "lettering.strike.line": (0.01, 0.06),
    "lettering.strike.at": (0.25, 0.75),
    "lettering.strike.slant": (-15, 15),
    "lettering.strike.density": (0, 1),
    "lettering.strike.tint": (0, 1),
    "bend.arc.rise": (-2, 2),
    "bend.elastic.amount": (0, 0.06),
    "bend.elastic.cell": (0.4, 4),
    "geometry.shear.deg": (-45, 45),
    "geometry.keystone.side": (-0.5, 0.5),
    "geometry.keystone.top": (-0.5, 0.5),
    "geometry.perspective.spread": (0, 0.2),
    "light.uneven_light.strength": (0, 0.95),
    "light.side_light.strength": (0, 0.95),
    "light.side_light.deg": _TURN,
    "light.shadow.strength": (0, 0.9),
    "light.shadow.softness": (0, 2),
    "light.reflection.strength": (0, 1),
    "light.reflection.softness": (0, 2),
    "light.reflection.colour": (0, 1),
    "light.glare.strength": (0, 1),
    "light.glare.count": (0, 8),
    "light.glare.size": (0, 4),
    "light.glare.softness": (0, 2),
    "light.glare.colour": (0, 1),
    "light.vignette.strength": (0, 0.9),
    "camera.gaussian_blur.sigma": (0, 6),
    "camera.motion_blur.length": (0, 24),
    "camera.motion_blur.angle_deg": _TURN,
    "camera.defocus.radius": (0, 8),
    "camera.downscale.factor": (0.01, 1),
    "camera.downscale.quality": (0, 100),
    "camera.threshold.level": (0, 1),
    "camera.threshold.soft": (0, 1),
    "camera.threshold.factor": (0.01, 1),
    "camera.sharpen.amount": (0, 4),
    "camera.sensor_noise.level": (0, 64),
    "camera.sensor_noise.size": (1, 2),
    "camera.sensor_noise.colour": (0, 1),
    "camera.cast.blue": (0, 4),
    "camera.cast.green": (0, 4),
    "camera.cast.red": (0, 4),
    "camera.tone.brightness": (-255, 255),
    "camera.tone.contrast": (0, 4),
    "camera.tone.gamma": (0.1, 10),
    "camera.desaturate.amount": (0, 1),
    "camera.jpeg.quality": (1, 100),
}
"""Of each number that a style has, what is drawn as it is asked for; but for `TURNED_BY_RISE`."""

_STAGES = ("surfaces", "distractors", "lettering", "stroke", "bend", "geometry", "light", "camera")


def refuse_beyond(style: Style) -> None:
    """Refuse a style that asks for what is not drawn.

    Raises:
        UsageError: names the key, what it asks for, and what is drawn.
    """
    for key, span in _spans(style):
        # A parameter that does not exist is refused where it is bound.
        low, high = LIMITS.get(key) or OF_TRDG.get(key, (-math.inf, math.inf))
        least, most = _ends(span)
        if least < low or most > high:
            raise UsageError(
                f"style {style.name!r}, {key}",
                f"asks for {_shown(least, most)}, and {low:g} to {high:g} is what is drawn",
                "Keep to that.",
            )
    for stage in _STAGES[1:]:
        parts: Mapping[str, StylePart] = getattr(style, stage)
        for name, part in parts.items():
            if part.p > 1:
                raise UsageError(
                    f"style {style.name!r}, {stage}.{name}.p",
                    f"is {part.p:g}, and it is a share of lines",
                    "Name one from 0 to 1.",
                )
    _refuse_turns(style)
    _refuse_sides(style)
    _refuse_pairs(style)
    _refuse_flat_ghosts(style)
    _refuse_wide_windows(style)


def _spans(style: Style) -> Iterator[tuple[str, Span]]:
    """Name every span of a style by its key."""
    for table in ("output", "text", "ink"):
        for name in type(getattr(style, table)).model_fields:
            value = getattr(getattr(style, table), name)
            if isinstance(value, Span):
                yield f"{table}.{name}", value
    if style.output.window.width is not None:
        yield "output.window.width", style.output.window.width
    yield "text.gaps.amount", style.text.gaps.amount
    yield "text.gaps.every", style.text.gaps.every
    yield "text.sizes.factor", style.text.sizes.factor
    for name in ("photos", "ghost", "patch"):
        for key, span in getattr(style, name).with_.items():
            yield f"{name}.{key}", span
    for stage in _STAGES:
        for name, part in getattr(style, stage).items():
            for key, span in part.with_.items():
                yield f"{stage}.{name}.{key}", span


def _ends(span: Span) -> Range:
    """Return the least and the greatest value of a span that it ever draws."""
    if span.values:
        weights = span.weights or (1,) * len(span.values)
        drawn = [v for v, weight in zip(span.values, weights, strict=True) if weight > 0]
        return float(min(drawn)), float(max(drawn))
    return float(span.low), float(span.high)


def _shown(least: float, most: float) -> str:
    return f"{least:g}" if least == most else f"{least:g} to {most:g}"


def _refuse_turns(style: Style) -> None:
    """Refuse turns that no line is drawn with: a square crop bears the most."""
    most = math.degrees(math.atan(style.text.rise))
    for name in ("rotation", "slope"):
        part = style.geometry.get(name)
        if part is None or not part.p or "deg" not in part.with_:
            continue
        asked = max(map(abs, _ends(part.with_["deg"])))
        if asked > most:
            needed = math.tan(math.radians(asked)) if asked < MOST_RISE_DEG else math.inf
            way = (
                f"Set text.rise to {math.ceil(needed * 100) / 100:g} or more, or ask for less."
                if needed <= 10
                else "Ask for less."
            )
            raise UsageError(
                f"style {style.name!r}, geometry.{name}.deg",
                f"asks for {asked:g} degrees, and no line is turned by more than {most:.1f}: one "
                f"end may lie above the other by text.rise = {style.text.rise:g} of the height",
                way,
            )


def _refuse_sides(style: Style) -> None:
    """Refuse an ink that is always lighter (darker) than surfaces that leave it no room."""
    if style.ink.dark not in (0.0, 1.0) or style.palette:
        return
    lighter = style.ink.dark == 0.0
    levels = [
        _ends(part.with_["level"])
        for part in style.surfaces.values()
        if part.p > 0 and "level" in part.with_
    ]
    # A surface without a level of its own (photos, defaults) may have room.
    if len(levels) < sum(part.p > 0 for part in style.surfaces.values()) or not levels:
        return
    needed = style.legible.contrast
    rooms = [255 - low if lighter else high for low, high in levels]
    if max(rooms) < needed:
        side, edge = ("lighter", "darker") if lighter else ("darker", "lighter")
        raise UsageError(
            f"style {style.name!r}, ink.dark",
            f"is {style.ink.dark:g}, and no surface leaves room for an ink that is {side}: "
            f"{max(rooms):g} levels at most, legible.contrast asks for {needed:g}",
            f"Name a {edge} level in [surfaces], or another ink.dark.",
        )


def _refuse_pairs(style: Style) -> None:
    """Refuse pairs of a palette whose ink is too near to its ground to be read."""
    needed = style.legible.contrast
    for number, pair in enumerate(style.palette):
        distance = abs(luminance(colour_of(pair.ground)) - luminance(colour_of(pair.ink)))
        if pair.weight and distance < needed:
            raise UsageError(
                f"style {style.name!r}, palette[{number}]",
                f"sets {pair.ink} on {pair.ground}: {distance} levels of luminance apart, and "
                f"legible.contrast asks for {needed:g}",
                "Leave the pair out, or move the two apart.",
            )


def greatest_native(output: ImageFile) -> int:
    """Return the greatest height of a style's files, in pixels."""
    return output.height if output.native is None else int(_ends(output.native)[1])


def _refuse_flat_ghosts(style: Style) -> None:
    """Refuse unlit segments under lines that are bent: the display's would stay flat."""
    if style.ghost.p and any(part.p for part in style.bend.values()):
        raise UsageError(
            f"style {style.name!r}, bend",
            "bends lines over unlit segments, which stay flat",
            "Set ghost.p to 0, or leave [bend] out.",
        )


def _refuse_wide_windows(style: Style) -> None:
    """Refuse windows that are wider than any line may be."""
    output = style.output
    if output.window.width is None:
        return
    most = _ends(output.window.width)[1]
    needed = math.ceil(most * output.height)
    if needed > output.max_width:
        raise UsageError(
            f"style {style.name!r}, output.window.width",
            f"asks for files {most:g} heights wide, which are {needed:,} pixels at "
            f"output.height = {output.height}, and output.max_width is {output.max_width:,}",
            f"Set output.max_width to {needed} or more, or ask for less.",
        )


def refuse_enlarging(style: Style) -> None:
    """Refuse native heights above the height at which lines are drawn.

    Raises:
        UsageError: names both.
    """
    native = style.output.native
    if native is not None and _ends(native)[1] > style.output.height:
        raise UsageError(
            f"style {style.name!r}, output.native",
            f"asks for lines {_ends(native)[1]:g} pixels high, drawn at "
            f"output.height = {style.output.height}: they are brought down only",
            f"Set output.height to {math.ceil(_ends(native)[1])} or more, or ask for less.",
        )
