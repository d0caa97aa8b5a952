"""Whether an earlier step saw some lines: what mining refuses, and a criterion of the gate."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from textlines.errors import InputError
from textlines.formats.history import TRAINED, History, Step
from textlines.formats.seen_images import as_digests
from textlines.labels.label_file import PLAIN, Dialect, read_labels
from textlines.labels.tally import Tally
from textlines.wording import Sentence, arranged, joined, say
from train.judging.judged_sets import ListedSet
from train.judging.verdict import Criterion, SeenRow
from train.seen.images import digests_of

UNSEEN_TITLE = say("No earlier step saw these lines")

NO_HISTORY = say(
    "no history: what was seen is not known (the candidate has no history.json; `train export` "
    "writes it)"
)

MOST_TOLD = 6
"""Steps that a sentence names; the JSON names all."""


def refuse_trained(
    history: History, labels: Path, images: Path | None, dialect: Dialect = PLAIN
) -> None:
    """Refuse lines that a model was trained on, in whichever round.

    Args:
        history: of the model. images: the folder that paths start from; None takes that of the
            label file. dialect: how that departs from the form.

    Raises:
        InputError: there are some; names the step and the way out.
    """
    folder = images or labels.parent
    lines = read_labels(labels, tally=Tally(), need_label=False, home=folder, dialect=dialect)
    paths = list(dict.fromkeys(line.path for line in lines))
    trained = trained_on(history, [folder / path for path in paths])
    if trained is None:
        return
    step, count = trained
    raise InputError(
        str(labels),
        f"holds {count:,} of {len(paths):,} images that the model was trained on ({step.step}, "
        f"round {step.round}): it remembers them",
        "Read them out of fold (`train fold`, then `train mine --predictions "
        "FOLDS/predictions.jsonl`), name other lines, or mine them all the same: --allow-seen.",
    )


def trained_on(history: History, images: Sequence[Path]) -> tuple[Step, int] | None:
    """Return the step that trained on most of some images, and on how many; None for none."""
    digests, _ = digests_of(images)
    seen = [
        (step, count)
        for step, count in history.saw_images(digests)
        if step.step.startswith(TRAINED)
    ]
    return max(seen, key=lambda step: step[1], default=None)


def seen_rows(sets: Sequence[ListedSet], history: History | None) -> tuple[SeenRow, ...]:
    """Return what earlier steps saw, for each set of which they saw something."""
    if history is None:
        return ()
    rows = []
    every = history.images
    for listed in sets:
        digests = as_digests(listed.digests.values())
        steps = tuple(step.told() for step in history.saw_file(listed.sha256))
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
            SeenRow(
                set=listed.name, steps=steps, images=images, of=len(listed.digests), by=tuple(by)
            )
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
        sentence = say(
            "{name}: {images:,} of {of:,} images were seen, by {steps}",
            name=row.set,
            images=row.images,
            of=row.of,
            steps=_listed(row.by),
        )
    else:
        sentence = say(
            "{name}: {images:,} of {of:,} images were seen",
            name=row.set,
            images=row.images,
            of=row.of,
        )
    if not row.steps:
        return sentence
    return joined("; ", [sentence, say("this very file by: {steps}", steps=_listed(row.steps))])


def _listed(steps: Sequence[str]) -> Sentence:
    shown = joined(", ", steps[:MOST_TOLD])
    more = len(steps) - MOST_TOLD
    return say("{steps} and {more} more", steps=shown, more=more) if more > 0 else shown


def unseen_criterion(
    rows: Sequence[SeenRow], history: History | None, *, is_allowed: bool
) -> Criterion:
    """Judge whether an earlier step saw the sets.

    Args:
        rows: of `seen_rows`.
        is_allowed: go on with sets that were seen (`--allow-seen`).
    """
    if rows:
        words = joined("; ", map(seen_words, rows))
        return Criterion(
            key="unseen",
            title=UNSEEN_TITLE,
            status="not_judged" if is_allowed else "cannot_tell",
            told=arranged("--allow-seen: {told}", told=words) if is_allowed else words,
        )
    if history is None:
        return Criterion(key="unseen", title=UNSEEN_TITLE, status="not_judged", told=NO_HISTORY)
    words = say(
        "{steps} earlier steps saw {images:,} images, none of these",
        steps=history.saw,
        images=len(history.images),
    )
    if history.gaps:
        gaps = say("but not all is known: {gaps}", gaps=joined("; ", history.gaps))
        words = joined("; ", [words, gaps])
        return Criterion(key="unseen", title=UNSEEN_TITLE, status="not_judged", told=words)
    return Criterion(key="unseen", title=UNSEEN_TITLE, status="passed", told=words)
