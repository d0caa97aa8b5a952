"""Where the targets of a line stand in its label."""

import re
from collections.abc import Iterator, Sequence

from synth.corpus.character_classes import is_cluster
from textlines.labels.canonical import clusters


def pieces_of(text: str, targets: Sequence[str]) -> list[tuple[str, bool]]:
    """Split a label into runs, and say of each whether it is a target of the line.

    A target that is one grapheme cluster is never the half of another one.

    >>> pieces_of("1O0O", ("O",)), pieces_of("a b", (" ",)), pieces_of("12", ())
    ([('1', False), ('O', True), ('0', False), ('O', True)], [('a', False), (' ', True), \
('b', False)], [('12', False)])
    """
    found: list[tuple[str, bool]] = []
    for piece, is_target in _split(text, targets):
        if found and found[-1][1] == is_target:
            found[-1] = found[-1][0] + piece, is_target
        else:
            found.append((piece, is_target))
    return found


def _split(text: str, targets: Sequence[str]) -> Iterator[tuple[str, bool]]:
    alone = frozenset(target for target in targets if is_cluster(target))
    longer = sorted(frozenset(targets) - alone, key=lambda one: (-len(one), one))
    # Entries of several clusters, and marks that join a letter, are looked for by code points.
    parts = re.split(f"({'|'.join(map(re.escape, longer))})", text) if longer else [text]
    for number, part in enumerate(parts):
        if number % 2:
            yield part, True
        else:
            yield from ((cluster, cluster in alone) for cluster in clusters(part))
