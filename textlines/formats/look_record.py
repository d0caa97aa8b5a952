"""The record of looks: which lines were judged on, how often, and what each look claimed at.

Whoever judges one candidate after another on the same lines will at last see one of them pass by
luck. So a gate that keeps this record writes down each verdict as a look at its lines, and reads
here how many there were. Lines are known by the bytes of their images, and a set by these together
with its labels: neither a path nor a date stands in the record, and a file that was moved is the
same set.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from textlines.errors import InputError
from textlines.formats.contract import (
    Contract,
    Document,
    Record,
    check_version,
    read_document,
    validated,
)
from textlines.formats.seen_images import WIDTH

VERSION = 1

KIND = Document(
    "the record of looks",
    "a record of looks",
    "Name the file that earlier calls of `train gate --looks` wrote, or a new one.",
)

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ImageDigest = Annotated[str, StringConstraints(pattern=rf"^[0-9a-f]{{{2 * WIDTH}}}$")]
Share = Annotated[float, Field(gt=0, le=1)]


class LookedSet(Contract):
    """Lines that were looked at.

    Attributes:
        lines: of the label file whose images are there.
        images: the first 16 bytes of the sha256 of each image, hexadecimal, in their order.
    """

    lines: Annotated[int, Field(ge=1)]
    images: tuple[ImageDigest, ...]


class LookRow(Contract):
    """One verdict.

    Attributes:
        base, candidate: sha256 over the hashes of the files of each model.
        target, general: the sets by their content, in order: keys of the record's `sets`.
        way: sha256 over what else the verdict depends on: comparisons, groups, delta, turning and
            the seed of the bootstrap.
        planned: how many looks share the 5 % that may go wrong; None shares it by a series.
        number_target, number_general: of this look among those at lines of the role, from 1.
        alpha_target, alpha_general: what the intervals left out that a pass was claimed by.
        outcome: of the verdict.
    """

    base: Sha256
    candidate: Sha256
    target: Annotated[tuple[Sha256, ...], Field(min_length=1)]
    general: Annotated[tuple[Sha256, ...], Field(min_length=1)]
    way: Sha256
    planned: Annotated[int, Field(ge=1)] | None
    number_target: Annotated[int, Field(ge=1)]
    number_general: Annotated[int, Field(ge=1)]
    alpha_target: Share
    alpha_general: Share
    outcome: Literal["passed", "failed", "cannot_tell"]

    @property
    def same(self) -> tuple[object, ...]:
        """What two verdicts have in common that are one look: the models, the lines and the way."""
        return self.base, self.candidate, self.target, self.general, self.way


class LookRecord(Record):
    """All looks that the verdicts of a file were.

    Attributes:
        version: 1.
        sets: lines that were looked at, by the sha256 of their content.
        looks: in the order of the verdicts.
    """

    version: Literal[1] = 1
    sets: Mapping[Sha256, LookedSet] = {}
    looks: tuple[LookRow, ...] = ()

    def images_of(self, sets: Iterable[str]) -> frozenset[str]:
        """Return the digests of all images of some sets, by their keys."""
        return frozenset(image for key in sets for image in self.sets[key].images)

    def looks_at(self, images: Collection[str]) -> tuple[LookRow, ...]:
        """Return the looks at lines of which at least one image is among some, whatever its role.

        Args:
            images: digests, hexadecimal.
        """
        wanted = frozenset(images)
        touched = {key for key, one in self.sets.items() if not wanted.isdisjoint(one.images)}
        return tuple(
            look for look in self.looks if not touched.isdisjoint((*look.target, *look.general))
        )

    def with_look(self, look: LookRow, sets: Mapping[str, LookedSet]) -> "LookRecord":
        """Return the record with one more look, at sets whose lines it may know already."""
        return LookRecord(sets={**self.sets, **sets}, looks=(*self.looks, look))


def content_sha256(lines: Iterable[tuple[bytes, str]]) -> str:
    """Return what a set is known by: its images and labels, in whatever order and place.

    Args:
        lines: the digest of the image and the label of each.

    >>> content_sha256([(b"b", "2"), (b"a", "1")]) == content_sha256([(b"a", "1"), (b"b", "2")])
    True
    """
    whole = hashlib.sha256()
    for digest, label in sorted(lines):
        whole.update(digest.hex().encode() + b"\t" + label.encode() + b"\n")
    return whole.hexdigest()


def read_looks(path: Path) -> LookRecord:
    """Read a record of looks; an empty one where the file is not there yet.

    Raises:
        InputError: the file cannot be read, is no such record, of another version, or names a set
            that it does not hold.
    """
    if not path.exists():
        return LookRecord()
    content = read_document(path, KIND)
    check_version(content, path, KIND, VERSION)
    record = validated(LookRecord, content, path, KIND)
    named = {key for look in record.looks for key in (*look.target, *look.general)}
    if named - record.sets.keys():
        raise InputError(
            str(path),
            f"names a set that it does not hold ({min(named - record.sets.keys())})",
            KIND.again,
        )
    return record


def write_looks(record: LookRecord, path: Path) -> None:
    """Write a record of looks, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    record.write(path)
