"""LMDB in PaddleOCR's layout: `num-samples`, `image-%09d`, `label-%09d`, counted from 1."""

import errno
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import unwritable
from textlines.labels.canonical import LabelError, canonical
from textlines.labels.tally import Tally
from textlines.partials import partial_folder, take_place

DATA = "data.mdb"

FIRST_MAP_SIZE = 1 << 26
"""In bytes. The map doubles when it is full; a small start keeps small stores small."""

BATCH_SAMPLES, BATCH_BYTES = 1000, 1 << 26
"""A transaction ends at whichever comes first."""


@dataclass(frozen=True, slots=True)
class LmdbSample:
    """One sample: its number from 1, the image file's bytes, the canonical label."""

    number: int
    image: bytes
    label: str


def write_lmdb(
    path: Path,
    samples: Iterable[tuple[bytes, str]],
    *,
    map_size: int = FIRST_MAP_SIZE,
    replace: bool = False,
) -> int:
    """Write an LMDB folder, whole or not at all: built beside `path`, then renamed.

    Args:
        path: the folder; must not be there yet, or be empty.
        samples: the bytes of an image file (JPEG or PNG) and its label, in order.
        map_size: in bytes, to begin with.
        replace: whether an LMDB that is there gives way to the new one, once that is whole.

    Returns:
        How many samples were written.

    Raises:
        InputError: `path` holds something, a sample is at fault, or the disk is full.
    """
    import lmdb

    held = {one.name for one in path.iterdir()} if path.is_dir() else set()
    gives_way = replace and held == {DATA}
    if path.exists() and (not path.is_dir() or held) and not gives_way:
        raise InputError(str(path), "is already there", "Remove it or name another folder.")
    try:
        with partial_folder(path) as partial:
            # Without a lock file: nobody else knows the folder, and readers would copy it along.
            env = lmdb.open(str(partial), map_size=map_size, lock=False, sync=False)
            try:
                count = _fill(env, path, samples)
                env.sync(True)
            finally:
                env.close()
            take_place(partial, path)
    except lmdb.Error as error:
        full = "No space left" in str(error)
        cause = OSError(errno.ENOSPC if full else errno.EIO, str(error))
        raise unwritable(path, cause) from error
    except OSError as error:
        raise unwritable(path, error) from error
    return count


def _fill(env: Any, path: Path, samples: Iterable[tuple[bytes, str]]) -> int:
    count = size = 0
    batch: list[tuple[bytes, bytes]] = []
    for count, (image, label) in enumerate(samples, 1):
        where = f"{path}: sample {count}"
        if not image:
            raise InputError(where, "its image is empty", "Leave the sample out.")
        try:
            text = canonical(label).encode()
        except LabelError as error:
            raise LabelError(
                where, f"its {error.where} {error.what}", error.mend, error.reason
            ) from error
        batch += [(b"image-%09d" % count, image), (b"label-%09d" % count, text)]
        size += len(image)
        if len(batch) >= 2 * BATCH_SAMPLES or size >= BATCH_BYTES:
            _put(env, batch)
            batch, size = [], 0
    _put(env, [*batch, (b"num-samples", b"%d" % count)])
    return count


def _put(env: Any, batch: list[tuple[bytes, bytes]]) -> None:
    """Store a batch in one transaction, in a map grown to what it needs."""
    import lmdb

    while True:
        try:
            with env.begin(write=True) as transaction:
                for key, value in batch:
                    transaction.put(key, value)
            return
        except lmdb.MapFullError:
            env.set_mapsize(env.info()["map_size"] * 2)


def read_lmdb(path: Path, tally: Tally) -> Iterator[LmdbSample]:
    """Read the samples of an LMDB folder in order; what is left out is counted in `tally`.

    Reasons: missing_image, empty_image, missing_label, empty_label, control, not_utf8 (left
    out); nfd (composed); beyond_count (keys that `num-samples` does not count).

    Raises:
        InputError: there is no LMDB, or it has no `num-samples`.
    """
    import lmdb

    if not (path / "data.mdb").is_file():
        raise InputError(str(path), "holds no data.mdb", "Name an LMDB folder.")
    try:
        env = lmdb.open(str(path), readonly=True, lock=False, readahead=False)
    except lmdb.Error as error:
        raise InputError(
            str(path), f"the LMDB cannot be read ({error})", "Copy it again, whole."
        ) from error
    with env, env.begin() as transaction:
        stored = transaction.get(b"num-samples")
        if stored is None or not bytes(stored).strip().isdigit():
            raise InputError(
                str(path),
                "has no count under 'num-samples'",
                "Write it again in PaddleOCR's layout.",
            )
        count = int(stored)
        met = 1
        for number in range(1, count + 1):
            image = transaction.get(b"image-%09d" % number)
            raw = transaction.get(b"label-%09d" % number)
            met += (image is not None) + (raw is not None)
            reason, label = _check(image, raw)
            if reason:
                tally.add(reason, f"{path}: sample {number}")
            if image and label:
                yield LmdbSample(number, image, label)
        beyond = env.stat()["entries"] - met
        if beyond > 0:
            tally.add("beyond_count", str(path), beyond)


def _check(image: bytes | None, raw: bytes | None) -> tuple[str | None, str]:
    """Say what is wrong with a sample (None: nothing); the label is "" if it is left out."""
    if image is None or raw is None:
        return ("missing_image" if image is None else "missing_label"), ""
    if not image:
        return "empty_image", ""
    try:
        label = raw.decode()
        composed = canonical(label if label.strip() else "")
    except UnicodeDecodeError:
        return "not_utf8", ""
    except LabelError as error:
        return error.reason, ""
    return (None if composed == label else "nfd"), composed
