"""What there is to export: the chosen weights of a run, or any base folder, and its history."""

from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from textlines.formats.history import HISTORY, History
from train.models.base_folder import BaseFolder, is_base, read_base
from train.models.model_sources import inherited

PLAN, BEST = "plan.toml", "best"
"""In a run folder: its frozen plan, and the base folder of the weights that it chose."""


@dataclass(frozen=True, slots=True)
class ExportSource:
    """A recognizer to export.

    Attributes:
        asked: the folder as it was named.
        base: its network, weights and dictionary.
        history: what its steps have seen, with a gap where nobody wrote it down.
    """

    asked: Path
    base: BaseFolder
    history: History

    @property
    def is_run(self) -> bool:
        """Whether it came from a run folder."""
        return self.base.path != self.asked


def open_source(path: Path) -> ExportSource:
    """Open a run folder or a base folder.

    Raises:
        InputError: it is neither, the run has not finished, or a file of it is broken.
    """
    if not path.is_dir():
        what = "is a file" if path.exists() else "is not there"
        raise InputError(str(path), what, "Name a run folder or a folder of `train weights`.")
    if is_base(path):
        return _opened(path, path)
    best = path / BEST
    if not (path / PLAN).is_file() and not is_base(best):
        raise InputError(
            str(path),
            f"is no run folder (it holds no {PLAN}) and no model folder",
            "Name a run folder, or one that `train weights` made.",
        )
    # The history is complete only when the run is: without it nobody could judge the candidate.
    missing = [name for name, is_there in _parts(path) if not is_there]
    if missing:
        raise InputError(
            str(path),
            f"is of a run that has not finished: it holds no {' and no '.join(missing)}",
            f"Go on with it: train rec {path}.",
        )
    return _opened(path, best)


def _opened(asked: Path, folder: Path) -> ExportSource:
    base = read_base(folder)
    return ExportSource(asked, base, inherited(base.model_files))


def _parts(run: Path) -> list[tuple[str, bool]]:
    return [(f"{BEST}/", is_base(run / BEST)), (HISTORY, (run / HISTORY).is_file())]
