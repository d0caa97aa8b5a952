"""Files on the nodes of a cluster: by content, from the node's own disk or sent there.

Fonts, photos and models are known by sha256. A node that has the file at the same path, with the
same content, reads it there. Another asks for it, gets it once through the cluster's object store,
and keeps it among its temporary files, where all of its workers find it.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textlines.cluster import MoreNeededError, fetched, node_name
from textlines.errors import InputError
from textlines.files import replacing_bytes, sha256_of, unreadable
from textlines.wording.counts import count_of

if TYPE_CHECKING:
    from textlines.cluster import Cluster

MOST_SENT = 4 << 30
"""Bytes of all files together that one call sends. What is more belongs on shared storage."""


@dataclass(frozen=True, slots=True, order=True)
class NeededFile:
    """A file by its content, and where the driver has it."""

    sha256: str
    path: Path


@dataclass(frozen=True, slots=True)
class FilesNeeded:
    """What a node asks for."""

    node: str
    files: tuple[NeededFile, ...]


def files_at_node(
    files: Sequence[NeededFile], sent: Mapping[str, Any] | None = None
) -> dict[str, Path]:
    """Return where this node has each of the files, by sha256.

    Args:
        sent: references of their bytes in the object store, by sha256.

    Raises:
        MoreNeededError: some are neither here nor sent; holds a `FilesNeeded`.
        InputError: what was sent cannot be written.
    """
    found: dict[str, Path] = {}
    missing = []
    for file in files:
        place = _place(file.path, file.sha256) or _place(_kept(file), file.sha256)
        if place is None and sent and file.sha256 in sent:
            place = _kept(file)
            with replacing_bytes(place) as out:
                out.write(fetched(sent[file.sha256]))
        if place is None:
            missing.append(file)
        else:
            found[file.sha256] = place
    if missing:
        raise MoreNeededError(FilesNeeded(node_name(), tuple(missing)))
    return found


def _kept(file: NeededFile) -> Path:
    """Name where a file that was sent is kept on a node, for this user."""
    folder = Path(tempfile.gettempdir()) / f"ocr-mend-{os.getuid()}" / "files"
    return folder / f"{file.sha256}{file.path.suffix}"


_places: dict[tuple[Path, str], Path] = {}


def _place(path: Path, sha256: str) -> Path | None:
    """Return the path if it holds this content; hashed once in a process."""
    if (path, sha256) in _places:
        return path
    try:
        if not path.is_file() or sha256_of(path) != sha256:
            return None
    except (InputError, OSError):
        return None
    _places[path, sha256] = path
    return path


@dataclass(slots=True)
class SentFiles:
    """What a driver has put into the object store, by sha256."""

    cluster: "Cluster"
    _references: dict[str, Any] = field(default_factory=dict)
    _bytes: int = 0

    def send(self, needed: FilesNeeded) -> dict[str, Any]:
        """Return references of the files that a node asks for; each is sent once.

        Raises:
            InputError: a file is not what it was when the run began, or all of them are more than
                `MOST_SENT`.
        """
        for file in needed.files:
            if file.sha256 not in self._references:
                data = _content(file)
                self._bytes += len(data)
                if self._bytes > MOST_SENT:
                    raise self._too_much(needed)
                self._references[file.sha256] = self.cluster.put(data)
        return {file.sha256: self._references[file.sha256] for file in needed.files}

    def added(self, sent: Mapping[str, Any], needed: FilesNeeded) -> dict[str, Any]:
        """Return references of what a task has, and of what its node asks for beside it.

        Raises:
            InputError: as `send`.
        """
        return {**sent, **self.send(needed)}

    def _too_much(self, needed: FilesNeeded) -> InputError:
        return InputError(
            needed.node,
            f"lacks {count_of(len(needed.files), 'file')} (first: {needed.files[0].path}), and "
            f"more than {MOST_SENT >> 30} GiB are not sent",
            "Put them on every node at this path, or on storage that all nodes see.",
        )


def _content(file: NeededFile) -> bytes:
    try:
        data = file.path.read_bytes()
    except OSError as error:
        raise unreadable(file.path, error) from error
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise InputError(
            str(file.path), "has changed since the run began", "Leave it as it is, and call again."
        )
    return data
