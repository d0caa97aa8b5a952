"""Tables that sort by a click on a heading and filter as one types."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import east_asian_width

from markupsafe import Markup

from textlines.pages.environment import render, unbroken
from textlines.wording import Sentence


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `hint` tells what it holds, on hovering. Numbers stand right and sort as such."""

    title: str
    is_number: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell whose look and sort key differ, or that needs a hint.

    Attributes:
        body: text (escaped) or Markup.
        sort: what the column sorts by; None takes the body.
    """

    body: str | Markup
    sort: float | str | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells with attributes for the row's element: {"data-char": "1"}."""

    cells: Sequence["Cell | str | int | float | Markup"]
    attributes: Mapping[str, str] = field(default_factory=dict)


MANY = 10
"""Columns from which on they stand closer to each other."""

LONGEST_WORD = 24
"""Characters of a word that a cell keeps whole; a longer one, a path, would make the table wide."""

SENTENCE, SENTENCE_WORDS = 32, 6
"""A text of more characters, or of more words, is given the width of a sentence."""

SHORT = 16
"""Half-widths (a Latin letter is one, a Hangul syllable two) of a text that is never broken."""

CellLike = Cell | str | int | float | Markup


def table(
    columns: Sequence[Column],
    rows: Iterable[Row | Sequence[CellLike]],
    *,
    caption: str = "",
    id: str = "",
    has_filter: bool | None = None,
    shown: int = 0,
) -> Markup:
    """Make a table.

    Args:
        rows: a cell may be Cell, text, number or Markup; numbers below 1e15 are written with
            separators of thousands and up to three decimals.
        has_filter: puts a field above it that hides the rows without the typed text; by default
            from 12 rows on.
        shown: show this many rows until a button is pressed; 0 shows all. Every row is in the
            page, is searched and is sorted.

    Raises:
        ValueError: a row has another number of cells than there are columns.
    """
    full = [row if isinstance(row, Row) else Row(row) for row in rows]
    for number, row in enumerate(full, 1):
        if len(row.cells) != len(columns):
            raise ValueError(f"row {number} has {len(row.cells)} cells for {len(columns)} columns")
    return render(
        "textlines.pages",
        "table.html.j2",
        columns=columns,
        rows=[([_cell(cell) for cell in row.cells], row.attributes) for row in full],
        caption=caption,
        id=id,
        has_filter=len(full) >= 12 if has_filter is None else has_filter,
        shown=shown,
        many=MANY,
    )


def _cell(cell: CellLike) -> tuple[str | Markup, str, str, str]:
    """Return body, sort key, hint and style; a sentence of ours in the language of the page."""
    if isinstance(cell, (int, float)):
        return number(cell), str(cell), "", ""
    whole = cell if isinstance(cell, Cell) else Cell(cell)
    body = unbroken(whole.body) if isinstance(whole.body, Sentence) else whole.body
    return body, "" if whole.sort is None else str(whole.sort), whole.hint, _style(body)


def _style(body: str | Markup) -> str:
    """Name the style of a text, so that a narrow window neither breaks it off nor crumbles it.

    "short" where it stays on one line: a name, a part of a syllable, a file. "long" where a word
    of it may be broken anywhere, "sentence" and "phrase" where it needs some width.
    """
    text = body.striptags() if isinstance(body, Markup) else body
    words = text.split()
    if max(map(len, words), default=0) > LONGEST_WORD:
        return "long"
    if len(text) > SENTENCE or len(words) > SENTENCE_WORDS:
        return "sentence"
    if _half_widths(text) <= (LONGEST_WORD if len(words) == 1 else SHORT):
        return "short" if words else ""
    return "phrase" if len(words) > 1 else ""


def _half_widths(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def number(value: float) -> str:
    """Write a number for people: thousands set apart, at most three decimals.

    >>> number(12345), number(0.5), number(1.23456)
    ('12,345', '0.5', '1.235')
    """
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
