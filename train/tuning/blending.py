"""Weights between the base and the tuned model: WiSE-FT (Wortsman et al. 2022, 2109.01903)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from train.models.base_folder import Tensors
from train.tuning.judging import Standing, merit


@dataclass(frozen=True, slots=True)
class Blend:
    """One weight of the tuned model and how it does on the stopping sets."""

    alpha: float
    standing: Standing


def blended(base: Tensors, tuned: Tensors, alpha: float) -> Tensors:
    """Give (1 - alpha) x base + alpha x tuned, tensor by tensor, in float64, as float32.

    Raises:
        ValueError: alpha is not 0..1, or the two hold other tensors.
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha is {alpha}, not 0..1")
    if {name: one.shape for name, one in base.items()} != {
        name: one.shape for name, one in tuned.items()
    }:
        raise ValueError("the two models hold other tensors")
    if alpha in (0, 1):
        return dict(tuned if alpha else base)
    return {
        name: ((1 - alpha) * one.astype(np.float64) + alpha * tuned[name]).astype(np.float32)
        for name, one in base.items()
    }


def sweep(
    base: Tensors,
    tuned: Tensors,
    alphas: Sequence[float],
    judge: Callable[[Tensors], Standing],
) -> tuple[Blend, ...]:
    """Judge the model at each weight, by rising weight."""
    return tuple(Blend(alpha, judge(blended(base, tuned, alpha))) for alpha in sorted(set(alphas)))


def chosen(blends: Sequence[Blend], delta: float) -> Blend:
    """Choose a blend: the best on the target that keeps the general lines, by `merit`.

    Args:
        blends: with alpha 0 among them, which is the base and always keeps the general lines.

    Raises:
        ValueError: alpha 0 is not among them.
    """
    base = next((one.standing for one in blends if one.alpha == 0), None)
    if base is None:
        raise ValueError("alpha 0, the base, is not among the blends")
    return max(blends, key=lambda one: (merit(one.standing, base, delta, one.alpha), -one.alpha))


def largest_kept(blends: Sequence[Blend], delta: float) -> Blend:
    """Choose the blend with the largest weight that keeps the general lines.

    For a run that folds have stopped: no target is at hand, and its weight is bounded already.

    Args:
        blends: as of `chosen`. delta: share of the general lines that may be lost.

    Raises:
        ValueError: alpha 0 is not among them.
    """
    base = next((one.standing for one in blends if one.alpha == 0), None)
    if base is None:
        raise ValueError("alpha 0, the base, is not among the blends")
    kept = [one for one in blends if merit(one.standing, base, delta, one.alpha)[0]]
    return max(kept, key=lambda one: one.alpha)
