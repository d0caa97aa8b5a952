"""The parts of Hangul syllables as evidence: what is misread in many syllables, each seen seldom.

Of 2,350 syllables most are seen twice or never, so their own counts tell nothing; their parts are
seen all the time. How much a syllable takes over from the others that share a part is measured
part by part (`textlines.profile.pooling`): where all syllables of ㅊ are misread alike, each counts
for the others; where 증 alone is and no other syllable of ㅡ, each stands for itself. Groups of Han
that look alike (`textlines.profile.han`) stand in the same table and lend in the same way.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from textlines.formats.profile import WELL_READ, CharacterRow, PartPlace, PartRow, by_gain
from textlines.profile.han import Group, group_rows, is_han, read_as_han
from textlines.profile.jamo import LETTERS, PLACES, parts
from textlines.profile.pooling import Cases, alike, lent, shared_row
from textlines.wilson import Interval

Part = tuple[PartPlace, str]


def part_rows(rows: Sequence[CharacterRow], groups: Iterable[Group] = ()) -> tuple[PartRow, ...]:
    """Return how each part was read, and each group of Han that was misread, by falling gain.

    Args:
        rows: of all characters; those that are neither are passed over.
        groups: of Han characters that look alike; no character is in two.
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
    table = [shared_row(*part, cases[part], read[part], alike([cases[part]])) for part in cases]
    table += group_rows(rows, groups)
    names: list[Part] = [(place, part) for place in PLACES for part in LETTERS[place]]
    order = {name: k for k, name in enumerate(names)}

    def rank(row: PartRow) -> tuple[float, int, int, int, str]:
        place = order.get((row.place, row.part), len(order))
        return -row.gain, -row.misread, -row.seen, place, row.part

    return tuple(sorted(table, key=rank))


def with_parts(rows: Sequence[CharacterRow], table: Sequence[PartRow]) -> tuple[CharacterRow, ...]:
    """Return the rows, by falling gain, with the proof that weak parts and groups of Han lend.

    A syllable takes over the cases of the other syllables that share a weak part, as many as
    count for it; Wilson's interval of these and its own is `pooled`. Parts that are read well,
    or whose weakness is not proven, lend nothing: a fault of one syllable is its own.
    """
    weak = {(row.place, row.part): row for row in table if row.is_weak}
    homes = _homes(weak.values())
    ranked = [_pooled(row, weak, homes) for row in rows]
    ranked.sort(key=by_gain)
    return tuple(ranked)


def _homes(table: Iterable[PartRow]) -> dict[str, PartRow]:
    """Return the group of each of its members."""
    return {char: row for row in table if row.place == "glyph" for char in row.part}


def _pooled(
    row: CharacterRow, weak: Mapping[Part, PartRow], homes: Mapping[str, PartRow]
) -> CharacterRow:
    low = high = 1.0
    for part, seen, misread in _told(row, weak, homes):
        bounds = _lent(part, seen, misread)
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


def _told(
    row: CharacterRow, weak: Mapping[Part, PartRow], homes: Mapping[str, PartRow]
) -> Iterator[tuple[PartRow, int, int]]:
    """Yield a character's weak parts, each with its own cases that show it and those misread."""
    if row.char in homes:
        seen, misread = read_as_han(row, homes[row.char].part)
        if seen:
            yield homes[row.char], seen, misread
    taken = parts(row.char)
    if taken is None:
        return
    others = [(other, n) for char, n in row.confusions.items() if (other := parts(char))]
    seen = row.right + sum(n for _, n in others)
    for at, place in enumerate(PLACES):
        part = weak.get((place, taken[at]))
        if part is not None and seen:
            yield part, seen, sum(n for other, n in others if other[at] != taken[at])


def _lent(part: PartRow, seen: int, misread: int) -> Interval:
    whole = Cases(part.part, part.seen, part.misread)
    return lent(whole, part.alike, seen, misread)


def weakest_part(char: str, weak: Iterable[PartRow]) -> PartRow | None:
    """Return the weakest part of a syllable, or the group of a Han character; None if none is weak.

    The weakest is the one that is surely misread most.

    Args:
        weak: rows of parts, those that are not weak among them.
    """
    taken = parts(char)
    if taken is None and not is_han(char):
        return None
    held = [row for row in weak if row.is_weak and row.confusions and _has(char, taken, row)]
    return min(held, key=lambda row: row.across[1], default=None)


def _has(char: str, taken: tuple[str, str, str] | None, row: PartRow) -> bool:
    if row.place == "glyph":
        return char in row.part
    return taken is not None and taken[PLACES.index(row.place)] == row.part


class Unseen(NamedTuple):
    """The syllables of a weak part, or members of a weak group, that no line of a profile holds.

    Attributes:
        gain: expected, of all of them together.
    """

    part: PartRow
    syllables: tuple[str, ...]
    gain: float


def unseen_syllables(
    rows: Iterable[CharacterRow], table: Sequence[PartRow], syllables: Iterable[str]
) -> tuple[Unseen, ...]:
    """Return what weak parts and groups promise in characters never seen, by falling gain.

    In lines like these, unseen syllables together are used as often as those seen once (Good
    1953, after Turing), each as often as the others; a weak part is misread in them as surely as
    in all that have it. So of Han.

    Args:
        syllables: all that may come, seen ones among them, and Han characters.
    """
    weak = [row for row in table if row.is_weak]
    if not weak:
        return ()
    seen = {row.char: row.support for row in rows}
    every = [char for char in dict.fromkeys(syllables) if char not in seen]
    by_part: dict[Part, PartRow] = {(row.place, row.part): row for row in weak}
    homes = _homes(weak)
    promised = []
    for is_of in (lambda char: parts(char) is not None, is_han):
        others = [char for char in every if is_of(char)]
        once = sum(count == 1 and is_of(char) for char, count in seen.items())
        groups: dict[Part, list[str]] = {}
        for char in others:
            part = weakest_part(char, weak) if not is_han(char) else homes.get(char)
            if part and part.confusions:
                groups.setdefault((part.place, part.part), []).append(char)
        promised += [
            Unseen(
                by_part[key],
                tuple(chars),
                len(chars) * once / len(others) * (1 - by_part[key].across[1]),
            )
            for key, chars in groups.items()
        ]
    return tuple(
        sorted(promised, key=lambda unseen: (-unseen.gain, unseen.part.place, unseen.part.part))
    )
