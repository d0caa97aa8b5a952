"""What a camera and a file format do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.pixels.camera import (
    CAMERA,
    defocus,
    downscale,
    gaussian_blur,
    jpeg,
    motion_blur,
    sensor_noise,
    sharpen,
    threshold,
)

PARAMETERS = {
    "gaussian_blur": {"sigma": 1.0},
    "defocus": {"radius": 1.5},
    "motion_blur": {"length": 5.0, "angle_deg": 20.0},
    "downscale": {"factor": 0.4, "quality": 60},
    "threshold": {"level": 0.6, "soft": 0.3, "factor": 0.6},
    "sharpen": {"amount": 1.5},
    "sensor_noise": {"level": 5.0, "seed": 3},
    "desaturate": {"amount": 0.5},
    "cast": {"blue": 1.1},
    "tone": {"brightness": 4.0, "contrast": 1.1, "gamma": 0.9},
    "jpeg": {"quality": 60},
}
NEUTRAL = {
    "gaussian_blur": {"sigma": 0.0},
    "defocus": {"radius": 0.0},
    "motion_blur": {"length": 0.0},
    "downscale": {"factor": 1.0},
    "sharpen": {"amount": 0.0},
    "sensor_noise": {"level": 0.0, "seed": 3},
    "desaturate": {"amount": 0.0},
    "cast": {},
    "tone": {},
}


def picture(height: int = 48, width: int = 160) -> np.ndarray:
    """Make a coloured picture with an edge."""
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([rows * 3, columns, (rows + columns)], axis=2) % 200 + 20
    image[:, width // 2 :] //= 2
    return image.astype(np.uint8)


def spot(size: int = 65) -> np.ndarray:
    """Make one bright block in a dark image, bright enough to measure a blur's spread."""
    image = np.zeros((size, size), np.uint8)
    image[size // 2, size // 2] = 255
    return image


def spread(blurred: np.ndarray) -> tuple[float, float]:
    """Measure the variance of what became of one column (row) of light, in x and y."""
    weights = blurred.astype(float)
    steps = np.arange(blurred.shape[0]) - blurred.shape[0] // 2
    across, down = weights.sum(0), weights.sum(1)
    return (
        float((across * steps**2).sum() / across.sum()),
        float((down * steps**2).sum() / down.sum()),
    )


def test_the_table_holds_every_effect() -> None:
    assert set(CAMERA) == set(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_camera_effect_leaves_its_image_and_keeps_the_form(name: str) -> None:
    image = picture()
    before = image.copy()
    after = CAMERA[name](image, **PARAMETERS[name])
    assert after.shape == image.shape and after.dtype == np.uint8
    assert after.flags.c_contiguous and not np.shares_memory(after, image)
    np.testing.assert_array_equal(image, before)
    assert (after != image).any()


@pytest.mark.parametrize("name", NEUTRAL)
def test_neutral_parameters_change_nothing_and_give_a_new_array(name: str) -> None:
    image = picture()
    after = CAMERA[name](image, **NEUTRAL[name])
    np.testing.assert_array_equal(after, image)
    assert not np.shares_memory(after, image)


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - {"desaturate", "cast"}))
def test_a_camera_effect_takes_one_channel(name: str) -> None:
    grey = np.ascontiguousarray(picture()[..., 1])
    assert CAMERA[name](grey, **PARAMETERS[name]).shape == grey.shape


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("shape", [(1, 1, 3), (8, 2, 3), (300, 2500, 3)])
def test_a_camera_effect_takes_any_size(name: str, shape: tuple[int, ...]) -> None:
    assert CAMERA[name](np.full(shape, 90, np.uint8), **PARAMETERS[name]).shape == shape


@pytest.mark.parametrize("sigma", [0.4, 0.6, 0.8, 1.0, 1.2, 1.37, 1.5, 2.0, 2.5, 3.0, 4.0])
def test_a_blur_has_the_sigma_that_is_asked_for(sigma: float) -> None:
    # A band 255 bright and 21 wide, whose own variance is taken off again: one pixel alone
    # would be lost in rounding.
    image = np.zeros((129, 129), np.uint8)
    image[:, 54:75] = 255
    across, _ = spread(gaussian_blur(image, sigma=sigma))
    assert (across - (21**2 - 1) / 12) ** 0.5 == pytest.approx(sigma, rel=0.08, abs=0.03)


@given(sigma=st.floats(0, 6))
@settings(max_examples=40, deadline=None)
def test_a_blur_keeps_an_even_ground(sigma: float) -> None:
    image = np.full((48, 60, 3), 137, np.uint8)
    np.testing.assert_array_equal(gaussian_blur(image, sigma=sigma), image)


@pytest.mark.parametrize(("angle", "longer"), [(0, 0), (90, 1), (180, 0)])
def test_a_motion_blur_runs_along_its_angle(angle: float, longer: int) -> None:
    moved = spread(motion_blur(spot(), length=9, angle_deg=angle))
    assert moved[longer] > 5
    assert moved[1 - longer] < 0.5


def test_a_motion_of_45_degrees_climbs_to_the_right() -> None:
    rows, columns = np.nonzero(motion_blur(spot(), length=11, angle_deg=45))
    assert np.corrcoef(rows, columns)[0, 1] < -0.8


@given(length=st.floats(0, 30), angle=st.floats(-360, 360), radius=st.floats(0, 9))
@settings(max_examples=40, deadline=None)
def test_kernels_sum_to_one(length: float, angle: float, radius: float) -> None:
    image = np.full((40, 40, 3), 201, np.uint8)
    np.testing.assert_array_equal(motion_blur(image, length=length, angle_deg=angle), image)
    np.testing.assert_array_equal(defocus(image, radius=radius), image)


def test_defocus_is_round() -> None:
    across, down = spread(defocus(spot(), radius=3))
    assert across == pytest.approx(down, rel=0.02)
    # The variance of a disc is r^2 / 4.
    assert across == pytest.approx(3**2 / 4, rel=0.25)


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("level", [1.0, 4.0, 12.0])
def test_noise_has_the_level_that_is_asked_for_and_moves_no_mean(size: int, level: float) -> None:
    image = np.full((200, 400, 3), 128, np.uint8)
    noisy = sensor_noise(image, level=level, size=size, seed=77).astype(float)
    assert noisy.std() == pytest.approx(level, rel=0.08, abs=0.1)
    assert abs(noisy.mean() - 128) < 0.4


def test_grey_noise_is_the_same_in_all_channels() -> None:
    image = np.full((48, 100, 3), 128, np.uint8)
    noisy = sensor_noise(image, level=6, colour=0, seed=1)
    assert (noisy[..., 0] == noisy[..., 2]).all()
    coloured = sensor_noise(image, level=6, colour=1, seed=1)
    assert (coloured[..., 0] != coloured[..., 2]).any()


def test_coarse_noise_is_smoother_than_fine() -> None:
    image = np.full((100, 300), 128, np.uint8)
    fine, coarse = (sensor_noise(image, level=8, size=s, seed=1).astype(float) for s in (1, 2))
    assert np.diff(coarse, axis=1).std() < 0.8 * np.diff(fine, axis=1).std()


def test_sharpening_leaves_halos() -> None:
    image = np.full((20, 40), 100, np.uint8)
    image[:, 20:] = 150
    halo = sharpen(image, amount=1)
    assert halo[10, 20] > 150 and halo[10, 19] < 100


def test_downscaling_loses_what_is_finer_than_its_pixels() -> None:
    image = np.zeros((48, 160), np.uint8)
    image[:, ::2] = 255
    assert downscale(image, factor=0.34).std() < 60


@given(quality=st.integers(-5, 120))
@settings(max_examples=20, deadline=None)
def test_jpeg_keeps_a_level_near(quality: int) -> None:
    image = np.full((17, 31, 3), 140, np.uint8)
    assert abs(jpeg(image, quality=quality).astype(int) - 140).max() <= 40


def test_worse_jpeg_is_further_from_the_image() -> None:
    image = sensor_noise(picture(), level=9, seed=2)
    off = [np.abs(jpeg(image, quality=q).astype(int) - image).mean() for q in (95, 60, 20)]
    assert off == sorted(off)


def test_what_jpeg_cannot_hold_is_said() -> None:
    with pytest.raises(ValueError, match=r"JPEG cannot hold an image of shape \(1, 70000\)"):
        jpeg(np.zeros((1, 70000), np.uint8), quality=80)


def grey_letter(ground: int, ink: int) -> np.ndarray:
    image = np.full((48, 120, 3), ground, np.uint8)
    image[10:38, 40:80] = ink
    return np.asarray(gaussian_blur(image, sigma=1.5))


@given(st.integers(120, 255), st.integers(0, 90), st.floats(0.2, 0.9))
def test_a_hard_threshold_leaves_two_levels_on_either_side_of_the_step(
    ground: int, ink: int, level: float
) -> None:
    image = grey_letter(ground, ink)
    found = threshold(image, level=level, soft=0.0)
    low, high = int(found.min()), int(found.max())
    assert abs(low - ink) <= 1 and abs(high - ground) <= 1
    step = low + level * (high - low)
    assert (found[image < step - 1] == low).all() and (found[image > step + 1] == high).all()


def test_a_higher_threshold_makes_bolder_ink() -> None:
    image = grey_letter(230, 40)
    dark = [(threshold(image, level=at, soft=0.1) < 128).sum() for at in (0.2, 0.5, 0.8)]
    assert dark[0] < dark[1] < dark[2]


def test_coloured_ink_keeps_its_colour_through_a_threshold() -> None:
    image = np.full((48, 120, 3), 240, np.uint8)
    image[10:38, 40:80] = (200, 60, 50)
    found = threshold(image, level=0.5, soft=0.2, factor=0.5)
    blue, green, red = (int(level) for level in found[24, 60])
    assert blue > green + 100 and blue > red + 100


def test_a_threshold_at_a_small_size_makes_steps() -> None:
    """A slanted edge falls into steps as wide as the small size's pixels."""
    rows, columns = np.mgrid[:48, :240]
    slanted = np.where(columns > 60 + 3 * rows, 30, 220).astype(np.uint8)
    image = np.repeat(slanted[..., None], 3, 2)
    fine, rough = (threshold(image, level=0.5, soft=0.0, factor=f) < 125 for f in (1.0, 0.25))
    moved = (fine[:, :, 0] != rough[:, :, 0]).sum()
    assert 48 < moved < 48 * 12


def test_one_level_stays_one_level() -> None:
    flat = np.full((20, 30, 3), 77, np.uint8)
    assert (threshold(flat, level=0.5, soft=0.5) == 77).all()
