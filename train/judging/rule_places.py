"""Labels beside readings, and the classes that places of codes hold: what rules are found in.

Codes whose places hold letters only, or digits only, show what is read there of another class.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from unicodedata import normalize

from rapidfuzz.distance import Levenshtein

from textlines.formats.reading_rules import ReadingRule, RuleStep, escaped, one_of
from textlines.profile.align import Edit, align
from textlines.profile.reading import Reading
from textlines.wording import UNSAID, joined, say

Pair = tuple[str, str]
"""Label and reading."""


@dataclass(frozen=True)
class RuleLines:
    """Labels and readings in NFC, by code points: what the places of a rule are counted in."""

    pairs: tuple[Pair, ...]

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> "RuleLines":
        """Compose both texts of each reading."""
        return cls(
            tuple((normalize("NFC", r.label), normalize("NFC", r.prediction)) for r in readings)
        )

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels, in their order."""
        return tuple(label for label, _ in self.pairs)

    @cached_property
    def edits(self) -> Counter[Edit]:
        """How often what was read otherwise, put in or left out."""
        counts: Counter[Edit] = Counter()
        for label, prediction in self.pairs:
            if label != prediction:
                counts.update(
                    e for e in align(tuple(label), tuple(prediction)) if e.kind != "right"
                )
        return counts

    @cached_property
    def replaced(self) -> dict[Pair, int]:
        """How often which character was read as which."""
        return {(e.label, e.read): n for e, n in self.edits.items() if e.kind == "replaced"}

    @cached_property
    def label_characters(self) -> Counter[str]:
        """How often each character stands in the labels."""
        return Counter(char for label in self.labels for char in label)

    @cached_property
    def lengths(self) -> Counter[int]:
        """How many labels have which length."""
        return Counter(map(len, self.labels))

    def ruled(self, rule: ReadingRule) -> "RuleLines":
        """Return the lines with a rule applied to all readings."""
        return RuleLines(
            tuple((label, rule.applied(prediction)) for label, prediction in self.pairs)
        )

    def read_characters(self) -> Iterator[str]:
        """Iterate over the characters of all readings."""
        return (char for _, prediction in self.pairs for char in prediction)


def is_mark(char: str) -> bool:
    """Whether a character is neither a letter nor a digit: what separates others."""
    return not char.isalnum()


def is_digit(char: str) -> bool:
    """Whether a character is one of 0 to 9: full-width ones are mended before."""
    return "0" <= char <= "9"


def without_harm(lines: RuleLines, steps: Sequence[RuleStep]) -> tuple[RuleStep, ...]:
    """Return the steps that do not take these readings further from their labels.

    Each alone, by edits and not by lines: where two places are misread, neither step alone makes
    the line right. Steps that change none of these readings stay.
    """
    kept = []
    for step in steps:
        rule = ReadingRule(kind="pattern", words=UNSAID, words_ko="", steps=(step,))
        find, gain = re.compile(step.find), 0
        for label, prediction in lines.pairs:
            if find.fullmatch(prediction):
                made = rule.applied(prediction)
                gain += Levenshtein.distance(label, prediction) - Levenshtein.distance(label, made)
        if gain >= 0:
            kept.append(step)
    return tuple(kept)


def net(lines: RuleLines, rule: ReadingRule) -> tuple[int, int]:
    """Count the lines that a rule mends, and those that it breaks."""
    mended = broken = 0
    for label, prediction in lines.pairs:
        made = rule.applied(prediction)
        mended += made == label != prediction
        broken += prediction == label != made
    return mended, broken


PlaceClass = Literal["9", "A", "가", "."]
"""Of a place: a digit, a letter of ASCII, a letter of another script, a mark."""

LETTERS: tuple[PlaceClass, ...] = ("9", "A", "가")
"""The classes in whose places another may be put."""

CLASS_WORDS: Mapping[PlaceClass, str] = {
    "9": say("digit"),
    "A": say("Latin letter"),
    "가": say("letter of another script"),
    ".": say("mark"),
}

LOOKALIKES: Mapping[str, str] = {
    "0": "OoQD",
    "1": "Il|",
    "2": "Zz",
    "5": "Ss",
    "6": "Gb",
    "8": "B",
    "O": "0",
    "I": "1",
    "Z": "2",
    "S": "5",
    "G": "6",
    "B": "8",
    "o": "0",
    "l": "1",
}
"""What may be read for a character that these readings show to be misread across classes: the
confusions seen come first, and one brings its look-alikes along (`0` read `O` brings `o`)."""

FEWEST_LABELS = 10
"""Of a length, whose places then have classes."""

FEWEST_SHAPES = 3
"""Labels of a shape: a rarer one may be a slip."""

MOST_SHAPES = 4
"""Of one length: where there are more, places have no class."""

SURELY = 0.6
"""Share of a reading's labels that one of them must have, to stand in its place."""


def class_of(char: str) -> PlaceClass:
    """Return the class of a character.

    >>> [class_of(char) for char in "7x가·"]
    ['9', 'A', '가', '.']
    """
    if is_digit(char):
        return "9"
    if is_mark(char):
        return "."
    return "A" if char.isascii() else "가"


def shape_of(label: str) -> str:
    """Return the classes of a label's places; marks stand for themselves.

    >>> shape_of("12가 3456"), shape_of("No.5")
    ('99가 9999', 'AA.9')
    """
    return "".join(char if (kind := class_of(char)) == "." else kind for char in label)


def pattern_rules(lines: RuleLines) -> Iterator[tuple[str, ReadingRule]]:
    """Find what is to be put for characters that are read in places of another class."""
    swaps = swaps_of(lines)
    if not any(swaps.values()):
        return
    shapes = Counter(map(shape_of, lines.labels))
    whole = _whole(shapes)
    steps: list[RuleStep] = []
    used: set[PlaceClass] = set()
    if whole:
        used.add(whole)
        steps += (
            RuleStep(find=f"^(.*){one_of(reads)}(.*)$", put=put)
            for put, reads in _reads_by_put(swaps[whole]).items()
        )
    else:
        for length, some in sorted(_by_length(shapes).items()):
            for shape in some:
                steps += _steps_of(shape, some, swaps, length, used)
    kept = without_harm(lines, steps)
    if not kept:
        return
    words: list[str] = []
    for place_class in sorted(used):
        pairs = ", ".join(f"{r} → {put}" for r, put in sorted(swaps[place_class].items()))
        if pairs and whole:
            words.append(
                say(
                    "no letter or digit of labels is anything but a {kind}: {pairs}",
                    kind=CLASS_WORDS[place_class],
                    pairs=pairs,
                )
            )
        elif pairs:
            words.append(
                say(
                    "places that hold only a {kind}: {pairs}",
                    kind=CLASS_WORDS[place_class],
                    pairs=pairs,
                )
            )
    yield "", ReadingRule.told("pattern", joined("; ", words), steps=kept)


def swaps_of(lines: RuleLines) -> dict[PlaceClass, dict[str, str]]:
    """Return, for each class, what to put for what is read in its place: readings to labels."""
    labels: defaultdict[tuple[PlaceClass, str], Counter[str]] = defaultdict(Counter)
    for (label, read), count in lines.replaced.items():
        if class_of(label) != class_of(read) and class_of(label) != ".":
            labels[class_of(label), read][label] += count
    swaps: dict[PlaceClass, dict[str, str]] = {"9": {}, "A": {}, "가": {}}
    for (wanted, read), counts in labels.items():
        label, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
        if count >= SURELY * counts.total() and (count > 1 or read in LOOKALIKES.get(label, "")):
            swaps[wanted][read] = label
    for wanted, known in swaps.items():
        for label in sorted(set(known.values())):
            for read in LOOKALIKES.get(label, ""):
                if class_of(read) != wanted:
                    known.setdefault(read, label)
    return swaps


def _whole(shapes: Counter[str]) -> PlaceClass | None:
    """Return the class of all letters and digits of the labels, if it is one."""
    held = [place_class for place_class in LETTERS if any(place_class in shape for shape in shapes)]
    return held[0] if len(held) == 1 and shapes.total() >= 2 * FEWEST_LABELS else None


def _by_length(shapes: Counter[str]) -> dict[int, list[str]]:
    """Return the shapes of the lengths whose labels have few."""
    by_length: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for shape, count in shapes.items():
        by_length[len(shape)][shape] = count
    return {
        length: usual
        for length, counts in by_length.items()
        if counts.total() >= FEWEST_LABELS
        and (usual := sorted(s for s, n in counts.items() if n >= FEWEST_SHAPES))
        and len(usual) <= MOST_SHAPES
        and sum(counts[shape] for shape in usual) >= counts.total() - 1
    }


def _steps_of(
    shape: str,
    others: Sequence[str],
    swaps: Mapping[PlaceClass, Mapping[str, str]],
    length: int,
    used: set[PlaceClass],
) -> Iterator[RuleStep]:
    """Return the steps for each place of a shape.

    Where labels of this length have one shape, nothing else is asked of the reading. Where they
    have several, it must fit this one, look-alikes allowed, and none of the others: `O8` may be
    `OB` and `08`.
    """
    alone = len(others) == 1
    fits = {other: [_fitting(place, swaps) for place in other] for other in others}
    rest = ["".join(fits[other]) for other in others if other != shape]
    unless = "" if alone else f"^(?:{'|'.join(rest)})$"
    for at, place in enumerate(shape):
        wanted = next((letter for letter in LETTERS if letter == place), None)
        if wanted is None:
            continue
        by_put = _reads_by_put(swaps[wanted])
        if by_put:
            used.add(wanted)
        for put, reads in by_put.items():
            if alone:
                before, behind = f".{{{at}}}", f".{{{length - 1 - at}}}"
            else:
                before, behind = "".join(fits[shape][:at]), "".join(fits[shape][at + 1 :])
            yield RuleStep(find=f"^({before}){one_of(reads)}({behind})$", put=put, unless=unless)


def _fitting(place: str, swaps: Mapping[PlaceClass, Mapping[str, str]]) -> str:
    """Return an expression for what may be read at a place of a shape."""
    if place == "가":
        # By what it is not: no class of other scripts' letters is known to every engine.
        return "." if swaps["가"] else "[^0-9A-Za-z]"
    if place in ("9", "A"):
        reads = swaps["9" if place == "9" else "A"]
        inner = one_of(reads)[1:-1]
        return f"[{'0-9' if place == '9' else 'A-Za-z'}{inner}]"
    return escaped(place)


def _reads_by_put(swaps: Mapping[str, str]) -> dict[str, str]:
    reads: defaultdict[str, str] = defaultdict(str)
    for read, put in sorted(swaps.items()):
        reads[put] += read
    return dict(sorted(reads.items()))
