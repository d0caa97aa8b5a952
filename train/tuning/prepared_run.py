"""A run about to begin or to go on: its plan, its network, its lines.

Of a dictionary of other entries, known rows of the last layer are copied and new ones begun.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.formats.mix import MixFolder, read_mix
from textlines.formats.predictions import Turn
from textlines.formats.profile import ErrorProfile
from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally
from textlines.wording.counts import count_of
from train.models.base_folder import BaseFolder, Tensors, read_base
from train.models.model_sources import MODEL
from train.networks.graph_spec import Spec
from train.tuning.train_plan import PLAN, TrainPlan, read_plan
from train.tuning.training_lines import (
    Batch,
    TrainingLine,
    batches,
    planned_turns,
    sizes_of,
    steps_in,
    training_lines,
)

WEIGHT, BIAS = "head.fc.weight", "head.fc.bias"

BELOW = 1.0
"""Logits that a new row stands below the one it was copied from, so that what was read before is
read so still; a few steps of training are enough to lift it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A network with another last layer.

    Attributes:
        copied: rows of entries that both dictionaries hold, with blank and space.
        started: new entries by the entry that they start from; "" for none.
        dropped: entries that only the old dictionary holds.
    """

    spec: Spec
    tensors: Tensors
    copied: int
    started: Mapping[str, str]
    dropped: tuple[str, ...]


def parse_rows(values: Sequence[str]) -> dict[str, str]:
    """Read `NEW=OLD` pairs; the first "=" behind the first character parts them.

    Raises:
        UsageError: a value has no two parts.

    >>> parse_rows(["₩=W", "==-"])
    {'₩': 'W', '=': '-'}
    """
    pairs = {}
    for value in values:
        new, equals, old = value[:1] + value[1:].partition("=")[0], *value[1:].partition("=")[1:]
        if not equals or not new or not old:
            raise UsageError(f"--row-from {value}", "is not NEW=OLD", "Write --row-from ₩=W.")
        pairs[new] = old
    return pairs


def rows_from(
    profile: ErrorProfile | None, alphabet: Alphabet, named: Sequence[str]
) -> tuple[str, ...]:
    """Start new entries of a dictionary from what they were read as.

    Args:
        alphabet: of the base model.
        named: rows that the user named, NEW=OLD; their new entries are left out.

    Returns:
        NEW=OLD for each character that the profile knows and the base model does not.
    """
    if profile is None:
        return ()
    known, taken = alphabet.characters, {row[:1] for row in named}
    rows = []
    for character in profile.ranked:
        others = [read for read in character.confusions if read in known]
        if character.char not in known and character.char not in taken and others:
            rows.append(f"{character.char}={others[0]}")
    return tuple(rows)


def with_dictionary(
    spec: Spec,
    tensors: Tensors,
    old: Alphabet,
    new: Alphabet,
    starts: Mapping[str, str],
) -> Changed:
    """Return a network with the last layer of another dictionary.

    Args:
        starts: entries of the old dictionary that new ones start from. Others start as a row
            that is never chosen.

    Raises:
        UsageError: a start names an entry that its dictionary does not hold.
    """
    classes = _classes(old)
    for entry, start in starts.items():
        if entry not in _classes(new):
            raise UsageError(
                f"--row-from {entry}={start}", f"{entry!r} is not in the new dictionary", ""
            )
        if start not in classes:
            raise UsageError(
                f"--row-from {entry}={start}", f"{start!r} is not in the model's dictionary", ""
            )
    weight, bias = tensors[WEIGHT], tensors[BIAS]
    made_weight = np.zeros((weight.shape[0], new.classes), np.float32)
    made_bias = np.full(new.classes, float(bias.min()) - BELOW, np.float32)
    made_weight[:, 0], made_bias[0] = weight[:, 0], bias[0]
    copied, started = 1, {}
    encoded, before = _classes(new), _entries(old)
    for number, entry in enumerate(_entries(new), 1):
        source = classes.get(entry, 0)
        # Of equal entries the last is what labels encode to, and takes the row. A second row like
        # it would share its probability: an earlier one keeps a row of its own, or is never chosen.
        is_encoded = encoded[entry] == number
        if not is_encoded:
            was_here = before[number - 1 : number] == (entry,) and source != number
            source = number if was_here else 0
        if source:
            made_weight[:, number], made_bias[number] = weight[:, source], bias[source]
            copied += 1
        if source or not is_encoded:
            continue
        start = starts.get(entry, "")
        started[entry] = start
        if start:
            made_weight[:, number] = weight[:, classes[start]]
            made_bias[number] = bias[classes[start]] - BELOW
    held = set(_entries(new))
    return Changed(
        spec=spec.with_classes(new.classes) if spec.classes != new.classes else replace(spec),
        tensors={**tensors, WEIGHT: made_weight, BIAS: made_bias},
        copied=copied,
        started=started,
        dropped=tuple(entry for entry in _entries(old) if entry not in held),
    )


def _entries(alphabet: Alphabet) -> tuple[str, ...]:
    return (*alphabet.entries, *([" "] if alphabet.use_space_char else []))


def _classes(alphabet: Alphabet) -> dict[str, int]:
    """Map entries, as they are, to classes; of equal ones the last, which labels encode to."""
    return {entry: number for number, entry in enumerate(_entries(alphabet), 1)}


@dataclass(frozen=True, slots=True)
class Start:
    """What training starts from.

    Attributes:
        base: the folder of the base model.
        spec, tensors, alphabet: of the network to tune: the base's own, or with the rows of
            another dictionary.
        changed: what came of the change; None where the dictionary stays.
    """

    base: BaseFolder
    spec: Spec
    tensors: Tensors
    alphabet: Alphabet
    changed: Changed | None = None

    def new_classes(self) -> tuple[int, ...]:
        """Return the classes that the base model does not have."""
        started = self.changed.started if self.changed else {}
        return tuple(
            number for number, entry in enumerate(self.alphabet.entries, 1) if entry in started
        )


@dataclass(frozen=True, slots=True)
class Ready:
    """A plan with what it names, read and checked.

    Attributes:
        data: the folder that the lists' paths start from.
        lists: the lines of each list of the mix.
        left_out: lines that are not trained on, by reason.
    """

    plan: TrainPlan
    start: Start
    data: Path
    lists: tuple[tuple[TrainingLine, ...], ...]
    left_out: Tally

    def lines_of(self, epoch: int) -> tuple[TrainingLine, ...]:
        """Return the lines of an epoch, counted over all stages; lists start again when used up."""
        return self.lists[epoch % len(self.lists)]

    def batches_of(self, epoch: int) -> tuple[Batch, ...]:
        """Return the batches of an epoch, in the order of its steps."""
        size = self.plan.step.batch
        return batches(self.lines_of(epoch), size, seed=self.plan.seed, epoch=epoch)

    def steps_of(self, epoch: int) -> int:
        """Count the steps of an epoch."""
        return steps_in(len(self.batches_of(epoch)), self.plan.step.devices)

    def first_epoch(self, stage: int) -> int:
        """Count the epochs before a stage."""
        return sum(earlier.epochs for earlier in self.plan.stages[:stage])


def start_of(plan: TrainPlan) -> Start:
    """Read the base model, and give it the plan's dictionary if there is one.

    Raises:
        InputError: the model is not the one that was planned with.
    """
    path = Path(plan.base.path)
    base = read_base(path)
    if sha256_of(path / MODEL) != plan.base.sha256:
        raise InputError(
            str(path),
            "is not the model that was planned with",
            "Put that model back, or make a new plan.",
        )
    tensors = base.tensors()
    if not plan.rows.dictionary:
        return Start(base, base.spec, tensors, base.alphabet)
    alphabet = Alphabet.read(Path(plan.rows.dictionary), plan.rows.use_space_char)
    changed = with_dictionary(
        base.spec, tensors, base.alphabet, alphabet, parse_rows(plan.rows.rows)
    )
    return Start(base, changed.spec, changed.tensors, alphabet, changed)


def survey(
    mix: MixFolder,
    alphabet: Alphabet,
    *,
    bucket: int,
    max_length: int,
    tally: Tally,
    turns: Mapping[str, Turn] | None = None,
) -> tuple[tuple[TrainingLine, ...], ...]:
    """Read the lines of all lists.

    Args:
        tally: grows by what cannot be trained on.
        turns: of the crops that lie turned, by path.

    Raises:
        InputError: a list cannot be read.
    """
    raw = [list(mix.lines(epoch, tally)) for epoch in mix.epochs]
    sizes = sizes_of([line.path for lines in raw for line, _ in lines], mix.data)
    return tuple(
        training_lines(
            lines,
            sizes,
            alphabet,
            data=mix.data,
            bucket=bucket,
            max_length=max_length,
            tally=tally,
            turns=turns,
        )
        for lines in raw
    )


def ready(run: Path) -> Ready:
    """Read a run's plan and all that it names.

    Raises:
        InputError: something is missing, or is not what was planned with.
    """
    return ready_for(read_plan(run / PLAN), run)


def ready_for(plan: TrainPlan, run: Path) -> Ready:
    """Read all that a plan names.

    Args:
        run: the folder that holds the turns that it was planned with.

    Raises:
        InputError: as of `ready`.
    """
    start = start_of(plan)
    mix = read_mix(Path(plan.mix.path))
    if mix.sha256 != plan.mix.sha256:
        raise InputError(
            plan.mix.path,
            "is not the mix that was planned with",
            "Put the mix back, or make a new plan.",
        )
    tally = Tally()
    lists = survey(
        mix,
        start.alphabet,
        bucket=plan.step.bucket,
        max_length=plan.max_length,
        tally=tally,
        turns=planned_turns(run, plan.turn),
    )
    _check_amounts(plan, mix, lists, tally.as_dict())
    return Ready(plan, start, mix.data, lists, tally)


def _check_amounts(
    plan: TrainPlan,
    mix: MixFolder,
    lists: Sequence[Sequence[TrainingLine]],
    left_out: Mapping[str, int],
) -> None:
    for listed, lines in zip(plan.mix.lists, lists, strict=True):
        usable = len(lines)
        if usable != listed.lines + listed.distilled:
            reasons = ", ".join(f"{reason} {count}" for reason, count in left_out.items())
            raise InputError(
                f"{mix.data} ({listed.name})",
                f"gives {count_of(usable, 'line')}, {listed.lines + listed.distilled:,} were "
                f"planned ({reasons})",
                "Images vanished or changed since: put them back, or make a new plan.",
            )
