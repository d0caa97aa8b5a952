"""Which lines share a step: a function of seed, epoch and lines, the same in every process."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textlines.pixels.resize import LEAST_WIDTH
from train.tuning.lines import TrainingLine


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of one padded width, by their numbers among the epoch's lines."""

    numbers: tuple[int, ...]
    width: int


def batches(
    lines: Sequence[TrainingLine], size: int, *, seed: int, epoch: int
) -> tuple[Batch, ...]:
    """Put an epoch's lines into batches, in the order of its steps.

    Lines of a width are shuffled and cut into batches; all batches are shuffled. The last batch
    of a width may be smaller: none is filled up with lines that are then seen more often.

    Args:
        size: lines in a batch at most.

    Raises:
        ValueError: the size is below 1.
    """
    if size < 1:
        raise ValueError(f"a batch holds 1 line or more, got {size}")
    random = np.random.Generator(np.random.PCG64([seed & 0xFFFFFFFF, epoch]))
    widths: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        widths.setdefault(line.width, []).append(number)
    found = []
    for width, numbers in sorted(widths.items()):
        order = random.permutation(len(numbers))
        shuffled = [numbers[at] for at in order]
        found += [
            Batch(tuple(shuffled[at : at + size]), width) for at in range(0, len(shuffled), size)
        ]
    return tuple(found[at] for at in random.permutation(len(found)))


def batches_in(lines: Sequence[TrainingLine], size: int) -> int:
    """Count the batches that an epoch's lines make, whatever their order."""
    widths = Counter(line.width for line in lines)
    return sum(-(-count // size) for count in widths.values())


def heaviest(lists: Sequence[Sequence[TrainingLine]], size: int) -> tuple[int, int]:
    """Return lines and width of the batch with the most pixels; the wider of two.

    Args:
        lists: lines of each epoch's list. size: lines in a batch at most.

    >>> lines = [TrainingLine("a", (1,), width, False, False) for width in (320, 320, 320, 640)]
    >>> heaviest([lines], 2), heaviest([lines], 3)
    ((1, 640), (3, 320))
    """
    found = [
        (min(count, size), width)
        for lines in lists
        for width, count in Counter(line.width for line in lines).items()
    ]
    return max(
        found, key=lambda batch: (batch[0] * batch[1], batch[1]), default=(size, LEAST_WIDTH)
    )


def steps_in(batch_count: int, devices: int) -> int:
    """Count the steps of an epoch when so many devices share each.

    >>> steps_in(5, 2)
    3
    """
    return -(-batch_count // devices)


def share_of(found: Sequence[Batch], step: int, rank: int, devices: int) -> Batch | None:
    """Give what one device does in a step; None where the epoch's end leaves it without work."""
    at = step * devices + rank
    return found[at] if at < len(found) else None
