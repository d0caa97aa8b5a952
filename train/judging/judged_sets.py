"""The judged sets as files: lines, the hash of each image, and whether an earlier step saw them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os.path import commonpath
from pathlib import Path

import numpy as np

from textlines.errors import InputError, UsageError
from textlines.files import real_path, sha256_of
from textlines.formats.history import GENERAL_STOP, History
from textlines.formats.judged_set import JudgedSet
from textlines.formats.look_record import content_sha256
from textlines.formats.rendered import any_rendered
from textlines.formats.seen_images import as_digests
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.wording import Sentence, arranged, joined, say, say_n
from textlines.wording.counts import count_of
from train.judging.significance import LEAST_JUDGED
from train.judging.verdict import Criterion, Look, SeenRow
from train.seen import digests_of

TARGET_TITLE = say("The target got better")

UNSEEN_TITLE = say("No earlier step saw these lines")

NO_HISTORY = say(
    "no history: what was seen is not known (the candidate has no history.json; `train export` "
    "writes it)"
)

MOST_TOLD = 6
"""Steps that a sentence names; the JSON names all."""


@dataclass(frozen=True, slots=True)
class ListedSet:
    """A judged set before it is read.

    Attributes:
        name: short and unique among the sets.
        sha256: of the label file.
        lines: of the label file that can be used, repeated ones too.
        digests: of each image that is there, by its path; no image twice in all sets together.
        repeated: paths of images that an earlier line, or an earlier set, has too.
        content: what the set is known by wherever it lies (`textlines.formats.look_record`), and
            `content_lines` how many lines that is of: those whose image is there.
    """

    judged: JudgedSet
    is_target: bool
    name: str
    sha256: str
    lines: int
    digests: Mapping[str, bytes]
    repeated: frozenset[str]
    is_synthetic: bool
    content: str = ""
    content_lines: int = 0


def list_sets(
    targets: Sequence[JudgedSet],
    general: Sequence[JudgedSet],
    images: Path | None = None,
    *,
    workers: int = 4,
) -> tuple[ListedSet, ...]:
    """List the sets, targets first.

    Args:
        images: the folder that paths start from; None takes that of each label file.

    Raises:
        UsageError: a set is named twice, or a target and a general set share images.
        InputError: a label file cannot be read, or holds no line of its own.
    """
    wanted = [*((judged, True) for judged in targets), *((judged, False) for judged in general)]
    for judged, _ in wanted:
        judged.check()
    refuse_twice([judged for judged, _ in wanted])
    names = short_names([judged.path for judged, _ in wanted])
    owners: dict[bytes, str] = {}
    listed = []
    for (judged, is_target), name in zip(wanted, names, strict=True):
        listed_set = _list(
            judged, is_target=is_target, name=name, images=images, owners=owners, workers=workers
        )
        listed.append(listed_set)
    refuse_shared(listed, owners)
    return tuple(listed)


def _list(
    judged: JudgedSet,
    is_target: bool,
    name: str,
    images: Path | None,
    owners: dict[bytes, str],
    workers: int,
) -> ListedSet:
    """List one set; `owners` grows by its images."""
    folder = images or judged.path.parent
    lines = [
        (line.path, line.label) for line in read_labels(judged.path, tally=Tally(), home=folder)
    ]
    files = {path: folder / path for path, _ in lines}
    return listed_set(
        judged,
        files,
        is_target=is_target,
        name=name,
        lines=len(lines),
        is_synthetic=any_rendered(files, folder),
        owners=owners,
        workers=workers,
        labels=lines,
    )


def listed_set(
    judged: JudgedSet,
    files: Mapping[str, Path],
    *,
    is_target: bool,
    name: str,
    lines: int,
    is_synthetic: bool,
    owners: dict[bytes, str],
    workers: int,
    labels: Sequence[tuple[str, str]] = (),
) -> ListedSet:
    """Hash the images of a set, of lines or of pages.

    Args:
        files: each image by the path that the label file has for it.
        lines: of the label file, repeated ones too.
        owners: the set of each image of the sets before; grows by these.
        labels: path and label of each line; of pages none.
    """
    hashes, were_read = digests_of(list(files.values()), workers)
    there = [path for path, was_read in zip(files, were_read, strict=True) if was_read]
    digests, repeated = {}, set()
    for path, digest in zip(there, map(bytes, hashes), strict=True):
        if digest in owners:
            repeated.add(path)
        owners.setdefault(digest, name)
        digests[path] = digest
    content = [(digests[path], label) for path, label in labels if path in digests]
    return ListedSet(
        judged=judged,
        is_target=is_target,
        name=name,
        sha256=sha256_of(judged.path),
        lines=lines,
        digests=digests,
        repeated=frozenset(repeated),
        is_synthetic=is_synthetic,
        content=content_sha256(content),
        content_lines=len(content),
    )


def refuse_twice(wanted: Sequence[JudgedSet]) -> None:
    """Check that no label file is named twice.

    Raises:
        UsageError: one is.
    """
    seen: dict[Path, JudgedSet] = {}
    for judged in wanted:
        place = real_path(judged.path)
        if place in seen:
            raise UsageError(
                f"{seen[place]}, {judged}",
                "are the same file",
                "Name each set once: a line proves one thing only.",
            )
        seen[place] = judged


def refuse_shared(listed: Sequence[ListedSet], owners: Mapping[bytes, str]) -> None:
    """Check that no general set shares an image with a target, and that each has one of its own.

    Args:
        owners: of each image, the first set that has it.

    Raises:
        UsageError: a general set shares images with a target.
        InputError: every image of a set belongs to an earlier one.
    """
    targets = {listed_set.name for listed_set in listed if listed_set.is_target}
    for listed_set in listed:
        shared = [path for path, digest in listed_set.digests.items() if owners[digest] in targets]
        if shared and not listed_set.is_target:
            other = owners[listed_set.digests[shared[0]]]
            raise UsageError(
                f"{listed_set.judged.path}",
                f"shares {len(shared):,} of its {count_of(len(listed_set.digests), 'image')} with "
                f"the target {other} (first: {shared[0]})",
                "Take them out of one of the two: what is to get better cannot also be what must "
                "stay.",
            )
        if listed_set.digests and len(listed_set.repeated) == len(listed_set.digests):
            raise InputError(
                str(listed_set.judged.path),
                "holds no image that an earlier set does not have",
                "Name each set once.",
            )


def look_of(listed_set: ListedSet) -> Look:
    """Return what a verdict keeps of a set that it read."""
    images = sorted(set(listed_set.digests.values()))
    return Look(
        file=listed_set.judged.path.as_posix(),
        sha256=listed_set.sha256,
        images=len(images),
        images_sha256=hashlib.sha256(b"".join(images)).hexdigest(),
    )


def short_names(paths: Sequence[Path]) -> tuple[str, ...]:
    """Name files by what sets them apart: their paths without the folders that all share.

    >>> short_names([Path("/data/a/dev/gt.txt"), Path("/data/b/gt.txt")])
    ('a/dev/gt.txt', 'b/gt.txt')
    >>> short_names([Path("sets/judge.txt"), Path("sets/g1.txt")])
    ('judge.txt', 'g1.txt')
    """
    whole = [path.absolute() for path in paths]
    try:
        shared = commonpath([path.parent for path in whole])
    except ValueError:  # other drives
        return tuple(path.as_posix() for path in paths)
    return tuple(path.relative_to(shared).as_posix() for path in whole)


def _has_real_general(sets: tuple[ListedSet, ...]) -> bool:
    return any(not listed_set.is_target and not listed_set.is_synthetic for listed_set in sets)


def rendered_notes(sets: tuple[ListedSet, ...]) -> list[Sentence]:
    """Return which general sets are rendered beside real ones, and what they count for."""
    if not _has_real_general(sets):
        return []
    return [
        say(
            "{name} holds rendered lines: it can fail a candidate, and counts for nothing else",
            name=listed_set.name,
        )
        for listed_set in sets
        if listed_set.is_synthetic and not listed_set.is_target
    ]


def synthetic_reasons(sets: tuple[ListedSet, ...], history: History) -> tuple[Sentence, ...]:
    """Return why a verdict on these sets is a demonstration and proves nothing; () if it is not."""
    reasons = [
        say("{name} holds rendered lines", name=listed_set.name)
        for listed_set in sets
        if listed_set.is_synthetic and (listed_set.is_target or not _has_real_general(sets))
    ]
    reasons += [
        say("{step} {file}, rendered", step=Sentence(step.step), file=step.file)
        for step in history.synthetic_choices()
        if not (_has_real_general(sets) and step.step == GENERAL_STOP)
    ]
    return tuple(dict.fromkeys(reasons))


def no_target_criterion() -> Criterion:
    """Return the criterion on a target of which there is no line yet."""
    return Criterion(
        key="target_gain",
        title=TARGET_TITLE,
        status="cannot_tell",
        told=say(
            "no line to judge on: label {count} more that no step trains on or stops by (`train "
            "share` makes a judge of them)",
            count=LEAST_JUDGED,
        ),
        more_lines=LEAST_JUDGED,
    )


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
        sentence = say_n(
            "{name}: {images:,} of {n:,} image was seen, by {steps}",
            "{name}: {images:,} of {n:,} images were seen, by {steps}",
            row.of,
            name=row.set,
            images=row.images,
            steps=_listed(row.by),
        )
    else:
        sentence = say_n(
            "{name}: {images:,} of {n:,} image was seen",
            "{name}: {images:,} of {n:,} images were seen",
            row.of,
            name=row.set,
            images=row.images,
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
        "{steps} saw {images}, none of these",
        steps=say_n("{n:,} earlier step", "{n:,} earlier steps", history.saw),
        images=say_n("{n:,} image", "{n:,} images", len(history.images)),
    )
    if history.gaps:
        gaps = say("but not all is known: {gaps}", gaps=joined("; ", history.gaps))
        words = joined("; ", [words, gaps])
        return Criterion(key="unseen", title=UNSEEN_TITLE, status="not_judged", told=words)
    return Criterion(key="unseen", title=UNSEEN_TITLE, status="passed", told=words)
