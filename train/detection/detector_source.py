"""What detector there is to export: the chosen weights of a run, or any, and what belongs to it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import read_text
from textlines.formats.history import History
from textlines.parsing import parse_toml
from train.detection.configuration import (
    DetectorConfiguration,
    published_configuration,
    read_configuration,
)
from train.detection.detector import Detector, open_detector
from train.detection.tuned_file import read_tuned
from train.export.export_source import BEST, PLAN
from train.models.base_folder import is_base
from train.models.graph_files import is_marked_onnx
from train.models.model_sources import CONFIGURATION, inherited, resolve, source_of
from train.models.records import GRAPH

BASE = "base"
"""In a run folder: the exported folder that its network came as, where it came as one."""

TUNED = "tuned.toml"

THRESHOLDS = "threshold_branch.npz"
"""In a run folder: the branch of thresholds that it taught, by PaddleOCR's names; no graph has it.
"""


@dataclass(frozen=True, slots=True)
class DetectorSource:
    """A detector to export.

    Attributes:
        asked: as it was named. name: of the model; of a run, that of its base.
        detector: its network, as onnxruntime runs it, and the configuration beside it.
        program: the Paddle program that its graph was converted from; None where it is not there.
        tuned: the settings that a run searched for these weights; None for none.
        deployed: the configuration before anything was tuned.
        history: what its steps have seen, with a gap where nobody wrote it down.
        thresholds: the file of the branch that a run taught beside it; None for none.
    """

    asked: str
    name: str
    detector: Detector
    program: Path | None
    tuned: Path | None
    deployed: DetectorConfiguration
    history: History
    is_run: bool = False
    thresholds: Path | None = None


def open_detector_source(asked: str) -> DetectorSource:
    """Open a run folder or any detector.

    Raises:
        InputError: it is neither, the run has not finished, is one of a recognizer, or a file of
            it is broken.
    """
    path = Path(asked)
    if (path / PLAN).is_file():
        return _of_run(asked, path)
    detector = open_detector(asked)
    source = detector.source
    program = None
    if source.form == "exported":
        program = source.files[0]
    elif not path.exists():  # a published name may lie in several wheels
        other = resolve(asked, "exported", role="detector")
        program = other.files[0] if other.form == "exported" else None
    is_marked = source.form == "onnx" and is_marked_onnx(source.path)
    history = inherited(source.files, is_marked=is_marked)
    return DetectorSource(
        asked, source.name, detector, program, None, detector.configuration, history
    )


def _of_run(asked: str, run: Path) -> DetectorSource:
    best = run / BEST
    if is_base(best):
        raise InputError(asked, "is the run of a recognizer", f"Export it: train export {asked}.")
    missing = [name for name in (GRAPH, CONFIGURATION) if not (best / name).is_file()]
    if missing:
        raise InputError(
            asked,
            f"is of a run that has not finished: {BEST}/ holds no {' and no '.join(missing)}",
            "Go on with it first.",
        )
    detector = open_detector(str(best / GRAPH))
    base = run / BASE
    program = source_of(base).files[0] if base.is_dir() else None
    tuned = best / TUNED if (best / TUNED).is_file() else None
    # A run that knows nothing of what it has seen has lost it: its steps have seen pages.
    history = inherited(detector.source.files, is_marked=True)
    name = _base_name(run)
    deployed = _deployed(run, name, tuned)
    branch = run / THRESHOLDS
    return DetectorSource(
        asked,
        name,
        detector,
        program,
        tuned,
        deployed,
        history,
        is_run=True,
        thresholds=branch if branch.is_file() else None,
    )


def _deployed(run: Path, name: str, tuned: Path | None) -> DetectorConfiguration:
    """Return how the base of a run is deployed.

    Raises:
        InputError: a file is broken.
    """
    configuration = run / BASE / CONFIGURATION
    if configuration.is_file():
        return read_configuration(configuration)
    known = published_configuration(name)
    if tuned is None:
        return known
    return replace(known, settings=read_tuned(tuned).deployed.settings())


def _base_name(run: Path) -> str:
    """Return the name of the model that a run began with.

    Raises:
        InputError: the plan names none.
    """
    what, mend = "the plan", "Name a run folder as it was made."
    plan: dict[str, Any] = parse_toml(read_text(run / PLAN, what), str(run / PLAN), what, mend)
    base = plan.get("base")
    name = base.get("name") if isinstance(base, dict) else None
    if not isinstance(name, str):
        raise InputError(str(run / PLAN), "names no base", mend)
    return name
