"""`manifest.jsonl` and finished shards: how each rendered sample was drawn, one row a sample.

A shard (`shards/NNNN.jsonl`) holds the rows of 1,000 samples, the manifest those of all shards,
byte for byte.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from textlines.errors import InputError
from textlines.formats.faces import FaceOf, face_of
from textlines.formats.plan_rows import Vertical, require_spans, vertical_of
from textlines.formats.rows import (
    RowError,
    RowKind,
    is_count,
    is_label,
    is_path_below,
    read_lines,
    read_rows,
    refuse,
    refuse_keys,
    wrong,
)

MANIFEST = "manifest.jsonl"

KIND = RowKind(
    "the manifest", "row of a manifest", "Merge the run again (synth merge), or remove the file."
)
SHARD_KIND = RowKind(
    "the shard", "row of a shard", "Delete this file and draw the shard again (synth generate)."
)

SHARD = 1000
"""Samples in a shard: one folder of images, one unit of resuming."""

Refusal = Literal["overlap", "contrast", "outside", "part", "stroke", "counter"]
"""Why an attempt at a line was refused: ink of neighbours lies on each other; a cluster stands out
too little, or not inside the image; a part of its ink or a stroke is not seen; a counter has
closed."""

Params = Mapping[str, Any]
Part = tuple[str, Params]
"""A surface, an effect or a distractor: its name, and the parameters that were drawn for it."""

CharacterBox = tuple[int, int, int, int, int, int]
"""Of `text[start:end]`: start, end, x0, y0, x1, y1 in pixels of the image, ends excluded."""


@dataclass(frozen=True, slots=True)
class LineOf:
    """The line as it was laid out, in pixels.

    Attributes:
        pens: x of each character, or the advance of each cluster where `whole` (shaped by raqm).
        stretch: horizontal scale. width: of the line.
        widths: factor on the width of each character; the key is left out where all are as the face
            draws them.
        sizes: pixels per em of each character; the key is left out where all are `size_px`.
    """

    size_px: int
    baseline: int
    pens: tuple[int, ...]
    whole: bool
    stretch: float
    width: int
    widths: tuple[float, ...] = ()
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Luminance:
    """Of what is under the text and of the ink (0..255), and the weakest contrast of a cluster."""

    surface: int
    ink: int
    contrast: float


class FacePart(NamedTuple):
    """The characters from `start` to before `end` of a line, and the face that draws them."""

    start: int
    end: int
    face: FaceOf


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """How one sample was drawn.

    Attributes:
        index: from 0, as in the plan. image: from the run's folder. text: its label.
        targets, split, source, style: as the plan has them.
        size: width and height of the image.
        matrix: from the flat line to the image, row by row; None where it lies flat. Of a line that
            is bent (`arc` and `elastic` among its effects): from the bent line.
        ink: blue, green, red. quality: of the JPEG.
        attempt: how often it was drawn anew. fallback: it is drawn plain.
        refused: why each attempt before this one was; the key is left out where none was, and in
            manifests of earlier versions.
        sha256: of the image file.
        photo: the sha256 of the photo that it is drawn on; the key is left out where there is none,
            and in manifests of earlier versions.
        palette: the ground and the ink of the style's palette in which it is drawn, `#rrggbb`; the
            key is left out without one, and in manifests of earlier versions.
        parts: what other faces than `face` draw of the line, in order; the key is left out where
            there is none.
        vertical: how the line is set vertically; the key is left out where it is not. The image
            lies all the same: turned by 90 degrees counter-clockwise, as a recognizer is given it.
        boxes: of its characters, as in `boxes.jsonl`; the key is left out where the run was not
            asked for them, as is `mask`, the sha256 of the picture of its ink.
    """

    index: int
    image: str
    text: str
    targets: tuple[str, ...]
    split: str
    source: str
    style: str
    face: FaceOf
    size: tuple[int, int]
    line: LineOf
    matrix: tuple[float, ...] | None
    surface: Part
    distractors: tuple[tuple[str, Any], ...]
    luminance: Luminance
    ink: tuple[int, int, int]
    effects: tuple[Part, ...]
    quality: int
    attempt: int
    fallback: bool
    sha256: str
    refused: tuple[Refusal, ...] = ()
    photo: str = ""
    palette: tuple[str, str] | None = None
    parts: tuple[FacePart, ...] = ()
    vertical: Vertical = ""
    boxes: tuple[CharacterBox, ...] = ()
    mask: str = ""

    def faces(self) -> tuple[FaceOf, ...]:
        """Return the faces that draw the line, each once, the one of most of it first."""
        return tuple(dict.fromkeys((self.face, *(part.face for part in self.parts))))


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def manifest_line(record: Mapping[str, Any]) -> str:
    """Write a sample's record, with the fields of `ManifestRow`, as a line without its end."""
    return _ENCODER.encode(record)


def read_manifest(path: Path) -> Iterator[ManifestRow]:
    """Read a manifest, or the rows of a shard, row by row.

    Raises:
        InputError: the file cannot be read, or a line is no row.
    """
    return read_rows(path, KIND, manifest_row)


class ManifestFacts(NamedTuple):
    """What other tools ask of a row; fields as in `ManifestRow`."""

    image: str
    text: str
    source: str
    face: FaceOf
    size: tuple[int, int]


def read_facts(path: Path) -> Iterator[ManifestFacts]:
    """Read what other tools ask of a manifest; the rest of each row is not looked into.

    Raises:
        InputError: the file cannot be read, or a line is no row.
    """
    return read_rows(path, KIND, _facts)


def _facts(content: dict[str, Any]) -> ManifestFacts:
    _check_core(content)
    source = content["source"]
    if type(source) is not str:
        raise wrong("source", source, "text")
    face, size = face_of(content["face"]), size_of(content["size"])
    return ManifestFacts(content["image"], content["text"], source, face, size)


def image_path(index: int, suffix: str) -> str:
    """Name the image of a sample, from the run's folder.

    >>> image_path(12034, "jpg")
    'images/0012/012034.jpg'
    """
    return f"{shard_folder(index // SHARD)}{index:06d}.{suffix}"


def shard_folder(shard: int) -> str:
    """Name the folder of a shard's images, from the run's folder.

    >>> shard_folder(12)
    'images/0012/'
    """
    return f"images/{shard:04d}/"


class ShardRow(NamedTuple):
    """What label files, merged manifests and packed files take of a shard's row.

    Attributes:
        image, text, attempt, fallback, sha256, refused, mask: as in `ManifestRow`.
        raw: the line as it stands in the file, with its line feed.
    """

    image: str
    text: str
    attempt: int
    fallback: bool
    sha256: str
    refused: tuple[Refusal, ...]
    mask: str
    raw: bytes


def read_shard(path: Path, shard: int, first: int) -> Iterator[ShardRow]:
    """Read a finished shard that may have come from another machine.

    How a sample was drawn is not looked into: nothing that is merged or packed depends on it, and
    it costs as much as parsing the line.

    Args:
        shard: its number; its images lie in `images/NNNN`.
        first: the index of its first row; the others follow.

    Raises:
        InputError: the file cannot be read, a line is no row, holds another sample than its
            place, or names an image outside the shard's folder.
    """
    folder = shard_folder(shard)
    for expected, line in enumerate(read_lines(path, SHARD_KIND), first):
        content = line.content
        try:
            _check_core(content)
        except RowError as error:
            refuse(path, line.number, SHARD_KIND, error)
        if content["index"] != expected:
            raise InputError(
                f"{path}:{line.number}",
                f"holds sample {content['index']} where {expected} should be",
                SHARD_KIND.again,
            )
        image = content["image"]
        if not image.startswith(folder) or "/" in image.removeprefix(folder):
            raise InputError(
                f"{path}:{line.number}",
                f"names the image {image!r}, which does not lie in {folder}",
                SHARD_KIND.again,
            )
        yield ShardRow(
            image,
            content["text"],
            content["attempt"],
            content["fallback"],
            content["sha256"],
            tuple(content.get("refused", ())),
            content.get("mask", ""),
            line.raw,
        )


_KEYS = frozenset(ManifestRow.__slots__)
_LATER = frozenset({"refused", "photo", "palette", "parts", "vertical", "boxes", "mask"})
"""Keys that a row may lack."""
_REFUSALS = frozenset(get_args(Refusal))
_LINE, _LUMINANCE = (frozenset(kind.__slots__) for kind in (LineOf, Luminance))
_SHA256 = re.compile("[0-9a-f]{64}")
_TEXTS = ("split", "source", "style")


def manifest_row(content: dict[str, Any]) -> ManifestRow:
    """Make a row of what a line holds.

    Raises:
        RowError: a key is missing or unknown, or a value is wrong.
    """
    _check_core(content)
    if not _is_texts(content["targets"]):
        raise wrong("targets", content["targets"], "a list of characters")
    for key in _TEXTS:
        if type(content[key]) is not str:
            raise wrong(key, content[key], "text")
    matrix = content["matrix"]
    if matrix is not None and not (_are_numbers(matrix) and len(matrix) == 9):
        raise wrong("matrix", matrix, "nine numbers or null")
    ink = content["ink"]
    if not (_are_counts(ink) and len(ink) == 3 and max(ink) < 256):
        raise wrong("ink", ink, "three numbers from 0 to 255")
    if not is_count(content["quality"]):
        raise wrong("quality", content["quality"], "a whole number from 0 on")
    return ManifestRow(
        content["index"],
        content["image"],
        content["text"],
        tuple(content["targets"]),
        content["split"],
        content["source"],
        content["style"],
        face_of(content["face"]),
        size_of(content["size"]),
        _line(content["line"]),
        None if matrix is None else tuple(matrix),
        _part("surface", content["surface"]),
        _pairs("distractors", content["distractors"]),
        _luminance(content["luminance"]),
        (ink[0], ink[1], ink[2]),
        tuple(_part("effects", one) for one in _listed("effects", content["effects"])),
        content["quality"],
        content["attempt"],
        content["fallback"],
        content["sha256"],
        tuple(content.get("refused", ())),
        _photo(content),
        _palette(content),
        _parts_of(content),
        vertical_of(content),
        boxes_of(content.get("boxes", [])),
        content.get("mask", ""),
    )


def _check_core(content: dict[str, Any]) -> None:
    """Check the keys, and the values that reach other files."""
    keys = content.keys() | _LATER
    if keys != _KEYS:
        refuse_keys({key: content.get(key) for key in keys}, _KEYS)
    if not is_count(content["index"]):
        raise wrong("index", content["index"], "a whole number from 0 on")
    if not is_path_below(content["image"]):
        raise wrong("image", content["image"], "a path below the run's folder, with slashes")
    if not is_label(content["text"]):
        raise wrong("text", content["text"], "a label in NFC without control characters")
    if not is_count(content["attempt"]):
        raise wrong("attempt", content["attempt"], "a whole number from 0 on")
    if type(content["fallback"]) is not bool:
        raise wrong("fallback", content["fallback"], "true or false")
    refused = content.get("refused", [])
    if type(refused) is not list or not all(why in _REFUSALS for why in refused):
        raise wrong("refused", refused, f"a list of reasons: {', '.join(get_args(Refusal))}")
    if not _is_sha256(content["sha256"]):
        raise wrong("sha256", content["sha256"], "64 hexadecimal digits")
    if "mask" in content and not _is_sha256(content["mask"]):
        raise wrong("mask", content["mask"], "64 hexadecimal digits")


def _is_sha256(value: object) -> bool:
    return type(value) is str and bool(_SHA256.fullmatch(value))


def _photo(content: dict[str, Any]) -> str:
    photo = content.get("photo")
    if photo is None:
        return ""
    if not _is_sha256(photo):
        raise wrong("photo", photo, "64 hexadecimal digits")
    return str(photo)


def _palette(content: dict[str, Any]) -> tuple[str, str] | None:
    pair = content.get("palette")
    if pair is None:
        return None
    if type(pair) is not list or len(pair) != 2 or not all(map(_is_colour, pair)):
        raise wrong("palette", pair, "a ground and an ink as #rrggbb")
    return pair[0], pair[1]


def _parts_of(content: dict[str, Any]) -> tuple[FacePart, ...]:
    parts = content.get("parts", [])
    if type(parts) is not list or not all(type(part) is list and len(part) == 3 for part in parts):
        raise wrong("parts", parts, "a list of [start, end, face]")
    require_spans(parts, len(content["text"]))
    return tuple(FacePart(start, end, face_of(face)) for start, end, face in parts)


def _is_colour(value: object) -> bool:
    return type(value) is str and bool(re.fullmatch("#[0-9a-f]{6}", value))


def boxes_of(value: object) -> tuple[CharacterBox, ...]:
    """Read boxes of characters.

    Raises:
        RowError: they are no lists of six whole numbers.
    """
    if type(value) is not list or not all(_are_counts(one) and len(one) == 6 for one in value):
        raise wrong("boxes", value, "a list of boxes: start, end, x0, y0, x1, y1")
    return tuple((a, b, x0, y0, x1, y1) for a, b, x0, y0, x1, y1 in value)


def size_of(size: object) -> tuple[int, int]:
    """Read the size of an image.

    Raises:
        RowError: it is not a width and a height.
    """
    if type(size) is not list or len(size) != 2 or not all(is_count(one) and one for one in size):
        raise wrong("size", size, "a width and a height from 1 on")
    return size[0], size[1]


def _line(line: object) -> LineOf:
    if type(line) is not dict or line.keys() | {"widths", "sizes"} != _LINE:
        raise wrong("line", line, f"an object of {', '.join(sorted(_LINE))}")
    for key in ("size_px", "baseline", "width"):
        if type(line[key]) is not int:
            raise wrong(f"line.{key}", line[key], "a whole number")
    if type(line["pens"]) is not list or not all(type(one) is int for one in line["pens"]):
        raise wrong("line.pens", line["pens"], "a list of whole numbers")
    if type(line["whole"]) is not bool:
        raise wrong("line.whole", line["whole"], "true or false")
    if not _is_number(line["stretch"]):
        raise wrong("line.stretch", line["stretch"], "a number")
    if not _are_counts(line.get("sizes", [])):
        raise wrong("line.sizes", line["sizes"], "a list of whole numbers")
    if not _are_numbers(line.get("widths", [])):
        raise wrong("line.widths", line["widths"], "a list of numbers")
    return LineOf(
        line["size_px"],
        line["baseline"],
        tuple(line["pens"]),
        line["whole"],
        line["stretch"],
        line["width"],
        tuple(line.get("widths", ())),
        tuple(line.get("sizes", ())),
    )


def _luminance(found: object) -> Luminance:
    if type(found) is not dict or found.keys() != _LUMINANCE:
        raise wrong("luminance", found, f"an object of {', '.join(sorted(_LUMINANCE))}")
    if not _are_counts([found["surface"], found["ink"]]):
        raise wrong("luminance", found, "whole numbers from 0 on")
    if not _is_number(found["contrast"]):
        raise wrong("luminance.contrast", found["contrast"], "a number")
    return Luminance(found["surface"], found["ink"], found["contrast"])


def _part(key: str, part: object) -> Part:
    if (
        type(part) is not list
        or len(part) != 2
        or type(part[0]) is not str
        or type(part[1]) is not dict
    ):
        raise wrong(key, part, "a name with its parameters")
    return part[0], part[1]


def _pairs(key: str, parts: object) -> tuple[tuple[str, Any], ...]:
    found = _listed(key, parts)
    for part in found:
        if type(part) is not list or len(part) != 2 or type(part[0]) is not str:
            raise wrong(key, part, "a name with what was drawn for it")
    return tuple((name, drawn) for name, drawn in found)


def _listed(key: str, value: object) -> list[Any]:
    if type(value) is not list:
        raise wrong(key, value, "a list")
    return value


def _is_texts(value: object) -> bool:
    return type(value) is list and all(type(one) is str and one for one in value)


def _is_number(value: object) -> bool:
    # NaN and infinity are no numbers: nothing of ours writes them.
    return type(value) in (int, float) and abs(value) < 1e300  # type: ignore[arg-type]


def _are_numbers(value: object) -> bool:
    return type(value) is list and all(map(_is_number, value))


def _are_counts(value: object) -> bool:
    return type(value) is list and all(map(is_count, value))
