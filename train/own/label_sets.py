"""A team's labelled lines with the hashes of their images, and label files of some of them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from textlines.files import real_path, replacing, unwritable
from textlines.labels.label_file import REASONS, LabelLine, read_labels
from textlines.labels.tally import Tally
from train.seen import hashes_of

CROPS = "crops"
"""Beside the label files: a link to the folder of images."""

COPIES = "image_copied"
WORDS = {**REASONS, COPIES: "copy of an image that stands in an earlier line, kept in its role"}


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
    found = []
    for line, sha256 in zip(listed, hashes, strict=True):
        if sha256 is None:
            tally.add("missing_image", f"{labels}:{line.number}")
        else:
            found.append(HashedLine(line, sha256))
    return found


def link_images(folder: Path, images: Path, name: str = CROPS) -> None:
    """Link a folder of images into that of label files, relative: both may be moved together.

    Raises:
        InputError: something else has the link's name, or it cannot be made.
    """
    link = folder / name
    target = os.path.relpath(real_path(images), real_path(folder))
    if link.is_symlink():
        if os.readlink(link) == target:  # noqa: PTH115 - the text is compared, not the place
            return
        link.unlink()
    elif link.exists():
        raise InputError(
            str(link), "is there, and a link to the images is to stand there", "Move it away."
        )
    try:
        link.symlink_to(target, target_is_directory=True)
    except OSError as error:
        raise unwritable(link, error) from error


def write_linked(path: Path, lines: Iterable[LabelLine]) -> None:
    """Write a label file whose paths go through the link beside it.

    Raises:
        InputError: it cannot be written.
    """
    with replacing(path) as out:
        out.writelines(f"{CROPS}/{line.path}\t{line.label}\n" for line in lines)
