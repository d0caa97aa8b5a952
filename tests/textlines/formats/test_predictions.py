"""Predictions as we write them: one reader, whoever asks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.defects.of_readings import IMAGE_FAULTS
from textlines.errors import InputError
from textlines.formats.predictions import (
    Outcome,
    is_predictions,
    outcome_of,
    read_outcomes,
    row_of,
)

Write = Callable[[str, str | bytes], Path]

GOOD = '{"path": "a.jpg", "text": "값 1", "score": 0.5}'


@given(
    one=st.one_of(
        st.builds(
            Outcome,
            st.just("crops/값.jpg"),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
            st.floats(0, 1),
        ),
        st.builds(
            Outcome,
            st.just("a.jpg"),
            st.just("값 1"),
            st.floats(0, 1),
            turn=st.sampled_from((90, 180, 270)),
            unturned=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        ),
        st.builds(Outcome, st.just("a.jpg"), fault=st.sampled_from(sorted(IMAGE_FAULTS))),
    )
)
def test_an_outcome_is_read_as_it_was_written(one: Outcome) -> None:
    assert outcome_of(row_of(one)) == one
    assert is_predictions(row_of(one))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('{"path": "a.jpg"}', "lacks score, text"),
        ('{"path": "a.jpg", "text": "x", "score": "y"}', "score is 'y', not a number"),
        ('{"path": "a.jpg", "text": "x", "score": NaN}', "score is nan"),
        ('{"path": "a.jpg", "text": "x", "score": 7}', "score is 7"),
        ('{"path": "../a.jpg", "text": "x", "score": 0.5}', "path is '../a.jpg'"),
        ('{"path": 1, "text": "x", "score": 0.5}', "path is 1"),
        ('{"path": "a.jpg", "text": null, "score": 0.5}', "text is None"),
        ('{"path": "a.jpg", "fault": "tired"}', "fault is 'tired'"),
        ('{"path": "a.jpg", "fault": "empty", "text": ""}', "unknown key 'text'"),
        ('{"path": "a.jpg", "text": "x", "score": 1, "turn": 45}', "turn is 45, not one of 0, 90"),
        ('{"path": "a.jpg", "text": "x", "score": 1, "turn": true}', "turn is True"),
        ('{"path": "a.jpg", "text": "x", "score": 1, "unturned": "y"}', "unturned is 'y'"),
        ('{"path": "a.jpg", "fault": "empty", "turn": 180}', "unknown key 'turn'"),
        ("{", "no JSON"),
        ('"\\ud800"', "no JSON object"),
    ],
)
def test_a_damaged_row_is_told_with_its_line(row: str, told: str, write_file: Write) -> None:
    path = write_file("predictions.jsonl", f"{GOOD}\n{row}\n")
    with pytest.raises(InputError, match=rf"predictions\.jsonl:2: is no row of pred.*{told}"):
        list(read_outcomes(path))


@pytest.mark.parametrize("text", ['{"path": "a.jpg", "rec_text": "x"}\n', "", "a.jpg\tx\n", "[]"])
def test_other_forms_are_not_taken_for_ours(text: str) -> None:
    assert not is_predictions(text)
