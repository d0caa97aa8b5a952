"""Counters that have closed are seen, whatever the light, and open ones are left in peace."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.engine.gaps import TOO_LITTLE, enclosed, least_open, may_close
from synth.engine.legibility import judge
from synth.ink.colour import blend

BOX = np.array([[10, 6, 34, 44]], np.int32)


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
