"""`balance mix --big`: the same mix with the lines on disk."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.rows import manifest_record
from tests.running import run_module

WORDS = ["합계", "부가세", "카드", "Total", "12,500", "RM", 'say "no"', "Cash", "'tis", "3.20"]
RARE = list("값뷁쀍뛟QXZ@#")


def mix(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_module("balance", "mix", *arguments)


def write_set(path: Path, count: int, seed: int, rare: float = 0.0, odd: bool = False) -> Path:
    """Write a label file; with `odd` lines of every kind that is mended or left out too."""
    rng = random.Random(seed)
    rows = []
    for k in range(count):
        label = " ".join(rng.choices(WORDS, range(10, 0, -1), k=rng.randint(1, 3)))
        if rng.random() < rare:
            label += " " + rng.choice(RARE)
        rows.append(f"crops/{k}.jpg\t{label}\n")
    if odd:
        rows.insert(3, rows[0])
        rows[7:7] = ["no tab\n", "a.jpg\t\n", "c\\d.jpg\t합계\n", "e.jpg\t하\u11ab\n", "\n"]
        rows += ["../f.jpg\tRM\n", f"g.jpg\t{'x' * 30}\n", "h.jpg\t  RM\n", "i j.jpg\tRM\r\n"]
        rows += [f"k.jpg\t{'y' * 200_000}\n", "last.jpg\tRM"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(rows), encoding="utf-8", newline="")
    return path


@pytest.fixture
def sets(tmp_path: Path) -> list[str | Path]:
    data = tmp_path / "it's data"
    # Every third line of one set was rendered, as a manifest below the data folder says.
    rendered = [manifest_record(k, image=f"{k}.jpg") for k in range(0, 60, 3)]
    (data / "own2" / "crops").mkdir(parents=True)
    (data / "own2" / "crops" / "manifest.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in rendered), encoding="utf-8"
    )
    return [
        *("--original", write_set(data / "own" / "gt.txt", 160, 1, odd=True)),
        *("--original", write_set(data / "own2" / "gt.txt", 60, 4)),
        *("--new", write_set(data / "new" / "gt.txt", 90, 2, 0.5)),
        *("--general", write_set(data / "lsvt" / "gt.txt", 130, 3, odd=True)),
        *("--replay", f"old={write_set(data / 'old' / 'gt.txt', 20, 5)}"),
        *("--check-images", "none"),
    ]


CASES = {
    "evened": ["--general-ratio", "2:1"],
    "by hash, in rounds": ["--general-ratio", "2:1", "--no-even", "--epochs", "7"],
    "drawn": ["--epoch-lines", "90", "--epochs", "6", "--general-ratio", "3:1"],
    "by characters": [
        *("--by", "characters", "--epoch-lines", "77", "--epochs", "5"),
        *("--general-ratio", "3:1"),
    ],
    "again and again": [
        *("--general-ratio", "0.5:1", "--on-shortage", "repeat", "--no-even"),
        *("--epochs", "3"),
    ],
    "beside own lines": ["--own", "own", "--epochs", "4"],
    "own lines by characters": [
        *("--own", "own", "--by", "characters", "--epochs", "3", "--epoch-lines", "150"),
    ],
    "own lines and no new ones": ["--own", "own", "--epochs", "3"],
}


@pytest.mark.parametrize("case", CASES)
def test_lines_on_disk_give_the_lists_of_lines_in_memory_byte_by_byte(
    sets: list[str | Path], tmp_path: Path, case: str
) -> None:
    like = tmp_path / "like.txt"
    write_set(like, 40, 9)
    # Some words of the own lines are frequent only together with those on disk.
    own = write_set(tmp_path / "it's data" / "scene" / "gt.txt", 30, 6, 0.3, odd=True)
    options = [own if one == "own" else one for one in (*sets, *CASES[case], "--like", like)]
    if case == "own lines and no new ones":
        at = options.index("--new")
        del options[at : at + 2]
    outs = tmp_path / "a", tmp_path / "b"
    for out, more in zip(outs, ([], ["--big", "--memory", "200MB"]), strict=True):
        run = mix(*options, "--out", out, *more)
        assert run.returncode == 0, run.stderr
    memory, disk = (
        {p.name: p.read_bytes() for p in out.iterdir() if p.suffix in (".txt", ".npy", ".roles")}
        for out in outs
    )
    assert len(memory) >= 4
    assert disk == memory
    codes = set(memory["epoch-000.roles"].decode().split())
    assert codes == {"o", "O", "g", "r1"} | ({"w"} if own in options else set()) | (
        {"N"} if "--new" in options else set()
    )
    for row, code in zip(
        memory["epoch-000.txt"].decode().splitlines(),
        memory["epoch-000.roles"].decode().splitlines(),
        strict=True,
    ):
        number = int(row.split(".jpg")[0].rpartition("/")[2]) if "/crops/" in row else 1
        assert (code == "O") == (row.startswith("own2/") and number % 3 == 0)
    records = [json.loads((out / "mix.json").read_text(encoding="utf-8")) for out in outs]
    assert records[0] == records[1]
    pages = [(out / "mix.html").read_text(encoding="utf-8") for out in outs]
    assert pages[0] == pages[1]
    # Nothing of the store is left behind.
    assert not [p.name for p in outs[1].iterdir() if p.name.startswith(".")]


def test_distilled_lines_on_disk_have_lists_of_their_own(tmp_path: Path) -> None:
    own = write_set(tmp_path / "own.txt", 100, 1)
    new = write_set(tmp_path / "new.txt", 40, 2)
    distil = tmp_path / "distil.txt"
    distil.write_text("".join(f"d/{k}.jpg\n" for k in range(60)), encoding="utf-8")
    options = ["--original", own, "--distil", distil, "--new", new, "--check-images", "none"]
    outs = tmp_path / "a", tmp_path / "b"
    for out, more in zip(outs, ([], ["--big"]), strict=True):
        run = mix(*options, "--out", out, "--epochs", "2", "--epoch-lines", "70", *more)
        assert run.returncode == 0, run.stderr
        assert len(list(out.glob("*.distil.txt"))) == 2
    memory, disk = ({p.name: p.read_bytes() for p in out.glob("epoch-*")} for out in outs)
    assert disk == memory
    run = mix(*options, "--by", "characters", "--out", outs[1], "--big")
    assert run.returncode == 2
    assert "whose characters nobody knows" in run.stderr


def test_a_file_of_another_dialect_is_mixed_on_disk_too(tmp_path: Path) -> None:
    rows = [f"old/{k}.jpg\t{WORDS[k % 3]} {k}\n" for k in range(60)]
    options: list[str | Path] = [
        "--encoding",
        "CP949",
        "--cut-prefix",
        "old/",
        "--check-images",
        "none",
    ]
    for role, some in (("--original", rows[:50]), ("--new", rows[50:])):
        path = tmp_path / f"{role.strip('-')}.txt"
        path.write_bytes("".join(some).encode("cp949"))
        options += [role, path]
    assert_alike(tmp_path, options)


MENDED = ("e.jpg", "h.jpg", "last.jpg", "i j.jpg", "c\\d.jpg")


@pytest.mark.parametrize("more", [["--repeat-originals", "3"], ["--copy"]])
def test_what_looks_at_every_original_is_the_same_on_disk(
    sets: list[str | Path], tmp_path: Path, more: list[str]
) -> None:
    data = tmp_path / "it's data"
    image = cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes()
    for path in data.glob("*/gt.txt"):
        for row in path.read_bytes().decode(errors="replace").split("\n"):
            name = row.partition("\t")[0]
            if name.startswith("crops/") or name in (
                "e.jpg",
                "h.jpg",
                "last.jpg",
                "i j.jpg",
                "c\\d.jpg",
            ):
                place = path.parent / name.replace("\\", "/")
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(image)
    assert_alike(tmp_path, [*sets, "--general-ratio", "3:1", "--epochs", "2", *more])


def test_widths_that_a_manifest_beside_the_originals_tells_are_compared_on_disk(
    sets: list[str | Path], tmp_path: Path
) -> None:
    for path, count in ((Path(sets[1]), 160), (tmp_path / "like.txt", 40)):
        rows = [manifest_record(k, image=f"crops/{k}.jpg") for k in range(0, count, 2)]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        path.with_name("manifest.jsonl").write_text(text, encoding="utf-8")
    like = write_set(tmp_path / "like.txt", 40, 9)
    found = assert_alike(tmp_path, [*sets, "--general-ratio", "2:1", "--like", like])
    assert "width" in found["configuration"]["drift"]


def assert_alike(folder: Path, options: list[str | Path]) -> dict[str, Any]:
    """Mix in memory and on disk; return the record, which is the same."""
    records = []
    files = []
    for name, more in (("a", []), ("b", ["--big"])):
        run = mix(*options, "--out", folder / name, *more)
        assert run.returncode == 0, run.stderr
        records.append(json.loads((folder / name / "mix.json").read_text(encoding="utf-8")))
        files.append(
            {
                p.relative_to(folder / name): p.read_bytes()
                for p in (folder / name).rglob("*")
                if p.is_file() and p.name != "mix.json"
            }
        )
    assert files[0] == files[1]
    assert records[0] == records[1]
    return records[0]


@pytest.mark.parametrize(
    ("memory", "told"), [("a lot", "--memory: 'a lot' is no amount"), ("1MB", "Allow more")]
)
def test_memory_that_is_none_or_too_little_is_refused(
    sets: list[str | Path], tmp_path: Path, memory: str, told: str
) -> None:
    run = mix(*sets, "--general-ratio", "2:1", "--out", tmp_path / "out", "--memory", memory)
    assert run.returncode == 2
    assert told in run.stderr
    assert "Traceback" not in run.stderr
