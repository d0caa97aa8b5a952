"""The forms of a candidate besides its program, and the proof that each reads as the network.

An ONNX file with its dictionary inside; and the weights as PaddleOCR's own training takes them up
(`Global.pretrained_model`). Both are read against the network a few lines at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from textlines.errors import InputError
from textlines.formats.history import HISTORY
from textlines.formats.mix import read_mix
from textlines.labels.alphabet import Alphabet
from textlines.progress import Watcher, unwatched
from train.export.export_source import PLAN, ExportSource
from train.models.base_folder import BaseFolder, Parity, Tensors
from train.models.graph_files import MARK
from train.models.records import TURN_PROPERTY, Turning
from train.networks.building import loaded
from train.networks.graph_spec import GraphSpec
from train.networks.recognizer import Recognizer
from train.tuning.train_plan import read_plan
from train.weights.checkpoint import read_checkpoint, write_checkpoint
from train.weights.graph_export import export_onnx, program_to_onnx
from train.weights.parity import OwnReadings, compare
from train.weights.probe_lines import ProbeLine, fixed_lines, mix_lines
from train.weights.readers import Reader, exact_reader, network_reader
from train.weights.tensor_names import multi_head_name
from train.weights.training_form import branched, settled

CHUNK = 16
"""Lines whose probabilities are held at a time: a line of PP-OCRv5 has 3 MB of them."""

CHECKPOINT = "pretrained.pdparams"


def write_onnx(
    network: Recognizer,
    program: Path,
    weights: Path,
    path: Path,
    alphabet: Alphabet,
    turning: Turning = "off",
) -> None:
    """Write a network as an ONNX file that holds its own dictionary.

    The metadata `character`, one entry a line and no space, is where RapidOCR looks for it.

    Args:
        network: one that is a graph is written as that graph, with its weights.
        program, weights: of any other, which are turned into ONNX.
        turning: whether crops are to be read in their turns; the file says so.

    Raises:
        InputError: the file cannot be made.
        OSError: it cannot be written.
    """
    import onnx

    if isinstance(network.spec, GraphSpec):
        export_onnx(network, path)
    else:
        program_to_onnx(program, weights, path)
    model = onnx.load(str(path))
    # A line feed behind the last entry: a blank last entry reads back as one.
    characters = "".join(f"{entry}\n" for entry in alphabet.entries)
    # The file may go into production alone: it tells that a history belongs to it.
    turns = {} if turning == "off" else {TURN_PROPERTY: turning}
    onnx.helper.set_model_props(model, {"character": characters, MARK: HISTORY, **turns})
    path.write_bytes(model.SerializeToString(deterministic=True))


def prove(
    others: Sequence[tuple[str, Reader]],
    network: Recognizer,
    lines: Sequence[ProbeLine],
    alphabet: Alphabet,
    watch: Watcher = unwatched,
) -> tuple[Parity, ...]:
    """Read all lines by the network and by the others.

    Args:
        others: what each comparison is of, in words, and who reads.
        network: in evaluation mode.

    Returns:
        One figure for each of the others; none where there is no line.

    Raises:
        InputError: one of them reads otherwise.
    """
    ours, exact = network_reader(network), exact_reader(network)
    totals: list[Parity] = []
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        readings = OwnReadings.read(chunk, ours, exact)
        figures = [compare(of, read, readings, alphabet, "fp32") for of, read in others]
        totals = (
            [together(*pair) for pair in zip(totals, figures, strict=True)] if totals else figures
        )
        watch(start + len(chunk), len(lines), "")
    return tuple(totals)


def together(proof: Parity, other: Parity) -> Parity:
    """Return the figure over the lines of both.

    >>> first = Parity(of="a and b", lines=2, largest=1e-5, same_text=1, tolerance=1e-4, ties=1)
    >>> together(first, replace(first, largest=2e-5)).largest
    2e-05
    """
    return replace(
        proof,
        lines=proof.lines + other.lines,
        largest=max(proof.largest, other.largest),
        same_text=proof.same_text + other.same_text,
        beyond=proof.beyond + other.beyond,
        ties=proof.ties + other.ties,
    )


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
    written = read_checkpoint(path)
    readings = OwnReadings.read(fixed_lines(), network_reader(network), exact_reader(network))
    of = "our network and the training checkpoint"
    return compare(
        of, network_reader(loaded(written.spec, written.tensors)), readings, base.alphabet, "fp32"
    )
