"""How a state of the network reads the stopping sets: on CPUs by the graph to be deployed.

General sets are laid beside the base model's readings before a run is stopped by them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import sqrt
from pathlib import Path

from textlines.defects import of_readings
from textlines.formats.judged_set import JudgedSet
from textlines.formats.predictions import Turn
from textlines.labels.alphabet import Alphabet
from textlines.labels.fitting import no_image, nothing_left
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from textlines.pixels.resize import to_recognizer
from train.judging.comparisons import Labelling, Strictness
from train.judging.line_kinds import gaps_of
from train.models.base_folder import BaseFolder
from train.models.records import Turning
from train.reading.crop_reading import usable_cores
from train.reading.engine import CtcEngine, Engine
from train.reading.engine_networks import OnnxNetwork
from train.reading.turning import is_settled, prepared_turns, read_turns, surest
from train.tuning.ranks import Ranks
from train.tuning.train_plan import StopPlan


@dataclass(frozen=True, slots=True)
class StopLine:
    """One line of a stopping set: its crop at height 48 in each of its turns, and its label."""

    path: str
    crops: Mapping[Turn, Image]
    label: str

    @property
    def width(self) -> int:
        """The width of its crop as it lies, in pixels."""
        return int(self.crops[0].shape[1])


@dataclass(frozen=True, slots=True)
class StopSet:
    """One stopping set, its crops in memory.

    Attributes:
        is_target: it is to get better; else it must not get worse.
        strictest: what it is compared by in place of its own comparison, as its labels allow it
            and it sees more; None for its own.
    """

    judged: JudgedSet
    is_target: bool
    lines: tuple[StopLine, ...]
    strictest: Strictness | None = None

    def is_right(self, label: str, read: str) -> bool:
        """Whether a reading counts as that of its label."""
        return (self.strictest or self.judged).is_right(label, read)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a state of the network does.

    Attributes:
        right: lines read right, of each set, in order. lines: of each set.
        targets: whether each set is a target.
        readings: the texts of each set.
    """

    right: tuple[int, ...]
    lines: tuple[int, ...]
    targets: tuple[bool, ...]
    readings: tuple[tuple[str, ...], ...] = ()

    def share(self, *, target: bool) -> float:
        """Return the share of lines read right, of all target or all general sets together.

        >>> Standing((3, 9), (4, 10), (True, False)).share(target=True)
        0.75
        """
        total = self._sum(self.lines, target)
        return self._sum(self.right, target) / total if total else 1.0

    def count(self, *, target: bool) -> int:
        """Count the lines of all target or of all general sets together."""
        return self._sum(self.lines, target)

    def _sum(self, values: Sequence[int], target: bool) -> int:
        return sum(
            n for n, is_target in zip(values, self.targets, strict=True) if is_target == target
        )

    def figures(self) -> dict[str, object]:
        """Return what the run's metrics hold of it."""
        return {
            "target": round(self.share(target=True), 6),
            "general": round(self.share(target=False), 6),
            "right": list(self.right),
            "of": list(self.lines),
        }


LOSS_WEIGHT = 2.0
"""Points on the target that a point lost on the general lines beyond what may be lost outweighs,
while training goes on: a blend with the base wins some of it back."""


BLEND_WEIGHT = 3.0
"""The same for what a blend lost within that: the gate asks for proof that little was lost, and the
next blend nearer to the base mostly costs less on the target."""


FLIPS = 0.04
"""Of general lines, that a tuned model reads rightly and the base does not, or the other way: so
many on 3,254 lines of wire markers' general sets."""

SPREAD = 0.01
"""By which tuned models differ in what they truly lose: on those lines, weights and blends of runs
lay from 0.8 points below the base to 2.6 above."""


def lost(state: Standing, base: Standing) -> float:
    """Estimate the share of the general lines that a state of the network has lost.

    What few lines seem to have lost is mostly chance: of 400, a point up or down means nothing. So
    the loss that was counted is taken by that part of its variance which is not chance (James and
    Stein 1961): two points are one point on 400 lines, and 1.8 on 4,000.

    >>> few = Standing((380,), (400,), (False,))
    >>> round(lost(Standing((372,), (400,), (False,)), few), 3)
    0.01
    >>> lost(Standing((390,), (400,), (False,)), few)
    0.0
    """
    lines = state.count(target=False)
    if not lines:
        return 0.0
    counted = base.share(target=False) - state.share(target=False)
    return max(counted, 0.0) * SPREAD**2 / (SPREAD**2 + FLIPS / lines)


def balance(state: Standing, base: Standing, delta: float) -> float:
    """Return what a state of the training won on the target, less what it lost beyond `delta`.

    >>> base = Standing((5, 9), (10, 10), (True, False))
    >>> balance(Standing((8, 9), (10, 10), (True, False)), base, 0.01)
    0.8
    """
    return state.share(target=True) - LOSS_WEIGHT * max(lost(state, base) - delta, 0.0)


CLEARLY = 2.0
"""Standard errors of a share of the stopping lines by which a state is clearly worse."""


def keeps_up(state: Standing, best: float, base: Standing, delta: float) -> bool:
    """Whether a later state is to be preferred to all before it: if it is not clearly worse.

    The rate falls to the end of a run, so that its last states have settled. An early one that
    reads a few lines more was mostly lucky in its steps: on meters, 40 stopping lines told 35
    right after one epoch and 31 after seven, where of 238 lines that nobody stopped by 198 were
    right and then 212.

    Args:
        best: the highest balance so far.

    >>> base = Standing((50,), (100,), (True,))
    >>> [keeps_up(Standing((right,), (100,), (True,)), 0.84, base, 0.01) for right in (77, 75)]
    [True, False]
    """
    lines = state.count(target=True)
    # With one more line read right and one misread, so that "all of 20" is not taken for certain.
    share = (state.share(target=True) * lines + 1) / (lines + 2)
    error = sqrt(share * (1 - share) / (lines + 2))
    return balance(state, base, delta) >= best - CLEARLY * error


EXPECTED_LINES = 2.0
"""Lines of the target that the whole of what was learned counts as having won, whatever so few
lines tell: what is known of other runs. They won 1 to 25 points, say 3 with a spread of 3 where
nothing is known; of 100 lines, 6 in 100 flip for no reason, so that the expectation weighs as much
as two of them (mean x flips / spread²)."""


def merit(state: Standing, base: Standing, delta: float, alpha: float) -> tuple[bool, float]:
    """Return what blends are compared by: whether the general lines are kept, and the balance.

    A blend that lost more than `delta` of the general lines is worse than any that did not; what
    it lost within that counts against what it won, `BLEND_WEIGHT` times. Where the lines do not
    tell blends apart, the one that has learned more is better.

    Args:
        alpha: its weight, 0..1.
    """
    share, lines = lost(state, base), state.count(target=True)
    expected = EXPECTED_LINES * alpha / lines if lines else 0.0
    return share <= delta, state.share(target=True) + expected - BLEND_WEIGHT * share


def read_sets(plan: StopPlan, tally: Tally, turning: Turning = "off") -> tuple[StopSet, ...]:
    """Read the stopping sets into memory; what cannot be read is counted.

    Args:
        turning: whether the model will read crops in their turns.

    Raises:
        InputError: a label file cannot be read, or no crop of a set is there.
    """
    images = Path(plan.images) if plan.images else None
    sets = [
        _read(judged=judged, images=images, is_target=True, most=0, tally=tally, turning=turning)
        for judged in plan.target
    ]
    total = sum(_count(judged, images) for judged in plan.general)
    strictest = plan.strictest_of_general()
    for at, judged in enumerate(plan.general):
        # None usable in any of them: `_read` says so.
        most = (
            round(plan.most_lines * _count(judged, images) / total)
            if plan.most_lines and total
            else 0
        )
        general = _read(
            judged=judged, images=images, is_target=False, most=most, tally=tally, turning=turning
        )
        sets.append(replace(general, strictest=strictest[at]))
    return tuple(sets)


def _count(judged: JudgedSet, folder: Path | None) -> int:
    judged.check()
    return sum(1 for _ in read_labels(judged.path, tally=Tally(), home=folder))


def _read(
    judged: JudgedSet,
    images: Path | None,
    is_target: bool,
    most: int,
    tally: Tally,
    turning: Turning,
) -> StopSet:
    judged.check()
    folder = images or judged.path.parent
    listed = list(read_labels(judged.path, tally=tally, home=folder))
    if not listed:
        raise nothing_left(judged.path, tally, images=folder, what="labelled line to stop by")
    if most and len(listed) > most:
        # By hash of the path: the same lines whatever else is in the file.
        listed = sorted(listed, key=lambda line: hashlib.sha256(line.path.encode()).digest())[:most]
    lines = []
    for line in listed:
        try:
            image = read_image(folder / line.path)
        except ImageError as error:
            tally.add(
                of_readings.STOP_FAULTS[f"stop_{error.reason}"], f"{judged.path}:{line.number}"
            )
            continue
        crops = prepared_turns(to_recognizer, image, turning)
        lines.append(StopLine(line.path, crops, line.label))
    if not lines:
        raise no_image(judged.path, folder, len(listed))
    return StopSet(judged, is_target, tuple(lines))


def lines_of(sets: Sequence[StopSet]) -> list[StopLine]:
    """List the lines of all sets, in order: what processes share by number."""
    return [line for stop_set in sets for line in stop_set.lines]


def judge(graph: Path, alphabet: Alphabet, sets: Sequence[StopSet], workers: int) -> Standing:
    """Read all stopping sets by a graph.

    Args:
        graph: an ONNX file of the network. workers: threads.
    """
    return judge_by(CtcEngine(OnnxNetwork(graph), alphabet), sets, workers)


def judge_by(
    engine: Engine, sets: Sequence[StopSet], workers: int, ranks: Ranks | None = None
) -> Standing:
    """Read all stopping sets; else as `judge`.

    Args:
        ranks: who shares the lines, all of them at one place of the run with the same weights;
            each knows all readings then. None for this process alone.
    """
    lines = lines_of(sets)
    sharing = ranks or Ranks()
    assigned = sharing.share(lines)
    size = engine.batching.chunk
    chunks = [assigned[at : at + size] for at in range(0, len(assigned), size)]
    threads = workers if engine.batching.is_parallel else 1
    with ThreadPoolExecutor(threads, thread_name_prefix="judging") as pool:
        read = [text for texts in pool.map(partial(_texts, engine), chunks) for text in texts]
    texts = sharing.together(read, len(lines))
    readings, right, at = [], [], 0
    for stop_set in sets:
        theirs = texts[at : at + len(stop_set.lines)]
        at += len(theirs)
        readings.append(tuple(theirs))
        pairs = zip(stop_set.lines, theirs, strict=True)
        right.append(sum(stop_set.is_right(line.label, text) for line, text in pairs))
    return Standing(
        tuple(right),
        tuple(len(stop_set.lines) for stop_set in sets),
        tuple(stop_set.is_target for stop_set in sets),
        tuple(readings),
    )


def _texts(engine: Engine, lines: Sequence[StopLine]) -> list[str]:
    """Read lines as they will be read when the model is in use."""
    readings = read_turns(
        engine,
        {number: line.crops for number, line in enumerate(lines)},
        lambda _, first: is_settled(first),
        lambda number: lines[number].path,
    )
    return [readings[number][surest(readings[number])].text for number in range(len(lines))]


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
        general = [stop_set for stop_set in self.sets if not stop_set.is_target]
        return tuple(str(stop_set.strictest) if stop_set.strictest else "" for stop_set in general)


def compared_with_base(base: BaseFolder, sets: Sequence[StopSet]) -> Compared:
    """Read the general sets by the base model, and find how strictly each can be compared.

    Args:
        sets: of `read_sets`; the general ones hold some hundred lines together, and are read in
            seconds.
    """
    general = [stop_set for stop_set in sets if not stop_set.is_target]
    if not general:
        return Compared(tuple(sets), ())
    standing = judge(base.graph_path, base.alphabet, general, usable_cores())
    compared, warnings = [stop_set for stop_set in sets if stop_set.is_target], list[str]()
    for stop_set, read in zip(general, standing.readings, strict=True):
        labels = [line.label for line in stop_set.lines]
        labelling = Labelling.of(zip(labels, read, strict=True))
        comparison = stop_set.judged.comparison
        compared.append(replace(stop_set, strictest=labelling.beyond(comparison)))
        warnings += labelling.blind_spots(stop_set.judged.path.name, comparison)
    warnings += gaps_of([line.label for stop_set in general for line in stop_set.lines])
    return Compared(tuple(compared), tuple(warnings))
