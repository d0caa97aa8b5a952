"""Lines whose label, rather than the reading, may be wrong."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from textlines.profile.align import Edit
from textlines.profile.conventions import Agreement
from textlines.profile.reading import Misread

SURE = 0.9
"""The score from which on a model counts as sure."""

NEAR = 0.2
"""Share of the label's characters that may differ in a reading that is near (one always may)."""

USUAL = 0.01
"""Share of the lines from which on a fault is this model's habit, and no slip in a label."""


def agrees(edit: Edit, agreement: Agreement) -> bool:
    """Say whether a convention explains the edit."""
    if edit.truth in agreement.foreign:
        return True
    if edit.kind == "replaced":
        return (edit.truth, edit.read) in agreement.pairs
    return edit.kind == "inserted" and edit.read in agreement.inserted


def with_suspicion(
    misread: Sequence[Misread], agreement: Agreement, lines: int, real: Collection[str] = ()
) -> tuple[Misread, ...]:
    """Mark the lines that conventions alone set apart, and those whose label looks wrong.

    A label is suspected when the model was sure and its reading differs by a convention alone,
    or is near the label while at least one of the faults is none of the model's habits. Faults
    that show up in one line of a hundred (`.` lost, over and over) speak against the model.

    Args:
        lines: how many lines were measured.
        real: paths that a person has marked as real misreadings: never suspected.
    """
    faults = [tuple(e for e in line.faults() if not agrees(e, agreement)) for line in misread]
    seen = Counter(edit for line in faults for edit in set(line))
    habit = max(3, USUAL * lines)
    marked = []
    for line, left in zip(misread, faults, strict=True):
        reason = ""
        if line.path not in real and line.score is not None and line.score >= SURE:
            if not left:
                reason = "sure, and apart by a convention alone"
            elif _is_near(line, left) and min(seen[edit] for edit in left) < habit:
                reason = f"sure, and {len(left)} character{'s' * (len(left) > 1)} apart"
        marked.append(replace(line, agreed=not left, suspected=reason))
    return tuple(marked)


def _is_near(line: Misread, faults: Sequence[Edit]) -> bool:
    characters = sum(1 for edit in line.edits if edit.truth)
    return len(faults) <= max(1, NEAR * characters)
