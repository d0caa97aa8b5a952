"""Code blocks of the documents, as they are shown."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language ("" for none) and its text."""

    language: str
    text: str

    def lines(self) -> list[str]:
        """Return the lines without comments, spaces at their ends and empty ones."""
        bare = [re.sub(r"(^|\s+)# .*$", "", line).rstrip() for line in self.text.splitlines()]
        return [line for line in bare if line]


def blocks(name: str) -> list[Block]:
    """Return the fenced blocks of a document, by its path in the checkout."""
    return [Block(*found) for found in _FENCE.findall((ROOT / name).read_text(encoding="utf-8"))]
