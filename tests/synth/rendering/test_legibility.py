"""A cluster must stand out from its ring, and a small mark from the flecks of its ground."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.rendering.attempt import OVER_GRAIN
from synth.rendering.colour import blend
from synth.rendering.legibility import judge, least_over_grain

BOXES = np.array([[10, 8, 30, 40], [50, 8, 70, 40]], np.int32)


def two_blocks() -> np.ndarray:
    mask = np.zeros((48, 80), np.uint8)
    for x0, y0, x1, y1 in BOXES:
        mask[y0:y1, x0:x1] = 255
    return mask


def on(ground: np.ndarray, ink: tuple[int, int, int]) -> np.ndarray:
    return blend(ground, two_blocks(), ink)


@given(level=st.integers(0, 255), ink=st.integers(0, 255))
def test_contrast_is_the_distance_of_ink_and_ground(level: int, ink: int) -> None:
    image = on(np.full((48, 80, 3), level, np.uint8), (ink, ink, ink))
    verdict = judge(image, two_blocks(), BOXES)
    assert verdict.contrast == pytest.approx(abs(level - ink), abs=1.5)
    assert verdict.inside == 1.0


def test_one_lost_cluster_decides() -> None:
    ground = np.full((48, 80, 3), 230, np.uint8)
    ground[:, 40:] = 30
    verdict = judge(on(ground, (30, 30, 30)), two_blocks(), BOXES)
    assert verdict.contrast < 2
    assert verdict.cluster == 1


def test_half_a_letter_on_equal_ground_is_lost() -> None:
    """On a two-tone ground the mean of the whole letter would still look fine."""
    ground = np.full((48, 80, 3), 200, np.uint8)
    ground[:, 20:] = 20
    verdict = judge(on(ground, (20, 20, 20)), two_blocks(), BOXES[:1])
    assert verdict.contrast < 10


def test_a_mark_is_judged_on_its_own_ink() -> None:
    mask = two_blocks()
    mask[2:5, 18:21] = 255
    image = blend(np.full((48, 80, 3), 220, np.uint8), two_blocks(), (0, 0, 0))
    boxes = np.vstack([BOXES, [[18, 2, 21, 5]]]).astype(np.int32)
    assert judge(image, two_blocks(), BOXES).contrast > 200
    assert judge(image, mask, boxes).contrast < 60


def test_ink_outside_the_image_is_counted() -> None:
    boxes = np.array([[-10, 8, 10, 40]], np.int32)
    mask = np.zeros((48, 80), np.uint8)
    mask[8:40, :10] = 255
    assert judge(on(np.full((48, 80, 3), 250, np.uint8), (0, 0, 0)), mask, boxes).inside == 0.5


def test_a_line_without_boxes_is_not_legible() -> None:
    blank = np.zeros((48, 80), np.uint8)
    assert judge(np.zeros((48, 80, 3), np.uint8), blank, np.zeros((0, 4), np.int32)).contrast == 0


def test_a_step_in_the_light_is_no_contrast_of_the_ink() -> None:
    """The ground under the letter is lighter than around it, and the ink has faded away."""
    image = np.full((48, 80, 3), 60, np.uint8)
    image[6:42, 8:32] = 110
    ring_dark = judge(image, two_blocks(), BOXES[:1])
    assert ring_dark.contrast > 10
    assert judge(image, two_blocks(), BOXES[:1], darker=True).contrast < 0


STOP = (60, 36, 63, 39)
LETTERS = ((12, 10, 32, 40), (92, 10, 112, 40))
STOP_BOXES = np.array([*LETTERS, STOP], np.int32)


def coverage(boxes: np.ndarray = STOP_BOXES) -> np.ndarray:
    """Draw a block for each box, in a line of 48 x 160."""
    mask = np.zeros((48, 160), np.uint8)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = 255
    return mask


def printed(depth: float, grain: float, seed: int = 1, size: int = 2) -> np.ndarray:
    """Print it so many levels below a ground whose flecks are so strong and large."""
    flecks = np.random.default_rng(seed).normal(0, 1, (48, 160))
    flecks = cv2.blur(flecks, (size, size))
    ground = 200 + flecks * grain / flecks.std()
    levels = np.clip(ground - depth * (coverage() / 255), 0, 255).astype(np.uint8)
    return cv2.merge([levels] * 3)


def over_grain(image: np.ndarray, darker: bool = True, boxes: np.ndarray = STOP_BOXES) -> float:
    return least_over_grain(image, coverage(boxes), boxes, darker)


@pytest.mark.parametrize("seed", range(5))
def test_a_stop_as_faint_as_its_ground_is_grainy_is_lost_and_on_a_calm_one_it_is_not(
    seed: int,
) -> None:
    assert over_grain(printed(16, 12, seed)) < OVER_GRAIN
    assert over_grain(printed(16, 1, seed)) > 2 * OVER_GRAIN
    assert over_grain(printed(90, 8, seed)) > OVER_GRAIN


@settings(max_examples=25)
@given(depth=st.integers(10, 80), more=st.integers(10, 80), grain=st.floats(2, 12))
def test_a_darker_mark_stands_out_more(depth: int, more: int, grain: float) -> None:
    assert over_grain(printed(depth + more, grain)) > over_grain(printed(depth, grain))


def test_light_ink_is_asked_the_other_way_round() -> None:
    image = printed(25, 1.5)
    assert over_grain(255 - image, darker=False) == pytest.approx(over_grain(image), rel=0.05)
    assert over_grain(image, darker=False) < 0


def test_rules_and_edges_of_light_are_no_grain() -> None:
    image = printed(40, 2)
    plain = over_grain(image)
    image[:, 130:] = image[:, 130:] // 2
    image[:3] = 30
    assert over_grain(image) > 0.7 * plain > OVER_GRAIN


def test_large_clusters_are_not_asked_nor_a_line_without_ground() -> None:
    image = printed(25, 12)
    assert over_grain(image, boxes=STOP_BOXES[:2]) == math.inf
    outside = np.array([(170, 30, 173, 33)], np.int32)
    assert least_over_grain(image, coverage(), outside, True) == math.inf
    calm = printed(25, 0.5)
    full = np.array([(0, 0, 160, 30), (0, 44, 160, 48), STOP], np.int32)
    assert over_grain(calm, boxes=full) == pytest.approx(25, abs=2)  # no spot is free: levels alone


def test_dots_of_a_wide_letter_are_not_asked_and_those_of_a_narrow_one_are() -> None:
    image, dots = printed(12, 12), [(60, 12, 63, 15), (60, 36, 63, 39)]
    colon = np.array([(60, 12, 63, 39), *dots], np.int32)
    letter = np.array([(50, 8, 72, 44), *dots], np.int32)
    assert over_grain(image, boxes=colon) < OVER_GRAIN
    assert over_grain(image, boxes=letter) == math.inf


def test_a_mark_that_other_ink_shuts_in_is_not_asked() -> None:
    shut = np.array([(52, 4, 62, 46), (64, 4, 74, 46), (62, 20, 64, 22)], np.int32)
    assert least_over_grain(printed(25, 12), coverage(shut), shut, True) == math.inf


def test_what_lies_beside_a_mark_is_not_its_ground() -> None:
    near = np.array([(50, 4, 58, 46), (65, 4, 73, 46), STOP], np.int32)
    mask = coverage(near)
    soft = cv2.GaussianBlur(np.full((48, 160), 200, np.uint8) - mask // 4, (0, 0), 0.8)
    image = cv2.merge([soft] * 3)
    assert least_over_grain(image, mask, near, True) > 2 * OVER_GRAIN
