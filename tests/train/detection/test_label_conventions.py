from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.detection.made_pages import box
from textlines.regions import Detected, Polygon
from textlines.regions.page_file import LabelledRegion, PageLabels
from train.detection.judged_pages import JudgedPage, judge_page
from train.detection.label_conventions import (
    Convention,
    conventions_of,
    merged_groups,
    split_groups,
)

PAGE = np.full((400, 600, 3), 255, np.uint8)


def judged(
    labels: list[Polygon], found: list[Polygon], ignored: tuple[int, ...] = ()
) -> JudgedPage:
    regions = tuple(
        LabelledRegion(polygon, "a", "", is_ignored=at in ignored)
        for at, polygon in enumerate(labels)
    )
    page = PageLabels("a.png", Path("a.png"), "Label.txt:1", regions, is_negative=not regions)
    return judge_page(page, PAGE, [Detected(polygon, 0.9) for polygon in found])


def words(top: float, count: int = 4, gap: float = 8) -> list[Polygon]:
    return [box(20 + at * (60 + gap), top, 60, 20) for at in range(count)]


def turned(polygon: Polygon, angle_deg: float) -> Polygon:
    angle, middle = np.deg2rad(angle_deg), np.array([300, 200])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (polygon - middle) @ turn + middle


def of(pages: list[JudgedPage], kind: str) -> Convention:
    (found,) = (one for one in conventions_of(pages) if one.kind == kind)
    return found


@given(angle=st.floats(-45, 45), random=st.permutations(range(4)))
def test_words_of_a_line_in_one_box_are_a_group_whichever_way_it_lies(
    angle: float, random: list[int]
) -> None:
    line = [turned(word, angle) for word in words(100)]
    page = judged([line[at] for at in random], [turned(box(20, 100, 264, 20), angle)])
    (group,) = merged_groups(page)
    along = [random.index(at) for at in range(4)]
    assert list(group.parts) in (along, along[::-1])
    assert group.gaps == pytest.approx([0.4] * 3, abs=1e-6)


def test_labels_of_words_are_told_with_what_joining_brings() -> None:
    lines = [words(40 * at + 20) for at in range(6)]
    found = [box(20, 40 * at + 20, 264, 20) for at in range(6)]
    pages = [judged([word for line in lines for word in line], found)]
    told = of(pages, "words")
    assert told.is_one and (told.groups, told.failed, told.failures, told.labels) == (6, 24, 24, 24)
    assert told.gap == pytest.approx(0.4)
    assert (told.before.hmean, told.joined.hmean) == (0.0, 1.0)
    assert not of(pages, "lines").is_one


def test_labels_of_lines_are_told_where_words_are_found() -> None:
    labels = [box(20, 40 * at + 20, 264, 20) for at in range(6)]
    pages = [judged(labels, [word for at in range(6) for word in words(40 * at + 20)])]
    told = of(pages, "lines")
    assert told.is_one and (told.groups, told.failed, told.failures) == (6, 6, 6)
    assert (told.before.hmean, told.joined.hmean) == (0.0, 1.0)
    assert not of(pages, "words").is_one
    assert [group.whole for group in split_groups(pages[0])] == list(range(6))


@pytest.mark.parametrize(
    "labels",
    [
        [box(20, 20, 60, 20), box(220, 20, 60, 20)],  # columns: far apart
        [box(20, 20, 120, 20), box(20, 45, 120, 20)],  # two lines, one below the other
        [box(20, 25 * at + 20, 60, 20) for at in range(3)],  # a column of words
        [box(20, 20, 60, 20), box(90, 34, 60, 20)],  # out of line
    ],
)
def test_what_is_merged_otherwise_is_no_line_of_words(labels: list[Polygon]) -> None:
    corners = np.concatenate(labels)
    around = box(*corners.min(axis=0), *np.ptp(corners, axis=0))
    page = judged(labels, [around])
    assert set(page.matching.labels) == {"merged"}
    assert merged_groups(page) == ()


def test_few_merged_words_are_no_convention() -> None:
    apart = [box(20, 40 * at + 80, 200, 20) for at in range(7)]
    page = judged([*words(20), *apart], [box(20, 20, 264, 20), *apart])
    told = of([page], "words")
    assert (told.failed, told.labels, told.is_one) == (4, 11, False)


def test_an_ignored_word_belongs_to_its_line() -> None:
    page = judged(words(20), [box(20, 20, 264, 20)], ignored=(1,))
    (group,) = merged_groups(page)
    assert group.parts == (0, 1, 2, 3)
    told = of([page], "words")
    assert (told.failed, told.joined.recall) == (3, 1.0)


def test_a_set_without_a_page_has_no_convention() -> None:
    assert [one.is_one for one in conventions_of([])] == [False, False]
