"""Label files of millions of lines: what is plain is read by arrays, what is odd one by one.

A line is plain when reading it by `textlines.labels` would change nothing: one tab, valid UTF-8,
no control character, a path in its normal form. Whatever else is handed to that reader, and the
label to `textlines.rules`, so that both ways give the same lines and the same counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from balance.mixing.holdings import WordCounts
from balance.mixing.image_folders import Images, Provenance
from balance.mixing.label_blocks import LineBlock, Stream, rows_buffer
from balance.mixing.mix_request import By
from balance.mixing.screening import Columns, LabelReader
from balance.mixing.slices import SLACK, Bytes, Flags, Hashes, Ints, draw_keys
from balance.mixing.sorting import LineSorter
from textlines.defects import Defect, of_lines
from textlines.errors import InputError, UsageError
from textlines.formats.roles import Role
from textlines.labels.label_file import (
    LONGEST_LINE,
    PLAIN,
    Dialect,
    LabelLine,
    Prefixes,
    read_line,
)
from textlines.labels.label_paths import names_of_folder, shown_path
from textlines.labels.tally import Tally
from textlines.wording import Sentence


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
        for defect, detail in counts:
            self._count(defect, f"{self.path}:{number}{detail}")
        return rows

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return names_of_folder(self.images.folder)

    def _count(self, defect: Defect, place: str) -> None:
        if self.strict and defect.is_error:
            raise InputError(place, defect.what, "Mend the line or mix without --strict.")
        self.tally.add(defect, place)

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
