"""What texts come from: the corpus as a value, and its file.

A corpus file is TOML; sources are mixed by share:

    [[source]]
    name = "receipts"
    kind = "labels"            # text | labels | pattern | dictionary | plugin (PACKAGE:NAME)
    path = "train/rec_gt.txt"  # from this file's folder on; a file or a folder of them
    share = 3                  # beside the other shares; 0: only where the others cannot serve

    [[source]]
    name = "prices"
    kind = "pattern"
    path = "embedded:patterns.toml"  # from the corpora that come with this package
    groups = ["ko"]                  # of the pattern file; all when none is named
    closed = true                    # no text but those that it yields: no edit leaves it
    language = "ko"                  # what --language asks for; without it the source is of any
    last = true                      # asked only for what no other source holds
    where_held = true                # only where --language names it, or a dictionary is for it
"""

from array import array
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from synth.corpus.patterns import Grammar
from synth.draws import Draws
from textlines.labels.tally import Tally

Kind = Literal["text", "labels", "pattern", "dictionary", "plugin"]


class SourceTable(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """One `[[source]]` of a corpus file."""

    name: str = Field(min_length=1)
    kind: Kind
    path: str = Field(min_length=1)
    share: float = Field(1.0, ge=0)
    groups: tuple[str, ...] = ()
    closed: bool = False
    language: str = ""
    last: bool = False
    where_held: bool = False

    @model_validator(mode="after")
    def _check(self) -> "SourceTable":
        if self.where_held and not (self.language and self.kind == "text"):
            raise ValueError(
                f"source {self.name!r}: only lines of a text file in a language are drawn from "
                "where a dictionary holds it"
            )
        if self.closed and self.kind == "dictionary":
            raise ValueError(f"source {self.name!r}: a dictionary has no texts to be closed")
        if self.last and self.kind == "dictionary":
            raise ValueError(f"source {self.name!r}: a dictionary has no texts to come last")
        if self.groups and self.kind != "pattern":
            raise ValueError(f"source {self.name!r}: only a pattern source has groups")
        return self


class CorpusTable(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """A corpus file."""

    source: tuple[SourceTable, ...] = Field(min_length=1)

    def of(self, languages: Collection[str]) -> tuple[SourceTable, ...]:
        """Return the sources in these languages and those of no one language; all without any."""
        return tuple(
            source
            for source in self.source
            if not languages or not source.language or source.language in languages
        )

    @model_validator(mode="after")
    def _check(self) -> "CorpusTable":
        names = [source.name for source in self.source]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two sources are named {twice[0]!r}")
        if not any(source.share for source in self.source):
            raise ValueError("every share is 0; give one source a share above 0")
        return self


@dataclass(frozen=True, eq=False)
class LineSource:
    """Lines of text or labels, each text once.

    Attributes:
        entries: positions in `texts`, one for each line of the files, so that a text that
            stands there often is drawn often.
        is_labels: real labels, the best carriers.
        is_closed: no text is made of its lines that is not one of them.
        is_last: without a share, asked after all other sources.
    """

    name: str
    share: float
    texts: Sequence[str]
    entries: "array[int]"
    sha256: str
    is_labels: bool = False
    is_closed: bool = False
    is_last: bool = False


@dataclass(frozen=True, eq=False)
class PatternSource:
    """Lines drawn from patterns.

    Attributes:
        is_closed: no text is made of them that they cannot yield. is_last: see `LineSource`.
    """

    name: str
    share: float
    grammar: Grammar
    sha256: str
    is_closed: bool = False
    is_last: bool = False


@dataclass(frozen=True, eq=False)
class DictionarySource:
    """Characters of a dictionary, to be set into lines of the other sources."""

    name: str
    share: float
    chars: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, eq=False)
class Corpus:
    """All sources, each kind in the order of their content's sha256, and what was odd.

    Attributes:
        tally: defects of `textlines.defects.of_texts` and `of_lines`.
    """

    lines: tuple[LineSource, ...] = ()
    patterns: tuple[PatternSource, ...] = ()
    dictionaries: tuple[DictionarySource, ...] = ()
    tally: Tally = field(default_factory=Tally)

    @cached_property
    def sha256(self) -> str:
        """Hash content and shares; the order and place of the files do not matter."""
        sources: list[LineSource | PatternSource | DictionarySource] = [
            *self.lines,
            *self.patterns,
            *self.dictionaries,
        ]
        parts = sorted(
            f"{type(source).__name__} {source.name} {source.share} {source.sha256}"
            + (" closed" if getattr(source, "is_closed", False) else "")
            for source in sources
        )
        return sha256("\n".join(parts).encode()).hexdigest()

    def scaled(self, whole: float) -> "Corpus":
        """Return the same sources with shares that come to `whole` (all are 0: as they are)."""
        shares = [source.share for source in self.lines]
        shares += [source.share for source in self.patterns]
        shares += [source.share for source in self.dictionaries]
        factor = whole / (sum(shares) or 1.0)
        return Corpus(
            lines=tuple(replace(s, share=s.share * factor) for s in self.lines),
            patterns=tuple(replace(s, share=s.share * factor) for s in self.patterns),
            dictionaries=tuple(replace(s, share=s.share * factor) for s in self.dictionaries),
            tally=self.tally,
        )


@dataclass(frozen=True, slots=True)
class Cutting:
    """How long lines are cut: the longest carrier, and the lengths to aim at."""

    longest: int = 25
    length: Callable[[Draws], int] | None = None

    def aim(self, draws: Draws) -> int:
        """Draw the length (in characters) to aim at for one carrier."""
        if self.length:
            return self.length(draws)
        return draws.whole(min(4, self.longest), self.longest + 1)


def merged(*parts: Corpus) -> Corpus:
    """Put corpora together; the sources of each kind again in the order of their sha256."""
    tally = Tally()
    for part in parts:
        tally.merge(part.tally)
    return Corpus(
        lines=tuple(sorted((s for p in parts for s in p.lines), key=_order)),
        patterns=tuple(sorted((s for p in parts for s in p.patterns), key=_order)),
        dictionaries=tuple(sorted((s for p in parts for s in p.dictionaries), key=_order)),
        tally=tally,
    )


def _order(source: LineSource | PatternSource | DictionarySource) -> tuple[str, str]:
    return source.sha256, source.name
