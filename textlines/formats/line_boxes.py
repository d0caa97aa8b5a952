"""`boxes.jsonl`: where each character of a rendered line lies in its image, one row a line.

The same boxes stand in the manifest; here they stand without all else, beside the label file and in
its order. A mask is a grey PNG of its image's size: how far each pixel is covered by ink, 255 = all
of it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from textlines.formats.manifest import CharacterBox, ManifestRow, boxes_of, size_of
from textlines.formats.rows import (
    RowError,
    RowKind,
    is_label,
    is_path_below,
    read_rows,
    refuse_keys,
    wrong,
)

BOXES = "boxes.jsonl"
KIND = RowKind("the boxes", "row of boxes", "Merge the run again (synth merge).")


@dataclass(frozen=True, slots=True)
class LineBoxes:
    """One line and its boxes.

    Attributes:
        image: from the run's folder. size: its width and height. text: its label.
        boxes: for each character, or each cluster that is drawn as one, in the order of the text:
            start, end, x0, y0, x1, y1. `text[start:end]`, counted in code points, lies in pixels
            from x0 and y0 up to before x1 and y1. Of a line that is turned or bent it is the
            upright box around what is turned. Spaces have none.
        mask: the picture of its ink, from the run's folder; the key is left out without one.
    """

    image: str
    size: tuple[int, int]
    text: str
    boxes: tuple[CharacterBox, ...]
    mask: str = ""


def mask_path(image: str) -> str:
    """Name the mask of an image, both from the run's folder.

    >>> mask_path("images/0012/012034.jpg")
    'masks/0012/012034.png'
    """
    return str(PurePosixPath("masks", *PurePosixPath(image).parts[1:]).with_suffix(".png"))


def boxes_line(row: ManifestRow) -> str:
    """Write what a row of a manifest holds of boxes as a line, with its end."""
    content: dict[str, Any] = {
        "image": row.image,
        "size": row.size,
        "text": row.text,
        "boxes": row.boxes,
        **({"mask": mask_path(row.image)} if row.mask else {}),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


def read_boxes(path: Path) -> Iterator[LineBoxes]:
    """Read the boxes of a run, line by line.

    Raises:
        InputError: the file cannot be read, or a line is no row.
    """
    return read_rows(path, KIND, _row)


_KEYS = frozenset(LineBoxes.__slots__)


def _row(content: dict[str, Any]) -> LineBoxes:
    refuse_keys({"mask": "", **content}, _KEYS)
    for key in ("image", "mask"):
        if key in content and not is_path_below(content[key]):
            raise wrong(key, content[key], "a path below the run's folder, with slashes")
    text = content["text"]
    if not is_label(text):
        raise wrong("text", text, "a label in NFC without control characters")
    size = size_of(content["size"])
    boxes = boxes_of(content["boxes"])
    for start, end, x0, y0, x1, y1 in boxes:
        if not (start < end <= len(text) and x0 < x1 <= size[0] and y0 < y1 <= size[1]):
            raise RowError(f"the box {[start, end, x0, y0, x1, y1]} is none of this line")
    return LineBoxes(content["image"], size, text, boxes, content.get("mask", ""))
