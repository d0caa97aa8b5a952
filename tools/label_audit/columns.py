"""Columns set again: where the characters of a vertical line lie in its file.

The file is the column turned onto its left side, by 90 degrees counter-clockwise. Characters that
stand in the column lie in the file, in the face's vertical forms; words along it stand in the file
as on any line. Written from what docs/styles.md says of vertical lines, by uharfbuzz and
freetype-py alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

import numpy as np

from tools.label_audit.ink import AuditFace, Glyph

FORMS = frozenset({"upright", "mixed"})
"""Of the ways that a manifest names (`vertical`), those whose files are columns. A line that is
turned whole is any other line, by a matrix that turns it."""

NARROW_SIGNS = frozenset("‥…—―※№℃")
"""Signs of columns that Unicode does not call wide."""

GAP_EM = 0.12
"""Between the highest and the lowest ink of stacked letters that follow each other."""

SPACE_EM = 0.5
"""Of a space in a column."""

CAPITAL_EM = 0.73
"""Height of a capital where the face has none."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A character of a column in its file, in ems of the column, y up.

    Attributes:
        gid: the glyph that is drawn. Its place may come of another one, which HarfBuzz takes for it
            among its neighbours (digits beside Latin in some faces).
        step: from its pen to the next one's, in ems of its own size, and so is shift: by which it
            is off its pen.
        middle: of its ink, from its pen and above the baseline, where it lies; None where it stands
            as on any line.
    """

    gid: int
    step: float
    shift: float = 0.0
    middle: tuple[float, float] | None = None


def is_wide(char: str) -> bool:
    """Return whether a character never lies along a column."""
    return east_asian_width(char) in "WF" or char in NARROW_SIGNS


def words_along(text: str) -> list[tuple[int, int]]:
    """Return from where to where words lie along a mixed column.

    Such a word has two letters or digits at least; a space between two of them lies with them.

    >>> words_along("JR線 3月"), words_along("営業 10 AM")
    ([(0, 2)], [(3, 8)])
    """
    words: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = start
        while end < len(text) and text[end] != " " and not is_wide(text[end]):
            end += 1
        if sum(map(str.isalnum, text[start:end])) >= 2:
            is_next = bool(words) and words[-1][1] + 1 == start and text[start - 1] == " "
            words.append((words.pop()[0], end) if is_next else (start, end))
        start = max(end, start + 1)
    return words


class Column:
    """A text set as a column, by one face or several around one middle.

    Args:
        faces: of each character. form: one of `FORMS`.
        sizes: of each character, as a share of the column's; () where all are of one size.
        first: the face whose capitals say where the middle is; that of the first character where
            none is named.

    Attributes:
        cells: one for each character, from the top of the column (the left of its file).

    Raises:
        ValueError: a face gives its part more glyphs than characters, or fewer.
    """

    def __init__(
        self,
        text: str,
        faces: Sequence[AuditFace],
        form: str,
        sizes: Sequence[float] = (),
        first: AuditFace | None = None,
    ) -> None:
        self._text, self._faces = text, faces
        self._sizes = sizes or [1.0] * len(text)
        first = first or faces[0]
        capital = first.nominal("H")
        self._axis = (first.box(capital)[3] if capital else CAPITAL_EM) / 2
        words = words_along(text) if form == "mixed" else []
        self._stack: tuple[float, float] | None = None
        cells: list[Cell] = []
        if not words and not any(map(is_wide, text)):
            gids = [gid for a, b in self._runs() for gid, *_ in _shaped(text[a:b], faces[a])]
            boxes = [
                (face.box(gid), size)
                for face, gid, size in zip(faces, gids, self._sizes, strict=True)
            ]
            inked = [(box[1] * size, box[3] * size) for box, size in boxes if box[3] > box[1]]
            if not inked:
                raise ValueError("a column without ink")
            self._stack = min(low for low, _ in inked), max(high for _, high in inked)
            cells = [self._stacked(text[at], at, gid, self._stack) for at, gid in enumerate(gids)]
        else:
            for a, b in self._runs():
                down = _one_by_one(faces[a].shape_down(text[a:b]), text[a:b])
                cells += [self._cell(text[at], at, *down[at - a]) for at in range(a, b)]
        for start, end in words:
            for a, b in self._runs(start, end):
                upem = faces[a].upem
                cells[a:b] = [
                    Cell(gid, advance / upem, x / upem)
                    for gid, advance, x, _ in _shaped(text[a:b], faces[a])
                ]
        self.cells = tuple(cells)

    def _runs(self, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """Return from where to where characters between two places are of one face."""
        end = len(self._text) if end is None else end
        inner = [at for at in range(start + 1, end) if self._faces[at] != self._faces[at - 1]]
        return list(pairwise([start, *inner, end]))

    def standing(self, char: str, at: int) -> Cell:
        """Return the cell of a character that stands in this column by itself in another's place.

        Args:
            at: the place in the text.
        """
        start, end = next((a, b) for a, b in self._runs() if a <= at < b)
        text = self._text[start:at] + char + self._text[at + 1 : end]
        if self._stack is not None:
            gid = self._faces[at].shape(text, whole=False)[at - start][0]
            return self._stacked(char, at, gid, self._stack)
        gid, _, *moves = self._faces[at].shape_down(text)[at - start]
        return self._cell(char, at, gid, *moves)

    def _stacked(self, char: str, at: int, gid: int, ink: tuple[float, float]) -> Cell:
        """Place a letter in the middle of the column, at even steps.

        Args:
            ink: the lowest and the highest of all its letters.
        """
        face, size = self._faces[at], self._sizes[at]
        bottom, top = ink
        left, low, right, high = face.box(gid)
        aside = (left + right) / 2 - face.advance_em(gid) / 2
        step = SPACE_EM if char == " " else (top - bottom + GAP_EM) / size
        middle = top - (low + high) / 2 * size, self._axis + aside * size
        return Cell(face.nominal(char), step, middle=middle)

    def _cell(self, char: str, at: int, gid: int, advance: int, x: int, y: int) -> Cell:
        """Place a character as HarfBuzz sets it from above to below, in font units."""
        face, size = self._faces[at], self._sizes[at]
        left, low, right, high = face.box(gid)
        aside, down = x / face.upem + (left + right) / 2, -y / face.upem
        step = SPACE_EM if char == " " else advance / face.upem
        alone = face.shape_down(char)[0][0]
        middle = (down - (low + high) / 2) * size, self._axis + aside * size
        return Cell(alone, step, middle=middle)

    def lying(self, cell: Cell, at: int, size_px: int, line_px: int | None = None) -> Glyph:
        """Rasterise a character that lies; gives it from the pen on the baseline, y down.

        Args:
            at: its place in the text. size_px: of the character. line_px: of the column, where
                that differs.
        """
        if cell.middle is None:
            raise ValueError("the character does not lie")
        whole = line_px or size_px
        ink = self._faces[at].glyph(cell.gid, size_px).inked().ink
        turned = np.ascontiguousarray(np.rot90(ink))
        height, width = turned.shape
        left = round(cell.middle[0] * whole - width / 2)
        return Glyph(turned, left, round(-cell.middle[1] * whole - height / 2))


def _shaped(text: str, face: AuditFace) -> list[tuple[int, int, int, int]]:
    return _one_by_one(face.shape(text, whole=False), text)


def _one_by_one(
    shaped: list[tuple[int, int, int, int, int]], text: str
) -> list[tuple[int, int, int, int]]:
    """Return (glyph, advance, x, y) of each character.

    Raises:
        ValueError: they are not one for each character, in order.
    """
    if [cluster for _, cluster, *_ in shaped] != list(range(len(text))):
        raise ValueError(f"{len(shaped)} glyphs for {len(text)} characters of a column")
    return [(gid, advance, x, y) for gid, _, advance, x, y in shaped]
