"""Steps of PaddleOCR's own training beside ours: one list, the same weights, one rate.

`train plan --paddleocr-yaml` writes the configuration, the checkpoint and the list; of these the
code of a checkout builds its data set, network, loss and optimizer. Ours makes the same batches.
Both read, resize and learn in this process, so that all of their CPU counts. PaddleOCR normalises
by its batches and drops values in its neck, ours does neither: losses are alike, not the same.
"""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import paddle
from paddle import nn

from textlines.labels.alphabet import Alphabet
from textlines.pixels.resize import LEAST_WIDTH, padded_width
from train.tuning.lines import TrainingLine, sizes_of
from train.tuning.loading import load
from train.tuning.plan_io import PLAN, read_plan
from train.tuning.prepared_run import Ready, ready
from train.tuning.ranks import Ranks
from train.tuning.steps import Stepper
from train.tuning.tunable import Tunable, Updater
from train.tuning.variants import Wanted

APART = 2.0
"""At most: the greater mean loss over the less, in the first ten steps and in the last ten; the
loss of PaddleOCR's network by the statistics of a batch over that by the stored ones."""

STOPS = 16
"""Lines of the rendered ones that are kept apart, as a plan needs some to stop by."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What steps of one trainer came to.

    Attributes:
        losses: nats a line, of each step.
        cpu_s: CPU seconds of a line, the median over the steps.
    """

    losses: tuple[float, ...]
    cpu_s: float

    def mean(self, part: slice) -> float:
        """Return the mean loss of some steps."""
        return statistics.fmean(self.losses[part])


def planned(base: Path, labels: Path, folder: Path, batch: int) -> tuple[Path, Path]:
    """Plan a run for both trainers, on the lines that fit into 320 pixels.

    Args:
        labels: of the lines. folder: for all that is made.

    Returns:
        The run's folder and PaddleOCR's configuration.
    """
    rows = [row.split("\t") for row in labels.read_text(encoding="utf-8").splitlines()]
    sizes = sizes_of([path for path, _ in rows], labels.parent)
    # PaddleOCR squeezes what is wider, ours does not.
    fit = [
        f"{path}\t{label}\n" for path, label in rows if padded_width(*sizes[path]) == LEAST_WIDTH
    ]
    train, stop = folder / "both_train.txt", folder / "both_stop.txt"
    stop.write_text("".join(fit[:STOPS]), encoding="utf-8")
    train.write_text("".join(fit[STOPS:]), encoding="utf-8")
    mix, run, yaml = folder / "both_mixed", folder / "both", folder / "both.yml"
    home = ("--images", labels.parent)
    call("balance", "mix", "--own", train, *home, "--out", mix)
    given = ("--model", base, "--mix", mix, "--stop-on", stop, *home, "--tune", "whole")
    call("train", "plan", *given, "--batch", batch, "--paddleocr-yaml", yaml, "--out", run)
    return run, yaml


def call(tool: str, *words: object) -> None:
    """Run a command of ours beside this Python."""
    script = Path(sys.executable).with_name(tool)
    subprocess.run([script, *map(str, words)], check=True, stdout=sys.stderr)


class PaddleOcrTraining:
    """PaddleOCR's training as its `tools/train.py` builds it, at a rate that stays.

    Attributes:
        rows: path and label of its lines, in the order in which it takes them.
    """

    def __init__(self, tree: Path, configuration: Path, rate: float) -> None:
        """Build data set, network, loss and optimizer, and load the weights.

        Raises:
            SystemExit: the checkout is none, needs a package that is not there, or its network
                does not take all weights.
        """
        import yaml

        sys.path.insert(0, str(tree.resolve()))
        try:
            from ppocr.data.simple_dataset import SimpleDataSet
            from ppocr.losses import build_loss
            from ppocr.modeling.architectures import build_model
            from ppocr.optimizer import build_optimizer
            from ppocr.postprocess import build_post_process
            from ppocr.utils.logging import get_logger
        except ImportError as error:
            raise SystemExit(f"{tree}: PaddleOCR's code cannot be loaded ({error})") from error
        content: dict[str, Any] = yaml.safe_load(configuration.read_text(encoding="utf-8"))
        head = content["Architecture"]["Head"]
        decoder = build_post_process(content["PostProcess"], content["Global"])
        head["out_channels"] = len(decoder.character)
        self._data: Any = SimpleDataSet(content, "Train", get_logger(), seed=1024)
        lines = (line.decode("utf-8").rstrip("\n") for line in self._data.data_lines)
        self.rows = [tuple(line.split("\t", 1)) for line in lines]
        self._model: Any = build_model(content["Architecture"])
        self._state = paddle.load(content["Global"]["pretrained_model"] + ".pdparams")
        missing, unknown = self._model.set_state_dict(self._state)
        if missing or unknown:
            raise SystemExit(f"weights do not fit: {missing[:3]} missing, {unknown[:3]} unknown")
        self._model.train()
        self._loss: Any = build_loss(content["Loss"])
        course = {"name": "Const", "learning_rate": rate}
        settings = content["Optimizer"] | {"lr": course}
        self._adam, _ = build_optimizer(settings, 1, len(self.rows), self._model)

    def both_modes(self, numbers: range) -> tuple[float, float]:
        """Return the loss by the stored statistics, and by those of the batch; nothing changes."""
        found = []
        for of_batch in (False, True):
            for layer in self._model.sublayers():
                if isinstance(layer, (nn.BatchNorm2D, nn.BatchNorm, nn.Dropout)):
                    layer.training = of_batch
            with paddle.no_grad():
                found.append(float(self._loss_of(numbers)))
        # In training mode the stored ones move.
        self._model.set_state_dict(self._state)
        return found[0], found[1]

    def step(self, numbers: range) -> float:
        """Make one step on some of its lines, by number; return its loss, nats a line."""
        loss = self._loss_of(numbers)
        loss.backward()
        self._adam.step()
        self._adam.clear_grad()
        return float(loss)

    def _loss_of(self, numbers: range) -> paddle.Tensor:
        samples = [self._data[number] for number in numbers]
        batch = [paddle.to_tensor(np.stack(part)) for part in zip(*samples, strict=True)]
        predictions = self._model(batch[0], data=batch[1:])
        loss: paddle.Tensor = self._loss(predictions, batch)["loss"]
        return loss


class OurTraining:
    """The same with the code of `train rec`: every layer tuned, crops as they are."""

    def __init__(self, run: Ready, rows: list[tuple[str, str]], rate: float) -> None:
        """Build the network and what makes its steps.

        Args:
            rows: path and label of the lines, in the order in which they are taken.
        """
        start, step = run.start, run.plan.step
        self._data, self._rate, self._done = run.data, rate, 0
        self._lines = [_line(path, label, start.alphabet) for path, label in rows]
        tunable = Tunable.of(start.spec, start.tensors)
        tunable.choose("whole", dropout=step.dropout)
        updater = Updater(tunable, step, tunable.tensors())
        self._stepper = Stepper(tunable, updater, step, {}, Ranks(), seed=0)

    def step(self, numbers: range) -> float:
        """Make one step on some of the lines, by number; return its loss, nats a line."""
        lines = [self._lines[number] for number in numbers]
        crops = load([Wanted(self._data / line.path, line.path) for line in lines], 0)
        found = self._stepper.on_crops(lines, 0, self._done, self._rate, crops=crops)
        self._done += 1
        return float(found.ctc) / found.labelled


def _line(path: str, label: str, alphabet: Alphabet) -> TrainingLine:
    ids = tuple(alphabet.encode(label))
    return TrainingLine(path, ids, LEAST_WIDTH, is_new=False, is_rendered=True)


def both(tree: Path, base: Path, labels: Path, folder: Path, *, batch: int, steps: int) -> int:
    """Make steps by both, in turns, and print what they cost and lose; give the exit code.

    Args:
        labels: of the lines; those that fit into 320 pixels are taken.

    Raises:
        SystemExit: they make no batch.
    """
    run, yaml = planned(base, labels, folder, batch)
    plan = read_plan(run / PLAN)
    rate = plan.stages[-1].rate
    theirs = PaddleOcrTraining(tree, yaml, rate)
    whole = len(theirs.rows) // batch
    if not whole:
        raise SystemExit(f"{labels}: {len(theirs.rows)} lines can be used, a batch needs {batch}")
    stored, of_batch = theirs.both_modes(range(batch))
    print(
        f"PaddleOCR's network at the start: loss {stored:.3f} by the stored statistics, "
        f"{of_batch:.3f} by those of the batch",
        flush=True,
    )
    trainers: dict[str, OurTraining | PaddleOcrTraining] = {
        "ours": OurTraining(ready(run), theirs.rows, rate),
        "PaddleOCR": theirs,
    }
    losses: dict[str, list[float]] = {name: [] for name in trainers}
    costs: dict[str, list[float]] = {name: [] for name in trainers}
    for number in range(steps):
        first = number % whole * batch
        for name, trainer in trainers.items():
            begun = time.process_time()
            losses[name].append(trainer.step(range(first, first + batch)))
            costs[name].append((time.process_time() - begun) / batch)
        if (number + 1) % 10 == 0:
            told = ", ".join(
                f"{name} {statistics.fmean(one[-10:]):.3f}" for name, one in losses.items()
            )
            print(f"  steps {number - 8:>2}–{number + 1}: {told} nats a line", flush=True)
    made = {name: Steps(tuple(losses[name]), statistics.median(costs[name])) for name in trainers}
    is_same = of_batch <= APART * stored
    return _told(made, rate, batch) or int(not is_same)


def _told(made: dict[str, Steps], rate: float, batch: int) -> int:
    ours, theirs = made["ours"], made["PaddleOCR"]
    print(
        f"{len(ours.losses)} steps of {batch} lines at {rate:.3g}, CPU seconds a line: ours "
        f"{ours.cpu_s:.4f}, PaddleOCR {theirs.cpu_s:.4f} ({theirs.cpu_s / ours.cpu_s:.2f} x)"
    )
    is_alike = True
    for name, part in (("first", slice(0, 10)), ("last", slice(-10, None))):
        one, two = ours.mean(part), theirs.mean(part)
        apart = max(one, two) / min(one, two)
        is_alike = is_alike and apart <= APART
        print(
            f"loss of the {name} ten: ours {one:.3f}, PaddleOCR {two:.3f}, {apart:.2f} x apart, at "
            f"most {APART:g}: {'holds' if apart <= APART else 'MISSED'}"
        )
    return 0 if is_alike else 1
