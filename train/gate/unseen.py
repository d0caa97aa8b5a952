"""Whether the judged sets are ones that no earlier step saw."""

from collections.abc import Sequence

from train.gate.listing import ListedSet
from train.gate.model import Criterion, SeenRow
from train.seen.history import History
from train.seen.images import as_digests

TITLE = "No earlier step saw these lines"

UNKNOWN = (
    "no history: what was seen is not known (the candidate has no history.json; `train export` "
    "writes it)"
)


def seen_rows(sets: Sequence[ListedSet], history: History | None) -> tuple[SeenRow, ...]:
    """Say what earlier steps saw, for each set of which they saw something."""
    if history is None:
        return ()
    rows = []
    for one in sets:
        steps = tuple(f"{step.step} {step.file}" for step in history.saw_file(one.sha256))
        images = int(history.images.holds(as_digests(one.digests.values())).sum())
        if steps or images:
            rows.append(SeenRow(set=one.name, steps=steps, images=images, of=len(one.digests)))
    return tuple(rows)


def seen_words(row: SeenRow) -> str:
    """Say it of one set.

    >>> seen_words(SeenRow(set="g.txt", steps=("train on mixed.txt",), images=3, of=9))
    'g.txt: 3 of 9 images were seen; this very file by: train on mixed.txt'
    """
    told = f"{row.set}: {row.images:,} of {row.of:,} images were seen"
    return told + (f"; this very file by: {', '.join(row.steps)}" if row.steps else "")


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
    told = f"{len(history.steps)} earlier steps saw {len(history.images):,} images, none of these"
    return Criterion(key="unseen", title=TITLE, status="passed", told=told)
