"""What a line costs on this machine, measured on a few lines of the plan.

On a CPU in CPU time of one thread: others may use the machine just now. On a GPU in wall time, from
one moment at which the card has nothing left to do to the next.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from train.tuning.last_layer import LastLayer
from train.tuning.lines import TrainingLine
from train.tuning.losses import Posterior
from train.tuning.plan_model import Part, StepPlan
from train.tuning.tunable import Tunable, Updater

LINES = 8
"""In a measured step on a CPU; on a GPU it is the plan's batch, which costs little more."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds a line, on one core or one card.

    Attributes:
        head, whole: of a training step. feature: of the base model's reading, one thread.
        export: of the graph, once.
    """

    head: float
    whole: float
    feature: float
    export: float


def measured_step(
    tunable: Tunable, plan: StepPlan, part: Part, *, width: int = 320, lines: int = 0
) -> float:
    """Measure a training step, in seconds a line; weights stay as they are.

    A second step is timed, after one that warms up.

    Args:
        width: of the lines, in pixels; a multiple of 8.
        lines: in the step; 0 takes so many as measure well.
    """
    before = tunable.tensors()
    tunable.choose(part, dropout=plan.dropout)
    updater = Updater(tunable, plan, before)
    last = LastLayer(tunable.network, distil_weight=plan.distil_weight, amp=plan.amp)
    random = np.random.Generator(np.random.PCG64(0))
    import paddle

    count = lines or (LINES if _on_cpu() else max(plan.batch, 2))
    pixels = paddle.to_tensor(random.random((count, 3, 48, width), np.float32) * 2 - 1)
    shape = (count, tunable.network.backbone.channels, 1, width // 8)
    features = paddle.to_tensor(random.random(shape, np.float32))
    classes = tunable.network.spec.classes
    labels = [tuple(int(one) for one in random.integers(1, classes, 6)) for _ in range(count // 2)]
    top = min(plan.distil_top, classes)
    kept = Posterior(
        np.tile(np.arange(top, dtype=np.int32), (width // 8, 1)),
        np.full((width // 8, top), 1 / top, np.float32),
    )

    def step() -> None:
        network = tunable.network
        with paddle.amp.auto_cast(enable=plan.amp):
            steps = network.time_steps(features if part == "head" else network.features(pixels))
        loss, _, _ = last.losses(steps, labels, [kept] * (count - len(labels)))
        (loss * updater.factor / count).backward()
        updater.step(1e-12)

    seconds = _second(step)
    tunable.put(before)
    return seconds / count


def measured_feature(
    read: Callable[[np.ndarray], object], lines_at_once: int = 1, *, width: int = 320
) -> float:
    """Measure a reading by the base model, in seconds a line of 320 pixels.

    Args:
        lines_at_once: that it reads best.
    """
    lines = np.zeros((lines_at_once, 3, 48, width), np.float32)
    calls = -(-LINES // lines_at_once)

    def once() -> None:
        for _ in range(calls):
            read(lines)

    return _second(once) / (calls * lines_at_once)


def pixels_of(lines: tuple[TrainingLine, ...]) -> float:
    """Give the mean width of lines over 320 pixels: what one costs beside a measured line.

    >>> widths = (320, 640)
    >>> pixels_of([TrainingLine("a", (1,), width, False, False) for width in widths])
    1.5
    """
    return sum(line.width for line in lines) / (320 * len(lines)) if lines else 1.0


def _on_cpu() -> bool:
    import paddle

    return paddle.device.get_device() == "cpu"


def _second(work: Callable[[], object]) -> float:
    """Measure the second of two calls, in seconds."""
    clock = time.process_time if _on_cpu() else _idle_time
    work()
    start = clock()
    work()
    return clock() - start


def _idle_time() -> float:
    import paddle

    paddle.device.synchronize()
    return time.perf_counter()
