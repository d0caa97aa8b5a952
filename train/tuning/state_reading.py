"""Readers of the stopping sets with the weights that a run has reached.

Where the backbone stays, stopping lines are read from its features: a tenth of reading them whole.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.labels.alphabet import Alphabet
from textlines.pixels.arrays import Image
from train.reading.ctc import Line, Probabilities, read_best, read_probabilities
from train.reading.engine import CtcEngine, batch_of
from train.reading.onnx_network import ON_CPU, OnnxNetwork
from train.tuning.base_readings import BASE_GRAPH, OfBase
from train.tuning.network_readers import DeviceReader, FeatureReader, HeadReader
from train.tuning.prepared_run import Ready
from train.tuning.ranks import Ranks, cores_of
from train.tuning.stopping_sets import Standing, StopSet, judge_by, lines_of
from train.weights.base_folder import Tensors

MOST_BYTES = 1 << 29
"""Of features in memory; larger sets are read whole each time."""

Features = dict[int, npt.NDArray[np.float32]]
"""1 x C x T of each crop, by the identity of its image, which the sets hold as long as this."""


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


class FeatureEngine:
    """Reads crops whose features are known, by a head.

    Stands for `train.reading.engine.CtcEngine` on the whole graph, and gives the same bits.
    """

    batching = ON_CPU

    def __init__(self, head: HeadReader, features: Features, alphabet: Alphabet) -> None:
        self.name, self.alphabet = "onnxruntime, from features", alphabet
        self._head, self._features = head, features

    def prepare(self, image: Image) -> Image:
        """Return the crop itself: what is not among the features cannot be read."""
        return image

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        """Read crops of one padded width."""
        return read_probabilities(self.probabilities(prepared), self.alphabet)

    def probabilities(self, prepared: Sequence[Image]) -> Probabilities:
        """Return N x T x classes for crops of one padded width."""
        return self._head.read(np.concatenate([self._features[id(crop)] for crop in prepared]))


class DeviceEngine(CtcEngine):
    """Reads crops by a `DeviceReader`."""

    def __init__(self, reader: DeviceReader, alphabet: Alphabet) -> None:
        super().__init__(reader, alphabet)
        self._reader = reader

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        """Read resized crops (48 x w x 3) of one padded width."""
        best, sure = self._reader.best(batch_of(prepared))
        return read_best(best, sure, self.alphabet, self._reader.place)


JUDGED_GRAPH = "judged.onnx"


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
