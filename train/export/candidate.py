"""`candidate/`: one folder that PaddleOCR 3.x, onnxruntime and this project read alike.

`inference.json`, `inference.pdiparams` and `inference.yml` are what PaddleOCR opens,
`inference.onnx` what RapidOCR and onnxruntime do, `dictionary.txt` the entries, `export.toml` what
all this was made of and how near the forms read, `history.json` what the model has seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.history import History
from textlines.formats.rendered import holds_rendered
from textlines.labels.dictionary_files import read_dictionary
from textlines.labels.tally import Tally
from textlines.progress import Watcher, unwatched
from train.export.candidate_folder import is_candidate, seal, with_settled
from train.export.export_source import ExportSource
from train.export.exported_files import (
    CHECKPOINT,
    prove,
    settling_lines,
    write_onnx,
    write_training_checkpoint,
)
from train.models.base_folder import (
    DICTIONARY,
    Parity,
    appearing,
    library_versions,
    refuse_foreign,
)
from train.models.configuration import configuration_text, model_name_for, names_of
from train.models.model_sources import CONFIGURATION, MARK, MODEL
from train.models.records import FORMAT, GRAPH, TURN, Turning
from train.networks.building import loaded
from train.networks.graph_spec import GraphSpec
from train.networks.recognizer import Recognizer, fuse
from train.reading.turning import IN_PADDLEOCR
from train.seen import add_look
from train.weights.as_graph import constants_of, write_same
from train.weights.convert import COMPARED
from train.weights.graph_export import export_program
from train.weights.probe_lines import ProbeLine, fixed_lines, real_lines
from train.weights.readers import onnx_reader, paddle_reader
from train.weights.training_form import named_by_paddleocr

MOST_REAL = 64
"""Real lines that both forms are read on."""

Other = Literal["paddleocr", "rapidocr", "openvino"]


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export.

    Attributes:
        path: of the folder. model_name: under which paddleocr opens it.
        files: sha256 by name, without the record.
        parity: how near each form reads to the network.
        history: that the folder carries: the source's, and what this export read.
        left_out: of the label file given for it, counts by reason.
        turning: whether crops are to be read in their turns.
        settled_on: lines whose statistics the checkpoint for PaddleOCR has: "mix", those that the
            run was trained on, "labels", those of the label file; "" without a checkpoint.
    """

    path: Path
    source: ExportSource
    model_name: str
    files: Mapping[str, str]
    parity: tuple[Parity, ...]
    left_out: Tally
    history: History
    turning: Turning = "off"
    settled_on: Literal["mix", "labels", ""] = ""


def write_candidate(
    source: ExportSource,
    out: Path,
    *,
    labels: Path | None = None,
    images: Path | None = None,
    model_name: str | None = None,
    turning: Turning | None = None,
    with_checkpoint: bool = False,
    watch: Watcher = unwatched,
) -> Exported:
    """Write the folder, whole or not at all.

    Args:
        out: of the folder; an earlier export in its place is replaced.
        labels, images: real lines to read, beside the fixed ones.
        model_name: for paddleocr, which knows its own names only; None finds one.
        turning: whether crops are to be read in their turns; None as the source's record says.
        with_checkpoint: also write `.pdparams` for PaddleOCR's own training.

    Raises:
        InputError: a form reads otherwise than the network, the name is none of the network's
            family, nothing says what the checkpoint is to be trained on, `out` holds something else
            or cannot be written.
    """
    refuse_foreign(out, is_candidate)
    base = source.base
    name = checked_name(model_name, base.spec.name, base.spec.family)
    if with_checkpoint:
        named_by_paddleocr(base.spec)
    left_out = Tally()
    real = real_lines(labels, images, left_out, MOST_REAL) if labels is not None else ()
    settling = settling_lines(source, real) if with_checkpoint else None
    lines = [*fixed_lines(), *real]
    history = source.history
    if labels is not None:
        is_settled = settling is not None and settling.of == "labels"
        history = _with_lines(history, labels, images, real, is_settled=is_settled)
    network = fuse(loaded(base.spec, base.tensors()))
    turned = turning or base.turning
    with appearing(out, is_ours=is_candidate) as folder:
        parity = _write_forms(source, network, folder, name, lines, turned, watch)
        if settling:
            checkpoint = folder / CHECKPOINT
            proven = write_training_checkpoint(base, network, settling.lines, checkpoint)
            parity = (*parity, proven)
        files = seal(folder, history, lambda files: _record(source, name, files, parity, turned))
    of = settling.of if settling else ""
    return Exported(out, source, name, files, parity, left_out, history, turned, of)


def _with_lines(
    history: History,
    labels: Path,
    images: Path | None,
    lines: Sequence[ProbeLine],
    *,
    is_settled: bool,
) -> History:
    """Add what the real lines were read for.

    To compare the forms is a look. A checkpoint's normalisations get the statistics of the lines,
    and what trains on from there has them.
    """
    paths = [line.name for line in lines]
    history = add_look(history, COMPARED, labels, len(paths), images)
    if not is_settled:
        return history
    files = [(images or labels.parent) / path for path in paths]
    return with_settled(history, labels, files, synthetic=holds_rendered(labels, images))


def _write_forms(
    source: ExportSource,
    network: Recognizer,
    folder: Path,
    name: str,
    lines: list[ProbeLine],
    turning: Turning,
    watch: Watcher,
) -> tuple[Parity, ...]:
    """Write the graphs and their dictionary, read both back, and compare."""
    alphabet = source.base.alphabet
    turns = "" if turning == "off" else f"# Crops are read in their turns: {IN_PADDLEOCR}.\n"
    text = f"{MARK}\n{turns}{configuration_text(name, alphabet.entries)}"
    (folder / CONFIGURATION).write_text(text, encoding="utf-8", newline="\n")
    (folder / DICTIONARY).write_bytes(source.base.dictionary_path.read_bytes())
    # What PaddleOCR will decode with, held against what the network was trained with.
    if read_dictionary(folder / CONFIGURATION).entries != alphabet.entries:
        raise InputError(
            str(folder / CONFIGURATION), "does not give the dictionary back", "Report this."
        )
    same = None
    if source.base.program is not None and isinstance(network.spec, GraphSpec):
        same = write_same(constants_of(network.model()), source.base.program, folder)
    program, weights = same or export_program(network, folder)
    write_onnx(network, program, weights, folder / GRAPH, alphabet, turning)
    readers = [
        ("our network and the Paddle program", paddle_reader(program, weights)),
        ("our network and the ONNX file", onnx_reader(folder / GRAPH, is_own=True)),
    ]
    return prove(readers, network, lines, alphabet, watch)


def checked_name(asked: str | None, name: str, family: str) -> str:
    """Return the name for paddleocr.

    Raises:
        InputError: the one asked for is none of the family's.
    """
    if asked is not None and asked not in names_of(family):
        raise InputError(
            "--model-name",
            f"{asked!r} is none that paddleocr opens a network of this kind under",
            f"Those are {', '.join(names_of(family))}.",
        )
    return asked or model_name_for(name, family)


def _record(
    source: ExportSource,
    name: str,
    files: Mapping[str, str],
    parity: tuple[Parity, ...],
    turning: Turning,
) -> dict[str, Any]:
    base = source.base
    turns = {} if turning == "off" else {TURN: turning, "turn_in_paddleocr": IN_PADDLEOCR}
    return {
        "format": FORMAT,
        "model_name": name,
        "precision": "fp32",
        "use_space_char": base.alphabet.use_space_char,
        **turns,
        "files": dict(files),
        "source": {
            "of": "run" if source.is_run else "base",
            "name": base.spec.name,
            "model.toml": sha256_of(base.path / MODEL),
            "weights.npz": sha256_of(base.weights_path),
            "has_history": not source.history.gaps,
        },
        "parity": {
            proof.of: {key: value for key, value in asdict(proof).items() if key != "of"}
            for proof in parity
        },
        "versions": library_versions(),
    }


def opening_lines(folder: Path, model_name: str) -> Mapping[Other, str]:
    """Return an expression for each reader, to stand behind `import NAME`.

    The path stands in it as it was named. paddleocr 3 opens a network by the name of a model that
    it knows. RapidOCR 3 takes the dictionary out of the ONNX file. OpenVINO computes in half
    precision by default where the CPU can: on one such, a probability was off by .65, and in f32
    by 1e-6.

    >>> print(opening_lines(Path("out"), "PP-OCRv4_mobile_rec")["rapidocr"])
    rapidocr.RapidOCR(params={"Rec.model_path": "out/inference.onnx"})
    """
    graph, home = _quoted(folder / GRAPH), _quoted(folder)
    return {
        "paddleocr": f'paddleocr.TextRecognition(model_name="{model_name}", model_dir={home})',
        "rapidocr": f'rapidocr.RapidOCR(params={{"Rec.model_path": {graph}}})',
        "openvino": f'openvino.Core().compile_model({graph}, "CPU", '
        '{"INFERENCE_PRECISION_HINT": "f32"})',
    }


def _quoted(path: Path) -> str:
    """Write a path as Python's text, in double quotes."""
    return '"' + path.as_posix().replace("\\", "\\\\").replace('"', '\\"') + '"'
