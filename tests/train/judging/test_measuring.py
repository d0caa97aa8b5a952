"""From readings to figures, alone and beside other readings."""

import numpy as np
import pytest

from textlines.errors import InputError, UsageError
from textlines.profile.reading import Reading
from train.judging.evaluate_page import evaluation_page
from train.judging.evaluate_text import agreed_lines, better_lines, contest_rows, versus_line
from train.judging.evaluation import ReaderKind
from train.judging.intervals import UNMATCHED, grouping
from train.judging.measuring import OtherReadings, contest, evaluate

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
    assert {part.name for part in found.groups} == {UNMATCHED, *(f"r{n}" for n in range(12))}
    assert found.groups[0].name == "r1"
    assert sum(part.figures.lines for part in found.groups) == 62
    assert all(part.figures.line_accuracy.interval is None for part in found.groups)
    assert found.notes == ("1 paths match no --group and are one group together",)
    assert evaluate(READINGS, grouping=groups) == found


def test_other_readings_are_compared_line_by_line() -> None:
    others = {one.path: "12.50" for one in READINGS[:50]}
    (one,) = evaluate(READINGS, others=[OtherReadings("b.tsv", "predictions", others)]).versus
    assert (one.lines, one.mended, one.broken, one.same_text) == (50, 0, 17, 33)
    assert one.difference.value == pytest.approx(-17 / 50)
    assert one.difference.interval is not None and one.difference.interval[1] < 0
    assert "the same text in 33 of 50 lines (66.00%)" in versus_line(one)
    with pytest.raises(InputError, match=r"b\.tsv: holds none of these crops"):
        evaluate(READINGS, others=[OtherReadings("b.tsv", "predictions", {"other.jpg": "1"})])


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
    others = [OtherReadings("<i>.tsv", "predictions", {one.path: one.label for one in readings})]
    html = evaluation_page(evaluate(readings, grouping=groups, others=others), ["<note>"])
    assert "&lt;b&gt;" in html and "&lt;i&gt;.tsv" in html and "&lt;note&gt;" in html
    assert "<b>_" not in html and "<note>" not in html
    assert "ignore_space" in html
    assert 'src="http' not in html


def plates(label: str, reading: str, count: int = 40) -> list[Reading]:
    """Draw lines whose third character is misread in every fourth; `{}` stands for the plate."""
    plates = [f"{'가나다라마'[n % 5]}{1000 + 37 * n}" for n in range(count)]
    read = [one if n % 4 else f"{one[:2]}Z{one[3:]}" for n, one in enumerate(plates)]
    return [
        Reading(f"{n}.png", label.format(a), reading.format(b))
        for n, (a, b) in enumerate(zip(plates, read, strict=True))
    ]


def test_few_lines_that_agree_prove_little() -> None:
    right = evaluate([Reading(f"{n}", "AB1", "AB1") for n in range(3)]).comparisons["all"]
    assert right.line_accuracy.interval == pytest.approx((0.438503, 1.0))
    assert right.character_accuracy.interval == pytest.approx((0.438503, 1.0))
    assert right.cer is not None and right.cer.interval == pytest.approx((0.0, 0.561497))
    wrong = [Reading(f"{n}", "AB1", "") for n in range(28)]
    found = evaluate(
        wrong, others=[OtherReadings("b", "predictions", {one.path: "" for one in wrong})]
    )
    assert found.comparisons["all"].line_accuracy.interval == pytest.approx((0.0, 0.120643))
    assert found.versus[0].difference.interval == pytest.approx((-0.120643, 0.120643))
    assert found.contest is not None
    assert found.contest.contenders[1].change == found.versus[0].difference
    assert "line accuracy +0.000 (-0.121 to +0.121) over 0.000" in versus_line(found.versus[0])
    assert "all 28 readings are empty: nothing was read in these crops" in found.notes


def test_a_space_that_all_labels_start_with_makes_no_reading_wrong_in_silence() -> None:
    found = evaluate(plates(" {}", "{}", 1400))
    strict, agreed = found.comparisons["all"].line_accuracy, found.agreed
    assert strict.value == 0.0
    assert agreed is not None
    assert (agreed.right, agreed.wrong, agreed.line_accuracy.value) == (1050, 1400, 0.75)
    told, mend = agreed_lines(agreed)
    assert told == (
        "all 1,400 labels start with a space that no reading has: 1,050 of the 1,400 wrong lines "
        "are right without it, line accuracy 0.750 (0.726–0.772) then"
    )
    assert "take it out of the labels (`balance check LABELS --fix OUT` does)" in mend
    page = evaluation_page(found, [])
    assert "Conventions of the labels" in page and "all 1,400 labels start with a space" in page


@pytest.mark.parametrize(
    "label, reading, words",
    [
        ("{}℃", "{}", "all 40 labels end with '℃' that no reading has: 30 of the 40 wrong lines"),
        ("{}", "{}.", "all 40 readings end with '.' that no label has: 30 of the 40 wrong lines"),
        ("{}：", "{}:", "labels write '：' where readings write ':': 30 of the 40 wrong lines"),
    ],
)
def test_other_habits_of_a_set_are_told_too(label: str, reading: str, words: str) -> None:
    told = agreed_lines(evaluate(plates(label, reading)).agreed)
    assert told[0].startswith(words)


def test_habits_go_by_documents_as_all_figures() -> None:
    readings = plates(" {}", "{}")
    groups = grouping(r"(\d)\.png", [one.path for one in readings])
    alone, together = (evaluate(readings, grouping=one).agreed for one in (None, groups))
    assert alone is not None and together is not None
    assert alone.line_accuracy.value == together.line_accuracy.value
    assert alone.line_accuracy.interval != together.line_accuracy.interval


def test_readings_without_a_habit_have_the_strict_figure_alone() -> None:
    assert evaluate(plates("{}", "{}")).agreed is None
    assert evaluate([Reading("a", "A", "A")]).agreed is None
    assert agreed_lines(None) == []


LINES = 100
TRUTHS = [f"12가 {n:04}" for n in range(LINES)]
OURS = [Reading(f"{n}.jpg", text, text if n < 35 else "x") for n, text in enumerate(TRUTHS)]


def other(name: str, right: range, kind: ReaderKind = "stock") -> OtherReadings:
    texts = {f"{n}.jpg": text if n in right else "y" for n, text in enumerate(TRUTHS)}
    return OtherReadings(name, kind, texts)


def test_a_table_says_who_reads_what_who_alone_and_what_two_read() -> None:
    found = contest(
        OURS, [other("v4", range(3, 100)), other("near", range(35), "model")], name="v5"
    )
    ours, better, near = found.contenders
    assert [one.line_accuracy.value for one in found.contenders] == [0.35, 0.97, 0.35]
    assert (ours.only, better.only, near.only) == (0, 65, 0)
    assert (better.best_of_two, near.best_of_two, found.best_of_all) == (1.0, 0.35, 1.0)
    assert better.change is not None and better.change.interval is not None
    assert better.change.value == pytest.approx(0.62) and better.change.interval[0] > 0.5
    assert near.p == 1.0 and ours.change is None
    assert contest_rows(found)[1][0] == "v4" and contest_rows(found)[0][3] == ""


def test_a_stock_model_that_surely_reads_better_is_told_in_one_sentence() -> None:
    found = contest(OURS, [other("PP-OCRv4_mobile_rec", range(3, 100))], name="v5")
    (told,) = better_lines(found)
    assert told.startswith("PP-OCRv4_mobile_rec reads 0.970 of these 100 lines, v5 0.350 (surely")
    assert "no training needed" in told


@pytest.mark.parametrize(
    "rival",
    [
        other("unsure", range(2, 39)),
        other("worse", range(10)),
        other("a file", range(100), "predictions"),
        other("own model", range(100), "model"),
    ],
    ids=lambda one: one.name,
)
def test_nothing_is_told_of_the_unsure_the_worse_and_what_is_no_stock_model(
    rival: OtherReadings,
) -> None:
    assert better_lines(contest(OURS, [rival], name="v5")) == []


def test_many_stock_models_are_tried_at_the_level_of_one() -> None:
    """6 lines mended and none broken is p = 0.031: enough for one model, not for three."""
    slight = other("slight", range(41))
    assert contest(OURS, [slight], name="v5").better == ("slight",)
    more = [other(name, range(35)) for name in ("b", "c")]
    assert contest(OURS, [slight, *more], name="v5").better == ()


def test_lines_of_one_group_are_one_case() -> None:
    """One document that only the other reads proves nothing of other documents."""
    groups = np.array([0 if n < 35 else 1 for n in range(LINES)], np.intp)
    found = contest(OURS, [other("v4", range(100))], name="v5", groups=groups)
    assert found.contenders[1].p == 1.0 and found.better == ()


def test_only_lines_that_all_have_count() -> None:
    few = OtherReadings("few", "model", {"0.jpg": TRUTHS[0], "40.jpg": TRUTHS[40]})
    found = contest(OURS, [few, other("v4", range(100))], name="v5")
    assert found.lines == 2 and [one.line_accuracy.value for one in found.contenders] == [0.5, 1, 1]
    with pytest.raises(InputError, match="few, v4: have no crop of these in common"):
        contest(OURS[50:], [few, other("v4", range(100))], name="v5")


def test_an_evaluation_holds_the_table_only_with_others() -> None:
    assert evaluate(OURS).contest is None
    held = evaluate(OURS, model="v5", others=[other("v4", range(100))]).contest
    assert held is not None and held.contenders[0].name == "v5"
