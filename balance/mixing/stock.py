"""What a mix asks of the lines it is made of, wherever they are kept: in memory or on disk."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from balance.mixing.arrays import Bytes, Hashes
from balance.mixing.lists import Part
from balance.mixing.measure import Holding
from balance.mixing.pool import Pool
from textlines.formats.roles import Role


class Some(Protocol):
    """Some lines of a role; a line may stand among them several times."""

    def __len__(self) -> int:
        """Count the lines."""

    @property
    def amount(self) -> int:
        """Add their sizes up: lines or characters (`--by`)."""

    def of_role(self, *roles: str) -> "Some":
        """Give those that come from sources of these roles."""

    def label_blocks(self) -> Iterator[tuple[Bytes, int]]:
        """Give the labels, one a line, some at a time: a buffer with slack and its size."""


class Drawer(Protocol):
    """Draws lines in the order of their keys, and starts again when all were drawn."""

    def draw(self, amount: int) -> Some:
        """Give the next lines that together are at most `amount`.

        More than there are gives lines several times, each as often as the others or once more.
        """


class Lot(Protocol):
    """All lines of some roles, in the order that they are drawn in."""

    def __len__(self) -> int:
        """Count the lines."""

    @property
    def amount(self) -> int:
        """Add their sizes up."""

    def all(self) -> Some:
        """Give all of them."""

    def drawer(self) -> Drawer:
        """Start drawing."""


class Stock(Protocol):
    """All lines of a mix. New ones, which are chosen from, and own ones are always in memory."""

    @property
    def new(self) -> Pool:
        """Give the new lines."""

    def lot(self, *roles: Role) -> Lot:
        """Give the lines of some roles."""

    def own(self, times: int) -> Part:
        """Return all own lines, each so often: few, and in memory as new ones are."""

    def replay(self) -> Mapping[str, Lot]:
        """Give the replay sets by their names."""

    def frequent_words(self) -> Hashes:
        """Find the words with a floor, the most frequent of own and original lines, each once."""

    def holds(self, words: Hashes, *roles: Role) -> Holding:
        """Say what all lines of some roles hold, from what was counted on reading."""
