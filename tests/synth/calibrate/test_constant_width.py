"""Crops of a display are as wide whatever stands in them, and those cut around a text are not."""

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.api import Renderer
from synth.calibrate.constant_width import ConstantWidth, constant_width, in_window
from synth.calibrate.ink import guesses, working
from synth.calibrate.measures import Inked, LineLook, look_at
from synth.rendering.looks import bind
from synth.rendering.style import Align, make_style

TEXTS = tuple(str(number) for number in (7, 42, 305, 1936, 28374) * 8)
SIDES: tuple[Align, ...] = get_args(Align)
SEEDS = st.integers(0, 10_000)


def crop(text: str, margins: tuple[float, float], length: float, *, edge: bool = False) -> Inked:
    """Return a line of bars in its margins, in heights; with a window's edge on the right."""
    left, right = margins
    width = left + length + right
    mask = np.zeros((48, round(48 * width)), bool)
    start, end = round(48 * left), round(48 * (left + length))
    mask[12:40, start : start + 3] = mask[12:40, end - 3 : end] = True
    if edge:
        mask[1:, -3:-1] = True
    rest = dict.fromkeys(LineLook.numbers(), 0.0) | {"width": width}
    return Inked(text, mask, 1.0, LineLook(ground=(0, 0, 0), ink=(9, 9, 9), **rest))


def crops(seed: int, align: Align | None, *, edge: bool = False) -> list[Inked]:
    """Return lines of two to six letters, in windows or cut around each."""
    draws = np.random.default_rng(seed)
    found = []
    for count in np.tile(np.arange(2, 7), 8):
        length = 0.5 * count * draws.uniform(0.9, 1.1)
        near, aside = draws.uniform(0.15, 0.3), draws.uniform(-0.05, 0.05)
        rest = draws.uniform(3.9, 4.1) - length - near
        middle = (rest + near) / 2
        margins = {
            None: (near, 0.4 - near),
            "left": (near, rest),
            "right": (rest, near),
            "centre": (middle + aside, middle - aside),
        }[align]
        found.append(crop("7" * int(count), margins, length, edge=edge))
    return found


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, align=st.sampled_from(SIDES), edge=st.booleans())
def test_windows_are_told_with_the_side_of_the_text(seed: int, align: Align, edge: bool) -> None:
    found = constant_width(crops(seed, align, edge=edge))
    assert found is not None and found.align == align
    assert found.widths.min() >= 3.89 and found.widths.max() <= 4.11
    assert found.fill == pytest.approx(28 / 48)  # the edge is no ink
    assert found.above == pytest.approx(12 / 20)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_crops_that_are_cut_around_their_text_are_no_windows(seed: int) -> None:
    assert constant_width(crops(seed, None)) is None


def test_texts_of_one_length_and_few_lines_say_nothing() -> None:
    window = crops(1, "right")
    assert constant_width(window[:11]) is None
    assert constant_width([crop("742", (2.0, 0.2), 1.8)] * 40) is None
    assert constant_width(window) is not None


@pytest.mark.parametrize("align", SIDES)
def test_a_window_that_was_drawn_is_measured_and_drawn_again(align: Align) -> None:
    table: dict[str, Any] = {
        "faces": ["seven_segment"],
        "surfaces": {"plain": {"p": 1, "level": 200}},
        "text": {"fill": 0.7, "ink_share": 1, "left": [0.1, 0.2], "right": [0.1, 0.2]},
        "output": {"window": {"width": [4.8, 5.2], "align": align}},
    }
    first = constant_width(lines_of(table))
    assert first is not None and first.align == align
    style = in_window(table, first)
    bind(make_style(style))
    again = constant_width(lines_of(style))
    assert again is not None and again.align == align
    # Margins are measured to the ink, and drawn to where a digit begins: that of its side is added.
    assert middles(again) == pytest.approx(middles(first), abs=0.15)
    assert table["text"]["left"] == [0.1, 0.2] and "align" in table["output"]["window"]


def middles(found: ConstantWidth) -> list[float]:
    numbers = (found.widths, found.left, found.right, found.fill, found.above)
    return [float(np.median(one)) for one in numbers]


def test_lines_that_are_drawn_without_a_window_follow_their_texts() -> None:
    table = {"faces": ["seven_segment"], "surfaces": {"plain": {"p": 1, "level": 200}}}
    assert constant_width(lines_of(table)) is None


def lines_of(table: dict[str, Any]) -> list[Inked]:
    renderer = Renderer(table, alphabet=sorted("0123456789"), seed=5)
    found = []
    for number, text in enumerate(TEXTS):
        image = renderer.render(text, number).image
        seen = working(image)
        mask = guesses(seen)[0]
        found.append(Inked(text, mask, 1.0, look_at(image, seen, mask)))
    return found
