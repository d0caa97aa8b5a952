"""Spans draw what they say, and what is no span is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from synth.draws import Draws
from synth.rendering.spans import Span, SpanField

read = TypeAdapter(SpanField).validate_python


@given(low=st.integers(-50, 50), more=st.integers(0, 50), index=st.integers(0, 9999))
def test_whole_bounds_draw_whole_numbers_between_them(low: int, more: int, index: int) -> None:
    drawn = read([low, low + more]).draw(Draws(3, index))
    assert isinstance(drawn, int)
    assert low <= drawn <= low + more


@given(low=st.floats(0.1, 10), factor=st.floats(1, 100), index=st.integers(0, 9999))
def test_log_stays_between_its_bounds(low: float, factor: float, index: int) -> None:
    span = Span(low=low, high=low * factor, shape="log")
    assert low * 0.999999 <= span.draw(Draws(3, index)) <= low * factor * 1.000001


def test_weights_of_zero_are_never_drawn() -> None:
    span = read({"values": [1, 2], "weights": [1, 0]})
    assert {span.draw(Draws(1, n)) for n in range(200)} == {1}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([3, 1], "high 1 is below low 3"),
        ([1, 2, 3], "a range has two numbers"),
        ({"values": [1, 2], "weights": [1]}, "2 values but 1 weight"),
        ({"low": 0, "high": 3, "shape": "log"}, "'log' needs low above 0"),
        ({"low": 1, "high": 3, "shape": "round"}, "shape 'round' is neither"),
        ({"lo": 1}, "Extra inputs are not permitted"),
        ([1, 1e308], "a number is beyond 1,000,000 or none"),
        (float("inf"), "a number is beyond 1,000,000 or none"),
        ([float("nan"), 1], "a number is beyond 1,000,000 or none"),
        ({"values": [1, 10**400]}, "a number is beyond 1,000,000 or none"),
        ({"values": [1, 2], "weights": [1, float("inf")]}, "a weight is beyond 1,000,000 or none"),
    ],
)
def test_what_is_no_span_is_refused_with_its_numbers(written: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        read(written)
