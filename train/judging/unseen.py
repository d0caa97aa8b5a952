"""Whether the judged sets are ones that no earlier step saw."""

from collections.abc import Sequence

import numpy as np

from textlines.formats.history import History
from textlines.formats.seen_images import as_digests
from textlines.wording import Sentence, arranged, joined, say
from train.judging.judged_sets import ListedSet
from train.judging.verdict import Criterion, SeenRow

TITLE = say("No earlier step saw these lines")

UNKNOWN = say(
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
        by = [
            arranged("{step} ({count:,})", step=step.told(), count=count)
            for step, count in history.saw_images(digests)
        ]
        untold = history.untold.holds(digests)
        if np.any(untold):
            by.append(
                say(
                    "steps that an older program did not tell apart ({count:,})",
                    count=int(untold.sum()),
                )
            )
        rows.append(
            SeenRow(set=one.name, steps=steps, images=images, of=len(one.digests), by=tuple(by))
        )
    return tuple(rows)


def seen_words(row: SeenRow) -> Sentence:
    """Return it in words, of one set.

    >>> seen_words(SeenRow(set="g.txt", steps=("train on mixed.txt",), images=3, of=9))
    'g.txt: 3 of 9 images were seen; this very file by: train on mixed.txt'
    >>> seen_words(SeenRow(set="g.txt", steps=(), images=3, of=9, by=("round 1: stop on s (3)",)))
    'g.txt: 3 of 9 images were seen, by round 1: stop on s (3)'
    """
    if row.by:
        told = say(
            "{name}: {images:,} of {of:,} images were seen, by {steps}",
            name=row.set,
            images=row.images,
            of=row.of,
            steps=_listed(row.by),
        )
    else:
        told = say(
            "{name}: {images:,} of {of:,} images were seen",
            name=row.set,
            images=row.images,
            of=row.of,
        )
    if not row.steps:
        return told
    return joined("; ", [told, say("this very file by: {steps}", steps=_listed(row.steps))])


def _listed(steps: Sequence[str]) -> Sentence:
    shown = joined(", ", steps[:MOST_TOLD])
    more = len(steps) - MOST_TOLD
    return say("{steps} and {more} more", steps=shown, more=more) if more > 0 else shown


def unseen_criterion(
    rows: Sequence[SeenRow], history: History | None, *, is_allowed: bool
) -> Criterion:
    """Judge it.

    Args:
        rows: of `seen_rows`.
        is_allowed: go on with sets that were seen (`--allow-seen`).
    """
    if rows:
        told = joined("; ", map(seen_words, rows))
        return Criterion(
            key="unseen",
            title=TITLE,
            status="not_judged" if is_allowed else "cannot_tell",
            told=arranged("--allow-seen: {told}", told=told) if is_allowed else told,
        )
    if history is None:
        return Criterion(key="unseen", title=TITLE, status="not_judged", told=UNKNOWN)
    told = say(
        "{steps} earlier steps saw {images:,} images, none of these",
        steps=history.saw,
        images=len(history.images),
    )
    if history.gaps:
        gaps = say("but not all is known: {gaps}", gaps=joined("; ", history.gaps))
        told = joined("; ", [told, gaps])
        return Criterion(key="unseen", title=TITLE, status="not_judged", told=told)
    return Criterion(key="unseen", title=TITLE, status="passed", told=told)
