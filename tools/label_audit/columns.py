"""Columns set again: where the characters of a vertical line lie in its file.

The file is the column turned onto its left side, by 90 degrees counter-clockwise. Characters that
stand in the column lie in the file, in the face's vertical forms; words along it stand in the file
as on any line. Written from what docs/styles.md says of vertical lines, by uharfbuzz and
freetype-py alone.
"""

from dataclasses import dataclass
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
    """A character of a column in its file, in ems, y up.

    Attributes:
        gid: the glyph that is drawn. Its place may come of another one, which HarfBuzz takes for it
            among its neighbours (digits beside Latin in some faces).
        step: from its pen to the next one's. shift: by which it is off its pen.
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
    """A text set as a column in a face.

    Args:
        form: one of `FORMS`.

    Attributes:
        cells: one for each character, from the top of the column (the left of its file).

    Raises:
        ValueError: the face gives it more glyphs than characters, or fewer.
    """

    def __init__(self, text: str, face: AuditFace, form: str) -> None:
        self._text, self._face = text, face
        capital = face.nominal("H")
        self._axis = (face.box(capital)[3] if capital else CAPITAL_EM) / 2
        words = words_along(text) if form == "mixed" else []
        self._stack: tuple[float, float] | None = None
        if form == "upright" and not any(map(is_wide, text)):
            shaped = _one_by_one(face.shape(text, whole=False), text)
            boxes = [face.box(gid) for gid, *_ in shaped]
            inked = [box for box in boxes if box[3] > box[1]]
            if not inked:
                raise ValueError("a column without ink")
            self._stack = min(box[1] for box in inked), max(box[3] for box in inked)
            cells = [
                self._stacked(char, gid, self._stack)
                for char, (gid, *_) in zip(text, shaped, strict=True)
            ]
        else:
            down = _one_by_one(face.shape_down(text), text)
            cells = [self._cell(char, *moves) for char, moves in zip(text, down, strict=True)]
        for start, end in words:
            shaped = _one_by_one(face.shape(text[start:end], whole=False), text[start:end])
            cells[start:end] = [
                Cell(gid, advance / face.upem, x / face.upem) for gid, advance, x, _ in shaped
            ]
        self.cells = tuple(cells)

    def standing(self, char: str, at: int) -> Cell:
        """Return the cell of a character that stands in this column by itself in another's place.

        Args:
            at: the place in the text.
        """
        text = self._text[:at] + char + self._text[at + 1 :]
        if self._stack is not None:
            gid = self._face.shape(text, whole=False)[at][0]
            return self._stacked(char, gid, self._stack)
        gid, _, *moves = self._face.shape_down(text)[at]
        return self._cell(char, gid, *moves)

    def _stacked(self, char: str, gid: int, ink: tuple[float, float]) -> Cell:
        """Place a letter in the middle of the column, at even steps.

        Args:
            ink: the lowest and the highest of all its letters.
        """
        bottom, top = ink
        left, low, right, high = self._face.box(gid)
        aside = (left + right) / 2 - self._face.advance_em(gid) / 2
        step = SPACE_EM if char == " " else top - bottom + GAP_EM
        middle = top - (low + high) / 2, self._axis + aside
        return Cell(self._face.nominal(char), step, middle=middle)

    def _cell(self, char: str, gid: int, advance: int, x: int, y: int) -> Cell:
        """Place a character as HarfBuzz sets it from above to below, in font units."""
        left, low, right, high = self._face.box(gid)
        aside, down = x / self._face.upem + (left + right) / 2, -y / self._face.upem
        step = SPACE_EM if char == " " else advance / self._face.upem
        alone = self._face.shape_down(char)[0][0]
        return Cell(alone, step, middle=(down - (low + high) / 2, self._axis + aside))

    def lying(self, cell: Cell, size_px: int) -> Glyph:
        """Rasterise a character that lies; gives it from the pen on the baseline, y down."""
        if cell.middle is None:
            raise ValueError("the character does not lie")
        ink = self._face.glyph(cell.gid, size_px).inked().ink
        turned = np.ascontiguousarray(np.rot90(ink))
        height, width = turned.shape
        left = round(cell.middle[0] * size_px - width / 2)
        return Glyph(turned, left, round(-cell.middle[1] * size_px - height / 2))


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
