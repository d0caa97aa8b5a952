"""The weights as PaddleOCR's own training takes them up (`Global.pretrained_model`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textlines.errors import InputError
from textlines.formats.mix import read_mix
from train.export.source import PLAN, ExportSource
from train.models.base_folder import BaseFolder, Parity, Tensors
from train.networks.build import loaded
from train.networks.recognizer import Recognizer
from train.tuning.plan_io import read_plan
from train.weights.checkpoint import multi_head_name, read_checkpoint, write_checkpoint
from train.weights.parity import OwnReadings, compare
from train.weights.probe_lines import ProbeLine, fixed_lines, mix_lines
from train.weights.readers import exact_reader, network_reader
from train.weights.training_form import branched, settled

CHECKPOINT = "pretrained.pdparams"


@dataclass(frozen=True, slots=True)
class SettlingLines:
    """The lines whose statistics a checkpoint's normalisations get.

    Attributes:
        of: "mix", those that the run was trained on, or "labels", those of the label file.
        lines: at least one.
    """

    of: Literal["mix", "labels"]
    lines: Sequence[ProbeLine]


def settling_lines(source: ExportSource, labelled: Sequence[ProbeLine]) -> SettlingLines:
    """Choose lines for a checkpoint: of the run's mix while it is there, else of the label file.

    Args:
        labelled: real lines that were named for the export; may be none.

    Raises:
        InputError: there are neither.
    """
    why = "is no run: nothing tells what lines it is trained on"
    if source.is_run:
        plan = read_plan(source.asked / PLAN)
        try:
            mix = read_mix(Path(plan.mix.path))
            if mix.sha256 == plan.mix.sha256:
                return SettlingLines("mix", mix_lines(mix, source.base.alphabet))
            why = f"was trained on {plan.mix.path}, which is another mix now"
        except InputError as error:
            why = f"was trained on lines that cannot be read any more ({error})"
    if labelled:
        return SettlingLines("labels", labelled)
    raise InputError(
        f"--pdparams: {source.asked}",
        why,
        "Name a label file of lines like those that will be trained on: --labels FILE.",
    )


def training_tensors(base: BaseFolder, lines: Sequence[ProbeLine]) -> Tensors:
    """Return a recognizer's tensors with the branches that PaddleOCR trains, by its names.

    What of them belongs to neck and head stands there by two names: the plain ones of a CTC
    network, and those of the published configurations, which have a second head. PaddleOCR's loader
    passes over what its network does not have.

    Args:
        lines: whose statistics the normalisations get: PaddleOCR trains by those of its batches.
    """
    plain = settled(*branched(base.spec, base.tensors()), lines)
    return {**plain, **{multi_head_name(name): array for name, array in plain.items()}}


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
