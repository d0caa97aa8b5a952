"""Lines drawn with a known perspective are measured back; flat ones show none."""

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import pytest

from synth.api import Renderer
from synth.calibrate.dials import Table, dials_of, turned
from synth.calibrate.ink import guesses, working
from synth.calibrate.measures import Inked, look_at
from synth.calibrate.perspective import convergence_of, convergences, in_perspective
from synth.rendering.looks import bind
from synth.rendering.style import make_style
from textlines.pixels.arrays import Image

TEXTS = ("380025", "2083.52", "50823", "8025 3") * 4
UNEVEN = ("800007", "8003.47", "58874", "8025 7") * 4
"""Digits of segments that end above the line stand at their right: the text itself converges."""


def inked(text: str, image: Image, agreement: float = 1.0) -> Inked:
    crop = working(image)
    mask = guesses(crop)[0]
    return Inked(text, mask, agreement, look_at(image, crop, mask))


@lru_cache
def lines(side: float, turn: float = 0.0, texts: tuple[str, ...] = TEXTS) -> tuple[Inked, ...]:
    """Draw lines of digits with `geometry.keystone.side`, turned by up to so many degrees."""
    style: Table = {
        "name": "seen from one side",
        "faces": ["seven_segment"],
        "surfaces": {"plain": {"p": 1, "level": 225}},
        "text": {"fill": 0.7, "left": 0.2, "right": 0.2},
        "geometry": {
            "keystone": {"p": 1, "side": side},
            "rotation": {"p": 1, "deg": [-turn, turn]},
        },
    }
    renderer = Renderer(style, alphabet=list("0123456789. "), seed=3)
    return tuple(inked(text, renderer.render(text, at).image) for at, text in enumerate(texts))


@pytest.mark.parametrize("side", [-0.25, -0.1, 0.05, 0.12, 0.3])
def test_the_side_that_was_drawn_is_measured(side: float) -> None:
    found = convergences(lines(side))
    assert len(found) >= len(TEXTS) - 2
    assert float(np.median(found)) == pytest.approx(side, abs=0.03)


def test_flat_lines_show_about_none() -> None:
    found = convergences(lines(0.0))
    assert abs(float(np.median(found))) < 0.01 and float(np.abs(found).max()) < 0.06


def test_a_turn_of_the_line_is_no_perspective() -> None:
    assert float(np.median(convergences(lines(0.15, 2.5)))) == pytest.approx(0.15, abs=0.03)
    assert abs(float(np.median(convergences(lines(0.0, 2.5))))) < 0.02


def test_digits_are_measured_where_their_text_is_not_sure() -> None:
    unsure = [replace(line, agreement=0.7) for line in lines(0.12)]
    assert float(np.median(convergences(unsure))) == pytest.approx(0.12, abs=0.04)


def blocks(heights: list[int], lows: list[int]) -> Image:
    """Draw upright blocks that stand on one line, in the places of letters."""
    image = np.full((48, 20 * len(heights) + 20, 3), 230, np.uint8)
    for at, (tall, low) in enumerate(zip(heights, lows, strict=True)):
        cv2.rectangle(image, (20 * at + 14, low - tall), (20 * at + 25, low - 1), (20, 20, 20), -1)
    return image


def test_letters_are_compared_with_those_of_their_height() -> None:
    level = blocks([20, 30, 20, 30, 20, 20], [40] * 6)
    assert convergence_of(inked("adobne", level)) == pytest.approx(0.0, abs=0.02)
    descending = blocks([20, 30, 20, 28, 20, 20], [40, 40, 40, 48, 40, 40])
    assert convergence_of(inked("abegna", descending)) == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("text", ["gjpqy", "-.-.-", "ab", "العربية"])
def test_texts_without_letters_of_one_height_say_nothing(text: str) -> None:
    image = blocks([20] * len(text), [40] * len(text))
    assert convergence_of(inked(text, image)) is None


def test_the_style_begins_with_what_was_measured_less_what_flat_lines_show() -> None:
    table: Table = {"name": "s", "geometry": {"perspective": {"p": 0.4, "spread": 0.05}}}
    real, flat = convergences(lines(0.12)), convergences(lines(0.0))
    style, sides = in_perspective(table, real, flat)
    made = make_style(style)
    bind(made)
    assert made.geometry["perspective"].p == 0.03
    values = made.geometry["keystone"].with_["side"].values
    assert float(np.median(values)) == pytest.approx(0.12, abs=0.03)
    assert float(np.median(sides)) == pytest.approx(0.12, abs=0.03)
    assert table["geometry"]["perspective"] == {"p": 0.4, "spread": 0.05}


def test_what_texts_themselves_show_is_taken_off() -> None:
    real, flat = (convergences(lines(side, texts=UNEVEN)) for side in (0.2, 0.0))
    assert float(np.median(flat)) < -0.03
    _, sides = in_perspective({}, real, flat)
    assert float(np.median(sides)) == pytest.approx(0.2, abs=0.03)


def test_medians_that_chance_may_part_are_taken_for_one() -> None:
    draws = np.random.default_rng(4)
    real, flat = draws.normal(0.01, 0.15, 40), draws.normal(0.0, 0.04, 40)
    _, sides = in_perspective({}, real, flat)
    assert abs(float(np.median(sides))) < 0.01
    _, sides = in_perspective({}, real + 0.2, flat)
    assert float(np.median(sides)) > 0.1


def test_a_measure_that_flat_lines_fool_says_nothing() -> None:
    draws = np.random.default_rng(4)
    table = {"geometry": {"keystone": {"p": 0.1, "top": 0.1}}}
    style, sides = in_perspective(table, draws.normal(0.2, 0.1, 40), draws.normal(0, 0.2, 40))
    assert style == table and not len(sides)


def test_ink_of_uneven_heights_is_no_line_of_letters() -> None:
    ragged = blocks([20, 26, 19, 25, 20, 24], [40] * 6)
    assert convergence_of(inked("anemoc", ragged)) is None


def test_flat_lines_begin_flat() -> None:
    style, _ = in_perspective({}, convergences(lines(0.0)), convergences(lines(0.0)))
    assert np.abs(style["geometry"]["keystone"]["side"]["values"]).max() < 0.01


def test_too_few_lines_leave_the_style_as_it_is() -> None:
    table = {"geometry": {"keystone": {"p": 0.1, "top": 0.1}}}
    style, sides = in_perspective(table, np.full(11, 0.1), np.zeros(40))
    assert style == table and not len(sides)


def test_the_fit_may_turn_what_was_measured() -> None:
    table = {"geometry": {"keystone": {"p": 1.0, "side": {"values": [-0.1, 0.2]}}}}
    (dial,) = [one for one in dials_of(table, ()) if one.key == "geometry.keystone.side"]
    more = turned(table, [dial], [1.0])["geometry"]["keystone"]["side"]["values"]
    assert more[1] > 0.2 and more[0] / more[1] == pytest.approx(-0.5, abs=0.001)
