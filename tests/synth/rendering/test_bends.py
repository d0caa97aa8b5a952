"""A bent line keeps its ink inside, and its boxes go where its letters go."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.faces.display import display_faces
from synth.rendering.bends import STEEPEST, arc, bent, bent_boxes, elastic
from synth.rendering.looks import bind
from synth.rendering.sample import Setup
from synth.rendering.style import load_style
from textlines.errors import UsageError
from textlines.formats.plan_rows import PlanRow
from textlines.pixels.arrays import Grey

HEIGHT, WIDTH = 64, 300


def letters(x0: int, y0: int, size: int, count: int) -> tuple[Grey, np.ndarray]:
    """Draw square letters in a row, and return them with their boxes."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    boxes = []
    for k in range(count):
        left = x0 + k * (size + 6)
        if left + size > WIDTH - 2:
            break
        mask[y0 : y0 + size, left : left + size] = 255
        mask[y0 + 4 : y0 + size - 4, left + 4 : left + size - 4] = 0
        boxes.append((left, y0, left + size, y0 + size))
    return mask, np.array(boxes, np.int32)


@st.composite
def rows(draw: st.DrawFn) -> tuple[Grey, np.ndarray]:
    size = draw(st.integers(14, 44))
    x, y = draw(st.integers(3, 80)), draw(st.integers(2, HEIGHT - size - 2))
    return letters(x, y, size, draw(st.integers(1, 8)))


def extent(boxes: np.ndarray) -> tuple[int, int, int, int]:
    return (*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())


@given(row=rows(), rise=st.floats(-2, 2))
@settings(max_examples=150, deadline=None)
def test_an_arc_keeps_all_ink_inside(row: tuple[Grey, np.ndarray], rise: float) -> None:
    mask, boxes = row
    bend = arc(HEIGHT, WIDTH, extent(boxes), rise=rise)
    moved = bent(mask, bend)
    assert moved.shape == mask.shape
    rim = np.concatenate([moved[0], moved[-1], moved[:, 0], moved[:, -1]])
    assert rim.max() < 128
    # One letter stays one piece of ink.
    count = cv2.connectedComponents((mask > 100).astype(np.uint8))[0]
    assert cv2.connectedComponents((moved > 60).astype(np.uint8))[0] == count


@given(row=rows(), rise=st.floats(-1, 1), seed=st.integers(0, 2**32 - 1), amount=st.floats(0, 0.08))
@settings(max_examples=100, deadline=None)
def test_boxes_lie_around_what_is_bent(
    row: tuple[Grey, np.ndarray], rise: float, seed: int, amount: float
) -> None:
    mask, boxes = row
    for bend in (
        arc(HEIGHT, WIDTH, extent(boxes), rise=rise),
        elastic(HEIGHT, WIDTH, extent(boxes), amount=amount, cell=0.4, seed=seed),
    ):
        moved, placed = bent(mask, bend), bent_boxes(boxes, bend)
        outside = moved.copy()
        for (x0, y0, x1, y1), box in zip(placed.tolist(), boxes, strict=True):
            alone = np.zeros_like(mask)
            x, y, right, down = box.tolist()
            alone[y:down, x:right] = mask[y:down, x:right]
            ink = bent(alone, bend) > 128
            ys, xs = np.nonzero(ink)
            assert x0 <= xs.min() and xs.max() < x1
            assert y0 <= ys.min() and ys.max() < y1
            outside[y0:y1, x0:x1] = 0
        assert outside.max(initial=0) < 160


@given(seed=st.integers(0, 2**32 - 1), cell=st.floats(0.3, 4))
@settings(max_examples=60, deadline=None)
def test_what_is_drawn_out_unevenly_folds_nowhere(seed: int, cell: float) -> None:
    bend = elastic(HEIGHT, WIDTH, (0, 0, 1, 1), amount=0.08, cell=cell, seed=seed)
    assert np.diff(bend.x, axis=1).min() > 0
    assert np.diff(bend.y, axis=0).min() > 0
    assert (bend.x[:, 0] == 0).all() and (bend.y[-1] == HEIGHT - 1).all()


def test_the_middle_of_an_arc_is_high_and_its_letters_lean_no_more_than_they_may() -> None:
    _, boxes = letters(20, 20, 20, 9)
    placed = bent_boxes(boxes, arc(HEIGHT, WIDTH, extent(boxes), rise=0.4))
    middles = placed[:, [1, 3]].mean(axis=1)
    assert middles.argmin() == 4
    assert middles[[0, -1]].min() > middles[4] + 15
    sunk = bent_boxes(boxes, arc(HEIGHT, WIDTH, extent(boxes), rise=-0.4))[:, [1, 3]].mean(axis=1)
    assert sunk.argmax() == 4
    short = boxes[:2]
    steep = bent_boxes(short, arc(HEIGHT, WIDTH, extent(short), rise=2.0))[:, [1, 3]].mean(axis=1)
    assert abs(steep[0] - steep[1]) < 2
    assert STEEPEST < 1


def test_a_flat_arc_moves_nothing() -> None:
    mask, boxes = letters(20, 20, 20, 5)
    bend = arc(HEIGHT, WIDTH, extent(boxes), rise=0.0)
    np.testing.assert_array_equal(bent(mask, bend), mask)
    np.testing.assert_array_equal(bent_boxes(boxes, bend), boxes)


def test_bent_lines_are_drawn_legible_and_name_their_bend() -> None:
    faces = tuple(face for face in display_faces() if face.kind == "dot_matrix")
    keys = (
        'faces=["dot_matrix"]',
        "photos.p=0",
        "bend.arc={ p = 0.7, rise = [-0.6, 0.6] }",
        "bend.elastic={ p = 0.5, amount = [0.01, 0.06] }",
    )
    engine = Setup(load_style("document", keys), faces, None, 4).engine()
    lines = [engine.sample(PlanRow(k, f"AB-{k:02d}78", (), faces[0].id, "s")) for k in range(60)]
    named = [dict(sample.record["effects"]) for sample in lines]
    assert sum("arc" in effects for effects in named) > 25
    assert sum("elastic" in effects for effects in named) > 15
    assert sum(sample.record["fallback"] for sample in lines) <= 3


def test_unlit_segments_under_bent_lines_are_refused() -> None:
    with pytest.raises(UsageError, match=r"bend: bends lines over unlit segments.*ghost\.p to 0"):
        bind(load_style("lcd", ["bend.arc={ p = 0.5, rise = 0.2 }"]))
    bind(load_style("lcd", ["bend.arc={ p = 0.5, rise = 0.2 }", "ghost.p=0"]))
