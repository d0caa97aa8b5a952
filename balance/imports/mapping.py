"""A form that a user declares: where in a JSON images, lines, corners and texts stand.

    [images]
    list = "images[]"             # leave out where one file is one image
    name = "file_name"            # leave out where the file is named as its image is
    id = "id"                     # where the lines stand apart
    [lines]
    list = "annotations[]"        # in an image; from the root of the file where image_id is given
    image_id = "image_id"
    text = '"annotation.text"'    # quotes hold a key with a dot in it
    box = '"annotation.bbox"'     # or a list of paths, one a number; leave out for whole images
    shape = "xywh"                # xywh, xyxy or points
    unreadable = "illegible"      # a mark; unreadable_texts = ["xxx"] are texts that are one

A path is keys with dots between them; `[]` is each of a list, `{}` each value of a map, `[2]` one
of a list, and `@key` the name under which the value of a `{}` stands.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from balance.imports.marked_files import Marked
from balance.imports.page_regions import (
    Corners,
    Region,
    box_by_corners,
    box_by_size,
    corners_of,
    is_on,
    numbers,
    region_of,
)
from textlines.defects import of_annotations
from textlines.errors import InputError
from textlines.files import read_text
from textlines.labels.canonical import short
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally
from textlines.parsing import parse_toml

_STEP = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^.\[\]{}"\s][^.\[\]{}"]*))')
_EACH = re.compile(r"\[(\d*)\]|(\{\})")


class PathError(ValueError):
    """A path leads to nothing; says at which step, and what stands there."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value that a path led to, with the keys of the maps that were gone through by `{}`."""

    value: Any
    key: str = ""
    at: str = ""


Step = tuple[Literal["key", "at", "each", "values"], str | int]
"""A key of a map, a place in a list, each of a list, each value of a map."""

_ALL: Step = ("each", "[]")


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path in JSON; "" is the value itself.

    >>> root = Found({"a": [{"b.c": 1}, {"b.c": 2}]})
    >>> [found.value for found in JsonPath.read('a[]."b.c"').each(root)]
    [1, 2]
    """

    text: str
    steps: tuple[Step, ...]

    @classmethod
    def read(cls, text: str) -> "JsonPath":
        """Read a path.

        Raises:
            ValueError: it is none; says where.
        """
        steps: list[Step] = []
        at, stripped = 0, text.strip()
        while at < len(stripped):
            each = _EACH.match(stripped, at)
            if each:
                steps.append(
                    ("values", "{}") if each[2] else ("at", int(each[1])) if each[1] else _ALL
                )
                at = each.end()
                continue
            if steps:
                if stripped[at] != ".":
                    raise ValueError(f"path {text!r}: a dot is missing at {stripped[at:][:20]!r}")
                at += 1
            step = _STEP.match(stripped, at)
            if step is None:
                raise ValueError(f"path {text!r}: no key stands at {stripped[at:][:20]!r}")
            key = re.sub(r"\\(.)", r"\1", step[1]) if step[1] is not None else step[2].strip()
            steps.append(("key", key))
            at = step.end()
        return cls(text, tuple(steps))

    @property
    def is_each(self) -> bool:
        """Whether the path leads to each of several values."""
        return any(kind in ("each", "values") for kind, _ in self.steps)

    def one(self, root: Found) -> Any:
        """Return the value that the path leads to.

        Raises:
            PathError: it leads to none.
        """
        if self.steps == (("key", "@key"),):
            if not root.key:
                raise PathError("path '@key' is only for what a list with {} goes through")
            return root.key
        return next(self._from(root, 0)).value

    def each(self, root: Found) -> Iterator[Found]:
        """Yield the values that the path leads to.

        Raises:
            PathError: it leads to none.
        """
        yield from self._from(root, 0)

    def _from(self, reached: Found, at: int) -> Iterator[Found]:
        if at == len(self.steps):
            yield reached
            return
        for inner in self._step(reached, at):
            yield from self._from(inner, at + 1)

    def _step(self, reached: Found, at: int) -> Iterator[Found]:
        (kind, step), value = self.steps[at], reached.value
        if isinstance(value, dict) and kind == "key" and step in value:
            yield Found(value[step], reached.key, f"{reached.at}.{step}")
        elif isinstance(value, dict) and kind == "values":
            for key, inner in value.items():
                yield Found(inner, str(key), f"{reached.at}.{key}")
        elif isinstance(value, list) and kind == "each":
            for order, inner in enumerate(value):
                yield Found(inner, reached.key, f"{reached.at}[{order}]")
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            yield Found(value[step], reached.key, f"{reached.at}[{step}]")
        else:
            raise PathError(self._nothing(at, value))

    def _nothing(self, at: int, value: Any) -> str:
        kind, step = self.steps[at]
        shown = short(str(step), 40) if kind == "key" else f"[{step}]" if kind == "at" else step
        if isinstance(value, dict):
            keys = ", ".join(shown_path(str(key), 40) for key in list(value)[:12])
            stands = f"there stand: {keys}" if value else "an empty map stands there"
        elif isinstance(value, list):
            stands = f"a list of {len(value)} stands there"
        else:
            stands = f"{short(str(value), 40)} stands there"
        return f"path {self.text!r} finds nothing at step {at + 1}, {shown}: {stands}"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImagesMapping(_Strict):
    """Where the images stand."""

    list: str = ""
    name: str = ""
    id: str = ""
    width: str = ""
    height: str = ""


class LinesMapping(_Strict):
    """Where the marked lines stand."""

    text: str
    list: str = ""
    image_id: str = ""
    box: str | tuple[str, ...] | None = None
    shape: Literal["xywh", "xyxy", "points"] = "points"
    unreadable: str = ""
    unreadable_texts: tuple[str, ...] = ()


class Mapping(_Strict):
    """A mapping file."""

    lines: LinesMapping
    images: ImagesMapping = ImagesMapping()

    @model_validator(mode="after")
    def _check(self) -> "Mapping":
        if bool(self.lines.image_id) != bool(self.images.id):
            raise ValueError("lines.image_id and images.id go together: name both or none")
        if self.lines.image_id and not self.images.list:
            raise ValueError("lines.image_id needs images.list")
        if isinstance(self.lines.box, tuple) and (
            len(self.lines.box) % 2 or len(self.lines.box) < 4
        ):
            raise ValueError("lines.box needs 4, 6, 8 or more paths, x and y by turns")
        for name, path in self._paths():
            try:
                read = JsonPath.read(path)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
            if read.is_each and not name.endswith(".list"):
                raise ValueError(f"{name}: [] and {{}} are for lists; a number says which one")
        return self

    def _paths(self) -> Iterator[tuple[str, str]]:
        for room, model in (("images", self.images), ("lines", self.lines)):
            for key in ("list", "name", "id", "width", "height", "image_id", "text", "unreadable"):
                if value := getattr(model, key, ""):
                    yield f"{room}.{key}", value
        box = self.lines.box
        for path in (box,) if isinstance(box, str) else box or ():
            yield "lines.box", path


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        InputError: it cannot be read, or a key or value is wrong; names all that are.
    """
    what, mend = "the mapping", "docs/forms.md has two examples."
    content = parse_toml(read_text(path, what), str(path), what, mend)
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'it'}: "
            f"{fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()[:5]
        )
        raise InputError(str(path), f"{what} is wrong ({faults})", mend) from error


class MappedForm:
    """Parses JSON by a mapping; a path that never leads anywhere ends the import in words."""

    def __init__(self, mapping: Mapping, where: Path) -> None:
        self._mapping, self._where = mapping, where
        self._faults: dict[str, str] = {}
        self._has_line = False
        lines, images = mapping.lines, mapping.images
        self._images, self._lines = JsonPath.read(images.list), JsonPath.read(lines.list)
        self._text = JsonPath.read(lines.text)
        boxes = (lines.box,) if isinstance(lines.box, str) else lines.box or ()
        self._boxes = tuple(map(JsonPath.read, boxes))

    def parse(self, content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
        """Parse a file."""
        images = self._each(self._images, Found(content), "images.list", str(file), tally)
        if self._mapping.lines.image_id:
            yield from self._joined(images, content, file, tally)
            return
        for image in images:
            place = f"{file}{': ' + image.at.lstrip('.') if image.at else ''}"
            name = self._name(image, place, tally)
            if name is None:
                continue
            lines = self._each(self._lines, image, "lines.list", place, tally)
            yield self._marked(name, place, image, lines, tally)

    def _joined(
        self, images: Sequence[Found], content: Any, file: Path, tally: Tally
    ) -> Iterator[Marked]:
        by_id: dict[str, list[Found]] = {}
        for line in self._each(self._lines, Found(content), "lines.list", str(file), tally):
            place = f"{file}: {line.at.lstrip('.')}"
            key = self._value(self._mapping.lines.image_id, line, "lines.image_id", place, tally)
            if isinstance(key, (str, int)):
                by_id.setdefault(str(key), []).append(line)
        for image in images:
            place = f"{file}: {image.at.lstrip('.')}"
            key = self._value(self._mapping.images.id, image, "images.id", place, tally)
            name = self._name(image, place, tally)
            if name is None or not isinstance(key, (str, int)):
                continue
            yield self._marked(name, place, image, by_id.pop(str(key), []), tally)
        for key, left in by_id.items():
            place = f"{file}: {self._mapping.lines.image_id} {shown_path(key, 40)}"
            tally.add(of_annotations.NO_IMAGE_NAMED, place, len(left))

    def _marked(
        self, name: str, place: str, image: Found, lines: Sequence[Found], tally: Tally
    ) -> Marked:
        size = self._size(image)
        regions: list[Region] = []
        for line in lines:
            where = f"{place}: {line.at.lstrip('.')}" if line.at != image.at else place
            regions += self._region(line, where, size, len(lines), tally)
        self._has_line = self._has_line or bool(regions)
        return Marked(name, place, tuple(regions))

    def _region(
        self, line: Found, where: str, size: tuple[int, int] | None, of: int, tally: Tally
    ) -> Iterator[Region]:
        lines = self._mapping.lines
        try:
            text = self._text.one(line)
        except PathError as error:
            self._fault("lines.text", error, where, tally)
            return
        points: Corners | None = ()
        if self._boxes:
            try:
                points = self._points(line)
            except PathError as error:
                self._fault("lines.box", error, where, tally)
                return
        elif of > 1:
            tally.add(of_annotations.NO_POINTS, where)
            return
        is_mark = isinstance(text, str) and text.strip() in lines.unreadable_texts
        marked: object = False
        if lines.unreadable:
            try:
                marked = JsonPath.read(lines.unreadable).one(line)
            except PathError:
                marked = False  # a mark need not stand in every line
        yield from region_of(
            points, text, where, tally, marked=is_on(marked), is_mark=is_mark, size=size
        )

    def _points(self, line: Found) -> Corners | None:
        shape = self._mapping.lines.shape
        values = [path.one(line) for path in self._boxes]
        value: Any = values[0] if isinstance(self._mapping.lines.box, str) else values
        if len(values) > 1 and numbers(values) is None:
            return None
        if shape == "xywh":
            return box_by_size(value)
        return box_by_corners(value) if shape == "xyxy" else corners_of(value)

    def _size(self, image: Found) -> tuple[int, int] | None:
        images = self._mapping.images
        if not images.width or not images.height:
            return None
        try:
            size = numbers(JsonPath.read(path).one(image) for path in (images.width, images.height))
        except PathError:
            return None
        return (round(size[0]), round(size[1])) if size and min(size) > 0 else None

    def _name(self, image: Found, place: str, tally: Tally) -> str | None:
        """Return the name of an image; "" where it is named as the file is, None where broken."""
        if not self._mapping.images.name:
            return ""
        name = self._value(self._mapping.images.name, image, "images.name", place, tally)
        return str(name) if isinstance(name, (str, int)) and str(name).strip() else None

    def _value(self, path: str, reached: Found, key: str, place: str, tally: Tally) -> Any:
        try:
            value = JsonPath.read(path).one(reached)
        except PathError as error:
            self._fault(key, error, place, tally)
            return None
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            tally.add(of_annotations.MALFORMED, f"{place} ({key})")
            return None
        return value

    def _each(self, path: JsonPath, root: Found, key: str, place: str, tally: Tally) -> list[Found]:
        try:
            return list(path.each(root))
        except PathError as error:
            self._fault(key, error, place, tally)
            return []

    def _fault(self, key: str, error: PathError, place: str, tally: Tally) -> None:
        self._faults.setdefault(key, f"{error} ({place})")
        tally.add(of_annotations.MALFORMED, place)

    def refuse_if_nothing(self) -> None:
        """Refuse a mapping by which not one line was found.

        Raises:
            InputError: says which path led nowhere, and what stands there.
        """
        if not self._has_line and self._faults:
            key, fault = next(iter(self._faults.items()))
            raise InputError(f"{self._where}: {key}", fault, "Name a path that is there.")
