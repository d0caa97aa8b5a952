"""A little run to measure: rendered lines, a base model, steps by the code of `train rec`."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import paddle

from textlines.formats.mix import ListedLine
from textlines.formats.roles import kinds_of
from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.pixels.resize import network_batch
from train.models.base_folder import read_base
from train.reading.crop_reading import usable_cores
from train.tuning.crop_loading import Waiting, Wanted, load, loading
from train.tuning.feature_store import Needed, opened
from train.tuning.network_readers import FeatureReader, TuningGraph
from train.tuning.ranks import Ranks
from train.tuning.run_readings import fill
from train.tuning.train_plan import Part, StepPlan
from train.tuning.training_lines import TrainingLine, sizes_of, training_lines
from train.tuning.training_steps import Stepper, in_order
from train.tuning.tunable import Average, Tunable, Updater

WIDTH = 320
RENDERED = 8
"""Images rendered for each line of a batch; those wider than 320 pixels are left out."""

RATE = 1e-6


class World:
    """A base model, lines of one padded width, and what their steps need.

    Attributes:
        lines: in the store. fill_cpu: seconds that their features and posteriors took.
        pixels: one batch, N x 3 x 48 x 320.
    """

    def __init__(self, base: Path, data: Path, folder: Path, batch: int) -> None:
        """Read the base model and the lines, and compute what steps need of them.

        Raises:
            SystemExit: too few of the rendered lines fit into 320 pixels.
        """
        model = read_base(base)
        self.name, self.batch, self.classes = model.spec.name, batch, model.spec.classes
        self._data, self._plan = data, StepPlan(batch=batch)
        found = lines_in(data, model.alphabet, self._plan.bucket)
        if len(found) < batch:
            raise SystemExit(f"{len(found)} of the rendered lines fit, a batch needs {batch}")
        self._labelled = found[:batch]
        distilled = [replace(line, ids=()) for line in self._labelled]
        self._tunable = Tunable.of(model.spec, model.tensors())
        needed = Needed.of(
            [[*self._labelled, *distilled]] * self._plan.versions, self._plan, features=True
        )
        self.lines = len(needed)
        self._stores = opened(
            folder / "lines",
            needed,
            channels=self._tunable.network.backbone.channels,
            classes=self.classes,
            plan=self._plan,
        )
        graph = TuningGraph(self._tunable, folder)
        graph.write(self._tunable.tensors(), folder / "base.onnx")
        start = time.process_time()
        fill(
            self._stores,
            FeatureReader(folder / "base.onnx"),
            data,
            seed=0,
            top=self._plan.distil_top,
            workers=usable_cores(),
        )
        self.fill_cpu = time.process_time() - start
        self._crops = load(self._wanted(), 0)
        self.pixels = network_batch(self._crops, WIDTH)
        self._tuned: Part | None = None
        self._done = 0

    def forward(self) -> None:
        """Run the bare network over a batch."""
        with paddle.no_grad():
            self._tunable.network(paddle.to_tensor(self.pixels))

    def load(self) -> None:
        """Read, vary and resize the crops of a batch."""
        self._crops = load(self._wanted(), 0)

    def whole_step(self, distilled: float) -> None:
        """Make a step with every layer tuned, on crops that are loaded."""
        stepper, average = self._tune("whole")
        stepper.on_crops(self._mixed(distilled), 0, self._done, RATE, crops=self._crops)
        average.add()
        self._done += 1

    def cached_step(self, distilled: float) -> None:
        """Make a step of the head on features that are kept."""
        stepper, average = self._tune("head")
        stepper.on_features(self._mixed(distilled), self._done % 2, self._done, RATE)
        average.add()
        self._done += 1

    def loaded_steps(self, count: int) -> float:
        """Make whole steps on crops of a worker process; give the seconds waited for them.

        The first batch waits for the process to start, once an epoch: it is left out.
        """
        stepper, average = self._tune("whole")
        waiting = Waiting()
        with loading(1, 0, waiting) as loader:
            crops = loader([self._wanted()] * (count + 1))
            next(crops)
            begun = waiting.waited
            for own in crops:
                stepper.on_crops(self._mixed(0.0), 0, self._done, RATE, crops=own)
                average.add()
        return waiting.waited - begun

    def _wanted(self) -> list[Wanted]:
        # Both variants, half and half, as two epochs would show them.
        return [
            Wanted(self._data / line.path, line.path, number % self._plan.versions)
            for number, line in enumerate(self._labelled)
        ]

    def _mixed(self, distilled: float) -> list[TrainingLine]:
        count = round(distilled * self.batch)
        lines = [
            replace(line, ids=()) if number < count else line
            for number, line in enumerate(self._labelled)
        ]
        return in_order(lines)

    def _tune(self, part: Part) -> tuple[Stepper, Average]:
        if self._tuned != part:
            self._tunable.choose(part, dropout=self._plan.dropout)
            updater = Updater(self._tunable, self._plan, self._tunable.tensors())
            self._stepper = Stepper(
                self._tunable, updater, self._plan, self._stores, Ranks(), seed=0
            )
            self._average = Average(self._tunable, None, is_on=self._plan.average)
            self._tuned = part
        return self._stepper, self._average


def lines_in(data: Path, alphabet: Alphabet, bucket: int) -> list[TrainingLine]:
    """Read the rendered lines that fit; they count as originals, so that they are varied."""
    original = kinds_of([("original", "original")])[0]
    listed = read_labels(data / "rec_gt_train.txt", tally=Tally())
    raw = [ListedLine(line, original) for line in listed]
    found = training_lines(
        raw,
        sizes_of([line.path for line, _ in raw], data),
        alphabet,
        data=data,
        bucket=bucket,
        max_length=25,
        tally=Tally(),
    )
    return [line for line in found if line.width == WIDTH]


def rendered(data: Path, count: int) -> Path:
    """Render lines into a folder, and return it."""
    options = {
        "--chars": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "--count": count,
        "--style": "document",
        "--repeat-cap": 0,
        "--workers": 1,
        "--out": data,
    }
    synth = str(Path(sys.executable).with_name("synth"))
    words = [str(word) for pair in options.items() for word in pair]
    subprocess.run([synth, "generate", *words], check=True, stdout=sys.stderr)
    return data


def made_world(base: Path, folder: Path, batch: int) -> World:
    """Render lines and make a world of them."""
    data = rendered(folder / "rendered", RENDERED * batch)
    paddle.seed(0)
    return World(base, data, folder, batch)
