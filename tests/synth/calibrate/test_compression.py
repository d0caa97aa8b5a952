"""What is written with a known quality is measured back, from its file or from its pixels."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.calibrate.compression import (
    Compressed,
    Compression,
    as_compressed,
    compressed,
    compression_of,
    of_pixels,
    quality_of,
)
from synth.calibrate.dials import Table
from synth.rendering.looks import bind
from synth.rendering.style import make_style
from textlines.pixels.arrays import Image


def page(seed: int, shape: tuple[int, int] = (90, 200)) -> Image:
    """Return uneven ground with strokes of ink that never reach black or white."""
    draws = np.random.default_rng(seed)
    ground = cv2.GaussianBlur(draws.normal(170, 40, (*shape, 3)), (0, 0), 5)
    image: Image = np.clip(ground, 60, 220).astype(np.uint8)
    for _ in range(50):
        x, y = (int(draws.integers(0, side)) for side in shape[::-1])
        to = (x + int(draws.integers(-12, 13)), y + int(draws.integers(-14, 15)))
        cv2.line(image, (x, y), to, tuple(map(int, draws.integers(20, 90, 3))), 2, cv2.LINE_AA)
    return image


def as_jpeg(image: Image, quality: int, *flags: int) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, *flags])
    assert done
    found: bytes = data.tobytes()
    return found


def read(data: bytes) -> Image:
    image: Image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return image


def as_png(image: Image) -> bytes:
    data: bytes = cv2.imencode(".png", image)[1].tobytes()
    return data


@given(st.integers(5, 100))
@settings(max_examples=30, deadline=None)
def test_the_tables_of_a_file_say_its_quality(quality: int) -> None:
    data = as_jpeg(page(1, (32, 64)), quality)
    assert compression_of(data, read(data)) == Compression(quality, "file", "4:2:0")


@pytest.mark.parametrize(
    ("sampling", "name"),
    [
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444, "4:4:4"),
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422, "4:2:2"),
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411, "4:1:1"),
    ],
)
def test_the_size_of_colours_is_noted(sampling: int, name: str) -> None:
    data = as_jpeg(page(2, (32, 64)), 80, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling)
    assert compression_of(data, read(data)) == Compression(80, "file", name)


def test_a_grey_file_has_no_colours() -> None:
    data = as_jpeg(page(2, (32, 64))[:, :, 0], 80)
    assert compression_of(data, read(data)) == Compression(80, "file")


def test_tables_of_no_quality_are_none() -> None:
    assert quality_of([1] + [255] * 31 + [1] * 32) is None
    assert quality_of([16] * 16) is None


@given(
    quality=st.integers(35, 92),
    down=st.integers(0, 12),
    across=st.integers(0, 12),
    seed=st.integers(0, 20),
)
@settings(max_examples=15, deadline=None)
def test_a_crop_of_a_decoded_jpeg_shows_its_quality(
    quality: int, down: int, across: int, seed: int
) -> None:
    whole = read(as_jpeg(page(seed), quality))
    crop = np.ascontiguousarray(whole[down : down + 72, across : across + 180])
    found = compression_of(as_png(crop), crop)
    assert found is not None and found.seen == "pixels"
    assert abs(found.quality - quality) <= 3


@given(seed=st.integers(0, 200), scale=st.sampled_from([1.0, 0.7, 0.9, 1.3]))
@settings(max_examples=15, deadline=None)
def test_what_was_never_compressed_or_resized_since_shows_none(seed: int, scale: float) -> None:
    image = page(seed)
    if scale != 1:
        image = cv2.resize(read(as_jpeg(image, 60)), None, fx=scale, fy=scale)
    assert compression_of(as_png(image), image) is None


@pytest.mark.parametrize("shape", [(4, 4), (15, 90), (20, 20), (300, 16)])
def test_small_and_flat_crops_show_none(shape: tuple[int, int]) -> None:
    assert of_pixels(np.full((*shape, 3), 128, np.uint8)) is None
    assert of_pixels(np.full((*shape, 3), 255, np.uint8)) is None


def test_the_style_begins_with_what_was_seen() -> None:
    crops = [Compression(q, "file", "4:2:0") for q in (70, 72, 80, 84, 85)] + [None] * 5
    found = compressed(crops)
    assert found == Compressed(10, (70, 72, 80, 84, 85), by_file=5, halved=5)
    assert found.quartiles() == (72, 84)
    table: Table = {
        "name": "s",
        "camera": {"jpeg": {"p": 0.1, "quality": [40, 92]}, "tone": {"p": 0.2}},
    }
    style = make_style(as_compressed(table, found))
    bind(style)
    jpeg = style.camera["jpeg"]
    assert jpeg.p == 0.5 and set(jpeg.with_["quality"].values) <= set(range(70, 86))
    assert "tone" in style.camera and style.output.quality.low >= 95
    assert table["camera"]["jpeg"] == {"p": 0.1, "quality": [40, 92]}


def test_crops_without_a_trace_leave_the_style_as_it_is() -> None:
    table = {"name": "s", "camera": {"jpeg": {"p": 0.1}}}
    found = compressed([None, None])
    assert as_compressed(table, found) == table
    with pytest.raises(ValueError, match="no crop shows JPEG"):
        found.quartiles()


def test_a_file_of_another_kind_is_judged_by_its_pixels(tmp_path: Path) -> None:
    data = as_jpeg(page(3), 50)
    kept = tmp_path / "crop.png"
    cv2.imwrite(str(kept), read(data))
    found = compression_of(kept.read_bytes(), read(kept.read_bytes()))
    assert found == Compression(found.quality if found else 0, "pixels")
