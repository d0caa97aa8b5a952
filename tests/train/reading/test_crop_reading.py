import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from textlines.errors import InputError
from textlines.formats.predictions import Outcome
from train.reading import crop_reading as job
from train.reading.crop_reading import read_all, read_crops
from train.reading.model_opening import Opened, open_model

TEXTS = [
    "값 1",
    "1l1",
    "a",
    "b.b",
    "l",
    "a b",
    "값값",
    "1.1",
    ".",
    "a1b l값.",
    "1l1l1l1l1l1l1l1l1l1l",
]


@pytest.fixture
def opened(tiny: Any) -> Opened:
    return open_model(str(tiny.path))


@pytest.fixture
def crops(tiny: Any, tmp_path: Path) -> list[str]:
    paths = [f"crops/{number}.png" for number in range(len(TEXTS))]
    for path, text in zip(paths, TEXTS, strict=True):
        tiny.crop(tmp_path / "set" / path, text)
    return paths


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return tmp_path / "set"


def test_crops_are_read(opened: Opened, crops: list[str], images: Path) -> None:
    done = read_all(opened, crops, images, workers=2)
    assert [one.text for one in done.outcomes] == TEXTS
    assert all(0.9 < one.score <= 1 for one in done.outcomes)
    assert [one.path for one in done.outcomes] == crops


@pytest.mark.parametrize("workers", [1, 3])
def test_order_and_company_change_nothing(
    opened: Opened, crops: list[str], images: Path, workers: int
) -> None:
    known = {one.path: one for one in read_all(opened, crops, images, workers=1).outcomes}
    shuffled = random.Random(7).sample(crops * 3, len(crops) * 3)
    found = read_all(opened, shuffled, images, workers=workers).outcomes
    assert list(found) == [known[path] for path in shuffled]


def test_unreadable_crops_are_counted_by_reason(
    opened: Opened, crops: list[str], images: Path
) -> None:
    (images / "crops/no.png").write_text("text")
    (images / "crops/empty.png").write_bytes(b"")
    whole = (images / crops[0]).read_bytes()
    (images / "crops/cut.png").write_bytes(whole[: len(whole) // 2])
    paths = [*crops, "crops/no.png", "crops/empty.png", "crops/cut.png", "crops/gone.png"]
    done = read_all(opened, paths, images, workers=2)
    assert done.faults() == {"empty": 1, "missing": 1, "not_an_image": 1, "truncated": 1}
    assert "crop cut short, left out: 1 of 15 (first: crops/cut.png)" in done.unreadable()
    assert [one.text for one in done.outcomes[: len(TEXTS)]] == TEXTS


def test_no_crop_there_asks_for_images(opened: Opened, crops: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds none of the 11 crops.*Is --images right\?"):
        read_all(opened, crops, tmp_path, workers=1)
    with pytest.raises(InputError, match="labels: name no crop"):
        read_all(opened, [], tmp_path, workers=1)


def test_no_crop_readable_is_an_error(opened: Opened, images: Path) -> None:
    images.mkdir()
    (images / "a.png").write_text("text")
    with pytest.raises(InputError, match=r"holds no crop that can be read \(crop that is no image"):
        read_all(opened, ["a.png"], images, workers=1)


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "SHARD", 4)


@pytest.mark.usefixtures("small_shards")
def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(
    opened: Opened, crops: list[str], images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole.jsonl"
    read_all(opened, crops, images, workers=2, out=whole)
    out = tmp_path / "killed" / "predictions.jsonl"
    asked: list[str] = []

    def killed_after_five(engine: Any, paths: Any, folder: Path, workers: int) -> Any:
        asked.extend(paths)
        for number, chunk in enumerate(read_crops(engine, paths, folder, workers)):
            for one in chunk:
                if number == 0 and one.path == crops[5]:
                    raise KeyboardInterrupt
                yield [one]

    monkeypatch.setattr(job, "read_crops", killed_after_five)
    with pytest.raises(KeyboardInterrupt):
        read_all(opened, crops, images, workers=2, out=out)
    folder = out.with_suffix("")
    assert sorted(path.name for path in folder.iterdir()) == ["0000.jsonl", "reading.json"]
    assert not out.exists()
    asked.clear()
    monkeypatch.setattr(
        job, "read_crops", lambda e, p, f, w: (asked.extend(p), read_crops(e, p, f, w))[1]
    )
    done = read_all(opened, crops, images, workers=2, out=out)
    assert done.resumed == 4
    assert asked == crops[4:]
    assert out.read_bytes() == whole.read_bytes()
    asked.clear()
    assert read_all(opened, crops, images, workers=2, out=out).resumed == len(crops)
    assert asked == []


@pytest.mark.usefixtures("small_shards")
def test_only_shards_that_still_hold_are_used_again(
    opened: Opened, tiny: Any, crops: list[str], images: Path, tmp_path: Path
) -> None:
    out = tmp_path / "predictions.jsonl"
    read_all(opened, crops, images, workers=1, out=out)
    shards = sorted((tmp_path / "predictions").glob("0*.jsonl"))
    for shard in shards:
        os.utime(shard, ns=(10**18, 2 * 10**18))  # long after the crops were made
    tiny.crop(images / crops[0], "bbb")
    late = shards[2].stat().st_mtime_ns + 10**9
    os.utime(images / crops[0], ns=(late, late))
    shards[1].write_text("broken\n")
    done = read_all(opened, crops, images, workers=1, out=out)
    assert done.resumed == 3
    assert [one.text for one in done.outcomes] == ["bbb", *TEXTS[1:]]
    longer = read_all(opened, [*crops[:8], crops[0]], images, workers=1, out=out)
    assert len(longer.outcomes) == 9


def test_predictions_of_another_reading_are_not_mixed(
    opened: Opened, make_tiny: Any, crops: list[str], images: Path, tmp_path: Path
) -> None:
    out = tmp_path / "predictions.jsonl"
    read_all(opened, crops, images, workers=1, out=out)
    other = open_model(str(make_tiny(tmp_path / "b.onnx", entries=[*"abcdef"])))
    with pytest.raises(InputError, match=r"holds predictions of another reading \(files, model"):
        read_all(other, crops, images, workers=1, out=out)
    with pytest.raises(InputError, match=r"has no ending\. Name a file: .*plain\.jsonl"):
        read_all(opened, crops, images, workers=1, out=tmp_path / "plain")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds files but no reading\.json"):
        read_all(opened, crops, images, workers=1, out=tmp_path / "own.jsonl")


def test_predictions_are_lines_of_json(
    opened: Opened, crops: list[str], images: Path, tmp_path: Path
) -> None:
    out = tmp_path / "predictions.jsonl"
    read_all(opened, [crops[0], "gone.png"], images, workers=1, out=out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert rows[0]["text"] == "값 1"
    assert rows[1] == {"path": "gone.png", "fault": "missing"}


def test_progress_is_told(opened: Opened, crops: list[str], images: Path) -> None:
    told: list[tuple[int, int, str]] = []
    read_all(opened, [*crops, "gone"], images, workers=1, watch=lambda *state: told.append(state))
    assert told[0] == (0, 12, "")
    assert told[-1] == (12, 12, "1 unreadable")


def test_an_outcome_survives_its_row() -> None:
    from textlines.formats.predictions import outcome_of, row_of

    for one in (Outcome("a", "값 \u2028", 0.25), Outcome("b", fault="broken"), Outcome("c")):
        assert outcome_of(row_of(one)) == one
    for bad in ('{"path": "a"}', "[]", "3", '{"path": "a", "fault": "odd"}', "{"):
        with pytest.raises(ValueError):
            outcome_of(bad)
