"""Texts that look like a team's own: their shapes, with other characters in the same places.

What is varied is what means nothing by itself: digits, and the letters of codes. A digit stays a
digit, a capital a capital, marks and words stay as they are; only characters that production holds
are put in. A number grows no zero in front that none of its shape has, and a letter that looks like
a digit (`O`, `I`, `S`) goes only where a text of the shape has it: elsewhere nobody could read it.
Where every text of a shape has a date, a time, a telephone number or another form of
`synth.corpus.digit_forms` in the same places, that is drawn by its rule: digits put there one by
one would make no date.
"""

import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256

from synth.corpus.carriers import fitted
from synth.corpus.character_classes import class_of
from synth.corpus.digit_forms import strict_forms
from synth.corpus.lookalikes import LOOKALIKES, is_quantity
from synth.corpus.patterns import (
    Alternatives,
    Form,
    Grammar,
    LineRule,
    Literal,
    OneOf,
    OneText,
    PatternNode,
    Sequel,
)
from synth.corpus.sources import Corpus, Cutting, LineSource, PatternSource, merged
from textlines.labels.tally import Tally

NAME = "own-shapes"

LONGEST_CODE = 3
"""Letters in a row that may be a code's; more are a word's."""

TAUGHT = 0.1
"""Weight of a shape that own lines hold in plenty, beside one that they lack."""

MOST_NODES = 50
"""Forms in the same places of a shape, such as the areas of telephone numbers; the rarest beyond
these are not drawn."""

MOST_SHAPES = 2_000
"""The rarest beyond these are left out: each of them is one line's."""

_TOKEN = re.compile(r"[A-Za-z0-9]+")
_RUN = re.compile(r"[0-9]+|[A-Za-z]+")

Places = tuple[str, ...]
"""A shape: for each place the text that stays, or the class (in the key's form) that varies."""

Held = tuple[Form, str]
"""A form, and what stands in its places."""

_VARIED = {"digit": "\0d", "upper Latin": "\0A", "lower Latin": "\0a"}
LIKE_DIGITS = frozenset(c for group in LOOKALIKES for c in group if c.isalpha())
"""Letters that models and people mistake for digits."""


def shape_of(text: str) -> Places:
    """Take a text apart into places that stay and places that vary (keys that begin with NUL).

    >>> "".join(shape_of("-KM1 LITRES 24V")).replace(chr(0), "~")
    '-~A~A~d LITRES ~d~dV'
    """
    places = list(text)
    for token in _TOKEN.finditer(text):
        if not any(map(str.isdigit, token[0])):
            continue
        for run in _RUN.finditer(token[0]):
            is_number = run[0].isdigit()
            if not is_number and (len(run[0]) > LONGEST_CODE or is_quantity(token[0])):
                continue
            for at in range(run.start(), run.end()):
                places[token.start() + at] = _VARIED[class_of(token[0][at])]
    return tuple(places)


def own_shapes(
    own: Sequence[str], others: Sequence[str], characters: Collection[str], enough: int
) -> PatternSource | None:
    """Make a source of patterns from texts; None where no text has a place that varies.

    A shape is drawn as often as it stands in all texts, but the less the more own lines have it:
    at `enough`, a tenth as often.

    Args:
        own, others: own texts, and further ones of production.
        characters: that production holds: what may be put in.
    """
    counts: Counter[Places] = Counter()
    taught: Counter[Places] = Counter()
    seen: dict[Places, list[set[str]]] = {}
    forms: dict[Places, Counter[Held]] = {}
    for at, text in enumerate((*own, *others)):
        places = shape_of(text)
        if any(place[0] == "\0" for place in places):
            counts[places] += 1
            taught[places] += at < len(own)
            forms.setdefault(places, Counter()).update(
                (form, text[form.start : form.end]) for form in strict_forms(text)
            )
            for held, char in zip(
                seen.setdefault(places, [set() for _ in places]), text, strict=True
            ):
                held.add(char)
    members = {key: _members(name, characters) for name, key in _VARIED.items()}
    ranked = sorted(counts, key=lambda places: (-counts[places], places))[:MOST_SHAPES]
    rules, content = [], [repr(sorted(members.items()))]
    for number, places in enumerate(ranked):
        bound = _bound(places, forms[places], counts[places], characters)
        node = _node(places, seen[places], members, bound)
        weight = counts[places] * max(TAUGHT, 1 - taught[places] / enough)
        rules.append(LineRule(f"shape {number}", "", weight, node))
        written_forms = sorted(f"{held} {count}" for held, count in forms[places].items())
        content.append(f"{places} {list(map(sorted, seen[places]))} {weight} {written_forms}")
    if not rules:
        return None
    digest = sha256("\n".join(content).encode()).hexdigest()
    return PatternSource(NAME, 1.0, Grammar(tuple(rules)), digest)


def own_corpus(
    own: Sequence[str],
    others: Sequence[str],
    characters: Collection[str],
    enough: int,
    cutting: Cutting,
) -> Corpus:
    """Make a corpus of own texts, of other texts of production, and of their shapes.

    Longer texts are cut as those of any label file are.
    """
    tally = Tally()
    sources = []
    for name, texts in (("own", own), ("like", others)):
        entries = list(_cut(name, texts, cutting, tally))
        places: dict[str, int] = {}
        at = array("I", (places.setdefault(text, len(places)) for text in entries))
        digest = sha256("\n".join(entries).encode()).hexdigest()
        if at:
            sources.append(LineSource(name, 1.0, tuple(places), at, digest, is_labels=True))
    shapes = own_shapes(own, others, characters, enough)
    return merged(
        Corpus(lines=tuple(sources), patterns=() if shapes is None else (shapes,), tally=tally)
    )


def _cut(name: str, texts: Sequence[str], cutting: Cutting, tally: Tally) -> Iterator[str]:
    for number, text in enumerate(texts, 1):
        yield from fitted(text, cutting.longest, cutting.aim, f"{name} text {number}", tally)


def _heads(places: Places) -> Iterator[int]:
    """Yield the places that begin a number of several digits, after a comma of thousands too."""
    digit = _VARIED["digit"]
    for k, place in enumerate(places[:-1]):
        goes_on = places[k + 1] == digit or places[k + 1 : k + 3] == (",", digit)
        if place == digit and goes_on and (k == 0 or places[k - 1] not in (digit, ",", ".")):
            yield k


def _members(name: str, characters: Collection[str]) -> str:
    return "".join(
        sorted(c for c in characters if len(c) == 1 and c.isascii() and class_of(c) == name)
    )


def _bound(
    places: Places, forms: Mapping[Held, int], texts: int, characters: Collection[str]
) -> dict[int, tuple[int, PatternNode]]:
    """Return where a form of every text of a shape begins, with its end and what yields it.

    Args:
        forms: those of all the texts, with counts. texts: how many there are.
        characters: that may be put in; where a form needs others, what was seen stays.
    """
    held = {*characters, *(char for place in places for char in place if place[0] != "\0")}
    by_place: dict[tuple[int, int], Counter[PatternNode]] = {}
    for (form, written), times in sorted(forms.items(), key=str):
        able = held.issuperset(form.node.characters)
        node = form.node if able else OneText((written,))
        by_place.setdefault((form.start, form.end), Counter())[node] += times
    bound: dict[int, tuple[int, PatternNode]] = {}
    for (start, end), nodes in by_place.items():
        if nodes.total() == texts:
            kept = nodes.most_common(MOST_NODES)
            bound[start] = end, Alternatives(tuple(n for n, _ in kept), tuple(k for _, k in kept))
    return bound


def _node(
    places: Places,
    seen: Sequence[set[str]],
    members: Mapping[str, str],
    bound: Mapping[int, tuple[int, PatternNode]],
) -> PatternNode:
    """Make a rule's node; `seen` holds what stands in each place, `bound` is of `_bound`."""
    heads = set(_heads(places))
    parts: list[PatternNode] = []
    kept = ""
    ends = 0
    for k, key in enumerate(places):
        if k < ends:
            continue
        if k in bound:
            ends, node = bound[k]
            parts += [Literal(kept), node] if kept else [node]
            kept = ""
            continue
        if key not in members:
            kept += key
            continue
        if kept:
            parts.append(Literal(kept))
            kept = ""
        able = {*members[key], *seen[k]}
        unseen = {"0"} if k in heads else LIKE_DIGITS
        parts.append(OneOf("".join(sorted(able - (unseen - seen[k])))))
    return Sequel((*parts, Literal(kept)) if kept else tuple(parts))
