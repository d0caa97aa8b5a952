import io
import pickle
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.pixels.decode import ImageError, decode_image, read_image

Write = Callable[[str, str | bytes], Path]

# A left-to-right ramp over a dark top: every turn of it looks different.
RAMP = np.zeros((16, 40, 3), np.uint8)
RAMP[4:] = np.linspace(40, 250, 40, dtype=np.uint8)[None, :, None]
RAMP[12:, :8] = (30, 60, 200)  # RGB


def encoded(image: PIL.Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def ramp(mode: str = "RGB") -> PIL.Image.Image:
    return PIL.Image.fromarray(RAMP).convert(mode)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b""))
    return b"\x89PNG\r\n\x1a\n" + header + data + chunk(b"IEND", b"")


def reason_of(data: bytes, **options: int) -> str:
    with pytest.raises(ImageError) as caught:
        decode_image(data, name="a.jpg", **options)
    return caught.value.reason


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_files_give_their_pixels_in_bgr(kind: str) -> None:
    image = decode_image(encoded(ramp(), kind), name="a")
    assert np.array_equal(image, RAMP[..., ::-1])
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert image.flags.writeable


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_fast_way_gives_what_pillow_gives(mode: str) -> None:
    data = encoded(ramp(mode), "JPEG", quality=90)
    expected = np.asarray(PIL.Image.open(io.BytesIO(data)).convert("RGB"))[..., ::-1]
    assert np.array_equal(decode_image(data, name="a"), expected)
    # With a byte after its end mark it takes the slow way.
    assert np.array_equal(decode_image(data + b"\0", name="a"), expected)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_upright(kind: str, orientation: int) -> None:
    from PIL import Image, ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {"quality": 100}
    data = encoded(ramp(), kind, exif=exif, **(options if kind in ("JPEG", "WEBP") else {}))
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    assert np.array_equal(decode_image(data, name="a"), np.asarray(expected)[..., ::-1])


def test_broken_exif_does_not_lose_the_pixels() -> None:
    data = encoded(ramp(), "JPEG", exif=b"Exif\0\0no tags at all")
    assert decode_image(data, name="a").shape == RAMP.shape


def test_alpha_is_laid_on_white() -> None:
    rgba = np.dstack([RAMP, np.full((16, 40), 255, np.uint8)])
    rgba[:, :10, 3] = 0
    rgba[:, 10:20, 3] = 128
    image = decode_image(encoded(PIL.Image.fromarray(rgba), "PNG"), name="a")
    assert (image[:, :10] == 255).all()
    assert image[0, 15].tolist() == [127, 127, 127]
    assert np.array_equal(image[:, 20:], RAMP[:, 20:, ::-1])


def test_a_transparent_palette_and_grey_with_alpha_are_laid_on_white() -> None:
    palette = PIL.Image.new("P", (4, 4), 0)
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((0, 0), 1)
    image = decode_image(encoded(palette, "PNG", transparency=0), name="a")
    assert image[0, 0].tolist() == [50, 100, 200]
    assert image[1, 1].tolist() == [255, 255, 255]
    grey = PIL.Image.new("LA", (4, 4), (0, 0))
    assert (decode_image(encoded(grey, "PNG"), name="a") == 255).all()


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "1", "YCbCr"])
def test_every_mode_becomes_three_channels(mode: str) -> None:
    kind = "PNG" if mode in ("P", "1", "L") else "TIFF" if mode == "YCbCr" else "JPEG"
    white = PIL.Image.new("RGB", (20, 10), "white").convert(mode)
    image = decode_image(encoded(white, kind), name="a")
    assert image.shape == (10, 20, 3)
    assert image.min() >= 250


def test_sixteen_bits_keep_their_high_byte() -> None:
    grey = np.arange(0, 65536, 256, dtype=np.uint16).reshape(16, 16)
    for kind in ("PNG", "TIFF"):
        image = decode_image(encoded(PIL.Image.fromarray(grey), kind), name="a")
        assert np.array_equal(image, np.repeat((grey >> 8).astype(np.uint8)[..., None], 3, 2))


@pytest.mark.parametrize(("top", "expected"), [(1.0, 255), (200.0, 200), (float("nan"), 0)])
def test_floats_are_shares_or_levels(top: float, expected: int) -> None:
    grey = np.full((4, 6), top, np.float32)
    image = decode_image(encoded(PIL.Image.fromarray(grey), "TIFF"), name="a")
    assert (image == expected).all()


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [PIL.Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode_image(data, name="a")[0, 0].tolist() == [0, 0, 255]


def test_nothing_and_what_is_no_image_are_told_apart() -> None:
    assert reason_of(b"") == "empty"
    assert reason_of(b"<html></html>") == "not_an_image"
    assert reason_of(b"\0" * 1000) == "not_an_image"
    # PostScript would be run by an interpreter.
    assert reason_of(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n") == "not_an_image"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_file_cut_in_its_pixels_is_truncated(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (32, 64, 3), dtype=np.uint8)
    data = encoded(PIL.Image.fromarray(noise), kind)
    for share in (0.1, 0.5, 0.95):
        assert reason_of(data[: int(len(data) * share)]) == "truncated"


def test_a_png_with_broken_pixels_is_broken() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (32, 64, 3), dtype=np.uint8)
    data = bytearray(encoded(PIL.Image.fromarray(noise), "PNG"))
    data[1000:1100] = bytes(100)
    assert reason_of(bytes(data)) == "broken"


def test_fifty_megapixels_are_refused_by_the_header() -> None:
    with pytest.raises(
        ImageError, match=r"a\.png: has 10000 x 5000 pixels, the limit is 40,000,000"
    ):
        decode_image(png_header(10_000, 5_000), name="a.png")
    assert reason_of(png_header(60_000, 60_000)) == "too_large"
    assert reason_of(encoded(ramp(), "PNG"), max_pixels=639) == "too_large"
    assert decode_image(encoded(ramp(), "PNG"), name="a", max_pixels=640).shape == RAMP.shape


def test_a_png_that_holds_less_than_it_claims_is_no_image() -> None:
    assert reason_of(png_header(100, 50)) in ("broken", "truncated")


@pytest.mark.filterwarnings("ignore:::PIL")
@given(st.data())
def test_damaged_files_give_an_image_or_an_image_error(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]))
    content = bytearray(encoded(ramp(), kind))
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    try:
        image = decode_image(bytes(content), name="a")
    except ImageError as error:
        assert error.reason != "missing"
    else:
        assert image.dtype == np.uint8
        assert image.ndim == 3


def test_files_are_read_and_named(write_file: Write, tmp_path: Path) -> None:
    path = write_file("a.png", encoded(ramp(), "PNG"))
    assert read_image(path).shape == RAMP.shape
    with pytest.raises(ImageError, match=r"b\.png: is not there\. Check the path"):
        read_image(tmp_path / "b.png")
    with pytest.raises(ImageError, match="cannot be read") as caught:
        read_image(tmp_path)
    assert caught.value.reason == "unreadable"


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.bmp").open("wb") as file:
        file.truncate(600_000_000)  # sparse: it takes no room
    with pytest.raises(ImageError, match="has 600,000,000 bytes"):
        read_image(tmp_path / "a.bmp")


def test_image_errors_survive_a_process_pool() -> None:
    with pytest.raises(InputError) as caught:
        decode_image(b"", name="a.jpg")
    again: Any = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == "a.jpg: is empty (0 bytes). Copy it again or leave it out."
    assert again.reason == "empty"
