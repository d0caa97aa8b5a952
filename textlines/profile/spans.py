"""One character against several: `㈜` and `(주)`, `㎡` and `m²`, `℃` and `°C`, `№` and `No.`.

What one side writes with one code and the other spells out is the same print. Aligned character by
character it would be a misreading of each of them, and `(`, `주`, `)` would be targets.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from textlines.profile.align import Edit, align

LONGEST = 6
"""Characters that one may be spelled out with: `㏂` takes four, `㋿` two."""

_SPELLED = {"№": ("No.", "NO.", "no."), "℡": ("Tel", "Tel.", "tel"), "℻": ("Fax",)}
"""Spelled otherwise than their compatibility form, which is "No", "TEL", "FAX"."""


@lru_cache(maxsize=4096)
def spelled(char: str) -> frozenset[str]:
    """Return what stands for one character in the same form (NFKC), besides itself: () for most.

    A circled sign is written in brackets; its bare sign is no form of it, as a picture tells
    them apart.

    >>> sorted(spelled("㈜")), sorted(spelled("①")), sorted(spelled("№")), sorted(spelled("주"))
    (['(주)'], ['(1)'], ['NO.', 'No', 'No.', 'no.'], [])
    """
    if len(char) != 1 or char.isascii():
        return frozenset()
    plain = unicodedata.normalize("NFKC", char)
    if unicodedata.decomposition(char).startswith("<circle>"):
        return frozenset((f"({unicodedata.normalize('NFC', plain)})",))
    # A spacing accent is a space and a joining accent, which no line holds apart.
    if len(plain) < 2 or any(unicodedata.category(part) in ("Zs", "Mn") for part in plain):
        return frozenset()
    forms = {plain, plain.replace("\u2044", "/"), *_SPELLED.get(char, ())}
    return frozenset(form for form in forms if len(form) > 1)


def stands_for(text: str, char: str) -> bool:
    """Whether several characters are one, spelled out: alike in NFKC.

    >>> stands_for("m²", "㎡"), stands_for("°C", "℃"), stands_for("1", "①"), stands_for("m", "㎡")
    (True, True, False, False)
    """
    forms = spelled(char)
    return len(text) > 1 and (text in forms or unicodedata.normalize("NFKC", text) in forms)


class _Piece(NamedTuple):
    """Characters of a side that are taken as one, and what they are one of."""

    units: tuple[str, ...]
    key: str


def align_spans(label: Sequence[str], read: Sequence[str]) -> tuple[Edit, ...]:
    """Align as `align` does, but what one side spells out is one step with the other's character.

    >>> [(e.kind, e.label, e.read) for e in align_spans("(주)가", "㈜나")]
    [('respelled', '(주)', '㈜'), ('replaced', '가', '나')]
    """
    ones = [
        char
        for char in dict.fromkeys((*label, *read))
        if spelled(char) and (_spells(label, char) or _spells(read, char))
    ]
    while ones:
        sides = _pieces(label, ones), _pieces(read, ones)
        edits = align(*(tuple(piece.key for piece in side) for side in sides))
        steps = _unfolded(edits, *sides)
        if steps is not None:
            return steps
        # A spelling without its character opposite is no spelling: look again without it.
        ones.pop()
    return align(label, read)


def _spells(units: Sequence[str], char: str) -> bool:
    return any(
        stands_for("".join(units[at : at + size]), char)
        for at in range(len(units))
        for size in range(1, LONGEST + 1)
        if at + size <= len(units)
    )


def _pieces(units: Sequence[str], ones: Iterable[str]) -> list[_Piece]:
    pieces: list[_Piece] = []
    at = 0
    while at < len(units):
        taken = _Piece((units[at],), units[at])
        for size in range(min(LONGEST, len(units) - at), 0, -1):
            text = "".join(units[at : at + size])
            if key := next((char for char in ones if stands_for(text, char)), ""):
                taken = _Piece(tuple(units[at : at + size]), key)
                break
        pieces.append(taken)
        at += len(taken.units)
    return pieces


def _unfolded(
    edits: Sequence[Edit], label: Sequence[_Piece], read: Sequence[_Piece]
) -> tuple[Edit, ...] | None:
    """Put steps of pieces into steps of characters; None where a spelling met something else."""
    steps: list[Edit] = []
    of_label, of_read = iter(label), iter(read)
    for edit in edits:
        label_piece = next(of_label) if edit.kind != "inserted" else None
        read_piece = next(of_read) if edit.kind != "deleted" else None
        if label_piece and read_piece and edit.kind == "right":
            if label_piece.units == read_piece.units:
                steps += (Edit("right", unit, unit) for unit in label_piece.units)
            else:
                units = "".join(label_piece.units), "".join(read_piece.units)
                steps.append(
                    Edit("respelled", *units, units=label_piece.units, read_units=read_piece.units)
                )
            continue
        if any(piece and len(piece.units) > 1 for piece in (label_piece, read_piece)):
            return None
        steps.append(edit)
    return tuple(steps)
