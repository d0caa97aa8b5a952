"""Half precision: an overflow is skipped, by all processes or by none, and counted."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from train.tuning.tunable import (
    FIRST_SCALE,
    GROWS_AFTER,
    LEAST_SCALE,
    MOST_SCALE,
    LossScale,
    without_scale,
)

SCRIPT = Path(__file__).with_name("overflow_rank.py")


def two_processes(folder: Path, way: str) -> list[dict[str, np.ndarray]]:
    """Run `overflow_rank.py` as both processes of a run, and return what each has written."""
    ports = []
    for _ in range(2):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            ports.append(one.getsockname()[1])
    running = []
    for rank, port in enumerate(ports):
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "PADDLE_TRAINER_ID": str(rank),
            "PADDLE_TRAINERS_NUM": "2",
            "PADDLE_TRAINER_ENDPOINTS": ",".join(f"127.0.0.1:{one}" for one in ports),
            "PADDLE_CURRENT_ENDPOINT": f"127.0.0.1:{port}",
            "PADDLE_MASTER": f"127.0.0.1:{ports[0]}",
        }
        call = [sys.executable, str(SCRIPT), str(folder), way]
        running.append(subprocess.Popen(call, env=environment, stderr=subprocess.PIPE, text=True))
    for one in running:
        _, said = one.communicate(timeout=600)
        assert one.returncode == 0, said
    found = []
    for rank in range(2):
        with np.load(folder / f"{way}-{rank}.npz") as archive:
            found.append({name: archive[name] for name in archive.files})
    return found


def weights_of(one: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: array for name, array in one.items() if name.startswith("weight ")}


def test_an_overflow_in_one_process_is_skipped_by_both(paddle: Any, tmp_path: Path) -> None:
    first, second = two_processes(tmp_path, "together")
    assert first["changed"].tolist() == second["changed"].tolist() == [True, False, True, True]
    assert first["scale"] == second["scale"] == FIRST_SCALE / 2
    assert first["skipped"] == second["skipped"] == 1
    assert weights_of(first).keys() == weights_of(second).keys()
    for name, array in weights_of(first).items():
        assert np.isfinite(array).all(), name
        assert np.array_equal(array, second[name]), name


def test_processes_that_ask_apart_part_for_good(paddle: Any, tmp_path: Path) -> None:
    # Why it is done otherwise: the one without the overflow steps, by the other's infinity.
    first, second = two_processes(tmp_path, "apart")
    assert first["changed"].tolist()[1] and not second["changed"].tolist()[1]
    same = [np.array_equal(array, second[name]) for name, array in weights_of(first).items()]
    assert not all(same)


@given(st.lists(st.booleans(), max_size=60))
def test_the_scale_is_a_power_of_two_that_follows_the_steps(found: list[bool]) -> None:
    scale = LossScale()
    try:
        for one in found:
            scale.took(is_finite=one)
    except InputError:
        assert scale.value < LEAST_SCALE
    else:
        assert LEAST_SCALE <= scale.value <= MOST_SCALE
        assert scale.skipped == found.count(False)
    assert float(np.log2(scale.value)).is_integer()


def test_a_scale_grows_after_many_steps_and_a_checkpoint_keeps_it() -> None:
    scale = LossScale()
    for _ in range(GROWS_AFTER - 1):
        scale.took(is_finite=True)
    kept = {**scale.state(), "fc.weight/moment1_0": np.zeros(2, np.float32)}
    assert without_scale(kept).keys() == {"fc.weight/moment1_0"}
    again = LossScale.of(kept)
    assert again == scale
    again.took(is_finite=True)
    assert (again.value, again.good) == (2 * FIRST_SCALE, 0)
    assert LossScale.of({}) == LossScale()


def test_an_overflow_at_every_scale_ends_the_run() -> None:
    scale = LossScale()
    with pytest.raises(InputError, match=r"half precision: overflows .*amp=false"):
        for _ in range(99):
            scale.took(is_finite=False)


def test_a_step_in_half_precision_is_that_of_full_precision_where_nothing_overflows(
    tunable: Any,
) -> None:
    # On a CPU `auto_cast` casts nothing: what is left is the scale, a power of two.
    from train.tuning.ranks import Ranks
    from train.tuning.train_plan import StepPlan
    from train.tuning.training_lines import TrainingLine
    from train.tuning.training_steps import Stepper
    from train.tuning.tunable import Updater

    start = tunable.tensors()
    lines = [TrainingLine(f"crops/{one}.png", (1, 2), 320, False, False) for one in range(2)]
    crops = [np.full((48, 60, 3), 200, np.uint8)] * 2
    ended = []
    for amp in (False, True):
        tunable.put(start)
        tunable.choose("whole", dropout=False)
        plan = StepPlan(batch=2, amp=amp)
        updater = Updater(tunable, plan, start)
        stepper = Stepper(tunable, updater, plan, {}, Ranks(), seed=0)
        stepper._last.by_hand = False  # both by the same operations of Paddle's
        for done in range(3):
            stepper.on_crops(lines, 0, done, 1e-3, crops=crops)
        ended.append(tunable.tensors())
        assert updater.figures(0) == ({"skipped": 0, "scale": FIRST_SCALE} if amp else {})
    for name, array in ended[0].items():
        # Gradients too small for float32 are larger by the scale, and no longer nothing.
        assert array == pytest.approx(ended[1][name], abs=1e-8), name
