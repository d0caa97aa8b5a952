"""Crops show what their targets say, wherever they are laid and however they are turned."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.pixels.arrays import Image
from textlines.regions.page_file import LabelledRegion, PageLabels
from train.page_tuning.page_crops import MOST_ENLARGED, CropRule, page_crop


def made_page(text: str = "값 1,200") -> tuple[PageLabels, Image]:
    """Return a page of 300 x 420 with three dark bars, and its labels."""
    image = np.full((300, 420, 3), 220, np.uint8)
    regions = []
    for top, left in ((30, 20), (130, 120), (220, 60)):
        image[top : top + 40, left : left + 200] = 20
        corners = [[left, top], [left + 200, top], [left + 200, top + 40], [left, top + 40]]
        regions.append(LabelledRegion(np.array(corners, np.float64), text, "", text == "###"))
    return PageLabels("a.png", Path("a.png"), "Label.txt:1", tuple(regions), False), image


def rule(side: int = 256, low: float = 200, high: float = 500, *, varies: bool = True) -> CropRule:
    return CropRule(side=side, low=low, high=high, ratio=0.6, varies=varies)


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_cores_lie_on_ink(seed: int, varies: bool) -> None:
    page, image = made_page()

    crop = page_crop(page, image, rule(varies=varies), np.random.default_rng(seed))

    grey = crop.image.mean(axis=2)
    core, paper = crop.target.core > 0, (crop.target.core == 0) & (crop.target.counts > 0)
    assert crop.image.shape == (256, 256, 3)
    if core.sum() > 50 and paper.sum() > 50:
        assert np.percentile(grey[core], 95) < np.percentile(grey[paper], 60)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_a_crop_is_a_function_of_its_stream(seed: int) -> None:
    page, image = made_page()

    first, second = (page_crop(page, image, rule(), np.random.default_rng(seed)) for _ in "ab")

    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.target.core, second.target.core)


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_thresholds_are_of_the_same_crop(seed: int) -> None:
    page, image = made_page()
    asked = replace(rule(), has_border=True)

    with_border = page_crop(page, image, asked, np.random.default_rng(seed))
    without = page_crop(page, image, rule(), np.random.default_rng(seed))

    assert without.border is None and with_border.border is not None
    assert np.array_equal(with_border.image, without.image)
    core, border = with_border.target.core > 0, with_border.border
    assert (border.band[core] > 0).all()
    # Low in the core, and nothing is judged beyond the page.
    assert (border.threshold[core] < 0.5).all()
    assert not border.band[with_border.target.counts == 0].any()


def test_what_lies_beyond_the_page_does_not_count() -> None:
    page, image = made_page()

    crop = page_crop(page, image, rule(side=512, low=200, high=201), np.random.default_rng(1))

    # A page of 200 x 143 pixels in a crop of 512.
    assert int(crop.target.counts.sum()) == pytest.approx(200 * 143, rel=0.3)


def test_a_page_is_hardly_enlarged() -> None:
    page, image = made_page()
    wide = rule(side=992, low=4000, high=4001, varies=False)

    crop = page_crop(page, image, wide, np.random.default_rng(0))

    assert int(crop.target.counts.sum()) == pytest.approx(300 * 420 * MOST_ENLARGED**2, rel=0.05)


def test_lines_that_nobody_can_read_teach_nothing() -> None:
    page, image = made_page("###")

    crop = page_crop(page, image, rule(varies=False), np.random.default_rng(2))

    dark = crop.image.mean(axis=2) < 60
    assert not crop.target.core.any()
    assert dark.any() and (crop.target.counts[dark] == 0).mean() > 0.95
