"""What a run notes of itself."""

from pathlib import Path

import pytest

from textlines.errors import InputError
from train.tuning.metrics import METRICS, Metrics, read_metrics


def test_events_come_back_in_order(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    metrics.note("judged", done=0, target=0.5)
    metrics.note("steps", done=10, ctc=None, note="값")
    assert read_metrics(tmp_path) == [
        {"event": "judged", "done": 0, "target": 0.5},
        {"event": "steps", "done": 10, "ctc": None, "note": "값"},
    ]


@pytest.mark.parametrize("half", ['{"event": "st', '{"event": "steps", "ctc": "\udcff', "[1]", "7"])
def test_a_half_line_is_passed_over(tmp_path: Path, half: str) -> None:
    metrics = Metrics(tmp_path)
    metrics.note("steps", done=10)
    with (tmp_path / METRICS).open("ab") as out:
        out.write(half.encode("utf-8", "surrogateescape"))
    assert [one["done"] for one in read_metrics(tmp_path)] == [10]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"event": "st', "no JSON"),
        ("[1]", "no JSON object"),
        ('{"done": 1}', "it names no event"),
        ('{"event": "steps", "done": "many"}', "done is 'many'"),
        ('{"event": "steps", "done": -1}', "done is -1"),
        ("[" * 5000, "nested"),
        ('{"event": "\\ud800"}', "half of a surrogate pair"),
    ],
)
def test_a_damaged_line_is_told(tmp_path: Path, line: str, told: str) -> None:
    good = '{"event": "steps", "done": 1}'
    (tmp_path / METRICS).write_text(f"{good}\n{line}\n{good}\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"metrics\.jsonl:2: is no event of a run .*{told}"):
        read_metrics(tmp_path)


def test_a_resumed_run_cuts_what_lies_beyond_its_checkpoint(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    for done in (10, 20, 30):
        metrics.note("steps", done=done)
    with (tmp_path / METRICS).open("a") as out:
        out.write('{"event": "steps", "do')
    again = Metrics(tmp_path, 20)
    again.note("steps", done=21)
    assert [one["done"] for one in read_metrics(tmp_path)] == [10, 20, 21]


def test_a_new_run_starts_an_empty_file(tmp_path: Path) -> None:
    assert read_metrics(tmp_path) == []
    Metrics(tmp_path)
    assert (tmp_path / METRICS).read_text() == ""


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "none").write_text("a file")
    with pytest.raises(InputError, match=r"metrics\.jsonl"):
        Metrics(tmp_path / "none")
