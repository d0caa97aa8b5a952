"""Where the images of a label file are, when its paths do not say it.

PaddleOCR's and PPOCRLabel's own splitting scripts write absolute paths of the machine they ran on;
training sets are named from the repository they were in; folders get renamed. Then no image is
found, and all of them are once their paths lose what they begin with.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import islice, takewhile
from pathlib import Path

from textlines.defects import Defects, of_lines
from textlines.errors import InputError
from textlines.files import open_regular, real_path
from textlines.labels.label_file import LONGEST_LINE, PLAIN, Dialect
from textlines.labels.label_paths import (
    ALL_FOLDERS,
    from_folder,
    image_list,
    names_of_folder,
)
from textlines.labels.other_forms import OtherForm, form_of
from textlines.labels.tally import Tally
from textlines.wording import Sentence, say, say_n
from textlines.wording.counts import count_of

MOST_TRIED = 20_000
"""Lines whose images are looked for; the first ones of a file."""

MOST_FOLDERS = 12
"""Folders at the beginning of a path that may be too many."""


@dataclass(frozen=True, slots=True)
class PathFit:
    """Where images stand that the paths of a label file miss.

    Attributes:
        prefix: what the paths lose, as `Dialect.prefix` takes it; "" for paths that fit as they
            are, in another folder.
        folder: what they then start from.
        found: images that stand there. tried: lines that name one.
    """

    prefix: str
    folder: Path
    found: int
    tried: int

    def told(self) -> Sentence:
        """Write what fits.

        >>> PathFit("train_data/rec/", Path("set"), 37, 37).told()
        '37 of 37 images stand in set without "train_data/rec/" before their paths'
        """
        there = say_n(
            "{found:,} of {n:,} image stands in {folder}",
            "{found:,} of {n:,} images stand in {folder}",
            self.tried,
            found=self.found,
            folder=str(self.folder),
        )
        if self.prefix == ALL_FOLDERS:
            return say("{there} by their file names alone", there=there)
        if self.prefix:
            return say(
                '{there} without "{prefix}" before their paths', there=there, prefix=self.prefix
            )
        return there

    def mend(self, labels: Path) -> Sentence:
        """Write what to call: it writes a file whose paths fit, which every command takes."""
        if not self.prefix:
            return say("Name that folder: --images {folder}", folder=str(self.folder))
        return say(
            "Write a file with paths that fit: {command}",
            command=f"balance check {labels} --images {self.folder} --cut-prefix '{self.prefix}' "
            f"--fix {self.folder / 'fitting.txt'}",
        )


def fit_of(labels: Path, folders: Sequence[Path], dialect: Dialect = PLAIN) -> PathFit | None:
    """Find the folder and the beginning to cut with which the most images of a file are there.

    Tried are all beginnings of folders that its paths share, the shortest first, then their file
    names alone (where no two lines have one name); below each of the folders, in their order.

    Args:
        folders: what the paths may start from; the first is what was asked for.

    Returns:
        None where fewer than half of the images are found, or the paths fit as they are.
    """
    paths = _paths(labels, dialect)
    if not paths:
        return None
    best: PathFit | None = None
    for prefix in _prefixes(paths):
        for at, folder in enumerate(folders):
            found = sum(_is_file(folder, rest) for rest in _rests(paths, prefix, folder))
            if not prefix and not at and found:
                return None  # they fit, as far as they are there
            if 2 * found >= len(paths) and (best is None or found > best.found):
                best = PathFit(prefix, folder, found, len(paths))
        if best and best.found == len(paths):
            break
    return best


def _paths(labels: Path, dialect: Dialect) -> list[str]:
    """Read the paths of a file as they stand there, with slashes, whatever is wrong with them."""
    found: list[str] = []
    try:
        # No pipe: what came out of one has been read.
        with TextIOWrapper(
            open_regular(labels), dialect.encoding or "utf-8", errors="replace", newline="\n"
        ) as file:
            for line in islice(iter(lambda: file.readline(LONGEST_LINE), ""), MOST_TRIED):
                column, tab, _ = line.lstrip("\ufeff").partition("\t")
                try:
                    listed = image_list(column)
                except ValueError:
                    continue
                if tab and column.strip():
                    found += (one.replace("\\", "/") for one in listed or (column,))
    except OSError:
        return []
    return found


def _prefixes(paths: Sequence[str]) -> list[str]:
    """List what the paths may lose: each head of folders that they share, and all folders."""
    # What the first and the last share, all of them do.
    both = (path.split("/")[:-1] for path in (min(paths), max(paths)))
    parts = list(takewhile(lambda pair: pair[0] == pair[1], zip(*both, strict=False)))
    heads = [
        "".join(f"{one}/" for one, _ in parts[: count + 1])
        for count in range(min(len(parts), MOST_FOLDERS))
    ]
    names = {path.rpartition("/")[2] for path in paths}
    alone = [ALL_FOLDERS] if len(names) == len(set(paths)) and any("/" in p for p in paths) else []
    return ["", *heads, *alone]


def _rests(paths: Sequence[str], prefix: str, folder: Path) -> list[str]:
    """Cut paths: "" takes them as they are, absolute ones in the folder from there on."""
    if not prefix:
        names = names_of_folder(folder)
        return [from_folder(path, names) or path for path in paths]
    if prefix == ALL_FOLDERS:
        return [path.rpartition("/")[2] for path in paths]
    return [path[len(prefix) :] for path in paths]


def _is_file(folder: Path, path: str) -> bool:
    # Not Path.is_file: it raises on a name that is too long, or that holds a NUL.
    try:
        return not path.startswith("/") and os.path.isfile(os.path.join(folder, path))  # noqa: PTH113, PTH118
    except ValueError:
        return False


def nothing_left(
    labels: Path,
    tally: Tally,
    *,
    images: Path | None = None,
    dialect: Dialect = PLAIN,
    what: str = "label line",
    defects: Defects = of_lines.LABEL_FILE,
    mend: str = "Name another file.",
    hint: str = "",
) -> InputError:
    """Return the error for a label file of which no line is left, with the reason and the way out.

    Args:
        tally: what reading it counted.
        images: the folder that its paths start from; None is its own.
        what: is missing, in words. defects: that the tally may hold.
        mend: the way out for a file that is empty. hint: for lines that were left out, where more
            is known than that.
    """
    told = "; ".join(tally.lines(defects))
    if other := other_form(labels):
        return InputError(str(labels), f"is {other.name}, and no label file", way_in(labels, other))
    if fit := fit_of(labels, candidates(labels, images), dialect):
        return InputError(
            str(labels), f"holds no {what} ({told or 'none fits'}): {fit.told()}", fit.mend(labels)
        )
    if set(tally.as_dict()) <= {of_lines.BLANK_LINE.code, of_lines.BOM.code}:
        return InputError(str(labels), f"holds no {what} ({told or 'it is empty'})", mend)
    if tally[of_lines.NOT_UTF8.code]:
        guess = tally.encoding or "CP949"
        return InputError(
            str(labels),
            f"holds no {what} ({told})",
            f"Write it as UTF-8: balance check {labels} --encoding {guess} --fix NEW.txt",
        )
    return InputError(
        str(labels),
        f"holds no {what} ({told})",
        hint or f"Mend the lines, or see all of them: balance check {labels}",
    )


def fitted(
    labels: Path, images: Path | None = None, dialect: Dialect = PLAIN
) -> tuple[Path, Dialect]:
    """Return what the paths of a label file start from, and how they are to be read.

    Args:
        images: the folder that they surely start from; None looks in the file's folder and above.
        dialect: what is known of the file.
    """
    fit = fit_of(labels, [images] if images else candidates(labels, None), dialect)
    if fit is None:
        return images or labels.parent, dialect
    return fit.folder, replace(dialect, prefix=fit.prefix)


def other_form(labels: Path) -> OtherForm | None:
    """Return what a file is that was named as a label file; None for one, or for nothing known."""
    other = form_of(labels)
    return None if other is None or other.format == "ppocr-rec" else other


def way_in(file: Path, other: OtherForm) -> Sentence:
    """Write how a file of another form is brought in."""
    if not other.format:
        return say("Name a label file: path<TAB>label, one line each.")
    command = f"balance import {other.format} {file} --out FOLDER"
    return say("Bring it in first: {command}", command=command)


def candidates(labels: Path, images: Path | None) -> list[Path]:
    """List what the paths of a label file may start from: what was asked for, then its folder.

    The folder above comes last: PPOCRLabel writes the folder's own name first.
    """
    named = [images] if images else []
    named += [labels.parent, real_path(labels.parent).parent]
    found: dict[Path, Path] = {}
    for folder in named:
        found.setdefault(real_path(folder), folder)
    return list(found.values())


def no_image(labels: Path, images: Path, count: int, *, dialect: Dialect = PLAIN) -> InputError:
    """Return the error for a label file none of whose images can be read.

    Args:
        images: the folder that its paths start from.
        count: lines that it names.
    """
    lines = f"none of its {count_of(count, 'image')} can be read in {images}"
    if fit := fit_of(labels, candidates(labels, images), dialect):
        return InputError(str(labels), f"{lines}: {fit.told()}", fit.mend(labels))
    return InputError(
        str(labels),
        lines,
        "Is --images right? Paths start from it; by default from the label file's folder.",
    )
