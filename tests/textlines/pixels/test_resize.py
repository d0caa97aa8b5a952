import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.pixels.resize import (
    network_input,
    padded_width,
    resized_width,
    time_steps,
    to_recognizer,
)

SIZES = st.integers(1, 5000)


@given(SIZES, SIZES)
def test_widths_are_those_of_paddleocr(width: int, height: int) -> None:
    # resize_norm_img of tools/infer/predict_rec.py, line by line, and PaddleX's greatest width.
    img_c, img_h, img_w = 3, 48, 320
    max_wh_ratio = max(img_w / img_h, width / height)
    img_w = int(img_h * max_wh_ratio)
    ratio = width / float(height)
    resized_w = img_w if math.ceil(img_h * ratio) > img_w else math.ceil(img_h * ratio)
    if img_w > 3200:
        img_w = resized_w = 3200
    assert (padded_width(width, height), resized_width(width, height)) == (img_w, resized_w)
    assert img_c == 3
    assert time_steps(width, height) == img_w // 8 >= 40


@given(SIZES, SIZES, st.integers(1, 4))
def test_scale_of_the_crop_hardly_matters(width: int, height: int, times: int) -> None:
    assert abs(padded_width(width * times, height * times) - padded_width(width, height)) <= 1


def test_sizes_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="sizes start at 1, got 0 x 48 to 320 x 48"):
        padded_width(0, 48)


def test_an_image_of_the_right_height_keeps_its_pixels() -> None:
    image = np.arange(48 * 60 * 3, dtype=np.uint32).astype(np.uint8).reshape(48, 60, 3)
    resized = to_recognizer(image)
    assert np.array_equal(resized, image)
    assert not np.shares_memory(resized, image)


@pytest.mark.parametrize(("height", "width"), [(24, 30), (96, 1001), (1, 1), (48, 320), (10, 900)])
def test_input_is_padded_with_middle_grey_on_the_right(height: int, width: int) -> None:
    image = np.full((height, width, 3), 255, np.uint8)
    own, full = resized_width(width, height), padded_width(width, height)
    padded = network_input(image)
    assert padded.shape == (3, 48, full)
    assert padded.dtype == np.float32
    assert (padded[:, :, :own] == 1).all()
    assert (padded[:, :, own:] == 0).all()
    assert to_recognizer(image).shape == (48, own, 3)


def test_channels_stay_in_their_order() -> None:
    image = np.zeros((48, 320, 3), np.uint8)
    image[..., 2] = 255
    assert network_input(image)[:, 0, 0].tolist() == [-1, -1, 1]
