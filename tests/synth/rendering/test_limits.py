"""What a style asks for is drawn or refused: no value is cut off in silence."""

import inspect
import math
from collections.abc import Callable
from typing import Any, get_type_hints

import numpy as np
import pytest

from synth.assets import style_names
from synth.draws import Draws
from synth.rendering.bends import BENDS
from synth.rendering.distractors import DISTRACTORS
from synth.rendering.lettering import LETTERING
from synth.rendering.limits import LIMITS, TURNED_BY_RISE, refuse_beyond
from synth.rendering.looks import GIVEN, bind
from synth.rendering.patches import patch
from synth.rendering.spans import SpanField
from synth.rendering.style import ImageFile, Ink, load_style
from synth.rendering.surfaces import SURFACES
from synth.rendering.text_style import Text
from textlines.errors import UsageError
from textlines.pixels.camera import CAMERA
from textlines.pixels.geometry import GEOMETRY
from textlines.pixels.light import LIGHT
from textlines.pixels.stroke import STROKE

TABLES: dict[str, Any] = {
    "surfaces": SURFACES,
    "distractors": DISTRACTORS,
    "stroke": STROKE,
    "geometry": GEOMETRY,
    "lettering": LETTERING,
    "bend": BENDS,
    "light": LIGHT,
    "camera": CAMERA,
}
IMAGE = np.random.default_rng(3).integers(30, 220, (48, 160, 3)).astype(np.uint8)
MASK = np.where(IMAGE[..., 0] > 125, IMAGE[..., 0], 0).astype(np.uint8)


@pytest.mark.parametrize("key", LIMITS)
def test_a_value_beyond_what_is_drawn_is_refused_with_its_key_and_limits(key: str) -> None:
    low, high = LIMITS[key]
    for value in (low - 1, high + 1):
        settings = [f"{key}={value}"]
        if key == "output.quality":
            settings = [f"{key}={int(value)}"]
        with pytest.raises(UsageError) as caught:
            refuse_beyond(load_style("document", settings))
        told = str(caught.value)
        assert f"{key}: asks for {value:g}, and {low:g} to {high:g} is what is drawn" in told
    refuse_beyond(load_style("document", [f"{key}=[{high}, {high}]", "photos.p=0.4"]))


@pytest.mark.parametrize("key", [key for key in LIMITS if key.partition(".")[0] in TABLES])
def test_every_limit_is_of_a_parameter_that_there_is(key: str) -> None:
    stage, name, parameter = key.split(".")
    assert parameter in set(inspect.signature(TABLES[stage][name]).parameters) - GIVEN


def numbers() -> set[str]:
    """Name every number that a style can have drawn, by its key."""
    parts = {
        f"{stage}.{name}.{parameter}"
        for stage, table in TABLES.items()
        for name, function in table.items()
        for parameter in set(inspect.signature(function).parameters) - GIVEN - {"seed"}
    }
    photos = {key.removeprefix("surfaces.photo.") for key in parts if ".photo." in key}
    spans = {
        f"{table}.{name}"
        for table, model in (("output", ImageFile), ("text", Text), ("ink", Ink))
        for name, kind in get_type_hints(model, include_extras=True).items()
        if kind in (SpanField, SpanField | None)
    } | {"text.gaps.amount", "text.gaps.every", "text.sizes.factor"}
    spans.add("output.window.width")
    spans |= {f"patch.{name}" for name in set(inspect.signature(patch).parameters) - GIVEN}
    return parts | spans | {f"photos.{name}" for name in photos} | {"ghost.opacity"}


def test_every_number_of_a_style_has_limits() -> None:
    assert set(LIMITS) | TURNED_BY_RISE == numbers()
    assert not set(LIMITS) & TURNED_BY_RISE


@pytest.mark.parametrize("name", style_names())
def test_no_style_of_the_package_asks_for_more(name: str) -> None:
    refuse_beyond(load_style(name))


def drawn(stage: str, name: str, parameter: str, value: float) -> np.ndarray:
    """Draw one part with one value; all else as it is by default, or small."""
    function: Callable[..., Any] = TABLES[stage][name]
    usual = {"strength": 0.3, "amount": 0.5, "sigma": 1.0, "depth": 0.5, "spread": 0.05}
    usual |= {"length": 3.0, "radius": 2.0, "level": 0.5, "soft": 0.3, "factor": 0.5, "quality": 80}
    words: dict[str, Any] = {}
    for key, one in inspect.signature(function).parameters.items():
        if key == "seed":
            words[key] = 5
        elif one.kind is inspect.Parameter.KEYWORD_ONLY and one.default is inspect.Parameter.empty:
            words[key] = usual[key]
    words[parameter] = value
    if stage == "geometry":
        return np.asarray(function(160, 48, **words))
    return np.asarray(function(MASK if stage == "stroke" else IMAGE, **words))


CUT = [
    key
    for key in LIMITS
    if key.partition(".")[0] in ("stroke", "light", "camera")
    or key == "geometry.perspective.spread"
]
SAME = {"light.side_light.deg": 90, "camera.motion_blur.angle_deg": 90, "stroke.fade.patch": 1}
"""Directions that end where they begin, patches longer than the picture: what differs from 0."""

CHOICES = {"camera.sensor_noise.size", "camera.sensor_noise.colour"}


@pytest.mark.parametrize("key", CUT)
def test_within_its_limits_a_value_changes_what_is_drawn(key: str) -> None:
    stage, name, parameter = key.split(".")
    low, high = LIMITS[key]
    whole = parameter in ("count", "quality", "pitch", "cell")
    inner = low + (high - low) / 2
    values = (round(inner), round(high)) if whole else (inner, high)
    if key in CHOICES:
        values = (round(low), round(high))
    elif key in SAME:
        values = (0, SAME[key])
    one, other = (drawn(stage, name, parameter, value) for value in values)
    assert one.shape == other.shape
    assert not np.array_equal(one, other)


def test_shares_above_all_lines_are_refused() -> None:
    for key in (
        "stroke.bold.p",
        "distractors.bezel.p",
        "light.glare.p",
        "distractors.frame.double",
    ):
        with pytest.raises(UsageError, match=key.replace(".", r"\.")):
            bind(load_style("lcd", [f"{key}=1.5"]))
    bind(load_style("lcd", ["surfaces.lcd.p=7"]))  # a weight


@pytest.mark.parametrize("name", ["rotation", "slope"])
def test_a_turn_that_no_line_could_have_is_refused_and_drawn_where_the_style_lets_it(
    name: str,
) -> None:
    asked = f"geometry.{name}={{ p = 1, deg = [-60, 60] }}"
    with pytest.raises(UsageError, match=rf"geometry\.{name}\.deg: asks for 60 degrees") as caught:
        bind(load_style("document", [asked]))
    assert "Set text.rise to 1.74 or more" in str(caught.value)
    assert math.tan(math.radians(60)) < 1.74
    looks = bind(load_style("document", [asked, "text.rise=10"]))
    from synth.rendering.composition import drawn_matrix

    parts = [part for part in looks.geometry if part.name == name]
    turns = [
        drawn_matrix(parts, (48, 160), 1.0, 10.0, Draws(1, k))[1][0][1]["deg"] for k in range(60)
    ]
    assert max(turns) > 50 and min(turns) < -50


def test_an_ink_without_room_on_any_surface_is_refused() -> None:
    bright = "surfaces={ plain = { level = [250, 255] } }"
    with pytest.raises(UsageError, match=r"ink\.dark: is 0, and no surface leaves room .* lighter"):
        bind(load_style("document", [bright, "ink.dark=0"]))
    dark = "surfaces={ plain = { level = [0, 12] } }"
    with pytest.raises(UsageError, match=r"ink\.dark: is 1, and no surface leaves room .* darker"):
        bind(load_style("document", [dark, "ink.dark=1"]))
    bind(load_style("document", [dark, "ink.dark=0"]))
    bind(load_style("document", [bright, "ink.dark=0.01"]))


def test_a_pair_that_nobody_could_read_is_refused() -> None:
    fair, near = (
        '{ ground = "#ff0000", ink = "#ffffff" }',
        '{ ground = "#808080", ink = "#8a8a8a"',
    )
    told = r"palette\[1\]: sets #8a8a8a on #808080: 10 levels .* legible\.contrast asks for 20"
    with pytest.raises(UsageError, match=told):
        bind(load_style("document", [f"palette=[{fair}, {near} }}]", "legible.contrast=20"]))
    bind(load_style("document", [f"palette=[{fair}, {near}, weight = 0 }}]"]))


def test_windows_wider_than_any_line_are_refused() -> None:
    settings = ["output.height=96", "output.window.width=[3, 40]"]
    told = r"output\.window\.width: asks for files 40 heights wide, which are 3,840 pixels"
    with pytest.raises(UsageError, match=told) as caught:
        bind(load_style("document", settings))
    assert "Set output.max_width to 3840 or more" in str(caught.value)
    bind(load_style("document", [*settings, "output.max_width=3840"]))


def test_lines_are_brought_down_and_never_enlarged() -> None:
    with pytest.raises(UsageError, match=r"output\.native: asks for lines 64 pixels high") as told:
        bind(load_style("document", ["output.native=[20, 64]"]))
    assert "Set output.height to 64 or more" in str(told.value)
    bind(load_style("document", ["output.native=[20, 64]", "output.height=64"]))
