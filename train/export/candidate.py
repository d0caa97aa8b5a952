"""`candidate/`: one folder that PaddleOCR 3.x, onnxruntime and this project read alike.

`inference.json`, `inference.pdiparams` and `inference.yml` are what PaddleOCR opens,
`inference.onnx` what RapidOCR and onnxruntime do, `dictionary.txt` the entries, `export.toml` what
all this was made of and how near the forms read, `history.json` what the model has seen.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.labels.dictionary_files import read_entries
from textlines.labels.tally import Tally
from textlines.progress import Watcher, unwatched
from train.export.checkpoint import CHECKPOINT, write_training_checkpoint
from train.export.onnx_file import write_onnx
from train.export.proof import prove
from train.export.source import ExportSource
from train.networks.build import Recognizer, fuse
from train.reading.configuration import MODEL_NAMES, configuration_text, model_name_for
from train.reading.exported_record import FORMAT, RECORD
from train.reading.model_source import CONFIGURATION, PARAMETERS
from train.seen.history_io import write_history
from train.weights.base_folder import DICTIONARY, GRAPH, MODEL, Parity
from train.weights.convert import library_versions
from train.weights.graph_export import export_program
from train.weights.probe_lines import ProbeLine, fixed_lines, real_lines
from train.weights.readers import loaded, onnx_reader, paddle_reader
from train.weights.toml_text import to_toml
from train.weights.whole_folder import appearing

MOST_REAL = 64
"""Real lines that both forms are read on."""

PROGRAM = "inference.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export.

    Attributes:
        path: of the folder. model_name: under which paddleocr opens it.
        files: sha256 by name, without the record.
        parity: how near each form reads to the network.
        left_out: of the label file given for it, counts by reason.
    """

    path: Path
    source: ExportSource
    model_name: str
    files: Mapping[str, str]
    parity: tuple[Parity, ...]
    left_out: Tally


def write_candidate(
    source: ExportSource,
    out: Path,
    *,
    labels: Path | None = None,
    images: Path | None = None,
    model_name: str | None = None,
    with_checkpoint: bool = False,
    watch: Watcher = unwatched,
) -> Exported:
    """Write the folder, whole or not at all.

    Args:
        out: of the folder; an earlier export in its place is replaced.
        labels, images: real lines to read, beside the fixed ones.
        model_name: for paddleocr, which knows its own names only; None finds one.
        with_checkpoint: also write `.pdparams` for PaddleOCR's own training.

    Raises:
        InputError: a form reads otherwise than the network, the name is none of the network's
            family, `out` holds something else or cannot be written.
    """
    base = source.base
    name = checked_name(model_name, base.spec.name, base.spec.family)
    left_out = Tally()
    lines = list(fixed_lines())
    if labels is not None:
        lines += real_lines(labels, images, left_out, MOST_REAL)
    network = fuse(loaded(base.spec, base.tensors()))
    with appearing(out, is_ours=is_candidate) as folder:
        parity = _write_forms(source, network, folder, name, lines, watch)
        if with_checkpoint:
            checkpoint = folder / CHECKPOINT
            parity = (*parity, write_training_checkpoint(base, network, lines, checkpoint))
        files = {file.name: sha256_of(file) for file in sorted(folder.iterdir())}
        if source.history is not None:
            write_history(source.history, folder)
        record = to_toml(_record(source, name, files, parity))
        (folder / RECORD).write_text(record, encoding="utf-8", newline="\n")
    return Exported(out, source, name, files, parity, left_out)


def _write_forms(
    source: ExportSource,
    network: Recognizer,
    folder: Path,
    name: str,
    lines: list[ProbeLine],
    watch: Watcher,
) -> tuple[Parity, ...]:
    """Write the graphs and their dictionary, read both back, and compare."""
    alphabet = source.base.alphabet
    text = configuration_text(name, alphabet.entries)
    (folder / CONFIGURATION).write_text(text, encoding="utf-8", newline="\n")
    (folder / DICTIONARY).write_bytes(source.base.dictionary_path.read_bytes())
    # What PaddleOCR will decode with, held against what the network was trained with.
    if read_entries(folder / CONFIGURATION)[0] != alphabet.entries:
        raise InputError(
            str(folder / CONFIGURATION), "does not give the dictionary back", "Report this."
        )
    program, weights = export_program(network, folder)
    write_onnx(program, weights, folder / GRAPH, alphabet)
    readers = [
        ("our network and the Paddle program", paddle_reader(program, weights)),
        ("our network and the ONNX file", onnx_reader(folder / GRAPH, is_own=True)),
    ]
    return prove(readers, network, lines, alphabet, watch)


def checked_name(asked: str | None, name: str, family: str) -> str:
    """Give the name for paddleocr.

    Raises:
        InputError: the one asked for is none of the family's.
    """
    if asked is not None and asked not in MODEL_NAMES[family]:
        raise InputError(
            "--model-name",
            f"{asked!r} is none that paddleocr opens a network of this kind under",
            f"Those are {', '.join(MODEL_NAMES[family])}.",
        )
    return asked or model_name_for(name, family)


def is_candidate(path: Path) -> bool:
    """Tell whether a folder is an earlier export."""
    return (path / RECORD).is_file() and (path / PARAMETERS).is_file()


def _record(
    source: ExportSource, name: str, files: Mapping[str, str], parity: tuple[Parity, ...]
) -> dict[str, Any]:
    base = source.base
    return {
        "format": FORMAT,
        "model_name": name,
        "precision": "fp32",
        "use_space_char": base.alphabet.use_space_char,
        "files": dict(files),
        "source": {
            "of": "run" if source.is_run else "base",
            "name": base.spec.name,
            "model.toml": sha256_of(base.path / MODEL),
            "weights.npz": sha256_of(base.weights_path),
            "has_history": source.history is not None,
        },
        "parity": {
            one.of: {key: value for key, value in asdict(one).items() if key != "of"}
            for one in parity
        },
        "versions": library_versions(),
    }
