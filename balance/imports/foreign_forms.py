"""The formats that `balance import` reads, in words, with what is alike in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Format = Literal[
    "ppocr-det",
    "ppocr-rec",
    "lsvt",
    "rctw17",
    "mtwi",
    "icdar2013",
    "icdar2015",
    "mlt",
    "sroie",
    "rects",
    "textocr",
    "coco-text",
    "aihub",
    "ufo",
    "cord",
    "funsd",
    "xfund",
    "kaist",
    "cvat",
    "labelme",
    "x-anylabeling",
    "label-studio",
    "trdg",
    "easyocr",
    "doctr",
    "text-renderer",
    "gt-txt",
    "icdar-words",
    "lmdb",
    "json",
]


@dataclass(frozen=True, slots=True)
class ForeignForm:
    """A format.

    Attributes:
        name: in words, for messages.
        suffixes: of its annotation files, in a folder of many kinds; () where it is no file.
        like: other formats whose files look the same: the user's word decides.
    """

    name: str
    suffixes: tuple[str, ...]
    like: tuple[Format, ...] = ()

    @property
    def bare_name(self) -> str:
        """The name without its article."""
        return self.name.removeprefix("a ").removeprefix("an ").removeprefix("the ")


_ICDAR: tuple[Format, ...] = ("icdar2015", "sroie", "mtwi")
_LABELME: tuple[Format, ...] = ("labelme", "x-anylabeling")
_COCO: tuple[Format, ...] = ("textocr", "coco-text")

FORMS: Mapping[Format, ForeignForm] = {
    "ppocr-det": ForeignForm("a detection label file of PaddleOCR", (".txt",)),
    "ppocr-rec": ForeignForm("a recognition label file of PaddleOCR", (".txt",)),
    "lsvt": ForeignForm("a JSON file of LSVT", (".json",)),
    "rctw17": ForeignForm("RCTW-17 box files", (".txt",)),
    "mtwi": ForeignForm("MTWI box files", (".txt",), _ICDAR),
    "icdar2013": ForeignForm("ICDAR 2013 box files", (".txt",)),
    "icdar2015": ForeignForm("ICDAR 2015 box files", (".txt",), _ICDAR),
    "mlt": ForeignForm("ICDAR MLT box files", (".txt",)),
    "sroie": ForeignForm("SROIE box files", (".txt",), _ICDAR),
    "rects": ForeignForm("ReCTS, one JSON an image", (".json",)),
    "textocr": ForeignForm("a JSON file of TextOCR", (".json",), _COCO),
    "coco-text": ForeignForm("a JSON file of COCO-Text", (".json",), _COCO),
    "aihub": ForeignForm("JSON of images and annotations, as AI-Hub's and COCO's", (".json",)),
    "ufo": ForeignForm("a JSON file in UFO", (".json",)),
    "cord": ForeignForm("CORD, one JSON a receipt", (".json",)),
    "funsd": ForeignForm("FUNSD, one JSON a form", (".json",)),
    "xfund": ForeignForm("a JSON file of XFUND", (".json",)),
    "kaist": ForeignForm("KAIST scene text, one XML an image", (".xml",)),
    "cvat": ForeignForm("an XML file of CVAT for images", (".xml",)),
    "labelme": ForeignForm("JSON of labelme", (".json",), _LABELME),
    "x-anylabeling": ForeignForm("JSON of X-AnyLabeling", (".json",), _LABELME),
    "label-studio": ForeignForm("an export of Label Studio", (".json",)),
    "trdg": ForeignForm("a label file of TRDG", (".txt",)),
    "easyocr": ForeignForm("the labels.csv of EasyOCR", (".csv",)),
    "doctr": ForeignForm("the labels.json of docTR", (".json",)),
    "text-renderer": ForeignForm("the labels.json of text_renderer", (".json",)),
    "gt-txt": ForeignForm("texts of kraken or tesstrain beside their images", (".gt.txt",)),
    "icdar-words": ForeignForm("a list of word images of ICDAR", (".txt",)),
    "lmdb": ForeignForm("an LMDB", ()),
    "json": ForeignForm("JSON that --mapping describes", (".json",)),
}
