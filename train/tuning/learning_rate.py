"""The learning rate: what the fine-tune guide asks for, and its course over a run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textlines.wording.counts import count_of
from train.networks.spec import FamilyName

CourseName = Literal["cosine", "piecewise"]

REFERENCE_BATCH = 1024
"""Lines in a batch of the guide's training from scratch: 8 GPUs of 128."""

GUIDE_SHARE = 0.8
"""The guide's fine-tune rates are this share of the rate that grows with the batch: it writes 1e-4
for 128 lines and 5e-5 for 64, where 1e-3 x 128 / 1024 would be 1.25e-4."""

FROM_SCRATCH: dict[FamilyName, float] = {
    "svtr_lcnet_v4": 1e-3,
    "svtr_mobilenet_v3": 1e-3,
    "svtr_hgnet_v4": 1e-3,
    # Its configuration says it of batches of half as many lines: the more careful reading.
    "svtr_hgnet_v5": 5e-4,
    "svtr_lcnet_v6_tiny": 1e-3,
    "svtr_lcnet_v6_small": 5e-4,
    "svtr_lcnet_v6_medium": 5e-4,
}
"""What PaddleOCR trains each family with from scratch, at the reference batch."""

V5_FROM_SCRATCH = 5e-4
"""PP-OCRv5 has the network of PP-OCRv4 and half its rate."""

GRAPH_FROM_SCRATCH = 1e-3
"""An exported graph does not say what it was trained with: as PP-OCRv3 and v4."""

HEAD_RATE = 20.0
"""Times the guide's rate, for a stage that tunes the head alone on features that stay: its few
layers bear more, and what the backbone knows cannot be lost. Measured: docs/measured.md."""

FINAL_SHARE = 0.2
"""Of the peak, in the second part of a piecewise course: the guide goes from 1e-4 to 2e-5."""

PIECEWISE_AT = 0.875
"""Share of the run after which the guide drops the rate: epoch 700 of 800."""


def from_scratch(family: FamilyName | Literal["graph"], name: str) -> float:
    """Return the rate that a published model was trained with from scratch.

    >>> from_scratch("svtr_lcnet_v4", "korean_PP-OCRv5_mobile_rec")
    0.0005
    >>> from_scratch("svtr_hgnet_v4", "PP-OCRv4_server_rec"), from_scratch("svtr_hgnet_v5", "mine")
    (0.001, 0.0005)
    """
    if family == "graph":
        return GRAPH_FROM_SCRATCH
    return V5_FROM_SCRATCH if "PP-OCRv5" in name else FROM_SCRATCH[family]


def guide_rate(base: float, total_batch: int, reference: int = REFERENCE_BATCH) -> float:
    """Return the guide's peak rate of a fine-tune: 0.8 x base x batch / reference.

    Args:
        base: from scratch, at the reference batch. total_batch: lines a step, all devices.

    Raises:
        ValueError: a number is not above 0.

    >>> guide_rate(1e-3, 128), guide_rate(1e-3, 64)
    (0.0001, 5e-05)
    """
    if base <= 0 or total_batch < 1 or reference < 1:
        raise ValueError(f"need numbers above 0, got {base}, {total_batch}, {reference}")
    return GUIDE_SHARE * base * total_batch / reference


@dataclass(frozen=True, slots=True)
class Course:
    """How the rate goes over a stage.

    Attributes:
        name: "cosine" falls from the peak to the final rate; "piecewise" drops once.
        peak, final: the two rates.
        warmup: steps in which it climbs from near 0 to the peak.
        steps: of the whole stage.

    Raises:
        ValueError: a number is out of its range.
    """

    name: CourseName
    peak: float
    final: float
    warmup: int
    steps: int

    def __post_init__(self) -> None:
        if not 0 < self.final <= self.peak:
            raise ValueError(f"need 0 < final <= peak, got {self.final} and {self.peak}")
        if not 0 <= self.warmup < self.steps:
            raise ValueError(f"need 0 <= warm-up < steps, got {self.warmup} and {self.steps}")

    def rate_at(self, step: int) -> float:
        """Return the rate of a step, counted from 0.

        Raises:
            ValueError: the step is not one of the stage.

        >>> course = Course("cosine", 1e-4, 1e-5, 2, 10)
        >>> [round(course.rate_at(step) * 1e5, 2) for step in (0, 1, 2, 9)]
        [5.0, 10.0, 10.0, 1.0]
        """
        if not 0 <= step < self.steps:
            raise ValueError(f"step {step} is not one of {self.steps}")
        if step < self.warmup:
            return self.peak * (step + 1) / self.warmup
        if self.name == "piecewise":
            return self.peak if step < PIECEWISE_AT * self.steps else self.final
        left = max(self.steps - self.warmup - 1, 1)
        down = (1 - math.cos(math.pi * (step - self.warmup) / left)) / 2
        return self.peak - (self.peak - self.final) * down


def ended_at(
    course: Course, rates: Sequence[float], at: int, steps: int, warmup: int
) -> list[float]:
    """Return the rates of a stage that is to end after another number of steps than it was.

    What was made stays. A cosine falls on from the rate that it has reached, in the steps that are
    left, to its final rate; within the warm-up, and where the rate drops once, the course is that
    of a stage of so many steps.

    Args:
        rates: of each step, as they were to be. at: steps made. warmup: of a stage of `steps`.

    Raises:
        ValueError: it would end before what was made.

    >>> course = Course("cosine", 1e-4, 1e-5, 2, 10)
    >>> rates = [course.rate_at(step) for step in range(10)]
    >>> [round(rate * 1e5, 1) for rate in ended_at(course, rates, 4, 7, 1)]
    [5.0, 10.0, 10.0, 9.6, 7.4, 3.1, 1.0]
    """
    if not at <= steps:
        raise ValueError(f"a stage that has made {count_of(at, 'step')} cannot end after {steps}")
    left = steps - at
    if not left:
        return list(rates[:at])
    if at < course.warmup or course.name == "piecewise":
        again = Course(course.name, course.peak, course.final, min(warmup, course.warmup), steps)
        return [*rates[:at], *(again.rate_at(step) for step in range(at, steps))]
    reached = rates[at - 1] if at else course.peak
    fall = Course("cosine", max(reached, course.final), course.final, 0, left + 1)
    return [*rates[:at], *(fall.rate_at(step) for step in range(1, left + 1))]
