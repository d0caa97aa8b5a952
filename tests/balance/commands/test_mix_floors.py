"""What floors of frequent words keep, what they cost, and that the new lines set none."""

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.running import run_module
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally

COMMON = ["합계", "카드", "현금", "과세", "물품", "금액"]


def write(path: Path, labels: list[str], seed: int = 0) -> Path:
    """Write a label file, its lines in an order of their own."""
    shuffled = list(labels)
    random.Random(seed).shuffle(shuffled)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{k}.png\t{text}\n" for k, text in enumerate(shuffled)), "utf-8")
    return path


def mixed(out: Path, original: Path, new: Path, *more: str | Path) -> tuple[Any, str, str]:
    """Mix without images; returns the record's configuration, the page and what was printed."""
    done = run_module(
        "balance", "mix", "--original", original, "--new", new, "--check-images", "none",
        "--out", out, *more,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    content = json.loads((out / "mix.json").read_text("utf-8"))["configuration"]
    return content, (out / "mix.html").read_text("utf-8"), done.stdout


def drawn(out: Path, name: str = "train.txt") -> Counter[str]:
    """Count the labels of the new lines in a list."""
    lines = read_labels(out / name, tally=Tally())
    return Counter(line.label for line in lines if line.path.startswith("new/"))


@pytest.mark.parametrize("known", [0, 12])
def test_a_word_that_only_the_pool_holds_often_keeps_no_floor(tmp_path: Path, known: int) -> None:
    # A pool that was drawn for one syllable, 41 lines of it to 9 of others; the originals hold
    # the syllable seldom or never.
    originals = [*["갑"] * known, *(COMMON[k % 6] for k in range(1200 - known))]
    original = write(tmp_path / "own" / "gt.txt", originals)
    others = [text for text in "을병정무" for _ in range(27)]
    new = write(tmp_path / "new" / "gt.txt", [*["갑"] * 492, *others], 1)
    counts = {}
    for floor in ("0.9", "0"):
        content, page, told = mixed(tmp_path / floor, original, new, "--word-floor", floor)
        counts[floor] = drawn(tmp_path / floor)
        assert sum(counts[floor].values()) == 150
        assert "of the evening" not in told + page and content["notes"] == []
    # At random 123 of 150 would be 갑, and a floor from the pool would keep 110 of them.
    assert counts["0.9"]["갑"] == counts["0"]["갑"] < 90
    assert sum(counts["0.9"][text] for text in "을병정무") > 60


@pytest.fixture
def frequent(tmp_path: Path) -> tuple[Path, Path]:
    """Make sets in which the originals hold a word in three of four lines, and the pool in half."""
    originals = [*["합계"] * 900, *["을"] * 300]
    pool = [*["합계"] * 400, *(text for text in "갑을병정무" for _ in range(80))]
    return (
        write(tmp_path / "own" / "gt.txt", originals),
        write(tmp_path / "new" / "gt.txt", pool, 1),
    )


def test_a_floor_that_costs_much_of_the_evening_is_told_with_its_figures(
    frequent: tuple[Path, Path], tmp_path: Path
) -> None:
    more = ["--ratio", "5:1", "--epochs", "2", "--word-floor"]
    dear, page, told = mixed(tmp_path / "dear", *frequent, *more, "1")
    free, _, _ = mixed(tmp_path / "free", *frequent, *more, "0")
    first = dear["epochs"][0]
    random_, without = dear["divergence"]["random"], first["divergence_without_floors"]
    # What a mix without floors reaches is what the record says that it would reach.
    assert without == pytest.approx(free["epochs"][0]["divergence"], abs=1e-12)
    costs = [
        (one["divergence"] - one["divergence_without_floors"])
        / (random_ - one["divergence_without_floors"])
        for one in dear["epochs"]
    ]
    assert min(costs) > 0.1
    assert drawn(tmp_path / "dear")["합계"] > drawn(tmp_path / "free")["합계"] + 20
    (note,) = dear["notes"]
    at = costs.index(max(costs))
    worst = dear["epochs"][at]
    assert note == (
        "the floors of frequent words and characters (--word-floor 1) cost "
        f"{max(costs):.0%} of the evening in 2 of 2 lists, most in epoch {at}: divergence "
        f"{worst['divergence']:.4f}, without them {worst['divergence_without_floors']:.4f}, at "
        f"random {random_:.4f}; a lower --word-floor evens more"
    )
    assert f"note: {note}" in told.replace("\n", " ")
    # Options are kept whole on the page: by spans, and by spaces that do not break.
    assert f"Note: {note}." in re.sub("<[^>]+>", "", page).replace("\u00a0", " ")
    assert "floors cost" in page and f"{max(costs):.0%}" in page


def test_a_floor_that_costs_little_is_not_told(frequent: tuple[Path, Path], tmp_path: Path) -> None:
    for floor in ("0.5", "0"):
        content, page, told = mixed(tmp_path / floor, *frequent, "--word-floor", floor)
        assert content["notes"] == []
        assert content["epochs"][0]["divergence_without_floors"] is None
        assert "of the evening" not in told + page


def test_a_dry_run_tells_it_as_json(frequent: tuple[Path, Path]) -> None:
    original, new = frequent
    done = run_module(
        "balance", "mix", "--original", original, "--new", new, "--check-images", "none",
        "--ratio", "5:1", "--word-floor", "1", "--dry-run", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)["configuration"]
    (note,) = content["notes"]
    assert "(--word-floor 1) cost " in note and " of the evening in epoch 0: divergence " in note
    assert content["epochs"][0]["divergence_without_floors"] < content["epochs"][0]["divergence"]
