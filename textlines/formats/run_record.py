"""`run.json`: what one run of a command read, did and wrote."""

import json
import platform
import unicodedata
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge

from textlines.errors import InputError
from textlines.files import replacing
from textlines.formats.contract import (
    Contract,
    Document,
    check_version,
    read_document,
    validated,
)
from textlines.formats.plan_rows import PLAN
from textlines.formats.teaching import Teaching
from textlines.installing import installed_versions

RECORD = "run.json"

VERSION = 1
"""Of the file. A record of another version is refused."""

KIND = Document("the run record", "a run record", "Make the folder again.")

_DISTRIBUTIONS = (
    "ocr-mend",
    "pillow",
    "numpy",
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "fonttools",
    "uharfbuzz",
    "regex",
    "lmdb",
)


class AskedLines(Contract):
    """Lines of a run for one character: as many as were asked for, and as its plan holds."""

    wanted: Annotated[int, Ge(0)]
    planned: Annotated[int, Ge(0)]


class RunRecord(Contract):
    """One run of a command.

    Attributes:
        command: as typed, without the options ("synth generate").
        configuration: all options and files that the output depends on, as plain values.
        seed: None for a command that draws nothing.
        inputs, outputs: sha256 by the file's name or role.
        counts: how many images were planned and drawn, and what was met, by reason; of `synth`,
            what was changed ("changed: cut") apart from what is missing ("left out: control").
        versions: of what made the output, as `versions()` gives them.
        teaching: of a run beside own lines: what these teach and what its lines do. The key is
            left out where there is none.
        asked: of a run for characters: the lines for each of those that it serves. The key is left
            out where there is none.
        without: images of samples that are drawn and were left out of the merged files, as a
            person marked them as bad (`synth merge --without`). The key is left out where there
            is none.
    """

    version: Literal[1] = 1
    command: str
    configuration: Mapping[str, Any] = {}
    seed: int | None = None
    inputs: Mapping[str, str] = {}
    outputs: Mapping[str, str] = {}
    counts: Mapping[str, Annotated[int, Ge(0)]] = {}
    versions: Mapping[str, str] = {}
    teaching: Teaching | None = None
    asked: Mapping[str, AskedLines] = {}
    without: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Write the record as JSON with sorted keys, ending in a line feed."""
        content = self.model_dump(mode="json")
        for key in ("teaching", "asked", "without"):
            if not content[key]:
                del content[key]
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def write(self, path: Path) -> None:
        """Write the record, whole or not at all.

        Raises:
            InputError: the file cannot be written.
        """
        with replacing(path) as out:
            out.write(self.to_json())

    @classmethod
    def read(cls, path: Path) -> "RunRecord":
        """Read a record.

        Raises:
            InputError: the file is no record, is of another version, or holds unknown keys.
        """
        content = read_document(path, KIND)
        check_version(content, path, KIND, VERSION)
        return validated(cls, content, path, KIND)


GENERATE, PAGES = "synth generate", "synth pages"
"""The commands of runs that hold lines, and pages, as a record names them."""


def read_run(folder: Path) -> RunRecord:
    """Read the record of a folder that `synth generate` made.

    Raises:
        InputError: there is none, it cannot be read, or another command wrote it.
    """
    path = folder / RECORD
    if not path.exists():
        raise InputError(str(folder), f"holds no {RECORD}", "Name the --out of synth generate.")
    record = RunRecord.read(path)
    if record.command != GENERATE:
        raise InputError(
            str(path), f"was written by {record.command!r}", "Name the --out of synth generate."
        )
    return record


BLOCK_ROWS = "block"
"""Among what a configuration says of a plan in blocks: the rows of each but the last."""

PLANNED, WANTED = "planned", "wanted"
"""Counts of a rendering run: samples that the plan holds, and that were asked for."""

TARGETS, SERVED_SHORT = "targets", "served short: "
"""Counts of a run for characters: how many of them; and, with the character behind it, the lines of
one that got clearly fewer than were asked for."""

MARKED_BAD = "left out: marked bad"
"""Count of drawn samples that `RunRecord.without` names."""


def planned_of(folder: Path, record: RunRecord) -> int:
    """Return how many samples the plan of a run holds.

    Raises:
        InputError: the run has no plan yet.
    """
    if PLANNED not in record.counts:
        raise InputError(str(folder), "has no plan yet", "Call synth generate again.")
    return record.counts[PLANNED]


def block_rows(record: RunRecord) -> int:
    """Return the rows of each block of a run that is planned in blocks; 0 of any other run."""
    plan = record.configuration.get("plan")
    rows = plan.get(BLOCK_ROWS, 0) if isinstance(plan, Mapping) else 0
    return rows if type(rows) is int and rows > 0 else 0


def plan_identity(record: RunRecord) -> str:
    """Return what the looks of a run's lines depend on beside their own rows; "" without a plan.

    It keeps two runs of one seed from having the same surfaces, light and camera line by line. Of a
    plan in one file it is the sha256 of that; of one in blocks, each of which is drawn without the
    others, the sha256 of all that the plan is a function of: configuration, seed and inputs.
    """
    if not block_rows(record):
        return record.outputs.get(PLAN, "")
    made = {name: getattr(record, name) for name in ("configuration", "seed", "inputs")}
    content = json.dumps(made, ensure_ascii=False, sort_keys=True)
    return sha256(content.encode()).hexdigest()


def versions() -> dict[str, str]:
    """Name the versions of all that the bytes of an image depend on; what is absent is left out.

    Packages by their installed metadata; freetype, raqm and harfbuzz as Pillow was built.
    """
    found = {"python": platform.python_version(), "unicodedata": unicodedata.unidata_version}
    found |= installed_versions(_DISTRIBUTIONS)
    from PIL import features  # here: a record of a reading needs no images

    for part in ("freetype2", "raqm", "harfbuzz", "libjpeg_turbo"):
        version = features.version(part)
        if version:
            found[f"pillow/{part}"] = version
    return found
