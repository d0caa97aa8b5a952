"""Labels ranked by what a model finds of them that was not trained on their lines."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from textlines.profile.suspects import UNREADABLE_NATS, Evidence, doubts_of

SURE = Evidence("a", "1234", "1234", 0.99, 0.1, 0.1, "1234", 0.2, 0.2)
SLIP = replace(SURE, path="slip", label="1284", label_nats=9.0)
"""The model is sure of 1234, and finds the label unlikely."""

NATS = st.floats(0, 50)
LINES = st.lists(
    st.builds(
        Evidence,
        st.uuids().map(str),
        st.sampled_from(["1", "값", "12"]),
        st.sampled_from(["1", "값", "", "21"]),
        st.floats(0, 1),
        NATS,
        NATS,
        st.just(""),
        NATS,
        NATS,
    ),
    max_size=20,
)


def ranks(*lines: Evidence, real: tuple[str, ...] = ()) -> list[str]:
    return [one.evidence.path for one in doubts_of(lines, real)]


def test_a_sure_reading_near_the_label_is_suspected_and_says_how_near() -> None:
    first, second = doubts_of([SURE, SLIP])
    assert first.evidence == SLIP
    assert first.suspected and first.reason == "sure, and 1 character apart"
    assert not second.suspected and second.doubt == -UNREADABLE_NATS
    assert first.label_score < 0.2 < 0.9 < first.read_score


def test_an_unsure_model_is_no_witness() -> None:
    # Upside down: the label is impossible, and the reading a guess.
    turned = replace(SLIP, path="turned", label_nats=90.0, read_nats=6.0)
    assert ranks(turned, SLIP) == ["slip", "turned"]
    assert not doubts_of([turned])[0].suspected


def test_a_text_that_other_lines_hold_is_likelier_than_one_that_none_does() -> None:
    others = [replace(SURE, path=f"o{number}") for number in range(4)]
    lone = replace(SLIP, path="lone", label="77", reading="78")
    assert ranks(lone, SLIP, *others)[:2] == ["slip", "lone"]
    # A label that many lines hold is hardly a slip.
    usual = replace(SLIP, path="usual", label="1234", reading="1284")
    assert ranks(usual, lone, *others)[:2] == ["lone", "usual"]


def test_reading_nothing_speaks_for_the_label() -> None:
    blank = replace(SLIP, path="blank", reading="")
    other = replace(SLIP, path="z", reading="9999")
    assert ranks(blank, other) == ["z", "blank"]


def test_what_a_person_has_confirmed_is_last_and_never_suspected() -> None:
    found = doubts_of([SLIP, replace(SLIP, path="other", label_nats=0.2)], real=("slip",))
    assert found[-1].evidence.path == "slip" and not found[-1].suspected


@given(LINES)
def test_all_lines_are_ranked_and_the_order_of_the_file_does_not_matter(
    lines: list[Evidence],
) -> None:
    found = doubts_of(lines)
    assert sorted(one.evidence.path for one in found) == sorted(one.path for one in lines)
    assert found == doubts_of(lines[::-1])
    assert all(not one.suspected for one in found if one.evidence.reading == one.evidence.label)
