"""Image files turned into the digests that a history holds."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from textlines.files import is_of_the_machine, machine_error, open_regular
from textlines.formats.seen_images import WIDTH, Digests, as_digests


def digests_of(paths: Sequence[Path], workers: int = 4) -> tuple[Digests, tuple[bool, ...]]:
    """Hash image files.

    Args:
        workers: threads; hashing lets go of the interpreter.

    Returns:
        Digests of the files that could be read (N x 16, in order), and of each path whether it
        could.

    Raises:
        MachineError: the machine failed: a sound file must not count as one that is not there.
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
    except OSError as error:
        if is_of_the_machine(error):
            raise machine_error(str(path), error) from error
        return None
    except ValueError:  # a NUL in the path
        return None
