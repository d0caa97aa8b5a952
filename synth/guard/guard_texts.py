"""The texts of guard lines: books above all, receipts, forms, words; each in one part alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Literal, Protocol

from synth.assets import asset_dir
from synth.corpus.pattern_file import load_patterns
from synth.corpus.patterns import Grammar
from synth.draws import Draws
from textlines.files import read_text

PartName = Literal["replay", "stop", "judge"]

PARTS: tuple[PartName, ...] = ("replay", "stop", "judge")

KindName = Literal["book", "receipt", "form", "word"]

KINDS: Mapping[KindName, int] = {"word": 10, "form": 15, "receipt": 15, "book": 60}
"""Kinds of lines, in per cent. Where a language has no more different texts of a kind, book lines
stand in."""

BOOK_STOPS = "，。；：、”』」！？,.;:!?"
"""What a line of a book does not begin with."""

SHORT_SHARE = 0.15
"""Share of book lines that are shorter: the last ones of their paragraphs."""

SHORTEST = 12

TRIES = 60
"""Draws for one text that is new, in the part and held by the dictionary, before a kind is taken
for used up."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that guard lines are written in.

    Attributes:
        scripts: as `synth fonts` names them; the dictionary must hold the commonest of each.
        longest: of a book line, in characters; the shortest full one has 40.
        is_spaced: whether spaces stand between words, or between phrases as in Thai.
        lines: the file of its texts, where no patterns are there for it: words are its lines, and
            book lines are cut out of several, one behind the other.
    """

    name: str
    scripts: tuple[str, ...]
    longest: int
    is_spaced: bool
    lines: str = ""

    def groups(self, kind: KindName) -> tuple[str, tuple[str, ...]]:
        """Return the pattern file of a kind and its groups; without groups for a kind it lacks."""
        if kind == "book":
            return "book.toml", (f"book_{self.name}",)
        if kind == "word":
            return "book.toml", (f"words_{self.name}",)
        if self.name == "ja":
            return "patterns.toml", ()
        return "patterns.toml", (
            (f"receipt_{self.name}",) if kind == "receipt" else (self.name, "code")
        )


LANGUAGES: tuple[Language, ...] = (
    Language("en", ("Latin", "digits"), 90, is_spaced=True),
    Language("ko", ("Hangul", "digits"), 70, is_spaced=True),
    Language("zh", ("Han", "digits"), 60, is_spaced=False),
    Language("ja", ("Han", "Hiragana", "Katakana", "digits"), 56, is_spaced=False),
    *(
        Language(name, (script, "digits"), longest, name != "zh-Hant", f"lines_{name}.txt")
        for name, script, longest in (
            ("ar", "Arabic", 80),
            ("el", "Greek", 80),
            ("he", "Hebrew", 80),
            ("hi", "Devanagari", 80),
            ("ru", "Cyrillic", 80),
            ("th", "Thai", 80),
            ("vi", "Latin", 80),
            ("zh-Hant", "Han", 60),
        )
    ),
)
"""Latin lines come twice as often as those of each other language: every dictionary holds them."""

FULL = 40
"""Characters of the shortest full book line."""


def part_of(text: str) -> PartName:
    """Return the part that a text belongs to, whatever the seed: no two parts share one.

    >>> [part_of(text) for text in ("a", "b", "c")]
    ['judge', 'judge', 'replay']
    """
    return PARTS[int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") % 3]


@dataclass(frozen=True, slots=True)
class GuardText:
    """One text and what it is."""

    text: str
    language: str
    kind: KindName


@lru_cache(maxsize=1)
def _grammars() -> Mapping[str, Grammar]:
    folder = asset_dir("corpora")
    return {name: load_patterns(folder / name) for name in ("book.toml", "patterns.toml")}


class _Source(Protocol):
    """What texts are drawn from."""

    def draw(self, draws: Draws) -> str: ...


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a language's file that belong to a part; no two parts share one."""

    texts: tuple[str, ...]

    def draw(self, draws: Draws) -> str:
        """Draw one of them."""
        return self.texts[draws.whole(0, len(self.texts))]


@lru_cache(maxsize=16)
def lines_of(language: Language) -> tuple[str, ...]:
    """Return the lines of a language's file; none where its texts come of patterns."""
    if not language.lines:
        return ()
    return tuple(read_text(asset_dir("corpora") / language.lines, "the corpus").splitlines())


def _source(part: PartName, language: Language, kind: KindName) -> _Source | None:
    """Return what a kind of texts is drawn from in a part; None where the language lacks it."""
    if language.lines:
        held = tuple(text for text in lines_of(language) if part_of(text) == part)
        return _Lines(held) if kind in ("book", "word") else None
    file, groups = language.groups(kind)
    return _grammars()[file].only(groups) if groups else None


def characters_of(language: Language) -> frozenset[str]:
    """Return what a face must draw to write a language: all that its book lines may hold."""
    if language.lines:
        return frozenset().union(*lines_of(language)) - {" "}
    file, groups = language.groups("book")
    return _grammars()[file].only(groups).characters


def write(
    part: PartName,
    drawable: Mapping[Language, frozenset[str]],
    count: int,
    seed: int,
) -> tuple[GuardText, ...]:
    """Write the texts of a part, each once, in an order of their own.

    Args:
        drawable: the characters that may be written, for each of the part's languages, at least
            one: in the dictionary, and in its faces.
        count: of texts.
    """
    taken: set[str] = set()
    written: list[GuardText] = []
    shares = {language: 2 if language.name == "en" else 1 for language in drawable}
    left, whole = count, sum(shares.values())
    for language, share in shares.items():
        # What rounding leaves goes to the last.
        wanted = left * share // whole
        left, whole = left - wanted, whole - share
        written += _of_language(
            part, language, drawable=drawable[language], count=wanted, seed=seed, taken=taken
        )
    draws = Draws(seed, 0, purpose=f"guard {part} order")
    keyed = [(draws.unit(), text) for text in written]
    return tuple(text for _, text in sorted(keyed, key=lambda row: row[0]))


def _of_language(
    part: PartName,
    language: Language,
    drawable: frozenset[str],
    count: int,
    seed: int,
    taken: set[str],
) -> Iterator[GuardText]:
    left = count
    for kind, share in KINDS.items():
        wanted = left if kind == "book" else count * share // 100
        source, index = _source(part, language, kind), 0
        if source is None:
            continue
        for _ in range(wanted):
            text = ""
            for _ in range(TRIES):
                draws = Draws(seed, index, purpose=f"guard {part} {language.name} {kind}")
                index += 1
                drawn = (
                    _book_line(source, language, draws) if kind == "book" else source.draw(draws)
                )
                is_free = drawn not in taken and part_of(drawn) == part
                if is_free and drawable.issuperset(drawn):
                    text = drawn
                    break
            if not text:
                break
            taken.add(text)
            left -= 1
            yield GuardText(text, language.name, kind)


def _sentence(source: _Source, draws: Draws) -> str:
    """Draw a sentence; its first letter becomes a capital where its script has them."""
    text = source.draw(draws)
    at = next((at for at, char in enumerate(text) if char.isalpha()), 0)
    return text[:at] + text[at].upper() + text[at + 1 :]


def _book_line(source: _Source, language: Language, draws: Draws) -> str:
    """Cut a line out of running text, as a page of a book does: at spaces where there are any."""
    aim = draws.whole(FULL, language.longest + 1)
    if draws.chance(SHORT_SHARE):
        aim = draws.whole(SHORTEST, FULL)
    glue = " " if language.is_spaced else ""
    text = _sentence(source, draws)
    if draws.chance(0.6):  # most lines begin within a sentence
        text = _without_start(text, language, draws)
    while len(text) <= aim:
        text = f"{text}{glue}{_sentence(source, draws)}"
    if not language.is_spaced:
        # A line may end before a stop no more than begin with one.
        end = aim
        while end > SHORTEST and text[end] in BOOK_STOPS:
            end -= 1
        return text[:end].strip()
    # The word that the aim falls into stays, unless the line would be too long for it.
    after = text.find(" ", aim)
    after = len(text) if after < 0 else after
    return text[: after if after <= language.longest else text.rfind(" ", 0, aim + 1)]


def _without_start(text: str, language: Language, draws: Draws) -> str:
    """Leave out the first words, but not more than half."""
    if language.is_spaced:
        words = text.split(" ")
        return " ".join(words[draws.whole(0, 1 + len(words) // 2) :])
    return text[draws.whole(0, 1 + len(text) // 2) :].lstrip(BOOK_STOPS)
