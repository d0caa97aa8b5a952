import json
from pathlib import Path

import pytest

from textlines.errors import InputError
from train.collect.queue import (
    QUEUE,
    RECORD,
    Accepted,
    Confirmation,
    Queued,
    QueueRecord,
    id_of,
    read_accepted,
    read_queue,
    write_accepted,
    write_queue,
)

RECORD_OF = QueueRecord("../p", "base", "", "", 1, 3, 0, 0, 0, None, 0)
ROWS = (
    Queued(id_of("값/1.png"), "값/1.png", "0" * 64, "값", "chosen", "train", "값1", 180, 0.5, "값l",
           ("other", "turned")),
    Queued(id_of("2.png"), "2.png", "1" * 64, "2.png", "random", "stop", ""),
)  # fmt: skip


def test_a_queue_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = write_queue(tmp_path, RECORD_OF, ROWS)
    found = read_queue(tmp_path)
    assert found == written and found.rows == ROWS
    assert (found.count(), found.count(part="chosen"), found.count(role="stop")) == (2, 1, 1)
    assert len(found.record.queue_sha256) == 64


def test_a_queue_that_was_changed_is_refused(tmp_path: Path) -> None:
    write_queue(tmp_path, RECORD_OF, ROWS)
    path = tmp_path / QUEUE
    path.write_text(path.read_text(encoding="utf-8").replace('"stop"', '"train"'), encoding="utf-8")
    with pytest.raises(InputError, match="was changed after"):
        read_queue(tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (QUEUE, '"stop"', '"teach"', r"queue.jsonl:2: .*role"),
        (QUEUE, '"random"', '"some"', r"queue.jsonl:2: .*part"),
        (QUEUE, '"2.png", "sha256"', '"../2.png", "sha256"', r"queue.jsonl:2: .*below the folder"),
        (QUEUE, '"turn": 180', '"turn": 17', r"queue.jsonl:1: .*turn"),
        (RECORD, '"version": 1', '"version": 9', "version 9"),
        (RECORD, '"seed"', '"speed"', "no record of a queue"),
    ],
)
def test_a_broken_queue_says_where(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    write_queue(tmp_path, RECORD_OF, ROWS)
    path = tmp_path / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_queue(tmp_path)


def test_a_queue_is_not_written_over_another(tmp_path: Path) -> None:
    first = write_queue(tmp_path, RECORD_OF, ROWS)
    assert write_queue(tmp_path, RECORD_OF, ROWS) == first
    with pytest.raises(InputError, match="may be half answered"):
        write_queue(tmp_path, RECORD_OF, ROWS[:1])
    assert read_queue(tmp_path) == first


def test_a_folder_without_a_queue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no queue\.json"):
        read_queue(tmp_path)


def test_the_record_holds_no_place_of_this_machine(tmp_path: Path) -> None:
    write_queue(tmp_path, RECORD_OF, ROWS)
    assert str(tmp_path) not in (tmp_path / RECORD).read_text()
    assert json.loads((tmp_path / RECORD).read_text())["images"] == "../p"


@pytest.mark.parametrize(("right", "asked"), [(125, 125), (184, 185), (237, 239)])
def test_so_many_have_to_be_asked_for_so_many_wrong_ones(right: int, asked: int) -> None:
    assert Confirmation(right, asked).is_enough
    assert not Confirmation(right - 1, asked).is_enough
    assert not Confirmation(right - 1, asked - 1).is_enough


@pytest.mark.parametrize(
    ("right", "asked", "missing"), [(0, 0, 125), (100, 100, 25), (124, 125, 60), (120, 125, None)]
)
def test_how_many_more_are_missing(right: int, asked: int, missing: int | None) -> None:
    one = Confirmation(right, asked)
    assert one.missing == missing
    if missing:
        assert Confirmation(right + missing, asked + missing).is_enough


def test_accepted_readings_are_read_as_written_and_go_when_there_are_none(tmp_path: Path) -> None:
    some = [Accepted("값/1.png", "값 1", 180), Accepted("2.png", "2")]
    write_accepted(tmp_path, some)
    assert read_accepted(tmp_path) == some
    write_accepted(tmp_path, [])
    assert read_accepted(tmp_path) == []
