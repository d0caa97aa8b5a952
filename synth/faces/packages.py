"""Fonts inside installed Python packages: trdg's wheel and the `pylopdf-fonts-*` wheels.

The only module that knows these packages. None of them is imported: `import trdg` prints to
stdout and draws in OpenCV; only its folder is looked up.
"""

import sys
from importlib.util import find_spec
from pathlib import Path


def package_font_dirs() -> list[tuple[str, Path]]:
    """List (distribution, folder with fonts) of what is installed, in order of the names.

    By the names of folders: to ask every installed distribution for its metadata takes longer
    than drawing a hundred lines.
    """
    found: dict[str, Path] = {}
    trdg = package_dir("trdg")
    if trdg is not None and (trdg / "fonts").is_dir():
        found["trdg"] = trdg / "fonts"
    for place in dict.fromkeys(sys.path):
        for path in Path(place or ".").glob("pylopdf_fonts_*/__init__.py"):
            folder = package_dir(path.parent.name)
            if folder is not None:
                found[path.parent.name.replace("_", "-")] = folder
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
