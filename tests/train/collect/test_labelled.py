"""Answers become labelled lines: roles kept, nothing lost, nothing taken that is not sure."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.line_roles import read_line_roles
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from train.collect.answers import FORMAT, Answers, read_answers
from train.collect.labelled import first_page, label
from train.collect.queue import (
    Accepted,
    Queue,
    Queued,
    QueueRecord,
    id_of,
    write_accepted,
    write_queue,
)

Reply = tuple[str, str] | tuple[str, str, int]


def image(path: Path, seed: int) -> None:
    draw = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        cv2.imencode(".png", draw.integers(0, 255, (20, 60, 3), np.uint8))[1].tobytes()
    )


@pytest.fixture
def queue(production: Path, tmp_path: Path) -> Callable[..., Queue]:
    """Return a function that writes a queue of crops by part, with their readings."""

    def write(rows: Sequence[tuple[str, str, str, str]], accept: float | None = None) -> Queue:
        queued = []
        for seed, (path, part, role, text) in enumerate(rows):
            image(production / path, seed)
            sha256 = sha256_of(production / path)
            queued.append(Queued(id_of(path), path, sha256, path, part, role, text))  # type: ignore[arg-type]
        folder = tmp_path / "queue"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        record = QueueRecord("../production", "base", "", "", 1, 9, 0, 0, 0, accept, 0)
        return write_queue(folder, record, queued)

    return write


@pytest.fixture
def answers(tmp_path: Path) -> Callable[..., Answers]:
    """Return a function that saves answers as the page does: by path, kind and text."""

    def save(queue: Queue, said: dict[str, Reply], name: str = "answers.json", by: str = "") -> Any:
        rows = {row.path: row for row in queue.rows}
        content = {
            "format": FORMAT,
            "version": 1,
            "queue": queue.record.queue_sha256,
            "by": by,
            "answers": [
                {
                    "id": rows[path].id,
                    "path": path,
                    "role": rows[path].role,
                    "kind": reply[0],
                    "text": reply[1],
                    "turn": reply[2] if len(reply) > 2 else 0,
                    "shown": rows[path].text,
                    "seconds": 1.5,
                }
                for path, reply in said.items()
            ],
        }
        (tmp_path / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return read_answers(tmp_path / name)

    return save


ROWS = [
    ("값/1.png", "chosen", "train", "값l"),
    ("2.png", "chosen", "train", "22"),
    ("3.png", "random", "stop", "33"),
    ("4.png", "random", "judge", "44"),
    ("5.png", "random", "judge", "5"),
    ("6.png", "random", "judge", ""),
]
SAID: dict[str, Reply] = {
    "값/1.png": ("text", "값1", 180),
    "2.png": ("text", "22"),
    "3.png": ("text", "33", 180),
    "4.png": ("unreadable", ""),
    "5.png": ("not_text", ""),
}


def test_answers_become_crops_a_label_file_and_roles(
    queue: Any, answers: Any, production: Path, tmp_path: Path
) -> None:
    made = queue(ROWS)
    out, tally = tmp_path / "labelled", Tally()
    found = label(made, [answers(made, SAID)], out, tally)
    lines = {line.path: line.label for line in read_labels(out / "rec_gt.txt", tally=Tally())}
    assert lines == {"crops/값/1.png": "값1", "crops/2.png": "22", "crops/3.png": "33"}
    roles = read_line_roles(out / "roles.tsv")
    assert {row.path: row.role for row in roles.values()} == {
        "crops/값/1.png": "train",
        "crops/2.png": "train",
        "crops/3.png": "stop",
    }
    assert all(sha256_of(out / row.path) == sha256 for sha256, row in roles.items())
    # What trains is upright; what is to measure production is as production has it.
    upright = cv2.imdecode(np.fromfile(out / "crops/값/1.png", np.uint8), cv2.IMREAD_COLOR)
    lying = cv2.imdecode(np.fromfile(production / "값/1.png", np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(upright, np.rot90(lying, 2))
    assert (out / "crops/3.png").read_bytes() == (production / "3.png").read_bytes()
    assert (out / "left_out.tsv").read_text() == (
        "path\twhy\n4.png\tnobody can read it\n5.png\tno text\n"
    )
    assert found.lines == {"train": 2, "stop": 1, "judge": 0}
    assert found.left_out == {"unreadable": 1, "not_text": 1}
    assert (found.unanswered, found.turned, found.lying, found.mended) == (1, 1, 1, (1, 3))
    assert not found.again and not tally


def test_more_answers_to_one_queue_go_into_the_same_folder(
    queue: Any, answers: Any, tmp_path: Path
) -> None:
    made, out = queue(ROWS), tmp_path / "labelled"
    label(made, [answers(made, SAID)], out, Tally())
    more = answers(made, {"6.png": ("text", "6")}, "more.json")
    found = label(made, [read_answers(tmp_path / "answers.json"), more], out, Tally())
    assert found.lines == {"train": 2, "stop": 1, "judge": 1} and found.unanswered == 0


def test_answers_that_differ_are_asked_again_and_a_third_settles_them(
    queue: Any, answers: Any, tmp_path: Path
) -> None:
    made = queue(ROWS)
    one = answers(made, SAID, "one.json", by="a")
    two = answers(made, {**SAID, "2.png": ("text", "2Z")}, "two.json", by="b")
    found = label(made, [one, two], tmp_path / "labelled", Tally())
    assert [row.path for row in found.again] == ["2.png"]
    assert (found.agreement.asked_twice, found.agreement.alike) == (5, 4)
    assert found.lines["train"] == 1
    three = answers(made, {"2.png": ("text", "2Z")}, "three.json", by="c")
    settled = label(made, [one, two, three], tmp_path / "labelled", Tally())
    assert settled.lines["train"] == 2 and not settled.again
    assert "crops/2.png\t2Z\n" in (tmp_path / "labelled/rec_gt.txt").read_text(encoding="utf-8")


def test_a_crop_that_was_changed_or_is_gone_is_left_out_and_counted(
    queue: Any, answers: Any, production: Path, tmp_path: Path
) -> None:
    made = queue(ROWS)
    image(production / "2.png", 77)
    (production / "3.png").unlink()
    tally = Tally()
    found = label(made, [answers(made, SAID)], tmp_path / "labelled", tally)
    assert found.lines == {"train": 1, "stop": 0, "judge": 0}
    assert tally.as_dict() == {"changed": 1, "missing": 1}


def test_answers_to_another_queue_or_to_another_role_are_refused(
    queue: Any, answers: Any, tmp_path: Path
) -> None:
    made = queue(ROWS)
    said = answers(made, SAID)
    other = queue(ROWS[:3])
    with pytest.raises(InputError, match="answers another queue"):
        label(other, [said], tmp_path / "labelled", Tally())
    changed = (tmp_path / "answers.json").read_text(encoding="utf-8")
    changed = changed.replace('"role": "judge"', '"role": "train"')
    changed = changed.replace(made.record.queue_sha256, other.record.queue_sha256)
    (tmp_path / "answers.json").write_text(changed, encoding="utf-8")
    with pytest.raises(InputError, match="no crop"):
        label(other, [read_answers(tmp_path / "answers.json")], tmp_path / "labelled", Tally())
    again = queue(ROWS)
    (tmp_path / "answers.json").write_text(
        changed.replace(other.record.queue_sha256, again.record.queue_sha256), encoding="utf-8"
    )
    with pytest.raises(InputError, match="another path or role"):
        label(again, [read_answers(tmp_path / "answers.json")], tmp_path / "labelled", Tally())
    assert not (tmp_path / "labelled").exists()


def test_a_folder_of_somebody_else_is_refused(queue: Any, answers: Any, tmp_path: Path) -> None:
    made = queue(ROWS)
    (tmp_path / "labelled").mkdir()
    (tmp_path / "labelled" / "rec_gt.txt").write_text("mine\n")
    with pytest.raises(InputError, match="holds other files"):
        label(made, [answers(made, SAID)], tmp_path / "labelled", Tally())
    assert (tmp_path / "labelled" / "rec_gt.txt").read_text() == "mine\n"


SURE = [(f"c{at:03}.png", "confirm", "train", f"{at}") for at in range(239)]


def confirmed(count: int, wrong: int = 0) -> dict[str, Reply]:
    return {
        path: ("text", f"{text}x" if at < wrong else text)
        for at, (path, _, _, text) in enumerate(SURE[:count])
    }


@pytest.fixture
def accepting(queue: Any, production: Path) -> Queue:
    """Return a queue whose sure readings may be taken: 239 to be asked for, and ten more."""
    made: Queue = queue([*ROWS, *SURE], accept=0.02)
    more = [Accepted(f"more{at}.png", f"m{at}") for at in range(10)]
    for at, one in enumerate(more):
        image(production / one.path, 1000 + at)
    write_accepted(made.folder, [Accepted(path, text) for path, _, _, text in SURE] + more)
    return made


def test_the_page_asks_for_no_more_sure_readings_than_are_needed(accepting: Queue) -> None:
    rows = list(first_page(accepting.rows))
    assert sum(row.part == "confirm" for row in rows) == 125
    assert len(rows) == len(ROWS) + 125


@pytest.mark.parametrize(
    ("count", "wrong", "accepted", "again"),
    [(125, 0, 124, 0), (125, 1, 0, 60), (185, 1, 64, 0), (125, 9, 0, 0), (124, 0, 0, 0)],
)
def test_sure_readings_are_taken_once_enough_are_confirmed(
    accepting: Queue,
    answers: Any,
    tmp_path: Path,
    count: int,
    wrong: int,
    accepted: int,
    again: int,
) -> None:
    said = answers(accepting, {**SAID, **confirmed(count, wrong)})
    found = label(accepting, [said], tmp_path / "labelled", Tally())
    assert found.accepted == accepted and len(found.again) == again
    assert found.lines == {"train": 2 + count + accepted, "stop": 1, "judge": 0}
    pseudo = tmp_path / "labelled" / "pseudo.txt"
    assert pseudo.exists() == bool(accepted)
    if accepted:
        assert len(pseudo.read_text().splitlines()) == accepted
    roles = read_line_roles(tmp_path / "labelled" / "roles.tsv").values()
    assert {row.role for row in roles if "/c" in row.path or "/more" in row.path} == {"train"}


@pytest.fixture
def chain(production: Path, tmp_path: Path) -> Callable[..., Queue]:
    """Return a function that writes a further queue, after those that are named."""

    def write(rows: Sequence[tuple[str, str, str, str]], *earlier: Queue, name: str = "") -> Queue:
        number = len(earlier) + 1
        images = tmp_path / f"production{number}" if name else production
        queued = []
        for at, (path, part, role, text) in enumerate(rows):
            if not (images / path).is_file():
                image(images / path, 100 * number + at)
            sha256 = sha256_of(images / path)
            queued.append(Queued(id_of(path), path, sha256, path, part, role, text))  # type: ignore[arg-type]
        folder = tmp_path / f"queue{number}{name}"
        folder.mkdir()
        record = QueueRecord(f"../{images.name}", "base", "", "", 1, 9, 0, 0, 0, None, 0)
        hashes = tuple(queue.record.queue_sha256 for queue in earlier)
        return write_queue(folder, replace(record, earlier=hashes), queued)

    return write


LATER = [
    ("2.png", "chosen", "train", "x2"),
    ("8.png", "random", "judge", "88"),
    ("9.png", "random", "stop", ""),
]
LATER_SAID: dict[str, Reply] = {
    "2.png": ("text", "x2", 180),
    "8.png": ("text", "88"),
    "9.png": ("unreadable", ""),
}


def state(out: Path) -> dict[str, bytes]:
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_lines_of_a_later_queue_join_and_nothing_that_was_there_changes(
    chain: Any, answers: Any, tmp_path: Path
) -> None:
    out = tmp_path / "labelled"
    first = chain(ROWS)
    label(first, [answers(first, SAID, "a1.json")], out, Tally())
    alone, roles_before = state(out), read_line_roles(out / "roles.tsv")
    assert json.loads(alone["collected.json"])["version"] == 1
    # Its crops lie in another folder, and one has the name of one of the first queue.
    second = chain(LATER, first, name="b")
    tally = Tally()
    found = label(second, [answers(second, LATER_SAID, "a2.json")], out, tally)
    assert found.before == {"train": 2, "stop": 1, "judge": 0}
    assert found.lines == {"train": 1, "stop": 0, "judge": 1} and not tally
    lines = {line.path: line.label for line in read_labels(out / "rec_gt.txt", tally=Tally())}
    assert lines == {
        **{"crops/값/1.png": "값1", "crops/2.png": "22", "crops/3.png": "33"},
        **{"crops/queue-2/2.png": "x2", "crops/queue-2/8.png": "88"},
    }
    roles = read_line_roles(out / "roles.tsv")
    assert roles.items() >= roles_before.items() and len(roles) == 5
    assert all(sha256_of(out / row.path) == sha256 for sha256, row in roles.items())
    after = state(out)
    assert all(after[name] == alone[name] for name in alone if name.startswith("crops/"))
    assert after["left_out.tsv"].decode().splitlines()[1:] == [
        "4.png\tnobody can read it",
        "5.png\tno text",
        "queue-2/9.png\tnobody can read it",
    ]
    record = json.loads(after["collected.json"])
    assert record["version"] == 2
    assert [one["queue"] for one in record["queues"]] == [
        first.record.queue_sha256,
        second.record.queue_sha256,
    ]
    # More answers to either queue, whichever came last, leave the other as it is.
    more = answers(first, {**SAID, "6.png": ("text", "6")}, "a3.json")
    again = label(first, [more], out, Tally())
    assert (again.lines["judge"], again.before["judge"]) == (1, 1)
    label(second, [read_answers(tmp_path / "a2.json")], out, Tally())
    label(first, [read_answers(tmp_path / "a1.json")], out, Tally())
    last = state(out)
    assert {k: v for k, v in last.items() if k != "crops/6.png"} == after


def test_queues_join_in_any_order(chain: Any, answers: Any, tmp_path: Path) -> None:
    first = chain(ROWS)
    second = chain(LATER, first, name="b")
    third = chain([("c.png", "chosen", "train", "c")], first, second, name="c")
    said = {
        **{1: (first, SAID), 2: (second, LATER_SAID), 3: (third, {"c.png": ("text", "c")})},
    }
    files = {number: answers(*pair, f"a{number}.json") for number, pair in said.items()}
    states = []
    for order in ((1, 2, 3), (3, 1, 2), (2, 3, 1)):
        out = tmp_path / "-".join(map(str, order))
        for number in order:
            label(said[number][0], [files[number]], out, Tally())
        states.append(state(out))
    assert states[0] == states[1] == states[2]
    assert "crops/queue-3/c.png" in states[0] and "crops/queue-2/8.png" in states[0]


def test_an_image_that_has_a_line_keeps_it_and_its_role(
    chain: Any, answers: Any, production: Path, tmp_path: Path
) -> None:
    out = tmp_path / "labelled"
    first = chain(ROWS)
    label(first, [answers(first, SAID, "a1.json")], out, Tally())
    before = read_line_roles(out / "roles.tsv")
    shutil.copy(production / "3.png", production / "other-name.png")
    later = chain([("other-name.png", "chosen", "train", "3")], first)
    tally = Tally()
    found = label(later, [answers(later, {"other-name.png": ("text", "3")}, "a2.json")], out, tally)
    assert tally.as_dict() == {"labelled_before": 1} and found.lines["train"] == 0
    assert read_line_roles(out / "roles.tsv") == before


def test_lines_of_a_queue_that_knew_nothing_of_the_first_do_not_join(
    chain: Any, answers: Any, tmp_path: Path
) -> None:
    out = tmp_path / "labelled"
    first = chain(ROWS)
    second = chain(LATER, first, name="b")
    other = chain([("z.png", "chosen", "train", "z")], first, name="other")
    label(second, [answers(second, LATER_SAID, "a.json")], out, Tally())
    before = state(out)
    with pytest.raises(InputError, match="holds the lines of another queue") as refused:
        label(other, [answers(other, {"z.png": ("text", "z")}, "b.json")], out, Tally())
    assert "--earlier" in str(refused.value) and state(out) == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"version": 3}', "of version 3, this program reads 1 and 2"),
        ('{"version": 2, "queues": [{}]}', "is no record of the labelled lines"),
        ('{"version": 1, "lines": {}}', "is no record of the labelled lines"),
        ("[]", "of version None"),
    ],
)
def test_a_record_of_labelled_lines_that_is_none_is_refused(
    content: str, message: str, chain: Any, answers: Any, tmp_path: Path
) -> None:
    out = tmp_path / "labelled"
    out.mkdir()
    (out / "collected.json").write_text(content)
    first = chain(ROWS)
    with pytest.raises(InputError, match=message):
        label(first, [answers(first, SAID)], out, Tally())
