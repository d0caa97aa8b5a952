from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import settings as checked
from hypothesis import strategies as st

from train.detection.settings import PIPELINE, BoxType, PredictionSettings
from train.detection.tuning import (
    BOX_THRESHOLDS,
    LIMITS,
    RATIOS,
    THRESHOLDS,
    Trial,
    Trials,
    folds_of,
    limits_for,
    search,
)

STOCK = PredictionSettings()


@dataclass
class Known:
    """Trials whose figure is known of each setting."""

    figure: Callable[[PredictionSettings], float]
    asked: list[PredictionSettings] = field(default_factory=list)

    def trial(self, settings: PredictionSettings, numbers: Sequence[int]) -> Trial:
        self.asked.append(settings)
        return Trial(settings, self.figure(settings))


def everything(side: int = 2000) -> list[PredictionSettings]:
    return limits_for(STOCK, [side], lambda settings: True)[0]


def found(known: Known, limits: list[PredictionSettings] | None = None) -> Trial:
    return search(cast(Trials, known), limits or everything(), STOCK, [0])


PEAKS = st.builds(
    PredictionSettings,
    limit_side_len=st.sampled_from([limit for limit in LIMITS if limit <= 2560]),
    unclip_ratio=st.sampled_from(RATIOS),
    box_thresh=st.sampled_from(BOX_THRESHOLDS),
    thresh=st.sampled_from(THRESHOLDS),
    use_dilation=st.booleans(),
    score_mode=st.sampled_from(("fast", "slow")),
)


def hill(peak: PredictionSettings) -> Callable[[PredictionSettings], float]:
    """A figure that falls from one peak to all sides."""

    def figure(settings: PredictionSettings) -> float:
        return 1.0 - (
            abs(LIMITS.index(settings.limit_side_len) - LIMITS.index(peak.limit_side_len)) * 0.03
            + abs(settings.unclip_ratio - peak.unclip_ratio) * 0.02
            + abs(settings.box_thresh - peak.box_thresh) * 0.01
            + abs(settings.thresh - peak.thresh) * 0.01
            + (settings.use_dilation != peak.use_dilation) * 0.001
            + (settings.score_mode != peak.score_mode) * 0.001
        )

    return figure


@checked(deadline=None, max_examples=25)
@given(peak=PEAKS)
def test_a_single_hill_is_climbed_to_its_top(peak: PredictionSettings) -> None:
    known = Known(hill(peak))
    assert found(known).settings == peak
    assert len(known.asked) == len(set(known.asked))  # nothing is tried twice


@pytest.mark.parametrize(
    ("forms", "tried"),
    [((), {"quad"}), (("poly",), {"poly"}), (("quad", "poly"), {"quad", "poly"})],
)
def test_forms_of_boxes_are_those_that_are_asked_for(
    forms: tuple[BoxType, ...], tried: set[str]
) -> None:
    peak = replace(STOCK, limit_side_len=832, unclip_ratio=1.8, box_type="poly")

    def figure(settings: PredictionSettings) -> float:
        return hill(peak)(settings) - 0.2 * (settings.box_type != "poly")

    known = Known(figure)
    best = search(cast(Trials, known), everything(), STOCK, [0], forms=forms)
    assert {settings.box_type for settings in known.asked} == tried
    assert best.settings == replace(peak, box_type="poly" if "poly" in tried else "quad")


@checked(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_the_result_is_never_worse_than_the_start(seed: int) -> None:
    def figure(settings: PredictionSettings) -> float:
        return (hash((seed, settings)) % 1000) / 1000

    assert found(Known(figure)).figure >= figure(STOCK)


def test_of_equals_the_start_stays() -> None:
    assert found(Known(lambda settings: 0.5)).settings == STOCK


def test_limits_far_from_any_gain_are_not_tried() -> None:
    known = Known(hill(STOCK))
    found(known)
    asked = {settings.limit_side_len for settings in known.asked}
    assert asked == {736, 832, 960, 1120, 1280}


def test_a_limit_and_its_ratio_are_found_together() -> None:
    """Each alone is worse than the start."""
    peak = replace(STOCK, limit_side_len=608, unclip_ratio=2.0)

    def figure(settings: PredictionSettings) -> float:
        at = settings.limit_side_len, settings.unclip_ratio
        return {(608, 2.0): 1.0, (608, 1.8): 0.8, (736, 1.8): 0.7, (960, 1.5): 0.6}.get(at, 0.5)

    assert found(Known(figure)).settings == peak


def test_limits_beyond_the_pages_are_one() -> None:
    assert [one.limit_side_len for one in everything(1000)][-2:] == [960, 1120]
    small = limits_for(STOCK, [300], lambda settings: True)[0]
    assert [one.limit_side_len for one in small] == [160, 192, 256, 960]  # seen as it is


def test_a_limit_of_another_kind_is_tried_too() -> None:
    limits, _ = limits_for(PIPELINE, [1000, 500], lambda settings: True)
    assert limits[-1] == PIPELINE and {one.limit_type for one in limits[:-1]} == {"max"}
    assert found(Known(lambda settings: 0.5), limits).settings.limit_type == "max"


def test_limits_that_are_not_allowed_are_told() -> None:
    kept, refused = limits_for(STOCK, [2000], lambda one: one.limit_side_len <= 960)
    assert max(one.limit_side_len for one in kept) == 960
    assert [one.limit_side_len for one in refused] == [1120, 1280, 1536, 1920, 2560]


def test_nothing_to_search_on() -> None:
    with pytest.raises(ValueError, match="no limit or no page"):
        search(cast(Trials, Known(lambda settings: 0.5)), [], STOCK, [0])


def test_reading_decides_before_the_harmonic_mean() -> None:
    low, high = Trial(STOCK, 0.5, 0.9), Trial(STOCK, 0.6, 0.1)
    assert high.beats(low) and not low.beats(high)
    assert Trial(STOCK, 0.5, 0.95).beats(low) and not low.beats(low)


@given(count=st.integers(1, 60), folds=st.integers(2, 20))
def test_each_page_is_in_one_fold(count: int, folds: int) -> None:
    dealt = folds_of(count, folds)
    assert sorted(number for fold in dealt for number in fold) == list(range(count))
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1
