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
class Form:
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

FORMS: Mapping[Format, Form] = {
    "ppocr-det": Form("a detection label file of PaddleOCR", (".txt",)),
    "ppocr-rec": Form("a recognition label file of PaddleOCR", (".txt",)),
    "lsvt": Form("a JSON file of LSVT", (".json",)),
    "rctw17": Form("RCTW-17 box files", (".txt",)),
    "mtwi": Form("MTWI box files", (".txt",), _ICDAR),
    "icdar2013": Form("ICDAR 2013 box files", (".txt",)),
    "icdar2015": Form("ICDAR 2015 box files", (".txt",), _ICDAR),
    "mlt": Form("ICDAR MLT box files", (".txt",)),
    "sroie": Form("SROIE box files", (".txt",), _ICDAR),
    "rects": Form("ReCTS, one JSON an image", (".json",)),
    "textocr": Form("a JSON file of TextOCR", (".json",), _COCO),
    "coco-text": Form("a JSON file of COCO-Text", (".json",), _COCO),
    "aihub": Form("JSON of images and annotations, as AI-Hub's and COCO's", (".json",)),
    "ufo": Form("a JSON file in UFO", (".json",)),
    "cord": Form("CORD, one JSON a receipt", (".json",)),
    "funsd": Form("FUNSD, one JSON a form", (".json",)),
    "xfund": Form("a JSON file of XFUND", (".json",)),
    "kaist": Form("KAIST scene text, one XML an image", (".xml",)),
    "cvat": Form("an XML file of CVAT for images", (".xml",)),
    "labelme": Form("JSON of labelme", (".json",), _LABELME),
    "x-anylabeling": Form("JSON of X-AnyLabeling", (".json",), _LABELME),
    "label-studio": Form("an export of Label Studio", (".json",)),
    "trdg": Form("a label file of TRDG", (".txt",)),
    "easyocr": Form("the labels.csv of EasyOCR", (".csv",)),
    "doctr": Form("the labels.json of docTR", (".json",)),
    "text-renderer": Form("the labels.json of text_renderer", (".json",)),
    "gt-txt": Form("texts of kraken or tesstrain beside their images", (".gt.txt",)),
    "icdar-words": Form("a list of word images of ICDAR", (".txt",)),
    "lmdb": Form("an LMDB", ()),
    "json": Form("JSON that --mapping describes", (".json",)),
}
