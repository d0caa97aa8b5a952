"""Which lines a report shows, and what it says of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from textlines.formats.profile import ErrorProfile
from textlines.profile.align import Edit
from textlines.profile.reading import Misread
from train.judging.line_marks import Mark

NOTHING = "∅"
"""Stands for nothing in the name of a fault: `.→∅` was lost, `∅→#` came from nowhere."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A misread line in a report.

    Attributes:
        number: from 1, in the order of importance.
        faults: names of its faults, each once, in reading order.
        chars: the characters in them, each once.
        mark: what the file of marks says of it; "" for nothing.
        label_score: how sure the model is of the label, 0..1 a character; None when not known.
    """

    number: int
    line: Misread
    faults: tuple[str, ...]
    chars: tuple[str, ...]
    mark: Mark | str = ""
    label_score: float | None = None


def fault_name(edit: Edit) -> str:
    """Name a fault: `1→7`, `.→∅` (lost), `∅→#` (inserted).

    >>> fault_name(Edit("deleted", ".", ""))
    '.→∅'
    """
    return f"{edit.truth or NOTHING}→{edit.read or NOTHING}"


def shown_lines(
    misread: Sequence[Misread], profile: ErrorProfile, most: int, marks: Mapping[str, Mark]
) -> tuple[ShownLine, ...]:
    """Choose at most `most` lines, so that every kind of fault is among them, and order them.

    Lines are grouped by their weightiest fault: that of the character with the greatest
    expected gain, insertions by their number. Lines are then taken from all groups in turn and
    shown group by group. Marked lines come first, so that no mark is lost from sight.
    """
    weights = _weights(profile)
    groups: defaultdict[str, list[Misread]] = defaultdict(list)
    for line in misread:
        names = [fault_name(edit) for edit in line.faults()]
        main = min(names, key=lambda name: (-weights[name], name))
        groups[main].append(line)
    order = sorted(groups, key=lambda name: (-weights[name], name))
    turns = [
        (line.path not in marks, turn, place, line)
        for place, name in enumerate(order)
        for turn, line in enumerate(groups[name])
    ]
    chosen = sorted(turns, key=lambda item: item[:3])[:most]
    chosen.sort(key=lambda item: (item[2], item[1]))
    return tuple(
        shown_line(number, line, marks.get(line.path, ""))
        for number, (*_, line) in enumerate(chosen, 1)
    )


def _weights(profile: ErrorProfile) -> Mapping[str, float]:
    """Weigh faults: the gain of the character times the fault's share of its misreadings.

    An insertion has no recall to bound. Half its number puts the frequent ones among the
    characters that are worth most, and single ones last, beside what conventions explain.
    """
    weights: defaultdict[str, float] = defaultdict(float)
    for row in profile.ranked:
        faults = {**row.confusions, "": row.deletions}
        for read, count in faults.items():
            if count:
                name = f"{row.char}→{read or NOTHING}"
                weights[name] = row.gain * count / (row.support - row.right)
    for char, count in profile.insertions.items():
        weights[f"{NOTHING}→{char}"] = count / 2 if count > 1 else 0.0
    return weights


def shown_line(
    number: int, line: Misread, mark: Mark | str, label_score: float | None = None
) -> ShownLine:
    """Return a line as a page shows it; the fields are as of `ShownLine`."""
    faults = line.faults()
    chars = (char for edit in faults for char in (edit.truth, edit.read) if char)
    return ShownLine(
        number=number,
        line=line,
        faults=_once(fault_name(edit) for edit in faults),
        chars=_once(chars),
        mark=mark,
        label_score=label_score,
    )


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
