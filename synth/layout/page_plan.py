"""The plan of pages: what is written on each and in which faces, before the first is drawn.

It is made by one process and in one order, as what is found out about a face on the way (that it
breaks, that it lets letters run together) decides about later texts.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from synth.corpus.patterns import Grammar
from synth.corpus.sources import Corpus, LineSource, PatternSource
from synth.draws import Draws
from synth.faces.face_pool import FacePool
from synth.layout.windows import KINDS, DisplayKind
from textlines.errors import InputError
from textlines.formats.rows import RowError, RowKind, read_rows
from textlines.labels.canonical import canonical, clusters
from textlines.labels.tally import Tally

PageKind = Literal["device", "empty"]

KIND = RowKind("the plan", "row of a plan of pages", "Delete the folder and draw the pages again.")

WordGroup = Literal["unit", "name", "button", "small"]

WORDS: Mapping[WordGroup, int] = {"unit": 2, "name": 4, "button": 6, "small": 5}
"""Words of each group that stand ready for a page; it takes those that it has room for."""

DISPLAYS = 3
"""Windows of a device at most."""

TRIES = 200
"""Texts that are drawn in search of one that holds a character, before one is edited."""

NO_FACE = "texts that no face draws clearly"
"""Counted where a text of a page is left out."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text and the face that draws it, by its id."""

    text: str
    face: str


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """What may stand on one page.

    Attributes:
        display: how its windows show what they show.
        shown: texts of its windows. words: by group, in the order in which they are taken.
    """

    index: int
    kind: PageKind
    display: DisplayKind = "lcd"
    shown: tuple[Wording, ...] = ()
    words: Mapping[WordGroup, tuple[Wording, ...]] = field(default_factory=dict)

    def to_json(self) -> str:
        """Write it as a line without its end."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def read_plan(path: Path) -> Iterator[PlannedPage]:
    """Read a plan of pages.

    Raises:
        InputError: the file cannot be read, or a line is no row of one.
    """
    return read_rows(path, KIND, _row)


def _row(content: dict[str, Any]) -> PlannedPage:
    try:
        return PlannedPage(
            index=content["index"],
            kind=content["kind"],
            display=content["display"],
            shown=tuple(Wording(**one) for one in content["shown"]),
            words={
                group: tuple(Wording(**one) for one in words)
                for group, words in content["words"].items()
            },
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise RowError(f"{type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class Texts:
    """What pages are written with.

    Attributes:
        shown: of displays. words: by language and group; groups that are of any language stand
            under "".
        own: words of the user's, in place of all others; () without.
        listed: what displays show, in turn, in place of `shown`; () without.
        chars: of which every text of a display is to hold one, in turn; () without.
    """

    shown: Corpus
    words: Mapping[str, Mapping[WordGroup, Grammar]]
    own: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    chars: tuple[str, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that words are there in."""
        return tuple(sorted(name for name in self.words if name))

    @property
    def is_for_some(self) -> bool:
        """Whether certain texts or characters are to be shown."""
        return bool(self.listed or self.chars)

    def show(self, draws: Draws) -> str:
        """Draw what a display shows."""
        sources: list[LineSource | PatternSource] = [*self.shown.lines, *self.shown.patterns]
        source = draws.weighted(sources, list(accumulate(one.share for one in sources)))
        if isinstance(source, PatternSource):
            return canonical(source.grammar.draw(draws))
        return source.texts[source.entries[draws.whole(0, len(source.entries))]]

    def displayed(self, turn: int, draws: Draws) -> tuple[str, ...]:
        """Return the texts that stand ready for the displays of a device.

        Args:
            turn: of the device among those of the run, from 0.
        """
        places = range(turn * DISPLAYS, (turn + 1) * DISPLAYS)
        if self.listed:
            # The first is the one that a device always shows: so each in its turn is such a one.
            others = [self.listed[place % len(self.listed)] for place in places[1:]]
            return (self.listed[turn % len(self.listed)], *others)
        if self.chars:
            # Another device begins with another character, whatever their number.
            return tuple(
                self._holding(self.chars[(turn + place) % len(self.chars)], draws)
                for place in range(DISPLAYS)
            )
        return tuple(self.show(draws) for _ in places)

    def _holding(self, char: str, draws: Draws) -> str:
        """Draw a text that holds a character; where none comes up, one is edited to hold it."""
        for _ in range(TRIES):
            text = self.show(draws)
            if char in clusters(text):
                return text
        parts = list(clusters(text))
        # Of its own kind, so that the text stays one of its form: a digit for a digit.
        alike = [at for at, part in enumerate(parts) if part.isdigit() == char.isdigit()]
        parts[draws.pick(alike or list(range(len(parts))))] = char
        return canonical("".join(parts))

    def word(self, group: WordGroup, language: str, draws: Draws) -> str:
        """Draw a word for the housing."""
        if self.own:
            return draws.pick(self.own)
        held = self.words.get(language, {}).get(group) or self.words[""][group]
        return canonical(held.draw(draws))


@dataclass(frozen=True, slots=True)
class Pools:
    """The faces of displays by kind, and of print."""

    segments: FacePool
    dots: FacePool
    print: FacePool

    def of(self, kind: DisplayKind) -> FacePool:
        """Return the faces that a kind of display is drawn in."""
        return self.dots if kind == "dots" else self.segments

    def all(self) -> tuple[FacePool, ...]:
        """Return all pools."""
        return self.segments, self.dots, self.print

    def save(self) -> None:
        """Keep what was found out about glyphs."""
        for pool in self.all():
            pool.save()


def plan_pages(
    texts: Texts, pools: Pools, count: int, negatives: float, seed: int, tally: Tally
) -> Iterator[PlannedPage]:
    """Plan pages one by one.

    Args:
        negatives: share of pages without text, spread evenly over the run.
        tally: counts texts that no face draws clearly.

    Raises:
        InputError: no face draws what displays show.
    """
    drawn_empty = 0
    for index in range(count):
        if int((index + 1) * negatives + 1e-9) > drawn_empty:
            drawn_empty += 1
            yield PlannedPage(index, "empty")
            continue
        yield _device(texts, pools, index, index - drawn_empty, seed, tally)


def _device(
    texts: Texts, pools: Pools, index: int, turn: int, seed: int, tally: Tally
) -> PlannedPage:
    draws = Draws(seed, index, 0, "page texts")
    kind, _ = draws.weighted(KINDS, list(accumulate(weight for _, weight in KINDS)))
    wanted = texts.displayed(turn, draws)
    shown = _in_one_face(pools.of(kind), wanted, draws, tally)
    is_refused = not shown or (texts.is_for_some and shown[0].text != wanted[0])
    if is_refused and kind != "dots":
        kind = "dots"
        shown = _in_one_face(pools.dots, texts.displayed(turn, draws), draws, tally)
    if not shown:
        text = texts.displayed(turn, draws)[0]
        why = ", ".join(pools.segments.why_not(text)) or "none is sound"
        raise InputError(
            f"page {index}",
            f"no face of displays draws what is to be shown, such as {text!r}: {why}",
            "Name a --corpus of digits and signs that displays show.",
        )
    language = draws.pick(texts.languages) if texts.languages else ""
    words: dict[WordGroup, tuple[Wording, ...]] = {}
    for group, most in WORDS.items():
        drawn = [texts.word(group, language, draws) for _ in range(most)]
        words[group] = _in_one_face(pools.print, drawn, draws, tally)
    return PlannedPage(index, "device", kind, shown, words)


def _in_one_face(
    pool: FacePool, drawn: Sequence[str], draws: Draws, tally: Tally
) -> tuple[Wording, ...]:
    """Choose a face for all texts, as a housing is printed in one; else one for each that has one.

    A text that no face draws is left out and counted.
    """
    texts = list(dict.fromkeys(drawn))
    together = pool.choose(" ".join(texts), draws, texts)
    chosen = []
    for text in texts:
        # Beside other texts a lone `1` is a digit; by itself it may be an `l`.
        if together is not None and pool.allows(together, text):
            chosen.append(Wording(text, together))
            continue
        face = pool.choose(text, draws)
        if face is None:
            tally.add(NO_FACE, text)
        else:
            chosen.append(Wording(text, face))
    return tuple(chosen)
