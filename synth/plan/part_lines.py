"""Lines for what a profile never saw.

Syllables of weak parts, Han characters that look like misread ones, and, among natural lines,
whatever else of a large alphabet use holds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from synth.plan.request import Refusal
from synth.plan.targets import apportion
from textlines.formats.profile import ErrorProfile, PartRow
from textlines.labels.alphabet import Alphabet
from textlines.profile.han import common_han, is_han
from textlines.profile.jamo import PLACES, common_syllables, parts, with_part
from textlines.profile.parts import Unseen, weakest_part
from textlines.wilson import wilson

MOST_OF_ONE = 4
"""Natural lines for one character that was never seen: the first few teach most
(`benchmarks/korean.py`), and which of them production uses is not known."""


@dataclass(frozen=True)
class PartLines:
    """Lines for syllables that a profile never saw.

    Attributes:
        alone: lines for a syllable without a partner. rounds: of two lines, by (syllable, partner).
        part: for whose sake each syllable is drawn.
    """

    alone: dict[str, int] = field(default_factory=dict)
    rounds: dict[tuple[str, str], int] = field(default_factory=dict)
    part: dict[str, PartRow] = field(default_factory=dict)


@dataclass(frozen=True)
class NeverSeen:
    """What the characters of a large alphabet promise that a profile never saw.

    Attributes:
        share: of all that the profile promises to gain, 0..1.
        use: how often each is to be expected, to any scale, by code point.
    """

    share: float = 0.0
    use: Mapping[str, float] = field(default_factory=dict)

    def lines(self, rows: int, most: int, temper: float, refuse: Refusal) -> dict[str, int]:
        """Return how many natural lines are to hold each of them: of a run's rows their share.

        They share by use ** temper, `MOST_OF_ONE` for each at most.

        Args:
            most: lines, however large the share is.
        """
        count = min(most, round(rows * self.share))
        if count < 1:
            return {}
        kept = [char for char in self.use if not refuse(char)]
        weights = [round(self.use[char] ** temper, 12) for char in kept]
        counts = apportion(count, weights, [MOST_OF_ONE] * len(kept))
        return {char: n for char, n in zip(kept, counts, strict=True) if n}


def never_seen(
    profile: ErrorProfile,
    syllables: Iterable[str],
    use: Mapping[str, float],
    elsewhere: Iterable[str] = (),
) -> NeverSeen:
    """Estimate what syllables and Han characters promise that a profile never saw.

    In lines like these all that were never seen come together as often as those that were seen
    once, and are misread as those are (Good 1953, after Turing): each once, and right where those
    were. Of Hangul and of Han apart; the larger a profile is, the less is left to be seen. Which
    syllables come is told by their parts: of how many seen ones each is a part. Over words of
    another source, the first 600 of 1,173 so ranked are 77 % of what comes, and as many by their
    counts in the texts at hand 79 %, which hold few of them where a style brings its own texts.

    Args:
        syllables: all that may come, seen ones among them, and Han characters.
        use: counts of natural text, to any scale: how often Han characters are used.
        elsewhere: what was seen beside the profile: characters of own lines and of production.
    """
    seen = {row.char for row in profile.ranked}.union(elsewhere)
    promised = sum(row.gain for row in profile.ranked)
    every = [char for char in syllables if char not in seen]
    gain, used = 0.0, dict[str, float]()
    for is_of, expected in ((parts, _by_parts(seen)), (is_han, lambda char: use.get(char, 0))):
        once = [row for row in profile.ranked if row.support == 1 and is_of(row.char)]
        of_these = gain_of(len(once), sum(row.right for row in once))
        chars = {char: n for char in every if is_of(char) and (n := expected(char))}
        whole = sum(chars.values())
        if not of_these or not whole:
            continue
        # Of two scripts each gets its share of what both promise.
        used |= {char: of_these * n / whole for char, n in chars.items()}
        gain += of_these
    return NeverSeen(gain / (gain + promised) if gain else 0.0, dict(sorted(used.items())))


def _by_parts(seen: Iterable[str]) -> Callable[[str], float]:
    """Return a function that says how often a syllable is to be expected.

    It goes by the syllable's parts, each of which has stood in so many seen ones.
    """
    held = Counter(
        (place, part)
        for char in seen
        for place, part in zip(PLACES, parts(char) or (), strict=False)
    )

    def expected(char: str) -> float:
        taken = parts(char)
        return prod(held[pair] + 0.5 for pair in zip(PLACES, taken, strict=True)) if taken else 0.0

    return expected


def gain_of(seen: int, right: int) -> float:
    """Return the misread places among so many that are surely to be expected.

    >>> gain_of(2, 2), round(gain_of(217, 163))
    (0.0, 43)
    """
    return 0.0 if right == seen else seen * (1 - wilson(right, seen)[1])


def may_be_planned(alphabet: Alphabet | None) -> tuple[str, ...]:
    """Return the syllables and Han characters that lines may hold.

    They are the dictionary's; without one, the syllables of KS X 1001 and the Han of GB 2312.
    Of a dictionary that holds nearly all 11,172 those of KS X 1001 are taken too: hardly any text
    holds one of the others.

    >>> len(may_be_planned(None)), may_be_planned(Alphabet(("a", "뷁", "가", "未")))
    (9113, ('뷁', '가', '未'))
    """
    common = common_syllables()
    if alphabet is None or alphabet.is_assumed:
        return (*common, *common_han())
    held = tuple(char for char in alphabet.entries if parts(char))
    if len(held) > 2 * len(common):
        kept = set(common)
        held = tuple(char for char in held if char in kept)
    return (*held, *filter(is_han, alphabet.entries))


def minimal_partners(syllable: str, part: PartRow) -> dict[str, int]:
    """Return the syllables that differ in a part alone, by how often the part is read so.

    Of a group of Han they are the other members, by how often one is read as them.

    >>> row = PartRow(place="final", part="ㅄ", seen=9, misread=4, recall=0.556,
    ...     interval=(0.2, 0.9), across=(0.2, 0.9), gain=1, confusions={"ㅂ": 3, "ㅅ": 1},
    ...     syllables=2, misread_in=1, alike=9)
    >>> minimal_partners("값", row)
    {'갑': 3, '갓': 1}
    """
    if part.place == "glyph":
        others = [char for char in part.part if char != syllable]
        ranked = sorted(others, key=lambda char: -part.confusions.get(char, 0))
        return {char: part.confusions.get(char, 0) or 1 for char in ranked}
    return {with_part(syllable, part.place, read): n for read, n in part.confusions.items()}


def part_pairs(profile: ErrorProfile, alphabet: Alphabet | None) -> Iterator[tuple[str, str]]:
    """Yield each syllable of a weak part, seen or not, with its nearest minimal partner."""
    weak = [row for row in profile.parts if row.is_weak]
    if not weak:
        return
    seen = (row.char for row in profile.ranked)
    for syllable in dict.fromkeys((*seen, *may_be_planned(alphabet))):
        if part := weakest_part(syllable, weak):
            yield syllable, next(iter(minimal_partners(syllable, part)))


def part_lines(groups: Sequence[Unseen], counts: Sequence[int], refuse: Refusal) -> PartLines:
    """Spread lines over the syllables of weak parts, each with its minimal partner beside it.

    As many different syllables as there are rounds, evenly out of all of the part, so that each
    initial, medial and final of the others comes; those that cannot be served are passed over.

    Args:
        counts: lines of each group.
    """
    spread = PartLines()
    for group, count in zip(groups, counts, strict=True):
        left = count
        for syllable in _spread(group.syllables, max(1, count // 2)):
            if left < 1:
                break
            if refuse(syllable):
                continue
            partner = next(
                (
                    other
                    for other in minimal_partners(syllable, group.part)
                    if left > 1 and not refuse(other)
                ),
                "",
            )
            spread.part[syllable] = group.part
            if partner:
                key = syllable, partner
                spread.rounds[key] = spread.rounds.get(key, 0) + 1
            else:
                spread.alone[syllable] = spread.alone.get(syllable, 0) + 1
            left -= 2 if partner else 1
        _again(spread, group, left)
    return spread


def _spread(syllables: Sequence[str], count: int) -> Iterator[str]:
    """Yield `count` syllables evenly out of all, and then those between them, each once."""
    size = len(syllables)
    first = [k * size // min(count, size) for k in range(min(count, size))]
    taken = set(first)
    yield from (syllables[k] for k in first)
    yield from (syllables[k] for k in range(size) if k not in taken)


def _again(spread: PartLines, group: Unseen, left: int) -> None:
    """Spread what is left of a group's lines over its syllables in turn."""
    served = [char for char, part in spread.part.items() if part is group.part]
    rounds: Mapping[str, tuple[str, str]] = {key[0]: key for key in spread.rounds}
    at = 0
    # Whole turns at once, as far as a round's two lines are left for each: a run may have billions.
    turns = (left - 2) // sum(2 if char in rounds else 1 for char in served) if served else 0
    for char in served if turns > 0 else ():
        if key := rounds.get(char):
            spread.rounds[key] += turns
        else:
            spread.alone[char] = spread.alone.get(char, 0) + turns
        left -= turns * (2 if key else 1)
    while served and left:
        char = served[at % len(served)]
        key = rounds.get(char)
        if key and left > 1:
            spread.rounds[key] += 1
            left -= 2
        else:
            spread.alone[char] = spread.alone.get(char, 0) + 1
            left -= 1
        at += 1
