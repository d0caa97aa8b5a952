"""Each part of the ink is asked for, and each counter: segments, tails, steps of light, rings.

Counters that have closed are seen, whatever the light, and open ones are left in peace.
"""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.rendering.colour import blend
from synth.rendering.legibility import judge
from synth.rendering.letter_shapes import (
    FAINTEST,
    TOO_LITTLE,
    enclosed,
    ground_depth,
    least_open,
    least_stroke,
    may_close,
    seen_ink,
)
from synth.rendering.letter_shapes import least_seen as least_seen_of

BOX = np.array([[10, 6, 34, 44]], np.int32)
BARS = {
    "top": (slice(6, 11), slice(10, 34)),
    "middle": (slice(23, 28), slice(10, 34)),
    "bottom": (slice(39, 44), slice(10, 34)),
    "upper left": (slice(6, 25), slice(10, 15)),
    "upper right": (slice(6, 25), slice(29, 34)),
    "lower left": (slice(25, 44), slice(10, 15)),
    "lower right": (slice(25, 44), slice(29, 34)),
}


def eight(without: str = "") -> np.ndarray:
    mask = np.zeros((50, 80), np.uint8)
    for name, place in BARS.items():
        if name != without:
            mask[place] = 255
    return mask


def grey(level: int) -> np.ndarray:
    return np.full((50, 80, 3), level, np.uint8)


def least_seen(
    image: np.ndarray, mask: np.ndarray, boxes: np.ndarray, darker: bool, least: float
) -> float:
    return least_seen_of(seen_ink(image, mask, darker, least), boxes)


@given(ground=st.integers(0, 255), ink=st.integers(0, 255))
def test_on_plain_ground_all_ink_is_seen_that_is_deep_enough(ground: int, ink: int) -> None:
    image = blend(grey(ground), eight(), (ink, ink, ink))
    seen = least_seen(image, eight(), BOX, darker=ink < ground, least=12)
    if abs(ground - ink) >= 24:
        assert seen > 0.5
    elif abs(ground - ink) < 11:
        assert seen == 0


@given(ground=st.integers(60, 255), step=st.integers(-60, 60))
def test_ink_on_the_other_side_has_no_depth(ground: int, step: int) -> None:
    image = grey(ground)
    image[:, 22:] = min(255, max(0, ground + step))
    assert not ground_depth(image, 5, darker=True)[:, 30:].any()
    assert not ground_depth(image, 5, darker=False)[:, 30:].any()


@pytest.mark.parametrize("lost", BARS)
def test_a_lost_segment_is_seen_although_the_rest_is_strong(lost: str) -> None:
    image = blend(grey(160), eight(without=lost), (60, 60, 60))
    assert least_seen(image, eight(), BOX, darker=True, least=5) < 0.5
    whole = blend(grey(160), eight(), (60, 60, 60))
    assert least_seen(whole, eight(), BOX, darker=True, least=5) == 1


@pytest.mark.parametrize("lost", BARS)
def test_a_segment_as_faint_as_an_unlit_one_is_not_seen(lost: str) -> None:
    image = blend(grey(220), eight(without=lost), (20, 20, 20))
    faint = 220 - 200 // (FAINTEST + 2)
    place = image[BARS[lost]]
    place[place > faint] = faint
    assert least_seen(image, eight(), BOX, darker=True, least=5) < 0.5


def test_a_step_of_light_under_a_faded_segment_is_no_depth() -> None:
    """The dark side of a shadow's edge takes the place of the segment that glare has washed out."""
    image = blend(grey(90), eight(without="lower right"), (40, 40, 40))
    image[26:, 26:] = 60
    image[26:, 34:] = 50
    assert judge(image, eight(), BOX, darker=True).contrast > 12
    assert least_seen(image, eight(), BOX, darker=True, least=5) < 0.5


def test_a_small_mark_is_a_part_of_its_own() -> None:
    mask = eight()
    mask[41:44, 40:43] = 255
    boxes = np.vstack([BOX, [[40, 41, 43, 44]]]).astype(np.int32)
    image = blend(grey(200), eight(), (30, 30, 30))
    assert least_seen(image, mask, boxes, darker=True, least=5) == 0
    assert least_seen(image, eight(), BOX, darker=True, least=5) == 1


def test_without_ink_nothing_is_seen() -> None:
    blank = np.zeros((50, 80), np.uint8)
    assert least_seen(grey(200), blank, BOX, darker=True, least=5) == 0
    assert least_seen(grey(200), eight(), BOX[:0], darker=True, least=5) == 0


def hall() -> np.ndarray:
    """Draw strong uprights and hairlines between their tops, as in serif Chinese."""
    mask = np.zeros((50, 80), np.uint8)
    for left in (12, 24, 36):
        mask[8:42, left : left + 3] = 255
    mask[8, 12:39] = 255
    return mask


def stroke(image: np.ndarray, mask: np.ndarray) -> float:
    return least_stroke(seen_ink(image, mask, darker=True, least=5))


@pytest.mark.parametrize("ink", [0, 120])
def test_a_lost_hairline_is_missed_although_its_ends_are_strong(ink: int) -> None:
    whole = blend(grey(220), hall(), (ink, ink, ink))
    assert stroke(whole, hall()) == 1
    worn = hall()
    worn[8, 15:24] = 0
    image = blend(grey(220), worn, (ink, ink, ink))
    assert stroke(image, hall()) < 0.1
    box = np.array([[12, 8, 39, 42]], np.int32)
    assert least_seen(image, hall(), box, darker=True, least=5) > 0.5  # cells do not tell it


def test_strokes_that_ran_together_are_not_seen() -> None:
    mask = np.zeros((50, 80), np.uint8)
    for left in range(12, 44, 4):
        mask[8:42, left : left + 2] = 255
    assert stroke(blend(grey(220), mask, (20, 20, 20)), mask) == 1
    blob = np.zeros_like(mask)
    blob[6:44, 10:44] = 255
    assert stroke(blend(grey(220), blob, (20, 20, 20)), mask) < 0.15


@pytest.mark.parametrize("height", [8, 32, 48, 200])
def test_a_window_is_odd_and_fits_every_height(height: int) -> None:
    mask = np.zeros((height, 60), np.uint8)
    mask[2:-2, 20:24] = 255
    image = blend(np.full((height, 60, 3), 230, np.uint8), mask, (10, 10, 10))
    assert stroke(image, mask) == 1


def test_without_ink_no_stroke_is_missed() -> None:
    assert stroke(grey(200), np.zeros((50, 80), np.uint8)) == 1


def test_an_image_full_of_ink_is_judged_too() -> None:
    mask = np.full((20, 30), 255, np.uint8)
    assert stroke(np.full((20, 30, 3), 9, np.uint8), mask) == 0  # no ground to stand out from


@given(width=st.integers(1, 20), side=st.integers(0, 1))
def test_a_stroke_of_any_width_has_its_depth(width: int, side: int) -> None:
    mask = np.zeros((50, 80), np.uint8)
    at = slice(20, 20 + width)
    mask[(at, slice(None)) if side else (slice(None), at)] = 255
    ink, seen = seen_ink(blend(grey(200), mask, (40, 40, 40)), mask, darker=True, least=30)
    assert (ink == seen).all()


def ring(inside: int = 8, dot: bool = False) -> np.ndarray:
    """Draw an upright ring of ink whose ground is so wide; with a dot in it, as a 0 may have."""
    mask = np.zeros((50, 60), np.uint8)
    mask[6:44, 10:34] = 255
    half = inside // 2
    mask[12:38, 22 - half : 22 + half] = 0
    if dot:
        mask[21:29, 20:24] = 255
    return mask


def drawn(mask: np.ndarray, ground: int = 220, ink: int = 30) -> np.ndarray:
    return blend(np.full((*mask.shape, 3), ground, np.uint8), mask, (ink, ink, ink))


def openness(image: np.ndarray, mask: np.ndarray, boxes: np.ndarray = BOX, ink: int = 30) -> float:
    darker = ink < 128
    contrast = judge(image, mask, boxes, darker=darker).mean
    return least_open(image, mask, boxes, darker, contrast)


DOTTED = np.vstack([BOX, [[20, 21, 24, 29]]]).astype(np.int32)
"""The boxes of a dotted 0: the cluster and its mark."""


@given(ground=st.integers(130, 255), ink=st.integers(0, 90), inside=st.integers(2, 8))
def test_an_open_counter_is_as_light_as_the_ground(ground: int, ink: int, inside: int) -> None:
    mask = ring(2 * (inside // 2))
    assert openness(drawn(mask, ground, ink), mask, ink=ink) == pytest.approx(1, abs=0.05)
    light = drawn(mask, ink, ground)
    assert openness(light, mask, ink=ground) == pytest.approx(1, abs=0.05)


def test_a_closed_counter_is_as_dark_as_ink() -> None:
    full = ring()
    full[12:38, 18:26] = 255
    assert openness(drawn(full), ring()) <= 0
    half = blend(drawn(ring()), (full - ring()) // 8 * 7, (30, 30, 30))
    assert 0.05 < openness(half, ring()) < 0.2


def test_a_shadow_over_the_line_closes_nothing() -> None:
    image = drawn(ring())
    image[:, 20:] = image[:, 20:] // 2
    assert openness(image, ring()) > 0.4


def test_a_dot_that_runs_into_its_sides_is_seen_although_the_ring_is_open() -> None:
    mask = ring(dot=True)
    assert openness(drawn(mask), mask, DOTTED) == pytest.approx(0.5, abs=0.05)
    bridged = mask.copy()
    bridged[21:29, 18:26] = 255
    assert openness(drawn(bridged), mask, DOTTED) < 0.15
    assert openness(drawn(bridged), mask, BOX) > 0.5  # were it no island


def test_small_gaps_at_corners_and_open_forms_are_not_asked() -> None:
    corner = np.zeros((50, 60), np.uint8)
    corner[6:44, 10:34] = 255
    corner[20:22, 20:22] = 0
    assert openness(drawn(np.full_like(corner, 0) + corner), corner) == 1.0
    cup = ring()
    cup[6:12, 18:26] = 0  # open above
    assert not enclosed(cup).any()
    assert openness(drawn(np.maximum(cup, ring())), cup) == 1.0


@given(sigma=st.floats(0.3, 6))
def test_blur_closes_more_the_stronger_it_is(sigma: float) -> None:
    mask = ring(4)
    soft = cv2.GaussianBlur(drawn(mask), (0, 0), sigma)
    softer = cv2.GaussianBlur(drawn(mask), (0, 0), sigma * 1.5)
    assert openness(softer, mask) <= openness(soft, mask) + 0.02


@pytest.mark.parametrize(
    ("effects", "may"),
    [
        ([], False),
        ([("fade", {"depth": 0.5}), ("sensor_noise", {}), ("rotation", {}), ("glare", {})], False),
        ([("gaussian_blur", {"sigma": 0.9})], False),
        ([("gaussian_blur", {"sigma": 0.8}), ("defocus", {"radius": 1.4})], True),
        ([("bold", {"amount": 1.1})], True),
        ([("bold", {"amount": 0.4}), ("downscale", {"factor": 0.8})], True),
        ([("downscale", {"factor": 0.8})], False),
        ([("downscale", {"factor": 0.4})], True),
        ([("motion_blur", {"length": 4})], True),
        ([("threshold", {"level": 0.5})], True),
        ([("an effect of tomorrow", {})], True),
    ],
)
def test_only_what_widens_or_softens_enough_can_close(effects: list, may: bool) -> None:
    assert may_close(effects) is may
    assert TOO_LITTLE == 1.0
