"""How far two sets of lines are from each other, as the recognizer sees them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synth.calibrate.libraries import sklearn_parts

Rows = npt.NDArray[np.float64]
"""Lines x features."""

_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Distance:
    """Between two sets of as many lines.

    Attributes:
        frechet: of their features, as `frechet` says.
        auc: of a classifier that has not seen the lines it tells apart, 0.5 (cannot) to 1.
        lines: on each side.
    """

    frechet: float
    auc: float
    lines: int


def frechet(one: Rows, other: Rows) -> float:
    """Return the Fréchet distance of the Gaussians of two sets (Dowson and Landau 1982).

    It grows as the sets get smaller, so that only distances of sets of as many lines compare.

    Raises:
        ValueError: a set has fewer than two lines.
    """
    if min(len(one), len(other)) < 2:
        raise ValueError("a spread needs two lines")
    apart = one.mean(0) - other.mean(0)
    first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    root = _root(np.atleast_2d(first))
    shared = _root(root @ np.atleast_2d(second) @ root)
    spread = np.trace(np.atleast_2d(first)) + np.trace(np.atleast_2d(second)) - 2 * np.trace(shared)
    return float(apart @ apart + max(float(spread), 0.0))


def _root(matrix: Rows) -> Rows:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    root: Rows = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def auc(one: Rows, other: Rows, groups: npt.NDArray[np.int64] | None = None) -> float:
    """Return how well a linear classifier tells two sets apart, on lines that it has not seen.

    Logistic regression on standardised features, cross-fitted in five folds.

    Args:
        groups: of all lines, `one` before `other`: lines of one text stay in one fold.
    """
    parts = sklearn_parts()
    rows = np.vstack((one, other))
    sides = np.r_[np.ones(len(one), np.int64), np.zeros(len(other), np.int64)]
    if groups is None:
        groups = np.arange(len(rows))
    folds = parts.StratifiedGroupKFold(n_splits=_FOLDS, shuffle=True, random_state=0)
    scores = np.zeros(len(rows))
    for train, test in folds.split(rows, sides, groups):
        model = parts.make_pipeline(
            parts.StandardScaler(), parts.LogisticRegression(C=0.05, max_iter=500)
        )
        model.fit(rows[train], sides[train])
        scores[test] = model.decision_function(rows[test])
    return float(parts.roc_auc_score(sides, scores))


def distance(one: Rows, other: Rows, groups: npt.NDArray[np.int64] | None = None) -> Distance:
    """Measure both."""
    return Distance(frechet(one, other), auc(one, other, groups), min(len(one), len(other)))
