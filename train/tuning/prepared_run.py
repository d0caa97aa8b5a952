"""A run about to begin or to go on: its plan, its network, its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.mix import MixFolder, read_mix
from textlines.formats.predictions import Turn
from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally
from train.models.base_folder import MODEL, BaseFolder, Tensors, read_base
from train.networks.graph_spec import Spec
from train.tuning.batches import Batch, batches, steps_in
from train.tuning.lines import TrainingLine, sizes_of, training_lines
from train.tuning.plan_io import PLAN, read_plan
from train.tuning.plan_model import TrainPlan
from train.tuning.rows import Changed, parse_rows, with_dictionary
from train.tuning.turned_lines import planned_turns


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
        """Give the classes that the base model does not have."""
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
        """Give the lines of an epoch, counted over all stages; lists start again from the first."""
        return self.lists[epoch % len(self.lists)]

    def batches_of(self, epoch: int) -> tuple[Batch, ...]:
        """Give the batches of an epoch, in the order of its steps."""
        size = self.plan.step.batch
        return batches(self.lines_of(epoch), size, seed=self.plan.seed, epoch=epoch)

    def steps_of(self, epoch: int) -> int:
        """Count the steps of an epoch."""
        return steps_in(len(self.batches_of(epoch)), self.plan.step.devices)

    def first_epoch(self, stage: int) -> int:
        """Count the epochs before a stage."""
        return sum(one.epochs for one in self.plan.stages[:stage])


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
    raw = [list(mix.lines(one, tally)) for one in mix.epochs]
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
    for one, lines in zip(plan.mix.lists, lists, strict=True):
        found = len(lines)
        if found != one.lines + one.distilled:
            told = ", ".join(f"{reason} {count}" for reason, count in left_out.items())
            raise InputError(
                f"{mix.data} ({one.name})",
                f"gives {found:,} lines, {one.lines + one.distilled:,} were planned ({told})",
                "Images vanished or changed since: put them back, or make a new plan.",
            )
