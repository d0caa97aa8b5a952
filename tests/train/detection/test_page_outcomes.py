import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.detection.made_pages import outcome
from textlines.labels.alphabet import Alphabet
from textlines.pixels.arrays import Image
from textlines.regions.matching import PageCounts, count_page
from textlines.regions.page_file import LabelledRegion, PageLabels
from textlines.regions.polygons import Detected, Polygon
from train.detection.page_outcomes import (
    BoxCounter,
    BoxReader,
    PageOutcome,
    hmean_of,
    page_outcome,
    read_exactly,
    reading_of,
    score_of,
)
from train.reading.ctc import Line
from train.reading.engine import Batching


class Widths:
    """Reads the width of a crop."""

    name, batching, alphabet = "widths", Batching(1, 1, False), Alphabet(("a",))

    def __init__(self) -> None:
        self.reads = 0

    def prepare(self, image: Image) -> Image:
        return image

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        self.reads += len(prepared)
        return [Line(f"W{crop.shape[1]}", 1.0) for crop in prepared]


def quad(left: float, top: float, width: float, height: float) -> Polygon:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def labelled(*regions: tuple[Polygon, str]) -> PageLabels:
    marked = [
        LabelledRegion(polygon, text, "p.txt:1", is_ignored=text == "###")
        for polygon, text in regions
    ]
    return PageLabels("a.png", Path("a.png"), "p.txt:1", tuple(marked), is_negative=False)


PAGE = labelled(
    (quad(10, 10, 60, 20), "W60"),
    (quad(10, 50, 80, 20), "w80"),
    (quad(10, 90, 50, 20), ""),
    (quad(100, 10, 40, 20), "###"),
)

BOXES = [Detected(quad(10, 10, 60, 20), 0.9), Detected(quad(10, 50, 80, 20), 0.9)]


def white() -> Image:
    return np.full((150, 200, 3), 255, np.uint8)


def test_a_page_is_counted_and_read() -> None:
    reader = BoxReader(Widths())
    outcome = page_outcome(PAGE, BOXES, reader, white)
    assert outcome.counts == PageCounts(labels=3, boxes=2, matched=2)
    assert outcome.read == (True, False)  # one without a text is not asked after
    assert page_outcome(PAGE, BOXES, BoxReader(Widths(), "casefold"), white).read == (True, True)
    assert page_outcome(PAGE, BOXES).read == ()


def test_a_label_without_a_box_is_not_read() -> None:
    assert page_outcome(PAGE, BOXES[1:], BoxReader(Widths()), white).read == (False, False)


def test_a_box_is_read_once() -> None:
    engine, opened = Widths(), []

    def image() -> Image:
        opened.append(1)
        return white()

    reader = BoxReader(engine)
    for shift in (0.0, 0.3):  # the same whole pixels
        page_outcome(PAGE, [Detected(box.polygon + shift, 0.9) for box in BOXES], reader, image)
    assert (engine.reads, len(opened)) == (2, 1)


def test_a_box_that_cannot_be_cut_reads_as_nothing() -> None:
    far = quad(900, 900, 60, 20)
    assert BoxReader(Widths()).texts("a", white, [far]) == [""]


FRAME = st.integers(0, 60), st.integers(0, 60), st.integers(1, 40), st.integers(1, 40)

QUADS = st.tuples(*FRAME, st.booleans())

FOUND = st.tuples(*FRAME, st.sampled_from(["quad", "crossed", "polygon"]))


@given(labels=st.lists(QUADS, max_size=8), boxes=st.lists(FOUND, max_size=8))
def test_boxes_are_counted_as_paddleocr_counts_them(
    labels: list[tuple[int, int, int, int, bool]], boxes: list[tuple[int, int, int, int, str]]
) -> None:
    page = labelled(*((quad(*rest), "###" if is_ignored else "a") for *rest, is_ignored in labels))
    found = []
    for *rest, form in boxes:
        corners = quad(*rest)
        if form == "crossed":
            corners = corners[[0, 2, 1, 3]]
        elif form == "polygon":  # of five corners, one within the quad
            corners = np.vstack([corners, corners.mean(axis=0)])
        found.append(Detected(corners, 0.9))
    polygons = [region.polygon for region in page.regions]
    ignored = [region.is_ignored for region in page.regions]
    wanted = count_page(polygons, ignored, [box.polygon for box in found])
    outcome = BoxCounter(page).outcome(found)
    assert outcome.counts == wanted
    assert (len(outcome.right), sum(outcome.right)) == (wanted.labels, wanted.matched)


def test_figures_are_of_all_pages_together() -> None:
    pages = [outcome(4, 4, 4, True, True), outcome(4, 0, 0, False, False)]
    assert hmean_of(pages) == pytest.approx(2 * 4 / 12)
    assert reading_of(pages) == 0.5
    assert reading_of([]) == hmean_of([]) == 0.0


def test_texts_are_compared_composed() -> None:
    reader = BoxReader(Widths())
    assert reader.likeness("값", unicodedata.normalize("NFD", "값")) == 1


@given(st.text(max_size=6), st.text(max_size=6))
def test_a_reading_is_like_its_label_by_the_characters_that_are_right(
    label: str, text: str
) -> None:
    likeness = BoxReader(Widths()).likeness(label, text)

    composed = (unicodedata.normalize("NFC", one) for one in (label, text))
    assert 0 <= likeness <= 1
    assert read_exactly((likeness,)) == (len(set(composed)) == 1,)


@pytest.mark.parametrize(("pages", "score"), [(24, 0.75), (25, 0.5)])
def test_few_lines_are_compared_by_how_like_their_labels_they_are(pages: int, score: float) -> None:
    page = PageOutcome(PageCounts(2, 2, 2), (True, True), (True, False), (1.0, 0.5))

    assert score_of([page] * pages) == score
    assert reading_of([page] * pages) == 0.5


def test_of_four_characters_each_is_a_quarter() -> None:
    reader = BoxReader(Widths())

    assert reader.likeness("1234", "123") == reader.likeness("1234", "1834") == 0.75
    assert score_of([]) == 0
