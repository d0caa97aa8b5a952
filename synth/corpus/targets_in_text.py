"""Where a target stands in a text: as a cluster of it, never as the half of another one.

A target is what a line is drawn for: mostly one grapheme cluster. A dictionary may also name a
mark that only ever stands joined to a letter (Thai tone marks), or an entry of several clusters
("kg"): those are looked for by their code points, as the model reads them.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from textlines.labels.canonical import clusters


@lru_cache(maxsize=65_536)
def is_joined(char: str) -> bool:
    r"""Whether a character always joins the one before it, and so is never a cluster in a line.

    >>> is_joined("\u0e49"), is_joined("\u0e01"), is_joined("\u0e01\u0e49")
    (True, False, False)
    """
    return not char.isascii() and len(clusters("a" + char)) == 1


@lru_cache(maxsize=65_536)
def is_cluster(target: str) -> bool:
    """Whether a target is looked for among the clusters of a text.

    >>> is_cluster("ก็"), is_cluster("kg")
    (True, False)
    """
    return len(clusters(target)) == 1 and not is_joined(target)


def pieces(text: str, target: str) -> tuple[str, ...]:
    """Split a text into what `target` is one of: clusters, or code points for a joined mark."""
    return clusters(text) if is_cluster(target) else tuple(text)


def holds(text: str, target: str) -> bool:
    """Whether a text holds a target as such.

    >>> holds("काक", "क"), holds("का", "क"), holds("20kg", "kg")
    (True, False, True)
    """
    if target not in text:
        return False
    return text.isascii() or not is_cluster(target) or target in clusters(text)


def joined_up(parts: Sequence[str], *, apart: bool = True) -> str | None:
    r"""Join pieces to a text; None where they compose, or (`apart`) are its clusters no more.

    >>> joined_up(("\u1100", "\u1161")), joined_up(("कि", "क"))
    (None, 'किक')
    """
    text = "".join(parts)
    if text.isascii():
        return text
    if not unicodedata.is_normalized("NFC", text):
        return None
    return text if not apart or clusters(text) == tuple(parts) else None
