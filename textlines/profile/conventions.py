"""What no training image can mend: labels and readings that follow other rules."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from textlines.formats.profile import Convention
from textlines.labels.twins import twins_of
from textlines.profile.forms import same_in_two_forms
from textlines.profile.tally import Counts, Pair

EVERYWHERE = 0.5
"""Share of lines from which on an inserted character is no misreading but a rule."""

RARE_IN_TRUTH = 0.1
"""A character that labels hold this often, beside its insertions, is not left out by a rule."""

FEWEST_LINES = 10
FEWEST_PAIRS = 3
ALL_CAPITALS = 0.98
MIXED_CASE = 0.02

_SAME_SHAPE = frozenset("cijklopsuvwxyz")
"""Small letters that look like their capitals but for size: to read one so is a misreading."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Which differences between labels and readings are conventions.

    Attributes:
        found: what to tell the user, most frequent first.
        pairs: (truth, read) that count as read right.
        inserted: characters whose insertion is no misreading.
        foreign: characters of the truth that the alphabet lacks.
    """

    found: tuple[Convention, ...]
    pairs: frozenset[Pair]
    inserted: frozenset[str]
    foreign: frozenset[str]


def conventions(
    counts: Counts,
    foreign: Collection[str],
    suggest: Callable[[str], tuple[str, ...]],
) -> Agreement:
    """Find the conventions behind the counts.

    - A character outside the alphabet cannot be read, so it can neither be right nor wrong.
    - A character inserted in half of the lines or more, and next to absent from the labels,
      was left out by whoever wrote the labels (`·` in 167 of 170 licence plates).
    - A character read in its full-width or half-width form is read right, in another code.
    - So is one read in another code of the same look: `µ` and `μ`; `-` and `–` only when
      that happens to at least half of them, as a picture can tell these two apart.
    - Where labels are in capitals only and readings are not, the case of a letter says nothing.
      Letters that differ in shape must be among them: `O` read `o` proves no convention.

    Args:
        foreign: the characters of the truths that the alphabet lacks.
        suggest: gives what the alphabet holds instead of a character, nearest first.
    """
    found = [_foreign(counts, char, suggest(char)) for char in sorted(foreign)]
    inserted = {
        char
        for char, lines in counts.inserting.items()
        if lines >= max(FEWEST_LINES, EVERYWHERE * counts.lines)
        and counts.support[char] <= RARE_IN_TRUTH * counts.inserted[char]
    }
    found += (_inserted(counts, char) for char in sorted(inserted))
    pairs: set[Pair] = set()
    for pair, count in sorted(counts.replaced.items()):
        if (kind := _form(counts, pair)) and pair[0] not in foreign:
            pairs.add(pair)
            found.append(_other_code(counts, pair, count, kind))
    for upper in (True, False):
        cased = _one_case(counts, upper)
        pairs.update(cased)
        if cased:
            found.append(_capitals(counts, cased, upper))
    if recomposed := counts.recomposed_labels + counts.recomposed_readings:
        found.append(_recomposed(counts, recomposed))
    found.sort(key=lambda c: (-c.count, c.kind, c.chars))
    return Agreement(tuple(found), frozenset(pairs), frozenset(inserted), frozenset(foreign))


def _form(counts: Counts, pair: Pair) -> str | None:
    truth, read = pair
    if kind := same_in_two_forms(truth, read):
        return kind
    enough = max(FEWEST_PAIRS, counts.support[truth] / 2)
    return "other_form" if read in twins_of(truth) and counts.replaced[pair] >= enough else None


def _one_case(counts: Counts, upper: bool) -> set[Pair]:
    """Give the pairs of letters that differ in case alone, if the labels hold one case only."""
    here = other = 0
    for char, support in counts.support.items():
        here += support * _is_cased(char, upper)
        other += support * _is_cased(char, not upper)
    if here < ALL_CAPITALS * (here + other):
        return set()
    pairs = {
        (a, b)
        for a, b in counts.replaced
        if _is_cased(a, upper) and _is_cased(b, not upper) and a.casefold() == b.casefold()
    }
    told = sum(counts.replaced[p] for p in pairs if p[0].lower() not in _SAME_SHAPE)
    return pairs if told >= max(FEWEST_LINES, MIXED_CASE * here) else set()


def _is_cased(char: str, upper: bool) -> bool:
    return (
        (char.isupper() and char.lower() != char)
        if upper
        else (char.islower() and char.upper() != char)
    )


def _foreign(counts: Counts, char: str, instead: tuple[str, ...]) -> Convention:
    name = "The space" if char == " " else repr(char)
    if char == " ":
        advice = "Train with use_space_char, or leave spaces out of the labels."
    elif instead:
        advice = f"Write {' or '.join(map(repr, instead[:3]))} in the labels, which it holds."
    else:
        advice = (
            "Write the labels without it, or extend the dictionary (the model must be refitted)."
        )
    return Convention(
        kind="out_of_dictionary",
        chars=char,
        count=counts.support[char],
        of=sum(counts.support.values()),
        advice=f"{name} is not in the dictionary, so the model can never read it. {advice}",
    )


def _inserted(counts: Counts, char: str) -> Convention:
    return Convention(
        kind="inserted_everywhere",
        chars=char,
        count=counts.inserting[char],
        of=counts.lines,
        advice=f"Labels leave {char!r} out where the model reads it. Strip it from the readings, "
        "or write it in the labels.",
    )


def _other_code(counts: Counts, pair: Pair, count: int, kind: str) -> Convention:
    truth, read = pair
    both = counts.support[read]
    advice = (
        f"Labels hold {truth!r} and {read!r}: write one of them throughout."
        if both
        else f"Replace {read!r} by {truth!r} in the readings, or write {read!r} in the labels."
    )
    return Convention(
        kind="width_form" if kind == "width_form" else "other_form",
        chars=f"{truth}→{read}",
        count=count,
        of=counts.support[truth],
        advice=advice,
    )


def _capitals(counts: Counts, pairs: set[Pair], upper: bool) -> Convention:
    name = "capitals" if upper else "small letters"
    return Convention(
        kind="capitals",
        chars="".join(sorted({truth for truth, _ in pairs})),
        count=sum(counts.replaced[pair] for pair in pairs),
        of=sum(n for char, n in counts.support.items() if _is_cased(char, upper)),
        advice=f"Labels are in {name} only, readings are not. Compare case folded; to train, "
        "write the labels in the case that is printed.",
    )


def _recomposed(counts: Counts, texts: int) -> Convention:
    return Convention(
        kind="other_form",
        chars="NFC",
        count=texts,
        of=2 * counts.lines,
        advice=f"{counts.recomposed_labels} labels and {counts.recomposed_readings} readings are "
        "not in NFC. They are compared in NFC here; write labels in NFC before training.",
    )
