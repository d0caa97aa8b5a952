"""The shapes in which readings come as JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.labels.tally import Tally
from train.judging.json_forms import path_in, texts_in
from train.judging.text_forms import read_score

KEYS = ("txts", "rec_texts", "scores", "rec_scores", "rec_text", "score", "res", "result", "0")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_a_result_of_any_type_is_read_or_is_none(value: object) -> None:
    found = texts_in(value)
    assert found is None or all(isinstance(text, str) for text, _ in found)
    assert isinstance(path_in(value), str)


@pytest.mark.parametrize("score", [10**400, -1, 2, float("nan"), "much", [0.5], {}])
def test_what_is_no_score_is_counted(score: object) -> None:
    tally = Tally()
    assert read_score(score, "a.json", tally) is None
    assert tally.as_dict() == {"bad_score": 1}


def test_one_score_beside_one_text_is_its_own() -> None:
    assert texts_in({"txts": ["60.00"], "scores": 0.5}) == [("60.00", 0.5)]
    assert texts_in({"txts": 0.5}) is None
