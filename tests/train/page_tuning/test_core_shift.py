"""Cores of other pages get the size back that they had under the base."""

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.page_tuning.conftest import WritePages
from textlines.labels.tally import Tally
from textlines.progress import watching
from train.detection.detector import open_detector
from train.detection.settings import PredictionSettings
from train.detection.trial_maps import sized_pages
from train.models.graph_files import load_onnx
from train.networks.map_graph import map_graph_of
from train.page_tuning.core_shift import Cores, common_shift
from train.page_tuning.page_blends import BlendPages, blend_weights, judged_blends

SETTINGS = PredictionSettings(thresh=0.3, box_thresh=0.6)


def hills(*sizes: tuple[int, int], peak: float = 4.0) -> npt.NDArray[np.float64]:
    """Return logits of texts of so many pixels each (height, width), below each other."""
    logits = np.full((24 * len(sizes), 120), -6.0)
    for at, (height, width) in enumerate(sizes):
        rows, columns = np.ogrid[:24, :120]
        inside = np.minimum(
            np.minimum(rows - 6, 6 + height - 1 - rows),
            np.minimum(columns - 10, 10 + width - 1 - columns),
        )
        logits[24 * at : 24 * at + 24] = np.clip(1.3 * inside, -6, peak)
    return logits


def likely(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return (1 / (1 + np.exp(-logits))).astype(np.float32)


@given(
    st.floats(-1.2, 1.2), st.lists(st.tuples(st.integers(6, 12), st.integers(8, 90)), min_size=1)
)
def test_what_was_added_to_all_logits_is_taken_back(
    added: float, sizes: list[tuple[int, int]]
) -> None:
    logits = hills(*sizes)

    shifts = Cores(likely(logits), SETTINGS).shifts(likely(logits + added))

    assert shifts == pytest.approx(np.full(len(sizes), -added), abs=1e-3)


def test_a_short_text_counts_as_much_as_a_long_one() -> None:
    sizes = [(8, 100), (8, 12), (8, 14)]
    grown = hills(*sizes)
    grown[24:] += 1

    shifts = Cores(likely(hills(*sizes)), SETTINGS).shifts(likely(grown))

    assert shifts == pytest.approx([0, -1, -1], abs=1e-3)


def test_what_becomes_no_box_does_not_count() -> None:
    faint = hills((8, 40), (8, 40))
    faint[24:] = np.minimum(faint[24:], -0.5)  # above the threshold, below that of boxes

    assert len(Cores(likely(faint), SETTINGS).shifts(likely(faint))) == 1


def test_a_page_without_text_says_nothing() -> None:
    nothing = np.zeros((64, 64), np.float32)

    assert Cores(nothing, SETTINGS).shifts(nothing + 1).shape == (0,)
    assert common_shift(np.zeros(0)) == 0


def test_what_is_not_found_any_more_moves_the_median_little() -> None:
    lost = np.concatenate([np.full(90, -0.4) + np.linspace(-0.2, 0.2, 90), np.full(10, 12.0)])

    assert common_shift(lost) == pytest.approx(-0.4, abs=0.06)


def test_chance_moves_nothing() -> None:
    assert common_shift(np.array([-0.5, -0.4, -0.3, 0.1, 0.2])) == 0
    assert common_shift(np.array([-0.5] * 6)) == -0.5
    assert common_shift(np.array([-0.5] * 5)) == 0


def test_a_blend_whose_logits_all_rose_is_as_the_base(faint: Path, write_pages: WritePages) -> None:
    detector = open_detector(str(faint))
    settings = PredictionSettings(thresh=0.22, box_thresh=0.22, unclip_ratio=0.1)
    detector = detector.with_settings(settings)
    spec, weights = map_graph_of(load_onnx(faint), "faint", str(faint))
    assert spec.bias == "last_bias.b_0"
    risen = blend_weights(spec, (weights, weights), 1.0, 0.8)
    pages = BlendPages(
        target=sized_pages(write_pages("target", 1), Tally()),
        general=sized_pages(write_pages("other", 3), Tally()),
        limits=(960,),
    )

    base, half, whole = judged_blends(
        detector, spec, (weights, risen), (0, 0.5, 1), pages, partial(watching, as_json=True)
    )

    assert base.shift == 0
    assert half.shift == pytest.approx(-0.4, abs=0.1)
    assert whole.shift == pytest.approx(-0.8, abs=0.1)
    assert base.standing.general == half.standing.general == whole.standing.general
