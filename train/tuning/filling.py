"""Features and posteriors of a plan's lines, by the base model, on all cores."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from textlines.files import raise_if_of_the_machine, read_regular
from textlines.pixels.resize import STRIDE
from textlines.progress import Watcher, unwatched
from train.tuning.cache import Row, Shape, WidthStore
from train.tuning.kept_features import Computed, KeptFeatures
from train.tuning.lines import TrainingLine
from train.tuning.loading import as_input, load
from train.tuning.ranks import Ranks
from train.tuning.train_plan import StepPlan
from train.tuning.variants import Wanted

CHUNK = 16
"""Rows between two notes of what is done, and that fall to one process."""


class BaseReader(Protocol):
    """The base model: by onnxruntime on the CPU (`graph`), by Paddle on a GPU (`device_reader`).

    Attributes:
        lines_at_once: that it reads best.
    """

    lines_at_once: int

    def computed(
        self, lines: npt.NDArray[np.float32], top: int, closed: Sequence[int]
    ) -> list[Computed]:
        """Return features and posteriors of N x 3 x 48 x W lines; several threads may call it."""
        ...


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
    """Name what an epoch shows of a line: each variant in turn, the plain one first.

    Rendered lines carry effects already and are shown as they are. A labelled line that stands
    several times in a list is shown in several variants.
    """
    versions = plan.versions if line.is_distilled else plan.labelled_versions
    if line.is_rendered or plan.augment == "none":
        versions = 1
    version = (epoch + line.copy) % versions
    return Row(line.path, version, line.turn, moves=version > 0 and not line.is_distilled)


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
    reader: BaseReader,
    data: Path,
    *,
    seed: int,
    top: int,
    closed: Sequence[int] = (),
    workers: int,
    kept: KeptFeatures | None = None,
    ranks: Ranks | None = None,
    watch: Watcher = unwatched,
) -> int:
    """Compute what is missing, and return how many rows that were.

    Args:
        closed: classes that the base model did not have: no target holds them.
        kept: rows of other runs, which grow by those of this one.
        ranks: who shares the rows; None for this process alone.

    Raises:
        InputError: an image is not there any more, or the disk is full.
    """
    chunks = list(_chunks(stores, max(CHUNK, reader.lines_at_once), ranks or Ranks()))
    total = sum(len(own) for _, own, _ in chunks)
    done = total - sum(len(numbers) for _, _, numbers in chunks)
    filled = 0
    watch(done, total, "")

    def compute(one: tuple[int, Sequence[int], list[int]]) -> int:
        width, _, numbers = one
        store = stores[width]
        found: dict[int, Computed] = {}
        places: dict[int, Path | None] = {}
        for number in numbers:
            row = store.rows[number]
            places[number] = _place(kept, data / row.path, row, width, store.shape)
            place = places[number]
            known = kept.find(place, store.shape) if kept and place else None
            if known is not None:
                found[number] = known
        left = [number for number in numbers if number not in found]
        for at in range(0, len(left), reader.lines_at_once):
            part = left[at : at + reader.lines_at_once]
            crops = load([Wanted(data / store.rows[n].path, *store.rows[n]) for n in part], seed)
            read = reader.computed(as_input(crops, width), top, closed)
            for number, computed in zip(part, read, strict=True):
                place = places[number]
                if kept and place:
                    kept.keep(place, computed)
                found[number] = computed
        if numbers:
            parts = zip(*(found[number] for number in numbers), strict=True)
            features, classes, shares = (np.stack(part) for part in parts)
            store.put(numbers, features, classes, shares)
        return len(numbers)

    with ThreadPoolExecutor(workers, thread_name_prefix="features") as pool:
        for count in pool.map(compute, chunks):
            filled += count
            watch(done + filled, total, "")
    for store in stores.values():
        store.flush()
    return filled


def _place(
    kept: KeptFeatures | None, path: Path, row: Row, width: int, shape: Shape
) -> Path | None:
    """Return where a row is kept; None where none are, and for an image that cannot be read."""
    if kept is None:
        return None
    try:
        return kept.place(read_regular(path), row, width, shape)
    except OSError as error:  # computing it says what is wrong with the image
        raise_if_of_the_machine(path, error)
        return None


def _chunks(
    stores: dict[int, WidthStore], size: int, ranks: Ranks
) -> Iterator[tuple[int, Sequence[int], list[int]]]:
    """Give the rows that fall to a process: width, numbers, and those of them that are missing.

    By their numbers, not by what is missing: processes that look at different moments agree.
    """
    every = [
        (width, range(at, min(at + size, len(store.rows))))
        for width, store in stores.items()
        for at in range(0, len(store.rows), size)
    ]
    missing = {width: set(store.missing()) for width, store in stores.items()}
    for width, numbers in ranks.share(every):
        yield width, numbers, [number for number in numbers if number in missing[width]]
