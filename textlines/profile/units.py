"""Text cut into the characters that a profile counts."""

from collections.abc import Callable

from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import clusters

Split = Callable[[str], tuple[str, ...]]
"""Cuts a text in NFC into characters; together they are the text."""


def splitter(alphabet: Alphabet | None) -> Split:
    r"""Return a function that cuts texts into characters.

    With an alphabet: into its entries, the longest match first, for those are what a model
    reads; what it lacks stands alone by code point. Without: into what a reader takes for one
    character (grapheme clusters).

    >>> splitter(Alphabet(("a", "b", "㎏", "kg")))("akgb")
    ('a', 'kg', 'b')
    >>> splitter(None)("ก็1")
    ('ก็', '1')
    """
    if alphabet is None:
        return clusters
    if not any(len(form) > 1 for form in alphabet.ids):
        return tuple
    return lambda text: tuple(piece for piece, _ in alphabet.pieces(text))
