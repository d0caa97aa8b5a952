"""Looks at the same lines are counted and paid for, whatever file names them."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import UsageError
from textlines.formats.judged_set import JudgedSet
from textlines.formats.look_record import read_looks
from train.judging.judged_sets import ListedSet, list_sets
from train.judging.look_spending import Look, alpha_of, look_at
from train.judging.significance import ALPHA

BASE, WAY = {"model": "1" * 64}, {"delta": 1.0, "seed": 1}


def write(folder: Path, name: str, images: Sequence[str], label: str = "1") -> JudgedSet:
    """Write a set of images that are their content: `a` is one image wherever it lies."""
    folder.mkdir(exist_ok=True)
    for number, content in enumerate(images):
        (folder / f"{name}-{number}.png").write_bytes(content.encode())
    rows = [f"{name}-{number}.png\t{label}\n" for number in range(len(images))]
    (folder / f"{name}.txt").write_text("".join(rows), encoding="utf-8")
    return JudgedSet(folder / f"{name}.txt")


class Gate:
    """Judges candidates by number on sets of images."""

    def __init__(self, folder: Path, planned: int | None = 3) -> None:
        self.folder, self.planned, self.file = folder, planned, folder / "looks.json"

    def sets(self, target: Sequence[str], general: Sequence[str] = "xyz") -> tuple[ListedSet, ...]:
        return list_sets([write(self.folder, "t", target)], [write(self.folder, "g", general)])

    def look(
        self, candidate: int, sets: Sequence[ListedSet], way: Mapping[str, object] = WAY
    ) -> Look:
        return look_at(
            self.file,
            sets,
            base=BASE,
            candidate={"model": f"{candidate:064x}"},
            way=way,
            planned=self.planned,
        )

    def judge(self, candidate: int, target: Sequence[str], general: Sequence[str] = "xyz") -> Look:
        found = self.look(candidate, self.sets(target, general))
        found.write("cannot_tell")
        return found


@given(st.integers(1, 40))
def test_all_looks_together_spend_no_more_than_one_may(planned: int) -> None:
    spent = sum(alpha_of(look, planned) for look in range(1, planned + 1))
    assert spent == pytest.approx(ALPHA)
    series = [alpha_of(look, None) for look in range(1, 50 * planned + 1)]
    assert sum(series) < ALPHA and series == sorted(series, reverse=True)


def test_each_further_candidate_is_a_look_and_one_beyond_the_plan_is_refused(
    tmp_path: Path,
) -> None:
    gate = Gate(tmp_path)
    for number in (1, 2, 3):
        look = gate.judge(number, "ab")
        assert (look.paid.target.number, look.paid.general.number) == (number, number)
        assert look.levels.target == look.levels.general == ALPHA / 3
        assert look.paid.target.spent == pytest.approx(number * ALPHA / 3)
        assert look.criterion().told == f"look {number} of 3 at these lines: intervals at 98.3 %"
    beyond = gate.look(4, gate.sets("ab"))
    found = beyond.criterion()
    assert beyond.is_beyond and found.status == "cannot_tell"
    assert found.told.startswith("look 4 of 3 at these lines: none of the 5 %")
    assert "crops that arrived since" in found.todo


def test_without_a_plan_there_is_always_a_further_look_at_a_wider_interval(tmp_path: Path) -> None:
    gate = Gate(tmp_path, planned=None)
    looks = [gate.judge(number, "ab") for number in range(1, 6)]
    assert [look.is_beyond for look in looks] == [False] * 5
    assert looks[4].paid.target.spent < ALPHA
    assert looks[1].criterion().told == "look 2 at these lines: intervals at 99.24 %"


def test_the_same_models_on_the_same_lines_are_one_look_wherever_the_files_lie(
    tmp_path: Path,
) -> None:
    gate = Gate(tmp_path)
    gate.judge(1, "ab")
    gate.judge(2, "ab")
    before = gate.file.read_bytes()
    moved = tmp_path / "moved"
    shutil.copytree(tmp_path, moved)
    (moved / "t.txt").rename(moved / "other-name.txt")
    sets = list_sets([JudgedSet(moved / "other-name.txt")], [JudgedSet(moved / "g.txt")])
    again = gate.look(1, sets)
    assert again.paid.is_repeated and again.paid.target.number == 1
    assert again.paid.target.spent == pytest.approx(ALPHA / 3)
    assert "look 1 of 3" in again.criterion().told and "costs nothing" in again.criterion().told
    again.write("passed")
    assert gate.file.read_bytes() == before


def test_another_seed_delta_or_comparison_is_another_look(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    gate.judge(1, "ab")
    sets = gate.sets("ab")
    assert gate.look(1, sets, {**WAY, "seed": 2}).paid.target.number == 2
    folded = [replace(sets[0], judged=JudgedSet(sets[0].judged.path, "casefold")), *sets[1:]]
    assert gate.look(1, folded).paid.target.number == 2


def test_lines_that_were_added_to_or_corrected_are_looked_at_already(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    gate.judge(1, "ab")
    assert gate.look(2, gate.sets("abcdef")).paid.target.number == 2
    assert gate.look(2, gate.sets("bf")).paid.target.number == 2
    write(tmp_path, "t", "ab", label="other")
    corrected = list_sets([JudgedSet(tmp_path / "t.txt")], [JudgedSet(tmp_path / "g.txt")])
    assert gate.look(1, corrected).paid.target.number == 2


def test_new_lines_of_the_target_are_not_looked_at_though_the_general_ones_are(
    tmp_path: Path,
) -> None:
    gate = Gate(tmp_path)
    gate.judge(1, "ab")
    look = gate.judge(2, "cd")
    assert (look.paid.target.number, look.paid.general.number) == (1, 2)
    told = "look 1 of 3 at the target's lines and 2 at the general ones: intervals at 98.3 %"
    assert look.criterion().told == told
    # A line that was general and now is of the target was looked at all the same.
    assert gate.look(3, gate.sets("xe", "pq")).paid.target.number == 3
    assert gate.look(3, gate.sets("ef", "pq")).paid.general.number == 1


def test_levels_of_both_roles_are_told_where_they_differ(tmp_path: Path) -> None:
    gate = Gate(tmp_path, planned=None)
    gate.judge(1, "ab")
    told = gate.judge(2, "cd").criterion().told
    assert told.endswith("intervals at 96.9 % of the target, at 99.24 % of the general lines")


@pytest.mark.parametrize(("first", "then"), [(3, 5), (3, None), (None, 3)])
def test_a_plan_is_not_changed_once_there_is_a_verdict(
    first: int | None, then: int | None, tmp_path: Path
) -> None:
    gate = Gate(tmp_path, planned=first)
    gate.judge(1, "ab")
    gate.planned = then
    with pytest.raises(UsageError, match="began with") as refused:
        gate.look(2, gate.sets("ab"))
    assert "Go on as they began" in str(refused.value)
    assert gate.look(2, gate.sets("cd", "pq")).paid.target.number == 1


def test_a_look_that_came_between_is_not_overwritten(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    one, two = gate.look(1, gate.sets("ab")), gate.look(2, gate.sets("ab"))
    one.write("failed")
    with pytest.raises(UsageError, match="another look while this verdict was made"):
        two.write("passed")
    assert [row.outcome for row in read_looks(gate.file).looks] == ["failed"]
