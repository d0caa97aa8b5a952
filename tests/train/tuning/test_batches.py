"""Which lines share a step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.tuning.batches import batches, batches_in, heaviest, share_of, steps_in
from train.tuning.lines import TrainingLine, bucket_width

WIDTHS = st.lists(st.sampled_from([320, 384, 448, 640]), max_size=60)


def lines_of(widths: list[int]) -> list[TrainingLine]:
    return [TrainingLine(f"{n}.png", (1,), width, False, False) for n, width in enumerate(widths)]


@given(widths=WIDTHS, size=st.integers(1, 9), seed=st.integers(-5, 5), epoch=st.integers(0, 5))
def test_each_line_stands_once_among_lines_of_its_width(
    widths: list[int], size: int, seed: int, epoch: int
) -> None:
    found = batches(lines_of(widths), size, seed=seed, epoch=epoch)
    assert sorted(at for one in found for at in one.numbers) == list(range(len(widths)))
    assert all(1 <= len(one.numbers) <= size for one in found)
    assert all(widths[at] == one.width for one in found for at in one.numbers)
    assert found == batches(lines_of(widths), size, seed=seed, epoch=epoch)
    assert len(found) == batches_in(lines_of(widths), size)


@given(widths=WIDTHS, size=st.integers(1, 9))
def test_the_heaviest_batch_is_one_of_the_epoch(widths: list[int], size: int) -> None:
    lines = lines_of(widths)
    found = [(len(one.numbers), one.width) for one in batches(lines, size, seed=0, epoch=0)]
    most = heaviest([lines, lines[:3]], size)
    if found:
        assert most in found
        assert most[0] * most[1] == max(count * width for count, width in found)
    else:
        assert most == (size, 320)


@given(widths=WIDTHS, size=st.integers(1, 9), devices=st.integers(1, 4))
def test_devices_share_all_batches(widths: list[int], size: int, devices: int) -> None:
    found = batches(lines_of(widths), size, seed=0, epoch=0)
    steps = steps_in(len(found), devices)
    shared = [
        share_of(found, step, rank, devices) for step in range(steps) for rank in range(devices)
    ]
    assert [one for one in shared if one] == list(found)
    # In each step the first process has work, so that its step is never one of zeros alone.
    assert all(share_of(found, step, 0, devices) for step in range(steps))


def test_epochs_differ_in_their_order() -> None:
    lines = lines_of([320] * 40)
    assert batches(lines, 8, seed=0, epoch=0) != batches(lines, 8, seed=0, epoch=1)


def test_a_batch_of_no_line_is_refused() -> None:
    with pytest.raises(ValueError, match="1 line or more"):
        batches([], 0, seed=0, epoch=0)


@given(width=st.integers(1, 4000), height=st.integers(8, 300), bucket=st.sampled_from([8, 32, 64]))
def test_a_bucket_holds_the_line_and_its_padding(width: int, height: int, bucket: int) -> None:
    from textlines.pixels.resize import padded_width

    own, found = padded_width(width, height), bucket_width(width, height, bucket)
    assert own <= found < own + bucket
    assert found == 320 or found % bucket == 0
