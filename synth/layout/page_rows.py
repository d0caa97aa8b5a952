"""`manifest.jsonl` of pages: how each page was drawn and where its lines lie, one row a page.

A finished shard (`shards/NNNN.jsonl`) holds the rows of a few pages, the manifest those of all.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from pydantic import TypeAdapter, ValidationError

from textlines.formats.contract import Contract, faults_of
from textlines.formats.manifest import Refusal
from textlines.formats.rows import RowError, RowKind, read_rows
from textlines.regions.page_file import UNREADABLE, LabelledRegion
from textlines.regions.polygons import Polygon

KIND = RowKind("the pages", "row of a manifest of pages", "Delete this file and draw it again.")

Corner = tuple[float, float]


class LineRow(Contract):
    """A line of a page.

    Attributes:
        text: as it is drawn. points: its box, clockwise from the upper left, in pixels.
        role: what it is: shown by a display, or printed. face: by its id.
        height_px: of its ink before the camera. contrast: of its weakest cluster, in levels.
        fault: why nobody can read it; its label is `###` then. None where it is legible.
    """

    text: str
    points: tuple[Corner, Corner, Corner, Corner]
    role: Literal["display", "print"]
    face: str
    height_px: Annotated[float, Ge(0)]
    contrast: float
    fault: Refusal | None

    @property
    def label(self) -> str:
        """Return what stands in the label file."""
        return self.text if self.fault is None else UNREADABLE[0]

    def polygon(self) -> Polygon:
        """Return its box."""
        return np.array(self.points, np.float64)


class PageRow(Contract):
    """A page.

    Attributes:
        image: from the run's folder. kind: what is seen. size: (width, height) in pixels.
        sha256: of the file. quality: of the JPEG.
        attempts: how often it was drawn, as lines were not legible before.
        photo: sha256 of the photo that it stands before; "" without.
        view: from the plane that is drawn to the page, 3 x 3 by rows.
        effects: of light and camera, with their parameters.
        cut_off: lines that lie beyond the page and have no box.
    """

    index: Annotated[int, Ge(0)]
    image: str
    kind: Literal["device", "empty"]
    style: str
    size: tuple[int, int]
    sha256: str
    quality: int
    attempts: Annotated[int, Ge(1)]
    photo: str
    view: tuple[float, ...]
    effects: tuple[tuple[str, Mapping[str, Any]], ...]
    cut_off: Annotated[int, Ge(0)]
    lines: tuple[LineRow, ...]

    def regions(self) -> tuple[LabelledRegion, ...]:
        """Return its lines as a page label file holds them."""
        return tuple(
            LabelledRegion(line.polygon(), line.label, self.image, line.fault is not None)
            for line in self.lines
        )

    def to_json(self) -> str:
        """Write it as a line without its end."""
        return self.model_dump_json()


_ROW: TypeAdapter[PageRow] = TypeAdapter(PageRow)


def read_page_rows(path: Path) -> Iterator[PageRow]:
    """Read a manifest of pages, or a finished shard of it.

    Raises:
        InputError: the file cannot be read, or a line is no row of one.
    """
    return read_rows(path, KIND, _row)


def _row(content: dict[str, Any]) -> PageRow:
    try:
        return _ROW.validate_python(content)
    except ValidationError as error:
        raise RowError(faults_of(error)) from error
