"""What stands beside a text never touches it."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.draws import Draws
from synth.rendering.distractors import DISTRACTORS
from synth.rendering.margins import SIDES, Scene, place
from textlines.pixels.arrays import Grey

ALWAYS = {"left": 1.0, "top": 1.0, "right": 1.0, "bottom": 1.0}
SEEN = {
    "bezel": {**ALWAYS, "screw": 1.0, "skew": 4.0, "edge": 0.3},
    "frame": {**ALWAYS, "double": 1.0, "skew": 4.0, "line": 0.1},
    "side_mark": {"size": 0.15, "gap": 0.02},
    "table_lines": {**ALWAYS, "line": 0.1, "dashed": 0.5},
    "underline": {"line": 0.1, "double": 1.0},
    "neighbour_lines": {"above": 1.0, "below": 1.0},
    "stamp_edge": {"line": 0.1, "density": 1.0},
    "specks": {"count": 30, "size": 0.05},
    "torn_edge": {"skew": 4.0},
}


def line() -> Grey:
    """Return the mask of another line: bars of ink between empty rows."""
    mask = np.zeros((40, 300), np.uint8)
    mask[6:34, ::3] = 255
    return mask


def scene(box: tuple[int, int, int, int], height: int = 48, width: int = 240) -> Scene:
    image = np.full((height, width, 3), (90, 120, 110), np.uint8)
    return Scene(image, box, (10, 12, 14), float(box[3]), line)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Draw the ink box of a text in an image of 240 x 48, touching borders or not."""
    x0, y0 = draw(st.integers(0, 160)), draw(st.integers(0, 24))
    return x0, y0, draw(st.integers(x0 + 4, 240)), draw(st.integers(y0 + 4, 48))


def test_the_table_holds_every_distractor() -> None:
    assert set(DISTRACTORS) == set(SEEN)


@pytest.mark.parametrize("name", SEEN)
@given(box=boxes(), seed=st.integers(0, 2**63), gap=st.floats(0, 0.5))
@settings(max_examples=300)
def test_a_distractor_never_enters_the_box_of_the_text(
    name: str, box: tuple[int, int, int, int], seed: int, gap: float
) -> None:
    stage = scene(box)
    before = stage.image.copy()
    drawn = DISTRACTORS[name](stage, Draws(seed, 0), **{**SEEN[name], "gap": gap})
    x0, y0, x1, y1 = box
    np.testing.assert_array_equal(stage.image[y0:y1, x0:x1], before[y0:y1, x0:x1])
    if drawn is None:
        np.testing.assert_array_equal(stage.image, before)
    else:
        json.dumps(drawn)


@pytest.mark.parametrize("name", SEEN)
def test_with_room_a_distractor_is_seen_and_told(name: str) -> None:
    for index in range(12):
        stage = scene((60, 14, 180, 34))
        before = stage.image.copy()
        drawn = DISTRACTORS[name](stage, Draws(1, index), **SEEN[name])
        assert drawn
        assert (stage.image != before).any()


@pytest.mark.parametrize("name", SEEN)
def test_without_room_nothing_is_drawn(name: str) -> None:
    stage = scene((0, 0, 240, 48))
    assert DISTRACTORS[name](stage, Draws(1, 1), **SEEN[name]) is None


@pytest.mark.parametrize("name", SEEN)
def test_equal_draws_draw_the_same(name: str) -> None:
    stages = [scene((60, 14, 180, 34)) for _ in range(3)]
    told = [
        DISTRACTORS[name](stage, Draws(2, index), **SEEN[name])
        for stage, index in zip(stages, (4, 4, 5), strict=True)
    ]
    assert told[0] == told[1]
    np.testing.assert_array_equal(stages[0].image, stages[1].image)


@given(
    side=st.sampled_from(SIDES),
    box=boxes(),
    skew=st.floats(-6, 6),
    gap=st.floats(0, 0.3),
    seed=st.integers(0, 2**63),
)
@settings(max_examples=150)
def test_an_edge_keeps_its_gap_at_both_ends(
    side: str, box: tuple[int, int, int, int], skew: float, gap: float, seed: int
) -> None:
    stage = scene(box)
    edge = place(stage, side, gap, skew, Draws(seed, 0))
    if edge is None:
        return
    x0, y0, x1, y1 = stage.clear(gap)
    # Two pixels beyond the borders, where the edge's ends lie, it may lean on by a fifth.
    spare = 0.25
    across = [edge.start[0], edge.end[0]]
    down = [edge.start[1], edge.end[1]]
    assert {
        "left": max(across) <= x0 + spare,
        "right": min(across) >= x1 - spare,
        "top": max(down) <= y0 + spare,
        "bottom": min(down) >= y1 - spare,
    }[side]
    assert edge.room >= -1e-9


def test_bezels_and_frames_are_cut_by_the_crop() -> None:
    sides = set()
    for index in range(60):
        told = DISTRACTORS["bezel"](scene((60, 14, 180, 34)), Draws(3, index))
        sides.add(tuple(told["sides"]) if told else ())
    # One, two, three and four sides, and none.
    assert {len(group) for group in sides} == {0, 1, 2, 3, 4}


def test_a_frame_may_be_lighter_than_a_dark_ground() -> None:
    for light in (0, 1):
        stage = scene((60, 14, 180, 34))
        stage.image[:] = 20
        told = DISTRACTORS["frame"](stage, Draws(3, 1), light=light, contrast=0.8, **ALWAYS)
        assert told and told["dark"] == (not light)
        assert (stage.image.max() > 150) == bool(light)


def test_a_closed_frame_goes_around_the_text() -> None:
    for index in range(30):
        stage = scene((60, 14, 180, 34))
        before = stage.image.copy()
        told = DISTRACTORS["frame"](stage, Draws(3, index), all_sides=1, skew=0.0, line=0.05)
        assert told == {"sides": list(SIDES), "dark": told["dark"], "double": False}
        np.testing.assert_array_equal(stage.image[14:34, 60:180], before[14:34, 60:180])
        drawn = (stage.image != before).any(2).astype(np.uint8)
        count, _ = cv2.connectedComponents(drawn)
        assert count <= 2  # one line, or none where all sides lie beyond the border


@pytest.mark.parametrize("is_dark", [True, False])
def test_a_frame_reaches_into_the_text_only_on_the_other_side_of_the_ground(is_dark: bool) -> None:
    touched = 0
    for index in range(60):
        stage = scene((60, 14, 180, 34))  # whose ink is dark
        before = stage.image.copy()
        DISTRACTORS["frame"](
            stage, Draws(5, index), light=0 if is_dark else 1, touch=0.15, contrast=0.9, **ALWAYS
        )
        touched += not np.array_equal(stage.image[14:34, 60:180], before[14:34, 60:180])
        inner = slice(14 + 9, 34 - 9), slice(60 + 9, 180 - 9)
        np.testing.assert_array_equal(stage.image[inner], before[inner])
    assert (touched == 0) if is_dark else (touched > 20)


def test_a_housing_may_be_seen_whole() -> None:
    none = dict.fromkeys(SIDES, 0.0)
    told = DISTRACTORS["bezel"](scene((60, 14, 180, 34)), Draws(3, 1), **none, all_sides=1)
    assert told and told["sides"] == list(SIDES)


def test_a_neighbour_shows_less_than_half_of_its_rows() -> None:
    for index in range(20):
        stage = scene((10, 20, 200, 26))
        told = DISTRACTORS["neighbour_lines"](stage, Draws(4, index), above=1, below=1)
        assert told and all(1 <= rows <= 14 for rows in told.values())


def test_without_another_line_there_is_no_neighbour() -> None:
    bare = scene((10, 16, 200, 30))
    for give in (lambda: None, lambda: np.zeros((40, 100), np.uint8), lambda: line()[:0]):
        stage = Scene(bare.image, bare.box, bare.ink, bare.baseline_y, give)
        assert DISTRACTORS["neighbour_lines"](stage, Draws(1, 1), above=1, below=1) is None
