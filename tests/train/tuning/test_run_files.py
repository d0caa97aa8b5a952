"""Files of a run's own that another machine may have damaged: told, never a traceback."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError
from train.tuning.run_records import READINGS
from train.tuning.run_states import BEST, FOLDER, STATE, Best, Keeper, last
from train.tuning.stopping_sets import Standing

STATE_OF = Best(0, Standing((1,), (2,), (True,)), "", 0.5).as_dict()


class OneRank:
    """A run of one process."""

    world = 1
    is_first = True


def keeper(run: Path) -> Keeper:
    ranks: Any = OneRank()
    base = {"w": np.zeros(1, np.float32)}
    return Keeper(run, base, lambda _: Standing((1,), (2,), (True,)), ranks, delta=0.01, done=0)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", r"the run's best state is no JSON"),
        ("[1]", r"holds it wrongly"),
        ("[" * 5000, "nested deeper than 64"),
        ({"base": STATE_OF}, r"lacks 'before'|lacks 'best'"),
        ({"best": STATE_OF | {"file": "../../secret.npz"}}, r"lacks its file"),
        ({"best": STATE_OF | {"right": [-1]}}, r"lacks its counts"),
        ({"best": STATE_OF | {"done": "7"}}, r"lacks its counts"),
        ({"best": STATE_OF | {"targets": [3]}}, r"lacks its targets"),
        ({"best": STATE_OF | {"highest": 1e9}}, r"lacks its highest"),
        ({"best": 7}, r"holds it wrongly"),
    ],
)
def test_a_damaged_best_state_is_told(tmp_path: Path, content: object, told: str) -> None:
    if isinstance(content, dict) and "best" in content:
        content = {"base": STATE_OF, "before": STATE_OF, **content}
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / BEST).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        keeper(tmp_path)


def test_a_best_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    first = keeper(tmp_path)
    assert keeper(tmp_path).best == first.best


def test_the_last_of_equal_states_is_the_best_and_no_clearly_worse_one(tmp_path: Path) -> None:
    ranks: Any = OneRank()
    # Of 100 lines, after so many steps; 83 are within two standard errors of 86, 74 are not.
    right = {0: 70, 10: 86, 20: 83, 30: 74, 40: 75}
    states = [{"w": np.full(1, done, np.float32)} for done in right]

    def judge(tensors: Any) -> Standing:
        return Standing((right[int(tensors["w"][0])],), (100,), (True,))

    def opened(done: int) -> Keeper:
        return Keeper(tmp_path, states[0], judge, ranks, delta=0.01, done=done)

    keeper = opened(0)
    assert [keeper.judge(int(one["w"][0]), one)[0] for one in states[1:4]] == [True, True, False]
    assert keeper.best.done == 20
    # Killed before the checkpoint of step 20: that state is judged again, against the same height.
    again = opened(10)
    assert (again.best.done, again.best.highest) == (10, 0.86)
    assert [again.judge(int(one["w"][0]), one)[0] for one in states[2:]] == [True, False, False]
    assert opened(40).best == again.best
    assert np.array_equal(again.weights()["w"], [20])


@pytest.mark.parametrize("content", ["{", "[" * 5000, "[]", "7", '{"state": 1}', b"\xff"])
def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path, content: str | bytes) -> None:
    folder = tmp_path / FOLDER / "step-00000001"
    folder.mkdir(parents=True)
    (folder / STATE).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert last(tmp_path) is None


@pytest.mark.parametrize(
    ("row", "told"),
    [("{", "no JSON"), ("{}", "lacks "), ('{"set": 1}', "lacks "), ("[" * 5000, "nested")],
)
def test_a_damaged_reading_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    from train.tuning.run_page import write_report

    (tmp_path / READINGS).write_text(row + "\n", encoding="utf-8")
    ready: Any = None  # never looked at
    with pytest.raises(InputError, match=rf"readings\.jsonl:1: is no reading of a run .*{told}"):
        write_report(tmp_path, ready)
