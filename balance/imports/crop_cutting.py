"""The lines of one page cut, written as crops, and counted."""

import math
import re
from pathlib import Path
from unicodedata import east_asian_width

from balance.imports.import_records import CutPage, DoubtfulLine
from balance.imports.page_regions import AS_USUAL, Counts, ImportOptions, Page, Region
from textlines.defects import Defect, of_annotations, of_lines
from textlines.files import raise_if_of_the_machine, read_regular, replacing_bytes
from textlines.labels.canonical import LabelError, canonical, clusters, short
from textlines.pixels.arrays import Image
from textlines.pixels.decode import MAX_BYTES, ImageError, decode_image
from textlines.pixels.rectify import TURN_FROM, CannotRectifyError, Crop, Start, rectify

PAIR_TURN_FROM = 2.0
"""Heights to one width from which on a box of two narrow characters is taken for a vertical line.
Below, each of two characters above each other would be wider than high, which none is ("11" beside
each other with room above and below reaches 1.8); wide characters fill a square, so two of them
beside each other never stand in a tall box."""

PAGES_IN_FOLDER = 1000
QUALITY = 95
"""Of the JPEGs that crops are written as."""

MOST_JPEG_PX = 65_500
"""Width or height of a JPEG."""

MOST_NAME_BYTES = 190
"""Of the 255 that a file name may have; the rest is for numbers, and for the name that a file has
while it is written."""

_ODD = re.compile(r"[^\w.-]+")


def cut_page(
    page: Page,
    number: int,
    out: Path,
    options: ImportOptions = AS_USUAL,
    placeholders: frozenset[str] = frozenset(),
) -> CutPage:
    """Cut the lines of a page and write them; what is left out, changed or doubtful is counted.

    Args:
        number: of the page; names its crops.
        placeholders: texts that stand for none.
    """
    done = CutPage()
    counts = done.counts
    wanted = [
        (region, label)
        for region in page.regions
        if (label := _label(region, counts, options, placeholders))
    ]
    if not wanted:
        return done
    try:
        data = read_regular(page.image, MAX_BYTES) if page.image else page.data
        image = decode_image(data, name=page.name)
    except ImageError as error:
        counts += [
            (of_annotations.IMAGE_BROKEN, f"{region.place} ({error.what})") for region, _ in wanted
        ]
        return done
    except OSError as error:
        raise_if_of_the_machine(page.name, error)
        counts += [
            (of_annotations.IMAGE_MISSING, f"{r.place} ({error.strerror})") for r, _ in wanted
        ]
        return done
    folder = f"crops/{(number - 1) // PAGES_IN_FOLDER:04d}"
    stem = f"{number:06d}_{_stem(page.name)}"
    for order, (region, label) in enumerate(wanted, 1):
        reasons = [*region.doubts]
        if region.is_difficult:
            reasons.append(of_annotations.DIFFICULT_TAKEN)
        if not region.points and data.startswith((b"\xff\xd8", b"\x89PNG")):
            # A crop already: its own bytes, not a second compression.
            suffix = ".png" if data.startswith(b"\x89PNG") else ".jpg"
            path = f"{folder}/{stem}{suffix}"
            _write(out / path, data)
        else:
            cut = _crop(image, region, label, options, counts) if region.points else None
            if region.points and cut is None:
                continue
            crop = image if cut is None else cut.image
            data_of_crop = _jpeg(crop)
            if data_of_crop is None:
                counts.append(
                    (of_annotations.NO_CROP, f"{region.place} (no JPEG holds {crop.shape[1]} px)")
                )
                continue
            if cut is not None:
                reasons += doubts_of(cut, label)
            path = f"{folder}/{stem}_{order:03d}.jpg"
            _write(out / path, data_of_crop)
        done.lines.append((path, label))
        counts += [(reason, region.place) for reason in reasons]
        done.doubts.extend(
            DoubtfulLine(reason.code, path, label, region.place) for reason in reasons
        )
    return done


def turn_from(label: str) -> float:
    """Return how many heights to one width make a tall box of this label a vertical line.

    One character is none, whatever its box: it stays upright. Two narrow ones (Latin, digits) are
    from `PAIR_TURN_FROM` on, and all other labels by PaddleOCR's rule. Blanks are no characters.

    >>> turn_from("값"), turn_from("1 1"), turn_from("세로"), turn_from("3층"), turn_from("123")
    (inf, 2.0, 1.5, 1.5, 1.5)
    """
    characters = _characters(label)
    if len(characters) == 1:
        return math.inf
    if len(characters) == 2 and not any(map(_is_wide, characters)):
        return PAIR_TURN_FROM
    return TURN_FROM


def doubts_of(crop: Crop, label: str) -> list[Defect]:
    """Return why somebody should look at how a line was turned."""
    reasons = []
    count = len(_characters(label))
    if crop.reads == "left":
        reasons.append(of_annotations.UPSIDE_DOWN)
    elif crop.reads == "up":
        reasons.append(of_annotations.READ_UP)
    elif crop.reads == "down" and not crop.is_turned:
        reasons.append(of_annotations.READ_DOWN)
    elif crop.reads == "down":
        is_low = count == 2 and crop.height_to_width < PAIR_TURN_FROM
        reasons.append(of_annotations.TURNED_PAIR if is_low else of_annotations.TURNED)
    elif crop.height_to_width >= TURN_FROM and not crop.is_turned:
        reasons.append(of_annotations.TALL_CHARACTER if count == 1 else of_annotations.TALL_PAIR)
    # A level line by its turn, begun at its lower left: upright, and not as its corners say.
    if crop.is_restarted or (crop.reads == "right" and crop.is_turned):
        reasons.append(of_annotations.START_MOVED)
    return reasons


def _characters(label: str) -> list[str]:
    return [cluster for cluster in clusters(label) if not cluster.isspace()]


def _is_wide(character: str) -> bool:
    return east_asian_width(character[0]) in "WF"


def _label(
    region: Region, counts: Counts, options: ImportOptions, placeholders: frozenset[str]
) -> str:
    """Return the canonical label of a line; "" (counted) if it has none or is not to be taken."""
    if region.is_unreadable:
        counts.append((of_annotations.UNREADABLE_MARK, region.place))
        return ""
    text = region.text.strip()
    if text and text in placeholders:
        counts.append((of_annotations.PLACEHOLDER, f"{region.place} ({short(text)})"))
        return ""
    if text != region.text and text:
        counts.append((of_annotations.STRIPPED, region.place))
    try:
        label = canonical(text)
    except LabelError as error:
        counts.append((of_annotations.IMPORT[error.reason], region.place))
        return ""
    if region.is_difficult and not options.take_difficult:
        counts.append((of_annotations.DIFFICULT, region.place))
        return ""
    if label != text:
        counts.append((of_lines.NFD, region.place))
    return label


def _crop(
    image: Image, region: Region, label: str, options: ImportOptions, counts: Counts
) -> Crop | None:
    """Cut a line that has corners; None (counted) where they give no crop."""
    height, width = image.shape[:2]
    if region.page_size not in (None, (width, height)):
        counts.append((of_annotations.SIZE_DIFFERS, f"{region.place} ({width} x {height})"))
        return None
    stated: Start = "annotated" if region.start_is_stated else "level"
    try:
        return rectify(
            image,
            region.points,
            turn_from=turn_from(label),
            start="upright" if options.upright else stated,
        )
    except CannotRectifyError as error:
        counts.append((of_annotations.NO_CROP, f"{region.place} ({error})"))
        return None


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
