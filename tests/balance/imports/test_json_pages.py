"""JSON of pages: lines are joined from their words, and several lines are never one crop."""

import json
from typing import Any

import pytest

from balance.imports.importing import import_lines
from textlines.errors import InputError


def run(pages: Any, content: object, format: Any, name: str = "page.json") -> dict[str, int]:
    pages.page("page.png")
    pages.text(name, json.dumps(content, ensure_ascii=False))
    done = import_lines(pages.folder / name, format, pages.folder / "out")
    return done.tally.as_dict()


def flat(quad: Any) -> list[float]:
    return [n for corner in quad for n in corner]


def test_rects_takes_lines_and_counts_characters(pages: Any) -> None:
    a, b, c = pages.quads
    lines = [
        {"points": flat(a), "transcription": "값 1", "ignore": 0},
        {"points": flat(b), "transcription": "招牌", "ignore": 1},
        {"points": flat(c), "transcription": "###", "ignore": 0},
        {"points": [1, 2, 3], "transcription": "x", "ignore": 0},
        {"points": flat(a), "transcription": 5},
        7,
    ]
    counts = run(pages, {"lines": lines, "chars": [{}, {}]}, "rects")
    assert counts == {
        "malformed": 3, "part_of_line": 2, "unreadable_mark": 1, "difficult": 1
    }  # fmt: skip
    assert pages.labels() == ["값 1"] and pages.reads_right(pages.crops()[0])


def quad_map(quad: Any) -> dict[str, float]:
    return {f"{axis}{k}": corner[at] for k, corner in enumerate(quad, 1)
            for at, axis in enumerate("xy")}  # fmt: skip


def words_along(quad: Any, *shares: tuple[float, float]) -> list[Any]:
    """Cut a line into words from one share of its length to another."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad

    def at(share: float) -> tuple[list[float], list[float]]:
        return ([ax + (bx - ax) * share, ay + (by - ay) * share],
                [dx + (cx - dx) * share, dy + (cy - dy) * share])  # fmt: skip

    return [[at(s)[0], at(e)[0], at(e)[1], at(s)[1]] for s, e in shares]


def test_cord_joins_the_words_of_a_row_along_their_slant(pages: Any) -> None:
    first, second = words_along(pages.quads[1], (0.0, 0.4), (0.5, 1.0))
    group = {
        "words": [
            {"quad": quad_map(second), "text": "금액", "row_id": 7, "is_key": 0},
            {"quad": quad_map(first), "text": "합계", "row_id": 7, "is_key": 1},
            {"quad": quad_map(pages.quads[0]), "text": "12,500", "row_id": 8},
            {"quad": {"x1": 1}, "text": "x", "row_id": 8},
            {"quad": quad_map(first), "text": " ", "row_id": 9},
        ]
    }
    content = {"valid_line": [group], "dontcare": [[{}], [{}]],
               "meta": {"image_size": {"width": 400, "height": 300}}}  # fmt: skip
    counts = run(pages, content, "cord")
    assert counts == {"unreadable_mark": 2, "malformed": 1, "empty_label": 1}
    assert pages.labels() == ["합계 금액", "12,500"]
    slanted, level = pages.crops()
    assert pages.reads_right(slanted) and pages.reads_right(level)
    assert abs(slanted.shape[1] - 162) <= 3 and abs(slanted.shape[0] - 32) <= 3


def test_cord_cuts_a_row_at_a_wide_gap(pages: Any) -> None:
    left, right = words_along(pages.quads[0], (0.0, 0.2), (0.7, 1.0))
    words = [{"quad": quad_map(q), "text": t, "row_id": 1} for q, t in ((left, "a"), (right, "b"))]
    run(pages, {"valid_line": [{"words": words}]}, "cord")
    assert pages.labels() == ["a", "b"]


def test_a_page_of_another_size_is_left_out(pages: Any) -> None:
    words = [{"quad": quad_map(pages.quads[0]), "text": "a", "row_id": 1}]
    content = {"valid_line": [{"words": words}], "meta": {"image_size": {"width": 9, "height": 9}}}
    with pytest.raises(InputError, match="page of another size than was annotated, left out: 1"):
        run(pages, content, "cord")


def test_funsd_cuts_an_entity_into_its_lines(pages: Any) -> None:
    entity = {
        "box": [20, 20, 380, 120],
        "text": "Date of  birth: see below",
        "words": [
            {"box": [20, 20, 80, 50], "text": "Date"},
            {"box": [90, 20, 120, 50], "text": "of"},
            {"box": [130, 20, 180, 50], "text": "birth:"},
            {"box": [20, 60, 80, 90], "text": "see"},
            {"box": [90, 60, 180, 90], "text": "below"},
        ],
    }
    other = {"box": [20, 20, 380, 120], "text": "words that differ",
             "words": [{"box": [20, 20, 80, 50], "text": "some"},
                       {"box": [20, 60, 80, 90], "text": "others"}]}  # fmt: skip
    empty = {"box": [20, 20, 30, 30], "text": "", "words": []}
    bare = {"box": [20, 20, 180, 50], "text": "값 1"}
    counts = run(pages, {"form": [entity, other, empty, bare]}, "funsd")
    assert counts == {"several_lines": 1, "empty_label": 1}
    assert pages.labels() == ["Date of  birth:", "see below", "값 1"]
    assert [crop.shape[:2] for crop in pages.crops()] == [(30, 160)] * 3


def test_xfund_has_words_without_spaces_and_many_pages(pages: Any) -> None:
    pages.page("ko_1.png")
    entity = {
        "box": [20, 20, 180, 90],
        "text": "주소: 서울시강남구",
        "words": [
            {"box": [20, 20, 90, 50], "text": "주소:"},
            {"box": [90, 20, 180, 50], "text": "서울시"},
            {"box": [20, 60, 180, 90], "text": "강남구"},
        ],
    }
    image = {"fname": "page.png", "width": 400, "height": 300}
    pages_of_it = [
        {"id": "page", "document": [entity], "img": image},
        {"id": "ko_1", "document": [{"box": [20, 20, 180, 50], "text": "값"}]},
        {"id": "nowhere", "document": [entity]},
        5,
    ]
    counts = run(pages, {"documents": pages_of_it}, "xfund")
    assert counts == {"image_missing": 1, "malformed": 1}
    assert pages.labels() == ["주소: 서울시", "강남구", "값"]


def shape(points: Any, label: Any, **more: object) -> dict[str, object]:
    return {"label": label, "points": points, **more}


def labelme(*shapes: object) -> dict[str, object]:
    return {"version": "5.4.1", "shapes": list(shapes), "imagePath": "..\\x\\page.png",
            "imageHeight": 300, "imageWidth": 400}  # fmt: skip


def test_labelme_has_the_text_in_its_label(pages: Any) -> None:
    a, b, c = pages.quads
    counts = run(
        pages,
        labelme(
            shape([a[2], a[0]], "값 1", shape_type="rectangle", description=None),
            shape(b, "slant", shape_type="polygon", description=""),
            shape([[5, 5], [9, 9]], "round", shape_type="circle"),
            shape(c, "hard", shape_type="polygon", flags={"difficult": True, "x": False}),
            shape(c, "###", shape_type="polygon"),
            shape("no", "x", shape_type="polygon"),
        ),
        "labelme",
    )
    assert counts == {
        "unreadable_mark": 1, "difficult": 1, "other_shape": 1, "malformed": 1
    }  # fmt: skip
    assert pages.labels() == ["값 1", "slant"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


@pytest.mark.parametrize("format", ["labelme", "x-anylabeling"])
def test_where_a_shape_has_a_description_texts_stand_there(format: Any, pages: Any) -> None:
    a, b, c = pages.quads
    counts = run(
        pages,
        labelme(
            shape(a, "text", shape_type="rectangle", description="값 1", difficult=False),
            shape(b, "text", shape_type="rotation", description="slant", direction=0.18),
            shape(c, "text", shape_type="polygon", description=""),
            shape(c, "text", shape_type="polygon", description="x", difficult=True),
        ),
        format,
    )
    assert counts == {"empty_label": 1, "difficult": 1}
    assert pages.labels() == ["값 1", "slant"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


def test_labels_that_name_a_class_are_no_texts(pages: Any) -> None:
    with pytest.raises(InputError) as raised:
        run(pages, labelme(shape(pages.quads[0], "text"), shape(pages.quads[1], "text")), "labelme")
    assert "has the label 'text' on all 2 shapes and no description" in str(raised.value)
    same = [shape(pages.quads[0], "meter")] * 5
    with pytest.raises(InputError, match="has the label 'meter' on all 5 shapes"):
        run(pages, labelme(*same), "labelme")
    with pytest.raises(InputError, match="has no shape with a description"):
        run(pages, labelme(shape(pages.quads[0], "값")), "x-anylabeling")


def test_ufo_has_words_by_name(pages: Any) -> None:
    a, b, c = pages.quads
    words = {
        "0": {"points": a, "transcription": "값 1", "illegibility": False},
        "1": {"points": b, "transcription": "slant"},
        "2": {"points": c, "transcription": "x", "illegibility": True},
        "3": {"points": c, "transcription": None},
        "4": [],
    }
    page = {"img_w": 400, "img_h": 300, "words": words}
    counts = run(pages, {"images": {"page.png": page, "no.png": page, "x": 3}}, "ufo")
    # The words of the page that is not there were read before it was looked for.
    assert counts == {"malformed": 5, "image_missing": 1, "difficult": 1}
    assert pages.labels() == ["값 1", "slant"]


def test_doctr_pages(pages: Any) -> None:
    pages.page("bare.png")
    a, b, _ = pages.quads
    page = {"img_dimensions": [300, 400], "img_hash": "x", "polygons": [a, b],
            "labels": ["값 1", "slant"]}  # fmt: skip
    bare = {"polygons": [a], "img_hash": "y"}
    counts = run(pages, {"page.png": page, "bare.png": bare}, "doctr")
    assert counts == {"no_text": 1}
    assert pages.labels() == ["값 1", "slant"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


@pytest.mark.parametrize(
    ("format", "content", "told"),
    [
        ("rects", {"chars": []}, "has no list 'lines', as ReCTS has"),
        ("cord", [], "has no list 'valid_line', as CORD has"),
        ("funsd", {"form": {}}, "has no list 'form', as FUNSD has"),
        ("xfund", {}, "has no list 'documents', as XFUND has"),
        ("labelme", {"version": "1"}, "has no list 'shapes', as labelme has"),
        ("ufo", {"images": []}, "has no map 'images', as UFO has"),
        ("textocr", {"imgs": []}, "has no maps 'imgs' and 'anns'"),
        ("doctr", [1], "is no map of images, as docTR's labels.json is"),
        ("text-renderer", {"a": 1}, "has no map 'labels', as text_renderer's"),
        ("aihub", {"x": 1, "값": 2}, "has no list of annotations that is known"),
    ],
)
def test_a_file_of_another_shape_is_refused_by_what_it_lacks(
    format: Any, content: object, told: str, pages: Any
) -> None:
    with pytest.raises(InputError) as raised:
        run(pages, content, format)
    assert f"page.json: {told}" in str(raised.value)


def test_of_a_folder_broken_files_are_counted_and_the_others_are_read(pages: Any) -> None:
    pages.page("a/page.png")
    good = {"lines": [{"points": flat(pages.quads[0]), "transcription": "값", "ignore": 0}]}
    pages.text("a/page.json", json.dumps(good))
    pages.text("a/broken.json", "{")
    pages.text("a/other.json", "[]")
    done = import_lines(pages.folder / "a", "rects", pages.folder / "out")
    assert done.tally.as_dict() == {"broken_file": 1, "other_form": 1}
    assert "broken.json (the annotation is no JSON" in done.tally.places("broken_file")[0]
    assert pages.labels() == ["값"]
