"""Lists of images and annotations: TextOCR, COCO-Text, and the many shapes of AI-Hub's sets."""

import json
from typing import Any

import pytest

from balance.imports.importing import import_lines
from textlines.errors import InputError

BOX = [20, 20, 160, 30]


def run(
    pages: Any, content: object, format: Any, *, name: str = "page.json", source: str = ""
) -> dict[str, int]:
    pages.page("page.png")
    pages.text(name, json.dumps(content, ensure_ascii=False))
    done = import_lines(pages.folder / (source or name), format, pages.folder / "out")
    return done.tally.as_dict()


def flat(quad: Any) -> list[float]:
    return [n for corner in quad for n in corner]


def test_textocr_marks_the_unreadable_with_a_dot(pages: Any) -> None:
    a, b, c = pages.quads
    marks = {
        "x_0": {"image_id": "x", "points": flat(a), "utf8_string": "값", "bbox": BOX},
        "x_1": {"image_id": "x", "points": flat(b), "utf8_string": "."},
        "y_0": {"image_id": "y", "points": flat(c), "utf8_string": "q"},
        "z_0": {"image_id": "z", "points": flat(c), "utf8_string": "q"},
        "n_0": 3,
    }
    images = {"x": {"id": "x", "file_name": "train/page.png"}, "y": {"file_name": "no.png"}}
    counts = run(pages, {"imgs": images, "anns": marks, "imgToAnns": {}}, "textocr")
    assert counts == {
        "image_missing": 1, "malformed": 1, "no_image_named": 1, "unreadable_mark": 1
    }  # fmt: skip
    assert pages.labels() == ["값"] and pages.reads_right(pages.crops()[0])


def test_coco_text_says_what_is_legible(pages: Any) -> None:
    a, b, c = pages.quads
    marks = {
        "1": {"image_id": 4, "mask": flat(b), "utf8_string": "slant", "legibility": "legible"},
        "2": {"image_id": 4, "bbox": BOX, "utf8_string": ".", "legibility": "legible"},
        "3": {"image_id": 4, "polygon": flat(c), "utf8_string": "", "legibility": "illegible"},
        "4": {"image_id": 4, "polygon": flat(a), "legibility": "legible"},
    }
    images = {"4": {"id": 4, "file_name": "page.png", "width": 400, "height": 300}}
    counts = run(pages, {"cats": {}, "imgs": images, "anns": marks}, "coco-text")
    assert counts == {"empty_label": 1, "unreadable_mark": 1}
    assert pages.labels() == ["slant", "."]
    assert all(pages.reads_right(crop) for crop in pages.crops())


IMAGES = [{"id": "1", "file_name": "page.png", "width": 400, "height": 300}]
VARIANTS: dict[str, object] = {
    "boxes": {"images": IMAGES, "annotations": [{"image_id": "1", "text": "값 1", "bbox": BOX}]},
    "ids are numbers here and texts there": {
        "images": [{**IMAGES[0], "id": 1}],
        "annotations": [{"image_id": "1", "text": "값 1", "bbox": [str(n) for n in BOX]}],
    },
    "dotted keys": {
        "images": [{"image.file.name": "page.png", "image.width": 400, "image.height": 300}],
        "annotations": [{"id": "1", "annotation.text": "값 1", "annotation.bbox": BOX}],
    },
    "nested": {
        "images": IMAGES,
        "annotations": [{"image_id": "1", "annotation": {"text": "값 1", "bbox": BOX}}],
    },
    "one annotation": {
        "image": {"file_name": "page.png"}, "annotation": {"text": "값 1", "bbox": BOX}
    },
    "no image": {"annotations": [{"annotation.text": "값 1", "annotation.bbox": BOX}]},
    "lists of texts and boxes": {
        "images": IMAGES, "annotations": [{"image_id": "1", "text": ["값 1"], "bbox": [BOX]}]
    },
    "two lists alone": {"text": ["값 1"], "bbox": [BOX]},
    "polygons": {
        "images": [{"name": "page.png"}],
        "annotations": [
            {"polygons": [{"id": 1, "type": 2, "text": "값 1",
                           "points": [[20, 20], [180, 20], [180, 50], [20, 50]]}]}
        ],
    },
    "axes in zigzag": {
        "Images": {"identifier": "page", "type": "png", "width": 400, "height": 300},
        "bbox": [{"data": "값 1", "id": 1, "x": [20, 20, 180, 180], "y": [20, 50, 20, 50]}],
    },
    "axes without an image": {
        "Dataset": {}, "Bbox": [{"data": "값 1", "x": [20, 180, 180, 20], "y": [20, 20, 50, 50]}]
    },
    "words": {
        "image": {"file_name": "page.png", "width": 400, "height": 300},
        "text": {"type": "문장", "word": [{"value": "값 1", "wordbox": [20, 20, 180, 50]}]},
    },
    "objects": {
        "image": [
            {"id": "00000", "name": "page.png",
             "objects": [{"class": "sign", "points": ["20", "20.0", "180", "20", "180", "50", "20",
                          "50"], "Description": "값 1", "Don't Care": "false"}]}
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("content", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("format", ["aihub", "auto"])
def test_shapes_of_aihub(content: object, format: Any, pages: Any) -> None:
    assert run(pages, content, format) == {}
    assert pages.labels() == ["값 1"]
    (crop,) = pages.crops()
    assert crop.shape[:2] == (30, 160) and pages.reads_right(crop)


def test_marks_of_what_nobody_can_read(pages: Any) -> None:
    marks = [
        {"text": "xxx", "bbox": BOX},
        {"text": "###", "bbox": BOX},
        {"text": "a", "bbox": BOX, "illegibility": True},
        {"text": "b", "points": [[1, 1], [9, 1], [9, 9]], "Don't Care": "true"},
        {"text": "값 1", "bbox": BOX},
        {"text": "c", "bbox": [None, None, 3, 4]},
        {"text": "d", "bbox": [5, 5, -3, 4]},
        {"text": None, "bbox": BOX},
    ]
    counts = run(pages, {"images": IMAGES[:1], "annotations": [
        {"image_id": "1", **mark} for mark in marks]}, "aihub")  # fmt: skip
    assert counts == {"unreadable_mark": 2, "difficult": 2, "malformed": 3}
    assert pages.labels() == ["값 1"]


def test_lists_that_differ_in_length_are_no_pairs(pages: Any) -> None:
    marks = [{"text": ["a", "b"], "bbox": [BOX]}, {"text": ["값"], "bbox": [BOX]}]
    assert run(pages, {"images": IMAGES[:1], "annotations": [
        {"image_id": "1", **mark} for mark in marks]}, "aihub") == {"malformed": 1}  # fmt: skip
    assert pages.labels() == ["값"]


def test_characters_of_words_are_not_taken_by_themselves(pages: Any) -> None:
    marks = [
        {"image_id": "1", "text": "값", "bbox": BOX, "attributes": {"class": "character"}},
        {"image_id": "1", "text": "값 1", "bbox": BOX, "attributes": {"class": "word"}},
    ]
    assert run(pages, {"images": IMAGES, "annotations": marks}, "aihub") == {"part_of_line": 1}
    assert pages.labels() == ["값 1"]


def test_an_annotation_without_a_box_is_of_the_whole_image(pages: Any) -> None:
    images = [{"id": "0", "file_name": "a/0.png"}, {"id": "1", "file_name": "1.png"},
              {"id": "2", "file_name": "2.png"}, {"id": "3", "file_name": "3.png"}]  # fmt: skip
    for name in ("b/a/0.png", "b/1.png", "b/2.png"):
        pages.page(name)
    marks = [
        {"image_id": "0", "text": "궭", "attributes": {"type": "글자(음절)"}},
        {"image_id": "1", "text": "one"},
        {"image_id": "1", "text": "two"},
        {"image_id": "9", "text": "nobody"},
    ]
    counts = run(pages, {"images": images, "annotations": marks}, "aihub", name="b/all.json")
    assert counts == {
        "no_points": 2, "no_image_named": 1, "not_annotated": 2, "image_missing": 1
    }  # fmt: skip
    assert pages.labels() == ["궭"]
    assert pages.crops()[0].shape[:2] == (300, 400)


def test_one_json_an_image_in_depth_with_images_in_another_tree(pages: Any) -> None:
    for part in ("train", "val"):
        image = pages.page(f"원천/{part}/간판/0001.png")
        if part == "val":
            # Another page of the same name.
            image.write_bytes(image.read_bytes() + b"\0")
        content = {"images": [{"file_name": "0001.png"}],
                   "annotations": [{"text": part, "bbox": BOX}]}  # fmt: skip
        pages.text(f"라벨/{part}/간판/0001.json", json.dumps(content))
    done = import_lines(
        pages.folder / "라벨", "aihub", pages.folder / "out", images=pages.folder / "원천"
    )
    assert done.tally.as_dict() == {}
    assert pages.labels() == ["train", "val"]
    # Which of two different pages is meant cannot be told from here: neither is taken.
    (pages.folder / "라벨/train").rename(pages.folder / "라벨/a")
    (pages.folder / "라벨/val").rename(pages.folder / "라벨/b")
    with pytest.raises(InputError) as raised:
        import_lines(
            pages.folder / "라벨", "aihub", pages.folder / "out2", images=pages.folder / "원천"
        )
    assert "name of different images in several folders: which is meant cannot be told: 2" in str(
        raised.value
    )
