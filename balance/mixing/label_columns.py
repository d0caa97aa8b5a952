"""Label files of millions of lines: what is plain is read by arrays, what is odd one by one.

A line is plain when reading it by `textlines.labels` would change nothing: one tab, valid UTF-8,
no control character, a path in its normal form. Whatever else is handed to that reader, and the
label to `textlines.rules`, so that both ways give the same lines and the same counts.

Paths of whole blocks are held against the folder of images that they start from: whether each
image is there, and whether it was rendered.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np

from balance.mixing.label_blocks import LineBlock, Stream, WordCounts, rows_buffer
from balance.mixing.mix_request import By, CheckImages
from balance.mixing.option_values import ALL_ROLES
from balance.mixing.screening import Columns, LabelReader
from balance.mixing.slices import (
    SLACK,
    Bytes,
    Flags,
    Hashes,
    Ints,
    draw_keys,
    hash_slices,
    with_slack,
)
from balance.mixing.sorting import LineSorter
from textlines.defects import Defect, of_lines
from textlines.errors import InputError, UsageError
from textlines.files import raise_if_of_the_machine, real_path
from textlines.formats.rendered import RenderedFolder, rendered_folder
from textlines.formats.roles import Role
from textlines.labels.label_file import (
    LONGEST_LINE,
    PLAIN,
    Dialect,
    LabelLine,
    Prefixes,
    read_labels,
    read_line,
)
from textlines.labels.label_paths import names_of_folder, shown_path
from textlines.labels.tally import Tally
from textlines.wording import Sentence

_SLASH = 47


class Images:
    """Knows of paths whether a file is there. Remembers the folders that it listed."""

    def __init__(self, folder: Path, how: CheckImages) -> None:
        self.folder, self.how = folder, how
        self._listed: dict[int, Hashes] = {}

    def present(self, buffer: Bytes, starts: Ints, lengths: Ints) -> Flags:
        """Whether the file of each path (a slice of the buffer) is there."""
        if self.how == "none" or not len(starts):
            return np.ones(len(starts), np.bool_)
        if self.how == "stat":
            paths = [
                os.fsdecode(buffer[start : start + length].tobytes())
                for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
            ]
            return np.fromiter((_is_there(self.folder / p) for p in paths), np.bool_, len(paths))
        sizes = _folder_lengths(buffer, starts, lengths)
        folders, first = np.unique(hash_slices(buffer, starts, sizes), return_index=True)
        known = [
            self._names(int(key), buffer[starts[at] : starts[at] + sizes[at]].tobytes())
            for key, at in zip(folders, first, strict=True)
        ]
        there = np.sort(np.concatenate(known))
        asked = hash_slices(buffer, starts, lengths)
        if not len(there):
            return np.zeros(len(starts), np.bool_)
        places = np.minimum(np.searchsorted(there, asked), len(there) - 1)
        flags: Flags = there[places] == asked
        return flags

    def _names(self, key: int, folder: bytes) -> Hashes:
        """Hash the paths of all files in one folder; an absent folder has none."""
        hashes = self._listed.get(key)
        if hashes is None:
            place = self.folder / os.fsdecode(folder) if folder else self.folder
            head = folder + b"/" if folder else b""
            try:
                with os.scandir(place) as entries:
                    names = [head + os.fsencode(e.name) for e in entries if _is_there(e)]
            except OSError as error:
                # Its lines would be left out as lines without an image.
                raise_if_of_the_machine(place, error)
                names = []
            lengths = np.fromiter(map(len, names), np.int64, len(names))
            hashes = hash_slices(with_slack(b"".join(names)), np.cumsum(lengths) - lengths, lengths)
            self._listed[key] = hashes
        return hashes


def _folder_lengths(buffer: Bytes, starts: Ints, lengths: Ints) -> Ints:
    """Find how long the folder of each path (a slice of the buffer) is, without its slash."""
    low = int(starts.min())
    slashes = np.flatnonzero(buffer[low : int((starts + lengths).max())] == _SLASH) + low
    last = np.searchsorted(slashes, starts + lengths) - 1
    ends = slashes[last] if len(slashes) else np.full(len(starts), -1, np.int64)
    sizes: Ints = np.where((last >= 0) & (ends >= starts), ends - starts, 0)
    return sizes


def _is_there(path: "Path | os.DirEntry[str]") -> bool:
    # A link to itself raises, and must not hide the files beside it.
    try:
        return path.is_file()
    except (OSError, ValueError) as error:
        raise_if_of_the_machine(os.fspath(path), error)
        return False


_TRIED = 20
"""Lines whose images tell which of two folders a file means."""


def home_of(path: Path, role: Role, images: Mapping[str, Path], dialect: Dialect = PLAIN) -> Path:
    """Find what the paths of a label file start from.

    The folder of its role, else the one for all roles, else the file's own. A file whose first
    images do not lie in the folder for all roles, but beside the file, starts from its own:
    rendered lines name their images from the folder they were made in.

    Raises:
        UsageError: images of one name lie in both: one of them is another line's.
    """
    if role in images:
        return images[role]
    if ALL_ROLES not in images:
        return path.parent
    asked = images[ALL_ROLES]
    beside, here = (
        [row for row in _first(path, folder, dialect) if _is_file(folder / row.path)]
        for folder in (path.parent, asked)
    )
    if not beside or real_path(asked) == real_path(path.parent):
        return asked
    if here:
        raise UsageError(
            "--images",
            f"{here[0].path} of {path} lies in {asked} and beside the file too",
            f"Say which is meant: --images {role}={path.parent} or {role}={asked}.",
        )
    return path.parent


def _first(path: Path, home: Path, dialect: Dialect) -> list[LabelLine]:
    rows = read_labels(path, tally=Tally(), need_label=False, home=home, dialect=dialect)
    return list(islice(rows, _TRIED))


def _is_file(path: Path) -> bool:
    # Not Path.is_file: it raises on a name that is too long.
    return os.path.isfile(path)  # noqa: PTH113


class Provenance:
    """Knows of paths whether their images are rendered, as `textlines.formats.rendered` says.

    Remembers the folders that it asked. Links to single images are not followed: it would cost
    a look at every image.
    """

    def __init__(self, folder: Path) -> None:
        self._root = folder
        self._told: dict[str, RenderedFolder | None] = {}
        self._whole: dict[int, bool] = {}
        self._named: list[Hashes] = []

    def flags(self, buffer: Bytes, starts: Ints, lengths: Ints) -> Flags:
        """Whether the image of each path (a slice of the buffer) was rendered.

        Raises:
            InputError: a manifest or record on the way to an image is damaged.
        """
        if not len(starts):
            return np.zeros(0, np.bool_)
        sizes = _folder_lengths(buffer, starts, lengths)
        keys, first, of = np.unique(
            hash_slices(buffer, starts, sizes), return_index=True, return_inverse=True
        )
        for key, at in zip(keys.tolist(), first.tolist(), strict=True):
            if key not in self._whole:
                raw = buffer[starts[at] : starts[at] + sizes[at]].tobytes()
                self._whole[key] = self._ask(os.fsdecode(raw))
        whole = np.array([self._whole[key] for key in keys.tolist()], np.bool_)
        flags: Flags = whole[of.reshape(-1)]
        if self._named:
            asked = hash_slices(buffer, starts, lengths)
            flags |= np.isin(asked, np.concatenate(self._named))
        return flags

    def _ask(self, folder: str) -> bool:
        """Ask the folders from the root down to this one; whether all its images are rendered."""
        parts = folder.split("/") if folder else []
        whole = False
        for depth in range(len(parts) + 1):
            head = "/".join(parts[:depth])
            if head not in self._told:
                self._told[head] = rendered = rendered_folder(self._root / head)
                if rendered is not None and rendered.manifest is not None:
                    self._name(head, rendered)
            rendered = self._told[head]
            if rendered is not None and rendered.head is not None:
                whole |= f"{'/'.join(parts[depth:])}/".startswith(rendered.head)
        return whole

    def _name(self, folder: str, rendered: RenderedFolder) -> None:
        start = f"{folder}/" if folder else ""
        names = [os.fsencode(start + row.image) for row in rendered.rows()]
        lengths = np.fromiter(map(len, names), np.int64, len(names))
        buffer = with_slack(b"".join(names))
        self._named.append(hash_slices(buffer, np.cumsum(lengths) - lengths, lengths))


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One label file: what its usable lines hold, and what was met on the way.

    Attributes:
        name: of the role, with the name of a replay set: "original", "replay:invoices".
        folder: what its paths start from.
        seen: lines in the file, blank ones too.
        usable: lines that may stay. rendered: those of them whose image was rendered.
        code_counts: how often each code point stands in its labels, spaces among them.
        words: of its labels, where asked for.
        tally: what was left out, changed and warned of.
        outside: characters that the dictionary lacks, with the number of times.
        edges: what nearly all of its labels begin or end with, and what to do about it, in words.
    """

    role: Role
    name: str
    path: Path
    folder: Path
    sha256: str
    seen: int
    usable: int
    rendered: int
    code_counts: Ints
    words: WordCounts
    tally: Tally
    outside: Mapping[str, int] = field(default_factory=dict)
    edges: tuple[Sentence, ...] = ()


_Rows = list[tuple[str, str]]
"""Paths and labels."""


@dataclass
class BlockReader:
    """Reads the blocks of one label file, in their order. Grows by what it counts.

    Attributes:
        images: looks after the folder that the paths start from.
        labels: looks after the labels; one for each source.
        provenance: knows which images of that folder were rendered.
        strict: stop at the first line that would be left out.
        dialect: how the file departs from PaddleOCR's form.
        last: number of the last line so far.
    """

    path: Path
    role: Role
    images: Images
    labels: LabelReader
    provenance: Provenance
    strict: bool
    dialect: Dialect = PLAIN
    tally: Tally = field(default_factory=Tally)
    last: int = 0

    def read(self, buffer: Bytes, block: LineBlock) -> tuple[Columns, Hashes, _Rows]:
        """Read one block; what is left out is counted by reason with its place.

        Returns:
            Columns and hashes of the plain lines, and the others that may stay, mended.

        Raises:
            InputError: a line is at fault (strict).
        """
        path, images = self.path, self.images
        self.last = block.first_number + len(block.ends) - 1
        there = np.ones(len(block.ends), np.bool_)
        plain = np.flatnonzero(~block.odd)
        present = images.present(
            buffer, block.starts[plain], block.tabs[plain] - block.starts[plain]
        )
        there[plain] = present
        for at in plain[~present].tolist():
            path_text = buffer[block.starts[at] : block.tabs[at]].tobytes().decode(errors="replace")
            where = f"{path}:{block.first_number + at} ({shown_path(path_text)})"
            self._count(of_lines.MISSING_IMAGE, where)
        keep = there & ~block.odd
        good, one_by_one = self.labels.screen(buffer, block, keep, path, self.tally, self.strict)
        odd: list[LabelLine] = []
        for at in np.flatnonzero(block.odd | one_by_one).tolist():
            raw = buffer[block.starts[at] : block.ends[at]].tobytes()
            odd += self._read_odd(raw, block.first_number + at)
        mended = self.labels.rules(odd, path, self.tally, self.strict)
        return good[:4], self.labels.hash_lines(buffer, good), mended

    def _read_odd(self, raw: bytes, number: int) -> list[LabelLine]:
        whole = raw if len(raw) <= LONGEST_LINE else None
        folder = self.images.folder if self.images.how != "none" else None
        # Of lists the prefix was not cut yet.
        cut = self.dialect.prefix if raw.startswith(b"[") else ""
        prefixes = Prefixes(cut, self._names)
        counts, rows = read_line(whole, number, folder, self.role != "distil", prefixes)
        for defect, detail, encoding in counts:
            self._count(defect, f"{self.path}:{number}{detail}", encoding)
        return rows

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return names_of_folder(self.images.folder)

    def _count(self, defect: Defect, place: str, encoding: str = "") -> None:
        if self.strict and defect.is_error:
            raise InputError(place, defect.what, "Mend the line or mix without --strict.")
        self.tally.add(defect, place, encoding=encoding)

    def rendered(self, buffer: Bytes, starts: Ints, lengths: Ints) -> Flags:
        """Whether the image of each path (a slice of the buffer) was rendered."""
        # New lines are what was made to teach: with or without a manifest beside them.
        if self.role == "new":
            return np.ones(len(starts), np.bool_)
        return self.provenance.flags(buffer, starts, lengths)


def read_lines(
    reader: BlockReader, name: str, sorter: LineSorter, number: int, seed: int, by: By
) -> SourceFile:
    """Read a label file block by block; its usable lines go to the sorter, under its number.

    Args:
        name: of its role, as in `SourceFile`.
        seed: of the order that lines are drawn in. by: what a line counts.

    Raises:
        InputError: the file cannot be read, is UTF-16, or (strict) a line is at fault.
        UsageError: distilled lines without labels, counted by characters.
    """
    stream = Stream(reader.path, reader.dialect)
    usable = rendered = 0
    is_labelled = True

    def add(buffer: Bytes, size: int, columns: Columns, hashes: Hashes) -> int:
        starts, path_lengths, lengths, characters = columns
        flags = reader.rendered(buffer, starts, path_lengths)
        sorter.add(
            buffer,
            size,
            starts,
            {
                "path_lengths": path_lengths,
                "lengths": lengths,
                "sizes": characters if by == "characters" else np.ones(len(starts), np.int32),
                "origins": 2 * number + flags,
                "keys": draw_keys(hashes, seed, name),
            },
        )
        return int(np.count_nonzero(flags))

    for buffer, block in stream.blocks():
        if stream.cut and block.first_number == 1:
            reader.tally.add(of_lines.CUT_PREFIX, str(reader.path), stream.cut)
        columns, hashes, mended = reader.read(buffer, block)
        start = int(block.starts[0])
        here = [columns[0] - start, *columns[1:]]
        rendered += add(buffer[start:], int(block.ends[-1]) + 1 - start, here, hashes)
        extra, more = rows_buffer(mended)
        rendered += add(extra, len(extra) - SLACK, more, reader.labels.hash_lines(extra, more))
        usable += len(columns[0]) + len(mended)
        is_labelled &= bool(columns[3].all() and more[3].all())
    if by == "characters" and reader.role == "distil" and not is_labelled:
        raise UsageError(
            "--by characters",
            f"{reader.path} holds lines without a label, whose characters nobody knows",
            "Say --by lines.",
        )
    return SourceFile(
        reader.role,
        name,
        reader.path,
        reader.images.folder,
        stream.sha256,
        reader.last,
        usable,
        rendered,
        reader.labels.code_counts,
        reader.labels.words.counted(),
        reader.tally,
        reader.labels.outside(),
        reader.labels.edges(reader.path.name, reader.last, is_drawn=reader.role == "new"),
    )
