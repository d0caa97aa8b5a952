"""What a font file says of itself, its faces or why it cannot be used; many files at once.

Files that are known come from the user's cache, new ones are read on all cores. WOFF and WOFF2
are unpacked there first.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from synth.faces.breaking import composite_fault, mapped_fault
from synth.faces.font_face import Face, Kind, Trait, open_file
from synth.faces.font_tables import (
    InstancesError,
    Named,
    declaration_of,
    draws_pictures,
    leaning,
    named_instances,
    short_licence,
    traits_of,
    without_weight,
)
from synth.faces.handwriting import is_handwritten
from synth.faces.packed_fonts import NoBrotliError, is_packed, unpack, unpacked_path
from synth.faces.user_cache import cache_dir, read_json, write_json
from textlines.errors import MendError
from textlines.files import is_of_the_machine, raise_if_of_the_machine, read_regular
from textlines.formats.faces import Instance
from textlines.labels.canonical import name_of
from textlines.signals import signals_held, worker_pool
from textlines.wording.counts import count_of

Refusal = Literal[
    "empty",
    "truncated",
    "broken",
    "bitmap only",
    "no cmap",
    "pictures",
    "unreadable",
    "needs brotli",
]
"""Why a file gives no face."""

SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2"})

_A_LITTLE = 1 << 25
"""In bytes: memory that a machine has to spare which is not short of it."""
MOST_BYTES = 1 << 28
"""Of a font file. The largest collections of all of Han have 120 MB."""

_MAGIC = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")


class FaceRecord(BaseModel, frozen=True, defer_build=True):
    """One face as its file describes it. `declared`: characters, in order; None for none."""

    index: int
    family: str
    style: str
    licence: str
    kind: Kind = "text"
    declared: str | None = None
    traits: tuple[Trait, ...] = ()
    instance: Instance = ()


class FileRecord(BaseModel, frozen=True, defer_build=True):
    """One font file: its faces, or the reason for having none, with a word on it.

    sha256: of the file as it lies there. is_packed: it is drawn from its unpacked copy in the
    cache.
    """

    sha256: str = ""
    faces: tuple[FaceRecord, ...] = ()
    refusal: Refusal | None = None
    detail: str = ""
    is_packed: bool = False

    @property
    def is_lasting(self) -> bool:
        """Whether the record holds as long as its file does: nothing else is missing now."""
        if self.is_packed:
            return unpacked_path(self.sha256).is_file()
        return self.refusal != "needs brotli"

    def as_faces(self, path: Path) -> list[Face]:
        """Return the faces with the place where the file, or its unpacked copy, lies."""
        place = unpacked_path(self.sha256) if self.is_packed else path
        return [
            Face(
                path=place,
                index=record.index,
                sha256=self.sha256,
                family=record.family,
                style=record.style,
                licence=record.licence,
                declared=None if record.declared is None else frozenset(record.declared),
                kind=record.kind,
                traits=record.traits,
                instance=record.instance,
            )
            for record in self.faces
        ]


def read_font_file(path: Path) -> FileRecord:
    """Read names, licence and declaration of every face. Never raises for a bad file.

    Raises:
        MachineError: it may not be read, memory is short, or a library does not load.
    """
    try:
        data = read_regular(path, MOST_BYTES)
    except OSError as error:
        raise_if_of_the_machine(path, error)
        return FileRecord(refusal="unreadable", detail=error.strerror or "")
    if not data:
        return FileRecord(refusal="empty", detail="0 bytes")
    digest = hashlib.sha256(data).hexdigest()
    if is_packed(data):
        return _read_packed(path, data, digest)
    return _read_faces(path, data, digest)


def _read_packed(path: Path, data: bytes, digest: str) -> FileRecord:
    """Read a packed file by its unpacked copy, which is made in the cache."""
    try:
        place = unpack(data, digest, MOST_BYTES)
    except NoBrotliError as error:
        return FileRecord(refusal="needs brotli", detail=str(error))
    except MendError:
        raise
    except Exception as error:  # fontTools', as below
        raise_if_of_the_machine(path, error)
        return FileRecord(refusal="broken", detail=_named(error))
    record = _read_faces(place, read_regular(place, MOST_BYTES), digest)
    return record.model_copy(update={"is_packed": record.refusal is None})


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _read_faces(path: Path, data: bytes, digest: str) -> FileRecord:
    """Read the faces of a file that is not packed.

    Args:
        data: its content. digest: the sha256 that it is known by.
    """
    if not data.startswith(_MAGIC):
        return FileRecord(refusal="broken", detail="does not begin as a font does")
    from fontTools.ttLib import TTFont

    count = int.from_bytes(data[8:12], "big") if data.startswith(b"ttcf") else 1
    if not 1 <= count <= 256:
        return FileRecord(refusal="broken", detail=f"a collection of {count_of(count, 'face')}")
    records: list[FaceRecord] = []
    refused: FileRecord | None = None
    for index in range(count):
        try:
            with TTFont(path, fontNumber=index, lazy=True) as font:
                read = _read_face(font, path, index, len(data))
        # fontTools raises whatever a malformed table leads it to: struct.error, KeyError,
        # AssertionError, OverflowError; none of them may stop a scan of thousands of files.
        except Exception as error:
            raise_if_of_the_machine(path, error)
            read = FileRecord(refusal="broken", detail=_named(error))
        if isinstance(read, FileRecord):
            refused = refused or read
        else:
            records += read
    if records:
        return FileRecord(sha256=digest, faces=tuple(records))
    return refused or FileRecord(refusal="broken", detail="no face in it")


def _read_face(font: Any, path: Path, index: int, size: int) -> list[FaceRecord] | FileRecord:
    """Read one face of a file; of a variable font, each of its instances."""
    for tag, entry in font.reader.tables.items():
        if entry.offset + entry.length > size:
            return FileRecord(
                refusal="truncated",
                detail=f"table {tag} ends at byte {entry.offset + entry.length} of {size}",
            )
    lengths = {tag: entry.length for tag, entry in font.reader.tables.items()}
    if not any(lengths.get(tag, 0) for tag in ("glyf", "CFF ", "CFF2")):
        pictures = sorted(tag for tag in ("EBDT", "CBDT", "sbix", "bdat", "SVG ") if tag in lengths)
        return FileRecord(
            refusal="bitmap only", detail=f"no outlines, only {pictures or 'nothing'}"
        )
    mapped = mapped_fault(font.reader["cmap"]) if "cmap" in font else ""
    if mapped:
        return FileRecord(refusal="broken", detail=mapped)
    cmap = font.getBestCmap() if "cmap" in font else None
    if not cmap:
        return FileRecord(refusal="no cmap", detail="no table from Unicode to glyphs")
    if draws_pictures(font, cmap):
        return FileRecord(
            refusal="pictures", detail="its names for the glyphs of A-Z are not those of letters"
        )
    try:
        named = named_instances(font)
    except InstancesError as error:
        return FileRecord(refusal="broken", detail=str(error))
    # Before anything is drawn: FreeType unfolds what it is given.
    problem = _unfolds(font, cmap) or _breaks_at(path, index, named, sorted(cmap))
    if problem:
        return FileRecord(refusal="broken", detail=problem)
    names = font.get("name")

    def name(*ids: int) -> str:
        texts = (names.getDebugName(i) for i in ids) if names is not None else ()
        return next((text.strip() for text in texts if text and text.strip()), "")

    kind, declared = declaration_of(name(256))
    family, own_style = name(16, 1) or path.stem, name(17, 2) or "Regular"
    if not name(16):
        family, own_style = without_weight(family, own_style)
    traits = traits_of(font, family, is_handwritten(font, path, index))
    return [
        FaceRecord(
            index=index,
            family=family,
            style=style or own_style,
            licence=short_licence(name(13), name(14), name(0)),
            kind=kind,
            declared=declared,
            traits=leaning(traits, instance),
            instance=instance,
        )
        for instance, style in named
    ]


def _unfolds(font: Any, cmap: Mapping[int, str]) -> str:
    """Return which glyph is made of others without end, with its character; "" if none is."""
    if "glyf" not in font or "loca" not in font:
        return ""
    fault = composite_fault(font.reader["glyf"], font["loca"].locations)
    if fault is None:
        return ""
    name = font.getGlyphName(fault[0])
    code = next((code for code, glyph in sorted(cmap.items()) if glyph == name), None)
    return f"glyph {name}" + (f" of {name_of(chr(code))}" if code else "") + f" {fault[1]}"


def _breaks_at(path: Path, index: int, named: Sequence[Named], codes: list[int]) -> str:
    """Return at which instance a face cannot be drawn, and what went wrong; "" if all can."""
    for instance, style in named:
        problem = _cannot_draw(path, index, instance, codes)
        if problem:
            return f"{style}: {problem}" if style else problem
    return ""


def _cannot_draw(path: Path, index: int, instance: Instance, codes: list[int]) -> str:
    """Let FreeType open the face and draw a few glyphs; return what went wrong."""
    try:
        drawn = open_file(path, index, instance, 16)
    except (OSError, ValueError, MemoryError) as error:
        # A broken glyph may ask for more than there is; the machine is short where a little is
        # not to be had either.
        if isinstance(error, MemoryError):
            bytearray(_A_LITTLE)
        else:
            raise_if_of_the_machine(path, error)
        return f"FreeType: {error}"
    for code in codes[:: max(1, len(codes) // 5)]:
        if 0xD800 <= code <= 0xDFFF:
            continue
        try:
            drawn.getmask(chr(code))
        # Pillow's error for a picture that is too large is a bare Exception.
        except Exception as error:
            if is_of_the_machine(error) and not isinstance(error, MemoryError):
                raise
            return f"FreeType at {name_of(chr(code))}: {error}"
    return ""


Progress = Callable[[int, int], None]
"""Called with (files read, files to read)."""

_VERSION = "6"
# Starting processes costs as much as reading some twenty small fonts, or some of all of Han.
_FEW, _LITTLE_BYTES = 24, 32 << 20


def read_cached(
    paths: Sequence[Path], progress: Progress | None = None, workers: int = 0
) -> dict[Path, FileRecord]:
    """Read font files, those known by (path, size, mtime) from the cache; the cache is renewed."""
    place = cache_dir() / "faces.json"
    held = read_json(place, _VERSION)
    records: dict[Path, FileRecord] = {}
    stamps: dict[Path, list[int]] = {}
    new: list[Path] = []
    for path in dict.fromkeys(paths):
        try:
            status = path.stat()
            stamps[path] = [status.st_size, status.st_mtime_ns]
        except OSError:
            stamps[path] = [-1, -1]
        entry = held.get(str(path.absolute()))
        known = entry and entry[:2] == stamps[path] and FileRecord.model_validate(entry[2])
        if known and known.is_lasting:
            records[path] = known
        else:
            new.append(path)
    # The largest first: begun last, one of them would keep a single process busy at the end.
    new.sort(key=lambda path: -stamps[path][0])
    total = sum(max(stamps[path][0], 0) for path in new)
    for done, (path, record) in enumerate(_read_all(new, workers, total), 1):
        records[path] = record
        if progress is not None:
            progress(done, len(new))
    if new:
        for path in new:
            entry = [*stamps[path], records[path].model_dump(exclude_defaults=True)]
            held[str(path.absolute())] = entry
        write_json(place, _VERSION, held)
    return records


def _read_all(paths: Sequence[Path], workers: int, total: int) -> Iterator[tuple[Path, FileRecord]]:
    count = min(workers or os.cpu_count() or 1, len(paths))
    if count < 2 or (len(paths) < _FEW and total < _LITTLE_BYTES):
        for path in paths:
            yield path, read_font_file(path)
        return
    from concurrent.futures import BrokenExecutor

    left = list(paths)
    try:
        with worker_pool(count) as pool:
            with signals_held():
                records = pool.map(read_font_file, paths)
            for path, record in zip(paths, records, strict=True):
                yield path, record
                left.pop(0)
    except BrokenExecutor:
        # A font that kills its reader (FreeType, HarfBuzz) must not end the scan: each of the
        # rest is read in a process of its own, and the one that dies is counted as broken.
        for path in left:
            yield path, _read_apart(path)


def _read_apart(path: Path) -> FileRecord:
    from concurrent.futures import BrokenExecutor

    try:
        with worker_pool(1) as pool:
            with signals_held():
                answer = pool.submit(read_font_file, path)
            return answer.result()
    except BrokenExecutor:
        return FileRecord(refusal="broken", detail="reading it ends the process")
