"""Which round comes next: a law over all that rounds may come to, and records that know a past."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.formats.rounds import RoundOutcome
from train.pipeline.rounds import (
    EndedRound,
    Next,
    code_of,
    last_passed,
    next_round,
    read_ended,
    write_ended,
)
from train.pipeline.settings import Rounds

OUTCOMES: list[RoundOutcome] = ["passed", "failed", "cannot_tell", "not_trained"]

outcomes = st.lists(st.sampled_from([*OUTCOMES, "nothing_misread"]), max_size=30)


@given(outcomes=outcomes, most=st.integers(1, 12), patience=st.integers(1, 5))
def test_rounds_go_on_from_the_last_that_passed_and_end_by_what_was_asked(
    outcomes: list[RoundOutcome], most: int, patience: int
) -> None:
    settings = Rounds(most=most, patience=patience)
    done: list[RoundOutcome] = []
    bases: list[int] = []
    for outcome in outcomes:
        coming = next_round(done, settings)
        if not isinstance(coming, Next):
            break
        assert coming.number == len(done) + 1
        # The base is a candidate that passed, the latest, or the start model.
        assert coming.base == max(
            (n for n, was in enumerate(done, 1) if was == "passed"), default=0
        )
        bases.append(coming.base)
        done.append(outcome)
    assert bases == sorted(bases)
    assert len(done) <= most
    assert "nothing_misread" not in done[:-1]
    # No stretch without a gain is longer than patience lets it be.
    stretch = longest = 0
    for outcome in done:
        stretch = 0 if outcome == "passed" else stretch + 1
        longest = max(longest, stretch)
    assert longest <= patience
    ending = next_round(done, settings)
    if len(done) < len(outcomes):
        expected = (
            "nothing_misread"
            if done and done[-1] == "nothing_misread"
            else "most"
            if len(done) == most
            else "no_gain"
        )
        assert ending == expected
        # What has ended stays ended.
        assert next_round(done, settings) == ending


@given(done=st.lists(st.sampled_from(OUTCOMES), max_size=6), minutes=st.floats(0, 200))
def test_time_ends_rounds_and_never_the_first(done: list[RoundOutcome], minutes: float) -> None:
    timed = Rounds(most=20, patience=20, minutes=60)
    coming = next_round(done, timed, minutes)
    if done and minutes >= 60:
        assert coming == "minutes"
    else:
        assert coming == next_round(done, Rounds(most=20, patience=20), minutes)


@given(done=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=6))
def test_the_code_is_0_where_a_round_passed_and_else_that_of_the_last(
    done: list[RoundOutcome],
) -> None:
    codes = {"passed": 0, "failed": 1, "cannot_tell": 3, "not_trained": 1}
    assert code_of(done) == (0 if "passed" in done else codes[done[-1]])
    assert (last_passed(done) == 0) == ("passed" not in done)


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Return a folder of work with the records of three rounds."""
    start = tmp_path / "base" / "base"
    start.mkdir(parents=True)
    (start / "model.toml").write_text("the start model")
    for number in (1, 2, 3):
        candidate = tmp_path / f"round-{number}" / "export" / "candidate"
        candidate.mkdir(parents=True)
        (candidate / "export.toml").write_text("a candidate")
        _, before = read_ended(tmp_path, start)
        ended = EndedRound(
            number=number, base=0, started=0, outcome="passed", looks=3, before=before
        )
        write_ended(tmp_path, ended)
    return tmp_path


def count(work: Path) -> int:
    ended, _ = read_ended(work, work / "base" / "base")
    assert [each.number for each in ended] == list(range(1, len(ended) + 1))
    return len(ended)


def test_a_round_stays_ended_while_all_before_it_are_as_they_were(three: Path) -> None:
    assert count(three) == 3
    first = (three / "round-1/round.json").read_bytes()
    write_ended(three, read_ended(three, three / "base/base")[0][0])
    assert (three / "round-1/round.json").read_bytes() == first
    assert count(three) == 3
    (three / "round-2/round.json").write_text("{}")
    assert count(three) == 1


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        ("round-1", 0),
        ("round-3", 2),
        ("round-2/export/candidate/export.toml", 1),
    ],
)
def test_what_is_deleted_is_made_anew_and_all_after_it(three: Path, gone: str, left: int) -> None:
    path = three / gone
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert count(three) == left


def test_another_start_model_begins_all_rounds_anew(three: Path) -> None:
    (three / "base/base/model.toml").write_text("another model")
    assert count(three) == 0
