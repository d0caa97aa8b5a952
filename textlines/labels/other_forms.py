"""What a file is that was given where another one is asked for, told by its content.

For messages ("this is a detection label file of PaddleOCR: balance import ppocr-det ...") and for
`balance import auto`. Only the start of a file is looked at; nothing is said of what is in doubt.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textlines.encodings import SAMPLE_BYTES, guess_encoding
from textlines.files import open_regular
from textlines.labels.other_json import form_of_json
from textlines.pixels.decode import IMAGE_SUFFIXES
from textlines.wording import say

__all__ = ["MLT_SCRIPTS", "OtherForm", "form_of", "form_of_box_rows"]

HEAD_BYTES = SAMPLE_BYTES
"""How much of a file is read."""

WHOLE_JSON_BYTES = 1 << 25
"""A JSON file of at most this is read whole where its start does not tell what it is."""

MLT_SCRIPTS = frozenset(
    {
        "Arabic",
        "Bangla",
        "Chinese",
        "Hindi",
        "Japanese",
        "Korean",
        "Latin",
        "Mixed",
        "None",
        "Symbols",
    }
)
"""What stands between corners and text in ICDAR MLT 2017 and 2019."""


@dataclass(frozen=True, slots=True)
class OtherForm:
    """What a file is.

    Attributes:
        name: in words, with its article: "an ICDAR MLT box file".
        format: the FORMAT of `balance import` that reads it; "" when none does.
    """

    name: str
    format: str = ""


_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", say("a JPEG image")),
    (b"\x89PNG", say("a PNG image")),
    (b"GIF8", say("a GIF image")),
    (b"BM", say("a BMP image")),
    (b"II*\0", say("a TIFF image")),
    (b"MM\0*", say("a TIFF image")),
    (b"%PDF-", say("a PDF")),
    (b"PK\x03\x04", say("a zip archive (unpack it first)")),
    (b"\x1f\x8b", say("a gzip archive (unpack it first)")),
    (b"7z\xbc\xaf\x27\x1c", say("a 7z archive (unpack it first)")),
    (b"Rar!", say("a rar archive (unpack it first)")),
    (b"BZh", say("a bzip2 archive (unpack it first)")),
    (b"\xfd7zXZ\0", say("an xz archive (unpack it first)")),
    (b"PAR1", say("a Parquet table")),
    (b"\x89HDF\r\n", say("an HDF5 file")),
    (b"MATLAB 5.0", say("a MATLAB file")),
    (b"\x93NUMPY", say("a NumPy array")),
    (b"SQLite format 3", say("an SQLite database")),
    (b"\xd0\xcf\x11\xe0", say("an old Office document")),
    (b"\x80\x02", say("a pickle")),
    (b"\x80\x03", say("a pickle")),
    (b"\x80\x04", say("a pickle")),
    (b"\x80\x05", say("a pickle")),
    (b"\x00\x01\x00\x00\x00", say("a font")),
    (b"OTTO", say("a font")),
)

_LMDB_MAGIC = b"\xde\xc0\xef\xbe"


def form_of(path: Path) -> OtherForm | None:
    """Return what a file or a folder is; None where nothing stands out, or nothing can be read.

    Of a folder an LMDB, PPOCRLabel's `Label.txt` and images alone are known. Pipes and devices are
    not read: what is in them could not be read again.

    >>> form_of(Path("/nowhere/at/all")) is None
    True
    """
    try:
        if path.is_dir():
            return _form_of_folder(path)
        with open_regular(path) as file:
            head = file.read(HEAD_BYTES + 1)
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None
    is_cut = len(head) > HEAD_BYTES
    head = head[:HEAD_BYTES]
    binary = _form_of_bytes(head)
    if binary is not None:
        return binary
    text = _decoded(head)
    if text is None:
        return None
    if path.suffix.lower() in (".yml", ".yaml"):
        return _form_of_yaml(text)
    stripped = text.lstrip()
    if stripped.startswith("<"):
        return _form_of_xml(stripped)
    if stripped.startswith(("{", "[")):
        found = form_of_json(stripped, is_cut=is_cut)
        if found is None and is_cut:
            found = _form_of_whole_json(path)
        if found is not None:
            return OtherForm(*found)
    return _form_of_text(path, text, is_cut)


def _form_of_folder(path: Path) -> OtherForm | None:
    names = sorted(entry.name for entry in path.iterdir())
    if "data.mdb" in names:
        return OtherForm(say("an LMDB"), "lmdb")
    if "Label.txt" in names:
        return OtherForm(say("a folder of PPOCRLabel's"), "ppocr-det")
    if names and all(name.casefold().endswith(IMAGE_SUFFIXES) for name in names):
        return OtherForm(say("a folder of images"))
    return None


def _form_of_bytes(head: bytes) -> OtherForm | None:
    if head[16:20] == _LMDB_MAGIC:
        return OtherForm(say("the data.mdb of an LMDB (name its folder)"), "lmdb")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return OtherForm(say("a WebP image"))
    if head[257:262] == b"ustar":
        return OtherForm(say("a tar archive (unpack it first)"))
    # Text may begin with "BM" too; of a binary file it is the second thing looked at.
    for start, name in _STARTS:
        if head.startswith(start) and (len(start) > 2 or b"\0" in head[:64] or start[0] > 127):
            return OtherForm(name)
    return None


def _decoded(head: bytes) -> str | None:
    """Decode the start of a text, which may end inside a character; None for no text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace")
    body = head.removeprefix(b"\xef\xbb\xbf")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3 and len(head) == HEAD_BYTES:
            text = body[: error.start].decode()
        else:
            encoding = guess_encoding(body)
            if not encoding:
                return None
            text = body.decode(encoding, errors="replace")
    return None if "\0" in text else text


def _form_of_yaml(text: str) -> OtherForm | None:
    keys = set(re.findall(r"^([A-Za-z]\w*)[ \t]*:", text, re.MULTILINE))
    if {"Global", "Architecture"} <= keys or {"Global", "Train"} <= keys:
        return OtherForm(say("a training configuration of PaddleOCR"))
    if "PostProcess" in keys:
        return OtherForm(say("the inference.yml of an exported model"))
    return OtherForm(say("a YAML file")) if keys else None


def _form_of_xml(text: str) -> OtherForm | None:
    names = re.findall(r"<([A-Za-z][\w.-]*(?::[A-Za-z][\w.-]*)?)", text[:20_000])
    root = names[0].rpartition(":")[2] if names else ""
    if root == "annotations" and ("image" in names or "version" in names):
        return OtherForm(say("an XML file of CVAT for images"), "cvat")
    if root in ("images", "image") and ("word" in names or "words" in names):
        return OtherForm(say("an XML file of KAIST's scene text"), "kaist")
    if root == "tagset":
        return OtherForm(say("a tag set of ICDAR 2003"))
    known = {
        "annotation": say("an XML file of Pascal VOC, which holds no texts"),
        "PcGts": say("a PAGE XML file"),
        "alto": say("an ALTO XML file"),
        "html": say("an HTML page"),
        "svg": say("an SVG image"),
    }
    name = known.get(root) or known.get(root.lower())
    return OtherForm(name) if name else None


def _form_of_whole_json(path: Path) -> tuple[str, str] | None:
    try:
        with open_regular(path) as file:
            data = file.read(WHOLE_JSON_BYTES + 1)
    except OSError:
        return None
    if len(data) > WHOLE_JSON_BYTES:
        return None
    try:
        return form_of_json(data.decode("utf-8-sig").lstrip(), is_cut=False)
    except UnicodeDecodeError:
        return None


_IMAGE = r"[^\t,\s][^\t,]*?\.(?:jpe?g|png|bmp|tiff?|webp|gif)"
_PATH = r"[^\t]*?\.(?:jpe?g|png|bmp|tiff?|webp|gif)"
_PATH_TAB = re.compile(rf"{_PATH}\t(?!\[[\[\]{{])", re.IGNORECASE)
_IMAGE_LIST_TAB = re.compile(r'\[".*"\]\t')
_MARKS_TAB = re.compile(r'[^\t]+\t\[(?:\]|\s*\{.*"(?:transcription|points)")')
_INFER_REC = re.compile(rf"{_PATH}\t[^\t]*\t(?:0|1)(?:\.\d+)?(?:e-?\d+)?$", re.IGNORECASE)
_HEADS = re.compile(rf'{_PATH}\t\{{"\w+": ?\{{"label"', re.IGNORECASE)
_KIE = re.compile(rf"{_PATH}\t\(['\"].*\)$", re.IGNORECASE)
_SPACE = re.compile(rf"{_IMAGE} +\S", re.IGNORECASE)
_COMMA = re.compile(rf"{_IMAGE},\s*", re.IGNORECASE)
_LOG = re.compile(r"(?:ppocr|paddleocr|root) (?:INFO|DEBUG)|Predicts of .+:\(")
_PRINTED = re.compile(r"\{'res': |\{'input_path': ")
_STATES = ("\t0", "\t1")
_CSV_HEAD = re.compile(r'"?filename"?,"?words"?$')


def _form_of_text(path: Path, text: str, is_cut: bool) -> OtherForm | None:
    rows = text.replace("\r\n", "\n").split("\n")
    if is_cut and len(rows) > 1:
        rows.pop()  # it was cut
    rows = [row for row in rows if row.strip()]
    if not rows:
        return None
    if path.name.endswith(".gt.txt") and len(rows) == 1 and _has_image_beside(path):
        return OtherForm(say("a text of kraken or tesstrain, beside its image"), "gt-txt")
    first = rows[0]
    if _CSV_HEAD.match(first.strip()):
        return OtherForm(say("the labels.csv of EasyOCR"), "easyocr")
    if any(map(_LOG.search, rows[:20])):
        return OtherForm(say("a log that PaddleOCR printed, with what it read"))
    if _mostly(rows, _PRINTED):
        return OtherForm(say("results that PaddleOCR 3 printed"))
    names = [name.strip().lower() for name in first.split("\t")]
    if "path" in names and "prediction" in names:
        return OtherForm(say("a table of predictions"))
    boxes = form_of_box_rows(rows)
    if boxes is not None:
        return boxes
    marked = sum(map(bool, map(_MARKS_TAB.match, rows)))
    if marked:
        # Broken rows look like those of a recognition file; no label looks like these.
        is_most = marked * 2 >= len(rows)
        return (
            OtherForm(say("a detection label file of PaddleOCR"), "ppocr-det") if is_most else None
        )
    for pattern in (_INFER_REC, _HEADS, _KIE):
        if _mostly(rows, pattern):
            return OtherForm(say("what infer_rec.py of PaddleOCR read"))
    if path.name == "fileState.txt" and all(row.rstrip("\r")[-2:] in _STATES for row in rows):
        return OtherForm(say("PPOCRLabel's list of what was looked at, which holds no texts"))
    # Half of them: where a break stands between path and text, every second row is the text.
    if _share(rows, _PATH_TAB) >= 0.5 or _mostly(rows, _IMAGE_LIST_TAB):
        return OtherForm(say("a recognition label file of PaddleOCR"), "ppocr-rec")
    if _mostly(rows, _COMMA):
        return OtherForm(say("a list of word images of ICDAR (name, text)"), "icdar-words")
    if _mostly(rows, _SPACE):
        return OtherForm(say("a label file with spaces for tabs, as TRDG writes it"), "trdg")
    if len(rows) >= 10 and all(len(row.strip("\r")) <= 2 for row in rows):
        return OtherForm(say("a dictionary, one character a line"))
    return None


def _share(rows: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(map(bool, map(pattern.match, rows))) / len(rows)


def _mostly(rows: Sequence[str], pattern: re.Pattern[str]) -> bool:
    """Whether at least four of five rows match: some may be broken."""
    return _share(rows, pattern) >= 0.8


def _has_image_beside(path: Path) -> bool:
    stem = path.name.removesuffix(".gt.txt")
    try:
        if any((path.parent / f"{stem}{suffix}").is_file() for suffix in IMAGE_SUFFIXES):
            return True
        return any(
            entry.name.startswith(stem + ".") and entry.suffix.lower() in IMAGE_SUFFIXES
            for entry in path.parent.iterdir()
        )
    except OSError:
        return False


_NUMBER = r"\s*[-+]?\d+(?:\.\d+)?\s*"
_QUAD = re.compile(rf"{_NUMBER}(?:,{_NUMBER}){{7}},(.*)")
_BOX_COMMAS = re.compile(rf'{_NUMBER}(?:,{_NUMBER}){{3}},\s*".*"\s*$')
_BOX_SPACES = re.compile(r'\s*-?\d+(?: +-?\d+){3} +".*"\s*$')


# "1,200" is an amount, "1,2,3" numbers; neither is a 1 with a text behind it.
_DIFFICULT = re.compile(r"\s*[01]\s*,(?!\d{3}(?!\d)|\s*-?\d+(?:\.\d+)?\s*,)")
_DIFFICULT_QUOTED = re.compile(r'\s*[01]\s*,\s*"')


def _ninth(rests: Sequence[str]) -> list[tuple[str, str, str]]:
    return [rest.partition(",") for rest in rests]


def form_of_box_rows(rows: Sequence[str]) -> OtherForm | None:
    """Return which box file of ICDAR's kinds some rows that are not blank are of.

    A script's name behind the corners of every row is MLT's, and 0 or 1 there is RCTW-17's.

    >>> form_of_box_rows(["1,2,9,2,9,5,1,5,Korean,값 1"]).format
    'mlt'
    >>> form_of_box_rows(['1, 2, 9, 5, "A"']).format, form_of_box_rows(["a", "b"])
    ('icdar2013', None)
    """
    rests = [match[1] for match in map(_QUAD.match, rows) if match]
    if rests and len(rests) * 5 >= len(rows) * 4:
        if all(comma and field.strip() in MLT_SCRIPTS for field, comma, _ in _ninth(rests)):
            return OtherForm(say("an ICDAR MLT box file"), "mlt")
        if all(map(_DIFFICULT_QUOTED.match, rests)) or (
            len(rests) > 1 and all(map(_DIFFICULT.match, rests))
        ):
            return OtherForm(say("an RCTW-17 box file"), "rctw17")
        return OtherForm(say("an ICDAR 2015 box file"), "icdar2015")
    if rows and (_mostly(rows, _BOX_COMMAS) or _mostly(rows, _BOX_SPACES)):
        return OtherForm(say("an ICDAR 2013 box file"), "icdar2013")
    return None
