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
    with ThreadPoolExecutor(workers, thread_name_prefix="hashing") as pool:
        found = list(pool.map(_digest_of, paths))
    return as_digests(one for one in found if one is not None), tuple(
        one is not None for one in found
    )


def _digest_of(path: Path) -> bytes | None:
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").digest()[:WIDTH]
    except (OSError, ValueError) as error:  # ValueError: what no path can be
        # A line whose image is not hashed counts as unseen: that must not come of a full table of
        # open files.
        raise_if_of_the_machine(path, error)
        return None
