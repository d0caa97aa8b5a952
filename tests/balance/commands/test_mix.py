"""`balance mix` as a user runs it."""

import hashlib
import json
import os
import random
import re
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.running import run_module
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally

WORDS = ["합계", "부가세", "카드", "Total", "12,500", "RM", "날짜", "Cash", "GST", "3.20"]
RARE = list("값뷁쀍뛟QXZ@#")


def balance(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_module("balance", *arguments)


IMAGE = b"P5 1 1 255 0"


def write_set(folder: Path, count: int, seed: int, rare: float = 0.0) -> Path:
    """Write a label file whose images are all there; a share of the labels has a rare character."""
    rng = random.Random(seed)
    (folder / "crops").mkdir(parents=True)
    rows = []
    for k in range(count):
        label = " ".join(rng.choices(WORDS, range(10, 0, -1), k=rng.randint(1, 3)))
        if rng.random() < rare:
            label += " " + rng.choice(RARE)
        (folder / "crops" / f"{k}.jpg").write_bytes(IMAGE + b"%d" % k)
        rows.append(f"crops/{k}.jpg\t{label}\n")
    path = folder / "rec_gt.txt"
    path.write_text("".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def sets(tmp_path: Path) -> dict[str, Path]:
    return {
        "original": write_set(tmp_path / "data" / "own", 160, 1),
        "new": write_set(tmp_path / "data" / "new", 90, 2, 0.5),
        "general": write_set(tmp_path / "data" / "lsvt", 80, 3),
    }


def lines(path: Path) -> list[tuple[str, str]]:
    tally = Tally()
    found = [(row.path, row.label) for row in read_labels(path, tally=tally)]
    assert not tally
    return found


def roles(path: Path) -> Counter[str]:
    return Counter(name.split("/")[0] for name, _ in lines(path))


def mix(sets: dict[str, Path], out: Path, *more: str | Path) -> dict[str, object]:
    run = balance("mix", "--original", sets["original"], "--new", sets["new"], "--out", out, *more)
    assert run.returncode == 0, run.stderr
    found: dict[str, object] = json.loads((out / "mix.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("even", ["--even", "--no-even"])
def test_every_epoch_holds_the_ratio_and_uses_all_lines_before_any_again(
    sets: dict[str, Path], tmp_path: Path, even: str
) -> None:
    out = tmp_path / "mixed"
    more = ("--general", sets["general"], "--general-ratio", "3:1", "--epochs", "5", even)
    record = mix(sets, out, *more)
    used: Counter[str] = Counter()
    for number in range(5):
        found = roles(out / f"epoch-{number:03d}.txt")
        assert found == {"own": 160, "new": 20, "lsvt": 60}
        names = [p for p, _ in lines(out / f"epoch-{number:03d}.txt") if p.startswith("new/")]
        assert len(set(names)) == 20
        used.update(names)
        if number == 3:
            assert len(used) == 80
    # 90 lines, 100 places: each stands once, ten of them twice.
    assert sorted(used.values()) == [1] * 80 + [2] * 10
    assert (out / "train.txt").read_bytes() == (out / "epoch-000.txt").read_bytes()
    configuration = record["configuration"]
    assert isinstance(configuration, dict)
    assert {epoch["ratio"] for epoch in configuration["epochs"]} == {8.0}
    folder = (out / configuration["data_folder"]).resolve()
    assert all((folder / name).is_file() for name, _ in lines(out / "train.txt"))
    assert (out / "mix.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_same_lines_in_another_order_give_the_same_bytes(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    mix(sets, tmp_path / "a", "--epochs", "3")
    for path in sets.values():
        rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(9).shuffle(rows)
        path.write_text("".join(rows), encoding="utf-8")
    mix(sets, tmp_path / "b", "--epochs", "3")
    for name in ("train.txt", "epoch-001.txt", "epoch-002.txt", "choice.npy"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_another_source_leaves_what_was_drawn(sets: dict[str, Path], tmp_path: Path) -> None:
    mix(sets, tmp_path / "a", "--no-even", "--epoch-lines", "80")
    more = write_set(tmp_path / "data" / "old", 30, 7)
    general = ("--general", sets["general"], "--general-ratio", "2:1", "--replay", f"old={more}")
    mix(sets, tmp_path / "b", "--no-even", "--epoch-lines", "80", *general)
    kept = [row for row in lines(tmp_path / "b" / "train.txt") if row[0][:3] in ("own", "new")]
    assert kept == lines(tmp_path / "a" / "train.txt")
    assert roles(tmp_path / "b" / "train.txt") == {"own": 80, "new": 10, "lsvt": 45, "old": 30}


def test_epoch_lines_draw_other_originals_each_time(sets: dict[str, Path], tmp_path: Path) -> None:
    mix(sets, tmp_path / "m", "--epoch-lines", "80", "--epochs", "2")
    own = [
        {name for name, _ in lines(tmp_path / "m" / f"epoch-00{k}.txt") if name.startswith("own")}
        for k in (0, 1)
    ]
    assert len(own[0]) == len(own[1]) == 80
    assert not own[0] & own[1]


def test_distilled_lines_count_as_original_and_stand_apart(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "raw"
    write_set(folder, 40, 4)
    names = "".join(f"crops/{k}.jpg\n" for k in range(40))
    (folder / "list.txt").write_text(names, encoding="utf-8")
    mix(sets, tmp_path / "m", "--distil", folder / "list.txt")
    assert roles(tmp_path / "m" / "epoch-000.txt") == {"own": 160, "new": 25}
    rows = (tmp_path / "m" / "epoch-000.distil.txt").read_text().splitlines()
    assert len(rows) == 40
    assert all(row.startswith("raw/crops/") and row.endswith(".jpg\t") for row in rows)


def test_distilled_lines_alone_keep_the_ratio_in_every_epoch(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    names = "".join(f"own/crops/{k}.jpg\n" for k in range(160))
    unlabelled = tmp_path / "unlabelled.txt"
    unlabelled.write_text(names + "own/crops/gone.jpg\n", encoding="utf-8")
    out = tmp_path / "mixed"
    run = balance(
        *("mix", "--distil", unlabelled, "--new", sets["new"], "--ratio", "8:1", "--epochs", "3"),
        *("--epoch-lines", "80", "--images", tmp_path / "data", "--out", out),
    )
    assert run.returncode == 0, run.stderr
    configuration = json.loads((out / "mix.json").read_text(encoding="utf-8"))["configuration"]
    folder = out / configuration["data_folder"]
    drawn = []
    for number, epoch in enumerate(configuration["epochs"]):
        assert epoch["list"] == f"epoch-{number:03d}.txt"
        assert (epoch["original"], epoch["distil"], epoch["new"]) == (0, 80, 10)
        assert epoch["ratio"] == 8.0
        assert roles(out / epoch["list"]) == {"new": 10}
        rows = (out / epoch["distil_list"]).read_text(encoding="utf-8").splitlines()
        drawn.append(set(rows))
        assert all(row.startswith("own/crops/") and row.endswith("\t") for row in rows)
        names = [name for name, _ in lines(out / epoch["list"])]
        assert all((folder / name).is_file() for name in [*names, *(r[:-1] for r in rows)])
    assert not drawn[0] & drawn[1]
    distil, new = configuration["sources"]
    assert (distil["role"], distil["lines"], distil["usable"]) == ("distil", 161, 160)
    assert distil["counts"] == {"missing_image": 1}
    assert (out / distil["images"]).resolve() == (tmp_path / "data").resolve()
    assert (out / new["labels"]).resolve() == sets["new"].resolve()
    assert new["sha256"] == hashlib.sha256(sets["new"].read_bytes()).hexdigest()


def test_a_role_may_have_an_images_folder_of_its_own(sets: dict[str, Path], tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    for name in ("original", "new"):
        (lists / f"{name}.txt").write_bytes(sets[name].read_bytes())
    run = balance(
        *("mix", "--original", lists / "original.txt", "--new", lists / "new.txt"),
        *("--images", sets["original"].parent, f"new={sets['new'].parent}"),
        *("--out", tmp_path / "m"),
    )
    assert run.returncode == 0, run.stderr
    assert roles(tmp_path / "m" / "train.txt") == {"own": 160, "new": 20}


def test_an_image_that_lies_in_two_folders_is_refused(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    more = ("--images", sets["original"].parent, "--out", tmp_path / "m")
    run = balance("mix", "--original", sets["original"], "--new", sets["new"], *more)
    assert run.returncode == 2
    assert "crops/0.jpg of" in run.stderr
    assert "lies in" in run.stderr and "beside the file too" in run.stderr


def test_too_few_new_lines_are_refused_repeated_or_accepted(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    sets["new"] = write_set(tmp_path / "data" / "few", 12, 5)
    run = balance(
        "mix", "--original", sets["original"], "--new", sets["new"], "--out", tmp_path / "m"
    )
    assert run.returncode == 1
    assert "holds 12 usable lines, 8:1 beside 160 needs 20" in run.stderr
    assert "--epoch-lines 96" in run.stderr
    mix(sets, tmp_path / "r", "--on-shortage", "repeat")
    counts = Counter(name for name, _ in lines(tmp_path / "r" / "train.txt") if "few" in name)
    assert sorted(counts.values()) == [1] * 4 + [2] * 8
    record = mix(sets, tmp_path / "a", "--on-shortage", "accept")
    assert roles(tmp_path / "a" / "train.txt") == {"own": 160, "few": 12}
    assert "beyond 10:1" in str(record["configuration"])


def test_one_to_one_general_is_refused_where_it_would_need_repeats(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    run = balance(
        *("mix", "--original", sets["original"], "--new", sets["new"]),
        *("--general", sets["general"], "--out", tmp_path / "m"),
    )
    assert run.returncode == 1
    assert "--general: holds 80 usable lines, 1:1 of own to general" in run.stderr
    assert "--general-ratio 2.25:1" in run.stderr


def test_lines_that_the_rules_refuse_and_missing_images_are_left_out(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    with sets["original"].open("a", encoding="utf-8") as out:
        out.write("crops/1.jpg\t" + "x" * 26 + "\ncrops/gone.jpg\tTotal\ncrops/2.jpg\t€\n")
    dictionary = tmp_path / "dict.txt"
    chars = sorted({char for word in [*WORDS, *RARE, "x"] for char in word})
    dictionary.write_text("\n".join(chars) + "\n", encoding="utf-8")
    record = mix(sets, tmp_path / "m", "--dictionary", dictionary)
    counts = record["counts"]
    assert isinstance(counts, dict)
    left = {key: counts.get(f"original/{key}") for key in ("too_long", "missing_image")}
    assert left == {"too_long": 1, "missing_image": 1}
    assert counts["original/outside_dictionary"] == 1
    assert roles(tmp_path / "m" / "train.txt")["own"] == 160
    strict = balance(
        *("mix", "--original", sets["original"], "--new", sets["new"], "--strict"),
        *("--dictionary", dictionary, "--out", tmp_path / "s"),
    )
    assert strict.returncode == 1
    assert "rec_gt.txt:162 (crops/gone.jpg): image that is not there" in strict.stderr


def test_evening_serves_the_rare_characters_and_keeps_the_words(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    record = mix(sets, tmp_path / "even")
    mix(sets, tmp_path / "plain", "--no-even")

    def rare(folder: str) -> int:
        return sum(
            char in label for _, label in lines(tmp_path / folder / "train.txt") for char in RARE
        )

    assert rare("even") > rare("plain")
    configuration = record["configuration"]
    assert isinstance(configuration, dict)
    assert configuration["epochs"][0]["words_below_floor"] == 0
    assert configuration["epochs"][0]["characters_below_floor"] == 0


def test_a_mix_prefers_the_lines_of_the_one_before(sets: dict[str, Path], tmp_path: Path) -> None:
    mix(sets, tmp_path / "a")
    grown = write_set(tmp_path / "data" / "own2", 16, 8)
    record = mix(
        {**sets}, tmp_path / "b", "--original", grown, "--previous", tmp_path / "a" / "mix.json"
    )
    configuration = record["configuration"]
    assert isinstance(configuration, dict)
    assert configuration["epochs"][0]["churn"] < 0.15


@pytest.mark.parametrize("placing", ["--link", "--copy"])
def test_links_and_copies_make_the_out_folder_the_data_folder(
    sets: dict[str, Path], tmp_path: Path, placing: str
) -> None:
    out = tmp_path / "m"
    record = mix(sets, out, placing, "--lmdb")
    configuration = record["configuration"]
    assert isinstance(configuration, dict)
    assert configuration["data_folder"] == "."
    assert all((out / name).read_bytes().startswith(IMAGE) for name, _ in lines(out / "train.txt"))
    assert (out / "images" / "new-1").is_symlink() == (placing == "--link")
    assert (out / "epoch-000.lmdb" / "data.mdb").is_file()


@pytest.mark.parametrize("asked", ["--copy", "--lmdb"])
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("leads_out", "leads out of its folder by a link"),
        ("device", "leads out of its folder by a link"),
        ("text", "is no image by its content"),
        ("pipe", "is no regular file"),
    ],
)
def test_what_is_no_image_of_its_folder_is_not_copied(
    sets: dict[str, Path], tmp_path: Path, asked: str, kind: str, message: str
) -> None:
    for number in (3, 4):
        image = sets["original"].parent / "crops" / f"{number}.jpg"
        image.unlink()
        if kind == "leads_out":
            (tmp_path / "secret.ppm").write_bytes(IMAGE)
            image.symlink_to(tmp_path / "secret.ppm")
        elif kind == "device":
            image.symlink_to("/dev/zero")
        elif kind == "pipe":
            os.mkfifo(image)
        else:
            image.write_bytes(b"-----BEGIN KEY-----")
    inputs = ["--original", sets["original"], "--new", sets["new"], "--check-images", "none"]
    run = balance("mix", *inputs, "--out", tmp_path / "m", asked)
    assert run.returncode == 1
    assert re.search(rf"crops/[34]\.jpg: and others of .* not copied \({message}: 2\)", run.stderr)
    assert not list((tmp_path / "m").rglob("*.jpg"))
    assert not list((tmp_path / "m").rglob("*.lmdb"))


def test_a_link_within_the_folder_is_copied(sets: dict[str, Path], tmp_path: Path) -> None:
    image = sets["original"].parent / "crops" / "3.jpg"
    image.unlink()
    image.symlink_to("4.jpg")
    mix(sets, tmp_path / "m", "--copy", "--lmdb")
    assert (tmp_path / "m" / "images" / "original-1" / "crops" / "3.jpg").is_file()


def test_fewer_epochs_in_the_same_folder_leave_no_list_of_the_earlier_mix(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    mix(sets, tmp_path / "m", "--epochs", "3")
    mix(sets, tmp_path / "m", "--epochs", "2")
    assert sorted(path.name for path in (tmp_path / "m").glob("epoch-*")) == [
        "epoch-000.roles",
        "epoch-000.txt",
        "epoch-001.roles",
        "epoch-001.txt",
    ]


def test_a_dry_run_prints_the_budget_and_writes_nothing(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    run = balance("mix", "--original", sets["original"], "--new", sets["new"], "--dry-run")
    assert run.returncode == 0
    assert "160 original lines allow 16 to 32 new ones an epoch; 20 are taken" in run.stdout
    told = json.loads(
        balance(
            *("mix", "--original", sets["original"], "--new", sets["new"], "--dry-run", "--json")
        ).stdout
    )
    assert told["configuration"]["budget"]["new"] == 20
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_characters_are_counted_where_asked(sets: dict[str, Path], tmp_path: Path) -> None:
    record = mix(sets, tmp_path / "m", "--by", "characters", "--ratio", "6:1")
    configuration = record["configuration"]
    assert isinstance(configuration, dict)
    assert 5.9 < configuration["epochs"][0]["ratio"] < 6.4


def test_caps_and_repeats_are_obeyed(sets: dict[str, Path], tmp_path: Path) -> None:
    mix(sets, tmp_path / "m", "--caps", "text=1", "--like", sets["general"])
    texts = Counter(label for name, label in lines(tmp_path / "m" / "train.txt") if "new" in name)
    assert max(texts.values()) == 1
    mix(sets, tmp_path / "r", "--repeat-originals", "3", "--alpha", "0")
    counts = Counter(name for name, _ in lines(tmp_path / "r" / "train.txt") if "own" in name)
    assert set(counts.values()) <= {1, 2, 3}
    assert max(counts.values()) > 1
    new = roles(tmp_path / "r" / "train.txt")["new"]
    assert 5 * new <= counts.total() <= 10 * new


@pytest.mark.parametrize(
    "more, code, message",
    [
        (("--ratio", "3:1"), 2, "--ratio: 3:1 is not within 5:1 and 10:1"),
        (("--link", "--copy"), 2, "--link: contradicts --copy"),
        (("--caps", "x=1"), 2, "--caps: 'x=1' is no cap"),
        (("--replay", "x"), 2, "--replay: 'x' is no NAME=FILE"),
        (("--previous", "none.json"), 1, "none.json: the mix record is not there"),
        (("--profile", "none.json"), 1, "none.json: the profile is not there"),
    ],
)
def test_errors_are_one_message_and_an_exit_code(
    sets: dict[str, Path], tmp_path: Path, more: tuple[str, ...], code: int, message: str
) -> None:
    run = balance(
        *("mix", "--original", sets["original"], "--new", sets["new"], "--out", tmp_path / "m"),
        *more,
    )
    assert run.returncode == code
    assert message in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "more, message",
    [
        ((), "--original: is missing, and --distil too"),
        (("--original", "a.txt", "--images", "none"), "--images: none is no folder"),
        (("--original", "a.txt", "--images", ".", "."), "--images: . is a second folder for all"),
    ],
)
def test_a_mix_without_lines_to_keep_or_folder_is_refused(
    sets: dict[str, Path], tmp_path: Path, more: tuple[str, ...], message: str
) -> None:
    run = balance("mix", "--new", sets["new"], "--out", tmp_path / "m", *more)
    assert run.returncode == 2
    assert message in run.stderr


def test_several_files_follow_one_option(sets: dict[str, Path], tmp_path: Path) -> None:
    other = write_set(tmp_path / "data" / "own2", 20, 6)
    run = balance(
        *("mix", "--original", sets["original"], other, "--new", sets["new"]),
        *("--out", tmp_path / "m", "--check-images", "none"),
    )
    assert run.returncode == 0, run.stderr
    assert roles(tmp_path / "m" / "train.txt") == {"own": 160, "own2": 20, "new": 23}


def test_a_file_named_twice_is_refused(sets: dict[str, Path], tmp_path: Path) -> None:
    run = balance(
        *("mix", "--original", sets["original"], "--new", sets["original"]),
        *("--out", tmp_path / "m"),
    )
    assert run.returncode == 2
    assert "is named as --original too" in run.stderr


def test_the_choice_of_a_mix_holds_no_pickle(sets: dict[str, Path], tmp_path: Path) -> None:
    mix(sets, tmp_path / "m")
    assert np.load(tmp_path / "m" / "choice.npy", allow_pickle=False).dtype == np.uint64


def test_a_dictionary_says_itself_whether_a_space_follows(
    sets: dict[str, Path], tmp_path: Path
) -> None:
    entries = sorted(set("".join((*WORDS, *RARE))))
    (tmp_path / "dict.txt").write_text("".join(f"{e}\n" for e in entries), encoding="utf-8")
    yml = tmp_path / "train.yml"
    yml.write_text("Global:\n  character_dict_path: dict.txt\n  use_space_char: false\n")
    asked = ("--dictionary", yml, "--on-shortage", "accept")
    configuration = mix(sets, tmp_path / "a", *asked)["configuration"]
    assert isinstance(configuration, dict)
    assert configuration["use_space_char"] is False
    assert not any(" " in label for _, label in lines(tmp_path / "a" / "train.txt"))
    plain = mix(sets, tmp_path / "b", "--dictionary", tmp_path / "dict.txt")["configuration"]
    assert isinstance(plain, dict)
    assert plain["use_space_char"] is True
    run = balance(
        *("mix", "--original", sets["original"], "--new", sets["new"], "--out", tmp_path / "c"),
        *(*asked, "--use-space-char"),
    )
    assert run.returncode == 2
    assert f"--use-space-char: contradicts {yml}, by which {tmp_path / 'dict.txt'} has no" in (
        run.stderr
    )
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("is_labels", [True, False])
def test_what_is_no_dictionary_of_these_lines_is_refused(
    sets: dict[str, Path], tmp_path: Path, is_labels: bool
) -> None:
    dictionary = sets["original"]
    told = "is no dictionary: it looks like a label file (160 of its 160 lines hold a tab between"
    if not is_labels:
        dictionary = tmp_path / "other.txt"
        dictionary.write_text("".join(f"{chr(code)}\n" for code in range(0x3041, 0x3097)))
        told = "labels at hand: of their "
    run = balance(
        *("mix", "--original", sets["original"], "--new", sets["new"], "--out", tmp_path / "out"),
        *("--dictionary", dictionary),
    )
    assert run.returncode == 1
    assert f"error: {dictionary}: " in run.stderr and told in run.stderr
    assert not (tmp_path / "out").exists()
