"""The new lines that a mix chose, kept for the next one: `choice.npy` beside `mix.json`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Hashes
from balance.mixing.epoch import Epoch
from textlines.array_files import read_npy
from textlines.errors import InputError
from textlines.files import replacing_bytes
from textlines.formats.mix import read_mix_record

NAME = "choice.npy"


def save_choice(epochs: Sequence[Epoch], path: Path) -> None:
    """Write the hashes of the new lines of all epochs, each epoch's rising, one behind another."""
    hashes = [np.sort(epoch.new.lot.hashes()[epoch.new.positions]) for epoch in epochs]
    with replacing_bytes(path) as out:
        np.save(out, np.concatenate(hashes), allow_pickle=False)


def read_choice(record_path: Path) -> tuple[Hashes, ...]:
    """Read what an earlier mix chose in each of its epochs.

    Raises:
        InputError: there is no such mix, or the two files do not belong together.
    """
    record = read_mix_record(record_path)
    path = record_path.with_name(NAME)
    hashes = read_npy(path, "the choice of the earlier mix", "Mix without --previous.")
    counts = [epoch.new for epoch in record.configuration.epochs]
    if hashes.dtype != np.uint64 or hashes.ndim != 1 or sum(counts) != len(hashes):
        raise InputError(str(path), "does not belong to its mix.json", "Mix without --previous.")
    return tuple(np.split(hashes, np.cumsum(counts)[:-1]))
