"""Features and posteriors of a plan's lines, by the base model, on all cores."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textlines.files import raise_if_of_the_machine, read_regular
from textlines.pixels.resize import STRIDE
from textlines.progress import Watcher, unwatched
from train.tuning.cache import Row, Shape, WidthStore
from train.tuning.graph import FeatureReader
from train.tuning.kept_features import Computed, KeptFeatures
from train.tuning.lines import TrainingLine
from train.tuning.loading import as_input, load
from train.tuning.losses import posterior_of
from train.tuning.plan_model import StepPlan
from train.tuning.variants import Wanted

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
    reader: FeatureReader,
    data: Path,
    *,
    seed: int,
    top: int,
    closed: Sequence[int] = (),
    workers: int,
    kept: KeptFeatures | None = None,
    watch: Watcher = unwatched,
) -> int:
    """Compute what is missing, and give how many rows that were.

    Args:
        closed: classes that the base model did not have: no target holds them.
        kept: rows of other runs, which grow by those of this one.

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
        found: list[Computed] = []
        for number in numbers:
            row = store.rows[number]
            place = _place(kept, data / row.path, row, width, store.shape)
            known = kept.find(place, store.shape) if kept and place else None
            if known is None:
                known = _computed(reader, data, row, width, seed=seed, top=top, closed=closed)
                if kept and place:
                    kept.keep(place, known)
            found.append(known)
        features, classes, shares = (np.stack(part) for part in zip(*found, strict=True))
        store.put(numbers, features, classes, shares)
        return len(numbers)

    with ThreadPoolExecutor(workers, thread_name_prefix="features") as pool:
        for count in pool.map(compute, chunks):
            filled += count
            watch(done + filled, total, "")
    for store in stores.values():
        store.flush()
    return filled


def _computed(
    reader: FeatureReader,
    data: Path,
    row: Row,
    width: int,
    *,
    seed: int,
    top: int,
    closed: Sequence[int],
) -> Computed:
    # One line at a time: its activations stay in the processor's cache.
    crops = load([Wanted(data / row.path, *row)], seed)
    probabilities, features = reader.read(as_input(crops, width))
    probabilities[..., list(closed)] = 0
    classes, shares = posterior_of(probabilities, top)
    return features[0].astype(np.float16), classes[0], shares[0]


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


def _chunks(stores: dict[int, WidthStore]) -> Iterator[tuple[int, list[int]]]:
    for width, store in stores.items():
        missing = list(store.missing())
        for at in range(0, len(missing), CHUNK):
            yield width, missing[at : at + CHUNK]
