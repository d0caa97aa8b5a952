"""What is known of one label file, beside its lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from balance.mixing.arrays import Ints
from balance.mixing.words import WordCounts
from textlines.formats.roles import Role
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
