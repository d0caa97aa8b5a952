"""The user's cache folder: what was found out about fonts, and the faces that we built."""

import json
import os
from pathlib import Path
from typing import Any

from textlines.errors import MendError
from textlines.files import read_regular, replacing_bytes


def cache_dir() -> Path:
    """Name the folder: `$XDG_CACHE_HOME/ocr-mend`, else `~/.cache/ocr-mend`. Creates nothing."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG rules say that a relative path is to be ignored.
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    return root / "ocr-mend"


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file of the cache that appears whole or not at all.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    try:
        with replacing_bytes(path) as out:
            out.write(data)
    except MendError as error:
        mend = "Set XDG_CACHE_HOME to a folder that can be written to."
        raise type(error)(error.where, error.what, mend) from error


def read_json(path: Path, version: str) -> dict[str, Any]:
    """Read what `write_json` wrote; empty when it is missing, broken or of another version."""
    try:
        # Written with what a font's name may hold: half of a surrogate pair too.
        held = json.loads(read_regular(path))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(held, dict) or held.get("version") != version:
        return {}
    entries = held.get("entries")
    return entries if isinstance(entries, dict) else {}


def write_json(path: Path, version: str, entries: dict[str, Any]) -> bool:
    """Write entries under a version. Says whether it could: without a cache all is only slower."""
    body = {"version": version, "entries": entries}
    data = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        write_bytes(path, data.encode("utf-8", "surrogatepass"))
    except MendError:
        return False
    return True
