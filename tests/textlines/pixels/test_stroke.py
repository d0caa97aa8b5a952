"""Effects on the mask of the ink."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.pixels.arrays import Grey
from textlines.pixels.stroke import (
    STROKE,
    bold,
    dots,
    echo,
    fade,
    inkjet,
    mottle,
    rough,
    streaks,
    thin,
)

EXTREMES = {
    "bold": {"amount": 3.0},
    "thin": {"amount": 1.0},
    "rough": {"amount": 1.0, "seed": 1},
    "mottle": {"depth": 0.8, "seed": 1},
    "dots": {"pitch": 4, "depth": 0.9},
    "inkjet": {"rows": 16, "size": 1.3, "jitter": 0.5, "seed": 1},
    "fade": {"depth": 0.9, "seed": 1},
    "streaks": {"count": 3, "depth": 0.8, "seed": 1},
    "echo": {"right": 2, "down": -2, "depth": 0.5},
}


def line(width: int = 160) -> Grey:
    """Draw a mask of a few thick and thin strokes, 48 high."""
    mask = np.zeros((48, width), np.uint8)
    cv2.putText(mask, "Bo8.", (6, 38), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 255, 4, cv2.LINE_AA)
    cv2.line(mask, (120, 8), (120, 40), 255, 2)
    return mask


def test_the_table_holds_every_effect() -> None:
    assert set(STROKE) == set(EXTREMES)


@pytest.mark.parametrize("name", EXTREMES)
def test_a_stroke_effect_leaves_its_mask_and_keeps_the_form(name: str) -> None:
    mask = line()
    before = mask.copy()
    after = STROKE[name](mask, **EXTREMES[name])
    assert after is not mask
    assert after.shape == mask.shape and after.dtype == np.uint8
    np.testing.assert_array_equal(mask, before)


@pytest.mark.parametrize("name", EXTREMES)
@pytest.mark.parametrize("shape", [(1, 1), (8, 3), (48, 1), (600, 2100)])
def test_a_stroke_effect_takes_any_size(name: str, shape: tuple[int, int]) -> None:
    mask = np.full(shape, 255, np.uint8)
    assert STROKE[name](mask, **EXTREMES[name]).shape == shape


@pytest.mark.parametrize("name", EXTREMES)
def test_no_stroke_effect_takes_ink_to_nothing(name: str) -> None:
    mask = line()
    after = STROKE[name](mask, **EXTREMES[name])
    grown = cv2.dilate(after, np.ones((3, 3), np.uint8))
    # Of every solid place something is left within a pixel.
    assert grown[mask == 255].min() >= 20


@pytest.mark.parametrize(
    "name", sorted(set(EXTREMES) - {"bold", "echo", "rough", "dots", "inkjet"})
)
def test_what_takes_ink_away_adds_none(name: str) -> None:
    mask = line()
    assert (STROKE[name](mask, **EXTREMES[name]) <= mask).all()


@pytest.mark.parametrize("name", ["rough", "mottle", "fade", "streaks", "dots", "thin", "bold"])
def test_far_from_the_strokes_no_ink_appears(name: str) -> None:
    mask = line()
    far = cv2.dilate(mask, np.ones((9, 9), np.uint8)) == 0
    assert STROKE[name](mask, **EXTREMES[name])[far].max() == 0


def test_bold_by_a_whole_pixel_is_one_dilation() -> None:
    mask = line()
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
    np.testing.assert_array_equal(bold(mask, amount=1), cv2.dilate(mask, cross))
    np.testing.assert_array_equal(bold(mask, amount=0), mask)


@given(low=st.floats(0, 3), high=st.floats(0, 3))
@settings(max_examples=30, deadline=None)
def test_a_bolder_stroke_has_no_less_ink(low: float, high: float) -> None:
    low, high = sorted((low, high))
    mask = line()
    assert int(bold(mask, amount=low).sum()) <= int(bold(mask, amount=high).sum())


def test_thin_keeps_a_third_of_a_hairline() -> None:
    mask = np.zeros((48, 40), np.uint8)
    mask[:, 20] = 255
    assert thin(mask, amount=1.0)[24, 20] == 85


@given(depth=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_fade_keeps_a_tenth_even_where_all_is_asked_to_go(depth: float, seed: int) -> None:
    mask = np.full((48, 200), 255, np.uint8)
    assert fade(mask, depth=depth, seed=seed).min() >= 25


def test_fade_differs_along_the_line_and_by_seed() -> None:
    mask = np.full((48, 400), 255, np.uint8)
    first = fade(mask, depth=0.8, patch=1.0, seed=1)
    assert int(first.max()) - int(first.min()) > 60
    assert (first != fade(mask, depth=0.8, patch=1.0, seed=2)).any()


def test_rough_moves_edges_and_not_the_middle_of_a_stroke() -> None:
    mask = np.zeros((48, 60), np.uint8)
    mask[:, 20:40] = 255
    frayed = rough(mask, amount=0.6, seed=5)
    assert len(np.unique(frayed[:, 19:21])) > 8
    assert frayed[:, 26:34].mean() > 225


def test_dots_are_pitch_pixels_apart() -> None:
    mask = np.full((24, 24), 255, np.uint8)
    screen = dots(mask, pitch=4, depth=0.8)
    np.testing.assert_array_equal(screen[:20, :20], screen[4:, 4:])
    assert int(screen.max()) - int(screen.min()) > 120


def test_echo_lies_where_it_is_shifted_to() -> None:
    mask = np.zeros((20, 20), np.uint8)
    mask[10, 10] = 255
    assert echo(mask, right=3, down=-2, depth=0.5)[8, 13] == 128
    np.testing.assert_array_equal(echo(mask, right=40, down=0), mask)


def test_streaks_are_upright_and_one_pixel_wide() -> None:
    mask = np.full((48, 300), 255, np.uint8)
    after = streaks(mask, count=1, depth=0.5, seed=9)
    assert (after == after[0]).all()
    assert 1 <= (after[0] < 255).sum() <= 4
    np.testing.assert_array_equal(streaks(mask, count=0, seed=9), mask)


def test_mottle_takes_no_more_than_its_depth() -> None:
    mask = np.full((48, 300), 255, np.uint8)
    assert mottle(mask, depth=0.3, seed=4).min() >= 255 * 0.69


def test_ink_jets_leave_drops_in_rows_that_cover_the_strokes() -> None:
    mask = np.zeros((96, 240), np.uint8)
    mask[18:78, 24:216] = 255
    drops = inkjet(mask, rows=16, size=0.6, jitter=0.0, seed=1)
    count, _ = cv2.connectedComponents((drops > 150).astype(np.uint8))
    assert count - 1 == 10 * 32  # one every six pixels, each way
    grown = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    assert (drops[grown == 0] == 0).all()


def test_ink_jets_keep_a_drop_for_thin_strokes_and_the_counters_of_bold_ones() -> None:
    thin_line = np.zeros((48, 60), np.uint8)
    thin_line[23:25, 4:56] = 255
    drops = inkjet(thin_line, rows=18, size=1.0, jitter=0.0, seed=1)
    assert drops[:, 6:54].max(axis=0).min() > 90
    bold_ring = np.zeros((48, 60), np.uint8)
    bold_ring[6:42, 10:46] = 255
    bold_ring[20:28, 24:32] = 0
    ring = inkjet(bold_ring, rows=18, size=1.0, jitter=0.2, seed=1)
    assert ring[22:26, 26:30].mean() < 60


def test_ink_jets_miss_their_places_by_the_seed() -> None:
    rows = [inkjet(line(), rows=20, size=0.8, jitter=0.4, seed=seed) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(rows[0], rows[1])
    assert (rows[0] != rows[2]).any()
