"""A small mark must be told from the flecks of its ground, not only be dark enough."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.engine.marks import least_over_grain
from synth.engine.refusals import OVER_GRAIN

STOP = (60, 36, 63, 39)
LETTERS = ((12, 10, 32, 40), (92, 10, 112, 40))
BOXES = np.array([*LETTERS, STOP], np.int32)


def coverage(boxes: np.ndarray = BOXES) -> np.ndarray:
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


def found(image: np.ndarray, darker: bool = True, boxes: np.ndarray = BOXES) -> float:
    return least_over_grain(image, coverage(boxes), boxes, darker)


@pytest.mark.parametrize("seed", range(5))
def test_a_stop_as_faint_as_its_ground_is_grainy_is_lost_and_on_a_calm_one_it_is_not(
    seed: int,
) -> None:
    assert found(printed(16, 12, seed)) < OVER_GRAIN
    assert found(printed(16, 1, seed)) > 2 * OVER_GRAIN
    assert found(printed(90, 8, seed)) > OVER_GRAIN


@settings(max_examples=25)
@given(depth=st.integers(10, 80), more=st.integers(10, 80), grain=st.floats(2, 12))
def test_a_darker_mark_stands_out_more(depth: int, more: int, grain: float) -> None:
    assert found(printed(depth + more, grain)) > found(printed(depth, grain))


def test_light_ink_is_asked_the_other_way_round() -> None:
    image = printed(25, 1.5)
    assert found(255 - image, darker=False) == pytest.approx(found(image), rel=0.05)
    assert found(image, darker=False) < 0


def test_rules_and_edges_of_light_are_no_grain() -> None:
    image = printed(40, 2)
    plain = found(image)
    image[:, 130:] = image[:, 130:] // 2
    image[:3] = 30
    assert found(image) > 0.7 * plain > OVER_GRAIN


def test_large_clusters_are_not_asked_nor_a_line_without_ground() -> None:
    image = printed(25, 12)
    assert found(image, boxes=BOXES[:2]) == math.inf
    outside = np.array([(170, 30, 173, 33)], np.int32)
    assert least_over_grain(image, coverage(), outside, True) == math.inf
    calm = printed(25, 0.5)
    full = np.array([(0, 0, 160, 30), (0, 44, 160, 48), STOP], np.int32)
    assert found(calm, boxes=full) == pytest.approx(25, abs=2)  # no spot is free: levels alone


def test_dots_of_a_wide_letter_are_not_asked_and_those_of_a_narrow_one_are() -> None:
    image, dots = printed(12, 12), [(60, 12, 63, 15), (60, 36, 63, 39)]
    colon = np.array([(60, 12, 63, 39), *dots], np.int32)
    letter = np.array([(50, 8, 72, 44), *dots], np.int32)
    assert found(image, boxes=colon) < OVER_GRAIN
    assert found(image, boxes=letter) == math.inf


def test_a_mark_that_other_ink_shuts_in_is_not_asked() -> None:
    shut = np.array([(52, 4, 62, 46), (64, 4, 74, 46), (62, 20, 64, 22)], np.int32)
    assert least_over_grain(printed(25, 12), coverage(shut), shut, True) == math.inf


def test_what_lies_beside_a_mark_is_not_its_ground() -> None:
    near = np.array([(50, 4, 58, 46), (65, 4, 73, 46), STOP], np.int32)
    mask = coverage(near)
    soft = cv2.GaussianBlur(np.full((48, 160), 200, np.uint8) - mask // 4, (0, 0), 0.8)
    image = cv2.merge([soft] * 3)
    assert least_over_grain(image, mask, near, True) > 2 * OVER_GRAIN
