"""Label files of millions of lines: what is plain is read by arrays, what is odd one by one.

A line is plain when reading it by `textlines.labels` would change nothing: one tab, valid UTF-8,
no control character, a path in its normal form. Whatever else is handed to that reader, and the
label to `textlines.rules`, so that both ways give the same lines and the same counts.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Bytes, Flags, Hashes, Ints
from balance.mixing.blocks import Block, blocks
from balance.mixing.buffers import append_rows, load_whole
from balance.mixing.labels import Columns, LabelReader
from balance.mixing.lines import Lines, Source
from balance.mixing.listing import Images
from balance.mixing.provenance import Provenance
from textlines.errors import InputError
from textlines.formats.roles import Role
from textlines.labels.label_file import (
    LONGEST_LINE,
    PLAIN,
    REASONS,
    Dialect,
    LabelLine,
    Prefixes,
    effect_of,
    is_loss,
    read_line,
)
from textlines.labels.label_paths import names_of_folder, shown_path
from textlines.labels.tally import Tally

Rows = list[tuple[str, str]]
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

    def read(self, buffer: Bytes, block: Block) -> tuple[Columns, Hashes, Rows]:
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
            self._count("missing_image", where)
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
        for reason, detail in counts:
            self._count(reason, f"{self.path}:{number}{detail}")
        return rows

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return names_of_folder(self.images.folder)

    def _count(self, reason: str, place: str) -> None:
        if self.strict and is_loss(reason):
            words = REASONS[reason].removesuffix(", left out")
            raise InputError(place, words, "Mend the line or mix without --strict.")
        self.tally.add(reason, place, effect=effect_of(reason))

    def lines(
        self, buffer: Bytes, size: int, kept: list[Columns], hashes: list[Hashes], mended: Rows
    ) -> Lines:
        """Put the plain lines of some blocks of a buffer, and mended ones behind them, together."""
        buffer, extra = append_rows(buffer, size, mended)
        every = [*kept, extra]
        columns = [np.concatenate([part[k] for part in every]) for k in range(4)]
        whole = np.concatenate([*hashes, self.labels.hash_lines(buffer, extra)])
        rendered = self._rendered(buffer, columns[0], columns[1])
        return Lines(buffer, columns[0], columns[1], columns[2], columns[3], whole, rendered)

    def _rendered(self, buffer: Bytes, starts: Ints, lengths: Ints) -> Flags:
        # New lines are what was made to teach: with or without a manifest beside them.
        if self.role == "new":
            return np.ones(len(starts), np.bool_)
        return self.provenance.flags(buffer, starts, lengths)

    def source(
        self, name: str, lines: Lines, sha256: str, stored: int = 0, stored_rendered: int = 0
    ) -> Source:
        """Put the source together when all was read."""
        return Source(
            self.role,
            name,
            self.path,
            self.images.folder,
            lines,
            sha256,
            self.last,
            self.labels.code_counts,
            self.labels.take_words(),
            self.tally,
            self.labels.outside(),
            stored,
            stored_rendered,
            self.labels.edges(self.path.name, self.last, is_drawn=self.role == "new"),
        )


def read_source(reader: BlockReader, name: str) -> Source:
    """Read a label file whole into memory.

    Raises:
        InputError: the file cannot be read, is UTF-16, or (strict) a line is at fault.
    """
    buffer, size, sha256, cut = load_whole(reader.path, reader.dialect)
    if cut:
        reader.tally.add("cut_prefix", str(reader.path), cut)
    kept: list[Columns] = []
    hashes: list[Hashes] = []
    mended: Rows = []
    for block in blocks(buffer, size):
        columns, found, rows = reader.read(buffer, block)
        kept.append(columns)
        hashes.append(found)
        mended += rows
    return reader.source(name, reader.lines(buffer, size, kept, hashes, mended), sha256)
