"""Two forms of a detector, page by page: when they are one, and what is told of their boxes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.tally import Tally
from train.detection.configuration import published_configuration
from train.detection.detector import Detector
from train.detection.map_networks import Prepared
from train.detection.map_parity import (
    MOST_APART,
    MOST_SIDE,
    MapParity,
    ProbePage,
    Rounding,
    compare_maps,
    fixed_pages,
    real_pages,
)
from train.detection.postprocessing import ProbabilityMap
from train.models.model_sources import ModelSource

TOLERANCE = 1e-4


class Constant:
    """Gives one map, whatever it sees, and notes the sizes."""

    name = "constant"

    def __init__(self, map_: ProbabilityMap) -> None:
        self.map, self.sizes = map_, []  # type: ignore[var-annotated]

    def map_of(self, prepared: Prepared) -> ProbabilityMap:
        self.sizes.append(prepared.shape[2:])
        return self.map


def bar(value: float, at: int = 10) -> ProbabilityMap:
    """A map of 64 x 96 with a bar of one probability."""
    map_ = np.zeros((64, 96), np.float32)
    map_[at : at + 16, 10:80] = value
    return map_


def rounding_of(most: float) -> Rounding:
    def none() -> Callable[[Prepared], ProbabilityMap]:
        return lambda prepared: bar(0.0)

    def some() -> Callable[[Prepared], ProbabilityMap]:
        return lambda prepared: bar(most)

    return Rounding(none, some)


def compared(one: Any, other: Any, rounding: float = 0.0, tolerance: float = TOLERANCE) -> Any:
    configuration = published_configuration("PP-OCRv4_mobile_det")
    source = ModelSource("made", "onnx", Path("made.onnx"), ())
    forms = [Constant(map_) if isinstance(map_, np.ndarray) else map_ for map_ in (one, other)]
    return compare_maps(
        "one and other",
        *forms,
        [ProbePage("a page", np.zeros((64, 96, 3), np.uint8))],
        Detector(forms[0], configuration, source),
        rounding_of(rounding),
        tolerance=tolerance,
    )


def test_a_form_is_like_itself() -> None:
    parity = compared(bar(0.9), bar(0.9))
    assert parity == MapParity(
        of="one and other",
        pages=1,
        largest=0.0,
        tolerance=TOLERANCE,
        beyond=0,
        boxes=1,
        same_boxes=1,
        ties=0,
    )


@given(shift=st.floats(0, 0.05), rounding=st.floats(0, 0.01))
def test_maps_are_one_within_the_tolerance_or_what_rounding_explains(
    shift: float, rounding: float
) -> None:
    one, other = bar(0.9), bar(0.9 - shift)
    difference = float(np.abs(one.astype(np.float64) - other).max())
    exact = float(np.float32(rounding))
    try:
        parity = compared(one, other, rounding)
    except InputError as error:
        assert difference > TOLERANCE and difference > min(MOST_APART, 10 * exact)
        assert "parity of one and other: on a page the second differs by" in str(error)
    else:
        assert difference <= max(TOLERANCE, min(MOST_APART, 10 * exact))
        assert parity.largest == difference
        assert parity.beyond == (difference > TOLERANCE)


def test_numbers_that_are_none_are_no_parity() -> None:
    with pytest.raises(InputError, match="differs by nan"):
        compared(bar(0.9), bar(float("nan")))


def test_maps_of_other_sizes_are_no_parity() -> None:
    with pytest.raises(InputError, match=r"gives a map of \(32, 96\), the first of \(64, 96\)"):
        compared(bar(0.9), bar(0.9)[:32])


def test_a_score_next_to_its_threshold_is_a_tie() -> None:
    score = published_configuration("PP-OCRv4_mobile_det").settings.box_thresh
    parity = compared(bar(score + 4e-5), bar(score - 4e-5))
    assert (parity.boxes, parity.same_boxes, parity.ties) == (1, 0, 1)


@given(offset=st.integers(0, 8))
def test_boxes_elsewhere_are_not_the_same(offset: int) -> None:
    parity = compared(bar(0.9), bar(0.9, 10 + offset), tolerance=1.0)
    is_same = offset <= 1
    assert (parity.same_boxes, parity.ties) == ((1, 0) if is_same else (0, 2))


def test_no_page_is_seen_larger_than_needed() -> None:
    form = Constant(bar(0.9))
    large = np.zeros((200, 4000, 3), np.uint8)
    configuration = published_configuration("another")
    detector = Detector(form, configuration, ModelSource("made", "onnx", Path("made.onnx"), ()))
    wide = detector.with_settings(type(detector.settings)(limit_side_len=64, limit_type="min"))
    compare_maps(
        "a and a", form, form, [ProbePage("wide", large)], wide, rounding_of(0), tolerance=1e-4
    )
    assert form.sizes == [(64, MOST_SIDE)] * 2


def test_pages_that_are_drawn_are_the_same_every_time_and_of_many_sizes() -> None:
    first, second = fixed_pages(), fixed_pages()
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, second, strict=True))
    assert len({page.image.shape for page in first}) == len(first) >= 5
    assert any(np.ptp(page.image) == 0 for page in first)  # one without text


def test_pages_are_chosen_evenly_and_broken_ones_counted(dark_pages: Callable[..., Path]) -> None:
    labels = dark_pages(count=5)
    (labels.parent / "images" / "2.png").write_bytes(b"no image")
    tally = Tally()
    pages = real_pages(labels, None, tally, 3)
    assert [page.name for page in pages] == ["images/0.png", "images/4.png"]
    assert sum(tally.as_dict().values()) == 1
    assert not any(page.is_rendered for page in pages)
    (labels.parent / "run.json").write_text(json.dumps({"synthetic": True}), encoding="utf-8")
    assert all(page.is_rendered for page in real_pages(labels.parent, None, Tally()))


def test_a_label_file_without_a_page_is_refused(dark_pages: Callable[..., Path]) -> None:
    labels = dark_pages(count=1)
    (labels.parent / "images" / "0.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"holds no page that can be compared on \(.*1\b"):
        real_pages(labels, None, Tally())
