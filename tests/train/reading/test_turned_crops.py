"""Crops that lie turned are found among readings."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.train.conftest import Tiny
from textlines.formats.predictions import Turn
from textlines.labels.tally import Tally
from textlines.profile.reading import Reading
from textlines.progress import Watcher
from train.models.records import Turning
from train.reading.ctc import Line
from train.reading.labelled_crops import Labelled, read_labelled
from train.reading.model_opening import Opened, open_model
from train.reading.turned_crops import TurnedCrop, TurnedCrops, found_among, turned_crops

ROWS: dict[str, tuple[str, Turn]] = {
    "a.png": ("값 1", 0),
    "b.png": ("값 1a", 180),
    "c.png": ("lab.", 180),
    "d.png": ("abl.abl.", 270),
    "e.png": ("bal", 0),
}


class Shown:
    """Remembers what progress was shown of."""

    def __init__(self) -> None:
        self.states: list[tuple[int, int]] = []

    @contextmanager
    def __call__(self, what: str) -> Iterator[Watcher]:
        yield lambda done, total, _: self.states.append((done, total))


@pytest.fixture
def labels(upright: Tiny, tmp_path: Path) -> Path:
    """Write the crops and their labels; one is labelled as it does not read."""
    for name, (text, turn) in ROWS.items():
        upright.turned(tmp_path / name, text, turn)
    rows = [f"{name}\t{text}" for name, (text, _) in ROWS.items()]
    rows[-1] = "e.png\tb1l"
    file = tmp_path / "gt.txt"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def read(labels: Path, model: Path, turning: Turning) -> tuple[Opened, Labelled]:
    opened = open_model(str(model))
    return opened, read_labelled(opened, labels, Tally(), turning=turning, workers=1)


def test_crops_that_lie_turned_are_found_beside_readings_as_they_lie(
    upright: Tiny, labels: Path
) -> None:
    shown = Shown()
    found = turned_crops(*read(labels, upright.path, "off"), shown)
    assert {one.path: one.turn for one in found.crops} == {
        name: turn for name, (_, turn) in ROWS.items() if turn
    }
    assert {one.turned for one in found.crops} == {"값 1a", "lab.", "abl.abl."}
    assert (found.accuracy_off, found.accuracy_auto) == (0.2, 0.8)
    assert found.told() == (
        "3 of 5 crops lie turned (read right or surer when turned; 2 upside down and 1 on their "
        "side): --turn auto reads 0.800 of the lines exactly, not 0.200"
    )
    # The sure and right one is not read again.
    assert shown.states[-1] == (4, 4)


def test_what_is_found_is_what_reading_in_turns_gives(upright: Tiny, labels: Path) -> None:
    off = turned_crops(*read(labels, upright.path, "off"), Shown())
    shown = Shown()
    auto = turned_crops(*read(labels, upright.path, "auto"), shown)
    assert auto.crops == off.crops and not shown.states
    assert (auto.accuracy_off, auto.accuracy_auto) == (off.accuracy_off, off.accuracy_auto)
    assert auto.told() == (
        "3 of 5 crops were turned to be read (2 upside down and 1 on their side): 0.800 of the "
        "lines are read exactly, 0.200 as they lie"
    )


def test_a_line_that_turning_would_break_counts_against_it() -> None:
    readings = [Reading("a.png", "916", "916", 0.5), Reading("b.png", "값", "값", 0.99)]
    found = found_among(readings, {"a.png": {0: Line("916", 0.5), 180: Line("9l6", 0.99)}})
    assert [one.path for one in found.crops] == ["a.png"]
    assert (found.accuracy_off, found.accuracy_auto) == (1.0, 0.5)
    assert "--turn auto would not help (1.000 -> 0.500)" in found.told()


def test_a_crop_that_reads_right_when_turned_is_told_though_it_is_not_surer() -> None:
    readings = [Reading("a.png", "W1", "LM", 0.97)]
    found = found_among(readings, {"a.png": {0: Line("LM", 0.97), 180: Line("W1", 0.9)}})
    assert [(one.path, one.turn) for one in found.crops] == [("a.png", 180)]
    assert (found.accuracy_off, found.accuracy_auto) == (0.0, 0.0)


def test_nothing_is_said_where_nothing_lies_turned() -> None:
    assert TurnedCrops("off", 3, 1.0, 1.0, ()).told() == ""
    one = TurnedCrop("a.png", "1", 180, "", "1")
    assert (
        TurnedCrops("off", 3, 0.0, 0.3, (one,)).told().startswith("1 of 3 crops lies upside down")
    )
