"""A declared form: paths lead to values or say where they end, and what stands there."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.imports.importing import import_lines
from balance.imports.mapping import Found, JsonPath, PathError
from textlines.errors import InputError


def run(pages: Any, content: object, mapping: str, source: str = "own.json") -> dict[str, int]:
    if source == "own.json":
        pages.page("page.png")
        pages.text("own.json", json.dumps(content, ensure_ascii=False))
    path = pages.text("own.toml", mapping)
    done = import_lines(pages.folder / source, "json", pages.folder / "out", mapping=path)
    return done.tally.as_dict()


def test_lines_within_their_images(pages: Any) -> None:
    a, b, c = pages.quads
    content = {
        "data": {
            "pages": [
                {
                    "file": {"name": "x/page.png", "w": 400, "h": 300},
                    "regions": [
                        {"quad": a, "words.text": "값 1", "ok": "no"},
                        {"quad": [n for p in b for n in p], "words.text": "slant"},
                        {"quad": c, "words.text": "bad", "ok": "yes"},
                        {"quad": c, "words.text": "?"},
                        {"quad": c},
                        {"words.text": "x"},
                    ],
                },
                {"file": {"name": "none.png"}, "regions": []},
            ]
        }
    }
    mapping = """
    [images]
    list = "data.pages[]"
    name = "file.name"
    width = "file.w"
    height = "file.h"
    [lines]
    list = "regions[]"
    text = '"words.text"'
    box = "quad"
    shape = "points"
    unreadable = "ok"
    unreadable_texts = ["?"]
    """
    counts = run(pages, content, mapping)
    assert counts == {"malformed": 2, "image_missing": 1, "unreadable_mark": 1, "difficult": 1}
    assert pages.labels() == ["값 1", "slant"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


def test_lines_apart_are_joined_by_the_id_of_their_image(pages: Any) -> None:
    content = {
        "images": [{"id": 7, "file": "page"}, {"id": 8, "file": "none"}],
        "notes": [
            {"of": "7", "t": "값 1", "x": 20, "y": 20, "w": 160, "h": 30},
            {"of": 9, "t": "nobody", "x": 20, "y": 20, "w": 160, "h": 30},
            {"of": 8, "t": "no page", "x": 20, "y": 20, "w": 160, "h": 30},
            {"t": "no id", "x": 20, "y": 20, "w": 160, "h": 30},
        ],
    }
    mapping = """
    images = { list = "images[]", name = "file", id = "id" }
    [lines]
    list = "notes[]"
    image_id = "of"
    text = "t"
    box = ["x", "y", "w", "h"]
    shape = "xywh"
    """
    assert run(pages, content, mapping) == {
        "malformed": 1, "no_image_named": 1, "image_missing": 1
    }  # fmt: skip
    assert pages.labels() == ["값 1"] and pages.reads_right(pages.crops()[0])


def test_maps_by_name_and_one_file_an_image(pages: Any) -> None:
    content = {"page.png": {"lines": {"l1": {"t": "값", "c": [20, 20, 180, 50]}}}}
    mapping = """
    images = { list = "{}", name = "@key" }
    lines = { list = "lines{}", text = "t", box = "c", shape = "xyxy" }
    """
    assert run(pages, content, mapping) == {}
    assert pages.labels() == ["값"]
    pages.text("in/a/page.json", json.dumps([{"t": "b", "c": [20, 20, 180, 50]}]))
    pages.text("in/b/page.json", json.dumps([{"t": "c", "x": [20, 180], "y": [20, 50]}]))
    mapping = 'lines = { list = "[]", text = "t", box = "c", shape = "xyxy" }'
    path = pages.text("two.toml", mapping)
    done = import_lines(
        pages.folder / "in", "json", pages.folder / "two", mapping=path, images=pages.folder
    )
    assert done.tally.as_dict() == {"malformed": 1, "not_annotated": 1}
    assert pages.labels("two") == ["b"]
    mapping = """lines = { list = "[]", text = "t", box = ["x[0]", "y[0]", "x[1]", "y[1]"] }"""
    path = pages.text("three.toml", mapping)
    done = import_lines(
        pages.folder / "in/b", "json", pages.folder / "three", mapping=path, images=pages.folder
    )
    assert pages.labels("three") == ["c"] and pages.crops("three")[0].shape[:2] == (30, 160)


def test_crops_have_no_box(pages: Any) -> None:
    content = [{"file": "page.png", "text": "값"}, {"file": "page.png", "text": 5}]
    mapping = 'images = { list = "[]", name = "file" }\nlines = { text = "text" }'
    assert run(pages, content, mapping) == {"malformed": 1, "not_annotated": 1}
    assert pages.labels() == ["값"] and pages.crops()[0].shape[:2] == (300, 400)


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        (
            'images = { list = "pictures[]", name = "n" }\nlines = { text = "t", box = "b" }',
            "own.toml: images.list: path 'pictures[]' finds nothing at step 1, 'pictures': "
            "there stand: images, 값 목록 (",
        ),
        (
            'images = { list = "images{}", name = "n" }\nlines = { text = "t", box = "b" }',
            "images.list: path 'images{}' finds nothing at step 2, {}: a list of 1 stands there",
        ),
        (
            'images = { list = "images[]", name = "n" }\nlines = { list = "l[]", text = "t.u" }',
            "lines.text: path 't.u' finds nothing at step 2, 'u': '값' stands there",
        ),
        (
            'images = { list = "images[]", name = "n" }\n'
            'lines = { list = "l[]", text = "t", box = "c.d" }',
            "lines.box: path 'c.d' finds nothing at step 2, 'd': an empty map stands there",
        ),
        (
            'images = { list = "images[]", name = "n" }\n'
            'lines = { list = "l[]", text = "t", box = "b[4]" }',
            "lines.box: path 'b[4]' finds nothing at step 2, [4]: a list of 4 stands there",
        ),
        (
            'images = { list = "images[]", name = "@key" }\nlines = { text = "t" }',
            "images.name: path '@key' is only for what a list with {} goes through",
        ),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(mapping: str, told: str, pages: Any) -> None:
    content = {"images": [{"n": "page.png", "l": [{"t": "값", "b": [1, 2, 3, 4], "c": {}}]}],
               "값 목록": []}  # fmt: skip
    with pytest.raises(InputError) as raised:
        run(pages, content, mapping)
    assert told in str(raised.value)
    assert not (pages.folder / "out").exists()


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("lines = {}", "the mapping is wrong (lines.text: Field required)"),
        ("[images]\n", "lines: Field required"),
        ('lines = { text = "t", txt = "u" }', "lines.txt: Extra inputs are not permitted"),
        ('lines = { text = "t", shape = "circle" }', "lines.shape: Input should be 'xywh', 'xyxy'"),
        ('lines = { text = "a..b" }', "lines.text: path 'a..b': no key stands at '.b'"),
        ('lines = { text = "a[b]" }', "lines.text: path 'a[b]': a dot is missing at '[b]'"),
        ('lines = { text = "a[]" }', "lines.text: [] and {} are for lists"),
        ("lines = { text = '\"open' }", "no key stands at"),
        ('lines = { text = "t", box = ["a", "b", "c"] }', "lines.box needs 4, 6, 8 or more paths"),
        ('lines = { text = "t", image_id = "i" }', "lines.image_id and images.id go together"),
        ('lines = { text = "t", image_id = "i" }\nimages = { id = "i" }', "needs images.list"),
        ("lines = [", "the mapping is no TOML"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_in_words(mapping: str, told: str, pages: Any) -> None:
    with pytest.raises(InputError) as raised:
        run(pages, {}, mapping)
    assert f"own.toml: {told.split(': ')[0]}"[:9] in str(raised.value)
    assert told in str(raised.value)


def test_another_mapping_is_another_import(pages: Any) -> None:
    content = {"page.png": {"a": "값", "b": "b"}}
    mapping = 'images = { list = "{}", name = "@key" }\nlines = { text = "a" }'
    run(pages, content, mapping)
    with pytest.raises(InputError, match="holds the import of another source"):
        run(pages, content, mapping.replace('"a"', '"b"'))


KEYS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters='"\\'), min_size=1, max_size=8
)


@given(st.lists(KEYS, min_size=1, max_size=4))
def test_any_key_can_be_written_in_quotes(keys: list[str]) -> None:
    content: Any = 7
    for key in reversed(keys):
        content = {key: content, "other": 1} if key != "other" else {key: content}
    path = JsonPath.read(".".join(f'"{key}"' for key in keys))
    assert path.one(Found(content)) == 7


@given(st.text('ab.[]{}"\\ 1@', max_size=12))
def test_any_text_is_a_path_or_a_value_error(text: str) -> None:
    try:
        path = JsonPath.read(text)
    except ValueError as error:
        assert repr(text) in str(error)
        return
    try:
        list(path.each(Found({"a": [{"b": 1}], "b": {}})))
    except PathError as error:
        assert "finds nothing at step" in str(error)
