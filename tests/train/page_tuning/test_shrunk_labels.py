"""Cores of lines: inside the line, smaller with the ratio, and nothing where nothing is said.

And thresholds: highest on the edge of a line, lowest where its core begins, inside and outside.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.regions.page_file import LabelledRegion
from textlines.regions.polygons import Polygon
from train.page_tuning.shrunk_labels import (
    HIGH,
    LEAST_PX,
    LOW,
    BorderTarget,
    border_of,
    edge_distance,
    target_of,
)

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


def border(regions: list[LabelledRegion], ratio: float) -> BorderTarget:
    return border_of(regions, [region.polygon for region in regions], (120, 200), ratio)


def test_thresholds_fall_from_the_edge_to_where_the_core_begins() -> None:
    # The core begins 10 pixels inside: 3200 x .75 / 240.
    found = border([line(60, 40, 80, 40)], 0.5)

    across = found.threshold[60]
    assert across[60] == across[140] == pytest.approx(HIGH)
    assert across[55] == across[65] == pytest.approx((LOW + HIGH) / 2)
    assert across[50] == across[70] == pytest.approx(LOW)
    assert across[100] == across[20] == pytest.approx(LOW)
    assert found.threshold[40, 100] == pytest.approx(HIGH)
    # Beyond a corner by 6 and 8 pixels it is ten away.
    assert found.threshold[34, 60] == pytest.approx(HIGH - 0.6 * (HIGH - LOW))
    assert found.threshold[32, 54] == pytest.approx(LOW, abs=1e-6)


def test_thresholds_are_judged_within_the_grown_line_alone() -> None:
    found = border([line(60, 40, 80, 40)], 0.5)

    assert set(np.unique(found.band)) == {0, 1}
    assert found.band[60, 50:151].all() and found.band[30:91, 100].all()
    assert not found.band[60, :49].any() and not found.band[60, 152:].any()
    assert not found.band[30:32, 50:52].any()  # corners are round
    core = drawn([line(60, 40, 80, 40)], 0.5)[0]
    assert found.band[core > 0].all()


def test_near_lines_share_the_higher_threshold() -> None:
    first, second = line(20, 30, 60, 40), line(86, 30, 60, 40)

    both, alone = border([first, second], 0.5), border([first], 0.5)

    assert both.threshold[50, 86] == pytest.approx(HIGH)
    assert both.threshold[50, 86] > alone.threshold[50, 86]
    assert (both.threshold >= alone.threshold).all() and (both.band >= alone.band).all()


def test_lines_that_do_not_count_have_no_edge() -> None:
    found = border([line(20, 30, 80, 40, "###"), line(120, 30, 60, LEAST_PX - 1)], 0.6)

    assert not found.band.any()
    assert np.allclose(found.threshold, LOW)


@given(st.floats(-60, 190), st.floats(-60, 110), st.floats(20, 150), st.floats(8, 60), ratios)
def test_thresholds_of_any_line_stay_in_range_and_outside_their_reach_low(
    left: float, top: float, width: float, height: float, ratio: float
) -> None:
    found = border([line(left, top, width, height)], ratio)

    assert found.threshold.min() >= LOW - 1e-6 and found.threshold.max() <= HIGH + 1e-6
    # The band is drawn on whole pixels.
    reach = width * height * (1 - ratio**2) / (2 * (width + height)) + 1.5
    rows, columns = np.nonzero((found.threshold > LOW + 1e-6) | (found.band > 0))
    assert not len(rows) or (
        columns.min() >= left - reach
        and columns.max() <= left + width + reach
        and rows.min() >= top - reach
        and rows.max() <= top + height + reach
    )


def test_a_leaning_edge_is_as_far_as_it_is() -> None:
    kite = np.array([[10, 0], [20, 10], [10, 20], [0, 10]], np.float64)

    away = edge_distance(kite, (0, 0), (21, 21))

    assert away[10, 10] == pytest.approx(np.sqrt(50), rel=1e-5)
    assert away[0, 10] == 0
    assert away[0, 0] == pytest.approx(np.sqrt(50), rel=1e-5)
    assert away[5, 5] == pytest.approx(0, abs=1e-5)
