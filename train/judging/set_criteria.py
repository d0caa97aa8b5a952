"""Judged sets as numbers, and the criteria on each general set by itself, and on the vetoes.

A veto is a further reading that can fail a candidate and cannot pass one. Each set whose own
comparison looks away from something that its labels record is read by the strictest comparison that
they allow as well; and the long lines of all sets are a set of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from textlines.wording import UNSAID, Sentence, joined, say, say_n
from textlines.wording.counts import line_count
from train.judging.figure_words import change_words, how_sure, lost_words, points
from train.judging.intervals import SEED, Stratum, change_over
from train.judging.line_kinds import LONG
from train.judging.significance import ALPHA, holm, lines_for_margin, mcnemar
from train.judging.verdict import Criterion, Status, VetoKind

SET_LOSS = 0.005
"""What one general set may lose, as a share, whatever the test says."""

LARGE_SET, LARGE_LOSS = 1000, 0.03
"""Lines of a set from which on a loss of so much has to be ruled out for it alone. Among many
sets Holm's test misses one: 19 of 100 times with ten sets of 1,000 lines and 4 % flips
(`benchmarks/gate.py`), while all of them together hardly move."""

WHAT_TO_DO = say(
    "See the broken lines on the page (--html). Add lines like them to what is distilled (balance "
    "mix --distil) and stopped by (train plan --general-stop), and train again; a lower --rate or "
    "--head-rate forgets less."
)
"""What to do about damage."""


@dataclass(frozen=True, slots=True, eq=False)
class SetNumbers:
    """One judged set as numbers; the arrays have one for each line, at least one.

    Attributes:
        name: of the set, unique.
        is_target: or general.
        base, candidate: whether each has the line right.
        groups: number of each line's group; None for lines that stand alone.
        is_rendered: it holds rendered lines, which prove harm and never its absence.
    """

    name: str
    is_target: bool
    base: npt.NDArray[np.bool_]
    candidate: npt.NDArray[np.bool_]
    groups: npt.NDArray[np.intp] | None = None
    is_rendered: bool = False

    @property
    def mended(self) -> int:
        """Count the lines that only the candidate has right."""
        return int(np.count_nonzero(self.candidate & ~self.base))

    @property
    def broken(self) -> int:
        """Count the lines that only the base has right."""
        return int(np.count_nonzero(self.base & ~self.candidate))

    def stratum(self) -> Stratum:
        """Return what the bootstrap draws from."""
        return Stratum(self.candidate.astype(np.int8) - self.base.astype(np.int8), self.groups)

    def some(self, chosen: npt.NDArray[np.bool_]) -> "SetNumbers":
        """Return some of the lines, by a mask."""
        groups = None if self.groups is None else self.groups[chosen]
        return replace(
            self, base=self.base[chosen], candidate=self.candidate[chosen], groups=groups
        )


@dataclass(frozen=True, slots=True)
class Veto:
    """One further reading.

    Attributes:
        comparison: in words: "exact", "casefold+nospace", or of several sets.
        numbers: of its lines, under that comparison.
    """

    kind: VetoKind
    comparison: str
    numbers: SetNumbers

    @property
    def p(self) -> float:
        """The exact McNemar test, two-sided."""
        return mcnemar(self.numbers.mended, self.numbers.broken)

    @property
    def change(self) -> float:
        """The change, as a share of its lines."""
        return (self.numbers.mended - self.numbers.broken) / len(self.numbers.base)


def has_fallen(change: float, p: float) -> bool:
    """Whether a set fell: by more than it may lose, and not by chance.

    Args:
        change: as a share of the lines. p: after Holm.
    """
    return change < -SET_LOSS and p < ALPHA


def sets_criterion(
    general: Sequence[SetNumbers],
    adjusted: Mapping[str, float],
    seed: int = SEED,
    alpha: float | None = None,
) -> Criterion:
    """Judge each general set by itself.

    Args:
        adjusted: p of each after Holm, by name.
        alpha: at which a look is paid for, of the interval that rules a loss out; None at 5 %.
    """
    level = ALPHA if alpha is None else alpha
    changes = {
        numbers.name: (numbers.mended - numbers.broken) / len(numbers.base) for numbers in general
    }
    worse = [
        say(
            "{name}: {lost}, {change}; {sure} (after Holm)",
            name=numbers.name,
            lost=lost_words(numbers.broken, numbers.mended, len(numbers.base)),
            change=points(changes[numbers.name]),
            sure=how_sure(adjusted[numbers.name]),
        )
        for numbers in general
        if has_fallen(changes[numbers.name], adjusted[numbers.name])
    ]
    lowest = min(changes, key=changes.__getitem__)
    status: Status = "failed" if worse else "passed"
    more, todo = None, WHAT_TO_DO if worse else UNSAID
    words = joined("; ", worse) or say_n(
        "{n} set; it is {name} with {change}, {sure} (after Holm)",
        "{n} sets; the lowest is {name} with {change}, {sure} (after Holm)",
        len(general),
        name=lowest,
        change=points(changes[lowest]),
        sure=how_sure(adjusted[lowest]),
    )
    if not worse:
        open_losses = [
            (numbers, loss)
            for numbers in general
            if len(numbers.base) >= LARGE_SET
            and (loss := change_over([numbers.stratum()], seed=seed, alpha=level)).claim[0]
            < -LARGE_LOSS
        ]
        if open_losses:
            status = "cannot_tell"
            more = max(
                max(wanted - loss.lines, 1)
                for _, loss in open_losses
                for wanted in [
                    lines_for_margin(LARGE_LOSS, loss.flips, design=loss.design, alpha=level)
                ]
            )
            words = joined(
                "; ",
                [
                    say(
                        "{name} {change}: a loss of {points:g} points or more is not ruled out",
                        name=numbers.name,
                        change=change_words(loss, alpha),
                        points=LARGE_LOSS * 100,
                    )
                    for numbers, loss in open_losses
                ],
            )
            todo = say("Judge it on other lines beside these, about {more:,} or more.", more=more)
    return Criterion(
        key="general_sets",
        title=say("No general set got worse by itself"),
        status=status,
        told=words,
        value=changes[lowest],
        more_lines=more,
        todo=todo,
    )


def adjusted_p(vetoes: Sequence[Veto]) -> tuple[float, ...]:
    """Return p after Holm, over all of them together."""
    return holm([veto.p for veto in vetoes])


def veto_criteria(vetoes: Sequence[Veto], *, seed: int = SEED) -> tuple[Criterion, Criterion]:
    """Judge the vetoes: one criterion for the stricter readings, one for the long lines."""
    tests = adjusted_p(vetoes)
    rows: Mapping[VetoKind, list[tuple[Veto, float]]] = {
        kind: [(veto, p) for veto, p in zip(vetoes, tests, strict=True) if veto.kind == kind]
        for kind in ("strictest", "long_lines")
    }
    return (
        _veto_criterion(
            rows["strictest"],
            key="strictest",
            title=say(
                "No general set got worse under the strictest comparison that its labels allow"
            ),
            none=say("each set is compared as strictly as its labels allow"),
            is_judged=True,
            seed=seed,
        ),
        _veto_criterion(
            rows["long_lines"],
            key="long_lines",
            title=say("Long lines ({count} characters and more) did not get worse", count=LONG),
            none=say("the general lines hold none of {count} characters or more", count=LONG),
            is_judged=False,
            seed=seed,
        ),
    )


def _veto_criterion(
    rows: Sequence[tuple[Veto, float]],
    *,
    key: str,
    title: Sentence,
    none: Sentence,
    is_judged: bool,
    seed: int,
) -> Criterion:
    if not rows:
        return Criterion(
            key=key, title=title, status="passed" if is_judged else "not_judged", told=none
        )
    fallen = [(veto, p) for veto, p in rows if has_fallen(veto.change, p)]
    if fallen:
        words = joined(
            "; ",
            [
                say(
                    "{name} under {comparison}: {lost}, {change}; {sure}",
                    name=veto.numbers.name,
                    comparison=veto.comparison,
                    lost=lost_words(
                        veto.numbers.broken, veto.numbers.mended, len(veto.numbers.base)
                    ),
                    change=points(veto.change),
                    sure=how_sure(p),
                )
                for veto, p in fallen
            ],
        )
    else:
        lowest, p = min(rows, key=lambda row: (row[0].change, row[0].numbers.name))
        change = change_over([lowest.numbers.stratum()], seed=seed)
        words = say(
            "the lowest is {name} under {comparison} with {change} on {lines}; {sure}",
            name=lowest.numbers.name,
            comparison=lowest.comparison,
            change=change_words(change),
            lines=line_count(change.lines),
            sure=how_sure(p),
        )
    return Criterion(
        key=key,
        title=title,
        status="failed" if fallen else "passed",
        told=words,
        value=min(veto.change for veto, _ in rows),
        todo=WHAT_TO_DO if fallen else UNSAID,
    )
