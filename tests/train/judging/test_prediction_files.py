"""The forms of predictions, written here as the tools write them, and matched with labels."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.label_file import LabelLine
from textlines.labels.tally import Tally
from train.judging.prediction_files import (
    PredictionFile,
    match_labels,
    read_predictions,
    with_labels_beside,
)
from train.judging.text_forms import Prediction

Write = Callable[[str, str | bytes], Path]


BOX = [[0.0, 0.0], [9.0, 0.0], [9.0, 4.0], [0.0, 4.0]]


def read(path: Path, tally: Tally | None = None) -> PredictionFile:
    return read_predictions(path, tally if tally is not None else Tally())


def told(file: PredictionFile) -> list[tuple[str, str, float | None]]:
    return [(one.path, one.text, one.score) for one in file.predictions]


def test_a_table_is_read_by_its_header(write_file: Write) -> None:
    text = "score\tpath\tnote\tprediction\ttruth\r\n0.9\ta.jpg\tx\t값\t값 1\r\n\r\n"
    tally = Tally()
    file = read(write_file("p.tsv", text), tally)
    assert file.form == "table"
    assert told(file) == [("a.jpg", "값", 0.9)]
    assert file.predictions[0].label == "값 1"
    assert tally.as_dict() == {"other_column": 1}


def test_lines_of_a_table_that_do_not_fit_are_counted_with_their_place(write_file: Write) -> None:
    text = "path\ttruth\tprediction\na.jpg\tA\nb.jpg\t \tB\n\tC\tC\nd.jpg\tD\t\n"
    tally = Tally()
    path = write_file("p.tsv", text)
    file = read(path, tally)
    assert told(file) == [("d.jpg", "", None)]
    assert tally.as_dict() == {"bad_columns": 2, "bad_truth": 1}
    assert tally.places("bad_columns") == (f"{path}:2", f"{path}:4")


def test_a_column_twice_is_refused(write_file: Write) -> None:
    path = write_file("p.tsv", "path\tprediction\tpath\na\tb\tc\n")
    with pytest.raises(InputError, match=r"p\.tsv:1: names the column path twice"):
        read(path)


@pytest.mark.parametrize("score, wanted", [("1.0000002", 1.0), ("nan", None), ("7", None)])
def test_scores_are_checked(write_file: Write, score: str, wanted: float | None) -> None:
    tally = Tally()
    file = read(write_file("p.txt", f"a.jpg\tA\t{score}\nb.jpg\tB\t0.5\n"), tally)
    assert told(file) == [("a.jpg", "A", wanted), ("b.jpg", "B", 0.5)]
    assert tally["bad_score"] == (wanted is None)


def test_infer_rec_output_is_read(write_file: Write) -> None:
    text = "./data/crops/a.jpg\t값 1\t0.98\n./data/crops/b.jpg\t\t0.0\nodd line\n"
    tally = Tally()
    file = read(write_file("predicts_rec.txt", text), tally)
    assert file.form == "infer_rec"
    assert told(file) == [("./data/crops/a.jpg", "값 1", 0.98), ("./data/crops/b.jpg", "", 0.0)]
    assert tally.as_dict() == {"bad_columns": 1}


def test_of_several_heads_the_student_is_read(write_file: Write) -> None:
    heads = {
        "Teacher": {"label": "no", "score": 0.1},
        "Student": {"label": "값", "score": 0.9},
    }
    file = read(write_file("p.txt", f"a.jpg\t{json.dumps(heads)}\n"))
    assert told(file) == [("a.jpg", "값", 0.9)]


def test_heads_without_a_student_are_refused(write_file: Write) -> None:
    heads = {name: {"label": "no", "score": 0.1} for name in ("A", "B")}
    with pytest.raises(InputError, match="holds 2 readings and none of a student"):
        read(write_file("p.txt", f"a.jpg\t{json.dumps(heads)}\n"))
    with pytest.raises(InputError, match=r"p\.txt:1: the second column is no JSON"):
        read(write_file("p.txt", "a.jpg\t{oops\n"))


def test_output_without_line_ends_is_told(write_file: Write) -> None:
    glued = "a.jpg\tA\t0.98b.jpg\tB\t0.97c.jpg\tC\t0.96"
    with pytest.raises(InputError, match="3 predictions on one line: some releases of infer_rec"):
        read(write_file("p.txt", glued))


def res(path: str | None, text: str) -> dict[str, Any]:
    return {"input_path": path, "page_index": None, "rec_text": text, "rec_score": 0.9}


@pytest.mark.parametrize("wrap", [lambda r: r, lambda r: {"res": r}, lambda r: [r, r]])
def test_res_json_is_read(write_file: Write, wrap: Callable[[Any], Any]) -> None:
    file = read(write_file("a_res.json", json.dumps(wrap(res("crops/a.jpg", "값")))))
    assert file.form == "res_json"
    assert set(told(file)) == {("crops/a.jpg", "값", 0.9)}


def test_a_folder_of_res_json_is_read_in_order(write_file: Write, tmp_path: Path) -> None:
    write_file("out/b_res.json", json.dumps(res(None, "B")))
    write_file("out/deep/a_res.json", json.dumps(res("x/a.jpg", "A")))
    write_file("out/b.jpg", b"")
    file = read(tmp_path / "out")
    assert told(file) == [("b", "B", 0.9), ("x/a.jpg", "A", 0.9)]
    assert [one.is_stem for one in file.predictions] == [True, False]
    assert [path.name for path in file.files] == ["b_res.json", "a_res.json"]


def test_pages_of_a_pipeline_count_when_they_hold_one_text(write_file: Write) -> None:
    pages = [
        {"input_path": f"{n}.jpg", "rec_texts": ["A"] * n, "rec_scores": [0.9] * n}
        for n in range(3)
    ]
    tally = Tally()
    file = read(write_file("p.json", json.dumps(pages)), tally)
    assert told(file) == [("1.jpg", "A", 0.9)]
    assert tally.as_dict() == {"no_text": 1, "several_texts": 1}


@pytest.mark.parametrize(
    "result",
    [
        [[BOX, "값", 0.9]],
        [[BOX, "값", "0.9"]],
        [[[BOX, "값", 0.9]], [0.1, 0.2, 0.3]],
        [["값", 0.9]],
        [[["값", 0.9]], [0.01]],
        ["값", 0.9],
        {"boxes": [BOX], "txts": ["값"], "scores": [0.9], "elapse": 0.1},
        {"imgs": None, "txts": ["값"], "scores": [0.9], "word_results": [["", 1.0, None]]},
        [{"box": BOX, "txt": "값", "score": 0.9}],
        {"0": {"rec_txt": "값", "dt_boxes": BOX, "score": "0.9"}},
    ],
)
def test_all_shapes_of_rapidocr_are_read(write_file: Write, result: Any) -> None:
    by_path = read(write_file("a.json", json.dumps({"crops/a.jpg": result})))
    assert by_path.form == "rapidocr"
    assert told(by_path) == [("crops/a.jpg", "값", 0.9)]
    beside = read(write_file("b.json", json.dumps([{"path": "a.jpg", "result": result}])))
    assert told(beside) == [("a.jpg", "값", 0.9)]
    lines = "".join(json.dumps({"image": f"{n}.jpg", "res": result}) + "\n" for n in range(2))
    assert len(told(read(write_file("c.jsonl", lines)))) == 2


def test_a_result_without_an_image_takes_the_name_of_its_file(write_file: Write) -> None:
    file = read(write_file("crop_7.json", json.dumps([["값", 0.9]])))
    assert told(file) == [("crop_7", "값", 0.9)]
    assert file.predictions[0].is_stem
    named = read(write_file("crop_8.jpg.json", json.dumps([["값", 0.9]])))
    assert (named.predictions[0].path, named.predictions[0].is_stem) == ("crop_8.jpg", False)


def test_nothing_found_by_a_detector_is_counted(write_file: Write) -> None:
    tally = Tally()
    content = {"a.jpg": None, "b.jpg": [], "c.jpg": {"odd": 1}}
    file = read(write_file("p.json", json.dumps(content)), tally)
    assert told(file) == []
    assert tally.as_dict() == {"no_text": 2, "unreadable_entry": 1}


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("p.txt", "x\tA\ny\tB\n", r"p\.txt:1: is none of the forms .* has 2 columns"),
        ("p.txt", "a.jpg\t값\nb.jpg\tB\n", r"is a label file .* Name it with --labels"),
        ("p.txt", "a.jpg 값 1\nb.jpg B 2\n", r"as TRDG writes it, and no file of predictions"),
        ("p.json", '{"labels": {"0": "값"}}', r"labels\.json of text_renderer, .*balance import"),
        (
            "p.log",
            "[2025/02/18 03:22:54] ppocr INFO: ('값싼 10', 0.99)\n",
            "a log of readings that does not name their images",
        ),
        ("p.json", '{"input_path": "a.png", "dt_polys": [[[1, 2]]]}', "what a text detector found"),
        ("p.csv", "path,truth,prediction\n", r"has 1 column: 'path,truth,prediction'"),
        ("p.tsv", "\n \n", "holds no line"),
        ("p.json", "{", r"p\.json: the prediction file is no JSON"),
        (
            "p.jsonl",
            '{"path": "a", "txt": "b"}\n{oops\n',
            r"p\.jsonl:2: this line of the prediction file is no JSON",
        ),
        ("p.json", '{"a": 1}', "holds JSON that is no known result"),
        ("p.tsv", "path\ttruth\tprediction\na\t값\t값".encode("cp949"), "is not UTF-8"),
    ],
)
def test_what_fits_no_form_is_told(
    write_file: Write, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(write_file(name, content))


LOG = """\
[2025/02/18 03:22:53] ppocr INFO: In PP-OCRv3, rec_image_shape parameter defaults to '3, 48, 320'
[2025/02/18 03:22:54] ppocr INFO: Predicts of ./crops/a b.png:('값싼 1O', 0.9971)
[2025/02/18 03:22:54] ppocr INFO: Predicts of C:\\x\\c.png:("it's (1):", np.float32(0.5))
[2025/02/18 03:22:54] ppocr INFO: Predicts of ./crops/d.png:('', 0.0)
[2025/02/18 03:22:54] ppocr INFO: Predicts of ./crops/e.png:('cut
"""


@pytest.mark.parametrize(
    ("name", "content", "form", "rows", "counts"),
    [
        (
            "predict_rec.log",
            LOG,
            "predict_rec",
            [
                ("./crops/a b.png", "값싼 1O", 0.9971),
                ("C:/x/c.png", "it's (1):", 0.5),
                ("./crops/d.png", "", 0.0),
            ],
            {},
        ),
        (
            "printed.txt",
            "{'res': {'input_path': 'a.png', 'page_index': None, 'rec_text': \"it's\", "
            "'rec_score': 0.99}}\n{'res': {'input_path': 'b.png', 'rec_text': '값', "
            "'rec_score': 0.5}}\n",
            "printed",
            [("a.png", "it's", 0.99), ("b.png", "값", 0.5)],
            {},
        ),
        (
            "rec.txt",
            "a.png\t(\"it's\", 0.99)\nb.png\t('값', 2)\nc.png\t(oops)\n",
            "infer_rec",
            [("a.png", "it's", 0.99), ("b.png", "값", None)],
            {"bad_score": 1, "bad_columns": 1},
        ),
    ],
)
def test_what_paddleocr_prints_is_read(
    write_file: Write,
    name: str,
    content: str,
    form: str,
    rows: list[tuple[str, str, float | None]],
    counts: dict[str, int],
) -> None:
    tally = Tally()
    file = read(write_file(name, content), tally)
    assert file.form == form
    assert told(file) == rows
    assert tally.as_dict() == counts


def test_a_folder_without_json_says_what_it_holds(write_file: Write, tmp_path: Path) -> None:
    write_file("out/a.jpg", b"")
    with pytest.raises(InputError, match=r"without any \.json file \(it holds \.jpg\)"):
        read(tmp_path / "out")


IMAGES = Path("data/set")


def labels(*paths: str) -> list[LabelLine]:
    return [LabelLine(path, f"label of {path}", n) for n, path in enumerate(paths, 1)]


def match(wanted: list[LabelLine], *read: Prediction) -> tuple[dict[str, str], dict[str, int]]:
    tally = Tally()
    readings = match_labels(read, wanted, IMAGES, tally)
    return {one.path: one.prediction for one in readings}, tally.as_dict()


def prediction(path: str, text: str = "read", **more: object) -> Prediction:
    return Prediction(path, text, 0.9, "p.txt:1", **more)  # type: ignore[arg-type]


def test_the_same_path_matches_however_it_is_written() -> None:
    found, counts = match(labels("crops/a.jpg"), prediction("./crops//a.jpg"))
    assert found == {"crops/a.jpg": "read"}
    assert counts == {}


def test_a_path_from_the_images_folder_on_matches() -> None:
    for path in ("data/set/crops/a.jpg", f"{Path.cwd().as_posix()}/data/set/crops/a.jpg"):
        found, counts = match(labels("crops/a.jpg", "a.jpg"), prediction(path))
        assert found == {"crops/a.jpg": "read"}
        assert counts == {"matched_by_folder": 1, "no_prediction": 1}


def test_the_last_parts_match_before_the_name_alone() -> None:
    wanted = labels("x/1.jpg", "y/1.jpg", "2.jpg")
    found, counts = match(wanted, prediction("/mnt/y/1.jpg"), prediction("/mnt/2.jpg"))
    assert found == {"y/1.jpg": "read", "2.jpg": "read"}
    assert counts == {"matched_by_name": 1, "matched_by_tail": 1, "no_prediction": 1}


def test_a_name_of_several_labels_matches_none() -> None:
    found, counts = match(labels("x/1.jpg", "y/1.jpg"), prediction("1.jpg"))
    assert found == {}
    assert counts == {"ambiguous_name": 1, "no_prediction": 2}


def test_a_stem_matches_whatever_the_ending() -> None:
    found, counts = match(labels("x/1.png"), prediction("1", is_stem=True))
    assert found == {"x/1.png": "read"}
    assert counts == {"matched_by_name": 1}


def test_unmatched_lines_are_counted_on_both_sides() -> None:
    found, counts = match(labels("a.jpg", "b.jpg"), prediction("b.jpg"), prediction("c.jpg"))
    assert found == {"b.jpg": "read"}
    assert counts == {"no_label": 1, "no_prediction": 1}


def test_of_repeated_lines_the_first_counts() -> None:
    wanted = labels("a.jpg", "a.jpg")
    found, counts = match(wanted, prediction("a.jpg", "one"), prediction("a.jpg", "two"))
    assert found == {"a.jpg": "one"}
    assert counts == {"repeated_label": 1, "repeated_prediction": 1}


def test_the_label_file_beats_the_label_of_a_table() -> None:
    tally = Tally()
    (one,) = match_labels([prediction("a.jpg", label="old")], labels("a.jpg"), IMAGES, tally)
    assert one.label == "label of a.jpg"
    assert tally.as_dict() == {"truth_replaced": 1}


def test_without_a_label_file_the_labels_of_a_table_count() -> None:
    tally = Tally()
    rows = [prediction("./a.jpg", label="A"), prediction("a.jpg", label="B"), prediction("b.jpg")]
    readings = with_labels_beside(rows, IMAGES, tally)
    assert [(one.path, one.label) for one in readings] == [("a.jpg", "A")]
    assert tally.as_dict() == {"no_label": 1, "repeated_prediction": 1}


paths = st.lists(st.sampled_from(["a.jpg", "x/a.jpg", "x/b.jpg", "y/x/b.jpg", "q.jpg"]), max_size=6)


@given(wanted=paths, read=paths)
def test_nothing_is_lost_without_a_count(wanted: list[str], read: list[str]) -> None:
    tally = Tally()
    readings = match_labels([prediction(path) for path in read], labels(*wanted), IMAGES, tally)
    left = ("no_label", "ambiguous_name", "repeated_prediction")
    assert len(read) == len(readings) + sum(tally[reason] for reason in left)
    assert len(wanted) == len(readings) + tally["no_prediction"] + tally["repeated_label"]


def test_a_table_may_write_its_paths_in_full() -> None:
    tally = Tally()
    full = f"{Path.cwd().as_posix()}/data/set/crops/a.jpg"
    (one,) = with_labels_beside([prediction(full, label="A")], IMAGES, tally)
    assert one.path == "crops/a.jpg"
    assert tally.as_dict() == {"matched_by_folder": 1}
