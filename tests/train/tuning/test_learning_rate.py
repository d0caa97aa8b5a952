"""The guide's rate, and the course of it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.tuning.learning_rate import Course, CourseName, from_scratch, guide_rate


@pytest.mark.parametrize(
    ("batch", "rate"),
    [(128, 1e-4), (64, 5e-5)],  # the two rows that the guide writes
)
def test_the_rule_gives_what_the_guide_writes(batch: int, rate: float) -> None:
    assert guide_rate(1e-3, batch) == pytest.approx(rate)


def test_v5_starts_from_half_the_rate() -> None:
    assert from_scratch("svtr_lcnet_v4", "PP-OCRv5_mobile_rec") == 5e-4
    assert from_scratch("svtr_lcnet_v4", "PP-OCRv4_mobile_rec") == 1e-3


@given(
    name=st.sampled_from(["cosine", "piecewise"]),
    peak=st.floats(1e-6, 1e-2),
    share=st.floats(0.01, 1),
    steps=st.integers(1, 400),
    warmup=st.integers(0, 400),
)
def test_the_rate_never_leaves_its_bounds(
    name: CourseName, peak: float, share: float, steps: int, warmup: int
) -> None:
    course = Course(name, peak, peak * share, min(warmup, steps - 1), steps)
    rates = [course.rate_at(step) for step in range(steps)]
    assert all(0 < rate <= peak * (1 + 1e-12) for rate in rates)
    after = rates[course.warmup :]
    assert all(one >= two - 1e-15 for one, two in pairwise(after))
    assert min(after) >= peak * share * (1 - 1e-9)


@pytest.mark.parametrize(
    ("final", "warmup", "steps", "message"),
    [(0.0, 0, 5, "final"), (2e-4, 0, 5, "final"), (1e-5, 5, 5, "warm-up")],
)
def test_a_course_out_of_its_range_is_refused(
    final: float, warmup: int, steps: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Course("cosine", 1e-4, final, warmup, steps)


def test_a_step_beyond_the_end_is_refused() -> None:
    with pytest.raises(ValueError, match="step 5 is not one of 5"):
        Course("cosine", 1e-4, 1e-5, 0, 5).rate_at(5)
