"""One epoch of a mix: its lines and its figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from balance.mixing.aims import Floors
from balance.mixing.arrays import Ints
from balance.mixing.evening import Choice
from balance.mixing.lots import Selection
from balance.mixing.measure import Holding


@dataclass(frozen=True, slots=True)
class Others:
    """All lines of an epoch but the new ones.

    Attributes:
        own: own lines, as often as they stand. originals: original and distilled lines.
        replay: by the name of the set.
    """

    own: Selection
    originals: Selection
    general: Selection
    replay: Mapping[str, Selection]

    @property
    def all(self) -> tuple[Selection, ...]:
        """All of them."""
        return (self.own, self.originals, self.general, *self.replay.values())

    @property
    def kept(self) -> int:
        """Return what counts as original in original : new, in lines or characters."""
        return self.own.amount + self.originals.amount


@dataclass(frozen=True, slots=True)
class Epoch:
    """One list.

    Attributes:
        others: all its lines but the new ones.
        holding: what all its labels hold. given: code points of all but the new lines.
        floors: of this epoch.
        below: how many frequent words, and characters, stand below their floor.
        divergence: of its characters from the target, in nats.
        choice: how good the evened choice is; None for one by hash.
        churn: share of an earlier mix's choice that is not in this one; None without one.
        free_divergence: what `divergence` would be if no floor were to hold; None where the floors
            changed nothing.
    """

    number: int
    others: Others
    new: Selection
    holding: Holding
    given: Ints
    floors: Floors
    below: tuple[int, int]
    divergence: float
    choice: Choice | None = None
    churn: float | None = None
    free_divergence: float | None = None

    @property
    def parts(self) -> tuple[Selection, ...]:
        """All lines that carry their label as the target of training."""
        others = self.others
        return (*self.kept, self.new, others.general, *others.replay.values())

    @property
    def kept(self) -> tuple[Selection, ...]:
        """The lines among them that count as original."""
        return (self.others.own, self.others.originals.of_role("original"))

    @property
    def distil(self) -> Selection:
        """The lines whose target is the base model's reading."""
        return self.others.originals.of_role("distil")
