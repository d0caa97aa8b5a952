"""The sentence that stands first on the page of an evaluation."""

from collections.abc import Sequence

import pytest

from textlines.profile.reading import Reading
from train.judging.evaluate_page import evaluation_finding
from train.judging.intervals import grouping
from train.judging.measuring import OtherReadings, evaluate


def lines(*parts: tuple[str, str, str, int]) -> list[Reading]:
    """Make lines of (folder, label, reading, count)."""
    rows = [(folder, label, read) for folder, label, read, count in parts for _ in range(count)]
    return [Reading(f"{folder}/{n}.png", *rest) for n, (folder, *rest) in enumerate(rows)]


def told(readings: Sequence[Reading], pattern: str = "") -> str:
    groups = grouping(pattern, [one.path for one in readings]) if pattern else None
    return evaluation_finding(evaluate(readings, grouping=groups))


def test_the_length_or_group_that_is_surely_misread_most_is_named_with_its_rest() -> None:
    readings = lines(("a", "12", "12", 50), ("a", "123456", "123456", 50), ("b", "12", "13", 30),
                     ("b", "123456", "123456", 10))  # fmt: skip
    assert told(readings, "^(.)/") == (
        "Lines of b are misread most: 25 % of 40 lines are read exactly, 100 % of the other 100."
    )
    assert told(readings) == (
        "Labels of 1–4 characters are misread most: 62.5 % of 80 lines are read exactly, 100 % of "
        "the other 60."
    )


def test_where_no_part_stands_out_all_that_is_said_is_how_many_are_misread() -> None:
    readings = lines(("a", "12", "13", 3), ("a", "12", "12", 30), ("a", "123456", "12345", 3),
                     ("a", "123456", "123456", 30))  # fmt: skip
    assert told(readings) == (
        "6 of 66 lines are misread, those of no length and no group surely more often than the "
        "others."
    )


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (("1a.b", "1 a .b"), "Spaces are wrong most: 75 % of 40 lines are read exactly, 90 % "),
        (("1 A.b", "1 a.B"), "Capitals are wrong most: 75 % of 40 lines are read exactly, 90 % "),
        (("1 a,b", "1 a.b!"), "Punctuation is wrong most: 75 % of 40 lines are read exactly, 90 %"),
    ],
)
def test_what_explains_half_of_the_wrong_lines_is_named(read: tuple[str, str], said: str) -> None:
    wrong = [("a", "1 a.b", one, 3) for one in read]
    found = told(lines(("a", "1 a.b", "1 a.b", 30), *wrong, ("a", "1 a.b", "2 a.b", 4)))
    assert found.startswith(said)


def test_all_right_and_other_readings_are_told() -> None:
    readings = lines(("a", "12", "12", 30), ("a", "34", "35", 10))
    assert told(readings[:30]) == "All 30 lines are read as their labels say."
    other = OtherReadings(
        "models/old/model.onnx", "model", {one.path: "12" for one in readings[5:]}
    )
    found = evaluate(readings, others=[other])
    assert evaluation_finding(found) == (
        "71.4 % of 35 lines are read exactly; old/model.onnx reads 71.4 %, and against it 0 are "
        "mended and 0 broken."
    )
    stock = OtherReadings("PP-OCRv9", "stock", {one.path: one.label for one in readings})
    better = evaluate([Reading(r.path, r.label, "") for r in readings], others=[stock])
    better = better.model_copy(update={"model": "mine"})
    assert evaluation_finding(better).startswith("PP-OCRv9 reads 100 % of these 40 lines exactly, ")
