from typing import Any

import pytest

from balance.checks.noise import read_table
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
    assert read_table(file) == {"a.jpg": ("x", 0.5), "b/c.jpg": ("y", None), "d.jpg": ("z", None)}


def test_the_readings_that_train_writes_are_read(kit: Any) -> None:
    file = kit.text(
        "predictions.jsonl",
        '{"path": "a.jpg", "text": "값 1", "score": 0.5}\n{"path": "b.jpg", "fault": "empty"}\n',
    )
    assert read_table(file) == {"a.jpg": ("값 1", 0.5)}


@pytest.mark.parametrize(
    "line", ['{"path": "a.jpg"}', "{", '{"path": 1, "text": "x", "score": "y"}']
)
def test_other_json_is_refused_with_the_forms_that_are_read(kit: Any, line: str) -> None:
    with pytest.raises(InputError, match=r"p\.jsonl:1: is no prediction: .*Two forms are read"):
        read_table(kit.text("p.jsonl", line + "\n"))
