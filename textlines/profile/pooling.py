"""How much one character's cases tell of another that shares something with it: partial pooling.

Empirical Bayes, beta-binomial (Skellam 1948; Morris 1983, "Parametric empirical Bayes inference";
Gelman et al., Bayesian Data Analysis, section 5.3). The rate at which what is shared is misread
varies from character to character as Beta(κθ, κ(1 - θ)); where all are misread alike, κ is great
and each counts for the others; where one alone is, κ is small and each stands for itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp, lgamma, log
from typing import NamedTuple

from textlines.formats.profile import PartPlace, PartRow
from textlines.wilson import Interval, wilson

KAPPAS = tuple(exp(log(300) * k / 19) for k in range(20))
"""Tried for κ, evenly in its logarithm, each as likely as the others before anything is seen. One
best κ would be overconfident where few characters share something."""


class Cases(NamedTuple):
    """The places of one character that tell of what it shares, and those where it was misread."""

    char: str
    seen: int
    misread: int


def alike(shared: Sequence[Sequence[Cases]]) -> float:
    """Estimate κ, by averaging 1 / (1 + κ) over `KAPPAS`, each as likely as it makes the cases.

    Args:
        shared: the cases of the characters that share something, for each of the things shared: κ
            is common to them, the rate is each one's own.
    """
    logs = [0.0] * len(KAPPAS)
    for cases in shared:
        seen, misread = sum(case.seen for case in cases), sum(case.misread for case in cases)
        if not misread:
            continue
        share = (misread + 0.5) / (seen + 1)
        # In order, as sums of floats depend on theirs.
        counts = sorted(Counter((case.seen, case.misread) for case in cases).items())
        for at, kappa in enumerate(KAPPAS):
            a, b = kappa * share, kappa * (1 - share)
            none = _log_beta(a, b)
            logs[at] += sum(
                times * (_log_beta(a + x, b + n - x) - none) for (n, x), times in counts
            )
    if not any(logs):
        return KAPPAS[-1]
    most = max(logs)
    weights = [exp(value - most) for value in logs]
    correlation = sum(w / (1 + k) for w, k in zip(weights, KAPPAS, strict=True)) / sum(weights)
    return 1 / correlation - 1


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def across(cases: Sequence[Cases], kappa: float) -> Interval:
    """Bound the recall of what is shared across characters.

    By as many cases as the ones seen are worth there (Kish's design effect: cases of one character
    correlate by 1 / (1 + κ)).
    """
    seen, misread = sum(case.seen for case in cases), sum(case.misread for case in cases)
    worth = 1 + (sum(case.seen**2 for case in cases) / seen - 1) / (1 + kappa)
    return wilson((seen - misread) / worth, seen / worth)


def lent(shared: Cases, kappa: float, seen: int, misread: int) -> Interval:
    """Bound the recall of what is shared in one character, by its own cases and those taken over.

    Args:
        shared: all cases, its own among them. seen, misread: its own.
    """
    others = shared.seen - seen
    if not others:
        return wilson(seen - misread, seen)
    # What others tell is blurred twice: by how characters differ, and by how few cases they are.
    taken = 1 / (1 / (kappa + 1) + 1 / others)
    share = (shared.misread - misread) / others
    return wilson(taken * (1 - share) + seen - misread, taken + seen)


def shared_row(
    place: PartPlace, part: str, cases: Sequence[Cases], read: Mapping[str, int], kappa: float
) -> PartRow:
    """Return the row of what several characters share: a part of syllables, a group of Han.

    Args:
        cases: of each character that was seen. read: what was read instead, with counts.
        kappa: of `alike`.
    """
    seen, misread = sum(case.seen for case in cases), sum(case.misread for case in cases)
    low, high = wilson(seen - misread, seen)
    bounds = across(cases, kappa)
    return PartRow(
        place=place,
        part=part,
        seen=seen,
        misread=misread,
        recall=round(1 - misread / seen, 6),
        interval=(round(low, 6), round(high, 6)),
        across=(round(bounds[0], 6), round(bounds[1], 6)),
        gain=round(seen * (1 - high), 6),
        confusions=dict(sorted(read.items(), key=lambda item: (-item[1], item[0]))),
        syllables=len(cases),
        misread_in=sum(case.misread > 0 for case in cases),
        alike=round(kappa, 3),
    )
