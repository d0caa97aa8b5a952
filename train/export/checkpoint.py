"""The weights as PaddleOCR's own training takes them up (`Global.pretrained_model`)."""

from pathlib import Path

from train.networks.build import Recognizer
from train.weights.base_folder import BaseFolder, Parity, Tensors
from train.weights.branches import branched
from train.weights.checkpoint import read_checkpoint, write_checkpoint
from train.weights.parity import OwnReadings, compare
from train.weights.probe_lines import fixed_lines
from train.weights.readers import exact_reader, loaded, network_reader

CHECKPOINT = "pretrained.pdparams"


def training_tensors(base: BaseFolder) -> Tensors:
    """Give a recognizer's tensors with the branches that PaddleOCR trains, by its plain names."""
    return branched(base.spec, base.tensors())[1]


def write_training_checkpoint(base: BaseFolder, network: Recognizer, path: Path) -> Parity:
    """Write the checkpoint, read it back, and compare its network with the exported one.

    Args:
        network: the fused one, in evaluation mode.

    Raises:
        InputError: it reads otherwise, or cannot be written.
    """
    write_checkpoint(path, training_tensors(base))
    found = read_checkpoint(path)
    own = OwnReadings.read(fixed_lines(), network_reader(network), exact_reader(network))
    of = "our network and the training checkpoint"
    return compare(
        of, network_reader(loaded(found.spec, found.tensors)), own, base.alphabet, "fp32"
    )
