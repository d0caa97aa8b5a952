"""A team's labelled lines, shared out by hash: each document, and each image, in one role alone.

With the hashes of their images, and label files of some of them.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from textlines.defects import of_lines
from textlines.errors import InputError
from textlines.files import real_path, replacing, unwritable
from textlines.formats.line_roles import LineRole
from textlines.labels.label_file import LabelLine, read_labels
from textlines.labels.tally import Tally
from train.judging.intervals import UNMATCHED, grouping
from train.judging.significance import LEAST_JUDGED
from train.seen import hashes_of

CROPS = "crops"
"""Beside the label files: a link to the folder of images."""

LEAST_STOPPED = 150
"""Lines, apart from those that judge, below which none is set apart to stop by: every fifth line
tells less about 20 held-out lines than all of them do in five folds."""


@dataclass(frozen=True, slots=True)
class HashedLine:
    """A labelled line whose image is there, and the sha256 of that."""

    line: LabelLine
    sha256: str


def hashed_lines(labels: Path, images: Path, tally: Tally) -> list[HashedLine]:
    """Read a label file and hash its images; lines whose image cannot be read are counted.

    Raises:
        InputError: the label file cannot be read.
    """
    listed = list(read_labels(labels, tally=tally, home=images))
    hashes = hashes_of([images / line.path for line in listed])
    hashed = []
    for line, sha256 in zip(listed, hashes, strict=True):
        if sha256 is None:
            tally.add(of_lines.MISSING_IMAGE, f"{labels}:{line.number}")
        else:
            hashed.append(HashedLine(line, sha256))
    return hashed


def link_images(folder: Path, images: Path, name: str = CROPS) -> None:
    """Link a folder of images into that of label files, relative: both may be moved together.

    Raises:
        InputError: something else has the link's name, or it cannot be made.
    """
    link = folder / name
    leads_to = os.path.relpath(real_path(images), real_path(folder))
    if link.is_symlink():
        if os.readlink(link) == leads_to:  # noqa: PTH115 - the text is compared, not the place
            return
        link.unlink()
    elif link.exists():
        raise InputError(
            str(link), "is there, and a link to the images is to stand there", "Move it away."
        )
    try:
        link.symlink_to(leads_to, target_is_directory=True)
    except OSError as error:
        raise unwritable(link, error) from error


def write_linked(path: Path, lines: Iterable[LabelLine]) -> None:
    """Write a label file whose paths go through the link beside it.

    Raises:
        InputError: it cannot be written.
    """
    with replacing(path) as out:
        out.writelines(f"{CROPS}/{line.path}\t{line.label}\n" for line in lines)


Role = TypeVar("Role", bound=str)


def documents_of(paths: Sequence[str], group: str) -> tuple[str, ...]:
    """Name the document of each path.

    Args:
        group: a regular expression whose first capture group names it; "", and where it finds
            nothing, the path stands for itself.

    Raises:
        UsageError: it is no regular expression, captures nothing, or matches no path.

    >>> documents_of(["a_1.jpg", "a_2.jpg", "b.jpg"], "^([^_]+)_")
    ('a', 'a', 'b.jpg')
    """
    if not group:
        return tuple(paths)
    names = grouping(group, paths).names
    return tuple(
        path if name == UNMATCHED else name for path, name in zip(paths, names, strict=True)
    )


def share_of(name: str, seed: int) -> float:
    """Return the place of a name in 0..1, by its hash: the same whatever else is in the file."""
    drawn = int.from_bytes(hashlib.sha256(f"{seed}\n{name}".encode()).digest()[:8], "big")
    return drawn / 2**64


def role_of(document: str, shares: Mapping[Role, int], seed: int) -> Role:
    """Draw a document's role by its hash: the same one whatever else is in the file.

    Args:
        shares: per cent by role, 100 in all.

    >>> role_of("a", {"mine": 50, "judge": 50}, 1) == role_of("a", {"mine": 50, "judge": 50}, 1)
    True
    """
    place, reached = share_of(document, seed) * 100, 0
    for role, share in shares.items():
        reached += share
        if place < reached:
            return role
    return role


def shared_out(
    documents: Sequence[str],
    images: Sequence[str],
    shares: Mapping[Role, int],
    seed: int,
    kept: Mapping[str, Role] | None = None,
) -> tuple[tuple[Role, ...], int]:
    """Draw the role of each line.

    Args:
        documents, images: of each line, the name of its document and the hash of its image.
        shares: per cent by role, 100 in all, the most binding role first.
        kept: roles of images that have one already. Other lines of their documents follow them:
            where those have several roles, into the most binding.

    Returns:
        The roles, and how many lines show an image that an earlier line has too: they go where
        that one went, whatever their document, so that no image is in two roles.
    """
    kept = kept or {}
    order = list(shares)
    of_document: dict[str, Role] = {}
    for document, image in zip(documents, images, strict=True):
        if image in kept:
            rivals = [kept[image], of_document.get(document, kept[image])]
            of_document[document] = min(rivals, key=order.index)
    of_image: dict[str, Role] = {}
    roles = []
    copies = 0
    for document, image in zip(documents, images, strict=True):
        if image in of_image:
            copies += 1
        elif image in kept:
            of_image[image] = kept[image]
        else:
            known = of_document.get(document)
            of_image[image] = known or role_of(document, shares, seed)
        roles.append(of_image[image])
    return tuple(roles), copies


def with_floors(
    roles: Sequence[LineRole], shares: Mapping[LineRole, int], kept: set[LineRole]
) -> tuple[LineRole, ...]:
    """Let lines train that would make too small a judge, or too small a stopping set.

    Args:
        roles: as drawn. shares: per cent by role.
        kept: roles that lines have brought with them: these go on growing however small they are.

    >>> with_floors(("train", "judge"), {"train": 65, "stop": 15, "judge": 20}, set())
    ('train', 'train')
    """
    settled = list(roles)
    if "judge" not in kept and settled.count("judge") < LEAST_JUDGED:
        settled = ["train" if role == "judge" else role for role in settled]
    rest = len(settled) - settled.count("judge")
    least = LEAST_STOPPED * shares["stop"] // 100
    if "stop" not in kept and (rest < LEAST_STOPPED or settled.count("stop") < least):
        settled = ["train" if role == "stop" else role for role in settled]
    return tuple(settled)
