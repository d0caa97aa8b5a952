"""Where faces are looked for, and in which order."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from synth.assets import asset_dir
from synth.faces.packages import package_font_dirs
from textlines.errors import InputError

USERS = frozenset({"--fonts", "fonts/", "OCR_FONT_DIRS"})
"""Names of the sources that a user has filled or named."""


class Source(NamedTuple):
    """One folder to look in. `name` says why: --fonts, fonts/, OCR_FONT_DIRS, a package, system."""

    name: str
    folder: Path


def named_sources(folders: Sequence[Path]) -> list[Source]:
    """Give the folders (or single files) of `--fonts`.

    Raises:
        InputError: one of them is not there.
    """
    for folder in folders:
        if not folder.exists():
            raise InputError(f"--fonts {folder}", "is not there", "Name a folder that holds fonts.")
    return [Source("--fonts", folder) for folder in folders]


def user_sources() -> list[Source]:
    """Give what a user filled on purpose: `fonts/`, then each folder of `$OCR_FONT_DIRS`.

    Raises:
        InputError: a folder of `$OCR_FONT_DIRS` is not there.
    """
    found = [Source("fonts/", asset_dir("fonts"))]
    for part in os.environ.get("OCR_FONT_DIRS", "").split(os.pathsep):
        if part:
            folder = Path(part).expanduser()
            if not folder.is_dir():
                raise InputError(
                    f"OCR_FONT_DIRS={part}", "is not a folder", "Correct or unset the variable."
                )
            found.append(Source("OCR_FONT_DIRS", folder))
    return found


def machine_sources() -> list[Source]:
    """Give what is installed: font packages of Python, then the system's folders."""
    found = [Source(name, folder) for name, folder in package_font_dirs()]
    return found + [Source("system", folder) for folder in system_font_dirs() if folder.is_dir()]


def system_font_dirs(platform: str = sys.platform) -> list[Path]:
    """List the folders in which this kind of system keeps its fonts, whether there or not."""
    home = Path.home()
    if platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if platform == "win32":
        windows = Path(os.environ.get("WINDIR", r"C:\Windows"))
        local = Path(os.environ.get("LOCALAPPDATA", str(home / "AppData/Local")))
        return [windows / "Fonts", local / "Microsoft/Windows/Fonts"]
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        data / "fonts",
        home / ".fonts",
    ]
