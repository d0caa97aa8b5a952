import hashlib
from collections.abc import Callable

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.layout.devices import plane_pad
from synth.layout.page_engine import DrawnPage, on_page
from synth.layout.page_job import PageJob
from synth.layout.page_plan import PlannedPage
from textlines.regions.polygons import is_valid


def covered(page: DrawnPage, number: int, points: object) -> tuple[float, float]:
    """Return the ink of a line on its page, and how much of it its box covers, in pixels."""
    size = page.row.size
    ink = page.placed[number].ink_on(page.view, size) >= 128
    box = np.zeros((size[1], size[0]), np.uint8)
    corners = np.array(points)
    cv2.fillPoly(box, [np.round(corners * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
    return float(ink.sum()), float((ink & (box > 0)).sum())


def test_boxes_hold_the_ink_of_their_lines_and_are_close_around_it(drawn: list[DrawnPage]) -> None:
    seen = 0
    for page in drawn:
        numbers = [
            number
            for number, placed in enumerate(page.placed)
            if on_page(placed.polygon(page.view), *page.row.size) is not None
        ]
        assert len(numbers) == len(page.row.lines)
        for number, line in zip(numbers, page.row.lines, strict=True):
            assert page.placed[number].line.text == line.text
            ink, held = covered(page, number, line.points)
            assert held >= 0.99 * ink
            sides = np.linalg.norm(np.diff([*line.points, line.points[0]], axis=0), axis=1)
            if line.fault is None and ink:
                around = cv2.boundingRect(
                    (page.placed[number].ink_on(page.view, page.row.size) >= 128).astype(np.uint8)
                )
                # No wider than the ink, its margin and what perspective adds.
                assert max(sides) <= 1.25 * np.hypot(*around[2:]) + 6
            seen += 1
    assert seen > 60


def test_the_camera_sees_nothing_beyond_the_plane(drawn: list[DrawnPage]) -> None:
    # What lies beyond is mirrored: text would be seen twice and labelled once.
    for page in drawn:
        width, height = page.row.size
        corners = np.array([(0, 0, 1), (width, 0, 1), (width, height, 1), (0, height, 1)])
        on_plane = np.linalg.inv(page.view) @ corners.T
        x, y = on_plane[:2] / on_plane[2]
        pad = plane_pad(page.row.size)
        assert min(*x, *y) >= 0
        assert max(x) <= width + 2 * pad and max(y) <= height + 2 * pad


def test_legible_lines_are_labelled_and_others_are_dont_care(drawn: list[DrawnPage]) -> None:
    lines = [line for page in drawn for line in page.row.lines]
    assert {line.label for line in lines if line.fault is not None} <= {"###"}
    read = [line for line in lines if line.fault is None]
    assert len(read) > 0.6 * len(lines)
    assert all(line.label == line.text for line in read)
    displays = [line for line in lines if line.role == "display"]
    assert sum(line.fault is None for line in displays) > 0.7 * len(displays)


def test_small_and_large_digits_come_alike(drawn: list[DrawnPage]) -> None:
    shares = [
        line.height_px / min(page.row.size)
        for page in drawn
        for line in page.row.lines
        if line.role == "display"
    ]
    assert min(shares) < 0.07 and max(shares) > 0.25


def test_a_page_is_a_function_of_plan_and_seed(
    drawn: list[DrawnPage], page_job: Callable[..., PageJob]
) -> None:
    job = page_job(seed=11)
    engine, plan = job.setup.engine(), job.plan()
    for index in (21, 4, 9):  # in another order, by another engine
        again = engine.page(plan[index])
        assert again.data == drawn[index].data and again.row == drawn[index].row
    other = page_job(seed=12)
    assert other.setup.engine().page(other.plan()[4]).data != drawn[4].data


def test_rows_hold_the_hash_of_their_file(drawn: list[DrawnPage]) -> None:
    for page in drawn:
        assert hashlib.sha256(page.data).hexdigest() == page.row.sha256
        decoded = cv2.imdecode(np.frombuffer(page.data, np.uint8), cv2.IMREAD_COLOR)
        assert decoded.shape[:2] == page.row.size[::-1]


def test_pages_without_text_have_no_line(drawn: list[DrawnPage]) -> None:
    kinds = [page.row.kind for page in drawn]
    assert kinds.count("empty") == 4
    for page in drawn:
        assert bool(page.placed) == (page.row.kind == "device")


def test_a_page_whose_face_holds_one_text_is_drawn(page_job: Callable[..., PageJob]) -> None:
    job = page_job(seed=2, count=2)
    planned = next(page for page in job.plan() if page.kind == "device")
    bare = PlannedPage(planned.index, "device", planned.display, planned.shown[:1], {})
    row = job.setup.engine().page(bare).row
    assert [line.text for line in row.lines] == [planned.shown[0].text]


@settings(max_examples=60)
@given(
    st.lists(st.floats(-200, 300), min_size=2, max_size=2),
    st.floats(1, 200),
    st.floats(1, 60),
)
def test_a_box_on_the_page_stays_in_it(at: list[float], wide: float, high: float) -> None:
    x, y = at
    box = np.array([[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]])
    kept = on_page(box, 160, 90)
    inside = max(0, min(x + wide, 160) - max(x, 0)) * max(0, min(y + high, 90) - max(y, 0))
    if kept is None:
        assert inside < 0.13 * wide * high
    else:
        assert all(0 <= a <= 160 and 0 <= b <= 90 for a, b in kept)


@given(
    st.tuples(st.floats(-20, 120), st.floats(-20, 70)),
    st.floats(-0.6, 0.6),
    st.tuples(st.floats(3, 80), st.floats(2, 40)),
    st.lists(st.floats(-1, 1), min_size=8, max_size=8),
)
def test_a_box_at_an_edge_is_one_that_labels_may_have(
    centre: tuple[float, float],
    turn: float,
    size: tuple[float, float],
    bent: list[float],
) -> None:
    width, height = size
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2)
    corners += np.array(bent).reshape(4, 2) * 0.08 * min(size)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])

    box = on_page(corners @ turned.T + centre, 100, 50)

    if box is not None:
        assert is_valid(np.array(box))
        assert np.array(box).min() >= 0 and (np.array(box) <= (100, 50)).all()
