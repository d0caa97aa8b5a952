"""What a document holds: code blocks, headings, tables, links, and words between backticks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`]+)`")
_ITEM = re.compile(r"^\s*(?:[*-]|\d+\.) ")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language ("" for none) and its text."""

    language: str
    text: str

    def lines(self) -> list[str]:
        """Return the lines without comments, spaces at their ends and empty ones."""
        bare = [re.sub(r"(^|\s+)# .*$", "", line).rstrip() for line in self.text.splitlines()]
        return [line for line in bare if line]


@dataclass(frozen=True)
class Section:
    """What stands from one heading to the next, without fenced blocks.

    Attributes:
        level: of the heading, 1 for the title; 0 before any.
        units: a paragraph, an item of a list or a row of a table each, with spaces for line breaks.
    """

    level: int
    heading: str
    units: tuple[str, ...]

    def spans(self) -> list[str]:
        """Return what stands between backticks."""
        return [span for unit in self.units for span in spans(unit)]

    def links(self) -> list[str]:
        """Return the targets of links."""
        return [link for unit in self.units for link in _LINK.findall(unit)]

    def rows(self) -> list[list[str]]:
        """Return the rows of its tables, the lines under their heads among them, cell by cell."""
        return [_cells(unit) for unit in self.units if unit.startswith("|")]

    def items(self) -> int:
        """Count the items of its lists."""
        return sum(1 for unit in self.units if _ITEM.match(unit))


def read(name: str) -> str:
    """Return the text of a document, by its path in the checkout."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[Block]:
    """Return the fenced blocks of a document, by its path in the checkout."""
    return [Block(*found) for found in _FENCE.findall(read(name))]


def sections(name: str) -> list[Section]:
    """Return the sections of a document, by its path in the checkout."""
    text = _FENCE.sub("", read(name))
    found = [(0, "", text.partition("\n#")[0])] if not text.startswith("#") else []
    heads = list(_HEADING.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=True):
        found.append((len(head[1]), head[2], text[head.end() : end]))
    return [Section(level, heading, tuple(_units(body))) for level, heading, body in found]


def spans(text: str) -> list[str]:
    """Return what stands between backticks.

    >>> spans("call `balance mix --own` with `--like`")
    ['balance mix --own', '--like']
    """
    return _SPAN.findall(text)


def anchors(name: str) -> set[str]:
    """Return what a link may name behind # in a document, as GitHub makes it of its headings."""
    return {anchor(one.heading) for one in sections(name) if one.level}


def anchor(heading: str) -> str:
    """Return the anchor of a heading.

    >>> anchor("3.3 `train rec`, 학습")
    '33-train-rec-학습'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _units(text: str) -> Iterator[str]:
    unit: list[str] = []
    for line in [*text.splitlines(), ""]:
        starts = _ITEM.match(line) or line.startswith("|")
        if unit and (starts or not line.strip()):
            yield " ".join(unit)
            unit = []
        if line.strip():
            unit.append(line.strip() if unit else line.rstrip())


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def json_keys(command: str) -> set[str]:
    """Return the keys that docs/json.md names for a command's `--json`."""
    (found,) = (one for one in sections("docs/json.md") if one.heading == command)
    return {spans(key)[0] for key, _ in found.rows() if spans(key)}
