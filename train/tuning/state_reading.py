"""Readers of the stopping sets with the weights that a run has reached."""

from collections.abc import Sequence
from pathlib import Path

from train.models.base_folder import Tensors
from train.reading.engine import CtcEngine
from train.reading.engine_networks import OnnxNetwork
from train.tuning.device_reader import DeviceEngine, DeviceReader
from train.tuning.graph import FeatureReader, HeadReader
from train.tuning.judging import Standing, StopSet, judge_by
from train.tuning.judging_features import FeatureEngine, Features, features_of
from train.tuning.of_base import BASE_GRAPH, OfBase
from train.tuning.prepared_run import Ready
from train.tuning.ranks import Ranks, cores_of

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
            own = DeviceReader(self._of_base.reader.spec, self._base, self._ready.plan.device)
            return DeviceEngine(own, self._ready.start.alphabet)
        return self.engine(self._base)

    def _find_features(self) -> None:
        self._asks = False
        path = self._cache / BASE_GRAPH
        if self._of_base.graph:
            self._of_base.graph.write(self._base, path)
        self._ranks.barrier()
        cores = cores_of(self._ranks)
        found = features_of(
            FeatureReader(path), self._sets, cores, self._channels, self._given, self._ranks
        )
        self._features = found
