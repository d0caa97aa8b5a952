"""Several readings of the same lines beside each other: who reads what, and who reads it alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from textlines.errors import InputError
from textlines.profile.reading import Reading
from train.judging.evaluation import Contender, Contest, Figure
from train.judging.exact import ALPHA, holm, mcnemar
from train.judging.intervals import (
    SEED,
    Groups,
    Numbers,
    change_interval,
    rate_interval,
    share_interval,
)
from train.judging.scores import Scores, scores

Kind = Literal["stock", "model", "predictions"]


@dataclass(frozen=True, slots=True)
class Other:
    """What else read the lines: its name, what it is, and its texts by path."""

    name: str
    kind: Kind
    texts: Mapping[str, str]


def contest(
    readings: Sequence[Reading],
    others: Sequence[Other],
    *,
    name: str,
    kind: Kind = "model",
    groups: Groups | None = None,
    seed: int = SEED,
) -> Contest:
    """Compare readings with others of the same crops, on the lines that all have.

    Args:
        readings: with their labels; the first contender, named `name`.
        groups: the number of each line's group, which intervals and tests go by; None for lines.

    Raises:
        InputError: no line is common to all.
    """
    chosen = [k for k, one in enumerate(readings) if all(one.path in o.texts for o in others)]
    if not chosen:
        raise InputError(
            ", ".join(other.name for other in others),
            "have no crop of these in common",
            "Compare readings of the same label file.",
        )
    lines = [readings[k] for k in chosen]
    units = None if groups is None else _renumbered(groups[chosen])
    all_scores = [_scores(lines)] + [
        _scores([Reading(one.path, one.truth, other.texts[one.path]) for one in lines])
        for other in others
    ]
    right = np.stack([one.right for one in all_scores])
    alone = right.sum(axis=0) == 1
    first = right[0]
    rows = [(name, kind), *((other.name, other.kind) for other in others)]
    contenders = tuple(
        Contender(
            name=row[0],
            kind=row[1],
            line_accuracy=Figure.of(one.right.mean(), share_interval(one.right, units, seed=seed)),
            cer=_cer(one, units, seed),
            change=_change(one.right - first, units, seed) if k else None,
            p=_sign_test(one.right - first, units) if k else None,
            only=int((alone & (one.right > 0)).sum()),
            best_of_two=round(float(np.maximum(one.right, first).mean()), 6),
        )
        for k, (row, one) in enumerate(zip(rows, all_scores, strict=True))
    )
    return Contest(
        lines=len(lines),
        contenders=contenders,
        best_of_all=round(float(right.max(axis=0).mean()), 6),
        better=_better(contenders),
    )


def _better(contenders: Sequence[Contender]) -> tuple[str, ...]:
    """Name the stock models that surely read more, best first."""
    stock = [one for one in contenders[1:] if one.kind == "stock" and one.change and one.p]
    adjusted = holm([one.p or 1.0 for one in stock])
    found = [
        one
        for one, p in zip(stock, adjusted, strict=True)
        if p < ALPHA and one.change and one.change.interval and one.change.interval[0] > 0
    ]
    found.sort(key=lambda one: (-one.line_accuracy.value, one.name))
    return tuple(one.name for one in found)


def _scores(lines: Sequence[Reading]) -> Scores:
    return scores(lines)["all"]


def _sign_test(change: Numbers, units: Groups | None) -> float:
    by_unit = change if units is None else np.bincount(units, change)
    return mcnemar(int((by_unit > 0).sum()), int((by_unit < 0).sum()))


def _change(change: Numbers, units: Groups | None, seed: int) -> Figure:
    return Figure.of(change.mean(), change_interval(change, units, seed=seed))


def _cer(one: Scores, units: Groups | None, seed: int) -> Figure | None:
    if not one.length.sum():
        return None
    bounds = rate_interval(one.edits, one.length, units, seed=seed)
    return Figure.of(one.edits.sum() / one.length.sum(), bounds)


def _renumbered(groups: Groups) -> Groups:
    return np.unique(groups, return_inverse=True)[1].astype(np.intp)
