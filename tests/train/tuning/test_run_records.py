"""What a run writes down, and what TensorBoard is shown of it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from textlines.errors import InputError
from train.tuning.run_records import BOARD, METRICS, Board, Metrics, read_metrics


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


@pytest.fixture
def written(skip_or_fail: Callable[[str], NoReturn]) -> Callable[[Path], Iterator[Any]]:
    """Return a function that reads the events of a run's files, oldest file first."""
    try:
        from tensorboardX.proto.event_pb2 import Event
    except ImportError:
        skip_or_fail("tensorboardX is not installed (extra board)")

    def read(run: Path) -> Iterator[Any]:
        for path in sorted((run / BOARD).iterdir(), key=lambda one: one.stat().st_mtime_ns):
            data, at = path.read_bytes(), 0
            while at < len(data):  # TFRecord: length, its check, the event, its check
                size = int.from_bytes(data[at : at + 8], "little")
                event = Event()
                event.ParseFromString(data[at + 12 : at + 12 + size])
                yield event
                at += 16 + size

    return read


def test_the_numbers_of_events_are_curves_by_steps(
    tmp_path: Path, written: Callable[[Path], Iterator[Any]]
) -> None:
    board = Board(tmp_path)
    metrics = Metrics(tmp_path, 0, board)
    metrics.note("steps", done=10, stage=0, epoch=0, ctc=1.5, distil=None, rate=1e-4)
    metrics.note("judged", done=10, target=0.5, right=[3, 4], is_best=True)
    board.close()
    found = [
        (value.tag, event.step, pytest.approx(value.simple_value))
        for event in written(tmp_path)
        for value in event.summary.value
    ]
    assert found == [
        ("steps/ctc", 10, 1.5),
        ("steps/rate", 10, 1e-4),
        ("judged/target", 10, 0.5),
        ("judged/right_1", 10, 3),
        ("judged/right_2", 10, 4),
    ]


def test_a_resumed_run_shows_what_its_metrics_hold(
    tmp_path: Path, written: Callable[[Path], Iterator[Any]]
) -> None:
    killed = Board(tmp_path)
    metrics = Metrics(tmp_path, 0, killed)
    for done in (10, 20, 30):
        metrics.note("steps", done=done, ctc=1.0)
    killed.close()
    # The last checkpoint is that of step 20; a file that is not ours stays.
    (tmp_path / BOARD / "notes.txt").write_text("mine", encoding="utf-8")
    board = Board(tmp_path)
    again = Metrics(tmp_path, 20, board)
    again.note("steps", done=30, ctc=2.0)
    board.close()
    assert (tmp_path / BOARD / "notes.txt").read_text(encoding="utf-8") == "mine"
    (tmp_path / BOARD / "notes.txt").unlink()
    shown = [
        (event.step, value.simple_value)
        for event in written(tmp_path)
        for value in event.summary.value
    ]
    assert shown == [(10, 1.0), (20, 1.0), (30, 2.0)]


def test_without_the_library_the_line_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(InputError, match=r"--tensorboard: needs tensorboardX.*\[board\]"):
        Board(tmp_path)
