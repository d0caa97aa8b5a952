"""Pages and settings by name, as they are written on a command line.

`NAME=Label.txt` names a set of pages, and `NAME=base.toml,candidate.toml` what was tuned for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import UsageError


@dataclass(frozen=True, slots=True)
class NamedPages:
    """A page label file, and what it is called.

    Attributes:
        path: the file, or the folder that holds `Label.txt`.
        name: "" for one that is called by its path.

    >>> print(NamedPages.parse("meters=lcd/dev/Label.txt"))
    meters=lcd/dev/Label.txt
    """

    path: Path
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name}={self.path.as_posix()}" if self.name else self.path.as_posix()

    @classmethod
    def parse(cls, text: str) -> "NamedPages":
        """Read `FILE` or `NAME=FILE`.

        What stands before the first = is a name unless it holds a slash: a file `a=b.txt` is
        written `./a=b.txt`.

        Raises:
            UsageError: no file is named.

        >>> NamedPages.parse("./a=b.txt").name
        ''
        """
        name, file = _named(text)
        if not file.strip():
            raise UsageError(repr(text), "names no page label file", "Write FILE or NAME=FILE.")
        return cls(Path(file), name)


@dataclass(frozen=True, slots=True)
class TunedPair:
    """What `train det tune` wrote for one set of pages.

    Attributes:
        name: of the set. base, candidate: the files, one of each model.

    >>> print(TunedPair.parse("receipts=base.toml,new/candidate.toml"))
    receipts=base.toml,new/candidate.toml
    """

    name: str
    base: Path
    candidate: Path

    def __str__(self) -> str:
        return f"{self.name}={self.base.as_posix()},{self.candidate.as_posix()}"

    @classmethod
    def parse(cls, text: str) -> "TunedPair":
        """Read `NAME=BASE,CANDIDATE`.

        Raises:
            UsageError: it does not name a set and two files.
        """
        name, files = _named(text)
        parts = [part.strip() for part in files.split(",")]
        if not name or len(parts) != 2 or not all(parts):
            raise UsageError(
                repr(text),
                "does not name a set and two files",
                "Write NAME=BASE.toml,CANDIDATE.toml, with the NAME of a --general.",
            )
        return cls(name, Path(parts[0]), Path(parts[1]))


def _named(text: str) -> tuple[str, str]:
    """Split `NAME=rest`; the name is "" where none stands before it."""
    name, sign, rest = text.partition("=")
    is_name = bool(sign and name.strip()) and "/" not in name and "\\" not in name
    return (name.strip(), rest) if is_name else ("", text)


def read_named_pages(values: Sequence[str]) -> tuple[NamedPages, ...]:
    """Read `[NAME=]FILE`, of each value.

    Raises:
        UsageError: one names no file.
    """
    return tuple(map(NamedPages.parse, values))


def read_tuned_pairs(values: Sequence[str]) -> tuple[TunedPair, ...]:
    """Read `NAME=BASE,CANDIDATE`, of each value.

    Raises:
        UsageError: one is no such pair, or two are of one set.
    """
    pairs = tuple(map(TunedPair.parse, values))
    for at, pair in enumerate(pairs):
        if pair.name in {other.name for other in pairs[:at]}:
            raise UsageError(
                f"--general-tuned {pair}", f"names {pair.name} again", "Name each set once."
            )
    return pairs
