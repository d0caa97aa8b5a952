"""The lines of one page cut, written as crops, and counted."""

import re
from pathlib import Path

from balance.imports.pages import Counts, Page, Region
from textlines.files import raise_if_of_the_machine, read_regular, replacing_bytes
from textlines.labels.canonical import LabelError, canonical
from textlines.pixels.arrays import Image
from textlines.pixels.decode import MAX_BYTES, ImageError, decode_image
from textlines.pixels.rectify import CannotRectifyError, rectify

PAGES_IN_FOLDER = 1000
QUALITY = 95
"""Of the JPEGs that crops are written as."""

MOST_JPEG_PX = 65_500
"""Width or height of a JPEG."""

MOST_NAME_BYTES = 190
"""Of the 255 that a file name may have; the rest is for numbers, and for the name that a file has
while it is written."""

_ODD = re.compile(r"[^\w.-]+")


def cut_page(page: Page, number: int, out: Path) -> tuple[list[tuple[str, str]], Counts]:
    """Cut the lines of a page and write them; what is left out or changed is counted."""
    counts: Counts = []
    wanted = [(region, label) for region in page.regions if (label := _label(region, counts))]
    if not wanted:
        return [], counts
    try:
        data = read_regular(page.image, MAX_BYTES) if page.image else page.data
        image = decode_image(data, name=page.name)
    except ImageError as error:
        counts += [("image_broken", f"{region.place} ({error.what})") for region, _ in wanted]
        return [], counts
    except OSError as error:
        raise_if_of_the_machine(page.name, error)
        counts += [("image_missing", f"{r.place} ({error.strerror})") for r, _ in wanted]
        return [], counts
    lines = []
    folder = f"crops/{(number - 1) // PAGES_IN_FOLDER:04d}"
    stem = f"{number:06d}_{_stem(page.name)}"
    for order, (region, label) in enumerate(wanted, 1):
        if not region.points and data.startswith((b"\xff\xd8", b"\x89PNG")):
            # A crop already: its own bytes, not a second compression.
            suffix = ".png" if data.startswith(b"\x89PNG") else ".jpg"
            path = f"{folder}/{stem}{suffix}"
            _write(out / path, data)
        else:
            crop = _crop(image, region, counts)
            if crop is None:
                continue
            data_of_crop = _jpeg(crop)
            if data_of_crop is None:
                counts.append(("no_crop", f"{region.place} (no JPEG holds {crop.shape[1]} px)"))
                continue
            path = f"{folder}/{stem}_{order:03d}.jpg"
            _write(out / path, data_of_crop)
        lines.append((path, label))
    return lines, counts


def _label(region: Region, counts: Counts) -> str:
    """Give the canonical label of a line; "" (counted) if it has none."""
    if region.is_unreadable:
        counts.append(("unreadable_mark", region.place))
        return ""
    text = region.text.strip()
    if text != region.text and text:
        counts.append(("stripped", region.place))
    try:
        label = canonical(text)
    except LabelError as error:
        counts.append((error.reason, region.place))
        return ""
    if label != text:
        counts.append(("nfd", region.place))
    return label


def _crop(image: Image, region: Region, counts: Counts) -> Image | None:
    if not region.points:
        return image
    height, width = image.shape[:2]
    if region.page_size not in (None, (width, height)):
        counts.append(("size_differs", f"{region.place} ({width} x {height})"))
        return None
    try:
        crop, turned = rectify(image, region.points)
    except CannotRectifyError as error:
        counts.append(("no_crop", f"{region.place} ({error})"))
        return None
    if turned:
        counts.append(("turned", region.place))
    return crop


def _jpeg(image: Image) -> bytes | None:
    """Encode a crop; None for one that is too large for JPEG."""
    import cv2

    if max(image.shape[:2]) > MOST_JPEG_PX:
        return None
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"no JPEG can be made of an image of shape {image.shape}")
    return bytes(data.tobytes())


def _stem(name: str) -> str:
    """Return what a page's crops are named by: the end of its name, short enough for a disk.

    >>> _stem("scan 12/page.1")
    'scan_12_page.1'
    """
    kept = _ODD.sub("_", name)[-60:].strip("._")
    while len(kept.encode()) > MOST_NAME_BYTES:
        kept = kept[1:]
    return kept


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing_bytes(path) as out:
        out.write(data)
