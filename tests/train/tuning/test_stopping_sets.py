"""Stopping sets laid beside the base model's readings, and read by several processes."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from textlines.formats.judged_set import JudgedSet
from textlines.labels.alphabet import Alphabet
from train.judging.comparisons import Strictness
from train.reading.ctc import Line
from train.reading.engine import Batching
from train.tuning.ranks import Ranks, cores_of
from train.tuning.stopping_sets import Standing, StopLine, StopSet, judge_by
from train.tuning.train_plan import StopPlan

TARGET = (JudgedSet(Path("/t.txt")),)


def stop_set(comparison: str, *labels: str, is_target: bool = False) -> StopSet:
    crop = np.zeros((48, 48, 3), np.uint8)
    lines = tuple(StopLine(f"{at}.png", crop, label) for at, label in enumerate(labels))
    return StopSet(JudgedSet.parse(f"g.txt:{comparison}"), is_target, lines)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that lays sets beside readings that are given, not read."""
    from train.tuning import stopping_sets
    from train.tuning.stopping_sets import Standing

    def compare(sets: list[StopSet], *readings: tuple[str, ...]) -> Any:
        class Base:
            graph_path, alphabet = Path("none.onnx"), None

        general = [one for one in sets if not one.is_target]
        counts = tuple(len(one.lines) for one in general)
        standing = Standing(counts, counts, (False,) * len(general), readings)
        monkeypatch.setattr(stopping_sets, "judge", lambda *_: standing)
        return stopping_sets.compared_with_base(Base(), sets)  # type: ignore[arg-type]

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
        (("exact", "exact"), "holds 2 comparisons for 1 general set:"),
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


class Together(Ranks):
    """Processes of a run that are threads here; what they exchange lies in a list."""

    __slots__ = ("_meeting", "_slots")

    @classmethod
    def of(cls, world: int) -> "list[Together]":
        meeting, slots = Barrier(world), [()] * world
        found = []
        for rank in range(world):
            one = cls(rank, world)
            object.__setattr__(one, "_meeting", meeting)
            object.__setattr__(one, "_slots", slots)
            found.append(one)
        return found

    def together(self, own: Any, count: int) -> list[str]:
        self._slots[self.rank] = tuple(own)
        self._meeting.wait()
        found = [""] * count
        for rank, texts in enumerate(self._slots):
            found[rank :: self.world] = texts
        return found


class Reader:
    """Reads the brightness of a crop; notes how many it read."""

    name, alphabet = "test", Alphabet(("0",))

    def __init__(self, batching: Batching) -> None:
        self.batching, self.count = batching, 0

    def prepare(self, image: Any) -> Any:
        return image

    def read(self, prepared: Any) -> list[Line]:
        assert len(prepared) <= self.batching.lines
        self.count += len(prepared)
        return [Line(str(int(one[0, 0, 0])), 1.0) for one in prepared]


def sets_of(counts: list[int]) -> list[StopSet]:
    sets, at = [], 0
    for number, count in enumerate(counts):
        lines = []
        for _ in range(count):
            crop = np.full((48, 50 + 300 * (at % 2), 3), at, np.uint8)
            # Every third label is another one.
            lines.append(StopLine(f"{at}.png", {0: crop}, "x" if at % 3 == 0 else str(at)))
            at += 1
        judged = JudgedSet(Path(f"{number}.txt"), "exact")
        sets.append(StopSet(judged, number == 0, tuple(lines)))
    return sets


@given(
    counts=st.lists(st.integers(1, 20), min_size=1, max_size=3),
    world=st.integers(2, 4),
    batching=st.sampled_from([Batching(1, 8, True), Batching(64, 512, False)]),
)
@settings(max_examples=25, deadline=None)
def test_each_line_is_read_once_and_all_know_all(
    counts: list[int], world: int, batching: Batching
) -> None:
    sets = sets_of(counts)
    alone = judge_by(Reader(batching), sets, 2)
    readers = [Reader(batching) for _ in range(world)]
    found: list[Standing | None] = [None] * world

    def judge(ranks: Together) -> None:
        found[ranks.rank] = judge_by(readers[ranks.rank], sets, 1, ranks)

    threads = [Thread(target=judge, args=(ranks,)) for ranks in Together.of(world)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [alone] * world
    assert sum(one.count for one in readers) == sum(counts)
    assert alone.lines == tuple(counts)


def test_cores_are_shared_by_the_processes_of_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from train.tuning import ranks

    monkeypatch.setattr(ranks, "usable_cores", lambda: 8)
    assert [cores_of(Ranks(0, world, here)) for world, here in ((1, 1), (4, 2), (32, 16))] == [
        8,
        4,
        1,
    ]
