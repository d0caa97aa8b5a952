"""Fonts inside installed Python packages, those of the extra `fonts` first of all.

The only module that knows these packages. None of them is imported: `import trdg` prints to
stdout and draws in OpenCV, `import koreanize_matplotlib` changes matplotlib; only their folders
are looked up.
"""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

FOLDERS: Mapping[str, tuple[str, str]] = {
    # distribution: (import name, folder of fonts inside it)
    "justmytype-intl-cjk": ("justmytype_intl_cjk", "fonts"),
    "koreanize-matplotlib": ("koreanize_matplotlib", "fonts"),
    "paperang-p2-fonts-cjk": ("paperang_p2_fonts_cjk", "fonts"),
    "trdg": ("trdg", "fonts"),
}
"""Beside these, every `pylopdf-fonts-*`: the wheel for each language has a name of that form."""


def package_font_dirs() -> list[tuple[str, Path]]:
    """List (distribution, folder with fonts) of what is installed, in order of the names.

    By the names of folders: to ask every installed distribution for its metadata takes longer
    than drawing a hundred lines.
    """
    found: dict[str, Path] = {}
    for distribution, (name, below) in FOLDERS.items():
        package = package_dir(name)
        if package is not None and (package / below).is_dir():
            found[distribution] = package / below
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
