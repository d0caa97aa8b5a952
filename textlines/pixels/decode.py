"""Image files from anywhere, decoded safely to one form: BGR, upright, without alpha."""

import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np

from textlines.errors import InputError
from textlines.files import machine_error, open_regular, raise_if_of_the_machine
from textlines.pixels.arrays import Image
from textlines.wording import say

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

MAX_PIXELS = 40_000_000
MAX_BYTES = 500_000_000
"""Of a file. A larger one is refused before it is read."""

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif")
"""By which a file in a folder of many kinds is taken for an image."""

ImageFault = Literal[
    "missing", "unreadable", "empty", "not_an_image", "truncated", "broken", "too_large"
]

# None that runs another program (Pillow hands EPS to Ghostscript) or opens other files.
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM", "JPEG2000", "AVIF")

_STARTS = {
    b"\xff\xd8": "JPEG",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"RIFF": "WebP",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}

_ORIENTATION = 0x0112


class ImageError(InputError):
    """An image that cannot be used. `reason` is the code that tallies count it by."""

    def __init__(
        self, where: str, what: str, mend: str = "", reason: ImageFault = "broken"
    ) -> None:
        super().__init__(where, what, mend)
        self.args = (where, what, mend, reason)  # all, so that it survives a process pool
        self.reason = reason


def read_image(path: Path, *, max_pixels: int = MAX_PIXELS) -> Image:
    """Read an image file; else as `decode_image`.

    Raises:
        ImageError: the file cannot be read or decoded.
    """
    return decode_image(read_bytes(path), name=str(path), max_pixels=max_pixels)


def read_bytes(path: Path) -> bytes:
    """Read the file of an image, without decoding it.

    Raises:
        ImageError: it is not there, no regular file, or larger than `MAX_BYTES`.
        MachineError: it may not be read, the disk fails, or memory is short.
    """
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MAX_BYTES:
                raise ImageError(
                    str(path),
                    say("has {size:,} bytes, more than {most:,}", size=size, most=MAX_BYTES),
                    "Crop or scale it down.",
                    "too_large",
                )
            return file.read()
    except FileNotFoundError as error:
        raise ImageError(str(path), say("is not there"), "Check the path.", "missing") from error
    except (OSError, MemoryError, ValueError) as error:  # ValueError: a NUL in the path
        raise_if_of_the_machine(path, error)
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(
            str(path),
            say("cannot be read ({reason})", reason=reason),
            "Check the path.",
            "unreadable",
        ) from error


def decode_image(data: bytes, *, name: str, max_pixels: int = MAX_PIXELS) -> Image:
    """Decode the bytes of an image file.

    Turned upright by its EXIF orientation; alpha laid on white; CMYK, palettes, 1 and 16 bits
    and floats brought to 8 bits a channel; of animations the first frame.

    Args:
        data: the file's bytes.
        name: of the file or sample, for messages.
        max_pixels: a larger image is refused by its header, before it takes memory.

    Returns:
        A new H x W x 3 uint8 image, BGR, contiguous and writable.

    Raises:
        ImageError: no image comes of the bytes; `reason` says why.
        MachineError: memory is short, or a library does not load.
    """
    from PIL import Image as pillow

    if not data:
        raise ImageError(name, say("is empty (0 bytes)"), "Copy it again or leave it out.", "empty")
    try:
        with pillow.open(io.BytesIO(data), formats=_FORMATS) as opened:
            width, height = opened.size
            if width * height > max_pixels:
                raise _too_large(
                    name, say("{width} x {height} pixels", width=width, height=height), max_pixels
                )
            decoded = _decode_plain(data) if _is_plain(opened, data) else None
            if decoded is None:
                decoded = _decode_any(opened)
            return _upright(decoded, _orientation(opened))
    except ImageError:
        raise
    except (pillow.DecompressionBombError, pillow.DecompressionBombWarning) as error:
        raise _too_large(name, say("more pixels than any text line"), max_pixels) from error
    # Decoders fail on broken bytes with whatever their parser met: OSError, SyntaxError,
    # ValueError, EOFError, struct.error, zlib.error, IndexError, ...
    except Exception as error:
        # Its size is within the limit: where memory is short for it, the image is not to blame.
        raise_if_of_the_machine(name, error)
        if _is_starved(error, data):
            raise machine_error(name, MemoryError()) from error
        raise _undecodable(name, data, error) from error


def _too_large(name: str, size: str, most: int) -> ImageError:
    return ImageError(
        name,
        say("has {size}, the limit is {most:,}", size=size, most=most),
        "Crop or scale it down.",
        "too_large",
    )


def _undecodable(name: str, data: bytes, error: Exception) -> ImageError:
    """Return the error of a file: cut off, broken, or never an image."""
    kind = next((kind for start, kind in _STARTS.items() if data.startswith(start)), "")
    if not kind:
        return ImageError(
            name,
            say("is not an image (starts with {data})", data=repr(data[:12])),
            "Leave it out, or convert it to JPEG or PNG.",
            "not_an_image",
        )
    if _is_cut(data, kind, error):
        return ImageError(
            name,
            say("is a {kind} cut short after {data:,} bytes", kind=kind, data=len(data)),
            "Copy it again or leave it out.",
            "truncated",
        )
    return ImageError(
        name,
        say("is a broken {kind} ({error})", kind=kind, error=str(error)),
        "Save it again or leave it out.",
        "broken",
    )


def _is_starved(error: Exception, data: bytes) -> bool:
    """Whether one of Pillow's decoders found no memory, which it says in words alone.

    That of JPEG 2000 says so of sizes that do not fit together, too: there the file is to blame.
    """
    is_jpeg2000 = b"jP" in data[:12] or data.startswith(b"\xff\x4f\xff\x51")
    return isinstance(error, OSError) and "out of memory" in str(error) and not is_jpeg2000


def _is_cut(data: bytes, kind: str, error: Exception) -> bool:
    """Return whether decoding failed for want of bytes at the end."""
    if _ends_whole(data, kind):
        return False
    if kind == "WebP":
        return len(data) < 8 + int.from_bytes(data[4:8], "little")
    words = ("truncated", "cannot identify", "not enough", "eof", "end of")
    return isinstance(error, EOFError) or any(word in str(error).lower() for word in words)


def _ends_whole(data: bytes, kind: str) -> bool:
    """Return whether the file ends as its format does; only JPEG and PNG have an end mark."""
    if kind == "JPEG":
        return data.endswith(b"\xff\xd9")
    if kind == "PNG":
        return data.endswith(b"IEND\xaeB`\x82")
    return False


def _is_plain(opened: "PillowImage", data: bytes) -> bool:
    """Return whether OpenCV, which is faster, decodes the bytes to the same picture.

    It fills a cut JPEG with grey without a word: hence the look at the end mark.
    """
    if opened.mode not in ("RGB", "L") or "transparency" in opened.info:
        return False
    if opened.format == "JPEG":
        return _ends_whole(data, "JPEG")
    # A PNG may hold its EXIF behind the pixels, where Pillow finds it after decoding only.
    return (
        opened.format == "PNG"
        and _ends_whole(data, "PNG")
        and b"eXIf" not in data
        and b"Raw profile type" not in data
    )


def _orientation(opened: "PillowImage") -> int:
    """Read the EXIF orientation, 1..8; 1 (upright) without a readable one."""
    if "exif" not in opened.info and "Raw profile type exif" not in opened.info:
        return 1
    try:
        orientation = opened.getexif().get(_ORIENTATION, 1)
    # Broken tags (SyntaxError, struct.error, ...) are no reason to lose sound pixels.
    except Exception as error:
        raise_if_of_the_machine("EXIF", error)
        return 1
    return orientation if orientation in _TURNS else 1


# By EXIF 2.32, tag 0x0112: which row and column of the stored array is which side.
_TURNS: Mapping[int, Callable[[Image], Image]] = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.swapaxes(0, 1),
    6: lambda image: image[::-1].swapaxes(0, 1),
    7: lambda image: image[::-1, ::-1].swapaxes(0, 1),
    8: lambda image: image[:, ::-1].swapaxes(0, 1),
}


def _upright(image: Image, orientation: int) -> Image:
    return np.ascontiguousarray(_TURNS[orientation](image))


def _decode_plain(data: bytes) -> Image | None:
    import cv2

    # It is turned afterwards, as what Pillow decodes is.
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise_if_of_the_machine("OpenCV", error)
        return None
    return None if decoded is None else np.asarray(decoded, np.uint8)


def _decode_any(opened: "PillowImage") -> Image:
    """Decode what OpenCV does not, or not rightly."""
    opened.load()
    mode = opened.mode
    if mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in opened.info:
        rgba = np.asarray(opened.convert("RGBA"), np.uint16)
        alpha = rgba[..., 3:]
        rgb = ((rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    elif mode == "F" or mode.startswith("I"):
        rgb = np.repeat(_to_8_bits(np.asarray(opened))[..., None], 3, axis=2)
    else:
        rgb = np.asarray(opened.convert("RGB"), np.uint8)
    return rgb[..., ::-1]


def _to_8_bits(grey: np.ndarray) -> np.ndarray:
    """Bring H x W grey of 16 or 32 bits, or floats (0..1, else 0..255), to uint8."""
    if grey.dtype.kind == "f":
        clean = np.nan_to_num(grey.astype(np.float64), nan=0.0, posinf=255.0, neginf=0.0)
        scale = 255.0 if clean.max(initial=0.0) <= 1.0 else 1.0
        return np.asarray(np.clip(np.rint(clean * scale), 0, 255), np.uint8)
    # The high byte, as libpng and OpenCV reduce 16 bits.
    whole = grey.astype(np.int64)
    most = int(whole.max(initial=0))
    shift = 8 if grey.dtype.itemsize == 2 or 255 < most <= 65_535 else 24 if most > 65_535 else 0
    return np.asarray(np.clip(whole >> shift, 0, 255), np.uint8)


def is_image(file: BinaryIO) -> bool:
    """Whether a file begins as an image of a format that `decode_image` reads; none is decoded."""
    from PIL import Image as pillow

    try:
        with pillow.open(file, formats=_FORMATS):
            return True
    # As in `decode_image`: a broken header fails with whatever its parser met.
    except Exception:
        return False
