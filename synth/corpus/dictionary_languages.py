"""Which languages of a corpus a dictionary is for: by its script, and by the letters it holds.

A corpus file may hold texts in many languages, and a Chinese or Japanese dictionary holds the
letters of Greek and Cyrillic too, as the character sets of these countries do: lines in Russian
would teach such a model what nobody gives it to read.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable

from synth.corpus.sources import Corpus
from textlines.labels.scripts import script_of

LEADS = 0.5
"""Share of the number of Latin letters from which on another script is the dictionary's own.
PaddleOCR's English dictionary holds 49 Greek letters beside 140 Latin ones, its Tamil one 72."""

NEARLY_ALL = 0.9
"""Of the different letters and marks of a language's texts: a dictionary that holds as many is for
the language too. That of Simplified Chinese holds fewer of the Traditional and Japanese ones."""

NO_SCRIPT = frozenset({"Common", "Inherited", "Unknown"})


def leading_script(characters: Iterable[str]) -> tuple[str, frozenset[str]]:
    """Return the script that a dictionary is for, and its characters; "" where it has no letters.

    >>> name, characters = leading_script("abcdef가각갂1")
    >>> name, sorted(characters)
    ('Hangul', ['가', '각', '갂'])
    >>> leading_script("abcdefα1")[0]
    'Latin'
    """
    by_script: dict[str, set[str]] = {}
    for char in characters:
        by_script.setdefault(script_of(char), set()).add(char)
    counts = Counter({name: len(held) for name, held in by_script.items()})
    others = [name for name in counts if name not in NO_SCRIPT and name != "Latin"]
    name = max(others, key=lambda script: (counts[script], script), default="")
    if not name or counts[name] < LEADS * counts["Latin"]:
        name = "Latin" if counts["Latin"] else ""
    return name, frozenset(by_script.get(name, ()))


def is_for(characters: Collection[str], corpus: Corpus) -> bool:
    """Whether a dictionary is for the language that a source's lines are written in.

    Its leading script is that of the lines, and it holds nearly all of their letters and marks
    beyond ASCII.

    Args:
        characters: of the dictionary. corpus: the source alone, of lines.
    """
    return writes(characters, {c for source in corpus.lines for text in source.texts for c in text})


def writes(characters: Collection[str], of_language: Collection[str]) -> bool:
    """Whether a dictionary is for a language, by all characters of its texts; see `is_for`."""
    letters = {char for char in of_language if not char.isascii() and _is_written(char)}
    if not letters or leading_script(letters)[0] != leading_script(characters)[0]:
        return False
    return len(letters.intersection(characters)) >= NEARLY_ALL * len(letters)


def _is_written(char: str) -> bool:
    """Whether a character is a letter, or a mark that belongs to one (vowel signs of Thai)."""
    return unicodedata.category(char)[0] in "LM"
