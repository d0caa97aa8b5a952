"""Levels, colours and exact blends."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.pixels.tone import blend, cast, desaturate, exact, scaled, tone

LEVELS = np.arange(256, dtype=np.uint8).reshape(8, 32)


@given(brightness=st.floats(-80, 80), contrast=st.floats(0.2, 3), gamma=st.floats(0.3, 3))
@settings(max_examples=60, deadline=None)
def test_tone_never_turns_the_order_of_levels(
    brightness: float, contrast: float, gamma: float
) -> None:
    after = tone(LEVELS, brightness=brightness, contrast=contrast, gamma=gamma).ravel()
    assert (np.diff(after.astype(int)) >= 0).all()


def test_tone_is_gamma_then_contrast_then_brightness() -> None:
    assert tone(LEVELS, brightness=10).ravel()[100] == 110
    assert tone(LEVELS, contrast=1.5).ravel()[[64, 128, 250]].tolist() == [32, 128, 255]
    assert tone(LEVELS, gamma=2.0).ravel()[[0, 128, 255]].tolist() == [0, 64, 255]
    assert tone(LEVELS, gamma=0.5).ravel()[64] == 128


def test_both_ways_to_change_the_tone_agree() -> None:
    near_one = tone(LEVELS, brightness=7, contrast=1.25, gamma=1.0000001).astype(int)
    assert np.abs(tone(LEVELS, brightness=7, contrast=1.25).astype(int) - near_one).max() <= 1


@given(share=st.floats(0, 1))
def test_a_blend_lies_between_its_parts(share: float) -> None:
    mixed = blend(LEVELS, np.full_like(LEVELS, 77), share)
    assert (mixed >= np.minimum(LEVELS, 77)).all() and (mixed <= np.maximum(LEVELS, 77)).all()
    assert exact(share) * 256 == int(exact(share) * 256)


def test_scaling_cuts_at_both_ends() -> None:
    assert scaled(LEVELS, 2.0, -20.0).ravel()[[0, 100, 255]].tolist() == [0, 180, 255]


def test_a_grey_image_has_equal_channels() -> None:
    image = np.dstack([LEVELS, LEVELS[::-1], 255 - LEVELS])
    grey = desaturate(image, amount=1)
    assert (grey[..., 0] == grey[..., 2]).all()


def test_a_cast_touches_only_its_channels() -> None:
    image = np.full((4, 4, 3), 100, np.uint8)
    assert cast(image, red=1.5)[0, 0].tolist() == [100, 100, 150]
