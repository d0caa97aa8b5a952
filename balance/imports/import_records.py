"""What an import keeps on the disk beside its crops: what each page gave, and the doubtful lines.

The journal holds what each finished page of an import gave, so that a stopped import goes on. The
lines that somebody should look at (which crop, why, and where it comes from) stand in
`doubts.jsonl` beside the label file, so that a page can be made of an import that is done, and so
that the lines can be found again.
"""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from balance.imports.foreign_forms import Format
from balance.imports.page_regions import AS_USUAL, Counts, ImportOptions
from balance.imports.source_files import walked
from textlines.defects.of_annotations import IMPORT
from textlines.errors import InputError
from textlines.files import real_path, replacing, sha256_of
from textlines.formats.rows import (
    RowError,
    RowKind,
    is_count,
    is_label,
    is_path_below,
    parse_row,
    read_rows,
    refuse,
    refuse_keys,
    wrong,
)

DOUBTS = "doubts.jsonl"

_DOUBT_ROW = RowKind(
    "the list of doubtful lines", "doubtful line", "Remove the folder and import again."
)


@dataclass(frozen=True, slots=True)
class DoubtfulLine:
    """A line that was taken and may be wrong.

    Attributes:
        reason: of `of_annotations.DOUBTS`.
        path: of the crop, below the folder of the import.
        label: as it stands in the label file.
        place: in the source.
    """

    reason: str
    path: str
    label: str
    place: str


def doubt_of(content: dict[str, Any]) -> DoubtfulLine:
    """Make a doubt of a row.

    Raises:
        RowError: a key is missing, unknown or of another type.
    """
    refuse_keys(content, frozenset({"reason", "path", "label", "place"}))
    for key in ("reason", "place"):
        if type(content[key]) is not str:
            raise wrong(key, content[key], "a text")
    if not is_path_below(content["path"]):
        raise wrong("path", content["path"], "a path below the folder")
    if not is_label(content["label"]):
        raise wrong("label", content["label"], "a label")
    return DoubtfulLine(*(content[key] for key in ("reason", "path", "label", "place")))


def write_doubts(out: Path, doubts: Iterable[DoubtfulLine]) -> None:
    """Write the doubtful lines of an import; the file appears whole or not at all."""
    with replacing(out / DOUBTS) as file:
        for doubt in doubts:
            file.write(json.dumps(asdict(doubt), ensure_ascii=False) + "\n")


def read_doubts(out: Path) -> list[DoubtfulLine]:
    """Read the doubtful lines of an import; [] where it has none.

    Raises:
        InputError: the file is damaged; names the line.
    """
    file = out / DOUBTS
    return list(read_rows(file, _DOUBT_ROW, doubt_of)) if file.is_file() else []


@dataclass(frozen=True, slots=True)
class CutPage:
    """What a page gave: crops with their labels, what was left out or changed, what is doubtful."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    counts: Counts = field(default_factory=list)
    doubts: list[DoubtfulLine] = field(default_factory=list)


JOURNAL = "import.jsonl"

CUTTING = 2
"""Counted up when the same source is cut in another way: half of an import is not gone on in it."""


def key_of(
    source: Path,
    format: Format,
    images: Path | None,
    options: ImportOptions = AS_USUAL,
    *,
    mapping: Path | None = None,
    skip: Path | None = None,
) -> str:
    """Hash what an import is of: a journal of another source, or other options, is not gone on.

    Files are known by names, sizes and times.

    Args:
        skip: the folder that is written to, which may lie in the source.
    """
    parts = [format, str(real_path(source)), str(real_path(images) if images else "")]
    parts.append(json.dumps({"cutting": CUTTING, **asdict(options)}))
    if mapping is not None:
        parts.append(sha256_of(mapping))
    for file in walked(source, skip) if source.is_dir() else [source]:
        name = file.relative_to(source).as_posix() if source.is_dir() else file.name
        stat = file.lstat()
        parts.append(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode(errors="surrogateescape")).hexdigest()


_PAGE_ROW = RowKind(
    "the journal", "page of an unfinished import", "Remove the folder and import again."
)


def _page(content: dict[str, Any]) -> tuple[int, CutPage]:
    refuse_keys(content, frozenset({"page", "lines", "counts", "doubts"}))
    if not is_count(content["page"]):
        raise wrong("page", content["page"], "a whole number from 0 on")
    lines, counts = content["lines"], content["counts"]
    if type(lines) is not list or not all(
        type(line) is list and len(line) == 2 and is_path_below(line[0]) and type(line[1]) is str
        for line in lines
    ):
        raise wrong("lines", lines, "paths below the folder with their labels")
    if type(counts) is not list or not all(
        type(counted) is list and len(counted) == 2 and all(type(part) is str for part in counted)
        for counted in counts
    ):
        raise wrong("counts", counts, "reasons with their places")
    if unknown := [code for code, _ in counts if code not in IMPORT]:
        raise wrong("counts", unknown[0], "a reason of an import")
    doubts = content["doubts"]
    if type(doubts) is not list or not all(type(doubt) is dict for doubt in doubts):
        raise wrong("doubts", doubts, "a list of doubtful lines")
    return content["page"], CutPage(
        [(path, label) for path, label in lines],
        [(IMPORT[code], place) for code, place in counts],
        [doubt_of(doubt) for doubt in doubts],
    )


class Journal:
    """What each finished page gave, one JSON row a page, behind a row that names the import."""

    def __init__(self, out: Path, key: str) -> None:
        self._file, self._key, self._out = out / JOURNAL, key, out

    @property
    def is_there(self) -> bool:
        """Whether an import was begun and not finished."""
        return self._file.is_file()

    def read(self) -> dict[int, CutPage]:
        """Return what an earlier run finished; start the journal if there was none.

        Raises:
            InputError: the folder holds something else.
        """
        done: dict[int, CutPage] = {}
        if self._file.is_file():
            data = self._file.read_bytes()
            # A row that was cut by a kill goes, or the next one would be written behind it.
            whole = data[: data.rfind(b"\n") + 1]
            head, *rows = whole.decode(errors="replace").split("\n")
            wanted = json.dumps({"key": self._key})
            if not whole and wanted.encode().startswith(data):
                # The disk was full, or a kill came, before the first row was whole.
                self._file.unlink()
                self._append({"key": self._key})
                return done
            if head != wanted:
                raise InputError(
                    str(self._out),
                    "holds an unfinished import of another source, or with other options",
                    "Remove it or name another --out.",
                )
            if len(whole) < len(data):
                with self._file.open("r+b") as file:
                    file.truncate(len(whole))
            for number, row in enumerate(rows[:-1], 2):
                try:
                    page, cut = _page(parse_row(row))
                except RowError as error:
                    refuse(self._file, number, _PAGE_ROW, error)
                done[page] = cut
            return done
        if self._out.exists() and (not self._out.is_dir() or any(self._out.iterdir())):
            raise InputError(str(self._out), "is already there", "Remove it or name another --out.")
        self._out.mkdir(parents=True, exist_ok=True)
        self._append({"key": self._key})
        return done

    def add(self, page: int, cut: CutPage) -> None:
        """Append a page whose crops are all on the disk."""
        self._append(
            {
                "page": page,
                "lines": cut.lines,
                "counts": [(defect.code, place) for defect, place in cut.counts],
                "doubts": [asdict(doubt) for doubt in cut.doubts],
            }
        )

    def _append(self, row: dict[str, Any]) -> None:
        with self._file.open("a", encoding="utf-8", newline="\n") as out:
            out.write(json.dumps(row) + "\n")

    def remove(self) -> None:
        """Take the journal away, and the folder if nothing else is in it."""
        self._file.unlink(missing_ok=True)
        with suppress(OSError):
            self._out.rmdir()
