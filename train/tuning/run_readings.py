"""What a run reads: lines by the base model, once, and stopping sets by each of its states.

Features and posteriors of a plan's lines are computed on all cores, once for one run or for several
on the same lines. Where the backbone stays, stopping lines are read from its features: a tenth of
reading them whole.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from textlines.files import raise_if_of_the_machine, read_regular
from textlines.pixels.resize import network_batch
from textlines.progress import Watcher, Watching, unwatched
from train.models.base_folder import Tensors
from train.networks.devices import Device
from train.reading.engine import CtcEngine, batch_of
from train.reading.engine_networks import OnnxNetwork
from train.tuning.crop_loading import Wanted, load
from train.tuning.feature_store import (
    Computed,
    KeptFeatures,
    LineVariant,
    Needed,
    RowShape,
    WidthStore,
    network_key,
    opened,
)
from train.tuning.network_readers import (
    DeviceEngine,
    DeviceReader,
    FeatureEngine,
    FeatureReader,
    Features,
    HeadReader,
    TuningGraph,
)
from train.tuning.prepared_run import Ready
from train.tuning.ranks import Ranks, cores_of
from train.tuning.stopping_sets import Standing, StopSet, judge_by, lines_of
from train.tuning.tunable import Tunable

CHUNK = 16
"""Rows between two notes of what is done, and that fall to one process."""

BASE_GRAPH = "base.onnx"

MOST_BYTES = 1 << 29
"""Of features in memory; larger sets are read whole each time."""

JUDGED_GRAPH = "judged.onnx"


class BaseReader(Protocol):
    """The base model: by onnxruntime on a CPU, by Paddle on a GPU (`network_readers`).

    Attributes:
        lines_at_once: that it reads best.
    """

    lines_at_once: int

    def computed(
        self, lines: npt.NDArray[np.float32], top: int, closed: Sequence[int]
    ) -> list[Computed]:
        """Return features and posteriors of N x 3 x 48 x W lines; several threads may call it."""
        ...


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
    total = sum(len(rows) for _, rows, _ in chunks)
    done = total - sum(len(numbers) for _, _, numbers in chunks)
    filled = 0
    watch(done, total, "")

    def compute(chunk: tuple[int, Sequence[int], list[int]]) -> int:
        width, _, numbers = chunk
        store = stores[width]
        ready: dict[int, Computed] = {}
        places: dict[int, Path | None] = {}
        for number in numbers:
            row = store.rows[number]
            places[number] = _place(kept, data / row.path, row, width, store.shape)
            place = places[number]
            known = kept.find(place, store.shape) if kept and place else None
            if known is not None:
                ready[number] = known
        left = [number for number in numbers if number not in ready]
        for at in range(0, len(left), reader.lines_at_once):
            part = left[at : at + reader.lines_at_once]
            crops = load([Wanted(data / store.rows[n].path, *store.rows[n]) for n in part], seed)
            read = reader.computed(network_batch(crops, width), top, closed)
            for number, computed in zip(part, read, strict=True):
                place = places[number]
                if kept and place:
                    kept.keep(place, computed)
                ready[number] = computed
        if numbers:
            parts = zip(*(ready[number] for number in numbers), strict=True)
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
    kept: KeptFeatures | None, path: Path, row: LineVariant, width: int, shape: RowShape
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
    """Yield the rows that fall to a process: width, numbers, and those of them that are missing.

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


@dataclass(frozen=True, slots=True)
class OfBase:
    """What reads, and what it read.

    Attributes:
        graph: of the network, which takes other weights; of the first process on CPUs, else None.
        reader: of the network on a GPU, which takes other weights; None on CPUs.
        stores: features and posteriors by padded width.
    """

    graph: TuningGraph | None
    reader: DeviceReader | None
    stores: dict[int, WidthStore]

    @classmethod
    def computed(
        cls,
        cache: Path,
        ready: Ready,
        tunable: Tunable,
        ranks: Ranks,
        watching: Watching,
        features: Path | None = None,
    ) -> "OfBase":
        """Open what is kept; all processes together compute what is missing.

        Args:
            cache: the folder that it is kept in, the same for all processes.
            tunable: with the weights of the base model.
            features: a folder of features that runs of one base share (`KeptFeatures`).

        Raises:
            InputError: an image is not there any more, or the disk is full.
        """
        base, device = tunable.tensors(), ready.plan.device
        kept = None
        if features:
            closed = ready.start.new_classes()
            network = network_key(ready.start.tensors, closed, device)
            kept = KeptFeatures(features, network, ready.plan.seed)
        graph, reader = _opened(
            cache=cache, ready=ready, tunable=tunable, base=base, device=device, ranks=ranks
        )
        # The first process has made what is not there yet, and the others come behind it.
        if not ranks.is_first:
            ranks.barrier()
        stores = _stores(cache, ready, tunable)
        if ranks.is_first:
            ranks.barrier()
        with watching("lines read by the base model") as watch:
            fill(
                stores,
                reader or FeatureReader(cache / BASE_GRAPH),
                ready.data,
                seed=ready.plan.seed,
                top=ready.plan.step.distil_top,
                closed=ready.start.new_classes(),
                workers=cores_of(ranks),
                kept=kept,
                ranks=ranks,
                watch=watch,
            )
        ranks.barrier()
        if ranks.world > 1:
            # Opened anew: what the others wrote, on a shared file system too.
            stores = _stores(cache, ready, tunable)
        return cls(graph, reader, stores)


def _opened(
    cache: Path, ready: Ready, tunable: Tunable, base: Tensors, device: Device, ranks: Ranks
) -> tuple[TuningGraph | None, DeviceReader | None]:
    if device == "gpu":
        return None, DeviceReader(tunable.network.spec, base, device)
    if not ranks.is_first:
        return None, None
    graph = TuningGraph(tunable, cache)
    graph.write(base, cache / BASE_GRAPH)
    return graph, None


def _stores(cache: Path, ready: Ready, tunable: Tunable) -> dict[int, WidthStore]:
    has_head = any(stage.tunes == "head" for stage in ready.plan.stages)
    epochs = range(ready.first_epoch(len(ready.plan.stages)))
    needed = Needed.of(
        [ready.lines_of(epoch) for epoch in epochs], ready.plan.step, features=has_head
    )
    return opened(
        cache / "lines",
        needed,
        channels=tunable.network.backbone.channels if has_head else 0,
        classes=ready.start.spec.classes,
        plan=ready.plan.step,
    )


def features_of(
    reader: FeatureReader,
    sets: Sequence[StopSet],
    workers: int,
    channels: int,
    known: Features | None = None,
    ranks: Ranks | None = None,
) -> Features | None:
    """Compute the features of all crops, in all their turns; None where they would not fit.

    Args:
        ranks: who shares the lines: those of this process are computed, and whether all fit is
            one answer in all of them. None for this process alone.
        reader: of the base model. channels: of its features.
        known: of crops of these sets, from an earlier call; they are not computed again.
    """
    known = known or {}
    sharing, lines = ranks or Ranks(), lines_of(sets)
    every = [crop for line in lines for crop in line.crops.values()]
    room = MOST_BYTES * sharing.world
    if sum(max(crop.shape[1], 320) // 8 * channels * 4 for crop in every) > room:
        return None
    crops = [crop for line in sharing.share(lines) for crop in line.crops.values()]
    left = [crop for crop in crops if id(crop) not in known]
    with ThreadPoolExecutor(workers, thread_name_prefix="judging") as pool:
        computed = pool.map(lambda crop: reader.read(batch_of([crop]))[1], left)
        return known | {id(crop): features for crop, features in zip(left, computed, strict=True)}


class StateReader:
    """Opens a reader for each state that is judged.

    On a GPU the network itself reads there. On CPUs it is the graph that will be deployed, or,
    where the backbone stays, what follows its features.
    """

    def __init__(
        self,
        cache: Path,
        of_base: OfBase,
        ready: Ready,
        base: Tensors,
        sets: Sequence[StopSet],
        ranks: Ranks,
        channels: int,
        known: Features | None = None,
    ) -> None:
        """Take what reads.

        Args:
            cache: the run's folder for what can be computed again, the same for all processes.
            base: the weights of the base model. channels: of its features.
            known: features of stopping sets that several runs on one base share.
        """
        self._cache, self._of_base, self._ready, self._base = cache, of_base, ready, base
        self._sets, self._ranks, self._channels = tuple(sets), ranks, channels
        self._given: Features | None = known
        self._features: Features | None = None
        # A backbone that stays gives the same features each time.
        self._asks = all(stage.tunes == "head" for stage in ready.plan.stages)

    def judge(self, tensors: Tensors) -> Standing:
        """Read the stopping sets with these weights; all processes together, each its share."""
        engine = self.engine(tensors)
        return judge_by(engine, self._sets, cores_of(self._ranks), self._ranks)

    def engine(self, tensors: Tensors) -> CtcEngine | FeatureEngine:
        """Return a reader of the stopping sets' crops; all processes call this at one place.

        Args:
            tensors: the same in all of them.
        """
        of_base, alphabet = self._of_base, self._ready.start.alphabet
        if of_base.reader:
            of_base.reader.put(tensors)
            return DeviceEngine(of_base.reader, alphabet)
        if self._asks:
            self._find_features()
        path = self._cache / JUDGED_GRAPH
        if of_base.graph:
            whole = self._features is None
            write = of_base.graph.write if whole else of_base.graph.write_head
            write(tensors, path)
        self._ranks.barrier()
        if self._features is None:
            return CtcEngine(OnnxNetwork(path), alphabet)
        return FeatureEngine(HeadReader(path), self._features, alphabet)

    def base_engine(self) -> CtcEngine | FeatureEngine:
        """Return a reader with the base model's weights, which stays when others are opened."""
        if self._of_base.reader:
            reader = DeviceReader(self._of_base.reader.spec, self._base, self._ready.plan.device)
            return DeviceEngine(reader, self._ready.start.alphabet)
        return self.engine(self._base)

    def _find_features(self) -> None:
        self._asks = False
        path = self._cache / BASE_GRAPH
        if self._of_base.graph:
            self._of_base.graph.write(self._base, path)
        self._ranks.barrier()
        cores = cores_of(self._ranks)
        features = features_of(
            reader=FeatureReader(path),
            sets=self._sets,
            workers=cores,
            channels=self._channels,
            known=self._given,
            ranks=self._ranks,
        )
        self._features = features
