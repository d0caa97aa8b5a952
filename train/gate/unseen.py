"""Whether the judged sets are ones that no earlier step saw."""

from collections.abc import Sequence

import numpy as np

from textlines.formats.history import History
from textlines.formats.seen_images import as_digests
from train.gate.listing import ListedSet
from train.gate.model import Criterion, SeenRow

TITLE = "No earlier step saw these lines"

UNKNOWN = (
    "no history: what was seen is not known (the candidate has no history.json; `train export` "
    "writes it)"
)

MOST_TOLD = 6
"""Steps that a sentence names; the JSON names all."""


def seen_rows(sets: Sequence[ListedSet], history: History | None) -> tuple[SeenRow, ...]:
    """Return what earlier steps saw, for each set of which they saw something."""
    if history is None:
        return ()
    rows = []
    every = history.images
    for one in sets:
        digests = as_digests(one.digests.values())
        steps = tuple(step.told() for step in history.saw_file(one.sha256))
        images = int(every.holds(digests).sum())
        if not steps and not images:
            continue
        by = [f"{step.told()} ({count:,})" for step, count in history.saw_images(digests)]
        untold = history.untold.holds(digests)
        if np.any(untold):
            by.append(f"steps that an older program did not tell apart ({int(untold.sum()):,})")
        rows.append(
            SeenRow(set=one.name, steps=steps, images=images, of=len(one.digests), by=tuple(by))
        )
    return tuple(rows)


def seen_words(row: SeenRow) -> str:
    """Return it in words, of one set.

    >>> seen_words(SeenRow(set="g.txt", steps=("train on mixed.txt",), images=3, of=9))
    'g.txt: 3 of 9 images were seen; this very file by: train on mixed.txt'
    >>> seen_words(SeenRow(set="g.txt", steps=(), images=3, of=9, by=("round 1: stop on s (3)",)))
    'g.txt: 3 of 9 images were seen, by round 1: stop on s (3)'
    """
    told = f"{row.set}: {row.images:,} of {row.of:,} images were seen"
    if row.by:
        told += f", by {_listed(row.by)}"
    return told + (f"; this very file by: {_listed(row.steps)}" if row.steps else "")


def _listed(steps: Sequence[str]) -> str:
    more = f" and {len(steps) - MOST_TOLD} more" if len(steps) > MOST_TOLD else ""
    return f"{', '.join(steps[:MOST_TOLD])}{more}"


def unseen_criterion(
    rows: Sequence[SeenRow], history: History | None, *, is_allowed: bool
) -> Criterion:
    """Judge it.

    Args:
        rows: of `seen_rows`.
        is_allowed: go on with sets that were seen (`--allow-seen`).
    """
    if rows:
        told = "; ".join(map(seen_words, rows))
        return Criterion(
            key="unseen",
            title=TITLE,
            status="not_judged" if is_allowed else "cannot_tell",
            told=f"--allow-seen: {told}" if is_allowed else told,
        )
    if history is None:
        return Criterion(key="unseen", title=TITLE, status="not_judged", told=UNKNOWN)
    told = f"{history.saw} earlier steps saw {len(history.images):,} images, none of these"
    if history.gaps:
        told += f"; but not all is known: {'; '.join(history.gaps)}"
        return Criterion(key="unseen", title=TITLE, status="not_judged", told=told)
    return Criterion(key="unseen", title=TITLE, status="passed", told=told)
