"""The judged sets read by both models."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError, UsageError
from textlines.labels.tally import Tally, left_out
from textlines.progress import Watching
from textlines.wording import Sentence, say, say_n
from train.evaluation.groups import OTHER, grouping
from train.evaluation.intervals import FEWEST_GROUPS, group_numbers
from train.gate.lines import PairedLine, SetNumbers, numbers, paired, turning_numbers
from train.gate.listing import ListedSet
from train.gate.strictness import Labelling, Strictness
from train.models.records import Turning
from train.reading.labelled_crops import Labelled, read_labelled
from train.reading.model_opening import Opened

REASONS = {
    "repeated_image": left_out(say("image that an earlier line or set has too")),
    "nothing_to_compare": left_out(say("label of which the comparison leaves nothing")),
}
"""What is counted here, in words; beyond the reasons of label files and crops."""


@dataclass(frozen=True, slots=True)
class JudgedLines:
    """A set that both models read.

    Attributes:
        lines: at least one.
        groups: number of each line's group; None for lines that stand alone.
        images: the folder that paths start from.
        inputs, versions: of both readings.
        labelling: what the labels record, by the base's readings.
        turned: how many crops the base, and the candidate, read turned.
    """

    listed: ListedSet
    lines: tuple[PairedLine, ...]
    groups: npt.NDArray[np.intp] | None
    images: Path
    inputs: dict[str, str]
    versions: dict[str, str]
    labelling: Labelling
    turned: tuple[int, int] = (0, 0)

    @property
    def strictest(self) -> Strictness | None:
        """The strictest comparison that the labels allow, where it sees more than the set's own."""
        return self.labelling.beyond(self.listed.judged.comparison)

    @property
    def seen_strictly(self) -> tuple[PairedLine, ...]:
        """The lines under the strictest comparison; as they are where their own is as strict."""
        strictest = self.strictest
        if strictest is None:
            return self.lines
        return tuple(
            paired(strictest, line.path, line.truth, line.base, line.candidate)
            for line in self.lines
        )

    def numbers(self) -> SetNumbers:
        """Turn it into numbers."""
        return numbers(
            self.listed.name,
            self.listed.is_target,
            self.lines,
            self.groups,
            is_rendered=self.listed.is_synthetic,
        )

    def turning_numbers(self) -> SetNumbers:
        """Turn what the base reads as crops lie, and in their turns, into numbers."""
        return turning_numbers(self.listed.name, self.listed.is_target, self.lines, self.groups)

    @property
    def drawn(self) -> Sentence:
        """Say what its interval draws."""
        if self.groups is None:
            return say("lines")
        return say_n("{n:,} group", "{n:,} groups", int(self.groups.max()) + 1)


def read_both(
    base: Opened,
    candidate: Opened,
    one: ListedSet,
    tally: Tally,
    *,
    images: Path | None,
    out: Path | None,
    workers: int | None,
    watching: Watching,
    turning: Turning = "off",
) -> JudgedLines:
    """Read one set with both models.

    Args:
        tally: grows by what is left out.
        out: folder for the predictions, from which a killed run goes on; None keeps none.
        turning: whether both read crops in their turns.

    Raises:
        InputError: no crop can be read, or no line is left to judge.
    """

    def read(opened: Opened, role: str, counts: Tally) -> Labelled:
        # By the whole path: two sets may have files of one name.
        own = sha256(str(one.judged.path.absolute()).encode()).hexdigest()[:8]
        place = out / role / f"{one.judged.path.stem}-{own}.jsonl" if out else None
        with watching(f"lines of {one.name} read by the {role}") as watch:
            return read_labelled(
                opened,
                one.judged.path,
                counts,
                images=images,
                turning=turning,
                out=place,
                workers=workers,
                watch=watch,
            )

    theirs = read(base, "base", tally)
    # The same lines are left out for both, and are counted once.
    ours = read(candidate, "candidate", Tally())
    texts = {reading.path: reading.prediction for reading in ours.readings}
    lies = {outcome.path: outcome.as_it_lies for outcome in theirs.done.outcomes if outcome.turn}
    lines = []
    for reading in theirs.readings:
        if reading.path in one.repeated:
            tally.add("repeated_image", f"{one.name}: {reading.path}")
        elif not one.judged.key(reading.truth):
            tally.add("nothing_to_compare", f"{one.name}: {reading.path}")
        else:
            line = paired(
                one.judged,
                reading.path,
                reading.truth,
                reading.prediction,
                texts[reading.path],
                lies.get(reading.path),
            )
            lines.append(line)
    if not lines:
        raise InputError(
            str(one.judged.path),
            f"holds no line to judge ({'; '.join(tally.lines(REASONS))})",
            "Is the comparison right for these labels?",
        )
    prefixed = {
        f"{role}/{name}": known
        for role, labelled in (("base", theirs), ("candidate", ours))
        for name, known in labelled.inputs.items()
        if name != one.judged.path.as_posix()
    }
    inputs = {one.judged.path.as_posix(): one.sha256, **prefixed}
    labelling = Labelling.of((line.truth, line.base) for line in lines)
    judged = {line.path for line in lines}
    turned = (
        sum(outcome.turn != 0 and outcome.path in judged for outcome in read.done.outcomes)
        for read in (theirs, ours)
    )
    counts = (next(turned), next(turned))
    return JudgedLines(
        one,
        tuple(lines),
        None,
        theirs.images,
        inputs,
        theirs.versions,
        labelling,
        counts,
    )


def with_groups(
    sets: Sequence[JudgedLines], pattern: str
) -> tuple[tuple[JudgedLines, ...], tuple[Sentence, ...]]:
    """Group the lines of all sets; a line without a match is a group of its own.

    Returns:
        The sets, and in words which of them are drawn by line all the same.

    Raises:
        UsageError: the expression is none, captures nothing, or matches no path of any set.
    """
    grouping(pattern, [line.path for one in sets for line in one.lines])  # raises
    done, notes = [], []
    for one in sets:
        paths = [line.path for line in one.lines]
        try:
            found = grouping(pattern, paths)
        except UsageError:
            notes.append(
                say(
                    "{name}: --group matches no path, so its lines stand alone",
                    name=one.listed.name,
                )
            )
            done.append(one)
            continue
        names = [
            f"{name} {path}" if name == OTHER else name
            for name, path in zip(found.names, paths, strict=True)
        ]
        count = len(set(names))
        if count < FEWEST_GROUPS:
            notes.append(
                say("{name}: one group only, so its lines stand alone", name=one.listed.name)
            )
            done.append(one)
            continue
        if found.unmatched:
            notes.append(
                say(
                    "{name}: {count:,} paths match no --group and stand alone",
                    name=one.listed.name,
                    count=found.unmatched,
                )
            )
        if count < 10:
            notes.append(
                say(
                    "{name}: {count} groups are too few to trust its interval",
                    name=one.listed.name,
                    count=count,
                )
            )
        done.append(replace(one, groups=group_numbers(names)))
    return tuple(done), tuple(notes)
