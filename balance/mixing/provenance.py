"""Which lines of a label file were rendered, for whole blocks of lines at once."""

import os
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Bytes, Flags, Hashes, Ints, with_slack
from balance.mixing.hashing import hash_slices
from balance.mixing.listing import folder_lengths
from textlines.formats.rendered import RenderedFolder, rendered_folder


class Provenance:
    """Tells of paths whether `textlines.formats.rendered` knows their images as rendered.

    Remembers the folders that it asked. Links to single images are not followed: it would cost
    a look at every image.
    """

    def __init__(self, folder: Path) -> None:
        self._root = folder
        self._told: dict[str, RenderedFolder | None] = {}
        self._whole: dict[int, bool] = {}
        self._named: list[Hashes] = []

    def flags(self, buffer: Bytes, starts: Ints, lengths: Ints) -> Flags:
        """Tell for each path (a slice of the buffer) whether its image was rendered.

        Raises:
            InputError: a manifest or record on the way to an image is damaged.
        """
        if not len(starts):
            return np.zeros(0, np.bool_)
        sizes = folder_lengths(buffer, starts, lengths)
        keys, first, of = np.unique(
            hash_slices(buffer, starts, sizes), return_index=True, return_inverse=True
        )
        for key, at in zip(keys.tolist(), first.tolist(), strict=True):
            if key not in self._whole:
                raw = buffer[starts[at] : starts[at] + sizes[at]].tobytes()
                self._whole[key] = self._ask(os.fsdecode(raw))
        whole = np.array([self._whole[key] for key in keys.tolist()], np.bool_)
        found: Flags = whole[of.reshape(-1)]
        if self._named:
            asked = hash_slices(buffer, starts, lengths)
            found |= np.isin(asked, np.concatenate(self._named))
        return found

    def _ask(self, folder: str) -> bool:
        """Ask the folders from the root down to this one; whether all its images are rendered."""
        parts = folder.split("/") if folder else []
        whole = False
        for depth in range(len(parts) + 1):
            head = "/".join(parts[:depth])
            if head not in self._told:
                self._told[head] = told = rendered_folder(self._root / head)
                if told is not None and told.manifest is not None:
                    self._name(head, told)
            told = self._told[head]
            if told is not None and told.head is not None:
                whole |= f"{'/'.join(parts[depth:])}/".startswith(told.head)
        return whole

    def _name(self, folder: str, told: RenderedFolder) -> None:
        start = f"{folder}/" if folder else ""
        names = [os.fsencode(start + row.image) for row in told.rows()]
        lengths = np.fromiter(map(len, names), np.int64, len(names))
        buffer = with_slack(b"".join(names))
        self._named.append(hash_slices(buffer, np.cumsum(lengths) - lengths, lengths))
