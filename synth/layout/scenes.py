"""Scenes: the styles that a kind of page is drawn in, for displays, print and the photo."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from synth.rendering.style import Style, load_style, make_style
from synth.rendering.style_record import described
from textlines.errors import UsageError
from textlines.files import read_text
from textlines.parsing import parse_toml

SceneName = Literal["lcd"]

SCENES: tuple[SceneName, ...] = get_args(SceneName)

_FOLDER = Path(__file__).with_name("scene_files")


@dataclass(frozen=True, slots=True)
class Scene:
    """The styles of one kind of page.

    Attributes:
        display: of what displays show. print: of words on housings.
        photo: how the page is seen: its geometry, light, camera and file.
    """

    name: SceneName
    display: Style
    print: Style
    photo: Style

    def identity(self) -> dict[str, Any]:
        """Return the styles as plain values, for `run.json`."""
        return {
            "display": described(self.display),
            "print": described(self.print),
            "photo": described(self.photo),
        }


def load_scene(name: str) -> Scene:
    """Read a scene.

    Raises:
        UsageError: there is no such scene.
    """
    if name not in SCENES:
        raise UsageError(
            f"--style {name}",
            "is no style that pages are laid out in",
            f"There are: {', '.join(SCENES)}.",
        )
    path = _FOLDER / f"{name}.toml"
    table = parse_toml(read_text(path, "the scene"), str(path), "the scene", "Install it again.")
    return Scene(
        name=name,
        display=load_style(name),
        print=make_style({"name": f"{name}-print", **table["print"]}),
        photo=make_style({"name": f"{name}-photo", **table["photo"]}),
    )
