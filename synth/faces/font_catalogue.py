"""`fonts/catalogue.toml`: the display faces that we build, and notes on faces of others."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from synth.assets import asset_dir
from synth.faces.display_glyphs import DotMatrix, SevenSegment
from synth.faces.font_face import HANDWRITTEN, Face, Kind
from synth.faces.font_tables import is_known
from textlines.errors import InputError
from textlines.files import read_text
from textlines.parsing import parse_toml


class Note(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """What the file of a face does not say itself.

    family: the beginning of the family's name, letter case aside.
    kind, licence: for all faces of the family. weight: how often each is drawn.
    declared: the characters that the glyphs stand for where several look the same.
    design: names what several families have in common but for the region or the spacing (Noto Sans
        CJK JP, KR …); families with the same word here share the lines of one.
    pictures: the face draws pictures where its cmap says letters; it is never used for text.
    handwritten: by pen or brush, though the tables of its files say otherwise.
    """

    family: str = Field(min_length=1)
    kind: Kind = "text"
    licence: str = ""
    weight: float = Field(1.0, gt=0)
    declared: str | None = None
    design: str = ""
    pictures: bool = False
    handwritten: bool = False

    def about(self, family: str) -> bool:
        """Whether the note is on this family."""
        return family.casefold().startswith(self.family.casefold())


class Catalogue(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """The whole file. Of several notes on one family the longest name decides."""

    face: tuple[Note, ...] = ()
    seven_segment: tuple[SevenSegment, ...] = ()
    dot_matrix: tuple[DotMatrix, ...] = ()

    @property
    def display_faces(self) -> "tuple[SevenSegment | DotMatrix, ...]":
        """Return the parameters of all faces that we build."""
        return (*self.seven_segment, *self.dot_matrix)

    def note(self, family: str) -> Note | None:
        """Return the note on a family; None without one."""
        notes = [note for note in self.face if note.about(family)]
        return max(notes, key=lambda note: len(note.family), default=None)


def noted(face: Face, note: Note | None) -> Face:
    """Add what the catalogue knows; what the file says of itself goes before it."""
    if note is None:
        return face
    declared = face.declared
    if declared is None and note.declared is not None:
        declared = frozenset(note.declared)
    traits = face.traits
    if note.handwritten and HANDWRITTEN not in traits:
        traits = (*traits, HANDWRITTEN)
    return replace(
        face,
        traits=traits,
        kind=note.kind if face.kind == "text" else face.kind,
        licence=face.licence if is_known(face.licence) or not note.licence else note.licence,
        declared=declared,
        weight=note.weight,
        design=note.design,
    )


def read_catalogue(path: Path | None = None) -> Catalogue:
    """Read a catalogue; by default ours.

    Raises:
        InputError: the file is missing, is not TOML, holds an unknown key or a value out of
            its range, or names two display faces alike.
    """
    return _read(path if path is not None else asset_dir("fonts") / "catalogue.toml")


@lru_cache(maxsize=8)
def _read(path: Path) -> Catalogue:
    try:
        text = read_text(path, "the catalogue of fonts")
        content = parse_toml(text, str(path), "the catalogue of fonts", "Mend the line named.")
        catalogue = Catalogue.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(str(path), f"{place}: {first['msg']}", "Mend or drop this key.") from None
    names = [spec.name for spec in catalogue.display_faces]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(str(path), f"names {', '.join(twice)} twice", "Give each its own name.")
    return catalogue
