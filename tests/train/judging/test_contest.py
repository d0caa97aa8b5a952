"""Several readings of the same lines beside each other."""

import numpy as np
import pytest

from textlines.errors import InputError
from textlines.profile.reading import Reading
from train.judging.contest import Kind, Other, contest
from train.judging.evaluate_text import better_lines, contest_rows
from train.judging.measuring import evaluate

LINES = 100
TRUTHS = [f"12가 {n:04}" for n in range(LINES)]
OURS = [Reading(f"{n}.jpg", text, text if n < 35 else "x") for n, text in enumerate(TRUTHS)]


def other(name: str, right: range, kind: Kind = "stock") -> Other:
    texts = {f"{n}.jpg": text if n in right else "y" for n, text in enumerate(TRUTHS)}
    return Other(name, kind, texts)


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
def test_nothing_is_told_of_the_unsure_the_worse_and_what_is_no_stock_model(rival: Other) -> None:
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
    few = Other("few", "model", {"0.jpg": TRUTHS[0], "40.jpg": TRUTHS[40]})
    found = contest(OURS, [few, other("v4", range(100))], name="v5")
    assert found.lines == 2 and [one.line_accuracy.value for one in found.contenders] == [0.5, 1, 1]
    with pytest.raises(InputError, match="few, v4: have no crop of these in common"):
        contest(OURS[50:], [few, other("v4", range(100))], name="v5")


def test_an_evaluation_holds_the_table_only_with_others() -> None:
    assert evaluate(OURS).contest is None
    held = evaluate(OURS, model="v5", others=[other("v4", range(100))]).contest
    assert held is not None and held.contenders[0].name == "v5"
