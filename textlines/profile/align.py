"""What was read for each character of the label."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

from textlines.profile.likeness import unlikeness

EditKind = Literal["right", "replaced", "deleted", "inserted", "respelled"]

LARGEST_TABLE = 1_000_000
"""Cells. Beyond, ties are left to rapidfuzz: exact in the number of edits, not in their choice."""

# One integer holds the order of preference: edits, then matches, then unlikeness. Each must not
# overflow into the next: unlikeness is at most 4 per step, and a table has at most a million steps.
_EDIT, _MATCH = 1 << 60, 1 << 30


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of an alignment. `label` is empty for an insertion, `read` for a deletion.

    Attributes:
        kind: "respelled": several characters stand for one (`textlines.profile.spans`).
        is_aside: a convention of the whole set, and no fault of this reading
            (`textlines.profile.affixes`).
        units, read_units: the characters of both sides of what is respelled; () for other kinds.
    """

    kind: EditKind
    label: str
    read: str
    is_aside: bool = False
    units: tuple[str, ...] = ()
    read_units: tuple[str, ...] = ()


def align(label: Sequence[str], read: Sequence[str]) -> tuple[Edit, ...]:
    """Pair the characters of a label with those of its reading, by the fewest edits.

    Where several alignments have the fewest edits (they nearly always do), the one with the most
    characters read right wins, then the one whose replacements are the least unlike
    (`unlikeness`), then the one that replaces early and inserts or deletes late. So
    `41.00` read `41001` lost its point and gained a 1; it did not read `.` as 0 and 0 as 1.

    Args:
        label, read: characters as `units` gives them.

    >>> [(e.kind, e.label + e.read) for e in align("60.00", "6000") if e.kind != "right"]
    [('deleted', '.')]
    >>> [(e.kind, e.label + e.read) for e in align("211.00", "#21700") if e.kind != "right"]
    [('inserted', '#'), ('replaced', '17'), ('deleted', '.')]
    """
    if len(label) == len(read) and all(map(str.__eq__, label, read)):
        return tuple(Edit("right", c, c) for c in label)
    # Equal ends can be matched without loss: any alignment that does not match them can be
    # changed into one that does, with no more edits, no fewer matches and no more unlikeness.
    start, shorter = 0, min(len(label), len(read))
    while start < shorter and label[start] == read[start]:
        start += 1
    end = 0
    while end < shorter - start and label[-1 - end] == read[-1 - end]:
        end += 1
    middle = _align_middle(label[start : len(label) - end], read[start : len(read) - end])
    head = (Edit("right", c, c) for c in label[:start])
    tail = (Edit("right", c, c) for c in label[len(label) - end :])
    return (*head, *middle, *tail)


def _align_middle(label: Sequence[str], read: Sequence[str]) -> list[Edit]:
    if not label or not read:
        gone = [Edit("deleted", c, "") for c in label]
        return gone or [Edit("inserted", "", c) for c in read]
    distance = Levenshtein.distance(label, read)
    # Ukkonen 1985: an alignment with d edits never leaves the band of d beside the diagonal.
    if (len(label) + 1) * min(2 * distance + 1, len(read) + 1) > LARGEST_TABLE:
        return _as_rapidfuzz(label, read)
    return _best(label, read, distance)


def _best(label: Sequence[str], read: Sequence[str], band: int) -> list[Edit]:
    """Find the best alignment in the band. Works from the ends, so that it is read forwards."""
    rows, columns = len(label), len(read)
    beyond = _EDIT * (rows + columns + 1)
    below: dict[int, int] = {}
    steps: list[dict[int, EditKind]] = [{} for _ in range(rows + 1)]
    for i in range(rows, -1, -1):
        costs: dict[int, int] = {}
        for j in range(min(columns, i + band), max(0, i - band) - 1, -1):
            if i == rows and j == columns:
                costs[j] = 0
                continue
            best, kind = beyond, "right"
            if i < rows and j < columns:
                after = below.get(j + 1, beyond)
                if label[i] == read[j]:
                    best = after - _MATCH
                else:
                    best, kind = after + _EDIT + unlikeness(label[i], read[j]), "replaced"
            if i < rows and (cost := below.get(j, beyond) + _EDIT) < best:
                best, kind = cost, "deleted"
            if j < columns and (cost := costs.get(j + 1, beyond) + _EDIT) < best:
                best, kind = cost, "inserted"
            costs[j], steps[i][j] = best, kind  # type: ignore[assignment]
        below = costs
    return _walk(label, read, steps)


def _walk(
    label: Sequence[str], read: Sequence[str], steps: list[dict[int, EditKind]]
) -> list[Edit]:
    edits: list[Edit] = []
    i = j = 0
    while i < len(label) or j < len(read):
        kind = steps[i][j]
        from_label, from_read = kind != "inserted", kind != "deleted"
        edits.append(Edit(kind, label[i] if from_label else "", read[j] if from_read else ""))
        i, j = i + from_label, j + from_read
    return edits


def _as_rapidfuzz(label: Sequence[str], read: Sequence[str]) -> list[Edit]:
    edits: list[Edit] = []
    for op in Levenshtein.opcodes(label, read):
        gone, come = label[op.src_start : op.src_end], read[op.dest_start : op.dest_end]
        if op.tag == "delete":
            edits += (Edit("deleted", c, "") for c in gone)
        elif op.tag == "insert":
            edits += (Edit("inserted", "", c) for c in come)
        else:
            kind: EditKind = "right" if op.tag == "equal" else "replaced"
            edits += (Edit(kind, a, b) for a, b in zip(gone, come, strict=True))
    return edits
