from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.regions import Polygon
from textlines.regions.matching import (
    FAILURES,
    Matching,
    PageCounts,
    Ratios,
    count_page,
    match,
    ratios,
    total,
)

CROSSED = np.array([[0, 0], [40, 20], [40, 0], [0, 20.0]])


def box(left: float, top: float, width: float, height: float = 20) -> Polygon:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


boxes = st.builds(
    box, st.integers(0, 120), st.integers(0, 60), st.integers(4, 90), st.integers(4, 40)
)
labelled = st.lists(st.tuples(boxes, st.booleans()), max_size=6)


def matched(labels: Sequence[tuple[Polygon, bool]], found: Sequence[Polygon]) -> Matching:
    return match([one for one, _ in labels], [ignored for _, ignored in labels], found)


@pytest.mark.parametrize(
    ("found", "outcome", "of_boxes"),
    [
        ([box(100, 100, 200)], "right", ["right"]),
        ([], "missed", []),
        ([box(100, 300, 200)], "missed", ["on_nothing"]),
        ([box(100, 100, 30)], "missed", ["spare"]),  # less than a fifth of the line
        ([box(100, 112, 200)], "missed", ["spare"]),  # less than half of each
        ([box(95, 100, 90), box(205, 100, 100)], "split", ["split", "split"]),
        ([box(100, 100, 120), box(230, 100, 70)], "right", ["right", "spare"]),
        ([box(100, 100, 90)], "cut", ["cut"]),
        ([box(90, 95, 220, 90)], "loose", ["loose"]),
        ([box(100, 100, 200), box(100, 100, 200)], "right", ["right", "spare"]),
        ([CROSSED], "missed", ["invalid"]),
    ],
)
def test_a_line_by_itself(found: list[Polygon], outcome: str, of_boxes: list[str]) -> None:
    one = matched([(box(100, 100, 200), False)], found)
    assert one.labels == (outcome,)
    assert sorted(one.boxes) == sorted(of_boxes)


def test_a_box_at_half_of_a_line_is_told_by_its_size() -> None:
    larger, smaller = box(100, 110, 220, 20), box(100, 110, 190, 20)
    assert matched([(box(100, 100, 200), False)], [larger]).labels == ("loose",)
    assert matched([(box(100, 100, 200), False)], [smaller]).labels == ("cut",)


def test_words_of_one_box_are_merged_and_the_long_one_may_be_right() -> None:
    words = [(box(0, 0, 100), False), (box(110, 0, 100), False)]
    one = matched(words, [box(0, 0, 210)])
    assert (one.labels, one.boxes, one.reasons) == (("merged", "merged"), ("merged",), ((0,), (0,)))
    long = [(box(0, 0, 180), False), (box(190, 0, 30), False)]
    two = matched(long, [box(0, 0, 220)])
    assert (two.labels, two.boxes) == (("right", "merged"), ("right",))


def test_a_box_over_a_readable_and_an_unreadable_word_is_merged() -> None:
    words = [(box(0, 0, 100), False), (box(115, 0, 90), True)]
    assert matched(words, [box(0, 0, 205)]).labels == ("merged", "ignored")


def test_a_box_on_what_nobody_can_read_is_ignored() -> None:
    one = matched([(box(0, 0, 100), True)], [box(0, 0, 100), box(0, 0, 190), box(0, 0, 210)])
    assert one.boxes == ("ignored", "ignored", "spare")


@given(labels=labelled, found=st.lists(boxes, max_size=6))
def test_each_region_has_one_outcome_and_the_counts_sum(
    labels: list[tuple[Polygon, bool]], found: list[Polygon]
) -> None:
    one = matched(labels, found)
    assert len(one.labels) == len(one.reasons) == len(labels) and len(one.boxes) == len(found)
    failures, of_labels = one.failures(), Counter(one.labels)
    assert tuple(failures) == FAILURES
    missing = sum(failures[name] for name in FAILURES if name != "on_nothing")
    assert missing + of_labels["right"] + of_labels["ignored"] == len(labels)
    assert of_labels["ignored"] == sum(ignored for _, ignored in labels)
    assert of_labels["right"] == Counter(one.boxes)["right"]
    for outcome, about in zip(one.labels, one.reasons, strict=True):
        least = {"right": 1, "merged": 1, "split": 2, "cut": 1, "loose": 1}.get(outcome, 0)
        assert (len(about) >= 2) if least == 2 else (len(about) == least)


@given(labels=labelled, found=st.lists(boxes, max_size=6), random=st.randoms())
def test_the_order_changes_nothing(
    labels: list[tuple[Polygon, bool]], found: list[Polygon], random: "np.random.Generator"
) -> None:
    of_labels, of_boxes = list(range(len(labels))), list(range(len(found)))
    random.shuffle(of_labels)  # type: ignore[arg-type]
    random.shuffle(of_boxes)  # type: ignore[arg-type]
    one = matched(labels, found)
    other = matched([labels[at] for at in of_labels], [found[at] for at in of_boxes])
    assert one.failures() == other.failures()
    assert sorted(one.labels) == sorted(other.labels)
    assert sorted(one.boxes) == sorted(other.boxes)


@given(labels=labelled)
def test_perfect_boxes_give_no_failure(labels: list[tuple[Polygon, bool]]) -> None:
    # On a label that lies on what nobody can read, every box is ignored: there is none to judge.
    readable = [(polygon, False) for polygon, _ in labels]
    one = matched(readable, [polygon for polygon, _ in readable])
    assert set(one.labels) <= {"right"} and set(one.boxes) <= {"right"}
    assert not any(one.failures().values())


@given(labels=labelled, found=st.lists(boxes, max_size=6))
def test_the_count_of_paddleocr_is_bounded_by_the_best_pairs(
    labels: list[tuple[Polygon, bool]], found: list[Polygon]
) -> None:
    counts = count_page([one for one, _ in labels], [ignored for _, ignored in labels], found)
    assert counts.labels == sum(not ignored for _, ignored in labels)
    assert 0 <= counts.matched <= min(counts.labels, counts.boxes)
    pairs = matched(labels, found).labels.count("right")
    # Both pairings are maximal: neither has half of what the other has, or less.
    assert counts.matched <= 2 * pairs and pairs <= 2 * counts.matched


def test_an_iou_of_one_half_is_no_match_and_a_share_of_one_half_is_not_ignored() -> None:
    assert count_page([box(0, 0, 100)], [False], [box(0, 0, 50)]) == PageCounts(1, 1, 0)
    assert count_page([box(0, 0, 100)], [False], [box(0, 0, 51)]) == PageCounts(1, 1, 1)
    assert count_page([box(0, 0, 100)], [True], [box(50, 0, 100)]) == PageCounts(0, 1, 0)
    assert count_page([box(0, 0, 100)], [True], [box(49, 0, 100)]) == PageCounts(0, 0, 0)


def test_the_first_box_that_fits_is_taken_not_the_best() -> None:
    """Two labels on one place: the first takes the box that only the second could have had."""
    labels = [box(0, 0, 100), box(0, 0, 60)]
    assert count_page(labels, [False, False], [box(0, 0, 58), box(0, 0, 100)]).matched == 2
    assert count_page(labels, [False, False], [box(0, 0, 52), box(0, 0, 120)]).matched == 1
    assert match(labels, [False, False], [box(0, 0, 52), box(0, 0, 120)]).labels == (
        "right",
        "right",
    )


def test_what_is_not_valid_is_passed_over() -> None:
    assert count_page([CROSSED, box(0, 0, 9)], [False, False], [CROSSED]) == PageCounts(1, 0, 0)


def test_a_set_adds_up_and_nothing_divides_by_none() -> None:
    pages = [PageCounts(3, 2, 1), PageCounts(1, 2, 1), PageCounts(0, 0, 0)]
    assert ratios(total(pages)) == Ratios(0.5, 0.5, 0.5)
    assert ratios(total([])) == Ratios(0.0, 0.0, 0.0)
