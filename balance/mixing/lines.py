"""The usable lines of a label file as arrays: where each stands, how long it is, its hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Bytes, Flags, Hashes, Ints
from balance.mixing.gathering import gather
from textlines.errors import UsageError
from textlines.formats.roles import Role
from textlines.labels.tally import Tally
from textlines.wording import Sentence


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines in the form "path, tab, label", in a buffer that ends in slack.

    Attributes:
        buffer: of the whole file; lines that were mended on reading stand behind it.
        starts: of each line, in bytes.
        path_lengths, lengths: of the path, and of path, tab and label together, in bytes.
        characters: of the label, in code points.
        hashes: of the whole line.
        rendered: whether the image was rendered.
    """

    buffer: Bytes
    starts: Ints
    path_lengths: Ints
    lengths: Ints
    characters: Ints
    hashes: Hashes
    rendered: Flags

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, index: Ints) -> "Lines":
        """Give some of the lines, in the order of `index`, in the same buffer."""
        return Lines(
            self.buffer,
            self.starts[index],
            self.path_lengths[index],
            self.lengths[index],
            self.characters[index],
            self.hashes[index],
            self.rendered[index],
        )

    def label_starts(self) -> Ints:
        """Give where each label starts, in bytes."""
        starts: Ints = self.starts + self.path_lengths + 1
        return starts

    def label_lengths(self) -> Ints:
        """Give the length of each label in bytes."""
        lengths: Ints = self.lengths - self.path_lengths - 1
        return lengths

    def labels(self) -> Bytes:
        """Copy the labels out, one a line, with slack behind them."""
        return gather(self.buffer, self.label_starts(), self.label_lengths())[0]

    def text(self, index: int) -> tuple[str, str]:
        """Give path and label of one line."""
        start = int(self.starts[index])
        raw = self.buffer[start : start + int(self.lengths[index])].tobytes()
        path, _, label = raw.decode().partition("\t")
        return path, label

    def refuse_unlabelled(self, path: Path, role: Role, by: str) -> None:
        """Refuse distilled lines without a label where characters are counted.

        Raises:
            UsageError: there are such lines.
        """
        if by == "characters" and role == "distil" and not self.characters.all():
            raise UsageError(
                "--by characters",
                f"{path} holds lines without a label, whose characters nobody knows",
                "Say --by lines.",
            )


@dataclass(frozen=True, slots=True)
class Source:
    """One label file: its usable lines, and what was met on the way.

    Attributes:
        name: of the role, with the name of a replay set: "original", "replay:invoices".
        folder: what its paths start from.
        code_counts: how often each code point stands in its labels, spaces among them.
        words: hashes of the words of its labels, where asked for.
        outside: characters that the dictionary lacks, with the number of times.
        seen: lines in the file, blank ones too.
        tally: what was left out, changed and warned of.
        stored: usable lines that are kept on disk; `lines` and `words` are empty then.
        stored_rendered: how many of these were rendered.
        edges: what nearly all of its labels begin or end with, and what to do about it, in words.
    """

    role: Role
    name: str
    path: Path
    folder: Path
    lines: Lines
    sha256: str
    seen: int
    code_counts: Ints
    words: Hashes
    tally: Tally
    outside: Mapping[str, int] = field(default_factory=dict)
    stored: int = 0
    stored_rendered: int = 0
    edges: tuple[Sentence, ...] = ()

    @property
    def usable(self) -> int:
        """Count the usable lines."""
        return self.stored or len(self.lines)

    @property
    def rendered(self) -> int:
        """Count the usable lines whose image was rendered."""
        return self.stored_rendered or int(np.count_nonzero(self.lines.rendered))


def no_lines() -> Lines:
    """Give what stands in the place of lines that are kept on disk."""
    none = np.zeros(0, np.int64)
    return Lines(
        np.zeros(0, np.uint8), none, none, none, none, np.zeros(0, np.uint64), np.zeros(0, np.bool_)
    )
