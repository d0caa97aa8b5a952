from pathlib import Path

import pytest

from train.collect.accepting import Accepted, Confirmation, read_accepted, write_accepted


@pytest.mark.parametrize(("right", "asked"), [(125, 125), (184, 185), (237, 239)])
def test_so_many_have_to_be_asked_for_so_many_wrong_ones(right: int, asked: int) -> None:
    assert Confirmation(right, asked).is_enough
    assert not Confirmation(right - 1, asked).is_enough
    assert not Confirmation(right - 1, asked - 1).is_enough


@pytest.mark.parametrize(
    ("right", "asked", "missing"), [(0, 0, 125), (100, 100, 25), (124, 125, 60), (120, 125, None)]
)
def test_how_many_more_are_missing(right: int, asked: int, missing: int | None) -> None:
    one = Confirmation(right, asked)
    assert one.missing == missing
    if missing:
        assert Confirmation(right + missing, asked + missing).is_enough


def test_accepted_readings_are_read_as_written_and_go_when_there_are_none(tmp_path: Path) -> None:
    some = [Accepted("값/1.png", "값 1", 180), Accepted("2.png", "2")]
    write_accepted(tmp_path, some)
    assert read_accepted(tmp_path) == some
    write_accepted(tmp_path, [])
    assert read_accepted(tmp_path) == []
