"""`synth pack`: what a run packs to, and that it is the same wherever the run was drawn."""

import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from textlines.labels.lmdb_store import read_lmdb
from textlines.labels.tally import Tally

Run = Callable[..., Any]
Options = Callable[[int], list[object]]

COUNT = 12


@pytest.fixture
def drawn(draw_run: Callable[[int], Path]) -> Path:
    """Draw a small run."""
    return draw_run(COUNT)


def test_a_tar_unpacks_to_the_data_folder(drawn: Path, tmp_path: Path, run_synth: Run) -> None:
    ended = run_synth("pack", drawn, "--out", tmp_path / "run.tar")
    assert ended.code == 0, ended.err
    assert ended.out.startswith(f"{COUNT} images in {tmp_path / 'run.tar'} (sha256 ")
    with tarfile.open(tmp_path / "run.tar") as tar:
        members = tar.getmembers()
        # Without filters, which the first releases of Python 3.11 lack: no name leads out.
        assert all(m.isfile() and ".." not in m.name and m.name[0] != "/" for m in members)
        tar.extractall(tmp_path / "there")
    names = [member.name for member in members]
    assert names[:2] == ["rec_gt_train.txt", "manifest.jsonl"]
    assert names[2:] == sorted(names[2:])
    assert {(m.mtime, m.uid, m.gid, m.uname, m.mode) for m in members} == {(0, 0, 0, "", 0o644)}
    for name in names:
        assert (tmp_path / "there" / name).read_bytes() == (drawn / name).read_bytes()


def test_an_lmdb_holds_images_and_labels_in_order(
    drawn: Path, tmp_path: Path, synth_here: Run
) -> None:
    ended = synth_here("pack", drawn, "--out", tmp_path / "run.lmdb", "--json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert (told["images"], told["form"]) == (COUNT, "lmdb")
    tally = Tally()
    found = list(read_lmdb(tmp_path / "run.lmdb", tally))
    lines = (drawn / "rec_gt_train.txt").read_text(encoding="utf-8").splitlines()
    assert [(drawn / line.split("\t")[0]).read_bytes() for line in lines] == [
        s.image for s in found
    ]
    assert [line.split("\t")[1] for line in lines] == [sample.label for sample in found]
    assert tally.as_dict() == {}


@pytest.mark.parametrize("form", ["tar", "lmdb", "webdataset", "parquet", "doctr", "gt-txt"])
def test_the_same_run_gives_the_same_bytes(
    form: str, drawn: Path, tmp_path: Path, quick_run: Options, synth_here: Run
) -> None:
    again = tmp_path / "again"
    assert synth_here(*quick_run(COUNT), "--workers", 2, "--out", again).code == 0
    for image in again.rglob("*.jpg"):
        os.utime(image, (1, 1))
        image.chmod(0o600)
    shas = set()
    for name, run in (("a", drawn), ("b", again)):
        ended = synth_here("pack", run, "--out", tmp_path / name, "--form", form, "--json")
        assert ended.code == 0, ended.err
        shas.add(json.loads(ended.out)["sha256"])
    assert len(shas) == 1


@pytest.mark.parametrize("form", ["tar", "lmdb"])
def test_packed_again_there_is_nothing_to_do_and_what_is_other_stays(
    form: str, drawn: Path, tmp_path: Path, quick_run: Options, synth_here: Run
) -> None:
    out = tmp_path / f"run.{form}"
    file = out if form == "tar" else out / "data.mdb"
    first = synth_here("pack", drawn, "--out", out, "--json")
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    again = synth_here("pack", drawn, "--out", out, "--json")
    assert (again.code, json.loads(again.out)) == (0, json.loads(first.out)), again.err
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    other = tmp_path / "other"
    assert synth_here(*quick_run(COUNT - 1), "--workers", 1, "--out", other).code == 0
    refused = synth_here("pack", other, "--out", out)
    assert refused.code == 1
    assert f"{out}: is already there and holds something else. Remove it" in refused.err
    assert file.read_bytes() == before[0]
    if form == "tar":
        out.write_bytes(before[0] + b"\0")
        assert synth_here("pack", drawn, "--out", out).code == 1


@pytest.mark.parametrize("form", ["tar", "lmdb", "parquet", "doctr"])
def test_a_users_file_or_folder_is_not_packed_over(
    form: str, drawn: Path, tmp_path: Path, synth_here: Run
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    other = "is already there and holds something else"
    told = {
        "tar": ("is a folder. Name a file", other),
        "lmdb": (other, "is a file. Name a folder"),
        "parquet": ("is a folder. Name a file", other),
        "doctr": (other, "is a file. Name a folder"),
    }
    for path, said in zip((folder, folder / "notes.txt"), told[form], strict=True):
        refused = synth_here("pack", drawn, "--out", path, "--form", form)
        assert refused.code == 1 and said in refused.err
    assert (folder / "notes.txt").read_text() == "mine"


def test_what_is_not_finished_or_not_the_same_is_refused(
    drawn: Path, tmp_path: Path, synth_here: Run
) -> None:
    image = next(drawn.rglob("*.jpg"))
    whole = image.read_bytes()
    image.write_bytes(whole[:-1])
    for form in ("tar", "lmdb", "parquet", "easyocr"):
        ended = synth_here("pack", drawn, "--out", tmp_path / "packed", "--form", form)
        assert ended.code == 1
        assert f"{image}: is not the image that was drawn" in ended.err
        assert f"synth redraw {drawn} --index {int(image.stem)}" in ended.err
        assert not (tmp_path / "packed").exists()
    image.unlink()
    ended = synth_here("pack", drawn, "--out", tmp_path / "run.tar")
    assert f"{image}: cannot be read (No such file or directory)" in ended.err
    next((drawn / "shards").iterdir()).unlink()
    ended = synth_here("pack", drawn, "--out", tmp_path / "run.tar")
    assert ended.code == 1
    assert f"{drawn}: 1 of 1 shard is missing: 0." in ended.err
    assert not (tmp_path / "run.tar").exists()


def test_usage(drawn: Path, tmp_path: Path, synth_here: Run) -> None:
    ended = synth_here("pack", drawn, "--out", tmp_path / "run.zip")
    assert ended.code == 2
    assert "ends in none of .tar, .lmdb and .parquet. Say --form: tar, lmdb, web" in ended.err
    ended = synth_here("pack", drawn, "--out", tmp_path / "run.zip", "--form", "zip")
    assert ended.code == 2
    assert "--form zip: is none of tar, lmdb, webdataset, parquet, " in ended.err
    ended = synth_here("pack", tmp_path, "--out", tmp_path / "run.tar")
    assert ended.code == 1
    assert f"{tmp_path}: holds no run.json. Name the --out of synth generate." in ended.err
    (tmp_path / "there.tar").write_bytes(b"mine")
    ended = synth_here("pack", drawn, "--out", tmp_path / "there.tar")
    assert ended.code == 1
    assert (tmp_path / "there.tar").read_bytes() == b"mine"
