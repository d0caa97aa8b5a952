"""A label file shared out by hash: each document, and each image, in one role alone."""

import hashlib
from collections.abc import Mapping, Sequence

from train.evaluation.groups import OTHER, grouping


def documents_of(paths: Sequence[str], group: str) -> tuple[str, ...]:
    """Name the document of each path.

    Args:
        group: an expression whose first brackets name it; "", and where it finds nothing, the
            path stands for itself.

    Raises:
        UsageError: it is no expression, captures nothing, or matches no path.

    >>> documents_of(["a_1.jpg", "a_2.jpg", "b.jpg"], "^([^_]+)_")
    ('a', 'a', 'b.jpg')
    """
    if not group:
        return tuple(paths)
    names = grouping(group, paths).names
    return tuple(path if name == OTHER else name for path, name in zip(paths, names, strict=True))


def role_of(document: str, shares: Mapping[str, int], seed: int) -> str:
    """Draw a document's role by its hash: the same one whatever else is in the file.

    Args:
        shares: per cent by role, 100 in all.

    >>> role_of("a", {"mine": 50, "judge": 50}, 1) == role_of("a", {"mine": 50, "judge": 50}, 1)
    True
    """
    drawn = int.from_bytes(hashlib.sha256(f"{seed}\n{document}".encode()).digest()[:8], "big")
    place, reached = drawn * 100 / 2**64, 0
    for role, share in shares.items():
        reached += share
        if place < reached:
            return role
    return role


def shared_out(
    documents: Sequence[str], images: Sequence[bytes], shares: Mapping[str, int], seed: int
) -> tuple[tuple[str, ...], int]:
    """Give the role of each line.

    Args:
        documents, images: of each line, the name of its document and the hash of its image.

    Returns:
        The roles, and how many lines show an image that an earlier line has too: they go where
        that one went, whatever their document, so that no image is in two roles.
    """
    of_image: dict[bytes, str] = {}
    roles = []
    copies = 0
    for document, image in zip(documents, images, strict=True):
        if image in of_image:
            copies += 1
        else:
            of_image[image] = role_of(document, shares, seed)
        roles.append(of_image[image])
    return tuple(roles), copies


def families_by_role(families: Sequence[str], roles: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Share face families out to roles, in turn, as they come when sorted by name.

    >>> families_by_role(["c", "a", "b"], ["mine", "judge"])
    {'mine': ('a', 'c'), 'judge': ('b',)}
    """
    ordered = sorted(set(families))
    return {role: tuple(ordered[at :: len(roles)]) for at, role in enumerate(roles)}
