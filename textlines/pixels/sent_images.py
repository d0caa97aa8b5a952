"""Image files of one task on a cluster: seen by its node as by the driver, or sent with the task.

Images may lie on storage that every node sees. Whether a node does is not assumed: it holds the
size and the time of change of each file against the driver's. Where one differs, the driver sends
the files' bytes, and from then on with each task.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textlines.cluster import MoreNeededError
from textlines.pixels.decode import ImageError, read_bytes

Stamp = tuple[int, int]
"""Size in bytes and time of change in nanoseconds."""


def stamp_of(path: str) -> Stamp | None:
    """Return size and time of change; None where nothing can be looked at."""
    try:
        stat = Path(path).stat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):  # a loop of links, no permission: who reads it says which
        return (-1, -1)
    return (stat.st_size, stat.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class ImageBlock:
    """Image files of one task.

    Attributes:
        paths: as the driver names them. stamps: as it sees them.
        data: what they hold, or why they cannot be read; None where the node is to read them.
    """

    paths: tuple[str, ...]
    stamps: tuple[Stamp | None, ...]
    data: tuple[bytes | ImageError, ...] | None = None

    @classmethod
    def of(cls, paths: Sequence[str]) -> "ImageBlock":
        """Look at files, without reading them."""
        return cls(tuple(paths), tuple(map(stamp_of, paths)))

    def with_data(self) -> "ImageBlock":
        """Return the block with the bytes of its files; on the driver.

        Raises:
            MachineError: a file may not be read, or memory is short.
        """
        return replace(self, data=tuple(map(_content, self.paths)))

    def require_seen(self) -> None:
        """Ask for the bytes where this node does not see the same files.

        Raises:
            MoreNeededError: it does not.
        """
        if self.data is None and tuple(map(stamp_of, self.paths)) != self.stamps:
            raise MoreNeededError(None)

    def read(self, number: int) -> bytes:
        """Return what the file of this number holds.

        Raises:
            ImageError: it cannot be read.
        """
        if self.data is None:
            return read_bytes(Path(self.paths[number]))
        data = self.data[number]
        if isinstance(data, ImageError):
            raise data
        return data


def _content(path: str) -> bytes | ImageError:
    try:
        return read_bytes(Path(path))
    except ImageError as error:
        return error


@dataclass(slots=True)
class BlockSender:
    """Makes the blocks of a call, on the driver.

    Attributes:
        sends: whether a node was met that does not see the files.
    """

    sends: bool = False

    def block(self, paths: Sequence[str]) -> ImageBlock:
        """Return a block of files, with their bytes once these are sent."""
        block = ImageBlock.of([str(Path(path).absolute()) for path in paths])
        return block.with_data() if self.sends else block

    def fuller(self, block: ImageBlock, asked: Any = None) -> ImageBlock:
        """Return a block that a node asked the bytes of."""
        self.sends = True
        return block.with_data()
