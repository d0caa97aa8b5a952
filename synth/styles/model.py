"""A style: what one kind of text line looks like, as distributions."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field, field_validator

from synth.faces.font_face import TRAITS, Kind
from synth.styles.spans import MOST, Span, SpanField


class Frozen(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """A value whose unknown keys are refused."""


class Part(Frozen):
    """An effect, a surface or a distractor with the distributions of its parameters.

    p: how often it is used (share 0..1; for a surface: its weight beside the others).
    with_: one span for each parameter that the function takes by that name.
    """

    p: float = Field(1.0, ge=0, le=MOST)
    with_: Mapping[str, SpanField] = {}


def _part(value: Any) -> Any:
    """Read `{ p = 0.3, sigma = [0.4, 1.2] }`: all keys but `p` are parameters."""
    if isinstance(value, Mapping) and "with_" not in value:
        return {"p": value.get("p", 1.0), "with_": {k: v for k, v in value.items() if k != "p"}}
    return value


PartField = Annotated[Part, BeforeValidator(_part)]


class Output(Frozen):
    """The image file. Heights and widths in pixels; quality as libjpeg counts it."""

    height: int = Field(48, ge=8, le=512)
    min_width: int = Field(8, ge=1, le=100_000)
    max_width: int = Field(3200, ge=16, le=100_000)
    colour: bool = True
    format: Literal["jpg", "png"] = "jpg"
    quality: SpanField = Span(low=95, high=95)


class Text(Frozen):
    """How text lies in the image.

    fill: height of the text as a share of the image's height.
    ink_share: how often `fill` measures the ink of this very text, 0..1, and not the face's
        line (so that "acne" stays lower than "Happy").
    left, right: margins as shares of the image's height. above: where the spare height
        goes, 0 = all below the text, 1 = all above it.
    spacing: extra advance after each character as a share of the size (em).
    stretch: horizontal scale, 1 = as the face draws it.
    word_space: factor on the advance of spaces; lines of shaped scripts are left as they are.
    rise: how far one end of a turned line may lie above the other, as a share of the height. A
        crop is cut around its line, so 2 degrees that a short line shows would press a long one
        down to a third of its crop: a long line turns less.
    """

    fill: SpanField = Span(low=0.7, high=0.9)
    ink_share: float = Field(0.5, ge=0, le=1)
    left: SpanField = Span(low=0.05, high=0.3)
    right: SpanField = Span(low=0.05, high=0.3)
    above: SpanField = Span(low=0.3, high=0.7)
    spacing: SpanField = Span(low=0.0, high=0.0)
    stretch: SpanField = Span(low=1.0, high=1.0)
    word_space: SpanField = Span(low=1.0, high=1.0)
    rise: float = Field(0.18, ge=0, le=10)


class Ink(Frozen):
    """The colour of text, drawn against the surface under it.

    contrast: distance of luminance between ink and surface, as a share of the full range.
    relative: the share is of the surface's own luminance instead. So it is where no light is
        of its own: a display's dark segments take a share of the light that the panel gives
        back, and on a dark panel they are never lighter than it.
    dark: share of lines whose ink is darker than the surface. Between 0 and 1 a line takes the
        other side where its own has no room; 0 and 1 are kept.
    tint: how far the channels may stray from grey, 0..255.
    """

    contrast: SpanField = Span(low=0.45, high=0.95)
    relative: bool = False
    dark: float = Field(0.9, ge=0, le=1)
    tint: SpanField = Span(low=0, high=40)


class Legible(Frozen):
    """When a line counts as legible.

    contrast: least distance between a cluster's ink and the ring around it, in levels 0..255.
    part: the same for each small part of a cluster (a segment of a digit, a letter's tail), as
        a share of `contrast`; 0 leaves parts unasked.
    stroke: least share of the ink that must be seen within a hairline's length around every
        pixel of ink; 0 leaves single strokes unasked.
    counter: least contrast of the ground that strokes enclose with the ink around it, as a share of
        the line's own; 0 leaves counters unasked.
    inside: least share of a cluster's ink inside the image.
    """

    contrast: float = Field(18, ge=4, le=128)
    part: float = Field(0.4, ge=0, le=1)
    stroke: float = Field(0.15, ge=0, le=1)
    counter: float = Field(0.2, ge=0, le=1)
    inside: float = Field(0.9, ge=0.5, le=1)


class Style(Frozen):
    """All distributions of one kind of text line.

    faces: which kinds of face it draws from: "text", "seven_segment", "dot_matrix".
    face_weights: factors on how often faces of a kind or trait ("italic", "serif", "mono") are
        drawn, above 0.
    handwritten: share of lines drawn in handwritten faces, 0..1, of those that such a face may draw
        and another may too. Codes are never handwritten: where no language tells which letter is
        meant, its form has to. 0 uses no such face at all.
    surfaces, distractors: by the names in `synth.surfaces`.
    photos: where photos are given, the share of lines drawn on them (`p`, 0..1) and the
        parameters of the surface `photo`. A style that names `photo` among its surfaces has set
        that itself.
    ghost: unlit segments of a display face, drawn faintly under the text; `opacity` 0..1.
    stroke, geometry, light, camera: effects in the order in which they come: on the mask of
        the ink; on the plane that the mask lies in; on the image; and last the camera's own.
    """

    name: str
    about: str = ""
    faces: tuple[Kind, ...] = ("text",)
    face_weights: Mapping[str, Annotated[float, Field(gt=0)]] = {}
    handwritten: float = Field(0.0, ge=0, le=1)
    output: Output = Output()
    text: Text = Text()
    ink: Ink = Ink()
    legible: Legible = Legible()
    surfaces: Mapping[str, PartField] = {}
    photos: PartField = Part(p=0.0)
    distractors: Mapping[str, PartField] = {}
    ghost: PartField = Part(p=0.0)
    stroke: Mapping[str, PartField] = {}
    geometry: Mapping[str, PartField] = {}
    light: Mapping[str, PartField] = {}
    camera: Mapping[str, PartField] = {}

    @field_validator("face_weights")
    @classmethod
    def _are_known(cls, weights: Mapping[str, float]) -> Mapping[str, float]:
        known = (*get_args(Kind), *TRAITS)
        for name in weights:
            if name not in known:
                raise ValueError(f"{name!r} is no kind or trait of a face: {', '.join(known)}")
        return weights

    @field_validator("photos")
    @classmethod
    def _is_share(cls, photos: Part) -> Part:
        if photos.p > 1:
            raise ValueError(f"p is a share of lines, 0 to 1, and not {photos.p:g}")
        return photos
