import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.pixels.resize import network_input, to_recognizer
from train.reading.engine import batch_of, by_width, width_of

SIZES = st.tuples(st.integers(1, 120), st.integers(1, 2000))


@given(SIZES)
def test_the_padded_width_is_known_from_the_resized_crop(size: tuple[int, int]) -> None:
    image = np.random.default_rng(size[0]).integers(0, 256, (*size, 3), np.uint8)
    assert width_of(to_recognizer(image)) == network_input(image).shape[2]


@given(SIZES)
def test_a_batch_holds_the_bits_of_the_network_input(size: tuple[int, int]) -> None:
    image = np.random.default_rng(size[1]).integers(0, 256, (*size, 3), np.uint8)
    assert np.array_equal(batch_of([to_recognizer(image)] * 2)[1], network_input(image))


@given(st.lists(st.integers(1, 500), max_size=30), st.integers(1, 8))
def test_batches_hold_every_crop_once_and_one_width(widths: list[int], most: int) -> None:
    crops = {n: np.zeros((48, width, 3), np.uint8) for n, width in enumerate(widths)}
    batches = by_width(crops, most)
    assert sorted(n for batch in batches for n in batch) == list(range(len(widths)))
    for batch in batches:
        assert len(batch) <= most
        assert len({width_of(crops[n]) for n in batch}) == 1


def test_widths_never_mix() -> None:
    crops = [np.zeros((48, width, 3), np.uint8) for width in (100, 321)]
    with pytest.raises(ValueError, match=r"one padded width, got \[320, 321\]"):
        batch_of(crops)
