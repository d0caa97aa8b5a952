"""What `balance mix` tells: its page, its record, its dry run; and files that are no lines."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.running import run_module
from textlines.labels.label_file import read_labels
from textlines.labels.lmdb_store import read_lmdb
from textlines.labels.tally import Tally

SHORT, LONG = ["12.50", "합계", "RM 3"], ["a long line of words", "no short one either"]


def mix(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_module("balance", "mix", *arguments)


def write(path: Path, labels: list[str], count: int, image: bytes | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{k}.jpg\t{labels[k % len(labels)]}\n" for k in range(count)]
    path.write_text("".join(rows), encoding="utf-8")
    for k in range(count if image else 0):
        path.with_name(f"{k}.jpg").write_bytes(b"%s %d" % (image, k))
    return path


@pytest.fixture
def sets(tmp_path: Path) -> list[str | Path]:
    own = write(tmp_path / "own" / "gt.txt", [*SHORT, "값 0O"], 120, b"P5 1 1 255 own")
    new = write(tmp_path / "new" / "gt.txt", [*LONG, *SHORT, "0O0O", "O값O"], 70, b"P5 1 1 255 new")
    return ["--original", own, "--new", new]


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Make a profile in which O is read as 0."""
    table = tmp_path / "read.tsv"
    rows = [f"{k}.jpg\tO1\t{'01' if k % 2 else 'O1'}\n" for k in range(60)]
    table.write_text("path\ttruth\tprediction\n" + "".join(rows), encoding="utf-8")
    path = tmp_path / "profile.json"
    run = [sys.executable, "-m", "train", "mine", "--predictions", str(table), "--out", str(path)]
    subprocess.run(run, check=True, capture_output=True)
    return path


def configuration(out: Path) -> dict[str, Any]:
    found = json.loads((out / "mix.json").read_text(encoding="utf-8"))["configuration"]
    assert isinstance(found, dict)
    return found


def test_a_reference_is_matched_and_its_distance_told(
    sets: list[str | Path], tmp_path: Path
) -> None:
    like = write(tmp_path / "like.txt", LONG, 50)
    plain, alike = (
        mix(*sets, "--check-images", "none", "--out", tmp_path / name, "--like", like, more)
        for name, more in (("plain", "--no-even"), ("alike", "--even"))
    )
    assert plain.returncode == alike.returncode == 0, alike.stderr
    drifts = {name: configuration(tmp_path / name)["drift"] for name in ("plain", "alike")}
    assert set(drifts["alike"]) == {"length", "space share"}
    for measure in drifts["alike"]:
        assert drifts["alike"][measure]["psi"] < drifts["plain"][measure]["psi"]
        assert 0 < drifts["alike"][measure]["ks"] <= drifts["plain"][measure]["ks"] <= 1
    told = next(line for line in alike.stdout.splitlines() if line.startswith("length against"))
    assert f"KS {drifts['alike']['length']['ks']:.3f}, apart" in told
    page = (tmp_path / "alike" / "mix.html").read_text(encoding="utf-8")
    assert 'id="drift"' in page


def test_a_mix_is_as_far_from_its_reference_as_a_check_of_it_says(
    sets: list[str | Path], tmp_path: Path
) -> None:
    like = write(tmp_path / "like.txt", [*LONG, "12.50"], 50)
    run = mix(*sets, "--check-images", "none", "--out", tmp_path / "mix", "--like", like)
    assert run.returncode == 0, run.stderr
    mixed = configuration(tmp_path / "mix")["drift"]
    listed = tmp_path / "mix" / "train.txt"
    run = run_module(
        "balance", "check", listed, "--like", like, "--no-near", "--no-cache", "--json"
    )
    checked = {row["name"]: row for row in json.loads(run.stdout)["drift"]}
    for name, measure in (("length", "length"), ("space", "space share")):
        assert mixed[measure]["psi"] > 0
        assert checked[name]["psi"] == round(mixed[measure]["psi"], 4)
        assert checked[name]["ks"] == round(mixed[measure]["ks"], 4)


def test_the_page_shows_before_and_after_the_hard_characters_and_what_was_left_out(
    sets: list[str | Path], profile: Path, tmp_path: Path
) -> None:
    with Path(sets[1]).open("a", encoding="utf-8") as out:
        out.write("gone.jpg\tRM 3\n" + "1.jpg\t" + "<b>" * 9 + "\n")
    run = mix(*sets, "--profile", profile, "--out", tmp_path / "m", "--epochs", "2")
    assert run.returncode == 0, run.stderr
    page = (tmp_path / "m" / "mix.html").read_text(encoding="utf-8")
    for section in ("epochs", "hard", "characters", "words", "left-out", "sources"):
        assert f'id="{section}"' in page
    ratios = [epoch["ratio"] for epoch in configuration(tmp_path / "m")["epochs"]]
    assert len(ratios) == 2
    assert all(5 <= ratio <= 10 for ratio in ratios)
    assert len(re.findall(r"<td[^>]*>epoch-00", page)) == 2
    for told in (
        "image that is not there",
        "beyond the length limit",
        "gt.txt:121",
        "originals, %",
    ):
        assert told in page
    assert "<b><b>" not in page


def test_a_dry_run_tells_hard_characters_samples_and_rounds(
    sets: list[str | Path], profile: Path, tmp_path: Path
) -> None:
    run = mix(*sets, "--profile", profile, "--dry-run")
    assert run.returncode == 0, run.stderr
    assert "120 original lines allow 12 to 24 new ones an epoch; 15 are taken" in run.stdout
    told = json.loads(mix(*sets, "--profile", profile, "--dry-run", "--json").stdout)
    budget = told["configuration"]["budget"]
    assert budget["wanted"] >= budget["met"] >= 1
    assert budget["rounds"] == -(-budget["wanted"] * 200 // budget["samples"])
    assert f"{budget['samples']:,} an epoch" in run.stdout
    assert f"{budget['rounds']:,} epochs of other lines bring 200 samples to each" in run.stdout
    assert not (tmp_path / "mix.json").exists()


def test_an_lmdb_holds_the_images_and_labels_of_its_list(
    sets: list[str | Path], tmp_path: Path
) -> None:
    run = mix(*sets, "--out", tmp_path / "m", "--lmdb", "--epochs", "2")
    assert run.returncode == 0, run.stderr
    folder = tmp_path / "m" / configuration(tmp_path / "m")["data_folder"]
    for name in ("epoch-000", "epoch-001"):
        tally = Tally()
        rows = list(read_labels(tmp_path / "m" / f"{name}.txt", tally=tally))
        packed = list(read_lmdb(tmp_path / "m" / f"{name}.lmdb", tally))
        assert not tally
        assert [(one.image, one.label) for one in packed] == [
            ((folder / row.path).read_bytes(), row.label) for row in rows
        ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"\x00\x01\xff\n\x00\n", "line with a NUL (binary data), left out: 2"),
        (b"a.jpg a\nb.jpg b\n", "as TRDG writes it, and no label file. Bring it in first: balance"),
        (b"/etc/a.jpg\ta\n../b.jpg\tb\n", "absolute path, left out: 1 ("),
        (b"a.jpg\t" + b"x" * 100_000 + b"\n", "line of more than 100,000 bytes, left out: 1"),
        ("a.jpg\ta\n".encode("utf-16"), "UTF-16"),
    ],
)
@pytest.mark.parametrize("way", ["in memory", "on disk"])
def test_a_file_that_holds_no_line_is_named_with_the_reason(
    sets: list[str | Path], tmp_path: Path, content: bytes, why: str, way: str
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(content)
    more = ["--big"] if way == "on disk" else []
    run = mix(*sets, "--original", bad, "--check-images", "none", "--out", tmp_path / "m", *more)
    assert run.returncode == 1
    assert "bad.txt" in run.stderr
    assert why in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "m" / "train.txt").exists()


@pytest.mark.parametrize("how", ["listing", "stat"])
def test_a_loop_of_links_is_an_image_that_is_not_there(
    sets: list[str | Path], tmp_path: Path, how: str
) -> None:
    own = Path(sets[1])
    own.with_name("loop.jpg").symlink_to("loop.jpg")
    own.with_name("round").symlink_to(".", target_is_directory=True)
    with own.open("a", encoding="utf-8") as out:
        out.write("loop.jpg\tRM 3\nround/round/7.jpg\tRM 3\n")
    run = mix(*sets, "--check-images", how, "--out", tmp_path / "m")
    assert run.returncode == 0, run.stderr
    record = json.loads((tmp_path / "m" / "mix.json").read_text(encoding="utf-8"))
    assert record["counts"]["original/missing_image"] == 1
    assert record["counts"]["original/usable"] == 121


def test_spaces_chinese_and_emoji_in_paths_reach_the_lists(
    sets: list[str | Path], tmp_path: Path
) -> None:
    names = ["my crops/a 1.jpg", "图像/字.jpg", "😀/😀.jpg"]
    more = tmp_path / "폴더 둘" / "gt.txt"
    more.parent.mkdir()
    for name in names:
        (more.parent / name).parent.mkdir()
        (more.parent / name).write_bytes(b"image")
    more.write_text("".join(f"{name}\tRM 3\n" for name in names), encoding="utf-8")
    for extra in ([], ["--big"]):
        run = mix(*sets, "--original", more, "--out", tmp_path / "m", *extra)
        assert run.returncode == 0, run.stderr
        folder = tmp_path / "m" / configuration(tmp_path / "m")["data_folder"]
        listed = (tmp_path / "m" / "train.txt").read_text(encoding="utf-8").splitlines()
        paths = Counter(line.split("\t")[0] for line in listed)
        assert {f"폴더 둘/{name}" for name in names} <= set(paths)
        assert all(os.path.isfile(folder / path) for path in paths)  # noqa: PTH113


def plates(form: str, count: int) -> list[str]:
    return [form.format(f"{'가나다라마'[n % 5]} {1000 + 37 * n}") for n in range(count)]


@pytest.mark.parametrize("way", ["in memory", "on disk"])
@pytest.mark.parametrize(
    "form, words, way_out",
    [
        (" {}", "start with a space", " (balance check gt.txt --fix OUT does)"),
        ("{}℃", "end with '℃'", ""),
    ],
)
def test_what_all_labels_of_a_file_share_is_told_with_the_way_out(
    form: str, words: str, way_out: str, way: str, tmp_path: Path
) -> None:
    own = write(tmp_path / "own" / "gt.txt", plates(form, 60), 60)
    new = write(tmp_path / "new" / "gt.txt", plates("{}", 40), 40)
    more = ["--big"] if way == "on disk" else []
    out = tmp_path / "m"
    run = mix("--original", own, "--new", new, "--check-images", "none", "--out", out, *more)
    assert run.returncode == 0, run.stderr
    told = (
        f"original (gt.txt): all 60 labels {words}: the model is taught to write it. Where the "
        f"crops do not show it, take it out of the labels first{way_out}"
    )
    assert f"note: {told}\n" in run.stdout
    assert told in configuration(out)["notes"]
    # Nothing is said of the new ones, whose labels share nothing.
    assert "new (gt.txt)" not in run.stdout


def test_drawn_lines_show_their_unit_and_no_blank_at_an_edge(tmp_path: Path) -> None:
    own = write(tmp_path / "own" / "gt.txt", plates("{}", 60), 60)
    for form, is_told in (("{}℃", False), ("{} ", True)):
        new = write(tmp_path / "new" / "gt.txt", plates(form, 40), 40)
        run = mix("--original", own, "--new", new, "--check-images", "none", "--dry-run")
        assert ("note: new (gt.txt): all 40 labels end with a space" in run.stdout) is is_told


def test_a_long_file_is_looked_at_in_part(tmp_path: Path) -> None:
    count = 4000
    own = write(tmp_path / "own" / "gt.txt", plates(" {}", count), count)
    new = write(tmp_path / "new" / "gt.txt", plates("{}", 1000), 1000)
    run = mix("--original", own, "--new", new, "--check-images", "none", "--dry-run")
    assert run.returncode == 0, run.stderr
    looked = 2000 + count // 97 - 2000 // 97
    assert f"all {looked:,} labels looked at start with a space" in run.stdout


@pytest.mark.parametrize(
    "options, mend",
    [
        ((), "gt.txt: holds no usable line (image that is not there, left out: 60 ("),
        (
            ("--check-images", "none", "--dictionary", "DICT"),
            "dict.txt: can write 0 of the 60 labels",
        ),
    ],
)
def test_a_file_of_which_all_is_left_out_says_what_to_look_at(
    options: tuple[str, ...], mend: str, tmp_path: Path
) -> None:
    own = write(tmp_path / "own" / "gt.txt", plates("{}", 60), 60)
    new = write(tmp_path / "new" / "gt.txt", plates("{}", 40), 40)
    dictionary = tmp_path / "dict.txt"
    dictionary.write_text("x\ny\n")
    named = [str(dictionary) if one == "DICT" else one for one in options]
    run = mix("--original", own, "--new", new, "--dry-run", *named)
    assert run.returncode == 1
    assert mend in run.stderr


def test_a_mix_without_new_lines_says_nothing_of_them(tmp_path: Path) -> None:
    own = write(tmp_path / "own" / "gt.txt", plates("{}", 60), 60)
    run = mix("--own", own, "--check-images", "none", "--dry-run")
    assert run.returncode == 0, run.stderr
    assert "and no new one beside them" in run.stdout
    assert "at random" not in run.stdout


def finding(out: Path) -> str:
    found = re.search(r'<p class="finding">(.*?)</p>', (out / "mix.html").read_text("utf-8"))
    assert found
    return found[1]


def test_the_page_says_first_whether_the_ratio_is_kept_and_what_is_short(
    profile: Path, tmp_path: Path
) -> None:
    own = write(tmp_path / "own" / "gt.txt", [*SHORT, "O1"], 120, b"P5 1 1 255 own")
    few = write(tmp_path / "few" / "gt.txt", LONG, 8, b"P5 1 1 255 few")
    new = write(tmp_path / "new" / "gt.txt", [*LONG, *SHORT, "O1"], 70, b"P5 1 1 255 new")
    run = ("--check-images", "none", "--word-floor", "0", "--out")
    assert mix("--original", own, "--new", new, *run, tmp_path / "a").returncode == 0
    assert finding(tmp_path / "a") == (
        "The ratio is kept: 8 originals to one new, and nothing is short."
    )
    lacking = ("--original", own, "--new", few, "--on-shortage", "accept", "--profile", profile)
    assert mix(*lacking, *run, tmp_path / "b").returncode == 0
    assert finding(tmp_path / "b") == (
        "The ratio is not kept: 15 originals to one new, beyond 10; short are new lines with 1 of "
        "1 hard character."
    )
