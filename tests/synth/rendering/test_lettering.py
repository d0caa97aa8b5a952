"""Where outlines, shadows, walls, inks and bars lie, and that the letters stay what is read."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.faces.display import display_faces
from synth.rendering.colour import inlaid, luminance
from synth.rendering.lettering import INKS, LETTERING, UNDER, Coat, hued, stroke_width
from synth.rendering.looks import GIVEN
from synth.rendering.sample import Sample, Setup
from synth.rendering.style import load_style
from textlines.formats.plan_rows import PlanRow
from textlines.pixels.arrays import Image

levels = st.integers(0, 255)
COLOUR = st.tuples(levels, levels, levels)
BLUE, CREAM = (120, 60, 30), (210, 235, 245)


def coat(ink: tuple[int, int, int] = CREAM, under: tuple[int, int, int] = BLUE) -> Coat:
    """Return two letters: a block with a hole, and a bar."""
    mask = np.zeros((48, 120), np.uint8)
    cv2.rectangle(mask, (20, 12), (44, 36), 255, 6)
    mask[10:40, 70:78] = 255
    boxes = np.array([(17, 9, 48, 40), (70, 10, 78, 40)], np.int32)
    return Coat(mask, boxes, ink, under)


def ground(of: Coat) -> Image:
    return np.full((*of.mask.shape, 3), of.under, np.uint8)


def made(name: str, of: Coat, **params: Any) -> Image:
    """Draw one look on what it is drawn on."""
    function: Callable[..., Image] = LETTERING[name]
    if "seed" in inspect.signature(function).parameters:
        params.setdefault("seed", 5)
    plane = np.full((*of.mask.shape, 3), of.ink, np.uint8)
    given = ground(of) if name in UNDER else plane
    if name not in UNDER and name not in INKS:
        given = inlaid(ground(of), of.mask, plane)
    before = given.copy()
    image = function(given, of, **params)
    np.testing.assert_array_equal(given, before)
    assert image.shape == before.shape and image.dtype == np.uint8
    return image


@pytest.mark.parametrize("name", LETTERING)
def test_every_look_is_seen_and_is_the_same_from_the_same_seed(name: str) -> None:
    of = coat()
    params = {"amount": -0.8} if name == "gradient" else {}
    image = made(name, of, **params)
    assert (image != (ground(of) if name in UNDER else 0)).any()
    np.testing.assert_array_equal(image, made(name, of, **params))
    takes = set(inspect.signature(LETTERING[name]).parameters) - GIVEN
    if "seed" in takes and name != "strike":
        others = [
            made(name, of, **({**params, "tint": 1.0} if "tint" in takes else {}), seed=k)
            for k in range(6)
        ]
        assert any((image != other).any() for other in others)


def test_an_outline_lies_right_around_the_letters() -> None:
    of = coat()
    image = made("outline", of, line=0.06, contrast=1.0)
    near = cv2.dilate(of.mask, np.ones((3, 3), np.uint8)) > 0
    far = cv2.dilate(of.mask, np.ones((13, 13), np.uint8)) == 0
    assert image[near].max() < 40  # dark around light letters
    assert (image[far] == BLUE).all()
    light = made("outline", coat(ink=(20, 20, 20)), line=0.06, contrast=1.0)
    assert light[near].min() > 215


def test_a_shadow_only_darkens_and_lies_where_it_is_thrown() -> None:
    of = coat()
    image = made("drop_shadow", of, right=0.2, down=0.0, depth=0.8, blur=0.0)
    assert (image <= ground(of)).all()
    lost = ground(of).astype(int)[..., 0] - image[..., 0]
    columns = np.flatnonzero(lost.any(axis=0))
    assert columns.min() == pytest.approx(17 + 0.2 * 48, abs=2)


@given(ink=st.integers(0, 200))
def test_the_shadow_of_dark_letters_stays_nearer_to_the_ground(ink: int) -> None:
    of = coat(ink=(ink, ink, ink), under=(210, 210, 210))
    image = made("drop_shadow", of, depth=1.0, blur=0.0)
    assert image.min() >= (210 + ink) / 2 - 2


def test_walls_lead_where_they_are_turned_to_and_differ_from_the_face() -> None:
    for deg, side in ((0, slice(79, 84)), (180, slice(64, 69))):
        image = made("extrusion", coat(), length=0.1, deg=deg, shade=0.6)
        wall = image[25, side].mean(axis=0)
        assert np.abs(wall - np.array(CREAM)).mean() > 60
        assert np.abs(wall - np.array(BLUE)).mean() > 15
    dark = made("extrusion", coat(ink=(20, 20, 20), under=(230, 230, 230)), length=0.1, deg=0)
    assert 110 < dark[25, 80].mean() < 225


@given(ink=COLOUR, under=COLOUR, amount=st.floats(-1, 0.5), tint=st.floats(0, 1))
def test_a_second_ink_stays_on_its_side_of_the_ground(
    ink: tuple[int, int, int], under: tuple[int, int, int], amount: float, tint: float
) -> None:
    of = coat(ink, under)
    distance = luminance(ink) - luminance(under)
    for name in ("gradient", "two_tone"):
        image = made(name, of, amount=amount, tint=tint)
        for colour in (image[0, 0], image[-1, -1]):
            other = luminance((int(colour[0]), int(colour[1]), int(colour[2]))) - luminance(under)
            # A pure hue cannot have every luminance: blue is cut before it is light.
            assert other * distance >= 0 or abs(other) < 40


def test_a_gradient_runs_along_its_direction() -> None:
    image = made("gradient", coat(), amount=-1.0, deg=90.0)[..., 0].astype(int)
    assert (image == image[:, :1]).all()
    assert (np.diff(image[:, 0]) >= 0).all() and image[-1, 0] > image[0, 0]


def test_two_inks_part_between_two_characters() -> None:
    image = made("two_tone", coat(), tint=1.0)
    changes = np.flatnonzero((np.diff(image.astype(int), axis=1) != 0).any(axis=(0, 2)))
    assert changes.tolist() == [69]
    alone = Coat(coat().mask, coat().boxes[:1], CREAM, BLUE)
    assert (made("two_tone", alone) == CREAM).all()


def test_raised_letters_are_light_where_the_light_comes_from() -> None:
    grey = coat(ink=(120, 120, 120), under=(150, 150, 150))
    image = made("emboss", grey, rim=0.05, depth=0.8, deg=180.0)[..., 0]
    assert image[25, 71] > 150 > image[25, 77]
    assert (image[:, :10] == 150).all()


@given(at=st.floats(0.25, 0.75), slant=st.floats(-10, 10), seed=st.integers(0, 99))
def test_a_bar_is_thinner_than_half_a_stroke_and_spares_flat_characters(
    at: float, slant: float, seed: int
) -> None:
    of = coat()
    plain = inlaid(ground(of), of.mask, np.full((48, 120, 3), CREAM, np.uint8))
    struck = made("strike", of, line=0.06, at=at, slant=slant, seed=seed)
    rows = (struck[:, 60] != plain[:, 60]).any(axis=1).sum()  # between the letters
    assert 0 < rows <= stroke_width(of.mask) / 2 + 3
    for y in range(10, 36, 4):
        mask = of.mask.copy()
        mask[y : y + 4, 90:110] = 255
        hyphen = Coat(
            mask, np.vstack([of.boxes, [(90, y, 110, y + 4)]]).astype(np.int32), CREAM, BLUE
        )
        before = inlaid(ground(hyphen), mask, np.full((48, 120, 3), CREAM, np.uint8))
        after = made("strike", hyphen, line=0.06, at=at, slant=slant, seed=seed)
        changed = (after != before).any(axis=(1, 2))
        assert not changed[max(0, y - 2) : y + 6].any()


@pytest.mark.parametrize(("text", "is_struck"), [("RR9C-XOMI", False), ("Total", True), ("", True)])
def test_codes_are_not_struck_out(text: str, is_struck: bool) -> None:
    of = replace(coat(), text=text)
    plain = inlaid(ground(of), of.mask, np.full((48, 120, 3), CREAM, np.uint8))
    struck = made("strike", of, line=0.06, at=0.5, slant=0, seed=1)
    assert bool((struck != plain).any()) is is_struck


@given(level=levels, tint=st.floats(0, 1), seed=st.integers(0, 999))
def test_a_hue_keeps_its_luminance_unless_a_channel_is_full(
    level: int, tint: float, seed: int
) -> None:
    colour = hued(level, tint, seed)
    assert luminance(colour) <= level + 2
    if max(colour) < 255:
        assert luminance(colour) == pytest.approx(level, abs=2)


def lines(*settings: str, count: int = 40) -> list[Sample]:
    faces = tuple(face for face in display_faces() if face.kind == "dot_matrix")
    keys = ('faces=["dot_matrix"]', "photos.p=0", *settings)
    engine = Setup(load_style("document", keys), faces, None, 4).engine()
    return [engine.sample(PlanRow(k, f"AB-{k:02d}7", (), faces[0].id, "s")) for k in range(count)]


def test_letters_near_their_ground_are_legible_by_their_outline() -> None:
    near = (
        "ink.contrast=0.06",
        "ink.tint=0",
        "ink.dark=1",
        "light={}",
        "camera={}",
        "stroke={}",
        "surfaces={ plain = { level = 200, tint = 0 } }",
        "distractors={}",
    )
    bare = sum(sample.record["attempt"] > 0 for sample in lines(*near))
    outlined = lines(*near, "lettering.outline={ p = 1, line = 0.12, contrast = 1 }")
    assert bare == 40
    assert sum(sample.record["attempt"] > 0 for sample in outlined) == 0
    for sample in outlined:
        levels = sample.record["luminance"]
        assert levels["surface"] < 80 < levels["ink"]  # of the outline, and not of the page
        assert "outline" in dict(sample.record["effects"])


def test_a_label_lies_under_the_whole_text_in_the_colour_of_the_palette() -> None:
    keys = (
        'palette=[{ ground = "#f4c20d", ink = "#181818", spread = 0 }]',
        *("light={}", "camera={}", "stroke={}", "geometry={}", "distractors={}"),
        *("text.left=0.6", "text.right=0.6", 'output.format="png"'),
        "surfaces={ plain = { level = 60, tint = 0 } }",
    )
    for sample in lines(*keys, "patch={ p = 1, margin = [0.02, 0.1], skew = [0, 4] }"):
        ((name, params),) = sample.record["distractors"]
        assert name == "patch" and set(params) == {"margin", "skew"}
        assert sample.record["luminance"]["surface"] == luminance((13, 194, 244))
        assert sample.image[:, 0].max() <= 60  # the surface, or the label's shadow on it
