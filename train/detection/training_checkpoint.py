"""`pretrained.pdparams`: an exported detector's weights as PaddleOCR's own training takes them up.

Its names are lost in exported graphs, its branches are fused, and of its two heads one is left; the
other comes from a run that has taught one anew (`train det plan --threshold-branch on`). The
network of PP-OCRv4 and v5 mobile is defined here; a graph is taken for it where its weights, in the
order in which they are used, are the network's in number and size; and the file that comes of it is
read back and must give the same maps.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import paddle
from paddle import nn

from textlines.array_files import read_npz
from textlines.errors import InputError
from train.detection.detector_graph import DetectorGraph
from train.detection.map_networks import Prepared
from train.detection.postprocessing import ProbabilityMap
from train.models.base_folder import Tensors
from train.models.unpickling import read_pickle
from train.networks.mobile_detector import MapHead, MobileDetector
from train.networks.rep_conv import Affine
from train.networks.threshold_branch import BRANCH
from train.weights.checkpoint import as_float32, write_checkpoint
from train.weights.training_form import rep_part, settle, spread_over

CHECKPOINT = "pretrained.pdparams"

WITHOUT = (
    "pretrained.pdparams holds no head.thresh: no exported file has that branch, and PaddleOCR's "
    "training begins it anew; a run of train det plan --threshold-branch on has one"
)

WITH = (
    "pretrained.pdparams holds head.thresh as the run has taught it, beside its last weights "
    "(alpha 1): PaddleOCR's training goes on with it"
)

_TRIAL_SIDE = 32
"""In pixels, of the page that the network is run on to see what it uses when."""

_OF_LEAF: tuple[tuple[type[nn.Layer], tuple[str, ...]], ...] = (
    (nn.BatchNorm2D, ("weight", "bias", "_mean", "_variance")),
    (Affine, ("scale", "bias")),
    (nn.Conv2D, ("weight", "bias")),
    (nn.Conv2DTranspose, ("weight", "bias")),
)
"""Tensors of a layer in the order in which a graph takes them in."""


class CheckpointMaps:
    """Computes maps by a checkpoint's network, in evaluation."""

    def __init__(self, path: Path) -> None:
        """Read a checkpoint that `write_training_checkpoint` wrote."""
        self.name = "the training checkpoint"
        self._network = MobileDetector(is_fused=False)
        self._network.eval()
        tensors = read_pickle(path)
        self._network.set_state_dict({name: paddle.to_tensor(a) for name, a in tensors.items()})

    def map_of(self, prepared: Prepared) -> ProbabilityMap:
        """Run the network on one page."""
        with paddle.no_grad():
            map_ = self._network(paddle.to_tensor(prepared)).numpy()[0, 0]
        return np.asarray(map_, np.float32)


def named_tensors(graph: DetectorGraph) -> Tensors:
    """Return the weights of a graph by the names that PaddleOCR has for the fused network.

    Raises:
        InputError: it is not the network of PP-OCRv4 and v5 mobile, as far as numbers and sizes
            tell; says where they part.
    """
    wanted = _names_in_use(MobileDetector(is_fused=True))
    held = list(dict.fromkeys(_held_in_use(graph)))
    if len(held) != len(wanted):
        raise _not_the_network(graph, f"it has {len(held)} weights, not {len(wanted)}")
    tensors = {}
    for number, (name, (wanted_name, shape)) in enumerate(zip(held, wanted.items(), strict=True)):
        array = graph.weights[name]
        if [size for size in array.shape if size != 1] != [size for size in shape if size != 1]:
            sizes = " x ".join(map(str, array.shape))
            raise _not_the_network(
                graph, f"weight {number + 1}, {name}, is {sizes} in the place of {wanted_name}"
            )
        tensors[wanted_name] = array.reshape(shape)
    return tensors


def _not_the_network(graph: DetectorGraph, how: str) -> InputError:
    return InputError(
        f"--pdparams: {graph.where}",
        f"is not the network that PaddleOCR trains as PP-OCRv4 or v5 mobile ({how})",
        "Train it here, or start PaddleOCR's training from the model's own _pretrained.pdparams.",
    )


def _held_in_use(graph: DetectorGraph) -> Iterator[str]:
    """List the weights of a graph as its nodes take them in."""
    for node in graph.program.nodes:
        yield from (name for name in node.inputs if name in graph.program.held)


def _names_in_use(network: nn.Layer) -> Mapping[str, tuple[int, ...]]:
    """Return the sizes of a network's tensors by name, in the order in which they are used."""
    network.eval()
    used: dict[str, tuple[int, ...]] = {}
    state = network.state_dict()

    def note(prefix: str, names: tuple[str, ...]) -> Any:
        def hook(layer: Any, inputs: Any) -> None:
            for name in names:
                if f"{prefix}.{name}" in state:
                    used[f"{prefix}.{name}"] = tuple(state[f"{prefix}.{name}"].shape)

        return hook

    for prefix, layer in network.named_sublayers():
        for kind, names in _OF_LEAF:
            if isinstance(layer, kind):
                layer.register_forward_pre_hook(note(prefix, names))
    with paddle.no_grad():
        network(paddle.zeros([1, 3, _TRIAL_SIDE, _TRIAL_SIDE]))
    return used


def read_thresholds(path: Path) -> Tensors:
    """Read the branch of thresholds that a run has taught, by PaddleOCR's names.

    Raises:
        InputError: the file is broken, or holds the branch of another network.
    """
    mend = "Export without --pdparams, or train in a new run folder."
    found = read_npz(path, "the branch of thresholds", mend)
    wanted = {
        f"{BRANCH}{name}": tuple(value.shape) for name, value in MapHead().state_dict().items()
    }
    if {name: array.shape for name, array in found.items()} != wanted:
        raise InputError(str(path), "holds no branch of PP-OCRv4 or v5 mobile", mend)
    return {name: as_float32(str(path), name, array) for name, array in found.items()}


def write_training_checkpoint(
    tensors: Tensors,
    pages: Iterable[npt.NDArray[np.float32]],
    path: Path,
    thresholds: Tensors | None = None,
) -> None:
    """Write a checkpoint with the branches that PaddleOCR trains.

    Args:
        tensors: of the fused network, as `named_tensors` returns them.
        thresholds: as of `read_thresholds`, written as they are: blending with stock leaves them
            alone, since stock has none, and training goes by the statistics of its own batches.
        pages: whose statistics the normalisations get, as the network takes them: PaddleOCR trains
            by those of its batches.

    Raises:
        InputError: it cannot be written.
    """
    network = MobileDetector(is_fused=False)
    network.eval()
    spread = spread_over(network, tensors, rep_part)
    network.set_state_dict({name: paddle.to_tensor(array) for name, array in spread.items()})
    settle(network, pages)
    settled = {name: value.numpy() for name, value in network.state_dict().items()}
    write_checkpoint(path, {**settled, **(thresholds or {})})
