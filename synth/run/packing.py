"""Finished shards to one file, LMDB or folder: the same bytes wherever the shards were drawn."""

import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from io import BytesIO, RawIOBase
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, Final, Literal, NamedTuple

from synth.run.folder import Extent, marker, require_all, shard_span
from synth.run.merging import LABELS
from synth.run.packed_forms import (
    FOLDER_FORMS,
    FolderForm,
    Item,
    add_file,
    folder_files,
    write_parquet,
    write_webdataset,
)
from textlines.errors import InputError
from textlines.files import open_regular, read_regular, replacing_bytes, sha256_of, unwritable
from textlines.formats.line_boxes import BOXES, boxes_line, mask_path
from textlines.formats.manifest import MANIFEST, ShardRow, manifest_row, read_shard
from textlines.formats.rows import parse_row
from textlines.labels.lmdb_store import read_lmdb, write_lmdb
from textlines.labels.tally import Tally
from textlines.partials import partial_folder, take_place
from textlines.wording.counts import count_of

Form = Literal["tar", "lmdb", "webdataset", "parquet", FolderForm]

FORMS: Final[tuple[Form, ...]] = ("tar", "lmdb", "webdataset", "parquet", *FOLDER_FORMS)

OnPacked = Callable[[int], None]
"""Called with the number of images packed."""


class FinishedRun(NamedTuple):
    """A run whose shards are all finished: its folder, its plan's samples, images to leave out.

    `boxes`: whether its rows hold boxes of characters.
    """

    out: Path
    extent: Extent
    without: frozenset[str]
    boxes: bool = False

    @property
    def wanted(self) -> int:
        """Return how many samples are packed."""
        return self.extent.samples - len(self.without)


class Packed(NamedTuple):
    """What is packed: images, and the sha256 of the file.

    Of an LMDB that of its `data.mdb`; of a folder, of the names and sha256 of its files.
    """

    images: int
    sha256: str


class _OtherError(Exception):
    """A tar that is there holds other bytes than the run gives."""


def packed(
    out: Path,
    extent: Extent,
    path: Path,
    form: Form,
    watch: OnPacked,
    without: frozenset[str] = frozenset(),
    *,
    boxes: bool = False,
) -> Packed:
    """Pack a run whose shards are all finished.

    A tar holds the label file, the manifest, the boxes and the images, each with its mask, in this
    order and with neither times nor owners; unpacked it is a data folder as PaddleOCR takes it. An
    LMDB is in PaddleOCR's layout. The other forms stand in `synth.run.packed_forms`; only
    `webdataset` has a place for boxes and masks.

    Args:
        out: the run's folder.
        extent: the samples that its plan holds.
        path: the file or folder. One that is there is held against the run, and stays.
        without: images of samples that the merged files leave out, and this does too.
        boxes: whether the run was asked for boxes of characters.

    Raises:
        InputError: shards are missing, an image is not the one that was drawn, or `path` holds
            something else or cannot be written.
    """
    require_all(out, extent)
    run = FinishedRun(out, extent, without, boxes)
    if path.exists() and not (_is_folder(form) and _is_empty(path)):
        return _packed_before(run, path, form, watch)
    if form == "lmdb":
        count = write_lmdb(path, ((item.data, item.label) for item in items(run, watch)))
        return Packed(count, sha256_of(path / "data.mdb"))
    if form in FOLDER_FORMS:
        return _write_folder(run, path, form, watch)
    with replacing_bytes(path) as file:
        count = _WRITERS[form](file, run, watch)
    return Packed(count, sha256_of(path))


def _is_folder(form: Form) -> bool:
    return form == "lmdb" or form in FOLDER_FORMS


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _write_folder(run: FinishedRun, path: Path, form: FolderForm, watch: OnPacked) -> Packed:
    """Write the files of a folder, which appears when all are written."""
    names: list[str] = []
    try:
        with partial_folder(path) as partial:
            for name, data in folder_files(form, items(run, watch)):
                file = partial / name
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(data)
                names.append(f"{name} {sha256(data).hexdigest()}")
            take_place(partial, path)
    except OSError as error:
        raise unwritable(path, error) from error
    return Packed(run.wanted, _sha256_of_names(names))


def _sha256_of_names(names: Sequence[str]) -> str:
    return sha256("\n".join(names).encode()).hexdigest()


def _packed_before(run: FinishedRun, path: Path, form: Form, watch: OnPacked) -> Packed:
    """Hold what is there against the run: a run gives the same bytes, so no record is needed.

    Raises:
        InputError: it is something else.
    """
    digest = None
    if form in FOLDER_FORMS:
        digest = _digest_of_folder(run, path, form, watch)
    elif form == "lmdb" and path.is_dir() and _is_lmdb_of(run, path, watch):
        digest = sha256_of(path / "data.mdb")
    elif form != "lmdb" and path.is_file() and _is_file_of(run, path, form, watch):
        digest = sha256_of(path)
    if digest is None:
        raise InputError(
            str(path), "is already there and holds something else", "Remove it or name another."
        )
    return Packed(run.wanted, digest)


def _digest_of_folder(
    run: FinishedRun, path: Path, form: FolderForm, watch: OnPacked
) -> str | None:
    """Return the digest of a folder that holds what the run gives; None of another."""
    names: list[str] = []
    for name, data in folder_files(form, items(run, watch)):
        try:
            if read_regular(path / name) != data:
                return None
        except OSError:
            return None
        names.append(f"{name} {sha256(data).hexdigest()}")
    there = sum(file.is_file() for file in path.rglob("*"))
    return _sha256_of_names(names) if there == len(names) else None


def _is_lmdb_of(run: FinishedRun, path: Path, watch: OnPacked) -> bool:
    wanted = ((item.data, item.label) for item in items(run, watch))
    try:
        there = ((row.image, row.label) for row in read_lmdb(path, Tally()))
        return all(row == other for row, other in zip_longest(there, wanted))
    except InputError as error:
        if error.where.startswith(str(path)):
            return False
        raise


def _is_file_of(run: FinishedRun, path: Path, form: Form, watch: OnPacked) -> bool:
    with open_regular(path) as there:
        try:
            _WRITERS[form](_Compared(there), run, watch)
        except _OtherError:
            return False
        return not there.read(1)


class _Compared(RawIOBase):
    """Takes what would be written, and holds it against a file."""

    def __init__(self, there: IO[bytes]) -> None:
        super().__init__()
        self._there, self._at = there, 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, data: Any, /) -> int:
        if self._there.read(len(data)) != bytes(data):
            raise _OtherError
        self._at += len(data)
        return len(data)


def items(run: FinishedRun, watch: OnPacked) -> Iterator[Item]:
    """Read the samples of finished shards in order, each image held against its sha256.

    Raises:
        InputError: an image is missing or was changed, or the shards hold other rows than the
            plan's.
    """
    count = 0
    for count, (index, row) in enumerate(_rows(run), 1):
        data = _drawn_file(run.out, index, row.image, row.sha256)
        mask = _drawn_file(run.out, index, mask_path(row.image), row.mask) if row.mask else b""
        yield Item(row.image, data, row.text, row.raw, mask)
        watch(count)
    if count != run.wanted:
        raise InputError(
            str(run.out),
            f"the shards hold {count_of(count, 'sample')} to pack, the plan {run.wanted:,}",
            "Start afresh.",
        )


def _drawn_file(out: Path, index: int, name: str, wanted: str) -> bytes:
    """Read the image or the mask of a sample, held against its sha256."""
    path = out / name
    try:
        data = read_regular(path)
    except OSError as error:
        raise InputError(
            str(path), f"cannot be read ({error.strerror})", _again(out, index)
        ) from error
    if sha256(data).hexdigest() != wanted:
        raise InputError(str(path), "is not the image that was drawn", _again(out, index))
    return data


def _again(out: Path, index: int) -> str:
    return f"Remove it and draw it again: synth redraw {out} --index {index}"


def _rows(run: FinishedRun) -> Iterator[tuple[int, ShardRow]]:
    """Read the rows that are packed, each with its index in the run."""
    for shard in run.extent:
        first = shard_span(shard)[0]
        for index, row in enumerate(read_shard(marker(run.out, shard), shard, first), first):
            if row.image not in run.without:
                yield index, row


def _write_tar(file: IO[bytes] | _Compared, run: FinishedRun, watch: OnPacked) -> int:
    """Write labels and manifest first, so that a reader that streams knows what comes."""
    count = 0
    with (
        tempfile.TemporaryFile() as labels,
        tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        with tempfile.TemporaryFile() as manifest, tempfile.TemporaryFile() as boxes:
            for _, row in _rows(run):
                labels.write(f"{row.image}\t{row.text}\n".encode())
                manifest.write(row.raw)
                if run.boxes:
                    boxes.write(boxes_line(manifest_row(parse_row(row.raw.decode()))).encode())
            add_file(tar, LABELS, labels, labels.tell())
            add_file(tar, MANIFEST, manifest, manifest.tell())
            if run.boxes:
                add_file(tar, BOXES, boxes, boxes.tell())
        for item in items(run, watch):
            add_file(tar, item.image, BytesIO(item.data), len(item.data))
            if item.mask:
                add_file(tar, mask_path(item.image), BytesIO(item.mask), len(item.mask))
            count += 1
    return count


_WRITERS: Final[Mapping[Form, Callable[[Any, FinishedRun, OnPacked], int]]] = {
    "tar": _write_tar,
    "webdataset": lambda file, run, watch: write_webdataset(file, items(run, watch)),
    "parquet": lambda file, run, watch: write_parquet(file, items(run, watch)),
}
"""How each form of one file is written."""
