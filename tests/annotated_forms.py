"""A small valid source of each format that `balance import` reads, with what comes of it.

A page of 400 x 300 pixels, or three crops; a Korean text, one with a comma, and one that nobody
can read wherever a form can say so. `benchmarks/mutated_forms.py` changes them at random.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

KOREAN, COMMA = "합계 금액", "12,500원"
LABELS = (KOREAN, COMMA)

FIRST = ((20, 20), (180, 20), (180, 50), (20, 50))
SECOND = ((220, 30), (380, 60), (374, 92), (214, 62))
THIRD = ((60, 200), (260, 200), (260, 240), (60, 240))


@dataclass(frozen=True, slots=True)
class Sample:
    """A source.

    Attributes:
        files: by their paths, the annotations alone.
        source: what the command is given, from the folder on.
        images: their paths. mapping: of the command, from the folder on.
        labels: that come of it. counts: what is counted on the way.
    """

    files: Mapping[str, str]
    source: str
    images: tuple[str, ...] = ("page.png",)
    mapping: str = ""
    labels: tuple[str, ...] = LABELS
    counts: Mapping[str, int] = field(default_factory=dict)

    def write(self, folder: Path) -> tuple[Path, Path | None]:
        """Write the sample, and return its source and its mapping."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        for name in self.images:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(page())
        return folder / self.source, folder / self.mapping if self.mapping else None


def page() -> bytes:
    """Return the PNG of a page with grain, 400 x 300."""
    grain = np.random.default_rng(3).integers(180, 250, (300, 400, 3))
    return bytes(cv2.imencode(".png", grain.astype(np.uint8))[1].tobytes())


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def flat(quad: Any) -> list[int]:
    """Return corners as one list."""
    return [int(n) for corner in quad for n in corner]


def pairs(quad: Any) -> list[list[int]]:
    """Return corners as lists of two."""
    return [list(corner) for corner in quad]


def size(quad: Any) -> list[int]:
    """Return the upright box around corners: left, top, width, height."""
    left, top, right, bottom = sides(quad)
    return [left, top, right - left, bottom - top]


def sides(quad: Any) -> list[int]:
    """Return the upright box around corners: left, top, right, bottom."""
    xs, ys = zip(*quad, strict=True)
    return [min(xs), min(ys), max(xs), max(ys)]


def _commas(quad: Any) -> str:
    return ",".join(map(str, flat(quad)))


UNREAD = {"unreadable_mark": 1}
FLAGGED = {"difficult": 1}
"""A text that may be good, with a flag beside it."""


def _box_files() -> dict[str, Sample]:
    plain = f"{_commas(FIRST)},{KOREAN}\n{_commas(SECOND)},{COMMA}\n{_commas(THIRD)},###\n"
    scripts = (
        f"{_commas(FIRST)},Korean,{KOREAN}\n{_commas(SECOND)},Korean,{COMMA}\n"
        f"{_commas(THIRD)},None,###\n"
    )
    marks = (
        f'{_commas(FIRST)},0,"{KOREAN}"\n{_commas(SECOND)},0,"{COMMA}"\n{_commas(THIRD)},1,"x"\n'
    )
    boxes = "".join(
        f'{", ".join(map(str, sides(quad)))}, "{text}"\n'
        for quad, text in ((FIRST, KOREAN), (SECOND, COMMA), (THIRD, "###"))
    )
    return {
        "icdar2015": Sample({"gt/gt_page.txt": plain}, "gt", counts=UNREAD),
        "sroie": Sample({"gt/page.txt": plain}, "gt", counts=UNREAD),
        "mtwi": Sample({"gt/page.txt": plain}, "gt", counts=UNREAD),
        "mlt": Sample({"gt/gt_page.txt": scripts}, "gt", counts=UNREAD),
        "rctw17": Sample({"gt/page.txt": marks}, "gt", counts=FLAGGED),
        "icdar2013": Sample({"gt/gt_page.txt": boxes}, "gt", counts=UNREAD),
    }


def _page_json() -> dict[str, Sample]:
    def mark(quad: Any, text: str, **more: object) -> dict[str, object]:
        return {"points": pairs(quad), "transcription": text, **more}

    listed = [mark(FIRST, KOREAN), mark(SECOND, COMMA), mark(THIRD, "###")]
    rects = {
        "chars": [{"points": flat(FIRST), "transcription": "합", "ignore": 0}],
        "lines": [
            {"points": flat(FIRST), "transcription": KOREAN, "ignore": 0},
            {"points": flat(SECOND), "transcription": COMMA, "ignore": 0},
            {"points": flat(THIRD), "transcription": "x", "ignore": 1},
        ],
    }
    words = {
        "1": mark(FIRST, KOREAN, illegibility=False),
        "2": mark(SECOND, COMMA, illegibility=False),
        "3": {"points": pairs(THIRD), "transcription": None, "illegibility": True},
    }
    ufo = {"images": {"page.png": {"img_w": 400, "img_h": 300, "words": words}}}
    return {
        "ppocr-det": Sample(
            {"Label.txt": f"page.png\t{json.dumps(listed, ensure_ascii=False)}\n"},
            "Label.txt",
            counts=UNREAD,
        ),
        "lsvt": Sample({"full.json": _json({"page": listed})}, "full.json", counts=UNREAD),
        "rects": Sample(
            {"gt/page.json": _json(rects)}, "gt", counts={**FLAGGED, "part_of_line": 1}
        ),
        "ufo": Sample({"train.json": _json(ufo)}, "train.json", counts=UNREAD),
        "cord": Sample({"json/page.json": _json(_cord())}, "json", counts=UNREAD),
        "funsd": Sample({"gt/page.json": _json(_funsd())}, "gt", counts={"empty_label": 1}),
        "xfund": Sample(
            {"ko.json": _json({"lang": "ko", "documents": [_xfund()]})},
            "ko.json",
            counts={"empty_label": 1},
        ),
    }


def _cord() -> dict[str, object]:
    def word(left: int, right: int, text: str, row: int) -> dict[str, object]:
        top = 20 + 60 * row
        corners = {"x1": left, "y1": top, "x2": right, "y2": top, "x3": right, "y3": top + 30,
                   "x4": left, "y4": top + 30}  # fmt: skip
        return {"quad": corners, "is_key": 0, "row_id": row, "text": text}

    first, second = KOREAN.split()
    return {
        "dontcare": [[{"x1": 1}]],
        "valid_line": [
            {"words": [word(20, 90, first, 1), word(100, 180, second, 1)], "category": "total"},
            {"words": [word(60, 200, COMMA, 2)], "category": "total", "group_id": 1},
        ],
        "meta": {"image_size": {"width": 400, "height": 300}, "image_id": 0},
    }


def _entities() -> list[dict[str, object]]:
    first, second = KOREAN.split()
    return [
        {"box": sides(FIRST), "text": KOREAN, "label": "question", "id": 0, "linking": [],
         "words": [{"box": [20, 20, 90, 50], "text": first},
                   {"box": [100, 20, 180, 50], "text": second}]},
        {"box": sides(THIRD), "text": COMMA, "label": "answer", "id": 1, "linking": [],
         "words": [{"box": sides(THIRD), "text": COMMA}]},
        {"box": sides(SECOND), "text": "", "label": "other", "id": 2, "linking": [],
         "words": [{"box": sides(SECOND), "text": ""}]},
    ]  # fmt: skip


def _funsd() -> dict[str, object]:
    return {"form": _entities()}


def _xfund() -> dict[str, object]:
    image = {"fname": "page.png", "width": 400, "height": 300}
    return {"id": "page", "uid": "0", "document": _entities(), "img": image}


def _lists() -> dict[str, Sample]:
    textocr = {
        "imgs": {"a1": {"id": "a1", "width": 400, "height": 300, "file_name": "train/page.png"}},
        "anns": {
            f"a1_{k}": {"id": f"a1_{k}", "image_id": "a1", "bbox": size(quad),
                        "utf8_string": text, "points": flat(quad)}
            for k, (quad, text) in enumerate(((FIRST, KOREAN), (SECOND, COMMA), (THIRD, ".")))
        },
        "imgToAnns": {"a1": ["a1_0", "a1_1", "a1_2"]},
    }  # fmt: skip
    coco = {
        "cats": {},
        "anns": {
            "1": {"id": 1, "image_id": 9, "mask": flat(FIRST), "bbox": size(FIRST),
                  "utf8_string": KOREAN, "legibility": "legible", "class": "machine printed"},
            "2": {"id": 2, "image_id": 9, "bbox": size(THIRD), "utf8_string": COMMA,
                  "legibility": "legible"},
            "3": {"id": 3, "image_id": 9, "polygon": flat(SECOND), "legibility": "illegible"},
        },
        "imgs": {"9": {"id": 9, "file_name": "page.png", "width": 400, "height": 300}},
        "imgToAnns": {"9": [1, 2, 3]},
    }  # fmt: skip
    aihub = {
        "info": {"name": "x"},
        "images": [{"id": "0001", "width": 400, "height": 300, "file_name": "page.png"}],
        "annotations": [
            {"id": "1", "image_id": "0001", "text": KOREAN, "bbox": size(FIRST)},
            {"id": "2", "image_id": "0001", "text": COMMA, "bbox": size(THIRD)},
            {"id": "3", "image_id": "0001", "text": "xxx", "bbox": size(SECOND)},
        ],
    }
    mapped = {
        "pages": [{"file": "page.png", "no": 7}],
        "marks": [
            {"page": 7, "word.text": KOREAN, "at": {"l": 20, "t": 20, "r": 180, "b": 50}},
            {"page": 7, "word.text": COMMA, "at": {"l": 60, "t": 200, "r": 260, "b": 240}},
            {"page": 7, "word.text": "?", "at": {"l": 1, "t": 1, "r": 9, "b": 9}, "bad": True},
        ],
    }
    mapping = (
        '[images]\nlist = "pages[]"\nname = "file"\nid = "no"\n[lines]\nlist = "marks[]"\n'
        'image_id = "page"\ntext = \'"word.text"\'\n'
        'box = ["at.l", "at.t", "at.r", "at.b"]\nshape = "xyxy"\nunreadable = "bad"\n'
    )
    return {
        "textocr": Sample({"ocr.json": _json(textocr)}, "ocr.json", counts=UNREAD),
        "coco-text": Sample({"cocotext.json": _json(coco)}, "cocotext.json", counts=UNREAD),
        "aihub": Sample({"labels/a/page.json": _json(aihub)}, "labels", counts=UNREAD),
        "json": Sample(
            {"own.json": _json(mapped), "own.toml": mapping},
            "own.json",
            mapping="own.toml",
            counts=FLAGGED,
        ),
    }


def _tools() -> dict[str, Sample]:
    def shape(quad: Any, label: str, **more: object) -> dict[str, object]:
        return {"label": label, "points": pairs(quad), "group_id": None, "flags": {}, **more}

    labelme: dict[str, object] = {
        "version": "5.4.1",
        "flags": {},
        "shapes": [
            shape((FIRST[0], FIRST[2]), KOREAN, shape_type="rectangle", description=""),
            shape(SECOND, COMMA, shape_type="polygon", description=""),
            shape(THIRD, "###", shape_type="polygon", description=""),
        ],
        "imagePath": "page.png",
        "imageData": None,
        "imageHeight": 300,
        "imageWidth": 400,
    }
    described = {
        **labelme,
        "version": "2.4.4",
        "shapes": [
            shape(FIRST, "text", description=KOREAN, shape_type="rectangle", difficult=False),
            shape(SECOND, "text", description=COMMA, shape_type="rotation", difficult=False),
            shape(THIRD, "text", description="x", shape_type="polygon", difficult=True),
        ],
    }
    cvat = (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n <version>1.1</version>\n'
        ' <image id="0" name="img/page.png" width="400" height="300">\n'
        '  <box label="line" occluded="0" xtl="20.0" ytl="20.0" xbr="180.0" ybr="50.0">\n'
        f'   <attribute name="text">{KOREAN}</attribute>\n  </box>\n'
        '  <polygon label="line" points="220,30;380,60;374,92;214,62">\n'
        f'   <attribute name="text">{COMMA}</attribute>\n  </polygon>\n'
        '  <box label="line" xtl="60" ytl="200" xbr="260" ybr="240">\n'
        '   <attribute name="text">x</attribute>\n'
        '   <attribute name="illegible">true</attribute>\n  </box>\n'
        " </image>\n</annotations>\n"
    )

    def word(quad: Any, text: str) -> str:
        left, top, wide, high = size(quad)
        chars = "".join(
            f'<character x="{left}" y="{top}" width="9" height="9" char="{char}" />'
            for char in text
        )
        return f'<word x="{left}" y="{top}" width="{wide}" height="{high}">{chars}</word>\n'

    kaist = (
        '<?xml version="1.0" encoding="utf-8"?>\n<images>\n <image>\n'
        '  <imageName>page.png</imageName>\n  <resolution x="400" y="300" />\n  <words>\n'
        f"{word(FIRST, '합계금액')}{word(THIRD, '12,500')}"
        f'<word x="1" y="1" width="9" height="9"></word>\n'
        "  </words>\n </image>\n</images>\n"
    )
    return {
        "labelme": Sample({"gt/page.json": _json(labelme)}, "gt", counts=UNREAD),
        "x-anylabeling": Sample({"gt/page.json": _json(described)}, "gt", counts=FLAGGED),
        "label-studio": Sample({"export.json": _json([_task()])}, "export.json", counts=UNREAD),
        "cvat": Sample({"annotations.xml": cvat}, "annotations.xml", counts=FLAGGED),
        "kaist": Sample(
            {"gt/page.xml": kaist},
            "gt",
            labels=("합계금액", "12,500"),
            counts={"empty_label": 1},
        ),
    }


def _task() -> dict[str, object]:
    results: list[dict[str, object]] = []
    for key, text in enumerate((*LABELS, "###")):
        own = {"id": str(key), "original_width": 400, "original_height": 300}
        value = {"x": 5, "y": 10 + 20 * key, "width": 40, "height": 10, "rotation": 0}
        results.append(own | {"type": "rectangle", "value": value})
        results.append(own | {"type": "textarea", "value": value | {"text": [text]}})
    data = {"ocr": "/data/upload/1/0123abcd-page.png"}
    return {"id": 1, "data": data, "annotations": [{"result": results}]}


def _crops() -> dict[str, Sample]:
    images = ("0.png", "1.png", "2.png")
    texts = (*LABELS, "###")
    rows = list(zip(images, texts, strict=True))

    def lines(form: str) -> str:
        return "".join(form.format(name, text) for name, text in rows)

    return {
        "ppocr-rec": Sample({"rec_gt.txt": lines("{}\t{}\n")}, "rec_gt.txt", images, counts=UNREAD),
        "trdg": Sample({"labels.txt": lines("{} {}\n")}, "labels.txt", images, counts=UNREAD),
        "easyocr": Sample(
            {"labels.csv": "filename,words\n" + lines('{},"{}"\n')},
            "labels.csv",
            images,
            counts=UNREAD,
        ),
        "icdar-words": Sample({"gt.txt": lines('{}, "{}"\n')}, "gt.txt", images, counts=UNREAD),
        "doctr": Sample({"labels.json": _json(dict(rows))}, "labels.json", images, counts=UNREAD),
        "text-renderer": Sample(
            {"labels.json": _json({"labels": {n[0]: t for n, t in rows}, "num-samples": 3})},
            "labels.json",
            images,
            counts=UNREAD,
        ),
        "gt-txt": Sample(
            {f"gt/{name[0]}.gt.txt": f"{text}\n" for name, text in rows},
            "gt",
            tuple(f"gt/{name}" for name in images),
            counts=UNREAD,
        ),
    }


SAMPLES: Mapping[str, Sample] = {
    name: sample
    for make in (_box_files, _page_json, _lists, _tools, _crops)
    for name, sample in make().items()
}
"""By format: all but LMDB, whose file no text stands in."""
