"""What copies of own lines may move, and what they may not."""

import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from balance.mixing.mix_job import run
from balance.mixing.mix_request import By, MixInputs, MixOptions
from balance.mixing.mixture import Mixture
from balance.mixing.option_values import Ratio
from balance.mixing.slices import hash_slices, with_slack
from textlines.errors import InputError

WORDS = ["합계", "부가세", "Total", "12,500", "RM", "날짜", "Cash", "3.20", "电表", "读数"]


def write_set(path: Path, count: int, seed: int, more: str = "") -> Path:
    """Write a label file of two words a line; the last lines hold one word more."""
    rng = random.Random(seed)
    rows = [f"{seed}/{k}.jpg\t{' '.join(rng.choices(WORDS, k=2))}" for k in range(count)]
    rows[-2:] = [f"{row} {more}".rstrip() for row in rows[-2:]]
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def inputs(tmp_path: Path) -> MixInputs:
    return MixInputs(
        own=(write_set(tmp_path / "own.txt", 25, 1, "뚫"),),
        original=(write_set(tmp_path / "original.txt", 300, 2),),
        new=(write_set(tmp_path / "new.txt", 200, 3),),
    )


def mixed(inputs: MixInputs, times: int, ratio: int, lines: int | None = None) -> Mixture:
    options = MixOptions(
        ratio=Ratio(Fraction(ratio)), own_times=times, epoch_lines=lines, check_images="none"
    )
    return run(inputs, options, None).mix


def test_the_target_counts_each_own_line_once(inputs: MixInputs) -> None:
    once, often = (mixed(inputs, times, 8) for times in (1, 8))
    assert np.array_equal(once.target.codes, often.target.codes)
    assert np.array_equal(once.target.shares, often.target.shares)
    assert once.divergences[0] == often.divergences[0]


def test_floors_are_those_of_own_lines_that_stand_once(inputs: MixInputs) -> None:
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


def test_a_word_of_two_own_lines_is_not_frequent_for_their_copies(inputs: MixInputs) -> None:
    text = "뚫".encode()
    (rare,) = hash_slices(with_slack(text), np.array([0]), np.array([len(text)]))
    assert rare not in mixed(inputs, 8, 8).words
    # With as many further lines that hold it, it is.
    path = inputs.original[0]
    rows = path.read_text(encoding="utf-8").splitlines()
    rows[:3] = [f"{row} 뚫" for row in rows[:3]]
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    assert rare in mixed(inputs, 1, 8).words


def test_originals_stand_again_beside_own_lines_that_stand_as_often_as_ever(
    inputs: MixInputs,
) -> None:
    options = MixOptions(repeat_originals=3, check_images="none")
    found = run(inputs, options, None).mix
    assert len(found.originals) > 300
    assert len(found.epochs[0].others.own) == 5 * 25


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("world")


@settings(max_examples=20, deadline=None)
@given(
    own=st.integers(2, 140),
    originals=st.integers(0, 60),
    new=st.integers(0, 60),
    general=st.integers(0, 40),
    epochs=st.integers(1, 3),
    by=st.sampled_from(["lines", "characters"]),
    ratio=st.integers(5, 10),
)
def test_in_every_epoch_own_lines_stand_equally_often_and_the_ratio_holds_or_it_is_refused(
    world: Path,
    own: int,
    originals: int,
    new: int,
    general: int,
    epochs: int,
    by: By,
    ratio: int,
) -> None:
    def files(name: str, count: int, seed: int) -> tuple[Path, ...]:
        return (write_set(world / f"{name}.txt", count, seed),) if count > 1 else ()

    inputs = MixInputs(
        own=files("own", own, 1),
        original=files("original", originals, 2),
        new=files("new", new, 3),
        general=files("general", general, 4),
    )
    options = MixOptions(ratio=Ratio(Fraction(ratio)), epochs=epochs, by=by, check_images="none")
    try:
        found = run(inputs, options, None).mix
    except InputError as error:
        assert "--new" in str(error) and "10:1 beside" in str(error)
        return
    times = min(8, round(max(1, 120 / own)))
    for epoch in found.epochs:
        part = epoch.others.own
        starts = part.lot.starts[part.positions]
        assert np.unique(starts, return_counts=True)[1].tolist() == [times] * own
        assert 5 * epoch.new.amount <= epoch.others.kept
        # A line more or less is what whole lines leave of so many characters.
        slack = 0 if by == "lines" else 10 * 40
        assert not epoch.new.amount or epoch.others.kept <= 10 * epoch.new.amount + slack
