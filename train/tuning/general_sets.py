"""General stopping sets laid beside the base's readings, before a run is stopped by them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from train.gate.line_kinds import gaps_of
from train.gate.strictness import Labelling
from train.models.base_folder import BaseFolder
from train.reading.crop_reading import usable_cores
from train.tuning.judging import StopSet, judge


@dataclass(frozen=True, slots=True)
class Compared:
    """The stopping sets, each general one with what its lines are to be counted by.

    Attributes:
        warnings: what a set's own comparison cannot see, and kinds of lines that none holds.
    """

    sets: tuple[StopSet, ...]
    warnings: tuple[str, ...]

    def strictest(self) -> tuple[str, ...]:
        """Return what a plan keeps of it: a comparison for each general set, "" for its own."""
        general = [one for one in self.sets if not one.is_target]
        return tuple(str(one.strictest) if one.strictest else "" for one in general)


def compared_with_base(base: BaseFolder, sets: Sequence[StopSet]) -> Compared:
    """Read the general sets by the base model, and find how strictly each can be compared.

    Args:
        sets: of `read_sets`; the general ones hold some hundred lines together, and are read in
            seconds.
    """
    general = [one for one in sets if not one.is_target]
    if not general:
        return Compared(tuple(sets), ())
    standing = judge(base.graph_path, base.alphabet, general, usable_cores())
    found, warnings = [one for one in sets if one.is_target], list[str]()
    for one, read in zip(general, standing.readings, strict=True):
        labels = [line.label for line in one.lines]
        labelling = Labelling.of(zip(labels, read, strict=True))
        own = one.judged.comparison
        found.append(replace(one, strictest=labelling.beyond(own)))
        warnings += labelling.blind_spots(one.judged.path.name, own)
    warnings += gaps_of([line.label for one in general for line in one.lines])
    return Compared(tuple(found), tuple(warnings))
