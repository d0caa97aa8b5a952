"""`synth generate --boxes --masks`: beside the labels, the same bytes for any workers, packed."""

import hashlib
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from textlines.formats.line_boxes import read_boxes

Run = Callable[..., Any]
Options = Callable[[int], list[str]]
COUNT = 70


@pytest.fixture
def boxed(tmp_path: Path, quick_run: Options, synth_here: Run) -> Path:
    """Draw a small run with boxes and masks."""
    words = ("--boxes", "--masks", "--workers", 1, "--out", tmp_path / "run")
    ended = synth_here(*quick_run(COUNT), *words)
    assert ended.code == 0, ended.err
    return tmp_path / "run"


def test_boxes_and_masks_lie_beside_the_labels(boxed: Path) -> None:
    labels = (boxed / "rec_gt_train.txt").read_text(encoding="utf-8").splitlines()
    rows = list(read_boxes(boxed / "boxes.jsonl"))
    assert [f"{row.image}\t{row.text}" for row in rows] == labels
    assert all(len(row.boxes) == len(row.text) for row in rows)
    masks = sorted(path.relative_to(boxed).as_posix() for path in boxed.glob("masks/*/*"))
    assert masks == [row.mask for row in rows]
    record = json.loads((boxed / "run.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256((boxed / "boxes.jsonl").read_bytes()).hexdigest()
    assert record["outputs"]["boxes.jsonl"] == digest
    assert record["configuration"]["boxes"] is record["configuration"]["masks"] is True


def test_any_workers_write_the_same_and_images_are_as_without(
    boxed: Path,
    tmp_path: Path,
    quick_run: Options,
    run_synth: Run,
    contents_of: Callable[[Path], dict[str, str]],
) -> None:
    for name, words in (("two", ("--boxes", "--masks")), ("none", ())):
        ended = run_synth(*quick_run(COUNT), *words, "--workers", 2, "--out", tmp_path / name)
        assert ended.code == 0, ended.err
    assert contents_of(tmp_path / "two") == contents_of(boxed)
    plain, with_boxes = contents_of(tmp_path / "none"), contents_of(boxed)
    images = [name for name in plain if name.startswith("images/") or name == "rec_gt_train.txt"]
    assert {name: plain[name] for name in images} == {name: with_boxes[name] for name in images}
    assert not any(name.startswith(("masks", "boxes")) for name in plain)


def test_a_run_without_boxes_does_not_go_on_as_one_with_them(
    tmp_path: Path, draw_run: Callable[[int], Path], quick_run: Options, synth_here: Run
) -> None:
    out = draw_run(4)
    ended = synth_here(*quick_run(4), "--boxes", "--workers", 1, "--out", out)
    assert ended.code == 1
    assert "holds another run; it differs in boxes (None, not True)" in ended.err


def test_lines_that_are_left_out_have_no_boxes(
    boxed: Path, tmp_path: Path, synth_here: Run
) -> None:
    (tmp_path / "bad.txt").write_text("images/0000/000003.jpg\n")
    assert synth_here("merge", boxed, "--without", tmp_path / "bad.txt").code == 0
    names = [row.image for row in read_boxes(boxed / "boxes.jsonl")]
    assert len(names) == COUNT - 1 and "images/0000/000003.jpg" not in names


def test_a_missing_mask_is_named_and_drawn_again(boxed: Path, synth_here: Run) -> None:
    mask = boxed / "masks/0000/000002.png"
    before = mask.read_bytes()
    mask.unlink()
    ended = synth_here("merge", boxed)
    assert ended.code == 1
    assert "000002.png: is named by a finished shard but is not there" in ended.err
    assert synth_here("redraw", boxed, "--index", 2).code == 0
    assert mask.read_bytes() == before
    mask.write_bytes(b"other")
    ended = synth_here("redraw", boxed, "--index", 2)
    assert ended.code == 1 and "differs from the ink of sample 2 as drawn now" in ended.err
    ended = synth_here("pack", boxed, "--out", boxed.parent / "run.tar")
    assert ended.code == 1 and "000002.png: is not the image that was drawn" in ended.err


def test_a_tar_holds_boxes_and_masks_and_a_webdataset_both_beside_each_image(
    boxed: Path, tmp_path: Path, synth_here: Run
) -> None:
    for form in ("tar", "webdataset"):
        ended = synth_here("pack", boxed, "--out", tmp_path / f"{form}.tar", "--form", form)
        assert ended.code == 0, ended.err
    with tarfile.open(tmp_path / "tar.tar") as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(tmp_path / "open", filter="data")
        else:  # a Python before 3.11.4, which knows no filter
            tar.extractall(tmp_path / "open")
    opened = tmp_path / "open"
    assert (opened / "boxes.jsonl").read_bytes() == (boxed / "boxes.jsonl").read_bytes()
    rows = list(read_boxes(opened / "boxes.jsonl"))
    assert all((opened / row.mask).read_bytes() == (boxed / row.mask).read_bytes() for row in rows)
    with tarfile.open(tmp_path / "webdataset.tar") as tar:
        names = tar.getnames()
        assert names[:4] == ["000000.jpg", "000000.txt", "000000.json", "000000.mask.png"]
        file = tar.extractfile("000005.json")
        assert file is not None
        assert [tuple(box) for box in json.load(file)["boxes"]] == list(rows[5].boxes)
    again = synth_here("pack", boxed, "--out", tmp_path / "tar.tar")
    assert again.code == 0, again.err
