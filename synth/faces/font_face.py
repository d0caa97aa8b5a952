"""One face: what the engine knows of it, and the face opened for drawing.

The only module that opens fonts in Pillow: whoever opened one elsewhere would draw a variable font
at its default, while the boxes are those of the instance.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from textlines.formats.faces import Instance, face_id

if TYPE_CHECKING:
    from PIL import ImageFont

Kind = Literal["text", "seven_segment", "dot_matrix"]
"""What a face is for; a style names the kinds that it draws from."""


Trait = Literal["italic", "serif", "mono", "handwritten"]
"""italic: leans, as an oblique does too. serif: strokes end in serifs. mono: all advances alike.
handwritten: by pen or brush, connected scripts among them (`synth.faces.handwriting`)."""

TRAITS: tuple[Trait, ...] = get_args(Trait)

HANDWRITTEN: Trait = "handwritten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One face of one font file, at one place of its axes where it has any.

    Attributes:
        path: where the file lies on this machine; no part of the face's identity.
        index: the face's number in its collection; 0 for a file with one face.
        sha256: of the file, in hexadecimal.
        family, style: as the name table says ("Noto Sans KR", "Bold").
        licence: a short licence from the name table or the catalogue; empty when unknown.
        declared: the characters that the face says its glyphs stand for; None without such a
            declaration. Among characters of one script that look the same, only a declared
            one may be drawn.
        weight: how often the face is drawn beside its siblings in the family, 1 = as often.
        kind: what the face is for, from its own declaration or the catalogue.
        traits: what it looks like, as its tables tell.
        design: families that share it share the lines of one; empty for the family's own name.
        instance: where in a variable font it stands; a part of its identity.
    """

    path: Path
    index: int
    sha256: str
    family: str
    style: str
    licence: str = ""
    declared: frozenset[str] | None = None
    weight: float = 1.0
    kind: Kind = "text"
    traits: tuple[Trait, ...] = ()
    design: str = ""
    instance: Instance = ()

    @property
    def id(self) -> str:
        """Name the face by its content, as plans do."""
        return face_id(self.sha256, self.index, self.instance)


def open_face(face: Face, size_px: int, *, shaped: bool = False) -> "ImageFont.FreeTypeFont":
    """Open a face for drawing.

    Args:
        size_px: pixels to the em. shaped: lay text out by raqm; else character by character.

    Raises:
        OSError, ValueError, MemoryError: FreeType cannot open it, or not at this instance.
    """
    return open_file(face.path, face.index, face.instance, size_px, shaped=shaped)


def open_file(
    path: Path, index: int, instance: Instance, size_px: int, *, shaped: bool = False
) -> "ImageFont.FreeTypeFont":
    """Open a face of a file for drawing; arguments and errors as of `open_face`."""
    from PIL import ImageFont

    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    font = ImageFont.truetype(str(path), size_px, index=index, layout_engine=engine)
    if instance:
        font.set_variation_by_axes([value for _, value in instance])
    return font
