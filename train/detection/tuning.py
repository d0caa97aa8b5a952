"""The search for prediction settings: the limit first, then what is read out of its maps.

Measured on receipts, meters and scene text: the limit moves figures most, then the unclip ratio,
then the box threshold; threshold, dilation and score mode move them little. The best ratio hangs on
the limit, so a few are tried at each; the rest is climbed dial by dial from the best; at the end a
small grid of limit, ratio and box threshold around it is tried whole.

Where lines read exactly are the objective and lines are few, the search goes by how like its label
each is read (`page_outcomes.scores_of`): a character that a box cuts off shows before lines go.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from textlines.progress import Watcher, unwatched
from train.detection.page_outcomes import (
    BoxCounter,
    BoxReader,
    Objective,
    PageOutcome,
    hmean_of,
    page_outcome,
    score_of,
)
from train.detection.settings import BoxType, PredictionSettings
from train.detection.trial_maps import TrialMaps

LIMITS = (
    160,
    192,
    256,
    320,
    416,
    512,
    608,
    736,
    832,
    960,
    1120,
    1280,
    1536,
    1920,
    2560,
    3200,
    4000,
)
"""In pixels, in steps of a fifth or so: text lines are found over about an octave of heights."""

FIRST_RATIOS = (0.6, 0.8, 1.0, 1.2, 1.5, 1.8)
"""With which every limit is tried; the others are tried at the best of them."""

RATIOS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0, 2.3)
BOX_THRESHOLDS = (0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8)
THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5)

PATIENCE = 2
"""Limits in a row that do not help, after which those beyond are not tried: maps are what costs."""

LEAST_GAIN = 1e-6
"""By which a setting must beat the best before it: of equals, the one nearer to the start stays."""

_ROUNDS = 3
"""Over all dials, at most; the second rarely finds anything."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings and what they reached.

    Attributes:
        figure: what the search goes by, 0..1: hmean, or what is read (`score_of`).
        other: decides between equals: hmean where reading is the objective.
    """

    settings: PredictionSettings
    figure: float
    other: float = 0.0

    def beats(self, best: "Trial") -> bool:
        """Whether this is the better one."""
        if abs(self.figure - best.figure) > LEAST_GAIN:
            return self.figure > best.figure
        return self.other > best.other + LEAST_GAIN


@dataclass(slots=True)
class Trials:
    """Settings tried on pages; what is known is not computed again.

    Attributes:
        reader: None for the objective hmean.
        tried: settings that pages were judged under, on any of them.
    """

    maps: TrialMaps
    objective: Objective = "hmean"
    reader: BoxReader | None = None
    tried: set[PredictionSettings] = field(default_factory=set)
    _known: dict[tuple[int, PredictionSettings], PageOutcome] = field(default_factory=dict)
    _counters: dict[int, BoxCounter] = field(default_factory=dict)

    def outcomes(self, settings: PredictionSettings, numbers: Sequence[int]) -> list[PageOutcome]:
        """Judge pages, by their numbers, under settings."""
        self.tried.add(settings)
        missing = [number for number in numbers if (number, settings) not in self._known]
        self.maps.compute(settings, missing)
        for number in missing:
            page = self.maps.pages[number]
            boxes = self.maps.boxes(number, settings)
            self._known[number, settings] = (
                page_outcome(page.labels, boxes, self.reader, page.image)
                if self.reader
                else self._counter(number).outcome(boxes)
            )
        return [self._known[number, settings] for number in numbers]

    def _counter(self, number: int) -> BoxCounter:
        if number not in self._counters:
            self._counters[number] = BoxCounter(self.maps.pages[number].labels)
        return self._counters[number]

    def trial(self, settings: PredictionSettings, numbers: Sequence[int]) -> Trial:
        """Measure settings on pages."""
        outcomes = self.outcomes(settings, numbers)
        hmean = hmean_of(outcomes)
        if self.objective == "hmean":
            return Trial(settings, hmean)
        return Trial(settings, score_of(outcomes), hmean)


def limits_for(
    stock: PredictionSettings, sides: Sequence[int], allowed: Callable[[PredictionSettings], bool]
) -> tuple[list[PredictionSettings], list[PredictionSettings]]:
    """Return the limits that are tried, with all else as stock, and those that are not allowed.

    Args:
        stock: its limit and kind of limit are tried too.
        sides: the longer sides of the pages, in pixels: beyond the longest, limits of the long
            side from above are all one.
        allowed: whether a limit is to be tried: memory is limited.

    >>> near, _ = limits_for(PredictionSettings(), [700], lambda settings: True)
    >>> [settings.limit_side_len for settings in near]
    [160, 192, 256, 320, 416, 512, 608, 960]
    """
    whole = next((limit for limit in LIMITS if limit >= max(sides)), LIMITS[-1])
    wanted = {limit for limit in LIMITS if limit <= whole}
    if stock.limit_type == "max":
        # Where stock sees pages as they are, it stands for all limits that do.
        wanted -= {whole} if stock.limit_side_len >= whole else set()
        wanted.add(stock.limit_side_len)
    listed = [replace(stock, limit_side_len=one, limit_type="max") for one in sorted(wanted)]
    if stock.limit_type != "max":
        listed.append(stock)
    return [one for one in listed if allowed(one)], [one for one in listed if not allowed(one)]


def search(
    trials: Trials,
    limits: Sequence[PredictionSettings],
    stock: PredictionSettings,
    numbers: Sequence[int],
    watch: Watcher = unwatched,
    forms: Sequence[BoxType] = (),
) -> Trial:
    """Find the best settings on some pages.

    Args:
        limits: by `limits_for`. stock: where the search begins.
        numbers: of the pages.
        watch: told settings as they are tried; how many there are is an estimate.
        forms: of boxes that are tried, the first with every limit; () for that of stock.

    Raises:
        ValueError: there is no limit or no page.
    """
    if not limits or not numbers:
        raise ValueError("no limit or no page to search on")
    if forms:
        stock = replace(stock, box_type=forms[0])
        limits = [replace(limit, box_type=forms[0]) for limit in limits]
    climb = _Climb(trials, numbers, watch, most_tried(len(limits)))
    start = _start(limits, stock)
    climb.offer(start)
    ratios = _with(FIRST_RATIOS, stock.unclip_ratio)
    for way in _outwards(limits, limits.index(start)):
        worse = 0
        for limit in way:
            before = climb.best
            for ratio in ratios:
                climb.offer(replace(limit, unclip_ratio=ratio))
            if limit.limit_side_len != start.limit_side_len:
                worse = worse + 1 if climb.best is before else 0
            if worse == PATIENCE:
                break
    best = climb.best.settings
    for form, ratio in product(forms[1:], ratios):
        climb.offer(replace(best, box_type=form, unclip_ratio=ratio))
    for _ in range(_ROUNDS):
        before = climb.best
        for dial, values in _dials(stock):
            for value in values:
                climb.offer(replace(climb.best.settings, **{dial: value}))
        if climb.best is before:
            break
    for settings in _around(climb.best.settings, limits, stock):
        climb.offer(settings)
    watch(climb.done, climb.done, "")
    return climb.best


def most_tried(limits: int) -> int:
    """Return how many settings a search with so many limits tries, at about the most."""
    return limits * len(FIRST_RATIOS) + 60


def _start(limits: Sequence[PredictionSettings], stock: PredictionSettings) -> PredictionSettings:
    """Return the settings to begin with: those of stock, or of the limit nearest to it."""
    if stock in limits:
        return stock
    return min(limits, key=lambda limit: abs(limit.limit_side_len - stock.limit_side_len))


def _outwards(
    limits: Sequence[PredictionSettings], at: int
) -> tuple[Sequence[PredictionSettings], Sequence[PredictionSettings]]:
    """List limits from where the search begins: that one and those below, then those above."""
    return limits[at::-1], limits[at + 1 :]


def _with(values: Sequence[float], more: float) -> list[float]:
    return sorted({*values, more})


def _dials(stock: PredictionSettings) -> Iterator[tuple[str, Sequence[Any]]]:
    """List what is turned after the limit, in the order of what it moves."""
    yield "unclip_ratio", _with(RATIOS, stock.unclip_ratio)
    yield "box_thresh", _with(BOX_THRESHOLDS, stock.box_thresh)
    yield "thresh", _with(THRESHOLDS, stock.thresh)
    yield "use_dilation", (False, True)
    yield "score_mode", ("fast", "slow")


def _around(
    best: PredictionSettings, limits: Sequence[PredictionSettings], stock: PredictionSettings
) -> Iterator[PredictionSettings]:
    """List the grid around settings: limit, ratio and box threshold a step either way, at once."""
    sides = [(limit.limit_type, limit.limit_side_len) for limit in limits]
    at = (best.limit_type, best.limit_side_len)
    for (kind, side), ratio, box in product(
        _near(sides, at),
        _near(_with(RATIOS, stock.unclip_ratio), best.unclip_ratio),
        _near(_with(BOX_THRESHOLDS, stock.box_thresh), best.box_thresh),
    ):
        yield replace(
            best,
            limit_type=kind,
            limit_side_len=side,
            unclip_ratio=ratio,
            box_thresh=box,
        )


def _near(values: Sequence[Any], value: Any) -> Sequence[Any]:
    at = values.index(value)
    return values[max(0, at - 1) : at + 2]


class _Climb:
    """The best settings so far."""

    def __init__(
        self, trials: Trials, numbers: Sequence[int], watch: Watcher, expected: int
    ) -> None:
        self._trials, self._numbers, self._watch = trials, numbers, watch
        self._expected, self._seen = expected, set[PredictionSettings]()
        self._best: Trial | None = None

    @property
    def best(self) -> Trial:
        """The best trial; something has been offered."""
        assert self._best is not None
        return self._best

    @property
    def done(self) -> int:
        """How many settings were tried."""
        return len(self._seen)

    def offer(self, settings: PredictionSettings) -> None:
        """Try settings, if they are new; keep them if they are better."""
        if settings in self._seen:
            return
        trial = self._trials.trial(settings, self._numbers)
        self._seen.add(settings)
        if self._best is None or trial.beats(self._best):
            self._best = trial
        note = f"best {self._best.figure:.4f}"
        self._watch(self.done, max(self._expected, self.done + 1), note)


def folds_of(count: int, folds: int) -> list[list[int]]:
    """Deal pages to folds in turn.

    >>> folds_of(5, 2)
    [[0, 2, 4], [1, 3]]
    """
    return [list(range(at, count, folds)) for at in range(min(folds, count))]
