import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.engine.legibility import judge
from synth.ink.colour import blend

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
