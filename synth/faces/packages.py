"""Fonts inside installed Python packages: trdg's wheel and the `pylopdf-fonts-*` wheels.

The only module that knows these packages. None of them is imported: `import trdg` prints to
stdout and draws in OpenCV; only its folder is looked up.
"""

import importlib.metadata
from importlib.util import find_spec
from pathlib import Path


def package_font_dirs() -> list[tuple[str, Path]]:
    """List (distribution, folder with fonts) of what is installed, in order of the names."""
    found: dict[str, Path] = {}
    trdg = package_dir("trdg")
    if trdg is not None and (trdg / "fonts").is_dir():
        found["trdg"] = trdg / "fonts"
    for distribution in importlib.metadata.distributions():
        name = (distribution.metadata["Name"] or "").lower().replace("_", "-")
        if name.startswith("pylopdf-fonts-"):
            folder = package_dir(name.replace("-", "_"))
            if folder is not None:
                found[name] = folder
    return sorted(found.items())


def package_dir(name: str) -> Path | None:
    """Find the folder of a top-level package without importing it; None when it is not there."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    places = list(spec.submodule_search_locations or ())
    if not places and spec.origin:
        places = [str(Path(spec.origin).parent)]
    return Path(places[0]) if places else None
