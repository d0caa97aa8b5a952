"""The same files for any number of workers, in shards, killed, and drawn again."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[3]
SAMPLES = 2150

Run = Callable[..., Any]
Contents = Callable[[Path], dict[str, str]]
Options = Callable[[int], list[str]]


@pytest.fixture(scope="module")
def whole(
    cache_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    quick_options: Callable[[Path, int], list[str]],
) -> Path:
    """Draw the run with one worker. Left as it is by the tests."""
    folder = tmp_path_factory.mktemp("whole")
    synth = str(Path(sys.executable).with_name("synth"))
    options = [*quick_options(folder, SAMPLES), "--workers", "1", "--out", str(folder / "run")]
    done = subprocess.run([synth, *options], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "run"


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    """Copy the run, for tests that change it."""
    return Path(shutil.copytree(whole, tmp_path / "copied"))


def test_every_file_is_there_and_is_named(whole: Path) -> None:
    labels = (whole / "rec_gt_train.txt").read_text().splitlines()
    rows = [json.loads(line) for line in (whole / "manifest.jsonl").read_text().splitlines()]
    plan = [json.loads(line) for line in (whole / "plan.jsonl").read_text().splitlines()]
    images = {path.relative_to(whole).as_posix() for path in whole.glob("images/*/*")}
    assert [line.split("\t") for line in labels] == [[row["image"], row["text"]] for row in rows]
    assert [row["text"] for row in plan] == [row["text"] for row in rows]
    assert {row["image"] for row in rows} == images
    assert len(images) == SAMPLES
    record = json.loads((whole / "run.json").read_text())
    assert set(record["outputs"]) == {"plan.jsonl", "rec_gt_train.txt", "manifest.jsonl"}
    assert record["counts"]["samples"] == SAMPLES


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_do_not_change_a_byte(
    workers: int,
    whole: Path,
    tmp_path: Path,
    quick_run: Options,
    run_synth: Run,
    contents_of: Contents,
) -> None:
    out = tmp_path / "other"
    ended = run_synth(*quick_run(SAMPLES), "--workers", workers, "--out", out)
    assert ended.code == 0, ended.err
    assert contents_of(out) == contents_of(whole)


def test_shards_in_any_order_make_the_whole(
    whole: Path, tmp_path: Path, quick_run: Options, synth_here: Run, contents_of: Contents
) -> None:
    out = tmp_path / "parts"
    for share, code in (("2/3", 0), ("0/3", 0)):
        ended = synth_here(*quick_run(SAMPLES), "--workers", 1, "--shard", share, "--out", out)
        assert ended.code == code
        assert "other shards are missing" in ended.out
        assert not (out / "rec_gt_train.txt").exists()
    early = synth_here("merge", out)
    assert early.code == 1
    assert "1 of 3 shards is missing: 1" in early.err
    last = synth_here(*quick_run(SAMPLES), "--workers", 1, "--shard", "1/3", "--out", out)
    assert last.code == 0
    assert contents_of(out) == contents_of(whole)
    (out / "rec_gt_train.txt").unlink()
    (out / "manifest.jsonl").unlink()
    merged = synth_here("merge", out)
    assert merged.code == 0
    assert f"{SAMPLES:,} images" in merged.out
    assert contents_of(out) == contents_of(whole)


def test_shares_work_in_one_folder_at_the_same_time(
    whole: Path, tmp_path: Path, quick_run: Options, start_synth: Run, contents_of: Contents
) -> None:
    out = tmp_path / "shared"
    runs = [
        start_synth(*quick_run(SAMPLES), "--workers", 1, "--shard", f"{part}/3", "--out", out)
        for part in range(3)
    ]
    ends = [(run.communicate(timeout=300)[1], run.returncode) for run in runs]
    assert [code for _, code in ends] == [0, 0, 0], ends
    assert contents_of(out) == contents_of(whole)


def test_twenty_kills_lose_nothing(cache_home: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, str(REPOSITORY / "benchmarks" / "kill.py")),
            *("--kills", "20", "--seed", "2", "--folder", str(tmp_path), "--json"),
        ],
        capture_output=True,
        text=True,
        timeout=1200,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert done.stdout, done.stderr
    figures = json.loads(done.stdout)
    assert figures["faults"] == []
    assert figures["kills"] == 20
    assert set(figures["of"]) == {"the run", "a worker", "all"}
    assert figures["runs completed"] >= 1
    assert done.returncode == 0


def test_a_sample_is_drawn_again_with_the_same_bytes(
    copied: Path, tmp_path: Path, synth_here: Run
) -> None:
    image = copied / "images" / "0001" / "001123.jpg"
    data = image.read_bytes()
    checked = synth_here("redraw", copied, "--index", 1123)
    assert checked.code == 0, checked.err
    assert "the same bytes" in checked.out
    elsewhere = tmp_path / "one.jpg"
    assert synth_here("redraw", copied, "--index", 1123, "--out", elsewhere).code == 0
    assert elsewhere.read_bytes() == data
    image.unlink()
    assert synth_here("redraw", copied, "--index", 1123).code == 0
    assert image.read_bytes() == data


def test_a_changed_image_is_noticed_and_left(copied: Path, synth_here: Run) -> None:
    image = copied / "images" / "0000" / "000007.jpg"
    image.write_bytes(b"other")
    ended = synth_here("redraw", copied, "--index", 7)
    assert ended.code == 1
    assert "000007.jpg: differs from sample 7 as drawn now" in ended.err
    assert image.read_bytes() == b"other"


def test_no_such_sample(copied: Path, synth_here: Run) -> None:
    for index in (-1, SAMPLES):
        ended = synth_here("redraw", copied, "--index", index)
        assert ended.code == 2
        assert f"--index {index}: is not from 0 to {SAMPLES - 1}" in ended.err


def test_two_plans_of_one_seed_have_looks_of_their_own(
    tmp_path: Path, quick_run: Options, synth_here: Run
) -> None:
    options = [*quick_run(40), "--workers", 1]
    assert synth_here(*options, "--out", tmp_path / "one").code == 0
    texts = tmp_path / "texts.txt"
    texts.write_text(texts.read_text().replace("0037", "0038", 1))
    assert synth_here(*options, "--out", tmp_path / "other").code == 0
    one, other = (
        [json.loads(line) for line in (tmp_path / name / "manifest.jsonl").open(encoding="utf-8")]
        for name in ("one", "other")
    )
    pairs = list(zip(one, other, strict=True))
    assert sum(a["text"] == b["text"] for a, b in pairs) == 39
    assert not any(a["sha256"] == b["sha256"] for a, b in pairs)
    # A sample is drawn again by the plan that stands in its own folder.
    again = synth_here("redraw", tmp_path / "other", "--index", 5)
    assert again.code == 0 and "the same bytes" in again.out
