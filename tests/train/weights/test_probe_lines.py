"""Lines of a mix as PaddleOCR trains on them: squeezed, and none that it is not given."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.running import run_here
from textlines.errors import InputError
from textlines.formats.mix import MixFolder, read_mix
from textlines.labels.alphabet import Alphabet
from train.weights.probe_lines import mix_lines

cv2 = pytest.importorskip("cv2")

DIGITS = Alphabet(tuple("0123456789"))


@pytest.fixture
def mix(tmp_path: Path) -> MixFolder:
    """Mix twelve crops, one of them three times as wide as 320 pixels, one with a letter."""
    own = tmp_path / "own"
    own.mkdir()
    rng = np.random.default_rng(1)
    rows = []
    for number in range(12):
        shape = (48, 960 if number == 4 else 200 + number, 3)
        assert cv2.imwrite(str(own / f"{number:02d}.png"), rng.integers(0, 256, shape, np.uint8))
        rows.append(f"{number:02d}.png\t{'x' if number == 7 else number}\n")
    (own / "rec_gt.txt").write_text("".join(rows), encoding="utf-8")
    done = run_here("balance", "mix", "--own", own / "rec_gt.txt", "--out", tmp_path / "mixed")
    assert done.returncode == 0, done.stderr
    return read_mix(tmp_path / "mixed")


def test_wide_lines_are_squeezed_and_others_padded(mix: MixFolder) -> None:
    lines = mix_lines(mix, DIGITS)
    assert {line.pixels.shape for line in lines} == {(1, 3, 48, 320)}
    wide = next(line for line in lines if line.label == "4")
    assert np.abs(wide.pixels[..., -8:]).max() > 0.1  # ink to the end, no padding
    narrow = next(line for line in lines if line.label == "0")
    assert not narrow.pixels[..., 200:].any()


def test_labels_beyond_the_dictionary_are_passed_over(mix: MixFolder) -> None:
    assert "x" not in {line.label for line in mix_lines(mix, DIGITS)}
    assert "x" in {line.label for line in mix_lines(mix, Alphabet(("x", *DIGITS.entries)))}


def test_few_are_spread_over_the_whole_list(mix: MixFolder) -> None:
    every = [line.name for line in mix_lines(mix, DIGITS)]
    few = [line.name for line in mix_lines(mix, DIGITS, most=3)]
    assert (few[0], few[-1], len(few)) == (every[0], every[-1], 3)


def test_a_mix_whose_images_are_gone_is_told(mix: MixFolder, tmp_path: Path) -> None:
    shutil.move(tmp_path / "own", tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"names no crop in .* that can be read"):
        mix_lines(mix, DIGITS)
