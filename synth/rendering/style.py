"""A style: what one kind of text line looks like, as distributions, and its TOML file."""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, Field, ValidationError, field_validator

from synth.assets import STYLES, style_names
from synth.faces.font_face import TRAITS, Kind
from synth.rendering.pipelines import PipelinePart, embed_pipeline
from synth.rendering.spans import MOST, PartField, Span, SpanField, StylePart, StyleTable
from synth.rendering.text_style import Text
from textlines.errors import InputError, UsageError
from textlines.files import read_text
from textlines.parsing import parse_toml, parse_value

Align = Literal["left", "centre", "right"]
"""Where a line stands in a window that is wider than it."""


class Window(StyleTable):
    """A window that is as wide whatever stands in it, as that of a display.

    width: of the file in heights, 0.5..40; a line that needs more has what it needs, and columns
        do always. None: files are as wide as their lines.
    align: where a line stands that needs less. `[text]`'s `left` and `right` are kept as margins
        on both sides, and the rest of the width comes to the other side, or to both.
    """

    width: SpanField | None = None
    align: Align = "left"


class ImageFile(StyleTable):
    """The image file. Heights and widths in pixels; quality as libjpeg counts it.

    height: at which a line is drawn. min_width, max_width: of the line as it is drawn.
    native: the height at which the camera saw the line, at most `height`: what is drawn is brought
        down to it before the effects of `[camera]`, and files are that high. None: as drawn.
    enlarge: files of lines brought down are enlarged to `height` again.
    window: see `Window`.
    """

    height: int = Field(48, ge=8, le=512)
    native: SpanField | None = None
    enlarge: bool = False
    window: Window = Window()
    min_width: int = Field(8, ge=1, le=100_000)
    max_width: int = Field(3200, ge=16, le=100_000)
    colour: bool = True
    format: Literal["jpg", "png"] = "jpg"
    quality: SpanField = Span(low=95, high=95)


class Ink(StyleTable):
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


def _colour(value: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise ValueError(f"{value!r} is no colour: write red, green and blue as #rrggbb")
    return value.lower()


HexColour = Annotated[str, AfterValidator(_colour)]
"""`#rrggbb`, in small letters."""


class Pair(StyleTable):
    """A ground and the ink on it, as they stand together on a photo.

    ground, ink: `#rrggbb`. weight: how often this pair is drawn, beside the others.
    spread: levels by which each channel of both may stray, 0..128.
    """

    ground: HexColour
    ink: HexColour
    weight: float = Field(1.0, ge=0, le=MOST)
    spread: float = Field(8.0, ge=0, le=128)


class Legible(StyleTable):
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


class Style(StyleTable):
    """All distributions of one kind of text line.

    faces: which kinds of face it draws from: "text", "seven_segment", "dot_matrix".
    face_weights: factors on how often faces of a kind or trait ("italic", "serif", "mono") are
        drawn, above 0.
    family_weights: factors on how often families are drawn, above 0, by their names; `*` for those
        that are not named (1 without it). Names that are not installed count for nothing.
    handwritten: share of lines drawn in handwritten faces, 0..1, of those that such a face may draw
        and another may too. Codes are never handwritten: where no language tells which letter is
        meant, its form has to. 0 uses no such face at all.
    palette: pairs of ground and ink, of which each line draws one: its surface keeps texture and
        light and takes the ground's colour as its mean. `[ink]` is not asked then. Empty: the ink
        is drawn against the surface as `[ink]` says.
    surfaces, distractors: by the names in `SURFACES` and `DISTRACTORS`.
    photos: where photos are given, the share of lines drawn on them (`p`, 0..1) and the
        parameters of the surface `photo`. A style that names `photo` among its surfaces has set
        that itself.
    patch: a label under the text, on its surface; see `patch`. p: share of lines, 0..1.
    lettering: how letters are made, by the names in `LETTERING`.
    ghost: unlit segments of a display face, drawn faintly under the text; `opacity` 0..1.
    stroke, bend, geometry, light, camera: effects in the order in which they come: on the mask of
        the ink; on the line's own shape; on the plane that the mask lies in; on the image; and last
        the camera's own.
    albumentations: a pipeline of yours, after all of them.
    plugins: packages whose parts may be named here beside ours (`synth.plugins`).
    texts: the style of ours whose embedded texts it draws where no others are named; empty takes
        those of the style of its own name, and `document`'s where there is none.
    """

    name: str
    about: str = ""
    faces: tuple[Kind, ...] = ("text",)
    face_weights: Mapping[str, Annotated[float, Field(gt=0)]] = {}
    family_weights: Mapping[str, Annotated[float, Field(gt=0)]] = {}
    handwritten: float = Field(0.0, ge=0, le=1)
    output: ImageFile = ImageFile()
    text: Text = Text()
    ink: Ink = Ink()
    palette: tuple[Pair, ...] = ()
    legible: Legible = Legible()
    surfaces: Mapping[str, PartField] = {}
    photos: PartField = StylePart(p=0.0)
    distractors: Mapping[str, PartField] = {}
    patch: PartField = StylePart(p=0.0)
    ghost: PartField = StylePart(p=0.0)
    lettering: Mapping[str, PartField] = {}
    stroke: Mapping[str, PartField] = {}
    bend: Mapping[str, PartField] = {}
    geometry: Mapping[str, PartField] = {}
    light: Mapping[str, PartField] = {}
    camera: Mapping[str, PartField] = {}
    albumentations: PipelinePart | None = None
    plugins: tuple[str, ...] = ()
    texts: str = ""

    @field_validator("texts")
    @classmethod
    def _is_ours(cls, texts: str) -> str:
        if texts and texts not in style_names():
            raise ValueError(f"{texts!r} is no style of ours: {', '.join(style_names())}")
        return texts

    @field_validator("face_weights")
    @classmethod
    def _are_known(cls, weights: Mapping[str, float]) -> Mapping[str, float]:
        known = (*get_args(Kind), *TRAITS)
        for name in weights:
            if name not in known:
                raise ValueError(f"{name!r} is no kind or trait of a face: {', '.join(known)}")
        return weights

    @field_validator("palette")
    @classmethod
    def _draws(cls, palette: tuple[Pair, ...]) -> tuple[Pair, ...]:
        if palette and not any(pair.weight for pair in palette):
            raise ValueError("all weights are 0: no pair is ever drawn")
        return palette

    @field_validator("photos", "patch")
    @classmethod
    def _is_share(cls, part: StylePart) -> StylePart:
        if part.p > 1:
            raise ValueError(f"p is a share of lines, 0 to 1, and not {part.p:g}")
        return part


PHOTO = "photo"
"""The surface that is cut out of photos."""


def needs_photos(style: Style) -> bool:
    """Whether the style names photos among its surfaces, and so cannot do without."""
    return PHOTO in style.surfaces and style.surfaces[PHOTO].p > 0


def on_photos(style: Style) -> Style:
    """Return the style with photos at their share (`photos.p`) beside its other surfaces.

    The others keep their proportions. A style that names `photo` among its surfaces, or
    where photos have no share, stays as it is.

    >>> toy = Style(name="toy", surfaces={"plain": StylePart(p=3)}, photos=StylePart(p=0.25))
    >>> {name: part.p for name, part in on_photos(toy).surfaces.items()}
    {'plain': 3.0, 'photo': 1.0}
    """
    share = style.photos.p
    if share == 0 or needs_photos(style):
        return style
    others = dict(style.surfaces) or {"plain": StylePart()}
    others.pop(PHOTO, None)
    whole = sum(part.p for part in others.values())
    if share == 1 or whole == 0:
        others, weight = {}, 1.0
    else:
        weight = whole * share / (1 - share)
    photo = style.photos.model_copy(update={"p": weight})
    return style.model_copy(update={"surfaces": {**others, PHOTO: photo}})


def load_style(name_or_path: str, settings: Sequence[str] = ()) -> Style:
    """Read a style by its name (`lcd`) or from a file of the user's (`./my-lcd.toml`).

    Args:
        settings: `key=value` pairs that go over the file, keys with dots between the parts and
            values as TOML writes them, or text without its quotes: `output.height=32`,
            `camera.jpeg.p=0`, `output.format=png`.

    Raises:
        UsageError: there is no such style, the file is no TOML, or a key in it is unknown or
            has a value out of range; names the file and the key.
    """
    raw, where = _read_table(name_or_path)
    return _validated(raw, settings, where)


def style_table(name_or_path: str) -> dict[str, Any]:
    """Read a style as its file holds it, checked; for `make_style`.

    Raises:
        UsageError: as `load_style`.
    """
    raw, where = _read_table(name_or_path)
    _validated(deepcopy(raw), (), where)
    return raw


def _read_table(name_or_path: str) -> tuple[dict[str, Any], str]:
    """Read a style's file; return the table, with its name, and where it stands."""
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = STYLES / f"{name_or_path}.toml"
        if not path.exists():
            raise UsageError(
                f"--style {name_or_path}",
                "there is no such style",
                f"There are: {', '.join(style_names())}; or name a .toml file of your own.",
            )
    elif not path.exists():
        raise UsageError(str(path), "there is no such file", "")
    try:
        raw = parse_toml(read_text(path, "the style"), str(path), "the style", "")
    except InputError as error:
        raise UsageError(str(path), f"cannot be read as TOML ({error.what})", error.mend) from None
    raw.setdefault("name", path.stem)
    embed_pipeline(raw, path.parent)
    return raw, str(path)


def make_style(table: Mapping[str, Any], settings: Sequence[str] = ()) -> Style:
    """Make a style of a table, as a style file holds it; the table is left as it is.

    Args:
        settings: as in `load_style`.

    Raises:
        UsageError: a key is unknown or has a value out of range; names the style and the key.

    >>> make_style({"ink": {"contrast": [0.5, 0.8]}}, ["output.height=32"]).output.height
    32
    """
    raw = {"name": "table", **deepcopy(dict(table))}
    return _validated(raw, settings, f"style {raw['name']!r}")


def _validated(raw: dict[str, Any], settings: Sequence[str], where: str) -> Style:
    """Put settings over a style as read, and check it."""
    for setting in settings:
        _set(raw, setting)
    embed_pipeline(raw, Path())
    try:
        return Style.model_validate(raw)
    except ValidationError as error:
        place = _setting_at(error, settings) or where
        raise UsageError(place, describe(error), "See docs/styles.md for all keys.") from None


def _set(raw: dict[str, Any], setting: str) -> None:
    """Put one `key=value` into a style as read."""
    key, sign, value = setting.partition("=")
    path = key.strip().split(".")
    if not sign or not all(path):
        raise UsageError(
            f"--set {setting}", "there is no key=value in it", "Write --set output.height=32."
        )
    table: Any = raw
    for depth, parent in enumerate(path[:-1], 1):
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise UsageError(
                f"--set {setting}",
                f"{'.'.join(path[:depth])} is a value in this style and holds no keys",
                f"Write it whole: --set '{'.'.join(path[:depth])}={{ p = 0.5 }}'.",
            )
    table[path[-1]] = parse_value(value.strip(), is_text=_takes_text(path))


def _takes_text(path: Sequence[str]) -> bool:
    """Whether a key of a style, by the parts of its name, takes text."""
    model: Any = Style
    for name in path:
        fields = getattr(model, "model_fields", {})
        if name not in fields:
            return False
        model = fields[name].annotation
    return model is str or (
        get_origin(model) is Literal and all(isinstance(choice, str) for choice in get_args(model))
    )


def _setting_at(error: ValidationError, settings: Sequence[str]) -> str:
    """Return the last of `--set` that gave the first value at fault; "" where the file did."""
    fault = [str(part) for part in error.errors(include_url=False)[0]["loc"]]
    for setting in reversed(settings):
        path = setting.partition("=")[0].strip().split(".")
        if fault[: len(path)] == path[: len(fault)]:
            return f"--set {setting}"
    return ""


def describe(error: ValidationError) -> str:
    """Return what pydantic refuses, as `key: what` with dots between the parts of a key."""
    faults = []
    for item in error.errors(include_url=False)[:5]:
        key = ".".join(str(part) for part in item["loc"])
        what = "is unknown" if item["type"] == "extra_forbidden" else item["msg"]
        if item["type"] == "model_type":  # whose words name a class of ours
            what = "Input should be a valid dictionary"
        faults.append(f"{key} {what}" if what == "is unknown" else f"{key}: {what}")
    more = error.error_count() - len(faults)
    return "; ".join(faults) + (f"; and {more} more" if more > 0 else "")
