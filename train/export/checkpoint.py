"""The weights as PaddleOCR's own training takes them up (`Global.pretrained_model`)."""

from collections.abc import Sequence
from pathlib import Path

from train.networks.build import Recognizer
from train.weights.base_folder import BaseFolder, Parity, Tensors
from train.weights.branches import branched
from train.weights.checkpoint import read_checkpoint, write_checkpoint
from train.weights.parity import OwnReadings, compare
from train.weights.probe_lines import ProbeLine, fixed_lines
from train.weights.readers import exact_reader, loaded, network_reader
from train.weights.settling import settle

CHECKPOINT = "pretrained.pdparams"


def training_tensors(base: BaseFolder, lines: Sequence[ProbeLine]) -> Tensors:
    """Give a recognizer's tensors with the branches that PaddleOCR trains, by its plain names.

    Args:
        lines: whose statistics the normalisations get: PaddleOCR trains by those of its batches.
    """
    network = loaded(*branched(base.spec, base.tensors()))
    settle(network, lines)
    return {name: value.numpy() for name, value in network.state_dict().items()}


def write_training_checkpoint(
    base: BaseFolder, network: Recognizer, lines: Sequence[ProbeLine], path: Path
) -> Parity:
    """Write the checkpoint, read it back, and compare its network with the exported one.

    Args:
        network: the fused one, in evaluation mode.
        lines: for `training_tensors`.

    Raises:
        InputError: it reads otherwise, or cannot be written.
    """
    write_checkpoint(path, training_tensors(base, lines))
    found = read_checkpoint(path)
    own = OwnReadings.read(fixed_lines(), network_reader(network), exact_reader(network))
    of = "our network and the training checkpoint"
    return compare(
        of, network_reader(loaded(found.spec, found.tensors)), own, base.alphabet, "fp32"
    )
