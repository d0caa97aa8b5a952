"""Font files found again by what they hold."""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def font_names(row: Mapping[str, Any]) -> set[str]:
    """Return the sha256 of every font file that a row of a manifest names."""
    return {row["face"]["sha256"], *(face["sha256"] for _, _, face in row.get("parts", ()))}


def font_folders(named: Iterable[Path]) -> list[Path]:
    """List the folders to look in: those named, then where this machine keeps fonts."""
    home = Path.home()
    cache = os.environ.get("XDG_CACHE_HOME") or str(home / ".cache")
    given = [Path(part) for part in os.environ.get("OCR_FONT_DIRS", "").split(os.pathsep) if part]
    usual = [
        Path(__file__).resolve().parents[2] / "fonts",
        Path(cache),  # display faces are built into it
        Path(sys.prefix),
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".local/share/fonts",
        home / ".fonts",
    ]
    return [folder for folder in (*named, *given, *usual) if folder.exists()]


def fonts_by_sha256(folders: Iterable[Path], wanted: Iterable[str]) -> dict[str, Path]:
    """Find files by their sha256; stops as soon as all are there.

    Raises:
        SystemExit: one of them is in none of the folders.
    """
    missing = set(wanted)
    found: dict[str, Path] = {}
    for folder in folders:
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            if not missing:
                return found
            if path.suffix.lower() in (".ttf", ".otf", ".ttc", ".otc", ".pfb"):
                name = hashlib.sha256(path.read_bytes()).hexdigest()
                if name in missing:
                    missing.remove(name)
                    found[name] = path
    if missing:
        raise SystemExit(
            f"{len(missing)} of the run's font files are not here (sha256 {sorted(missing)[0]}); "
            "name their folder by --fonts"
        )
    return found
