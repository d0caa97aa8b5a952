"""Features and posteriors of a plan's lines, by the base model, on all cores."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textlines.pixels.resize import STRIDE
from textlines.progress import Watcher, unwatched
from train.tuning.cache import Row, Shape, WidthStore
from train.tuning.graph import FeatureReader
from train.tuning.lines import TrainingLine
from train.tuning.loading import as_input, load
from train.tuning.losses import posterior_of
from train.tuning.plan_model import StepPlan
from train.tuning.variants import Wanted, version_of

CHUNK = 16
"""Rows between two notes of what is done."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What the epochs of a run need: rows by padded width, each once, in order."""

    rows: dict[int, tuple[Row, ...]]

    @classmethod
    def of(
        cls,
        epochs: Sequence[Sequence[TrainingLine]],
        plan: StepPlan,
        *,
        features: bool,
    ) -> "Needed":
        """List the lines of all epochs with the variants that they are shown in.

        Args:
            epochs: the lines of each epoch that is run, in order.
            features: all lines are needed; else only distilled ones.
        """
        found: dict[int, set[Row]] = {}
        for epoch, lines in enumerate(epochs):
            for line in lines:
                if features or line.is_distilled:
                    found.setdefault(line.width, set()).add(row_of(line, epoch, plan))
        return cls({width: tuple(sorted(rows)) for width, rows in sorted(found.items())})

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))


def row_of(line: TrainingLine, epoch: int, plan: StepPlan) -> Row:
    """Name what an epoch shows of a line."""
    version = version_of(epoch, plan.versions, is_rendered=line.is_rendered, augment=plan.augment)
    return line.path, version, line.turn


def opened(
    folder: Path, needed: Needed, *, channels: int, classes: int, plan: StepPlan
) -> dict[int, WidthStore]:
    """Open the store of each padded width.

    Args:
        channels: of the features; 0 keeps posteriors only.

    Raises:
        InputError: the disk is full, or the folder belongs to another plan.
    """
    top = min(plan.distil_top, classes)
    return {
        width: WidthStore(folder, width, rows, Shape(channels, width // STRIDE, top))
        for width, rows in needed.rows.items()
    }


def fill(
    stores: dict[int, WidthStore],
    reader: FeatureReader,
    data: Path,
    *,
    seed: int,
    top: int,
    closed: Sequence[int] = (),
    workers: int,
    watch: Watcher = unwatched,
) -> int:
    """Compute what is missing, and give how many rows that were.

    Args:
        closed: classes that the base model did not have: no target holds them.

    Raises:
        InputError: an image is not there any more, or the disk is full.
    """
    total = sum(len(store.rows) for store in stores.values())
    chunks = list(_chunks(stores))
    done = total - sum(len(numbers) for _, numbers in chunks)
    filled = 0
    watch(done, total, "")

    def compute(one: tuple[int, list[int]]) -> int:
        width, numbers = one
        store = stores[width]
        rows = [store.rows[number] for number in numbers]
        crops = load(
            [Wanted(data / path, path, version, turn) for path, version, turn in rows], seed
        )
        # One line at a time: its activations stay in the cache.
        read = [reader.read(as_input([crop], width)) for crop in crops]
        probabilities = np.concatenate([one for one, _ in read])
        probabilities[..., list(closed)] = 0
        classes, shares = posterior_of(probabilities, top)
        features = np.concatenate([two for _, two in read]).astype(np.float16)
        store.put(numbers, features, classes, shares)
        return len(numbers)

    with ThreadPoolExecutor(workers, thread_name_prefix="features") as pool:
        for count in pool.map(compute, chunks):
            filled += count
            watch(done + filled, total, "")
    for store in stores.values():
        store.flush()
    return filled


def _chunks(stores: dict[int, WidthStore]) -> Iterator[tuple[int, list[int]]]:
    for width, store in stores.items():
        missing = list(store.missing())
        for at in range(0, len(missing), CHUNK):
            yield width, missing[at : at + CHUNK]
