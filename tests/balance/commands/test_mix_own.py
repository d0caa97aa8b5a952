"""`balance mix --own`: a team's own labelled lines in every epoch."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.rows import manifest_record
from tests.running import run_module
from textlines.formats.mix import MixFolder, read_mix
from textlines.labels.tally import Tally

WORDS = ["합계", "부가세", "Total", "12,500", "RM", "날짜", "Cash", "3.20", "电表", "读数"]


def write_set(path: Path, count: int, seed: int, *, rare: str = "", label: bool = True) -> Path:
    """Write a label file; each label has two words, and one of the rare ones every second time."""
    rng = random.Random(seed)
    rows = []
    for k in range(count):
        text = " ".join(rng.choices(WORDS, range(10, 0, -1), k=2))
        if rare and k % 2:
            text += " " + rng.choice(rare)
        rows.append(f"crops/{k}.jpg\t{text if label else ''}\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def sets(tmp_path: Path) -> dict[str, Path]:
    data = tmp_path / "자료 데이터"
    return {
        "--own": write_set(data / "own" / "own.txt", 25, 1),
        "--distil": write_set(data / "general" / "gt.txt", 300, 2, label=False),
        "--new": write_set(data / "new" / "gt.txt", 200, 3, rare="값뷁QX"),
    }


def mix(
    sets: dict[str, Path], out: Path, *more: str | Path, code: int = 0
) -> tuple[dict[str, Any], str]:
    words = [word for option, path in sets.items() for word in (option, path)]
    run = run_module(
        *("balance", "mix", *words, "--check-images", "none", "--out", out, *more),
    )
    assert run.returncode == code, run.stderr
    record = json.loads((out / "mix.json").read_text(encoding="utf-8")) if not code else {}
    return record, run.stderr if code else run.stdout


def rows(folder: MixFolder, number: int) -> dict[str, Counter[str]]:
    """Count how often each path stands in an epoch, by role."""
    found: dict[str, Counter[str]] = {}
    for listed in folder.lines(folder.epochs[number], Tally()):
        found.setdefault(listed.kind.name, Counter())[listed.line.path] += 1
    return found


@pytest.mark.parametrize("even", ["--even", "--no-even"])
def test_all_own_lines_stand_equally_often_in_every_epoch_and_count_as_original(
    sets: dict[str, Path], tmp_path: Path, even: str
) -> None:
    out = tmp_path / "m"
    record, told = mix(sets, out, "--ratio", "5:1", "--epochs", "10", even)
    folder = read_mix(out)
    for number, epoch in enumerate(folder.epochs):
        found = rows(folder, number)
        assert set(found["own"].values()) == {5}
        assert len(found["own"]) == 25
        # 20 of the 200 new lines fall to an epoch; 278 originals need 28 of them for 10:1.
        assert (epoch.own, epoch.distil, epoch.new) == (125, 153, 28)
        assert epoch.ratio == epoch.kept / epoch.new
        assert 5 <= epoch.ratio <= 10
        assert epoch.scene_to_general == 1.0
    configuration = record["configuration"]
    assert configuration["own_times"] == 5
    assert {s["role"]: s["times"] for s in configuration["sources"]} == {
        "own": 5,
        "distil": None,
        "new": None,
    }
    assert "25 own lines stand 5 times in every epoch (120 / 25): 125 rows" in told
    assert "25 own lines stand 5 times" in (out / "mix.html").read_text(encoding="utf-8")


def test_the_same_lines_in_another_order_and_in_two_files_give_the_same_bytes(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    mix(sets, tmp_path / "a", "--epochs", "3")
    for path in sets.values():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(5).shuffle(lines)
        path.write_text("".join(lines), encoding="utf-8")
    # Which file of a role a line stands in says nothing of it.
    own = sets["--own"]
    lines = own.read_text(encoding="utf-8").splitlines(keepends=True)
    own.write_text("".join(lines[:9]), encoding="utf-8")
    other = own.with_name("more.txt")
    other.write_text("".join(lines[9:]), encoding="utf-8")
    mix(sets, tmp_path / "b", "--epochs", "3", "--own", other)
    for one in sorted((tmp_path / "a").glob("*.*")):
        if one.suffix in (".txt", ".roles", ".npy"):
            assert one.read_bytes() == (tmp_path / "b" / one.name).read_bytes(), one.name


def test_without_a_new_line_no_ratio_applies(sets: dict[str, Path], tmp_path: Path) -> None:
    del sets["--new"]
    out = tmp_path / "m"
    record, told = mix(sets, out, "--epochs", "2")
    folder = read_mix(out)
    assert record["configuration"]["ratio"] is None
    assert [epoch.ratio for epoch in folder.epochs] == [None, None]
    assert [(epoch.own, epoch.distil) for epoch in folder.epochs] == [(125, 125)] * 2
    assert rows(folder, 0)["own"] == rows(folder, 1)["own"]
    assert not set(rows(folder, 0)["distil"]) & set(rows(folder, 1)["distil"])
    assert "250 original lines an epoch, and no new one beside them" in told
    assert "nothing keeps" not in told
    again, _ = mix(sets, tmp_path / "n", "--previous", out / "mix.json")
    assert [epoch["churn"] for epoch in again["configuration"]["epochs"]] == [None]
    page = (out / "mix.html").read_text(encoding="utf-8")
    assert "250 original lines stand in an epoch, no new one" in page


def test_own_lines_alone_are_mixed_with_a_warning(sets: dict[str, Path], tmp_path: Path) -> None:
    only = {"--own": sets["--own"]}
    record, told = mix(only, tmp_path / "m", "--own-times", "2")
    assert record["configuration"]["epochs"][0]["own"] == 50
    assert "note: 25 own lines stand 2 times in every epoch (--own-times; 5 would be usual)" in told
    assert "note: nothing but the own scene is in this mix: nothing keeps what the model" in told


def test_lines_that_an_own_file_repeats_stand_no_more_often(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    own = sets["--own"]
    lines = own.read_text(encoding="utf-8").splitlines(keepends=True)
    own.write_text("".join(lines + lines[:7]), encoding="utf-8")
    record, told = mix(sets, tmp_path / "m")
    assert set(rows(read_mix(tmp_path / "m"), 0)["own"].values()) == {5}
    assert record["counts"]["own/repeated_line"] == 7
    assert "own: line that its file holds twice, left out: 7" in told


def test_characters_are_counted_with_own_lines_too(sets: dict[str, Path], tmp_path: Path) -> None:
    sets["--original"] = write_set(sets["--distil"], 300, 2)
    del sets["--distil"]
    mix(sets, tmp_path / "m", "--by", "characters", "--epochs", "4", "--ratio", "5:1")
    folder = read_mix(tmp_path / "m")
    for number, epoch in enumerate(folder.epochs):
        assert set(rows(folder, number)["own"].values()) == {5}
        held = {"own": 0, "original": 0, "new": 0}
        for listed in folder.lines(epoch, Tally()):
            held[listed.kind.name] += len(listed.line.label)
        assert epoch.ratio == pytest.approx((held["own"] + held["original"]) / held["new"])
        assert 5 <= epoch.ratio <= 10


def test_rendered_lines_as_originals_keep_their_provenance_and_own_ones_are_none(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    folder = sets["--distil"].parent / "crops"
    folder.mkdir()
    rendered = [manifest_record(k, image=f"{k}.jpg") for k in range(300)]
    manifest = "".join(json.dumps(row) + "\n" for row in rendered)
    (folder / "manifest.jsonl").write_text(manifest, encoding="utf-8")
    mix(sets, tmp_path / "m")
    mixed = read_mix(tmp_path / "m")
    kinds = {(one.kind.role, one.kind.rendered) for one in mixed.lines(mixed.epochs[0], Tally())}
    assert kinds == {("own", False), ("distil", True), ("new", True)}


def drawn(out: Path) -> Counter[str]:
    """Count the characters of an epoch's new lines."""
    mixed = read_mix(out)
    lines = mixed.lines(mixed.epochs[0], Tally())
    return Counter("".join(one.line.label for one in lines if one.kind.name == "new"))


def test_what_own_lines_hold_in_plenty_is_drawn_less_and_what_they_lack_is_drawn(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    write_set(sets["--new"], 300, 3, rare="값뷁")
    with_one = {"--own": ["값"], "--none": []}
    found = {}
    for name, rare in with_one.items():
        write_set(sets["--own"], 25, 1, rare="".join(rare))
        mix(sets, tmp_path / name, "--epochs", "3", "--epoch-lines", "200")
        found[name] = drawn(tmp_path / name)
    # 12 own lines hold 값, five times each: the new ones go to 뷁, that nothing else holds.
    assert found["--own"]["뷁"] > 1.5 * found["--own"]["값"]
    assert abs(found["--none"]["뷁"] - found["--none"]["값"]) <= 2
    assert found["--own"]["값"] < found["--none"]["값"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--epoch-lines", "100"), "--epoch-lines: asks for 100 originals, own lines alone fill"),
        (("--new", "own.txt"), "own.txt is named as --own too"),
        (("--own", "gone.txt"), "gone.txt: the label file is not there"),
        (("--own-times", "0"), "--own-times"),
    ],
)
def test_own_lines_that_do_not_fit_are_refused(
    sets: dict[str, Path], tmp_path: Path, more: tuple[str, str], told: str
) -> None:
    option, value = more
    if value == "own.txt":
        value = str(sets["--own"])
    _, error = mix(sets, tmp_path / "m", option, value, code=1 if "gone" in value else 2)
    assert told in " ".join(error.split())
    assert not (tmp_path / "m" / "mix.json").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--new: is missing, and --own too"),
        (("--own-times", "3", "--new", "x.txt"), "--own-times: is for own lines. Name them: --own"),
    ],
)
def test_a_mix_needs_lines_that_teach(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    run = run_module("balance", "mix", *words, "--distil", "a.txt", "--out", tmp_path / "m")
    assert run.returncode == 2
    assert told in run.stderr


def test_caps_a_reference_and_an_earlier_mix_go_with_own_lines(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    like = write_set(tmp_path / "like.txt", 40, 9)
    more = ("--epochs", "3", "--caps", "text=1", "--like", like)
    record, told = mix(sets, tmp_path / "a", *more)
    texts = Counter(
        one.line.label
        for one in read_mix(tmp_path / "a").lines(read_mix(tmp_path / "a").epochs[0], Tally())
        if one.kind.name == "new"
    )
    assert max(texts.values()) == 1
    assert set(record["configuration"]["drift"]) == {"length", "space share"}
    assert "length against --like" in told
    again, _ = mix(sets, tmp_path / "b", *more, "--previous", tmp_path / "a" / "mix.json")
    assert [epoch["churn"] for epoch in again["configuration"]["epochs"]] == [0.0] * 3


def test_own_lines_that_were_rendered_are_told(sets: dict[str, Path], tmp_path: Path) -> None:
    folder = sets["--own"].parent / "crops"
    folder.mkdir()
    rendered = [manifest_record(k, image=f"{k}.jpg") for k in range(4)]
    manifest = "".join(json.dumps(row) + "\n" for row in rendered)
    (folder / "manifest.jsonl").write_text(manifest, encoding="utf-8")
    _, told = mix(sets, tmp_path / "m")
    assert "note: 4 own lines were rendered, and count as original: drawn lines that teach" in told
