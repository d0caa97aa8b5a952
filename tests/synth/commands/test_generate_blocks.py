"""`synth generate` of a run in blocks, and all that reads its folder, with blocks of a thousand."""

import json
from collections import Counter
from collections.abc import Callable
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest

from synth.plan import plan_blocks
from tests.synth.faces import broken_fonts as fonts
from textlines.formats.plan_rows import read_plan

SAMPLES, BLOCKS = 2150, 3

Run = Callable[..., Any]
Options = Callable[[int], list[str]]
Contents = Callable[[Path], dict[str, str]]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_blocks, "BLOCK", 1000)


def test_machines_share_a_run_by_blocks(
    tmp_path: Path, quick_run: Options, synth_here: Run, contents_of: Contents
) -> None:
    options = [*quick_run(SAMPLES), "--workers", 1]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    ended = synth_here(*options, "--out", whole)
    assert ended.code == 0, ended.err
    assert "3 of 3 blocks planned now; of the first of them:" in ended.out
    assert f"{SAMPLES:,} images" in ended.out
    for share, planned in (("2/3", [2]), ("0/3", [0, 2])):
        ended = synth_here(*options, "--shard", share, "--out", parts)
        assert ended.code == 0, ended.err
        assert "1 of 3 blocks planned now" in ended.out
        assert "other shards are missing" in ended.out
        there = sorted(path.name for path in (parts / "plan").glob("*.jsonl"))
        assert there == [f"{number:05d}.jsonl" for number in planned]
    early = synth_here("merge", parts)
    assert early.code == 1
    assert "1 of 3 shards is missing: 1" in early.err
    assert synth_here(*options, "--shard", "1/3", "--out", parts).code == 0
    assert contents_of(parts) == contents_of(whole)

    record = json.loads((whole / "run.json").read_text())
    assert record["configuration"]["plan"]["block"] == 1000
    assert record["counts"]["planned"] == record["counts"]["samples"] == SAMPLES
    files = [f"plan/{number:05d}.jsonl" for number in range(BLOCKS)]
    assert set(record["outputs"]) == {*files, "rec_gt_train.txt", "manifest.jsonl"}
    labels = [line.split("\t")[1] for line in (whole / "rec_gt_train.txt").read_text().splitlines()]
    assert labels == [row.text for name in files for row in read_plan(whole / name)]

    image = whole / "images/0001/001123.jpg"
    data = image.read_bytes()
    image.unlink()
    again = synth_here("redraw", whole, "--index", 1123)
    assert again.code == 0 and image.read_bytes() == data
    assert "is not from 0 to 2149" in synth_here("redraw", whole, "--index", SAMPLES).err
    page = tmp_path / "preview.html"
    assert synth_here("preview", whole, "--html", page, "--shown", 3).code == 0
    for folder, name in ((whole, "a.tar"), (parts, "b.tar")):
        assert synth_here("pack", folder, "--out", tmp_path / name).code == 0
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    marked = tmp_path / "bad.txt"
    marked.write_text("images/0002/002001.jpg\n")
    merged = synth_here("merge", whole, "--without", marked)
    assert merged.code == 0 and "2,149 images" in merged.out
    assert synth_here("merge", whole).code == 0
    assert contents_of(parts) | contents_of(whole) == contents_of(parts)

    other = synth_here(*options, "--seed", 4, "--out", whole)
    assert other.code == 1 and "holds another run; it differs in seed (3, not 4)" in other.err


def test_characters_get_their_lines_over_all_blocks(
    tmp_path: Path, quick_run: Options, synth_here: Run
) -> None:
    style = quick_run(1)[2]
    texts = tmp_path / "corpus.toml"
    patterns = tmp_path / "patterns.toml"
    patterns.write_text("[[line]]\nname = 'meter'\nrule = '''<number 0.00..9999.99>'''\n")
    texts.write_text(
        "[[source]]\nname = 'meters'\nkind = 'pattern'\npath = 'patterns.toml'\n", "utf-8"
    )
    options = ["generate", "--style", style, "--corpus", texts, "--chars", "07", "--workers", 1]
    options += ["--count", SAMPLES, "--repeat-cap", 1]
    dry = synth_here(*options, "--dry-run")
    assert dry.code == 0, dry.err
    assert f"{SAMPLES:,} lines in 3 blocks, about " in dry.out
    assert "1,000 of 1,000 lines planned" in dry.out
    told = json.loads(synth_here(*options, "--dry-run", "--json").out)
    assert told["blocks"] == {"rows": 1000, "of": SAMPLES}
    out = tmp_path / "run"
    ended = synth_here(*options, "--out", out)
    assert ended.code == 0, ended.err
    rows = [row for path in sorted((out / "plan").glob("*.jsonl")) for row in read_plan(path)]
    assert [row.index for row in rows] == list(range(SAMPLES))
    assert max(Counter(row.text for row in rows).values()) == 1
    record = json.loads((out / "run.json").read_text())
    served = Counter(char for row in rows for char in row.targets)
    assert sum(served.values()) == SAMPLES - round(0.3 * SAMPLES)
    assert record["asked"] == {
        char: {"wanted": lines, "planned": lines} for char, lines in served.items()
    }
    assert abs(served["0"] - served["7"]) <= 1


def test_a_run_whose_texts_do_not_do_is_told_when_it_is_whole(
    tmp_path: Path, quick_run: Options, synth_here: Run
) -> None:
    style, corpus = quick_run(1)[2], tmp_path / "few.txt"
    words = ("".join(letters) for letters in product("ACEFHLPU", repeat=3))
    corpus.write_text("\n".join(islice(words, 60)), "utf-8")
    out = tmp_path / "run"
    options = ["generate", "--style", style, "--corpus", corpus, "--count", 2000, "--workers", 1]
    options += ["--repeat-cap", 3, "--out", out]
    ended = synth_here(*options)
    assert ended.code == 1
    planned = json.loads((out / "run.json").read_text())["counts"]["planned"]
    assert f"2,000 images were asked for, {planned:,} could be planned" in ended.err
    texts = Counter(line.split("\t")[1] for line in (out / "rec_gt_train.txt").open())
    assert max(texts.values()) <= 3 and planned == sum(texts.values())
    again = synth_here(*options)
    assert again.code == 1 and "(0 drawn now)" in again.out


def test_faces_that_break_are_left_out_of_each_block_alike(
    tmp_path: Path, synth_here: Run, contents_of: Contents
) -> None:
    folder, style, texts = tmp_path / "fonts", tmp_path / "plain.toml", tmp_path / "list.txt"
    fonts.growing(folder / "growing.ttf")
    fonts.true_type(folder / "good.ttf")
    style.write_text("[output]\nheight = 16\n")
    texts.write_text("aac\ncar\nabc\nx9\n")
    options = ["generate", "--style", style, "--text-list", texts, "--fonts", folder]
    options += ["--count", 1100, "--workers", 1]
    for name, share in (("whole", "0/1"), ("parts", "1/2"), ("parts", "0/2")):
        ended = synth_here(*options, "--shard", share, "--out", tmp_path / name)
        assert ended.code == 0, ended.err
        assert "font: breaks while it is drawn, left out: 1 (" in ended.err
    assert contents_of(tmp_path / "parts") == contents_of(tmp_path / "whole")
    counts = json.loads((tmp_path / "whole/run.json").read_text())["counts"]
    assert counts["left out: font: breaks"] == 1
    blocks = [json.loads((tmp_path / f"whole/plan/0000{k}.json").read_text()) for k in range(2)]
    assert [len(block["broken"]) for block in blocks] == [1, 1]
