"""The judged sets as files: their lines, and the hash of each image, before any model reads."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os.path import commonpath
from pathlib import Path

from textlines.errors import InputError, UsageError
from textlines.files import real_path, sha256_of
from textlines.formats.judged_set import JudgedSet
from textlines.formats.rendered import any_rendered
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from train.gate.model import Look
from train.seen import digests_of


@dataclass(frozen=True, slots=True)
class ListedSet:
    """A judged set before it is read.

    Attributes:
        name: short and unique among the sets.
        sha256: of the label file.
        lines: of the label file that can be used, repeated ones too.
        digests: of each image that is there, by its path; no image twice in all sets together.
        repeated: paths of images that an earlier line, or an earlier set, has too.
    """

    judged: JudgedSet
    is_target: bool
    name: str
    sha256: str
    lines: int
    digests: Mapping[str, bytes]
    repeated: frozenset[str]
    is_synthetic: bool


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
    wanted = [*((one, True) for one in targets), *((one, False) for one in general)]
    for judged, _ in wanted:
        judged.check()
    _refuse_twice([judged for judged, _ in wanted])
    names = short_names([judged.path for judged, _ in wanted])
    owners: dict[bytes, str] = {}
    listed = []
    for (judged, is_target), name in zip(wanted, names, strict=True):
        one = _list(judged, is_target, name, images, owners, workers)
        listed.append(one)
    _refuse_shared(listed, owners)
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
    lines = [line.path for line in read_labels(judged.path, tally=Tally(), home=folder)]
    paths = list(dict.fromkeys(lines))
    found, were_read = digests_of([folder / path for path in paths], workers)
    there = [path for path, was_read in zip(paths, were_read, strict=True) if was_read]
    digests, repeated = {}, set()
    for path, digest in zip(there, map(bytes, found), strict=True):
        if digest in owners:
            repeated.add(path)
        owners.setdefault(digest, name)
        digests[path] = digest
    return ListedSet(
        judged,
        is_target,
        name,
        sha256_of(judged.path),
        len(lines),
        digests,
        frozenset(repeated),
        any_rendered(paths, folder),
    )


def _refuse_twice(wanted: Sequence[JudgedSet]) -> None:
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


def _refuse_shared(listed: Sequence[ListedSet], owners: Mapping[bytes, str]) -> None:
    targets = {one.name for one in listed if one.is_target}
    for one in listed:
        shared = [path for path, digest in one.digests.items() if owners[digest] in targets]
        if shared and not one.is_target:
            other = owners[one.digests[shared[0]]]
            raise UsageError(
                f"{one.judged.path}",
                f"shares {len(shared):,} of its {len(one.digests):,} images with the target "
                f"{other} (first: {shared[0]})",
                "Take them out of one of the two: what is to get better cannot also be what must "
                "stay.",
            )
        if one.digests and len(one.repeated) == len(one.digests):
            raise InputError(
                str(one.judged.path),
                "holds no image that an earlier set does not have",
                "Name each set once.",
            )


def look_of(one: ListedSet) -> Look:
    """Return what a verdict keeps of a set that it read."""
    images = sorted(set(one.digests.values()))
    return Look(
        file=one.judged.path.as_posix(),
        sha256=one.sha256,
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
