"""A preview as one PNG: the contact sheet above, distributions below."""

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from synth.faces.reading import MOST_BYTES
from synth.run.preview_data import Preview, pieces_of
from textlines.errors import InputError
from textlines.files import read_regular, replacing_bytes
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image

SIZE_PX = 13

CELL_W, CELL_H, CAPTION, GAP = 330, 48, 16, 8

PLOT_W, PLOT_H = 440, 130

GROUND, LINE, TEXT, BAR = (246, 246, 244), (180, 180, 178), (40, 40, 40), (58, 110, 165)

TARGET = (176, 42, 30)


def caption_font(given: Path | None, preview: Preview) -> ImageFont.FreeTypeFont | None:
    """Open the face that captions are written in.

    Args:
        given: a font file of the user's; without it, the text face on this machine that holds
            most of the shown labels' characters is taken.

    Returns:
        None if no text face is at hand.

    Raises:
        InputError: the given file is no font.
    """
    if given is not None:
        try:
            return ImageFont.truetype(io.BytesIO(read_regular(given, MOST_BYTES)), SIZE_PX)
        except OSError as error:
            raise InputError(
                str(given), f"cannot be opened as a font ({error})", "Name a .ttf or .otf file."
            ) from None
    from synth.faces.metrics import metrics_of
    from synth.faces.opening import open_face
    from synth.faces.scan import find_faces

    used = Counter(char for row in preview.rows for char in row.text)
    best, most = None, (0, False)
    for face in find_faces().faces:
        if face.kind != "text":
            continue
        metrics = metrics_of(face)
        held = sum(count for char, count in used.items() if metrics.nominal(char))
        # A plain face of regular weight: neither hairlines nor a hand are read at this size.
        rank = held, face.style == "Regular" and not face.traits
        if held and rank > most:
            best, most = face, rank
    if best is None:
        return None
    return open_face(best, SIZE_PX, shaped=True)


def write_picture(
    preview: Preview, path: Path, captions: ImageFont.FreeTypeFont | None = None
) -> None:
    """Draw the contact sheet and four plots into one PNG, whole or not at all.

    Args:
        captions: a face for the labels under the samples; it should hold their script.
            Without one, captions are written in Pillow's own Latin face.
    """
    font = captions or ImageFont.load_default(12)
    columns = 4
    rows = -(-len(preview.rows) // columns)
    sheet_h = rows * (CELL_H + CAPTION + GAP) + GAP
    width = columns * (CELL_W + GAP) + GAP
    picture = Pictures.new("RGB", (width, sheet_h + 2 * (PLOT_H + 40) + GAP), GROUND)
    draw = ImageDraw.Draw(picture)
    for at, row in enumerate(preview.rows):
        x = GAP + at % columns * (CELL_W + GAP)
        y = GAP + at // columns * (CELL_H + CAPTION + GAP)
        image = _read(preview.folder / row.image)
        if image is None:
            draw.text((x, y), "cannot be read", (200, 0, 0), font=font)
        else:
            scale = min(CELL_H / image.shape[0], CELL_W / image.shape[1])
            size = (max(1, int(image.shape[1] * scale)), max(1, int(image.shape[0] * scale)))
            small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            picture.paste(Pictures.fromarray(np.ascontiguousarray(small[:, :, ::-1])), (x, y))
        _caption(draw, (x, y + CELL_H + 1), pieces_of(row.text, row.targets), font)
    counts = preview.counts
    plots: list[tuple[str, Sequence[tuple[str, int]]]] = [
        ("characters, targets first", _ranked(counts.characters, counts.targets)),
        ("label length", sorted_bins(counts.lengths)),
        ("size of the face (px)", sorted_bins(counts.sizes_px)),
        ("face families", counts.families.most_common(30)),
    ]
    for at, (title, bars) in enumerate(plots):
        x, y = GAP + at % 2 * (width // 2), sheet_h + at // 2 * (PLOT_H + 40)
        _plot(draw, (x, y), title=title, bars=bars, font=font, width=width // 2 - 3 * GAP)
    # By this a later preview knows that it may take the file's place.
    mark = PngInfo()
    mark.add_text("Software", "ocr-mend")
    with replacing_bytes(path) as out:
        picture.save(out, "PNG", pnginfo=mark)


def _caption(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    pieces: Sequence[tuple[str, bool]],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    """Write a label; what the line teaches stands in another colour, underlined."""
    x, y = place
    for text, is_target in pieces:
        draw.text((x, y), text, TARGET if is_target else TEXT, font=font)
        end = x + font.getlength(text)
        if is_target:
            draw.line([(x, y + CAPTION - 2), (end - 1, y + CAPTION - 2)], TARGET)
        x = end


def _read(path: Path) -> Image | None:
    try:
        return read_image(path)
    except ImageError:
        return None


def _ranked(characters: Counter[str], targets: Counter[str]) -> list[tuple[str, int]]:
    order = sorted(characters, key=lambda char: (-targets.get(char, 0), -characters[char], char))
    return [(char, characters[char]) for char in order[:40]]


def sorted_bins(values: Sequence[int], most: int = 24) -> list[tuple[str, int]]:
    """Count whole numbers, in at most so many bins of equal width, named by their start.

    >>> sorted_bins([1, 1, 2, 9])
    [('1', 2), ('2', 1), ('3', 0), ('4', 0), ('5', 0), ('6', 0), ('7', 0), ('8', 0), ('9', 1)]
    """
    if not values:
        return []
    low, high = min(values), max(values)
    step = -(-(high - low + 1) // most)
    counts = [0] * ((high - low) // step + 1)
    for value in values:
        counts[(value - low) // step] += 1
    return [(str(low + at * step), count) for at, count in enumerate(counts)]


def _plot(
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    title: str,
    bars: Sequence[tuple[str, int]],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    width: int,
) -> None:
    x, y = place
    draw.text((x, y), title, TEXT, font=font)
    floor = y + 18 + PLOT_H - 20
    draw.line([(x, floor), (x + width, floor)], LINE)
    if not bars:
        return
    most = max(count for _, count in bars) or 1
    step = width / len(bars)
    for at, (name, count) in enumerate(bars):
        left = x + at * step
        top = floor - count / most * (PLOT_H - 22)
        draw.rectangle([left + 1, top, left + step - 2, floor], fill=BAR)
        if step >= 9:
            short = name if len(name) * 7 < step else name[: max(1, int(step // 7))]
            draw.text((left + 1, floor + 2), short, TEXT, font=font)
