"""Further readings of the general lines that can fail a candidate and cannot pass one.

Each set whose own comparison looks away from something that its labels record is read by the
strictest comparison that they allow as well; and the long lines of all sets are a set of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from textlines.wording import UNSAID, Sentence, joined, say
from train.judging.figure_words import change_words, how_sure, lost_words, points
from train.judging.intervals import SEED, change_over
from train.judging.judged_lines import JudgedLines
from train.judging.line_kinds import LONG, gaps_of, is_long
from train.judging.paired_lines import SetNumbers, numbers
from train.judging.set_criteria import NEXT, has_fallen
from train.judging.significance import holm, mcnemar
from train.judging.verdict import Criterion, VetoKind

LONG_LINES = say("long lines")
"""The name of their set."""


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


def vetoes_of(judged: Sequence[JudgedLines]) -> tuple[Veto, ...]:
    """Return the further readings of the general sets: those by stricter comparison, and the long
    lines of all of them together, as strictly as each set allows.
    """
    general = [one for one in judged if not one.listed.is_target]
    found = [
        Veto(
            "strictest",
            str(one.strictest),
            numbers(one.listed.name, False, one.seen_strictly, one.groups),
        )
        for one in general
        if one.strictest
    ]
    long = [line for one in general for line in one.seen_strictly if is_long(line.truth)]
    if long:
        used = sorted({str(one.strictest or one.listed.judged.comparison) for one in general})
        found.append(Veto("long_lines", ", ".join(used), numbers(LONG_LINES, False, long)))
    return tuple(found)


def adjusted(vetoes: Sequence[Veto]) -> tuple[float, ...]:
    """Return p after Holm, over all of them together."""
    return holm([one.p for one in vetoes])


def veto_criteria(vetoes: Sequence[Veto], *, seed: int = SEED) -> tuple[Criterion, Criterion]:
    """Judge them: one criterion for the stricter readings, one for the long lines."""
    tests = adjusted(vetoes)
    rows: Mapping[VetoKind, list[tuple[Veto, float]]] = {
        kind: [(one, p) for one, p in zip(vetoes, tests, strict=True) if one.kind == kind]
        for kind in ("strictest", "long_lines")
    }
    return (
        _criterion(
            rows["strictest"],
            key="strictest",
            title=say(
                "No general set got worse under the strictest comparison that its labels allow"
            ),
            none=say("each set is compared as strictly as its labels allow"),
            is_judged=True,
            seed=seed,
        ),
        _criterion(
            rows["long_lines"],
            key="long_lines",
            title=say("Long lines ({count} characters and more) did not get worse", count=LONG),
            none=say("the general lines hold none of {count} characters or more", count=LONG),
            is_judged=False,
            seed=seed,
        ),
    )


def _criterion(
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
    fallen = [(one, p) for one, p in rows if has_fallen(one.change, p)]
    if fallen:
        told = joined(
            "; ",
            [
                say(
                    "{name} under {comparison}: {lost}, {change}; {sure}",
                    name=one.numbers.name,
                    comparison=one.comparison,
                    lost=lost_words(one.numbers.broken, one.numbers.mended, len(one.numbers.base)),
                    change=points(one.change),
                    sure=how_sure(p),
                )
                for one, p in fallen
            ],
        )
    else:
        lowest, p = min(rows, key=lambda row: (row[0].change, row[0].numbers.name))
        change = change_over([lowest.numbers.stratum()], seed=seed)
        told = say(
            "the lowest is {name} under {comparison} with {change} on {lines:,} lines; {sure}",
            name=lowest.numbers.name,
            comparison=lowest.comparison,
            change=change_words(change),
            lines=change.lines,
            sure=how_sure(p),
        )
    return Criterion(
        key=key,
        title=title,
        status="failed" if fallen else "passed",
        told=told,
        value=min(one.change for one, _ in rows),
        todo=NEXT if fallen else UNSAID,
    )


def warnings_of(judged: Sequence[JudgedLines]) -> Iterator[Sentence]:
    """Say what the comparisons in use cannot see, and which kinds of lines no general set holds."""
    general = [one for one in judged if not one.listed.is_target]
    for one in general:
        yield from one.labelling.blind_spots(one.listed.name, one.listed.judged.comparison)
    yield from gaps_of([line.truth for one in general for line in one.lines])


def flips_of(one: JudgedLines) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
    """Return of each line 1 where it was mended, -1 where it was broken, else 0.

    For a general set as strictly as its labels allow: a line that lost a space only is broken.
    """
    lines = one.lines if one.listed.is_target else one.seen_strictly
    return np.array([line.candidate_is_right - line.base_is_right for line in lines], np.int8)
