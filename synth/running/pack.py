"""Finished shards to one file or one LMDB: the same bytes wherever the shards were drawn."""

import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Literal, NamedTuple

from synth.running.merge import LABELS, MANIFEST
from synth.running.shards import marker, require_all, shard_count
from textlines.errors import InputError
from textlines.files import read_regular, replacing_bytes, sha256_of
from textlines.labels.lmdb_store import write_lmdb

Form = Literal["tar", "lmdb"]

Told = Callable[[int], None]
"""Called with the number of images packed."""


class Item(NamedTuple):
    """One sample of a finished shard: its path from the run's folder, its file, its label."""

    image: str
    data: bytes
    label: str


class Packed(NamedTuple):
    """What was packed: images, and the sha256 of the tar (of an LMDB: of its `data.mdb`)."""

    images: int
    sha256: str


def packed(out: Path, samples: int, path: Path, form: Form, told: Told) -> Packed:
    """Pack a run whose shards are all finished.

    A tar holds the label file, the manifest and the images, in this order and with neither
    times nor owners; unpacked it is a data folder as PaddleOCR takes it. An LMDB is in
    PaddleOCR's layout.

    Args:
        out: the run's folder.
        samples: how many its plan holds.
        path: the tar file or LMDB folder; must not be there yet.

    Raises:
        InputError: shards are missing, an image is not the one that was drawn, or `path` is
            there or cannot be written.
    """
    require_all(out, samples)
    if form == "lmdb":
        count = write_lmdb(path, ((item.data, item.label) for item in items(out, samples, told)))
        return Packed(count, sha256_of(path / "data.mdb"))
    if path.exists():
        raise InputError(str(path), "is already there", "Remove it or name another file.")
    with replacing_bytes(path) as file:
        count = _write_tar(file, out, samples, told)
    return Packed(count, sha256_of(path))


def items(out: Path, samples: int, told: Told) -> Iterator[Item]:
    """Read the samples of finished shards in order, each image held against its sha256.

    Raises:
        InputError: an image is missing or was changed, or the shards hold other rows than the
            plan's.
    """
    count = 0
    for count, row in enumerate(_rows(out, samples), 1):
        path = out / row["image"]
        try:
            data = read_regular(path)
        except OSError as error:
            raise InputError(
                str(path), f"cannot be read ({error.strerror})", _again(out, count - 1)
            ) from error
        if sha256(data).hexdigest() != row["sha256"]:
            raise InputError(str(path), "is not the image that was drawn", _again(out, count - 1))
        yield Item(row["image"], data, row["text"])
        told(count)
    if count != samples:
        raise InputError(
            str(out), f"the shards hold {count} samples, the plan {samples}", "Start afresh."
        )


def _again(out: Path, index: int) -> str:
    return f"Remove it and draw it again: synth redraw {out} --index {index}"


def _rows(out: Path, samples: int) -> Iterator[dict[str, str]]:
    for shard in range(shard_count(samples)):
        with marker(out, shard).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _write_tar(file: IO[bytes], out: Path, samples: int, told: Told) -> int:
    """Write labels and manifest first, so that a reader that streams knows what comes."""
    count = 0
    with (
        tempfile.TemporaryFile() as labels,
        tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for row in _rows(out, samples):
            labels.write(f"{row['image']}\t{row['text']}\n".encode())
        _add(tar, LABELS, labels, labels.tell())
        markers = [marker(out, shard) for shard in range(shard_count(samples))]
        with tempfile.TemporaryFile() as manifest:
            for path in markers:
                manifest.write(path.read_bytes())
            _add(tar, MANIFEST, manifest, manifest.tell())
        for item in items(out, samples, told):
            _add(tar, item.image, BytesIO(item.data), len(item.data))
            count += 1
    return count


def _add(tar: tarfile.TarFile, name: str, data: IO[bytes], size: int) -> None:
    """Add a file from its start, without time, owner or rights of this machine."""
    data.seek(0)
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    tar.addfile(member, data)
