"""Images inside a page, as data."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from textlines.pages.environment import render
from textlines.pixels.arrays import Image


def thumbnail(
    image: Image | bytes, *, max_height: int = 48, max_width: int = 960, quality: int = 80
) -> str:
    """Make an image small and put it into a `data:` address.

    Args:
        image: H x W x 3 uint8, BGR, left as it is; or the bytes of a JPEG or PNG file, which
            are taken as they are.
        max_height, max_width: in pixels; a larger image is scaled down, its shape kept.
        quality: of the JPEG, 1..100.
    """
    if isinstance(image, bytes):
        kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
        return f"data:image/{kind};base64,{b64encode(image).decode()}"
    import cv2

    height, width = image.shape[:2]
    scale = min(1.0, max_height / height, max_width / width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    else:
        small = image
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"no JPEG can be made of an image of shape {image.shape}")
    return f"data:image/jpeg;base64,{b64encode(data.tobytes()).decode()}"


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of a gallery: its data address (`thumbnail`), and what stands under it."""

    source: str
    caption: str
    hint: str = ""


def gallery(pictures: Iterable[Picture], *, height: int = 48) -> Markup:
    """Lay pictures side by side with their captions; `height` in CSS pixels."""
    return render("textlines.pages", "gallery.html.j2", pictures=list(pictures), height=height)
