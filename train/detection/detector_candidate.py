"""`candidate/` of a detector: one folder that PaddleOCR 3.x, onnxruntime and this project read.

`inference.json` (or `inference.pdmodel`), `inference.pdiparams` and `inference.yml` are what
PaddleOCR opens, `inference.onnx` what onnxruntime does, `export.toml` says what all this was made
of and how near the forms are, `history.json` what the model has seen, `tuned.toml` where the
settings come from.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.history import History
from textlines.labels.tally import Tally
from textlines.progress import Watcher, unwatched
from textlines.regions.page_file import label_file_of
from train.detection.configuration import (
    DetectorConfiguration,
    configuration_text,
    read_configuration,
)
from train.detection.detector import Detector, graph_file
from train.detection.detector_graph import DetectorGraph, map_by, write_graph, write_program
from train.detection.detector_source import TUNED, DetectorSource
from train.detection.map_networks import MapNetwork, OnnxMaps, PaddleMaps
from train.detection.map_parity import (
    MapParity,
    ProbePage,
    Rounding,
    compare_maps,
    fixed_pages,
    real_pages,
    seeing_at_most,
)
from train.detection.training_checkpoint import (
    CHECKPOINT,
    CheckpointMaps,
    named_tensors,
    read_thresholds,
    write_training_checkpoint,
)
from train.detection.tuned_file import read_tuned
from train.export.candidate_folder import KIND, is_detector_candidate, seal, with_settled
from train.models.base_folder import Precision, appearing, library_versions, refuse_foreign
from train.models.model_sources import CONFIGURATION, MARK, source_of
from train.models.records import FORMAT, GRAPH
from train.seen import add_look
from train.weights.convert import COMPARED
from train.weights.parity import TOLERANCES

SettingsOf = Literal["run", "tuned", "deployed"]
"""Whose prediction settings an export has: the run's, those of a file that was named, or those that
the base is deployed with."""

_NOT_IN_YML = ("limit_type", "max_side_limit", "min_size")
"""Settings that paddleocr does not take from an `inference.yml`."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The settings of an export.

    Attributes:
        configuration: with them.
        of: whose they are. tuned: the file that they come from; None for those as deployed.
        note: what one must know of that file; "" for nothing.
    """

    configuration: DetectorConfiguration
    of: SettingsOf
    tuned: Path | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExportedDetector:
    """What came of an export.

    Attributes:
        path: of the folder.
        files: sha256 by name, without the record.
        is_same_program: whether the Paddle program is the one that the graph was converted from;
            else the graph was exported anew.
        parity: how near the forms are.
        left_out: of the label file given for it, counts by reason.
        history: that the folder carries: the source's, and what this export looked at.
    """

    path: Path
    source: DetectorSource
    settled: Settled
    files: Mapping[str, str]
    is_same_program: bool
    parity: tuple[MapParity, ...]
    left_out: Tally
    history: History


def settle_settings(
    source: DetectorSource, *, tuned: Path | None = None, as_deployed: bool = False
) -> Settled:
    """Choose the settings of an export: by default the run's, which for no run are those deployed.

    Args:
        tuned: a `tuned.toml`, whose settings are taken. as_deployed: take those of the base.

    Raises:
        InputError: a file is broken.
    """
    if as_deployed:
        return Settled(source.deployed, "deployed")
    file = tuned or source.tuned
    known = source.detector.configuration
    if file is None:
        return Settled(known, "run" if source.is_run else "deployed")
    found = read_tuned(file)
    note = ""
    weights = set(source.detector.source.hashes().values())
    if found.model_files and not weights & set(found.model_files.values()):
        note = f"{file} was searched on other weights ({found.model}): tune these for their own"
    configuration = replace(known, settings=found.settings.settings())
    return Settled(configuration, "tuned" if tuned else "run", file, note)


def write_detector(
    source: DetectorSource,
    out: Path,
    settled: Settled,
    *,
    labels: Path | None = None,
    images: Path | None = None,
    with_checkpoint: bool = False,
    watch: Watcher = unwatched,
) -> ExportedDetector:
    """Write the folder, whole or not at all.

    Args:
        out: of the folder; an earlier export of a detector in its place is replaced.
        labels, images: pages to compare the forms on, beside those drawn here.
        with_checkpoint: also write `pretrained.pdparams` for PaddleOCR's own training; its
            normalisations get the statistics of the pages of `labels`. A branch of thresholds that
            the source's run has taught stands in it.

    Raises:
        InputError: a form gives other maps than the model as it came, an operator cannot be
            exported, the checkpoint is asked for and the network is none that it is known of,
            `out` holds something else or cannot be written.
        ValueError: a checkpoint is asked for without labels.
    """
    refuse_foreign(out, is_detector_candidate)
    left_out, history = Tally(), source.history
    real: Sequence[ProbePage] = ()
    if labels is not None:
        real = real_pages(labels, images, left_out)
        history = _with_pages(history, label_file_of(labels), real, is_settled=with_checkpoint)
    elif with_checkpoint:
        raise ValueError("a checkpoint is settled on pages, and there are none")
    pages = [*fixed_pages(), *real]
    graph = DetectorGraph.read(graph_file(source.detector.source))
    tensors = named_tensors(graph) if with_checkpoint else None
    thresholds = None
    if with_checkpoint and source.thresholds is not None:
        thresholds = read_thresholds(source.thresholds)
    detector = source.detector.with_settings(settled.configuration.settings)
    with appearing(out, is_ours=is_detector_candidate) as folder:
        write_graph(graph, folder / GRAPH)
        is_same = write_program(graph, source.program, folder)
        _write_configuration(settled, folder)
        if tensors is not None:
            seen = seeing_at_most(detector)
            prepared = (seen.prepared(page.image, seen.settings) for page in real)
            write_training_checkpoint(tensors, prepared, folder / CHECKPOINT, thresholds)
        parity = _proven(detector, graph, folder, pages, watch)
        files = seal(
            folder, history, lambda files: _record(source, settled, files, parity, is_same)
        )
    return ExportedDetector(out, source, settled, files, is_same, parity, left_out, history)


def _write_configuration(settled: Settled, folder: Path) -> None:
    """Write `inference.yml`, and the file of settings that it was made by.

    Raises:
        InputError: it does not give the settings back that it can hold.
    """
    path = folder / CONFIGURATION
    text = f"{MARK}\n{configuration_text(settled.configuration)}"
    path.write_text(text, encoding="utf-8", newline="\n")
    wanted, read = settled.configuration, read_configuration(path)
    known = {name: getattr(read.settings, name) for name in _NOT_IN_YML}
    if replace(wanted, settings=replace(wanted.settings, **known)) != read:
        raise InputError(str(path), "does not give the settings back", "Report this.")
    if settled.tuned is not None:
        shutil.copyfile(settled.tuned, folder / TUNED)


def _with_pages(
    history: History, labels: Path, pages: Sequence[ProbePage], *, is_settled: bool
) -> History:
    """Add what the pages were seen for: comparing the forms is a look, settling on them is not."""
    is_rendered = any(page.is_rendered for page in pages)
    history = add_look(history, COMPARED, labels, len(pages), synthetic=is_rendered)
    if not is_settled:
        return history
    files = [page.file for page in pages if page.file is not None]
    return with_settled(history, labels, files, synthetic=is_rendered)


def _proven(
    detector: Detector,
    graph: DetectorGraph,
    folder: Path,
    pages: Sequence[ProbePage],
    watch: Watcher,
) -> tuple[MapParity, ...]:
    """Read back what was written, and compare the maps of all pages.

    Args:
        detector: the model as it came, with the settings of the export.

    Raises:
        InputError: a form gives other maps.
    """
    onnx = OnnxMaps(folder / GRAPH, is_own=True)
    pairs: list[tuple[str, MapNetwork, MapNetwork, Precision]] = [
        ("the model as it came and the ONNX file", detector.network, onnx, graph.precision),
        ("the ONNX file and the Paddle program", onnx, PaddleMaps(source_of(folder)), "fp32"),
    ]
    if (folder / CHECKPOINT).is_file():
        checkpoint = CheckpointMaps(folder / CHECKPOINT)
        pairs.append(("the ONNX file and the training checkpoint", onnx, checkpoint, "fp32"))
    rounding = Rounding(
        lambda: partial(map_by, graph.network()),
        lambda: partial(map_by, graph.network("float64"), precision="float64"),
    )
    count, done = len(pairs) * len(pages), 0
    proofs = []
    for of, first, second, precision in pairs:

        def seen(page: int, _: int, told: str, before: int = done) -> None:
            watch(before + page, count, told)

        proofs.append(
            compare_maps(
                of,
                first,
                second,
                pages,
                detector,
                rounding,
                tolerance=TOLERANCES[precision],
                watch=seen,
            )
        )
        done += len(pages)
    return tuple(proofs)


def _record(
    source: DetectorSource,
    settled: Settled,
    files: Mapping[str, str],
    parity: tuple[MapParity, ...],
    is_same_program: bool,
) -> dict[str, Any]:
    tuned = {TUNED: sha256_of(settled.tuned)} if settled.tuned is not None else {}
    return {
        "format": FORMAT,
        KIND: "detector",
        "model_name": settled.configuration.model_name,
        "precision": "fp32",
        "program": "kept" if is_same_program else "anew",
        "files": dict(files),
        "source": {
            "of": "run" if source.is_run else "model",
            "name": source.name,
            **source.detector.hashes(),
            **{file.name: sha256_of(file) for file in (source.program, source.thresholds) if file},
            "has_history": not source.history.gaps,
        },
        "settings": {"of": settled.of, **tuned, **asdict(settled.configuration.settings)},
        "parity": {
            proof.of: {key: value for key, value in asdict(proof).items() if key != "of"}
            for proof in parity
        },
        "versions": library_versions(),
    }
