"""Image files turned into the digests that a history holds."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from textlines.files import open_regular, raise_if_of_the_machine
from textlines.formats.seen_images import WIDTH, Digests, as_digests


def digests_of(paths: Sequence[Path], workers: int = 4) -> tuple[Digests, tuple[bool, ...]]:
    """Hash image files.

    Args:
        workers: threads; hashing lets go of the interpreter.

    Returns:
        Digests of the files that could be read (N x 16, in order), and of each path whether it
        could.

    Raises:
        MachineError: a file may not be read, or the machine fails otherwise.
    """
    found = _hashed(paths, workers)
    return as_digests(one[:WIDTH] for one in found if one is not None), tuple(
        one is not None for one in found
    )


def hashes_of(paths: Sequence[Path], workers: int = 4) -> tuple[str | None, ...]:
    """Return the whole sha256 of each image file; None for one that cannot be read.

    Raises:
        MachineError: as of `digests_of`.
    """
    return tuple(one.hex() if one is not None else None for one in _hashed(paths, workers))


def _hashed(paths: Sequence[Path], workers: int) -> list[bytes | None]:
    with ThreadPoolExecutor(workers, thread_name_prefix="hashing") as pool:
        return list(pool.map(_hash_of, paths))


def _hash_of(path: Path) -> bytes | None:
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").digest()
    except (OSError, ValueError) as error:  # ValueError: what no path can be
        # A line whose image is not hashed counts as unseen: that must not come of a full table of
        # open files.
        raise_if_of_the_machine(path, error)
        return None
