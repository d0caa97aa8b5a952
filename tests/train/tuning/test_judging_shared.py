"""Stopping lines that processes read together: each once, and all know all of them."""

from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.formats.judged_set import JudgedSet
from textlines.labels.alphabet import Alphabet
from train.reading.ctc import Line
from train.reading.engine import Batching
from train.tuning.judging import Standing, StopLine, StopSet, judge_by
from train.tuning.ranks import Ranks, cores_of


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
