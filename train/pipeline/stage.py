"""A stage of the line as a value, and the manifest that says that it is done."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from textlines.files import replacing, sha256_of

FORMAT = 1
"""Of the manifests. One of another format counts as none: its stage runs again."""

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is run, on what, and what is there afterwards.

    Attributes:
        name: of the task.
        commands: in order; the first word is one of our commands.
        before: the manifest of the stage before, its only file dependency; None for the first.
        manifest: that this stage writes, last of all.
        outputs: files that must be there afterwards.
        folder: that belongs to this stage alone, and is cleared before other work begins in it.
        goes_on: a call that was killed is taken up by the same call; else the folder is cleared.
        ends: exit codes of the last command that count as an end. 4 is "call again".
        stamp: of what else it depends on.
        arguments: a file of further arguments of the last command, one a line, that an earlier
            stage wrote.
        is_synthetic: judged by rendered lines.
    """

    name: str
    commands: tuple[Command, ...]
    before: Path | None
    manifest: Path
    outputs: tuple[Path, ...]
    folder: Path | None = None
    goes_on: bool = False
    ends: frozenset[int] = frozenset({0})
    stamp: str = ""
    arguments: Path | None = None
    is_synthetic: bool = False

    def configuration(self) -> str:
        """Write down all that a change of makes the stage run again, but the file dependency."""
        return json.dumps([self.name, self.commands, self.stamp, self.is_synthetic])

    def signature(self) -> str:
        """Hash the configuration and the manifest of the stage before.

        Raises:
            InputError: that manifest cannot be read.
        """
        before = sha256_of(self.before) if self.before else ""
        return hashlib.sha256(f"{self.configuration()}\n{before}".encode()).hexdigest()


class Manifest(BaseModel, frozen=True, extra="forbid"):
    """What a stage did. Holds no time and no absolute path: the same work gives the same bytes.

    Attributes:
        signature: of the stage, as `Stage.signature`.
        exit_code: of its last command.
        outputs: sha256 by the path from the folder of all work on.
        synthetic: its lines, or those that it was judged by, were rendered.
    """

    format: Literal[1] = 1
    stage: str
    signature: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    exit_code: int
    outputs: Mapping[str, str]
    synthetic: bool


def write_manifest(stage: Stage, work: Path, exit_code: int) -> None:
    """Hash a stage's outputs and write its manifest, whole or not at all.

    Raises:
        InputError: an output is not there, or the manifest cannot be written.
    """
    manifest = Manifest(
        stage=stage.name,
        signature=stage.signature(),
        exit_code=exit_code,
        outputs={path.relative_to(work).as_posix(): sha256_of(path) for path in stage.outputs},
        synthetic=stage.is_synthetic,
    )
    with replacing(stage.manifest) as out:
        out.write(json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n")


def read_manifest(path: Path) -> Manifest | None:
    """Read a manifest; None if there is none that this program wrote."""
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def is_whole(stage: Stage, work: Path) -> bool:
    """Return whether the outputs of a done stage are still there."""
    manifest = read_manifest(stage.manifest)
    return manifest is not None and all((work / name).is_file() for name in manifest.outputs)


def is_done(stage: Stage, work: Path) -> bool:
    """Return whether a stage was run as it would be run now."""
    manifest = read_manifest(stage.manifest)
    if manifest is None or not is_whole(stage, work):
        return False
    return manifest.signature == stage.signature()
