"""Label files whose paths, or encoding, are not PaddleOCR's: told, read by an option, and fixed."""

import random
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.running import run_module
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally

TEXTS = ("값 12,500원", "Total 4.20", "No. 7", "합계 30")


def balance(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_module("balance", *arguments)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with 40 unlike crops in train/."""
    folder = tmp_path / "data"
    (folder / "train").mkdir(parents=True)
    rng = random.Random(3)
    for number in range(40):
        image = Image.new("RGB", (160, 32), (235, 235, 230))
        draw = ImageDraw.Draw(image)
        for _ in range(12):
            x, y = rng.randrange(150), rng.randrange(24)
            draw.rectangle((x, y, x + rng.randrange(3, 12), y + 7), fill=(rng.randrange(120),) * 3)
        image.save(folder / "train" / f"{number}.jpg", quality=90)
    return folder


def write(home: Path, begins: str, name: str, encoding: str = "utf-8") -> Path:
    rows = (f"{begins}{number}.jpg\t{TEXTS[number % 4]}{number}\n" for number in range(40))
    (home / name).write_bytes("".join(rows).encode(encoding))
    return home / name


@pytest.mark.parametrize(
    ("begins", "prefix"),
    [("train_data/rec/train/", "train_data/rec/"), ("C:\\ocr\\train\\", "C:/ocr/")],
)
def test_check_says_what_fits_and_writes_it(home: Path, begins: str, prefix: str) -> None:
    file = write(home, begins, "rec_gt.txt")
    run = balance("check", file, "--no-cache")
    assert run.returncode == 1
    told = f'40 of 40 images stand in {home} without "{prefix}" before their paths'
    assert run.stdout.count(told) == 1
    fixed = home / "fixed.txt"
    run = balance("check", file, "--cut-prefix", prefix, "--fix", fixed, "--no-cache")
    assert run.returncode == 0, run.stdout
    lines = list(read_labels(fixed, tally=Tally(), images=home))
    assert [(line.path, line.label) for line in lines[:2]] == [
        ("train/0.jpg", "값 12,500원0"),
        ("train/1.jpg", "Total 4.201"),
    ]
    assert len(lines) == 40
    clean = balance("check", fixed, "--no-cache")
    assert clean.returncode == 0
    assert "images stand in" not in clean.stdout


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_check_reads_another_encoding_and_writes_utf_8(home: Path, encoding: str) -> None:
    file = write(home, "train/", "rec_gt.txt", encoding)
    run = balance("check", file, "--no-cache")
    assert run.returncode == 1
    assert "--encoding" in run.stdout
    fixed = home / "fixed.txt"
    run = balance("check", file, "--encoding", encoding, "--fix", fixed, "--no-cache")
    assert run.returncode == 0, run.stdout
    assert fixed.read_text("utf-8").splitlines()[3] == "train/3.jpg\t합계 303"


def test_an_absolute_path_inside_the_images_is_taken_and_told(home: Path) -> None:
    file = write(home.parent, f"{home}/train/", "rec_gt.txt")
    run = balance("check", file, "--images", home, "--no-cache")
    assert run.returncode == 0, run.stdout
    assert "absolute path that lies in the folder of the images (40)" in run.stdout


def test_mix_says_what_fits_and_takes_it_by_an_option(home: Path, tmp_path: Path) -> None:
    original = write(home, "old/train/", "original.txt", "cp949")
    new = home / "new.txt"
    new.write_bytes(b"".join(original.read_bytes().splitlines(keepends=True)[:8]))
    out = tmp_path / "mixed"
    call = ("mix", "--original", original, "--new", new, "--out", out, "--no-even")
    plain = balance(*call, "--encoding", "CP949")
    assert plain.returncode == 1
    assert f'40 of 40 images stand in {home} without "old/" before their paths' in plain.stderr
    assert not (out / "train.txt").exists()
    run = balance(*call, "--encoding", "CP949", "--cut-prefix", "old/", "--ratio", "5:1")
    assert run.returncode == 0, run.stderr
    rows = (out / "train.txt").read_text("utf-8").splitlines()
    assert len(rows) == 48
    assert set(rows) == {f"train/{n}.jpg\t{TEXTS[n % 4]}{n}" for n in range(40)}


def test_an_encoding_that_nobody_knows_is_a_wrong_option(home: Path) -> None:
    file = write(home, "train/", "rec_gt.txt")
    run = balance("check", file, "--encoding", "klingon")
    assert run.returncode == 2
    assert "--encoding klingon: is no encoding that is known" in run.stderr


def test_a_detection_file_is_one_finding_and_not_one_a_line(home: Path) -> None:
    box = '[{"transcription": "%s", "points": [[0, 0], [90, 0], [90, 9], [0, 9]]}]'
    rows = [f"train/{number}.jpg\t{box % TEXTS[number % 4]}\n" for number in range(40)]
    (home / "Label.txt").write_text("".join(rows), "utf-8")
    run = balance("check", home / "Label.txt", "--no-cache")
    assert run.returncode == 1
    assert "balance import ppocr-det" in run.stdout
    assert "raise max_text_length" not in run.stdout
    assert len(run.stdout.splitlines()) < 10
