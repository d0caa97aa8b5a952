"""`synth merge`: samples that are left out, and characters that are short, both said and kept."""

import hashlib
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import run_module
from textlines.formats.manifest import read_manifest
from textlines.formats.run_record import RunRecord

Run = Callable[..., Any]
Options = Callable[[int], list[object]]

COUNT = 12
IMAGES = [f"images/0000/{n:06d}.jpg" for n in range(COUNT)]


@pytest.fixture
def drawn(draw_run: Callable[[int], Path]) -> Path:
    """Draw a small run."""
    return draw_run(COUNT)


@pytest.fixture
def taught(tmp_path: Path, synth_here: Run, cache_home: Path) -> Path:
    """Draw twenty lines for two digits."""
    out = tmp_path / "taught"
    options = ("--chars", "18", "--style", "lcd", "--count", 20, "--filler", 0, "--seed", 2)
    ended = synth_here("generate", *options, "--workers", 1, "--out", out)
    assert ended.code == 0, ended.err
    return out


def labelled(folder: Path) -> list[str]:
    rows = (folder / "rec_gt_train.txt").read_text(encoding="utf-8").splitlines()
    return [row.split("\t")[0] for row in rows]


def sha256(folder: Path, image: str) -> str:
    return hashlib.sha256((folder / image).read_bytes()).hexdigest()


def test_marked_samples_stand_in_neither_labels_nor_manifest_and_the_record_names_them(
    drawn: Path, synth_here: Run, write_file: Callable[[str, str], Path]
) -> None:
    rows = f"image\tsha256\n{IMAGES[3]}\t{sha256(drawn, IMAGES[3])}\n\n./{IMAGES[7]}\r\n"
    bad = write_file("bad.txt", rows)
    whole = labelled(drawn)
    ended = synth_here("merge", drawn, "--without", bad)
    assert ended.code == 0, ended.err
    assert f"{COUNT - 2} images in {drawn}" in ended.out
    assert f"2 left out that {bad} names; run.json names them too" in ended.out
    kept = [image for image in IMAGES if image not in (IMAGES[3], IMAGES[7])]
    assert labelled(drawn) == kept
    assert [row.image for row in read_manifest(drawn / "manifest.jsonl")] == kept
    record = RunRecord.read(drawn / "run.json")
    assert record.without == (IMAGES[3], IMAGES[7])
    assert record.counts["left out: marked bad"] == 2
    assert record.counts["samples"] == COUNT - 2
    assert sum(n for name, n in record.counts.items() if name.startswith("attempt")) == COUNT - 2
    # The images stay, and so do their rows in the shards: a mark can be taken back.
    assert all((drawn / image).exists() for image in IMAGES)
    again = synth_here("merge", drawn)
    assert "2 that were left out before are taken again" in again.out
    assert labelled(drawn) == whole
    assert "without" not in json.loads((drawn / "run.json").read_text(encoding="utf-8"))


def test_what_comes_after_a_merge_leaves_them_out_too(
    drawn: Path,
    tmp_path: Path,
    quick_run: Options,
    synth_here: Run,
    write_file: Callable[[str, str], Path],
) -> None:
    bad = write_file("bad.txt", f"{IMAGES[0]}\n{IMAGES[11]}\n")
    assert synth_here("merge", drawn, "--without", bad).code == 0
    called = synth_here(*quick_run(COUNT), "--workers", 1, "--out", drawn)
    assert f"{COUNT - 2} images in {drawn} (0 drawn now)" in called.out
    assert "2 left out, as synth merge --without left them out" in called.out
    # A label file that is lost is made again without them.
    (drawn / "rec_gt_train.txt").unlink()
    assert synth_here(*quick_run(COUNT), "--workers", 1, "--out", drawn).code == 0
    assert labelled(drawn) == IMAGES[1:11]
    for form in ("tar", "lmdb"):
        packed = tmp_path / f"run.{form}"
        ended = synth_here("pack", drawn, "--out", packed)
        assert ended.out.startswith(f"{COUNT - 2} images in {packed}"), ended.err
        assert synth_here("pack", drawn, "--out", packed, "--json").code == 0
    with tarfile.open(tmp_path / "run.tar") as tar:
        assert tar.getnames() == ["rec_gt_train.txt", "manifest.jsonl", *IMAGES[1:11]]
    (drawn / IMAGES[5]).write_bytes(b"other")
    ended = synth_here("pack", drawn, "--out", tmp_path / "b.tar")
    assert f"synth redraw {drawn} --index 5" in ended.err
    page = tmp_path / "preview.html"
    assert synth_here("preview", drawn, "--html", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert f"{COUNT - 2} lines, " in text
    # Options are kept whole on the page: by spans, and by spaces that do not break.
    plain = re.sub("<[^>]+>", "", text).replace("\u00a0", " ")
    assert "2 are not among them: synth merge --without left them out." in plain


def test_a_mix_does_not_see_them(
    drawn: Path, tmp_path: Path, synth_here: Run, write_file: Callable[[str, str], Path]
) -> None:
    bad = write_file("bad.txt", f"{IMAGES[2]}\n{IMAGES[4]}\n")
    assert synth_here("merge", drawn, "--without", bad).code == 0
    original = write_file("own/gt.txt", "".join(f"{n}.jpg\t{n:04}\n" for n in range(80)))
    new, out = drawn / "rec_gt_train.txt", tmp_path / "mixed"
    options = ("--on-shortage", "accept", "--check-images", "none", "--out", out)
    ended = run_module("balance", "mix", "--original", original, "--new", new, *options)
    assert ended.returncode == 0, ended.stderr
    listed = (out / "train.txt").read_text(encoding="utf-8")
    assert IMAGES[3] in listed
    assert IMAGES[2] not in listed and IMAGES[4] not in listed


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ("{0}\nimages/0000/9.jpg\nnone.jpg\n", ":2: names 'images/0000/9.jpg', which is no sample"),
        ("{0}\t{1}\n\n{2}\t{1}\n", ":3: names '{2}', and this run's image of that name is another"),
        ("{0}\tbad\n", ":1: is neither image nor image<TAB>sha256. Save the list again"),
        ("\t{1}\n", ":1: is neither image nor image<TAB>sha256"),
    ],
)
def test_a_list_that_does_not_fit_is_refused_and_all_stays_as_it_was(
    rows: str,
    what: str,
    drawn: Path,
    synth_here: Run,
    write_file: Callable[[str, str], Path],
    contents_of: Callable[[Path], dict[str, str]],
) -> None:
    words = IMAGES[0], sha256(drawn, IMAGES[0]), IMAGES[1]
    bad, before = write_file("bad.txt", rows.format(*words)), contents_of(drawn)
    ended = synth_here("merge", drawn, "--without", bad)
    assert ended.code == 1
    assert f"{bad}{what.format(*words)}" in ended.err
    assert contents_of(drawn) == before


def test_all_left_out_or_no_list_is_refused(
    drawn: Path, tmp_path: Path, synth_here: Run, write_file: Callable[[str, str], Path]
) -> None:
    bad = write_file("bad.txt", "\n".join(IMAGES))
    ended = synth_here("merge", drawn, "--without", bad)
    assert ended.code == 1
    assert f"{bad}:1: leaves out all {COUNT} samples of {drawn}" in ended.err
    missing = synth_here("merge", drawn, "--without", tmp_path / "none.txt")
    assert missing.code == 1 and f"{tmp_path / 'none.txt'}: " in missing.err
    assert labelled(drawn) == IMAGES


def test_characters_that_marks_leave_short_are_named_and_the_merge_ends_with_1(
    taught: Path, synth_here: Run, write_file: Callable[[str, str], Path]
) -> None:
    rows = list(read_manifest(taught / "manifest.jsonl"))
    record = RunRecord.read(taught / "run.json")
    planned = {char: sum(char in row.targets for row in rows) for char in "18"}
    assert {char: one.planned for char, one in record.asked.items()} == planned
    ones = [row.image for row in rows if "1" in row.targets]
    bad = write_file("bad.txt", "\n".join(ones[: len(ones) // 2]))
    ended = synth_here("merge", taught, "--without", bad)
    left = planned["1"] - len(ones) // 2
    said = f"1 of 2 characters stands in fewer lines than asked ('1' {left})"
    assert ended.code == 1
    assert said in ended.out and said in ended.err
    assert RunRecord.read(taught / "run.json").counts["served short: 1"] == left
    allowed = synth_here("merge", taught, "--without", bad, "--allow-unserved")
    assert allowed.code == 0 and said in allowed.out
    # Taken back, nothing is short any more.
    assert synth_here("merge", taught).code == 0
    assert RunRecord.read(taught / "run.json").asked == record.asked
    assert "served short: 1" not in RunRecord.read(taught / "run.json").counts


def test_a_run_that_was_planned_short_is_no_plain_success_when_it_is_merged(
    tmp_path: Path, synth_here: Run, cache_home: Path
) -> None:
    out = tmp_path / "run"
    options = ("--chars", "1값", "--style", "lcd", "--count", 20, "--workers", 1, "--out", out)
    whole = synth_here("generate", *options, "--shard", "0/1")
    assert whole.code == 1
    said = "1 of 2 characters stands in fewer lines than asked ('값' 0)"
    assert said in whole.err
    merged = synth_here("merge", out)
    assert merged.code == 1
    assert said in merged.out and said in merged.err
    assert synth_here("merge", out, "--allow-unserved").code == 0
