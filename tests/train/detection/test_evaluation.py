from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.detection.made_pages import Told, Words, box, labelled
from textlines.labels.tally import Tally
from textlines.regions import Polygon
from textlines.regions.matching import ratios, total
from textlines.regions.page_file import LabelledRegion, PageLabels
from textlines.wording import Sentence
from train.detection.evaluate_text import (
    FAILURE_MEANINGS,
    FAILURE_WORDS,
    print_det_evaluation,
)
from train.detection.evaluation import DetEvaluation, evaluate_pages
from train.detection.judged_pages import JudgedPage, judge_page, judge_pages

PAGE = np.full((100, 300, 3), 255, np.uint8)

boxes = st.builds(
    box, st.integers(0, 200), st.integers(0, 60), st.integers(4, 90), st.integers(4, 40)
)
pages = st.lists(
    st.tuples(
        st.lists(st.tuples(boxes, st.sampled_from(["a", "###"])), max_size=4),
        st.lists(boxes, max_size=4),
    ),
    min_size=1,
    max_size=5,
)


def judged(
    labels: list[tuple[Polygon, str]], found: list[Polygon], name: str = "a.png"
) -> JudgedPage:
    regions = tuple(
        LabelledRegion(polygon, text, "", is_ignored=text == "###") for polygon, text in labels
    )
    page = PageLabels(name, Path(name), "Label.txt:1", regions, is_negative=not regions)
    return judge_page(page, PAGE, Told(found).boxes(PAGE))


def evaluate(given: list[JudgedPage], **more: str) -> DetEvaluation:
    return evaluate_pages(given, detector="det", settings={"limit": 960}, **more)  # type: ignore[arg-type]


@given(pages)
def test_figures_are_those_of_all_pages_and_hold_their_bounds(
    given: list[tuple[list[tuple[Polygon, str]], list[Polygon]]],
) -> None:
    all_pages = [judged(labels, found) for labels, found in given]
    evaluation = evaluate(all_pages)
    table = evaluation.by_page
    wanted = ratios(total(page.counts for page in all_pages))
    for figure, value in (
        (evaluation.precision, wanted.precision),
        (evaluation.recall, wanted.recall),
        (evaluation.hmean, wanted.hmean),
    ):
        assert figure.value == pytest.approx(value, abs=1e-6)
        if figure.interval:
            assert figure.interval[0] <= figure.value <= figure.interval[1]
    for name, count in evaluation.failures.items():
        assert count == sum(row.failures[name] for row in table)
    assert evaluation.labels == sum(row.labels for row in table)
    assert sum(evaluation.label_outcomes.values()) == sum(len(labels) for labels, _ in given)
    assert sum(evaluation.box_outcomes.values()) == sum(len(found) for _, found in given)
    assert evaluation.negatives.pages == sum(not labels for labels, _ in given)
    assert evaluation.negatives.boxes == sum(len(found) for labels, found in given if not labels)
    assert DetEvaluation.model_validate_json(evaluation.model_dump_json()) == evaluation


def test_pages_without_text_are_told_by_how_many_have_false_boxes() -> None:
    empty = [judged([], []), judged([], [box(0, 0, 20, 20)] * 3), judged([], [])]
    evaluation = evaluate([*empty, judged([(box(0, 0, 50, 20), "a")], [box(0, 0, 50, 20)])])
    told = evaluation.negatives
    assert (told.pages, told.boxes) == (3, 3) and told.with_boxes
    assert told.with_boxes.value == pytest.approx(1 / 3, abs=1e-6)
    assert evaluation.failures["on_nothing"] == 3 and evaluation.recall.value == 1
    assert evaluation.precision.value == 0.25  # PaddleOCR's loader would have dropped the pages


def test_no_page_is_refused() -> None:
    with pytest.raises(ValueError, match="no page to measure a detector on"):
        evaluate([])


@pytest.fixture
def read_pages_of(tmp_path: Path) -> list[JudgedPage]:
    lines = {
        f"{n}.png": [("Total", (20, 20, 120, 30)), ("12.50", (300, 20, 100, 30))] for n in range(4)
    }
    wide, short = box(300, 20, 100, 30), box(300, 20, 80, 30)
    found = [[box(20, 20, 120, 30), short], [box(20, 20, 120, 30), wide], [wide], []]
    reader = Words({120: "TOTAL", 100: "12.50", 80: "12.5"})
    detector = Told(*found)
    return [
        page
        for page, _ in judge_pages(labelled(tmp_path, lines), detector, Tally(), line_reader=reader)
    ]


def test_reading_is_told_from_boxes_and_from_labels(read_pages_of: list[JudgedPage]) -> None:
    evaluation = evaluate(read_pages_of, recognizer="words")
    assert evaluation.readings
    exact, folded = evaluation.readings["all"], evaluation.readings["case_folded"]
    assert (exact.lines, exact.from_boxes.value, exact.from_labels.value) == (8, 0.25, 0.5)
    assert (folded.from_boxes.value, folded.from_labels.value) == (0.5, 1.0)
    assert exact.lost.value == -0.25 and exact.lost.interval
    assert exact.lost.interval[0] <= -0.25 <= exact.lost.interval[1]
    assert [row.read for row in evaluation.by_page] == [
        (0, 1, 2),
        (1, 1, 2),
        (1, 1, 2),
        (0, 1, 2),
    ]


def test_without_a_recognizer_nothing_is_said_of_reading(read_pages_of: list[JudgedPage]) -> None:
    assert evaluate(read_pages_of).readings is None


def test_what_is_printed_says_every_figure(
    read_pages_of: list[JudgedPage], capsys: pytest.CaptureFixture[str]
) -> None:
    negative = judged([], [box(0, 0, 20, 20)])
    evaluation = evaluate([*read_pages_of, negative], recognizer="words")
    print_det_evaluation(evaluation, [Sentence("one page was odd")])
    told = capsys.readouterr().out
    assert told.startswith("5 pages, 8 labels, 6 boxes by det, 5 matched")
    assert "precision  0.833" in told and "hmean      0.714" in told
    for name, words in FAILURE_WORDS.items():
        assert any(line.startswith(words) for line in told.splitlines()), name
        assert FAILURE_MEANINGS[name] in told
    assert "everything counted   0.250" in told and "8 lines with a text, read by words" in told
    assert "1 page without text: 1 false box, on a share of 1.000" in told
    assert "note: one page was odd" in told
