from typing import Any

import pytest

from balance.checks.reading_checks import read_table
from textlines.errors import InputError


@pytest.mark.parametrize("content", ["", "a.jpg\tx\n", "path,prediction\n", "path\ttruth\n"])
def test_a_table_without_its_header_is_refused(kit: Any, content: str) -> None:
    with pytest.raises(InputError, match="names no columns path and prediction"):
        read_table(kit.text("p.tsv", content))


def test_a_short_row_is_refused_with_its_line(kit: Any) -> None:
    with pytest.raises(InputError, match=r"p\.tsv:3: has 1 columns of 2"):
        read_table(kit.text("p.tsv", "path\tprediction\na.jpg\tx\nb.jpg\n"))


def test_scores_may_be_absent_or_no_number(kit: Any) -> None:
    file = kit.text(
        "p.tsv", "Path\tPrediction\tScore\na.jpg\tx\t0.5\nb\\c.jpg\ty\tnone\nd.jpg\tz\n"
    )
    assert read_table(file) == {
        "a.jpg": ("x", 0.5, 0),
        "b/c.jpg": ("y", None, 0),
        "d.jpg": ("z", None, 0),
    }


def test_the_readings_that_train_writes_are_read(kit: Any) -> None:
    file = kit.text(
        "predictions.jsonl",
        '{"path": "a.jpg", "text": "값 1", "score": 0.5}\n{"path": "b.jpg", "fault": "empty"}\n',
    )
    assert read_table(file) == {"a.jpg": ("값 1", 0.5, 0)}


TURNED = {
    "p.jsonl": '{"path": "a.jpg", "text": "값 1", "score": 0.9}\n'
    '{"path": "b.jpg", "text": "lab", "score": 0.9, "turn": 180, "unturned": "qe"}\n'
    '{"path": "c.jpg", "text": "금액", "score": 0.9, "turn": 90}\n',
    "p.tsv": "path\tprediction\tscore\tturn\na.jpg\t값 1\t0.9\nb.jpg\tlab\t0.9\t180\n"
    "c.jpg\t금액\t0.9\t90\n",
}


@pytest.mark.parametrize("name", TURNED)
def test_crops_that_a_model_read_turned_are_named(kit: Any, name: str) -> None:
    table = kit.text(name, TURNED[name])
    file = kit.text("l.txt", "a.jpg\t값 1\nb.jpg\tlab\nc.jpg\t금액\n")
    checked = kit.check(file, look=False, predictions=table)
    assert kit.places(checked, "image_turned") == [2, 3]
    first, second = checked.findings.listed("image_turned")
    assert first.detail == "b.jpg read as 'lab' when turned by 180 degrees"
    assert second.detail == "c.jpg read as '금액' when turned by 90 degrees"
    assert not checked.findings.is_bad() and checked.findings.is_bad(strict=True)


def test_a_turn_of_a_table_that_is_none_is_told(kit: Any) -> None:
    file = kit.text("p.tsv", "path\tprediction\tturn\na.jpg\tx\t45\n")
    with pytest.raises(InputError, match=r"p\.tsv:2: says turn '45', not one of 0, 90, 180, 270"):
        read_table(file)


@pytest.mark.parametrize(
    "line", ['{"path": "a.jpg"}', "{", '{"path": 1, "text": "x", "score": "y"}']
)
def test_other_json_is_refused_with_the_forms_that_are_read(kit: Any, line: str) -> None:
    with pytest.raises(InputError, match=r"p\.jsonl:1: is no prediction: .*Two forms are read"):
        read_table(kit.text("p.jsonl", line + "\n"))


def test_a_convention_of_all_labels_is_told_once_and_makes_none_suspect(kit: Any) -> None:
    plates = [f"{'가나다라마'[n % 5]}{1000 + n * 37}" for n in range(30)]
    file = kit.text("l.txt", "".join(f"{n}.jpg\t {one}\n" for n, one in enumerate(plates)))
    rows = "".join(f"{n}.jpg\t{one}\t0.99\n" for n, one in enumerate(plates))
    table = kit.text("p.tsv", f"path\tprediction\tscore\n{rows}")
    checked = kit.check(file, look=False, predictions=table)
    found = kit.only(checked, "label_convention")
    assert (found.file, found.severity) == (str(file), "warning")
    assert found.detail.startswith(
        "all 30 labels start with a space that no reading has (30 lines have a reading). "
    )
    assert checked.findings.listed("label_suspect") == ()


def test_predictions_without_a_line_are_told(kit: Any) -> None:
    file = kit.text("l.txt", "a.jpg\tx\n")
    table = kit.text("p.tsv", "path\tprediction\n")
    checked = kit.check(file, look=False, predictions=table)
    assert kit.only(checked, "prediction_unmatched").detail == "it holds no prediction"


def predictions(kit: Any, *rows: str) -> Any:
    return kit.text("p.tsv", "path\ttruth\tprediction\tscore\n" + "".join(f"{r}\n" for r in rows))


def test_a_label_that_a_sure_model_contradicts_is_suspected(kit: Any) -> None:
    file = kit.text("l.txt", "a.jpg\t12.50\nb.jpg\t77.10\nc.jpg\tTOTAL\n")
    table = predictions(
        kit, "a.jpg\t12.50\t12.60\t0.99", "b.jpg\t77.10\t77.70\t0.40", "./c.jpg\tT\tTOTAL\t0.9"
    )
    checked = kit.check(file, look=False, predictions=table)
    assert kit.places(checked, "label_suspect") == [1]
    assert "'12.50' read as '12.60' (0.99)" in kit.only(checked, "label_suspect").detail


def test_predictions_of_other_lines_are_counted(kit: Any) -> None:
    file = kit.text("l.txt", "a.jpg\t12.50\n")
    table = predictions(kit, "a.jpg\tx\t12.50\t0.9", "z.jpg\tx\ty\t0.9")
    checked = kit.check(file, look=False, predictions=table)
    assert kit.only(checked, "prediction_unmatched").detail == "1 of 2"
