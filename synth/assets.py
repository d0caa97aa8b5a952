"""Where the asset folders lie (fonts, corpora, backgrounds), and the styles of the package."""

from pathlib import Path
from typing import Literal

from textlines.errors import InputError

AssetName = Literal["fonts", "corpora", "backgrounds"]

_PACKAGE = Path(__file__).resolve().parent

STYLES = _PACKAGE / "rendering" / "styles"
"""The styles that come with the package."""


def style_names() -> tuple[str, ...]:
    """List the styles that come with the package.

    >>> style_names()
    ('document', 'form', 'lcd', 'package', 'plate', 'receipt', 'sign')
    """
    return tuple(sorted(path.stem for path in STYLES.glob("*.toml")))


def asset_dir(name: AssetName, package: Path = _PACKAGE) -> Path:
    """Find an asset folder: in the installed package, else at the checkout's root.

    A wheel holds the folders under `synth/_assets/`; an editable install copies nothing, so
    that there they stand beside `synth/`.

    Raises:
        InputError: the folder is in neither place; the installation is incomplete.

    >>> asset_dir("fonts").name
    'fonts'
    """
    places = (package / "_assets" / name, package.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise InputError(
        name,
        f"the asset folder is neither at {places[0]} nor at {places[1]}",
        "Install ocr-mend again, or call it from a whole checkout.",
    )
