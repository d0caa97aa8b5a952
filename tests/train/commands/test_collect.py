"""`train collect` as a user calls it: a queue, answers, labelled lines that the next step takes."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import run_here
from textlines.formats.line_roles import read_line_roles
from train.collect.queue import Queue, read_queue

TEXTS = ("1a.b", "값1", "l1 a", "ab", "1.1", "aa", "b.l", "값값", "a1", "ll.")


@pytest.fixture
def crops(tiny: Any, production: Path) -> Path:
    """Return a folder of crops, some of which hang by a thread."""
    for number in range(60):
        text = TEXTS[number % len(TEXTS)]
        doubted = text[0] + "~" + text[1:] if number % 6 == 0 and text[0] != " " else text
        tiny.crop(production / f"crops/{number:02}.png", doubted, height=48 + number)
    return production


def said(queue: Queue, kinds: Callable[[Any], tuple[str, str]]) -> dict[str, Any]:
    rows = []
    for row in queue.rows:
        kind, text = kinds(row)
        rows.append(
            {
                **{"id": row.id, "path": row.path, "role": row.role, "kind": kind, "text": text},
                **{"turn": 0, "shown": row.text, "seconds": 2.0},
            }
        )
    return {
        **{"format": "ocr-mend answers", "version": 1, "by": "", "answers": rows},
        "queue": queue.record.queue_sha256,
    }


def test_from_crops_to_labelled_lines(tiny: Any, crops: Path, tmp_path: Path) -> None:
    queue, out = tmp_path / "queue", tmp_path / "labelled"
    call = ("train", "collect", "--model", tiny.path, "--images", crops, "--out", queue)
    done = run_here(*call, "--budget", "20")
    assert done.returncode == 0, done.stderr
    assert "to label: 20 crops" in done.stdout and "10 to train on, chosen" in done.stdout
    assert "no verdict: 60 lines that judge are the least" in done.stdout
    assert f"train collect {queue} --answers answers.json --out labelled/" in done.stdout
    page = (queue / "label.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and str(tmp_path) not in page
    made = read_queue(queue)
    assert made.count(part="random", role="stop") == 10
    # What was read is not read again: the same queue, and the same page.
    before = (queue / "queue.jsonl").read_bytes()
    again = run_here(*call, "--budget", "20")
    assert again.returncode == 0 and (queue / "queue.jsonl").read_bytes() == before
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(said(made, lambda row: ("text", row.text or "1"))))
    taken = run_here("train", "collect", queue, "--answers", answers, "--out", out)
    assert taken.returncode == 0, taken.stderr
    assert "20 labelled lines" in taken.stdout
    assert f"next: make loop LABELS={out / 'rec_gt.txt'} IMAGES={out}" in taken.stdout
    roles = [row.role for row in read_line_roles(out / "roles.tsv").values()]
    assert sorted(roles) == ["stop"] * 10 + ["train"] * 10
    shared = run_here("train", "share", "--labels", out / "rec_gt.txt", "--out", tmp_path / "own")
    assert shared.returncode == 0, shared.stderr
    assert "20 with a role that was known" in shared.stdout
    # Crops that have a label are left aside by the next queue.
    more = run_here(
        *("train", "collect", "--model", tiny.path, "--images", crops, "--budget", "10"),
        *("--roles", out / "roles.tsv", "--out", tmp_path / "more"),
    )
    assert more.returncode == 0, more.stderr
    assert "20 have a label already" in more.stdout
    labelled = {row.path for row in made.rows}
    assert not labelled & {row.path for row in read_queue(tmp_path / "more").rows}


def test_a_further_queue_asks_for_other_crops_and_its_lines_join(
    tiny: Any, crops: Path, tmp_path: Path
) -> None:
    queues, out = [tmp_path / f"queue{number}" for number in (1, 2, 3)], tmp_path / "labelled"
    call = ("train", "collect", "--model", tiny.path, "--images", crops, "--budget", "20")

    def answered(queue: Path) -> Path:
        made, file = read_queue(queue), queue / "answers.json"
        file.write_text(json.dumps(said(made, lambda row: ("text", row.text or "1"))))
        return file

    assert run_here(*call, "--out", queues[0]).returncode == 0
    labelled = ("train", "collect", queues[0], "--answers", answered(queues[0]), "--out", out)
    assert run_here(*labelled).returncode == 0
    before = read_line_roles(out / "roles.tsv")
    for number in range(30):  # since then, at a rate of one in six: five
        tiny.crop(crops / f"crops/new-{number:02}.png", TEXTS[number % 9], height=130 + 3 * number)
    done = run_here(*call, "--earlier", queues[0], "--out", queues[1])
    assert done.returncode == 0, done.stderr
    assert "after 1 earlier queue: 20 were asked for before, 30 have arrived since" in done.stdout
    first, second = read_queue(queues[0]), read_queue(queues[1])
    assert {row.sha256 for row in first.rows}.isdisjoint(row.sha256 for row in second.rows)
    random = [row for row in second.rows if row.part == "random"]
    assert len(random) == 5 and all("/new-" in row.path for row in random)
    third = run_here(*call, "--earlier", *queues[:2], "--out", queues[2])
    assert third.returncode == 0 and "0 have arrived since" in third.stdout, third.stderr
    assert read_queue(queues[2]).count(part="random") == 0
    joined = run_here("train", "collect", queues[1], "--answers", answered(queues[1]), "--out", out)
    assert joined.returncode == 0, joined.stderr
    count = 20 + len(second.rows)
    assert f"{count} labelled lines, 20 of them of other queues" in joined.stdout
    roles = read_line_roles(out / "roles.tsv")
    assert roles.items() >= before.items() and len(roles) == count
    alone = run_here(*call, "--earlier", queues[1], "--out", tmp_path / "queue4")
    assert alone.returncode == 2 and "Name all earlier queues" in alone.stderr
    assert not (tmp_path / "queue4").exists()


def test_a_killed_reading_goes_on(tiny: Any, crops: Path, tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    call = ("train", "collect", "--model", tiny.path, "--images", crops, "--out", queue)
    assert run_here(*call).returncode == 0
    readings = queue / "readings.jsonl"
    whole = readings.read_bytes()
    readings.write_bytes(whole[: len(whole) * 2 // 3])
    (queue / "queue.json").unlink()
    assert run_here(*call).returncode == 0
    assert sorted(readings.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_a_crop_that_changed_before_others_were_read_is_read_again(
    tiny: Any, crops: Path, tmp_path: Path
) -> None:
    queue = tmp_path / "queue"
    call = ("train", "collect", "--model", tiny.path, "--images", crops, "--out", queue)
    assert run_here(*call).returncode == 0
    readings = queue / "readings.jsonl"
    (queue / "queue.json").unlink()
    tiny.crop(crops / "crops/00.png", "bbb")
    # What was read afterwards made the file of readings newer than the change.
    time.sleep(0.02)
    readings.write_bytes(readings.read_bytes())
    assert run_here(*call).returncode == 0
    rows = [json.loads(line) for line in readings.read_text(encoding="utf-8").splitlines()]
    texts = [row["own"][0][0] for row in rows if row["path"] == "crops/00.png"]
    assert len(texts) == 2 and texts[1] == "bbb"


def test_a_queue_of_another_model_is_refused(
    tiny: Any, make_tiny: Callable[..., Path], crops: Path, tmp_path: Path
) -> None:
    other = make_tiny(tmp_path / "other.onnx", upper=True)
    call = ("train", "collect", "--images", crops, "--out", tmp_path / "queue", "--model")
    assert run_here(*call, tiny.path).returncode == 0
    done = run_here(*call, other)
    assert done.returncode == 1 and "models differs" in done.stderr


def test_a_second_model_and_sure_readings(
    tiny: Any, make_tiny: Callable[..., Path], crops: Path, tmp_path: Path
) -> None:
    other = make_tiny(tmp_path / "other.onnx", entries=("값", "l", "1", "a", "b", "."))
    done = run_here(
        *("train", "collect", "--model", tiny.path, "--second", other, "--images", crops),
        *("--budget", "8", "--accept", "0.9", "--blind", "judge", "--language", "ko"),
        *("--out", tmp_path / "queue", "--html", tmp_path / "page.html"),
    )
    assert done.returncode == 0, done.stderr
    assert "read by tiny.onnx and other.onnx" in done.stdout
    assert "the second model reads it otherwise" in done.stdout
    asked = read_queue(tmp_path / "queue").count(part="confirm")
    assert asked > 0 and f"{asked:>5} to confirm: of {asked} readings" in done.stdout
    assert 'lang="ko"' in (tmp_path / "page.html").read_text(encoding="utf-8")[:200]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "--out: is missing"),
        (("--out", "q"), 2, "--model: is missing"),
        (("--out", "q", "--model", "m.onnx"), 2, "name no source of crops"),
        (("--out", "q", "--answers", "a.json"), 2, "need the folder of their queue"),
        (("q", "--out", "o", "--answers", "a.json", "--model", "m"), 2, "no place beside"),
        (("q", "--out", "o", "--answers", "a.json", "--earlier", "e"), 2, "no place beside"),
        (("--out", "q", "--model", "m", "--images", "i", "--earlier", "e"), 1, "no queue.json"),
        (("q", "--out", "o"), 2, "is a queue without --answers"),
        (("q", "--out", "o", "--answers", "a.json"), 1, "holds no queue.json"),
        (("--out", "q", "--model", "m.onnx", "--images", "i", "--pages", "p"), 2, "two sources"),
        (("--out", "q", "--model", "m", "--images", "i", "--second", "m"), 2, "the model itself"),
        (
            ("--out", "q", "--model", "m.onnx", "--images", "i", "--stop", "90"),
            2,
            "more than the 50 labels",
        ),
    ],
)
def test_wrong_calls_say_what_is_missing(
    arguments: tuple[str, ...], code: int, told: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run_here("train", "collect", *arguments)
    assert done.returncode == code and told in done.stderr, done.stderr
    assert not (tmp_path / "q").exists() and not (tmp_path / "o").exists()
