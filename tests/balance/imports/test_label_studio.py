"""Exports of Label Studio whose template is not the usual one, or that lost something."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from balance.imports.import_records import read_doubts
from balance.imports.importing import import_lines
from balance.imports.page_regions import ImportOptions
from textlines.errors import InputError, MendError

SIZE = {"original_width": 400, "original_height": 300}
FIRST = {"x": 5, "y": 20 / 3, "width": 40, "height": 10, "rotation": 0}
"""The level line of the page."""

VERTICAL = {"x": 75, "y": 40, "width": 7.5, "height": 160 / 3, "rotation": 0}


def slanted(pages: Any) -> dict[str, Any]:
    return {"points": [[x / 4, y / 3] for x, y in pages.quads[1]], "closed": True}


def result(key: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": key, "image_rotation": 0, **SIZE, "value": value, **more}


def typed(key: str, texts: Any, name: str | None = "transcription", **shape: Any) -> dict[str, Any]:
    named = {} if name is None else {"from_name": name}
    return result(key, shape | {"text": texts}, type="textarea", **named)


def task(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 1, "data": {"ocr": "/d/a.png"}, "annotations": [{"result": results}], **more}


def run(pages: Any, *tasks: dict[str, Any], **options: Any) -> Any:
    pages.page("a.png")
    source = pages.text("export.json", json.dumps(tasks))
    out = pages.folder / "out"
    return import_lines(source, "label-studio", out, options=ImportOptions(**options))


def refused(pages: Any, *tasks: dict[str, Any], **options: Any) -> str:
    with pytest.raises(InputError) as raised:
        run(pages, *tasks, **options)
    assert not (pages.folder / "out").exists()
    return str(raised.value)


def test_polygons_of_the_ocr_template(pages: Any) -> None:
    level = {"points": [[5, 20 / 3], [45, 20 / 3], [45, 50 / 3], [5, 50 / 3]]}
    results = []
    for key, shape in (("a", level), ("b", slanted(pages)), ("c", level)):
        results += [result(key, shape, type="polygon"),
                    result(key, shape | {"labels": ["Text"]}, type="labels")]  # fmt: skip
        results += [typed(key, [f"{key} 값\n\f"], **shape)] if key != "c" else []
    guessed = {"id": 2, "data": {"ocr": "/d/a.png"}, "predictions": [{"result": results}]}
    done = run(pages, task(*results), guessed, guessed | {"annotations": [{"was_cancelled": True}]})
    assert done.tally.as_dict() == {"predictions_only": 2, "stripped": 2, "empty_label": 1}
    assert pages.labels() == ["a 값", "b 값"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


def test_predictions_alone_say_what_to_do(pages: Any) -> None:
    told = refused(pages, {"data": {"ocr": "/d/a.png"}, "predictions": [{"result": []}]})
    assert "page with predictions that nobody confirmed, left out: 1" in told
    assert told.endswith("Submit the predictions as annotations in Label Studio.")


def test_a_comment_is_no_transcription(pages: Any) -> None:
    results = [result("a", FIRST), typed("a", ["값"]), typed("a", ["blurred"], "comment"),
               result("b", VERTICAL), typed("b", ["blurred"], "comment"),
               typed("page", ["a note on the page"], "notes")]  # fmt: skip
    done = run(pages, task(*results))
    assert done.tally.as_dict() == {"other_text": 2, "empty_label": 1}
    assert done.tally.places("other_text")[0].endswith("region a (comment)")
    assert pages.labels() == ["값"]


def test_the_only_text_area_may_have_any_name(pages: Any) -> None:
    done = run(pages, task(result("a", FIRST), typed("a", "값", "글자")))
    assert done.tally.as_dict() == {} and pages.labels() == ["값"]


def test_of_several_text_areas_one_must_be_named(pages: Any) -> None:
    tasks = task(result("a", FIRST), typed("a", ["값"], "text"), typed("a", ["value"], "english"))
    told = refused(pages, tasks)
    assert "has texts in several text areas (text: 1, english: 1)" in told
    assert "--text-area" in told
    assert "has no text area 'x', but text: 1, english: 1" in refused(pages, tasks, text_area="x")
    done = run(pages, tasks, text_area="english")
    assert pages.labels() == ["value"] and done.tally.as_dict() == {"other_text": 1}


def test_texts_that_were_sent_twice_are_joined_and_told(pages: Any) -> None:
    results = [result("a", FIRST), typed("a", ["one", "two"]), result("b", FIRST),
               typed("b", ["same"]), typed("b", ["same", " "])]  # fmt: skip
    done = run(pages, task(*results))
    assert done.tally.as_dict() == {"joined_texts": 1}
    assert pages.labels() == ["one two", "same"]
    assert [one.label for one in read_doubts(pages.folder / "out")] == ["one two"]


def test_without_a_text_area_the_note_of_a_region_is_its_text(pages: Any) -> None:
    shapes = [result("a", FIRST, meta={"text": ["값 1"]}), result("b", FIRST, meta={"text": 3})]
    done = run(pages, task(*shapes))
    assert done.tally.as_dict() == {"empty_label": 1, "meta_text": 1}
    assert pages.labels() == ["값 1"]


def test_where_texts_were_typed_a_note_is_none(pages: Any) -> None:
    shapes = [result("a", FIRST, meta={"text": ["note"]}), result("b", FIRST), typed("b", ["x"])]
    assert run(pages, task(*shapes)).tally.as_dict() == {"empty_label": 1}
    assert pages.labels() == ["x"]


def test_a_choice_is_no_text(pages: Any) -> None:
    results = [result("a", FIRST), result("a", FIRST | {"choices": ["Korean"]}, type="choices"),
               result("b", FIRST), typed("b", ["x"]), result("b", {"choices": ["y"]})]  # fmt: skip
    assert run(pages, task(*results)).tally.as_dict() == {"choice_only": 1}
    assert pages.labels() == ["x"]


def test_completions_of_old_exports_are_read(pages: Any) -> None:
    old = {"id": 1, "data": {"image": "a.png"}, "completions": [
        {"result": [result("a", FIRST), typed("a", ["old"], None)]}]}  # fmt: skip
    run(pages, old)
    assert pages.labels() == ["old"]


def test_an_angle_that_was_set_says_where_reading_starts(pages: Any) -> None:
    # About its upper left corner: from the lower right of the level line, by half a turn.
    on_head = {"x": 45, "y": 50 / 3, "width": 40, "height": 10, "rotation": 180}
    # From the upper right of the vertical line, downwards.
    down = {"x": 82.5, "y": 40, "width": 40, "height": 10, "rotation": 90}
    results = [result("a", on_head), typed("a", ["aa"]), result("b", down), typed("b", ["bb"])]
    done = run(pages, task(*results))
    assert done.tally.as_dict() == {"read_down": 1, "upside_down": 1}
    assert not pages.reads_right(pages.crops()[0])
    assert [crop.shape[:2] for crop in pages.crops()] == [(30, 160), (30, 160)]


def lists(shapes: list[Any], texts: Any, name: str = "transcription", **more: Any) -> Any:
    return {"ocr": "/d/a.png", "id": 22, "annotator": 1, "created_at": "2024-01-01T00:00:00Z",
            "bbox": [shape | SIZE for shape in shapes], name: texts, **more}  # fmt: skip


def test_a_box_in_the_place_of_a_text_is_named(pages: Any) -> None:
    texts = ["one", FIRST | {"labels": ["Text"]}, "three"]
    done = run(pages, lists([FIRST, VERTICAL, FIRST], texts))
    assert done.tally.as_dict() == {"text_is_box": 1}
    assert done.tally.places("text_is_box")[0].endswith("export.json: task 22, line 2")
    assert pages.labels() == ["one", "three"]


@pytest.mark.parametrize("order", [1, -1])
def test_boxes_in_the_place_of_all_texts_are_no_second_tool(pages: Any, order: int) -> None:
    of_boxes = lists([FIRST, VERTICAL], [FIRST, VERTICAL])
    other = lists([FIRST, VERTICAL], [FIRST, "two"][::order])
    done = run(pages, of_boxes, other, lists([FIRST], "three"))
    assert done.tally.as_dict()["text_is_box"] == 3
    assert pages.labels() == ["two", "three"]


def test_texts_under_another_name_are_found_and_told(pages: Any) -> None:
    done = run(pages, lists([FIRST, FIRST], ["값", "b"], "annotation_transcripts"),
               lists([FIRST], "c", "annotation_transcripts"))  # fmt: skip
    assert pages.labels() == ["값", "b", "c"]
    assert done.tally.as_dict() == {"named_texts": 2}
    assert done.tally.places("named_texts")[0].endswith("task 22 (annotation_transcripts)")


def test_of_several_lists_none_is_guessed(pages: Any) -> None:
    tasks = lists([FIRST, FIRST], ["값", "b"], "글자", quality=["good", "bad"], tags=["only one"])
    told = refused(pages, tasks)
    assert "has no list transcription of texts; lists of another name: 글자, quality." in told
    assert "--text-area, or export as JSON, which keeps each text with its shape." in told
    assert "there are: 글자, quality" in refused(pages, tasks, text_area="tags")
    run(pages, tasks, text_area="글자")
    assert pages.labels() == ["값", "b"]


def test_without_any_text_the_lists_are_told(pages: Any) -> None:
    told = refused(pages, lists([FIRST], [FIRST], "other"))
    assert "has no list transcription of texts; lists of another name: none." in told


def test_the_text_of_a_single_shape_is_no_list(pages: Any) -> None:
    run(pages, lists([FIRST], "값", "글자"))
    assert pages.labels() == ["값"]


def test_two_tools_lose_which_text_is_whose(pages: Any) -> None:
    tasks = lists([FIRST, FIRST], ["a", "b", "c"], poly=[slanted(pages) | SIZE])
    told = refused(pages, tasks)
    assert "with two tools in JSON-MIN: which text is whose is lost, left out: 3" in told
    assert "task 22 (bbox: 2, poly: 1)" in told
    assert told.endswith("Export from Label Studio as JSON, which keeps each text with its shape.")
    done = run(pages, tasks, lists([FIRST], "d"))
    assert done.tally.as_dict() == {"two_tools": 3} and pages.labels() == ["d"]


def test_a_list_that_names_all_shapes_keeps_their_order(pages: Any) -> None:
    every = [FIRST | SIZE, slanted(pages) | SIZE]
    named = [shape | {"labels": ["Text"]} for shape in every]
    tasks = lists([FIRST], ["a", "b"], poly=[every[1]], label=named)
    assert run(pages, tasks).tally.as_dict() == {}
    assert pages.labels() == ["a", "b"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


def test_more_texts_than_shapes_are_not_paired(pages: Any) -> None:
    told = refused(pages, lists([FIRST, FIRST], ["a", "b", "c"]))
    assert "more or fewer texts than shapes in JSON-MIN, left out: 2" in told
    assert "(2 shapes, 3 texts)" in told and "as JSON" in told


def test_a_page_without_texts_has_lines_without_texts(pages: Any) -> None:
    bare = lists([FIRST, FIRST], None)
    del bare["transcription"]
    done = run(pages, bare, lists([FIRST], ["x"]))
    assert done.tally.as_dict() == {"empty_label": 2}


VALUES = st.sampled_from(
    [None, True, 7, 10**400, float("nan"), "", "x", "a.png", [], [[]], ["a"], ["a", "b"], [1, "a"],
     [None], {}, {"x": 1}, [{"x": 1}], [{"points": 3}, "a"], [{"points": [[1, 2]]}, FIRST],
     {"text": {"text": []}}, [{"value": {"text": "a"}, "from_name": []}], [{"value": FIRST | SIZE}]]
)  # fmt: skip
KEYS = st.sampled_from(
    ["bbox", "poly", "label", "transcription", "data", "annotations", "predictions", "other", "id"]
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=3), st.booleans())
def test_lists_of_any_form_end_in_lines_or_in_words(
    pages: Any, tmp_path_factory: Any, tasks: list[dict[str, Any]], is_named: bool
) -> None:
    pages.page("a.png")
    full = [{"ocr": "a.png", **task} for task in tasks]
    source = pages.text("tasks.json", json.dumps(full))
    options = ImportOptions(text_area="other" if is_named else "")
    try:
        import_lines(source, "label-studio", tmp_path_factory.mktemp("o") / "out", options=options)
    except MendError as error:
        assert error.where and error.mend
