"""A count with its noun: text where all is English, a sentence where pages translate it.

English wherever they are shown are terminals, errors and records.
"""

from textlines.wording.sentence import Sentence, say_n


def count_of(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun in the number that English asks for.

    Args:
        noun: for one. plural: for all other counts; by default the noun with an s.

    >>> count_of(1, "line"), count_of(1200, "line"), count_of(0, "family", "families")
    ('1 line', '1,200 lines', '0 families')
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def form_of(count: int, one: str, many: str) -> str:
    """Return the form of a verb or pronoun that goes with a count.

    >>> form_of(1, "is", "are"), form_of(2, "is", "are")
    ('is', 'are')
    """
    return one if count == 1 else many


def line_count(count: int) -> Sentence:
    """Return how many lines as a sentence, to stand in another one.

    >>> print(line_count(1), line_count(1200))
    1 line 1,200 lines
    """
    return say_n("{n:,} line", "{n:,} lines", count)
