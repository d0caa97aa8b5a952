"""The parts of Hangul syllables as evidence: what is misread in many syllables, each seen seldom.

Of 2,350 syllables most are seen twice or never, so their own counts tell nothing; their parts are
seen all the time. How much a syllable takes over from the others that share a part is measured
part by part: partial pooling by an empirical Bayes beta-binomial (Skellam 1948; Morris 1983,
"Parametric empirical Bayes inference"; Gelman et al., Bayesian Data Analysis, section 5.3). The
rate at which a part is misread varies from syllable to syllable as Beta(κθ, κ(1 - θ)); where all
syllables of ㅊ are misread alike, κ is great and each counts for the others; where 증 alone is and
no other syllable of ㅡ, κ is small and each stands for itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import exp, lgamma, log
from typing import NamedTuple

from textlines.formats.profile import WELL_READ, CharacterRow, PartRow, by_gain
from textlines.profile.jamo import LETTERS, PLACES, Place, parts
from textlines.wilson import Interval, wilson

KAPPAS = tuple(exp(log(300) * k / 19) for k in range(20))
"""Tried for κ, evenly in its logarithm, each as likely as the others before anything is seen. One
best κ would be overconfident where few syllables share a part."""

Part = tuple[Place, str]


class Cases(NamedTuple):
    """The places of one syllable that tell of one part, and those where it was misread."""

    syllable: str
    seen: int
    misread: int


def part_rows(rows: Iterable[CharacterRow]) -> tuple[PartRow, ...]:
    """Return how each part was read, by falling gain.

    Args:
        rows: of all characters; those that are no Hangul syllables are passed over.
    """
    cases: defaultdict[Part, list[Cases]] = defaultdict(list)
    read: defaultdict[Part, Counter[str]] = defaultdict(Counter)
    for row in rows:
        taken = parts(row.char)
        if taken is None:
            continue
        others = [(other, n) for char, n in row.confusions.items() if (other := parts(char))]
        seen = row.right + sum(n for _, n in others)
        for at, place in enumerate(PLACES):
            part = place, taken[at]
            wrong = Counter[str]()
            for other, n in others:
                if other[at] != taken[at]:
                    wrong[other[at]] += n
            if seen:
                cases[part].append(Cases(row.char, seen, wrong.total()))
            read[part].update(wrong)
    found = [_part_row(part, cases[part], read[part]) for part in cases]
    names = [(place, part) for place in PLACES for part in LETTERS[place]]
    order = {name: k for k, name in enumerate(names)}
    found.sort(key=lambda row: (-row.gain, -row.misread, -row.seen, order[row.place, row.part]))
    return tuple(found)


def _part_row(part: Part, cases: Sequence[Cases], read: Mapping[str, int]) -> PartRow:
    seen = sum(one.seen for one in cases)
    misread = sum(one.misread for one in cases)
    kappa = _alike(cases)
    # Kish's design effect: cases in one syllable correlate by 1 / (1 + κ).
    worth = 1 + (sum(one.seen**2 for one in cases) / seen - 1) / (1 + kappa)
    low, high = wilson(seen - misread, seen)
    across = wilson((seen - misread) / worth, seen / worth)
    return PartRow(
        place=part[0],
        part=part[1],
        seen=seen,
        misread=misread,
        recall=round(1 - misread / seen, 6),
        interval=(round(low, 6), round(high, 6)),
        across=(round(across[0], 6), round(across[1], 6)),
        gain=round(seen * (1 - high), 6),
        confusions=dict(sorted(read.items(), key=lambda item: (-item[1], item[0]))),
        syllables=len(cases),
        misread_in=sum(one.misread > 0 for one in cases),
        alike=round(kappa, 3),
    )


def _alike(cases: Sequence[Cases]) -> float:
    """Estimate κ, by averaging 1 / (1 + κ) over `KAPPAS`, each as likely as it makes the cases."""
    seen, misread = sum(one.seen for one in cases), sum(one.misread for one in cases)
    if not misread:
        return KAPPAS[-1]
    share = (misread + 0.5) / (seen + 1)
    # In order, as sums of floats depend on theirs.
    alike = sorted(Counter((one.seen, one.misread) for one in cases).items())
    logs = []
    for kappa in KAPPAS:
        a, b = kappa * share, kappa * (1 - share)
        none = _log_beta(a, b)
        logs.append(sum(times * (_log_beta(a + x, b + n - x) - none) for (n, x), times in alike))
    most = max(logs)
    weights = [exp(one - most) for one in logs]
    correlation = sum(w / (1 + k) for w, k in zip(weights, KAPPAS, strict=True)) / sum(weights)
    return 1 / correlation - 1


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def with_parts(rows: Sequence[CharacterRow], table: Sequence[PartRow]) -> tuple[CharacterRow, ...]:
    """Return the rows, by falling gain, with what their weak parts tell of syllables.

    A syllable takes over the cases of the other syllables that share a weak part, as many as
    count for it; Wilson's interval of these and its own is `pooled`. Parts that are read well,
    or whose weakness is not proven, lend nothing: a fault of one syllable is its own.
    """
    weak = {(row.place, row.part): row for row in table if row.is_weak}
    found = [_pooled(row, weak) for row in rows]
    found.sort(key=by_gain)
    return tuple(found)


def _pooled(row: CharacterRow, weak: Mapping[Part, PartRow]) -> CharacterRow:
    taken = parts(row.char)
    if taken is None:
        return row
    others = [(other, n) for char, n in row.confusions.items() if (other := parts(char))]
    own = row.right + sum(n for _, n in others)
    low = high = 1.0
    for at, place in enumerate(PLACES):
        part = weak.get((place, taken[at]))
        if part is None or not own:
            continue
        bounds = _lent(part, own, sum(n for other, n in others if other[at] != taken[at]))
        low, high = low * bounds[0], high * bounds[1]
    if (low, high) == (1.0, 1.0):
        return row
    upper = min(high, row.interval[1])
    proof = row.proof or ("parts" if high < WELL_READ else "")
    return row.model_copy(
        update={
            "pooled": (round(low, 6), round(high, 6)),
            "gain": round(row.support * (1 - upper), 6),
            "proof": proof,
        }
    )


def _lent(part: PartRow, own: int, misread: int) -> Interval:
    """Bound the recall of a part in one syllable, by its own cases and those it takes over."""
    others = part.seen - own
    if not others:
        return wilson(own - misread, own)
    # What others tell is blurred twice: by how syllables differ, and by how few cases they are.
    lent = 1 / (1 / (part.alike + 1) + 1 / others)
    share = (part.misread - misread) / others
    return wilson(lent * (1 - share) + own - misread, lent + own)


def weakest_part(syllable: str, weak: Iterable[PartRow]) -> PartRow | None:
    """Return the part of a syllable that is surely misread most; None where none is weak.

    Args:
        weak: rows of parts, those that are not weak among them.
    """
    taken = parts(syllable)
    if taken is None:
        return None
    held = [
        row
        for row in weak
        if row.is_weak and taken[PLACES.index(row.place)] == row.part and row.confusions
    ]
    return min(held, key=lambda row: row.across[1], default=None)


class Unseen(NamedTuple):
    """The syllables of a weak part that no line of a profile holds.

    Attributes:
        gain: expected, of all of them together.
    """

    part: PartRow
    syllables: tuple[str, ...]
    gain: float


def unseen_syllables(
    rows: Iterable[CharacterRow], table: Sequence[PartRow], syllables: Iterable[str]
) -> tuple[Unseen, ...]:
    """Return what weak parts promise in syllables that were never seen, by falling gain.

    In lines like these, unseen syllables together are used as often as those seen once (Good
    1953, after Turing), each as often as the others; a weak part is misread in them as surely as
    in all that have it.

    Args:
        syllables: all that may come, seen ones among them.
    """
    weak = [row for row in table if row.is_weak]
    if not weak:
        return ()
    seen = {row.char: row.support for row in rows}
    others = [char for char in dict.fromkeys(syllables) if char not in seen]
    if not others:
        return ()
    once = sum(count == 1 and parts(char) is not None for char, count in seen.items())
    use = once / len(others)
    groups: dict[Part, list[str]] = {}
    by_part = {(row.place, row.part): row for row in weak}
    for char in others:
        if part := weakest_part(char, weak):
            groups.setdefault((part.place, part.part), []).append(char)
    found = [
        Unseen(by_part[key], tuple(chars), len(chars) * use * (1 - by_part[key].across[1]))
        for key, chars in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.gain, one.part.place, one.part.part)))
