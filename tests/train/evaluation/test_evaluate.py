import pytest

from textlines.errors import InputError, UsageError
from textlines.profile.reading import Reading
from train.evaluation.contest import Other
from train.evaluation.evaluate import evaluate
from train.evaluation.groups import OTHER, grouping
from train.evaluation.page import evaluation_page
from train.evaluation.told import versus_line

READINGS = [
    Reading(f"crops/r{n % 12}_{n}.jpg", "12.50", "12.50" if n % 3 else "1250") for n in range(60)
] + [Reading("crops/x.jpg", "값 1" * 10, "값 1" * 10), Reading("crops/r1_y.jpg", "a", "ab")]


def test_the_figures_are_those_of_the_lines() -> None:
    found = evaluate(READINGS, model="m")
    everything = found.comparisons["all"]
    assert everything.lines == 62
    assert everything.line_accuracy.value == pytest.approx(41 / 62, abs=1e-6)
    assert everything.cer is not None
    assert everything.cer.value == pytest.approx(21 / (60 * 5 + 30 + 1), abs=1e-6)
    assert everything.character_accuracy.value == pytest.approx(
        (41 + 20 * 0.8 + 0.5) / 62, abs=1e-6
    )
    assert found.comparisons["no_punctuation"].line_accuracy.value == pytest.approx(
        61 / 62, abs=1e-6
    )
    assert [(part.name, part.figures.lines) for part in found.lengths] == [
        ("1–4", 1),
        ("5–8", 60),
        ("26 and more", 1),
    ]
    assert sum(part.figures.lines for part in found.lengths) == 62


def test_groups_have_figures_and_carry_the_intervals() -> None:
    groups = grouping(r"crops/(r\d+)_", [one.path for one in READINGS])
    found = evaluate(READINGS, grouping=groups)
    assert (found.resampled, groups.unmatched) == ("groups", 1)
    assert {part.name for part in found.groups} == {OTHER, *(f"r{n}" for n in range(12))}
    assert found.groups[0].name == "r1"
    assert sum(part.figures.lines for part in found.groups) == 62
    assert all(part.figures.line_accuracy.interval is None for part in found.groups)
    assert found.notes == ("1 paths match no --group and are one group together",)
    assert evaluate(READINGS, grouping=groups) == found


def test_other_readings_are_compared_line_by_line() -> None:
    others = {one.path: "12.50" for one in READINGS[:50]}
    (one,) = evaluate(READINGS, others=[Other("b.tsv", "predictions", others)]).versus
    assert (one.lines, one.mended, one.broken, one.same_text) == (50, 0, 17, 33)
    assert one.difference.value == pytest.approx(-17 / 50)
    assert one.difference.interval is not None and one.difference.interval[1] < 0
    assert "the same text in 33 of 50 lines (66.00%)" in versus_line(one)
    with pytest.raises(InputError, match=r"b\.tsv: holds none of these crops"):
        evaluate(READINGS, others=[Other("b.tsv", "predictions", {"other.jpg": "1"})])


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(InputError, match="readings: hold no line to measure"):
        evaluate([])


@pytest.mark.parametrize(
    "pattern, told",
    [("(", "is no regular expression"), ("crops", "captures nothing"), ("^(zz)", "matches none")],
)
def test_an_expression_that_groups_nothing_is_refused(pattern: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        grouping(pattern, ["crops/a.jpg"])


def test_the_page_escapes_and_asks_for_nothing() -> None:
    readings = [Reading("crops/<b>_1.jpg", "a<", "a>"), *READINGS]
    groups = grouping("^crops/(.*?)_", [one.path for one in readings])
    others = [Other("<i>.tsv", "predictions", {one.path: one.truth for one in readings})]
    html = evaluation_page(evaluate(readings, grouping=groups, others=others), ["<note>"])
    assert "&lt;b&gt;" in html and "&lt;i&gt;.tsv" in html and "&lt;note&gt;" in html
    assert "<b>_" not in html and "<note>" not in html
    assert "ignore_space" in html
    assert 'src="http' not in html
