"""Cores of lines: inside the line, smaller with the ratio, and nothing where nothing is said."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textlines.regions.page_file import LabelledRegion
from textlines.regions.polygons import Polygon
from train.page_tuning.shrunk_labels import LEAST_PX, target_of

ratios = st.sampled_from([0.4, 0.5, 0.62, 0.8, 0.98])


def line(left: float, top: float, width: float, height: float, text: str = "가") -> LabelledRegion:
    right, bottom = left + width, top + height
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
    return LabelledRegion(corners, text, "", text == "###")


def drawn(regions: list[LabelledRegion], ratio: float) -> tuple[np.ndarray, np.ndarray]:
    polygons: list[Polygon] = [region.polygon for region in regions]
    target = target_of(regions, polygons, (120, 200), ratio)
    return target.core, target.counts


@given(st.floats(10, 90), st.floats(10, 60), st.floats(20, 90), st.floats(8, 40), ratios)
def test_a_core_lies_inside_its_line(
    left: float, top: float, width: float, height: float, ratio: float
) -> None:
    core, counts = drawn([line(left, top, width, height)], ratio)

    rows, columns = np.nonzero(core)

    assert len(rows)
    assert counts.all()
    assert columns.min() >= left - 1 and columns.max() <= left + width + 1
    assert rows.min() >= top - 1 and rows.max() <= top + height + 1


@given(st.floats(20, 120), st.floats(12, 50))
def test_a_greater_ratio_leaves_a_greater_core(width: float, height: float) -> None:
    sizes = [drawn([line(20, 30, width, height)], ratio)[0].sum() for ratio in (0.4, 0.6, 0.8)]

    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_the_core_is_that_of_the_paper() -> None:
    # D = A (1 - r^2) / L = 3200 x .75 / 240 = 10 pixels on each side.
    core, _ = drawn([line(20, 30, 80, 40)], 0.5)

    rows, columns = np.nonzero(core)

    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (40, 60, 30, 90)


def test_what_nobody_can_read_does_not_count() -> None:
    core, counts = drawn([line(20, 30, 80, 40, "###"), line(120, 30, 60, 40)], 0.6)

    assert not counts[35:65, 25:95].any()
    assert core[35:65, 125:175].any() and not core[:, :110].any()


def test_a_line_of_a_few_pixels_does_not_count() -> None:
    core, counts = drawn([line(20, 30, 80, LEAST_PX - 1)], 0.6)

    assert not core.any()
    assert not counts[31:33, 25:95].any()
