"""The judged sets read by both models, and what each comparison sees of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.defects import of_readings
from textlines.errors import InputError, UsageError
from textlines.formats.judged_set import JudgedSet
from textlines.labels.tally import Tally
from textlines.progress import Watching
from textlines.wording import Sentence, say, say_n
from train.judging.comparisons import Labelling, Strictness
from train.judging.intervals import FEW_GROUPS, FEWEST_GROUPS, UNMATCHED, group_numbers, grouping
from train.judging.judged_sets import ListedSet
from train.judging.line_kinds import gaps_of, is_long
from train.judging.set_criteria import SetNumbers, Veto
from train.models.records import Turning
from train.reading.labelled_crops import Labelled, read_labelled
from train.reading.model_opening import Opened

LONG_LINES = say("long lines")
"""The name of their set."""


@dataclass(frozen=True, slots=True)
class PairedLine:
    """One line that both models read.

    Attributes:
        path: from the folder of the images on.
        label, base, candidate: texts as they are.
        keys: what the set's comparison leaves of the three, in this order.
        unturned: what it leaves of the base's reading of the crop as it lies; None where that is
            its reading.
    """

    path: str
    label: str
    base: str
    candidate: str
    keys: tuple[str, str, str]
    unturned: str | None = None

    @property
    def base_is_right(self) -> bool:
        """Whether the base read it right."""
        return self.keys[1] == self.keys[0]

    @property
    def candidate_is_right(self) -> bool:
        """Whether the candidate read it right."""
        return self.keys[2] == self.keys[0]

    @property
    def unturned_is_right(self) -> bool:
        """Whether the base read it right as it lies."""
        return (self.keys[1] if self.unturned is None else self.unturned) == self.keys[0]


def paired(
    judged: JudgedSet | Strictness,
    path: str,
    label: str,
    base: str,
    candidate: str,
    unturned: str | None = None,
) -> PairedLine:
    """Pair two readings of a line under a comparison.

    Args:
        unturned: what the base reads in the crop as it lies, if that is another reading.
    """
    keys = (judged.key(label), judged.key(base), judged.key(candidate))
    lies = None if unturned is None else judged.key(unturned)
    return PairedLine(
        path=path, label=label, base=base, candidate=candidate, keys=keys, unturned=lies
    )


def numbers(
    name: str,
    is_target: bool,
    lines: Sequence[PairedLine],
    groups: npt.NDArray[np.intp] | None = None,
    *,
    is_rendered: bool = False,
) -> SetNumbers:
    """Turn the lines of a set into numbers."""
    return SetNumbers(
        name=name,
        is_target=is_target,
        base=np.array([line.base_is_right for line in lines], np.bool_),
        candidate=np.array([line.candidate_is_right for line in lines], np.bool_),
        groups=groups,
        is_rendered=is_rendered,
    )


def turning_numbers(
    name: str,
    is_target: bool,
    lines: Sequence[PairedLine],
    groups: npt.NDArray[np.intp] | None = None,
) -> SetNumbers:
    """Turn the base's readings into numbers: as the crops lie, and in their turns."""
    return SetNumbers(
        name=name,
        is_target=is_target,
        base=np.array([line.unturned_is_right for line in lines], np.bool_),
        candidate=np.array([line.base_is_right for line in lines], np.bool_),
        groups=groups,
    )


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
            paired(
                strictest,
                path=line.path,
                label=line.label,
                base=line.base,
                candidate=line.candidate,
            )
            for line in self.lines
        )

    @property
    def judged_strictly(self) -> tuple[PairedLine, ...]:
        """The lines that a loss is looked for in: a target's as they are, general ones strictly."""
        return self.lines if self.listed.is_target else self.seen_strictly

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
        """What its interval draws, in words."""
        if self.groups is None:
            return say("lines")
        return say_n("{n:,} group", "{n:,} groups", int(self.groups.max()) + 1)


def read_both(
    base: Opened,
    candidate: Opened,
    listed: ListedSet,
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
        place = predictions_of(out, role, listed.judged.path) if out else None
        with watching(f"lines of {listed.name} read by the {role}") as watch:
            return read_labelled(
                opened,
                listed.judged.path,
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
        if reading.path in listed.repeated:
            tally.add(of_readings.REPEATED_IMAGE, f"{listed.name}: {reading.path}")
        elif not listed.judged.key(reading.label):
            tally.add(of_readings.NOTHING_TO_COMPARE, f"{listed.name}: {reading.path}")
        else:
            line = paired(
                listed.judged,
                path=reading.path,
                label=reading.label,
                base=reading.prediction,
                candidate=texts[reading.path],
                unturned=lies.get(reading.path),
            )
            lines.append(line)
    if not lines:
        raise InputError(
            str(listed.judged.path),
            f"holds no line to judge ({'; '.join(tally.lines(of_readings.JUDGED))})",
            "Is the comparison right for these labels?",
        )
    prefixed = {
        f"{role}/{name}": known
        for role, labelled in (("base", theirs), ("candidate", ours))
        for name, known in labelled.inputs.items()
        if name != listed.judged.path.as_posix()
    }
    inputs = {listed.judged.path.as_posix(): listed.sha256, **prefixed}
    labelling = Labelling.of((line.label, line.base) for line in lines)
    judged = {line.path for line in lines}
    turned = (
        sum(outcome.turn != 0 and outcome.path in judged for outcome in read.done.outcomes)
        for read in (theirs, ours)
    )
    counts = (next(turned), next(turned))
    return JudgedLines(
        listed=listed,
        lines=tuple(lines),
        groups=None,
        images=theirs.images,
        inputs=inputs,
        versions=theirs.versions,
        labelling=labelling,
        turned=counts,
    )


def predictions_of(out: Path, role: str, labels: Path) -> Path:
    """Return where the predictions of a model for the lines of a label file are kept.

    Args:
        out: folder of the predictions. role: "base" or "candidate".
    """
    # By the whole path: two sets may have files of one name.
    file_hash = sha256(str(labels.absolute()).encode()).hexdigest()[:8]
    return out / role / f"{labels.stem}-{file_hash}.jsonl"


def with_groups(
    sets: Sequence[JudgedLines], pattern: str
) -> tuple[tuple[JudgedLines, ...], tuple[Sentence, ...]]:
    """Group the lines of all sets; a line without a match is a group of its own.

    Returns:
        The sets, and in words which of them are drawn by line all the same.

    Raises:
        UsageError: the expression is none, captures nothing, or matches no path of any set.
    """
    grouping(pattern, [line.path for judged_set in sets for line in judged_set.lines])  # raises
    done, notes = [], []
    for judged_set in sets:
        paths = [line.path for line in judged_set.lines]
        try:
            grouped = grouping(pattern, paths)
        except UsageError:
            notes.append(
                say(
                    "{name}: --group matches no path, so its lines stand alone",
                    name=judged_set.listed.name,
                )
            )
            done.append(judged_set)
            continue
        names = [
            f"{name} {path}" if name == UNMATCHED else name
            for name, path in zip(grouped.names, paths, strict=True)
        ]
        count = len(set(names))
        if count < FEWEST_GROUPS:
            notes.append(
                say("{name}: one group only, so its lines stand alone", name=judged_set.listed.name)
            )
            done.append(judged_set)
            continue
        if grouped.unmatched:
            notes.append(
                say(
                    "{name}: {count:,} paths match no --group and stand alone",
                    name=judged_set.listed.name,
                    count=grouped.unmatched,
                )
            )
        if count < FEW_GROUPS:
            notes.append(
                say(
                    "{name}: {count} groups are too few to trust its interval",
                    name=judged_set.listed.name,
                    count=count,
                )
            )
        done.append(replace(judged_set, groups=group_numbers(names)))
    return tuple(done), tuple(notes)


def vetoes_of(judged: Sequence[JudgedLines]) -> tuple[Veto, ...]:
    """Return the further readings of the general sets.

    Those by stricter comparison, and the long lines of all of them together, as strictly as each
    set allows.
    """
    general = [judged_set for judged_set in judged if not judged_set.listed.is_target]
    vetoes = [
        Veto(
            "strictest",
            str(judged_set.strictest),
            numbers(judged_set.listed.name, False, judged_set.seen_strictly, judged_set.groups),
        )
        for judged_set in general
        if judged_set.strictest
    ]
    long = [
        line for judged_set in general for line in judged_set.seen_strictly if is_long(line.label)
    ]
    if long:
        used = sorted(
            {
                str(judged_set.strictest or judged_set.listed.judged.comparison)
                for judged_set in general
            }
        )
        vetoes.append(Veto("long_lines", ", ".join(used), numbers(LONG_LINES, False, long)))
    return tuple(vetoes)


def warnings_of(judged: Sequence[JudgedLines]) -> Iterator[Sentence]:
    """Yield what the comparisons in use cannot see, and which kinds of lines no general set has."""
    general = [judged_set for judged_set in judged if not judged_set.listed.is_target]
    for judged_set in general:
        yield from judged_set.labelling.blind_spots(
            judged_set.listed.name, judged_set.listed.judged.comparison
        )
    yield from gaps_of([line.label for judged_set in general for line in judged_set.lines])


def flips_of(judged_set: JudgedLines) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
    """Return of each line 1 where it was mended, -1 where it was broken, else 0.

    For a general set as strictly as its labels allow: a line that lost a space only is broken.
    """
    flips = (line.candidate_is_right - line.base_is_right for line in judged_set.judged_strictly)
    return np.array(list(flips), np.int8)
