"""One epoch of a mix: its lines and its figures."""

from collections.abc import Mapping
from dataclasses import dataclass

from balance.mixing.aims import Floors
from balance.mixing.arrays import Ints
from balance.mixing.evening import Choice
from balance.mixing.lists import Part
from balance.mixing.measure import Holding
from balance.mixing.stock import Some


@dataclass(frozen=True, slots=True)
class Epoch:
    """One list.

    Attributes:
        own: original and distilled lines. replay: by the name of the set.
        holding: what all its labels hold. given: code points of all but the new lines.
        floors: of this epoch.
        below: how many frequent words, and characters, stand below their floor.
        divergence: of its characters from the target, in nats.
        choice: how good the evened choice is; None for one by hash.
        churn: share of an earlier mix's choice that is not in this one; None without one.
    """

    number: int
    own: Some
    new: Part
    general: Some
    replay: Mapping[str, Some]
    holding: Holding
    given: Ints
    floors: Floors
    below: tuple[int, int]
    divergence: float
    choice: Choice | None = None
    churn: float | None = None

    @property
    def parts(self) -> tuple[Some, ...]:
        """All lines that carry their label as the target of training."""
        own = self.own.of_role("original")
        return (own, self.new, self.general, *self.replay.values())

    @property
    def distil(self) -> Some:
        """The lines whose target is the base model's reading."""
        return self.own.of_role("distil")
