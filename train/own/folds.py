"""Which fold each own line is held out in: documents, images and their copies stay together."""

import hashlib
from collections.abc import Sequence

from textlines.errors import InputError


def bundles_of(*names: Sequence[str]) -> tuple[int, ...]:
    """Number the bundles of lines that share any name: document, image, path.

    Args:
        names: of one kind each, a name a line.

    >>> bundles_of(["a", "a", "b", "c"], ["1", "2", "3", "1"])
    (0, 0, 2, 0)
    """
    parent = list(range(len(names[0])))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for kind in names:
        first: dict[str, int] = {}
        for at, name in enumerate(kind):
            one, other = root(first.setdefault(name, at)), root(at)
            parent[max(one, other)] = min(one, other)
    return tuple(root(at) for at in range(len(parent)))


def folds_of(bundles: Sequence[int], names: Sequence[str], count: int, seed: int) -> list[int]:
    """Deal bundles out to folds of about equal numbers of lines.

    By hash of the names in a bundle, the largest bundles first: each into the fold that has the
    fewest lines so far.

    Args:
        bundles: of each line. names: of each line, what its place is drawn by.

    Raises:
        InputError: there are fewer bundles than folds.
    """
    lines: dict[int, list[int]] = {}
    for at, bundle in enumerate(bundles):
        lines.setdefault(bundle, []).append(at)
    if len(lines) < count:
        raise InputError(
            "own lines",
            f"are of {len(lines):,} documents, fewer than {count} folds",
            "Label lines of other documents, name fewer folds (--count), or another --group.",
        )

    def place(members: list[int]) -> tuple[int, bytes]:
        name = min(names[at] for at in members)
        return -len(members), hashlib.sha256(f"{seed}\n{name}".encode()).digest()

    sizes = [0] * count
    found = [0] * len(bundles)
    for members in sorted(lines.values(), key=place):
        fold = sizes.index(min(sizes))
        sizes[fold] += len(members)
        for at in members:
            found[at] = fold
    return found
