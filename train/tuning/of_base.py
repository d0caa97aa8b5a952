"""What the base model gives, computed once, for one run or for several on the same lines."""

from dataclasses import dataclass
from pathlib import Path

from textlines.progress import Watching
from train.models.base_folder import Tensors
from train.networks.devices import Device
from train.tuning import filling
from train.tuning.cache import WidthStore
from train.tuning.device_reader import DeviceReader
from train.tuning.graph import FeatureReader, TuningGraph
from train.tuning.kept_features import KeptFeatures, network_key
from train.tuning.prepared_run import Ready
from train.tuning.ranks import Ranks, cores_of
from train.tuning.tunable import Tunable

BASE_GRAPH = "base.onnx"


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
            features: a folder of features that runs of one base share (`kept_features`).

        Raises:
            InputError: an image is not there any more, or the disk is full.
        """
        base, device = tunable.tensors(), ready.plan.device
        kept = None
        if features:
            closed = ready.start.new_classes()
            network = network_key(ready.start.tensors, closed, device)
            kept = KeptFeatures(features, network, ready.plan.seed)
        graph, reader = _opened(cache, ready, tunable, base, device, ranks)
        # The first process has made what is not there yet, and the others come behind it.
        if not ranks.is_first:
            ranks.barrier()
        stores = _stores(cache, ready, tunable)
        if ranks.is_first:
            ranks.barrier()
        with watching("lines read by the base model") as watch:
            filling.fill(
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
    needed = filling.Needed.of(
        [ready.lines_of(epoch) for epoch in epochs], ready.plan.step, features=has_head
    )
    return filling.opened(
        cache / "lines",
        needed,
        channels=tunable.network.backbone.channels if has_head else 0,
        classes=ready.start.spec.classes,
        plan=ready.plan.step,
    )
