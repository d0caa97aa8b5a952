from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.calibrate.crops import FEWEST, RealLine, parted, read_crops
from tests.synth.calibrate.conftest import TEXTS, Looker
from textlines.errors import InputError
from textlines.pixels.arrays import Image


def write(folder: Path, lines: list[Image]) -> Path:
    folder.mkdir()
    for number, line in enumerate(lines):
        cv2.imwrite(str(folder / f"{number:03}.png"), line)
    return folder


def test_labels_are_the_texts_where_there_are_any(
    tmp_path: Path, yellow_lines: list[Image]
) -> None:
    crops = write(tmp_path / "crops", yellow_lines)
    labels = tmp_path / "rec_gt.txt"
    labels.write_text("".join(f"{n:03}.png\t{text}\n" for n, text in enumerate(TEXTS)))
    real = read_crops(crops, labels, Looker("read"))
    assert [line.text for line in real.lines] == list(TEXTS)
    assert real.labelled and real.there == len(TEXTS)
    unlabelled = read_crops(crops, None, Looker("read"))
    assert {line.text for line in unlabelled.lines} == {"read"} and not unlabelled.labelled


def test_what_cannot_be_used_is_counted(tmp_path: Path, yellow_lines: list[Image]) -> None:
    crops = write(tmp_path / "crops", yellow_lines)
    (crops / "broken.png").write_bytes(b"no image")
    cv2.imwrite(str(crops / "dark.png"), np.zeros((30, 60, 3), np.uint8))
    real = read_crops(crops, None, Looker("read"))
    assert len(real.lines) == len(TEXTS)
    assert sum(real.left_out.values()) == 2 and real.left_out["without_text"] == 1


def test_too_few_lines_are_refused_with_the_reasons(tmp_path: Path) -> None:
    crops = write(tmp_path / "crops", [np.zeros((30, 60, 3), np.uint8)] * 3)
    with pytest.raises(InputError, match=f"{FEWEST} are the least .*3 without_text"):
        read_crops(crops, None, Looker("read"))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        read_crops(tmp_path / "none", None, Looker())


@given(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=60), st.integers(0, 99))
def test_parts_are_as_many_and_share_no_text(texts: list[str], seed: int) -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    lines = [RealLine(f"{n}.png", image, text, np.zeros(2)) for n, text in enumerate(texts)]
    first, second = parted(lines, seed)
    assert len(first) == len(second)
    assert not {line.text for line in first} & {line.text for line in second}
