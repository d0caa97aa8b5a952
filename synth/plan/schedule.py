"""The order of a plan: what each place of the run is for."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from synth.draws import Draws
from synth.plan.targets import TargetPlan

FILLER = 0


@dataclass(frozen=True)
class Schedule:
    """Jobs, and the order in which they come.

    Attributes:
        jobs: job 0 is a filler line; a job of one character is a line for it; a job of two is a
            round of a pair.
        order: for each unit of the run, the number of its job. Two to four bytes a unit.
    """

    jobs: tuple[tuple[str, ...], ...]
    order: "array[int]"


def schedule(plan: TargetPlan, seed: int) -> Schedule:
    """Spread each job evenly over the run, so that any prefix is like the whole.

    A job of n units stands at (k + u) / n of the run for k = 0..n-1, with one u in 0..1 drawn
    for the job; in any prefix each job has as many units as its share, within one.

    >>> plan = TargetPlan({"1": 2}, filler=4)
    >>> made = schedule(plan, seed=1)
    >>> made.jobs, sorted(made.order)
    (((), ('1',)), [0, 0, 0, 0, 1, 1])
    """
    jobs: list[tuple[str, ...]] = [()]
    counts = [plan.filler]
    for char, count in plan.alone.items():
        jobs.append((char,))
        counts.append(count)
    for pair in plan.pairs:
        jobs.append((pair.one, pair.other))
        counts.append(pair.rounds)
    return Schedule(tuple(jobs), _spread(counts, seed))


def _spread(counts: Sequence[int], seed: int) -> "array[int]":
    import numpy as np

    total = sum(counts)
    places = np.empty(total, np.float64)
    numbers = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
    at = 0
    for job, count in enumerate(counts):
        if count:
            offset = Draws(seed, job, purpose="schedule").unit()
            places[at : at + count] = (np.arange(count) + offset) / count
            at += count
    found = array("I")
    found.frombytes(numbers[np.argsort(places, kind="stable")].tobytes())
    return found
