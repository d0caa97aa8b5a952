"""What one run of a command read, did and wrote: `run.json`."""

import json
import platform
import unicodedata
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from textlines.errors import InputError
from textlines.files import read_text, replacing

VERSION = 1
"""Of the file. A record of another version is refused."""

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


class RunRecord(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """One run of a command.

    Attributes:
        command: as typed, without the options ("synth generate").
        configuration: all options and files that the output depends on, as plain values.
        seed: None for a command that draws nothing.
        inputs, outputs: sha256 by the file's name or role.
        counts: what was left out, changed or met, by reason.
        versions: of what made the output, as `versions()` gives them.
    """

    version: Literal[1] = 1
    command: str
    configuration: Mapping[str, Any] = {}
    seed: int | None = None
    inputs: Mapping[str, str] = {}
    outputs: Mapping[str, str] = {}
    counts: Mapping[str, int] = {}
    versions: Mapping[str, str] = {}

    def to_json(self) -> str:
        """Write the record as JSON with sorted keys, ending in a line feed."""
        content = self.model_dump(mode="json")
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
        text = read_text(path, "the run record")
        try:
            content = json.loads(text)
        except json.JSONDecodeError as error:
            raise InputError(
                f"{path}:{error.lineno}",
                f"is no JSON ({error.msg})",
                "Name a run.json or make the folder again.",
            ) from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits; nesting
            raise InputError(
                str(path), f"is no JSON ({error})", "Name a run.json or make the folder again."
            ) from error
        found = content.get("version") if isinstance(content, dict) else None
        if found != VERSION:
            raise InputError(
                str(path),
                f"is a run record of version {found}, this program reads {VERSION}",
                "Use the program version that wrote it, or make the folder again.",
            )
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
            )
            raise InputError(
                str(path),
                f"is no run record ({faults})",
                "Remove the key or make the folder again.",
            ) from error


def versions() -> dict[str, str]:
    """Name the versions of all that the bytes of an image depend on; what is absent is left out.

    Packages by their installed metadata; freetype, raqm and harfbuzz as Pillow was built.
    """
    found = {"python": platform.python_version(), "unicodedata": unicodedata.unidata_version}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    from PIL import features  # here: a record of a reading needs no images

    for part in ("freetype2", "raqm", "harfbuzz", "libjpeg_turbo"):
        version = features.version(part)
        if version:
            found[f"pillow/{part}"] = version
    return found
