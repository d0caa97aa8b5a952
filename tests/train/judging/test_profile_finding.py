"""What stands first on the page of a profile."""

import re

from hypothesis import given
from hypothesis import strategies as st

from textlines.profile.measure import Measurement, measure
from textlines.profile.reading import Reading
from train.judging.profile_finding import finding


def measured(*pairs: tuple[str, str, int], right: int = 60) -> Measurement:
    """Measure so many lines of each pair, and lines that are read right."""
    rows = [(truth, read) for truth, read, count in pairs for _ in range(count)]
    rows += [("서울 12", "서울 12")] * right
    readings = [Reading(f"{n}.png", truth, read) for n, (truth, read) in enumerate(rows)]
    return measure(readings, None)


def told(*pairs: tuple[str, str, int], right: int = 60) -> str:
    found = measured(*pairs, right=right)
    return finding(found.profile, found.misread)


def test_parts_of_syllables_go_before_the_syllables_they_were_seen_in() -> None:
    said = told(
        ("처음", "저음", 9),
        ("친절", "진절", 8),
        ("값", "갑", 7),
        ("없음", "업음", 5),
        ("8", "3", 1),
    )
    assert said == "초성 ㅊ and 받침 ㅄ: 29 of 30 edits."


def test_a_place_that_is_surely_misread_most_is_named_as_a_whole() -> None:
    finals = [("강", "간"), ("문", "묻"), ("곡", "곧"), ("달", "담"), ("밥", "밧"), ("옷", "올")]
    said = told(*((truth, read, 8) for truth, read in finals), ("차", "자", 6), right=200)
    assert said == "받침 and 초성 ㅊ: 54 of 54 edits."


def test_characters_spaces_and_what_comes_from_nowhere_are_causes() -> None:
    assert told(("49.01", "49.07", 9), ("1.5", "15", 6)) == "'1' and '.': 15 of 15 edits."
    assert told(("49.01", "49.07", 9)) == "'1': 9 of 9 edits."
    assert told(("서울 12", "서울12", 9), ("l2", "12", 9)) == "'l' and spaces: 18 of 18 edits."
    said = told(*((f"{n}", f"#{n}", 3) for n in range(3)), ("8", "3", 9))
    assert said == "'8' and characters read where nothing stands: 18 of 18 edits."


def test_where_nothing_is_proven_or_all_is_right_it_says_so() -> None:
    assert told() == "All 60 lines are read as their labels say."
    said = told(*((f"{a}울 12", f"{b}울 12", 1) for a, b in ("가나", "다라", "마바")), right=500)
    assert said == "No cause stands out: 3 edits in 3 of 503 lines."


def test_conventions_that_explain_most_wrong_lines_are_told_first() -> None:
    rows = [(f"{n:03}", f"no. {n:03}", 1) for n in range(40)]
    assert told(*rows, right=0).startswith("Conventions are all that is wrong in 40 of the 40 ")


PAIRS = st.tuples(
    st.sampled_from("처음값없 8.O"), st.sampled_from("저음갑업 3,0"), st.integers(1, 9)
)


@given(st.lists(PAIRS, min_size=1, max_size=6))
def test_no_more_edits_are_explained_than_there_are(pairs: list[tuple[str, str, int]]) -> None:
    found = measured(*((f"a{truth}b", f"a{read}b", count) for truth, read, count in pairs))
    said = finding(found.profile, found.misread)
    if match := re.search(r": (\d+) of (\d+) edits[.]$", said):
        assert 3 <= int(match[1]) <= int(match[2]) == found.profile.lines.edits
    else:
        assert said.startswith(("No cause", "Conventions", "All"))
