"""What other tools read: a run as a WebDataset, a Parquet file, or a folder in a tool's own form.

- `webdataset`: a tar of `KEY.jpg`, `KEY.txt` and `KEY.json` (the row of the manifest, with the
  boxes of characters where the run has them) a sample, and `KEY.mask.png` of its ink, side by side,
  as the library webdataset groups them.
- `parquet`: columns `image` (bytes, path) and `text`, with the features by which the library
  datasets of Hugging Face reads an image.
- `doctr`: `images/` and `labels.json` (docTR's RecognitionDataset); `easyocr`: images and
  `labels.csv`, whose texts stand as they are, as its trainer splits a row at the first comma;
  `mmocr`: images and `labels.jsonl`, a `filename` and a `text` a row; `gt-txt`: each image beside
  its `.gt.txt` (kraken, tesstrain).

The key of a sample is the name of its image. All are written in the order of the run.
"""

import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import PurePosixPath
from typing import IO, Any, Final, Literal, NamedTuple, get_args

from textlines.errors import MachineError
from textlines.installing import install_line

FolderForm = Literal["doctr", "easyocr", "mmocr", "gt-txt"]
FOLDER_FORMS: Final[tuple[FolderForm, ...]] = get_args(FolderForm)

ROW_GROUP = 1000
"""Samples of a Parquet file that are held in memory at once."""


class Item(NamedTuple):
    """One sample of a finished shard: its path from the run's folder, its file, label and row.

    `mask` is the file of its ink, or b"" where the run has none.
    """

    image: str
    data: bytes
    label: str
    row: bytes
    mask: bytes = b""

    @property
    def name(self) -> str:
        """Return the name of its image."""
        return PurePosixPath(self.image).name


def write_webdataset(file: IO[bytes], items: Iterable[Item]) -> int:
    """Write a tar in which the files of a sample follow each other; return how many samples."""
    count = 0
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for item in items:
            count += 1
            key, _, ending = item.name.rpartition(".")
            add_file(tar, f"{key}.{ending}", BytesIO(item.data), len(item.data))
            beside = [("txt", item.label.encode()), ("json", item.row)]
            if item.mask:
                beside.append(("mask.png", item.mask))
            for name, data in beside:
                add_file(tar, f"{key}.{name}", BytesIO(data), len(data))
    return count


def add_file(tar: tarfile.TarFile, name: str, data: IO[bytes], size: int) -> None:
    """Add a file from its start, without time, owner or rights of this machine."""
    data.seek(0)
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    tar.addfile(member, data)


_FEATURES: Final = {
    "info": {
        "features": {
            "image": {"_type": "Image"},
            "text": {"dtype": "string", "_type": "Value"},
        }
    }
}


def write_parquet(file: IO[bytes], items: Iterable[Item]) -> int:
    """Write a Parquet file; return how many samples.

    Raises:
        MachineError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MachineError(
            "--form parquet", f"needs pyarrow ({error})", f"Install it: {install_line('parquet')}"
        ) from error
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    schema = pyarrow.schema(
        [("image", image), ("text", pyarrow.string())],
        metadata={"huggingface": json.dumps(_FEATURES)},
    )
    count, rest = 0, iter(items)
    # An image is compressed already, and texts are few bytes beside it.
    with parquet.ParquetWriter(file, schema, compression="none") as writer:
        while group := list(islice(rest, ROW_GROUP)):
            columns = {
                "image": [{"bytes": item.data, "path": item.name} for item in group],
                "text": [item.label for item in group],
            }
            writer.write_table(pyarrow.Table.from_pydict(columns, schema=schema))
            count += len(group)
    return count


def folder_files(form: FolderForm, items: Iterable[Item]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a folder by their path in it: images as they come, labels last."""
    labels: list[tuple[str, str]] = []
    for item in items:
        yield ("images/" if form == "doctr" else "") + item.name, item.data
        if form == "gt-txt":
            yield item.name.rpartition(".")[0] + ".gt.txt", f"{item.label}\n".encode()
        else:
            labels.append((item.name, item.label))
    if form in _LABELS:
        name, write = _LABELS[form]
        yield name, write(labels).encode()


_Labels = list[tuple[str, str]]


def _json(labels: _Labels) -> str:
    return json.dumps(dict(labels), ensure_ascii=False, indent=0) + "\n"


def _rows(labels: _Labels) -> str:
    rows = ({"filename": name, "text": text} for name, text in labels)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _csv(labels: _Labels) -> str:
    return "filename,words\n" + "".join(f"{name},{text}\n" for name, text in labels)


_LABELS: Final[Mapping[Any, tuple[str, Callable[[_Labels], str]]]] = {
    "doctr": ("labels.json", _json),
    "easyocr": ("labels.csv", _csv),
    "mmocr": ("labels.jsonl", _rows),
}
"""The label file of a folder, and how it is written."""
