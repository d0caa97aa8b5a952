"""Crops read in their turns."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.conftest import Tiny
from textlines.errors import InputError
from textlines.formats.predictions import Turn, read_outcomes
from train.reading.crop_reading import read_all, read_chunk
from train.reading.ctc import Line
from train.reading.model_opening import open_model
from train.reading.turning import (
    EVIDENCE,
    MARGIN,
    is_settled,
    nearest,
    prepared_turns,
    surest,
    turned,
    turns_of,
)

LINES = st.builds(Line, st.text("0 9값aZ", max_size=4), st.floats(0, 1.001))
OTHERS = st.dictionaries(st.sampled_from((90, 180, 270)), LINES, min_size=1)

CROPS: dict[str, tuple[str, Turn]] = {
    "lies.png": ("값 1", 0),
    "over.png": ("값 1a", 180),
    "latin.png": ("lab.", 180),
    "left.png": ("값1값1", 90),
    "right.png": ("abl.abl.", 270),
}
"""What stands in each crop, and the turn that sets it upright."""


@given(LINES, OTHERS)
def test_a_crop_is_turned_only_where_a_reading_is_surer_by_the_margin(
    first: Line, others: dict[Turn, Line]
) -> None:
    turn = surest({0: first, **others})
    leads = {
        at: min(line.score, 1.0) - first.score - max(MARGIN, EVIDENCE / max(len(line.text), 1))
        for at, line in others.items()
    }
    if turn:
        assert leads[turn] > -1e-9
        assert others[turn].score >= max(min(line.score, 1.0) for line in others.values())
    else:
        best = max(others, key=lambda at: (min(others[at].score, 1.0), -at))
        assert leads[best] <= 1e-9


@given(LINES, OTHERS)
def test_what_is_not_read_again_would_not_have_been_turned(
    first: Line, others: dict[Turn, Line]
) -> None:
    if is_settled(first):
        assert surest({0: first, **others}) == 0


@given(LINES, OTHERS, st.text("0 9값aZ", min_size=1, max_size=4))
def test_a_labelled_line_takes_no_turn_that_is_farther_from_its_label(
    first: Line, others: dict[Turn, Line], label: str
) -> None:
    turn = nearest({0: first, **others}, label)
    if first.text.casefold() == label.casefold() and turn:
        assert others[turn].text.casefold() == label.casefold()
    right = [at for at, line in others.items() if line.text == label]
    if right and first.text.casefold() != label.casefold():
        assert turn and others[turn].text.casefold() == label.casefold()


def test_four_turns_by_90_degrees_leave_the_crop() -> None:
    image = np.random.default_rng(3).integers(0, 255, (6, 9, 3), np.uint8)
    once = turned(image, 90)
    assert once.shape == (9, 6, 3)
    assert np.array_equal(once[0], image[:, -1])  # counter-clockwise: the right edge comes up
    assert np.array_equal(turned(image, 180), image[::-1, ::-1])
    assert np.array_equal(turned(turned(turned(once, 90), 90), 90), image)
    assert turned(image, 0) is image


def test_the_turns_of_a_crop_go_by_its_shape() -> None:
    assert turns_of(72, 48, "auto") == (0, 90, 270)
    assert turns_of(71, 48, "auto") == (0, 180)
    assert turns_of(300, 20, "off") == (0,)
    image = np.zeros((96, 48, 3), np.uint8)
    shapes = {turn: one.shape for turn, one in prepared_turns(lambda it: it, image, "auto").items()}
    assert shapes == {0: (96, 48, 3), 90: (48, 96, 3), 270: (48, 96, 3)}


@pytest.fixture
def folder(upright: Tiny, tmp_path: Path) -> Path:
    """Write the crops."""
    for name, (text, turn) in CROPS.items():
        upright.turned(tmp_path / "crops" / name, text, turn)
    return tmp_path / "crops"


def test_crops_that_lie_turned_are_read_right_and_say_so(upright: Tiny, folder: Path) -> None:
    engine = open_model(str(upright.path)).engine
    found = {one.path: one for one in read_chunk(engine, list(CROPS), folder, "auto")}
    assert {name: (one.text, one.turn) for name, one in found.items()} == CROPS
    plain = {one.path: one for one in read_chunk(engine, list(CROPS), folder)}
    assert plain["lies.png"] == found["lies.png"]
    assert plain["over.png"].text == "" and plain["over.png"].turn == 0
    assert all(one.unturned == plain[name].text for name, one in found.items() if one.turn)
    assert all(one.as_it_lies == plain[name].text for name, one in found.items())


def test_a_crop_that_is_gone_is_a_fault_in_any_turn(upright: Tiny, folder: Path) -> None:
    engine = open_model(str(upright.path)).engine
    (gone,) = read_chunk(engine, ["gone.png"], folder, "auto")
    assert (gone.fault, gone.turn) == ("missing", 0)


def test_the_file_of_predictions_keeps_the_turns_and_goes_on_with_them_alone(
    upright: Tiny, folder: Path, tmp_path: Path
) -> None:
    opened, out = open_model(str(upright.path)), tmp_path / "read.jsonl"
    done = read_all(opened, list(CROPS), folder, workers=2, turning="auto", out=out)
    assert tuple(read_outcomes(out)) == done.outcomes
    assert '"turn": 180, "unturned": ""}' in out.read_text(encoding="utf-8")
    again = read_all(opened, list(CROPS), folder, workers=1, turning="auto", out=out)
    assert (again.resumed, again.outcomes) == (len(CROPS), done.outcomes)
    with pytest.raises(InputError, match=r"another reading \(margin, turn differs\)"):
        read_all(opened, list(CROPS), folder, workers=1, out=out)


def test_a_model_that_gives_no_numbers_names_the_crop_of_the_turn(
    upright: Tiny, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_model(str(upright.path)).engine
    read, asked = engine.read, []

    def broken_when_turned(prepared: list[np.ndarray]) -> list[Line]:
        asked.append(len(prepared))
        if len(asked) > 1:
            raise InputError("m.onnx", "gives NaN", "Take another.")
        return read(prepared)

    monkeypatch.setattr(engine, "read", broken_when_turned)
    with pytest.raises(InputError, match=r"gives NaN \(crop over.png\)"):
        read_chunk(engine, ["over.png"], folder, "auto")


def test_an_onnx_file_says_that_its_crops_are_turned(
    make_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    path = make_tiny(tmp_path / "t.onnx", properties={"ocr-mend-turn": "auto"})
    assert open_model(str(path)).turning == "auto"
    path = make_tiny(tmp_path / "u.onnx", properties={"ocr-mend-turn": "sometimes"})
    with pytest.raises(InputError, match="says turn = 'sometimes', neither 'auto' nor 'off'"):
        open_model(str(path))
