"""Batches that travel as bytes are what the network is given, in order; a failure is told."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.errors import InputError
from train.tuning.loading import Waiting, as_input


@given(
    widths=st.lists(st.integers(1, 700), min_size=1, max_size=4),
    width=st.sampled_from([320, 512]),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_bytes_become_the_network_s_input(
    paddle: Any, widths: list[int], width: int, seed: int
) -> None:
    from train.tuning.feeding import normalised, padded

    random = np.random.default_rng(seed)
    crops = [random.integers(0, 256, (48, one, 3)).astype(np.uint8) for one in widths]
    found = normalised(paddle.to_tensor(padded(crops, width))).numpy()
    wanted = as_input(crops, width)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= 2**-22  # another order of float32 operations
    assert np.array_equal(found == 0, wanted == 0)


def test_no_crops_are_one_line_of_zeros(paddle: Any) -> None:
    from train.tuning.feeding import normalised, padded

    found = normalised(paddle.to_tensor(padded([], 320)))
    assert found.shape == [1, 3, 48, 320]
    assert not found.numpy().any()


def test_batches_of_several_sizes_arrive_in_order(paddle: Any) -> None:
    from train.tuning.feeding import feeding

    made = [np.full((k % 3 + 1, 49, 320 + 64 * (k % 2), 3), k, np.uint8) for k in range(9)]
    waiting = Waiting()
    with feeding(iter(made), waiting) as batches:
        found = [one.numpy() for one in batches]
    assert len(found) == len(made) == waiting.batches
    assert all(np.array_equal(one, two) for one, two in zip(found, made, strict=True))


def test_what_goes_wrong_ahead_is_told_where_its_batch_would_have_come(paddle: Any) -> None:
    from train.tuning.feeding import feeding

    def made() -> Iterator[Any]:
        yield np.zeros((1, 2), np.uint8)
        raise InputError("crops/7.png", "is not there", "")

    with feeding(made(), Waiting()) as batches:
        assert next(batches).shape == [1, 2]
        with pytest.raises(InputError, match=r"crops/7\.png: is not there"):
            next(batches)


def test_leaving_early_ends_what_runs_ahead(paddle: Any) -> None:
    from train.tuning.feeding import feeding

    ended = []

    def made() -> Iterator[Any]:
        try:
            for number in range(10_000):
                yield np.full((4, 4), number % 256, np.uint8)
        finally:
            ended.append(True)

    source = made()
    with feeding(source, Waiting()) as batches:
        next(batches)
    source.close()
    assert ended
