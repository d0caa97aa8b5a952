"""`balance mix` on page label files, as a user runs it."""

import json
import random
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import balance
from balance import MixRequest
from tests.running import files_of, run_here, run_module, run_without
from textlines.formats.page_mix import MixedPage, read_page_mix

IMAGES = "사진 照片"


def image(seed: int) -> bytes:
    """An image like no other."""
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 16, 3)).astype(np.uint8)
    data: bytes = cv2.imencode(".png", pixels)[1].tobytes()
    return data


def write_pages(folder: Path, count: int, seed: int, *, negatives: int = 0) -> Path:
    """Write pages with two text lines each, of three scripts; the first ones have none."""
    (folder / IMAGES).mkdir(parents=True)
    rows = []
    for k in range(count):
        (folder / IMAGES / f"{k}.png").write_bytes(image(10_000 * seed + k))
        marks = [
            {"transcription": text, "points": [[1, top], [14, top], [14, top + 4], [1, top + 4]]}
            for text, top in (("합계 12", 1), ("读数 Total", 6))
        ]
        row = json.dumps([] if k < negatives else marks, ensure_ascii=False)
        rows.append(f"{IMAGES}/{k}.png\t{row}\n")
    (folder / "Label.txt").write_text("".join(rows), encoding="utf-8")
    return folder / "Label.txt"


@pytest.fixture
def sets(tmp_path: Path) -> dict[str, Path]:
    return {
        "--own": write_pages(tmp_path / "data" / "own", 24, 1, negatives=6),
        "--original": write_pages(tmp_path / "data" / "receipts", 150, 2, negatives=30),
        "--new": write_pages(tmp_path / "data" / "drawn", 60, 3, negatives=15),
    }


def words(sets: dict[str, Path]) -> list[str | Path]:
    return [word for option, path in sets.items() for word in (option, path)]


def mix(
    sets: dict[str, Path], out: Path, *more: str | Path, code: int = 0
) -> subprocess.CompletedProcess[str]:
    run = run_here("balance", "mix", *words(sets), "--out", out, *more)
    assert run.returncode == code, (run.stdout, run.stderr)
    return run


def epochs_of(out: Path) -> list[list[MixedPage]]:
    folder = read_page_mix(out)
    return [folder.pages(epoch) for epoch in folder.epochs]


def test_each_epoch_is_a_page_label_file_with_own_pages_and_the_ratio(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "mixed"
    told = mix(sets, out, "--epochs", "4").stdout
    record = read_page_mix(out)
    used = Counter[str]()
    for epoch, pages in zip(record.epochs, epochs_of(out), strict=True):
        # 24 own pages stand five times; 15 of the 60 new ones fall to an epoch, 10:1 needs 27.
        roles = Counter(page.role for page in pages)
        assert roles == {"own": 120, "original": 147, "new": 27}
        assert (epoch.own, epoch.original, epoch.new) == (120, 147, 27)
        assert epoch.ratio == 267 / 27
        own = Counter(page.labels.path for page in pages if page.role == "own")
        assert set(own.values()) == {5}
        assert {page.rendered for page in pages if page.role == "new"} == {True}
        assert {page.rendered for page in pages if page.role != "new"} == {False}
        new = [page for page in pages if page.role == "new"]
        # A quarter of them has no text, in every epoch.
        assert sum(page.labels.is_negative for page in new) in (6, 7)
        assert epoch.negatives == sum(page.labels.is_negative for page in pages)
        assert epoch.regions == sum(len(page.labels.regions) for page in pages)
        used.update(page.labels.path for page in new)
    # 108 places for 60 pages: none comes a second time before all came once.
    assert sorted(used.values()) == [1] * 12 + [2] * 48
    assert (out / "train.txt").read_bytes() == (out / "epoch-000.txt").read_bytes()
    # As PaddleOCR reads it: the data folder, a path, JSON.
    for line in (out / "train.txt").read_text(encoding="utf-8").splitlines():
        path, marks = line.split("\t")
        assert (record.data / path).is_file()
        assert all(len(mark["points"]) == 4 for mark in json.loads(marks))
    assert "epoch 0: 120 own, 147 original, 27 new pages with" in told
    assert (out / "mix.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_same_pages_in_another_order_and_in_two_files_give_the_same_bytes(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    mix(sets, tmp_path / "a", "--epochs", "3")
    for path in sets.values():
        rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(5).shuffle(rows)
        path.write_text("".join(rows), encoding="utf-8")
    own = sets["--own"]
    rows = own.read_text(encoding="utf-8").splitlines(keepends=True)
    own.write_text("".join(rows[:9]), encoding="utf-8")
    (own.parent / "more.txt").write_text("".join(rows[9:]), encoding="utf-8")
    mix(sets, tmp_path / "b", "--epochs", "3", "--own", own.parent / "more.txt")
    mix(sets, tmp_path / "c", "--epochs", "3", "--seed", "1", "--own", own.parent / "more.txt")
    first, again, other = (files_of(tmp_path / name) for name in "abc")
    lists = [name for name in first if name.endswith((".txt", ".roles"))]
    assert len(lists) == 7
    assert all(first[name] == again[name] for name in lists)
    assert first["epoch-000.txt"] != other["epoch-000.txt"]


def test_fewer_originals_an_epoch_are_other_ones_each_time(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    del sets["--own"]
    general = write_pages(tmp_path / "data" / "signs", 60, 4)
    replay = write_pages(tmp_path / "data" / "forms", 5, 5)
    more = ("--general", general, "--general-ratio", "2:1", "--replay", f"forms={replay}")
    mix(sets, tmp_path / "m", "--epoch-pages", "50", "--epochs", "3", *more)
    folder, used = read_page_mix(tmp_path / "m"), Counter[str]()
    for epoch, pages in zip(folder.epochs, epochs_of(tmp_path / "m"), strict=True):
        assert (epoch.original, epoch.new, epoch.general) == (50, 6, 28)
        assert epoch.replay == {"forms": 5}
        assert epoch.scene_to_general == 2
        assert Counter(page.role for page in pages)["replay"] == 5
        assert sum(p.labels.is_negative for p in pages if p.role == "original") == 10
        used.update(page.labels.path for page in pages if page.role == "original")
    assert len(used) == 150
    assert folder.record.configuration.epoch_lines == 50


def spoil(file: Path, change: Sequence[tuple[int, str]]) -> None:
    """Put other rows in the place of some."""
    rows = file.read_text(encoding="utf-8").splitlines()
    for number, row in change:
        rows[number] = row
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")


def test_what_is_left_out_is_counted_and_strict_stops_at_it(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    file = sets["--original"]
    (file.parent / IMAGES / "40.png").write_bytes(image(0)[:60])
    crossed = '[{"transcription": "x", "points": [[0, 0], [9, 9], [9, 0], [0, 9]]}]'
    unread = '[{"transcription": "***", "points": [[0, 0], [9, 0], [9, 9]]}]'
    (file.parent / IMAGES / "44.png").write_bytes(image(20_045))
    change = [(41, f"{IMAGES}/gone.png\t[]"), (42, f"{IMAGES}/42.png\t{crossed}")]
    spoil(file, [*change, (43, f"{IMAGES}/43.png\t{unread}")])
    told = mix(sets, tmp_path / "m", "--epoch-pages", "266").stdout
    counts = read_page_mix(tmp_path / "m").record.counts
    wanted = {"image_missing": 1, "image_broken": 1, "regions_lost": 1, "same_image": 1}
    assert {key: counts[f"original/{key}"] for key in wanted} == wanted
    assert (counts["original/pages"], counts["original/usable"]) == (149, 146)
    # A page whose text was lost is no page without text.
    assert "original: page all of whose regions were left out, left out: 1" in told
    [source] = [s for s in read_page_mix(tmp_path / "m").sources if s.name == "original"]
    assert (source.negatives, source.regions, source.ignored) == (30, 115 * 2, 1)
    lists = (tmp_path / "m" / "train.txt").read_text(encoding="utf-8")
    assert f"receipts/{IMAGES}/42.png" not in lists
    # PaddleOCR would take *** for a text.
    [row] = [row for row in lists.splitlines() if row.startswith(f"receipts/{IMAGES}/43.png")]
    assert json.loads(row.split("\t")[1])[0]["transcription"] == "###"
    strict = mix(sets, tmp_path / "s", "--strict", code=1)
    assert f"{file}:42 ({IMAGES}/gone.png): page whose image is not there" in strict.stderr
    assert not (tmp_path / "s").exists()


def test_an_image_under_two_roles_is_refused_whatever_it_is_called(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    own, original = sets["--own"], sets["--original"]
    (own.parent / IMAGES / "8.png").write_bytes(image(20_033))
    run = run_module("balance", "mix", *words(sets), "--out", tmp_path / "m")
    assert run.returncode == 1
    assert f"{original}:34, {own}:9 (own, original)" in run.stderr
    assert "1 page of this mix stands under two roles" in run.stderr
    assert not (tmp_path / "m").exists()
    twice = run_here("balance", "mix", "--own", own, "--original", own.parent, "--dry-run")
    assert twice.returncode == 2
    assert "is named as --own too" in twice.stderr


def test_options_on_texts_and_files_of_lines_end_with_2(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    done = run_module("balance", "mix", *words(sets), "--out", tmp_path / "m", "--alpha", "0.2")
    assert done.returncode == 2
    assert "--alpha: is for text lines" in done.stderr
    lines = tmp_path / "rec_gt.txt"
    lines.write_text("a.png\t값\nb.png\t합계\n", encoding="utf-8")
    done = mix(sets, tmp_path / "m", "--general", lines, code=2)
    assert "lines with lines, for a recognizer" in done.stderr


@pytest.mark.parametrize("placing", ["--copy", "--link"])
def test_images_can_come_along(sets: dict[str, Path], tmp_path: Path, placing: str) -> None:
    out = tmp_path / "m"
    mix(sets, out, placing, "--epochs", "2")
    folder = read_page_mix(out)
    assert folder.data == out.resolve()
    for pages in epochs_of(out):
        assert {page.labels.path.split("/")[1] for page in pages} == {
            "own-1",
            "original-1",
            "new-1",
        }
    assert (out / "images" / "own-1").is_symlink() == (placing == "--link")


def test_a_folder_of_lists_is_made_again_without_what_is_left_of_the_earlier_one(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    mix(sets, tmp_path / "m", "--epochs", "3")
    mix(sets, tmp_path / "m", "--epochs", "1")
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == [
        "epoch-000.roles",
        "epoch-000.txt",
        "mix.html",
        "mix.json",
        "train.txt",
    ]


def test_paths_of_ppocrlabel_start_above_its_folder_and_images_can_be_named(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    own, moved = sets["--own"], tmp_path / "labels"
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace(f"{IMAGES}/", f"own/{IMAGES}/"), encoding="utf-8")
    moved.mkdir()
    sets["--original"] = sets["--original"].rename(moved / "Label.txt")
    asked = ("--images", f"original={tmp_path / 'data' / 'receipts'}")
    mix(sets, tmp_path / "m", *asked)
    for pages in epochs_of(tmp_path / "m"):
        assert all(page.labels.image.is_file() for page in pages)
    assert read_page_mix(tmp_path / "m").record.counts["own/usable"] == 24


def test_one_folder_for_all_files_leaves_those_whose_images_lie_beside_them(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    moved = tmp_path / "labels" / "Label.txt"
    moved.parent.mkdir()
    home = sets["--original"].parent
    sets["--original"] = sets["--original"].rename(moved)
    # Images of the same names lie beside the other two files.
    for option in ("--own", "--new"):
        (sets[option].parent / IMAGES).rename(sets[option].parent / "mine")
        text = sets[option].read_text(encoding="utf-8")
        sets[option].write_text(text.replace(IMAGES, "mine"), encoding="utf-8")
    mix(sets, tmp_path / "m", "--images", home)
    counts = read_page_mix(tmp_path / "m").record.counts
    assert [counts[f"{role}/usable"] for role in ("own", "original", "new")] == [24, 150, 60]


def test_images_of_one_name_in_two_folders_are_asked_about(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    receipts = sets["--original"].parent
    done = mix(sets, tmp_path / "m", "--images", receipts, code=2)
    assert f"of {sets['--own']} lies in {receipts} and beside the file too" in done.stderr
    assert f"--images own={sets['--own'].parent} or own={receipts}" in done.stderr


def test_python_and_json_tell_what_the_command_writes(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    asked: dict[str, Any] = {option[2:]: (path,) for option, path in sets.items()}
    told = json.loads(mix(sets, tmp_path / "m", "--json").stdout)
    assert told == json.loads((tmp_path / "m" / "mix.json").read_text(encoding="utf-8"))
    assert told["kind"] == "pages"
    dry = balance.mix(MixRequest(**asked, dry_run=True))
    assert dry["outputs"] == {} and len(told["outputs"]) == 3
    for record in (dry, told):
        assert record["configuration"]["epochs"][0]["new"] == 34


def test_what_pages_need_beyond_lines_is_named_with_its_extra(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    done = run_without(["shapely"], "balance", "mix", *words(sets), "--out", tmp_path / "m")
    assert done.returncode == 1
    assert "balance mix: needs shapely for the regions of pages" in done.stderr
    assert "detect" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "m").exists()


def test_photos_without_labels_are_kept_by_what_the_base_finds_and_are_no_pages_without_text(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    photos = write_pages(tmp_path / "data" / "photos", 40, 4).parent
    (photos / "Label.txt").unlink()
    listed = tmp_path / "data" / "list.txt"
    listed.write_text("more/1.png\n\nmore/2.png\nmore/gone.png\n", encoding="utf-8")
    (tmp_path / "data" / "more").mkdir()
    for k in (1, 2):
        (tmp_path / "data" / "more" / f"{k}.png").write_bytes(image(77_000 + k))
    given = {name: path for name, path in sets.items() if name != "--original"}
    out = tmp_path / "out"
    ended = mix(given, out, "--distil", photos, "--distil", listed, "--epochs", "2", "--json")
    record = json.loads(ended.stdout)["configuration"]
    folder, lines = record["sources"][1:3]
    assert [one["role"] for one in (folder, lines)] == ["distil", "distil"]
    assert (folder["usable"], folder["negatives"], folder["regions"]) == (40, 0, 0)
    assert (lines["usable"], lines["counts"]) == (2, {"image_missing": 1})
    for epoch, pages in zip(record["epochs"], epochs_of(out), strict=True):
        roles = Counter(page.role for page in pages)
        assert roles["distil"] == epoch["distil"] > 0 == epoch["original"]
        assert epoch["ratio"] == (roles["own"] + roles["distil"]) / roles["new"] >= 5
        by_role = [page.role for page in pages if page.labels.is_negative and page.role != "distil"]
        assert epoch["negatives"] == len(by_role)
    named = {row.split("\t")[1] for row in (out / "epoch-000.txt").read_text("utf-8").splitlines()}
    assert "[]" in named
    page = (out / "mix.html").read_text(encoding="utf-8")
    assert "distil" in page
    same = mix(sets, out, "--distil", sets["--original"].parent / IMAGES, code=1)
    assert "show the same image: 150 pages of this mix stand under two roles" in same.stderr
