"""General stopping sets are counted as strictly as their labels allow, and the plan says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from textlines.formats.judged_set import JudgedSet
from train.judging.strictness import Strictness
from train.tuning.judging import StopLine, StopSet
from train.tuning.plan_model import StopPlan

TARGET = (JudgedSet(Path("/t.txt")),)


def stop_set(comparison: str, *labels: str, is_target: bool = False) -> StopSet:
    crop = np.zeros((48, 48, 3), np.uint8)
    lines = tuple(StopLine(f"{at}.png", crop, label) for at, label in enumerate(labels))
    return StopSet(JudgedSet.parse(f"g.txt:{comparison}"), is_target, lines)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Give a function that lays sets beside readings that are given, not read."""
    from train.tuning import general_sets
    from train.tuning.judging import Standing

    def compare(sets: list[StopSet], *readings: tuple[str, ...]) -> Any:
        class Base:
            graph_path, alphabet = Path("none.onnx"), None

        general = [one for one in sets if not one.is_target]
        counts = tuple(len(one.lines) for one in general)
        standing = Standing(counts, counts, (False,) * len(general), readings)
        monkeypatch.setattr(general_sets, "judge", lambda *_: standing)
        return general_sets.compared_with_base(Base(), sets)  # type: ignore[arg-type]

    return compare


def test_lost_spaces_count_where_labels_and_base_hold_them(read: Callable[..., Any]) -> None:
    labels = ("TOTAL DUE 12", "Thank you", "No. 7")
    target = stop_set("nospace", "1 2", is_target=True)
    found = read([target, stop_set("alnum", *labels)], labels)
    assert found.strictest() == ("exact",)
    assert found.sets[0] == target
    assert found.sets[1].is_right("Thank you", "Thank you")
    assert not found.sets[1].is_right("Thank you", "Thankyou")
    assert any("g.txt:alnum does not look at spaces" in one for one in found.warnings)
    assert any("hold no prose" in one for one in found.warnings)


def test_a_set_that_is_as_strict_as_its_labels_keeps_its_comparison(
    read: Callable[..., Any],
) -> None:
    capitals = ("OPEN", "CLOSED", "EXIT")
    found = read([stop_set("casefold", *capitals)], ("Open", "Closed", "Exit"))
    assert found.strictest() == ("",)
    assert found.sets[0].is_right("OPEN", "open")


def test_without_general_sets_nothing_is_read(read: Callable[..., Any]) -> None:
    target = stop_set("exact", "1", is_target=True)
    assert read([target]).sets == (target,)
    assert read([target]).warnings == ()


@pytest.mark.parametrize(
    ("strictest", "message"),
    [
        (("exact", "exact"), "holds 2 comparisons for 1 general sets"),
        (("alnumm",), "'alnumm' is none of exact"),
    ],
)
def test_a_plan_that_was_changed_by_hand_is_refused(
    strictest: tuple[str, ...], message: str
) -> None:
    general = (JudgedSet(Path("/g.txt"), "alnum"),)
    with pytest.raises(ValidationError, match=message):
        StopPlan(target=TARGET, general=general, strictest=strictest)


def test_a_plan_without_them_counts_by_each_sets_own() -> None:
    general = (JudgedSet(Path("/g.txt"), "alnum"), JudgedSet(Path("/h.txt")))
    assert StopPlan(target=TARGET, general=general).strictest_of_general() == (None, None)
    some = StopPlan(target=TARGET, general=general, strictest=("casefold", ""))
    assert some.strictest_of_general() == (Strictness(case=False), None)
