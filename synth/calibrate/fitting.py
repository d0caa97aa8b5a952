"""The fit: a style's dials are turned until drawn lines look to the recognizer as real ones do.

What is brought down is the Fréchet distance of the recognizer's features and, beside it, how far
the two means lie apart as a linear classifier measures it. First every dial is tried by itself,
both ways, and what helps is kept; then all are turned together by CMA-ES (Hansen 2016, separable at
first). Every trial draws the same lines with the same seed, so that trials differ by their style.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synth.calibrate.dials import MOST_TURN, Dial, Table, turned
from synth.calibrate.distances import Rows, frechet
from synth.calibrate.drawing import Drawn, Studio
from synth.calibrate.libraries import cma_module

Turns = npt.NDArray[np.float64]

_STEP = 1.5
"""The turn that each dial is tried with by itself."""

_GAIN = 0.004
"""Of the start's score that a dial must take off by itself to be kept turned."""

_SPREAD = 0.35
"""Of the turns that are tried together first, about what single dials found."""

_TOGETHER = 12
"""Trials of one generation."""

_DIAGONAL = 40
"""Generations in which dials are taken to be independent of each other."""

_SHRUNK = 0.2
"""Share of the covariance that is taken to be alike in all directions: there are few lines."""

_UNDRAWN = 10.0
"""Score of a style in which too few lines can be drawn."""


@dataclass(frozen=True, slots=True)
class Score:
    """One trial beside the real lines.

    Attributes:
        frechet: distance of the features.
        apart: squared distance of the two means in units of the spread (Mahalanobis 1936).
        whole: both as shares of the start's, and summed: 2 at the start.
    """

    frechet: float
    apart: float
    whole: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit found.

    Attributes:
        style: the fitted table.
        turned: by dial's name, how far it was turned; those left alone are left out.
        start, end: scores on the lines that were fitted to.
        trials: styles that were drawn.
    """

    style: Table
    turned: Mapping[str, float]
    start: Score
    end: Score
    trials: int


class Target:
    """Real lines that trials are held against; row k is the line that trials draw as number k."""

    def __init__(self, real: Rows) -> None:
        self._real = real
        self._start: Score | None = None

    def score(self, drawn: Drawn) -> Score:
        """Score a trial; the first one sets the scale."""
        if 2 * len(drawn.numbers) < len(self._real) or len(drawn.numbers) < 8:
            return Score(float("inf"), float("inf"), _UNDRAWN)
        real, ours = self._real[list(drawn.numbers)], drawn.features.astype(np.float64)
        found, apart = frechet(real, ours), _apart(real, ours)
        if self._start is None:
            self._start = Score(max(found, 1e-9), max(apart, 1e-9), 2.0)
        start = self._start
        return Score(found, apart, found / start.frechet + apart / start.apart)


def _apart(one: Rows, other: Rows) -> float:
    gap = one.mean(0) - other.mean(0)
    spread = (np.cov(one, rowvar=False) + np.cov(other, rowvar=False)) / 2
    even = float(np.trace(spread)) / len(spread) + 1e-12
    spread = (1 - _SHRUNK) * spread + _SHRUNK * even * np.eye(len(spread))
    return float(gap @ np.linalg.solve(spread, gap))


Told = Callable[[int, int, float], None]
"""Is told of trials done, of how many, and the best score."""


def fit(
    studio: Studio,
    target: Target,
    style: Mapping[str, Any],
    dials: Sequence[Dial],
    *,
    trials: int,
    seed: int = 1,
    told: Told = lambda done, of, best: None,
) -> Fitted:
    """Turn a style's dials.

    Args:
        trials: styles to draw, all together; more than two for each dial turn them together too.

    Returns:
        The best style that was drawn, the one it began with included.
    """

    def scored(tries: Sequence[Turns]) -> list[Score]:
        styles = [turned(style, dials, turns) for turns in tries]
        drawn = studio.see(styles, range(len(studio.scene.texts)))
        return [target.score(one) for one in drawn]

    best = np.zeros(len(dials))
    (start,) = scored([best])
    score, done = start, 1
    for dial in np.random.default_rng(seed).permutation(len(dials))[: (trials - done) // 2]:
        tries = [best.copy(), best.copy()]
        tries[0][dial] -= _STEP
        tries[1][dial] += _STEP
        done += len(tries)
        turns, found = min(zip(tries, scored(tries), strict=True), key=lambda pair: pair[1].whole)
        if found.whole < score.whole - _GAIN:
            best, score = turns, found
        told(done, trials, score.whole)
    for turns, found in _together(scored, best, trials - done, seed):
        done += 1
        if found.whole < score.whole:
            best, score = turns, found
        told(done, trials, score.whole)
    named = {
        dial.name: round(float(turn), 3)
        for dial, turn in zip(dials, best, strict=True)
        if abs(turn) > 1e-9
    }
    return Fitted(turned(style, dials, best), named, start, score, done)


def _together(
    scored: Callable[[Sequence[Turns]], list[Score]], begun: Turns, trials: int, seed: int
) -> Iterator[tuple[Turns, Score]]:
    """Turn all dials by CMA-ES; yield each trial."""
    if trials < _TOGETHER:
        return
    cma = cma_module()
    options = {
        "popsize": _TOGETHER,
        "seed": seed,
        "verbose": -9,
        "bounds": [-MOST_TURN, MOST_TURN],
        "CMA_diagonal": _DIAGONAL,
    }
    evolution = cma.CMAEvolutionStrategy(begun, _SPREAD, options)
    for _ in range(trials // _TOGETHER):
        tries = [np.asarray(one, np.float64) for one in evolution.ask()]
        scores = scored(tries)
        evolution.tell(tries, [score.whole for score in scores])
        yield from zip(tries, scores, strict=True)
