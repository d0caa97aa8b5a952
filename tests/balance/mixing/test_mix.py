"""What copies of own lines may move, and what they may not."""

import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from balance.mixing.arrays import with_slack
from balance.mixing.hashing import hash_slices
from balance.mixing.mix import Mix
from balance.mixing.options import Inputs, Options
from balance.mixing.ratio import Ratio
from balance.mixing.run import run

WORDS = ["합계", "부가세", "Total", "12,500", "RM", "날짜", "Cash", "3.20", "电表", "读数"]


def write_set(path: Path, count: int, seed: int, more: str = "") -> Path:
    """Write a label file of two words a line; the last lines hold one word more."""
    rng = random.Random(seed)
    rows = [f"{seed}/{k}.jpg\t{' '.join(rng.choices(WORDS, k=2))}" for k in range(count)]
    rows[-2:] = [f"{row} {more}".rstrip() for row in rows[-2:]]
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return Inputs(
        own=(write_set(tmp_path / "own.txt", 25, 1, "뚫"),),
        original=(write_set(tmp_path / "original.txt", 300, 2),),
        new=(write_set(tmp_path / "new.txt", 200, 3),),
    )


def mixed(inputs: Inputs, times: int, ratio: int, lines: int | None = None) -> Mix:
    options = Options(
        ratio=Ratio(Fraction(ratio)), own_times=times, epoch_lines=lines, check_images="none"
    )
    return run(inputs, options, None).mix


def test_the_target_counts_each_own_line_once(inputs: Inputs) -> None:
    once, often = (mixed(inputs, times, 8) for times in (1, 8))
    assert np.array_equal(once.target.codes, often.target.codes)
    assert np.array_equal(once.target.shares, often.target.shares)
    assert once.divergences[0] == often.divergences[0]


def test_floors_are_those_of_own_lines_that_stand_once(inputs: Inputs) -> None:
    # 50 originals and 15 new lines beside 25 own ones, and beside the same four times.
    once, often = mixed(inputs, 1, 5, 75), mixed(inputs, 4, 10, 150)
    for one in (once, often):
        assert (len(one.epochs[0].others.originals), len(one.epochs[0].new)) == (50, 15)
    floors = [one.epochs[0].floors for one in (once, often)]
    assert np.array_equal(floors[0].words, floors[1].words)
    assert np.array_equal(floors[0].characters, floors[1].characters)
    assert floors[0].words.any()
    # What the epoch holds counts them all.
    codes = [one.epochs[0].given for one in (once, often)]
    assert (codes[0][ord("뚫")], codes[1][ord("뚫")]) == (2, 8)


def test_a_word_of_two_own_lines_is_not_frequent_for_their_copies(inputs: Inputs) -> None:
    text = "뚫".encode()
    (rare,) = hash_slices(with_slack(text), np.array([0]), np.array([len(text)]))
    assert rare not in mixed(inputs, 8, 8).words
    # With as many further lines that hold it, it is.
    path = inputs.original[0]
    rows = path.read_text(encoding="utf-8").splitlines()
    rows[:3] = [f"{row} 뚫" for row in rows[:3]]
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    assert rare in mixed(inputs, 1, 8).words
