"""Find faces: walk the folders, read what is new, count what cannot be used."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from synth.faces.font_catalogue import Catalogue, Note, read_catalogue
from synth.faces.font_face import HANDWRITTEN, Face
from synth.faces.font_files import SUFFIXES, Progress, read_cached
from synth.faces.font_tables import is_known
from synth.faces.sources import USERS, Source, machine_sources, named_sources, user_sources
from textlines.errors import InputError
from textlines.files import raise_unlisted, real_path


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceScan:
    """What a scan found.

    Attributes:
        faces: in order of their ids, each once.
        refused: how many files or faces were left out, by reason; "duplicate" is a file that
            is there twice, "unknown licence" a face left out by `--fonts-licence known`,
            "pictures" a face that the catalogue says holds no letters.
        details: "path: reason (what)" of the files that look like fonts and are none.
        sources: the folders looked in, with the number of faces from each.
    """

    faces: tuple[Face, ...]
    refused: dict[str, int]
    details: tuple[str, ...]
    sources: tuple[tuple[Source, int], ...]

    @property
    def is_of_machine(self) -> bool:
        """Whether all folders were looked in unasked: packages and the system's."""
        return not {source.name for source, _ in self.sources} & USERS


def find_faces(
    folders: Sequence[Path] = (),
    *,
    licence: str = "any",
    progress: Progress | None = None,
    workers: int = 0,
    catalogue: Catalogue | None = None,
) -> FaceScan:
    """Find the faces to draw with.

    `folders` (`--fonts`) are used alone when given. Else a user's own: `fonts/`, and after it the
    folders of `$OCR_FONT_DIRS` together; whichever of the two is the first to hold faces is used
    alone, so that what a data set looks like does not hang on the machine. Else the packages and
    the system's.

    Args:
        licence: "any", or "known" to leave out faces whose licence is not recognised.
        progress: told of files that had to be read; cached ones are not counted.
        workers: processes for reading; 0 = one for each core.

    Raises:
        InputError: a folder is missing, or one named in `folders` holds no usable face.
    """
    notes = catalogue if catalogue is not None else read_catalogue()
    if folders:
        tiers = [named_sources(folders)]
    else:
        own = groupby(user_sources(), key=lambda source: source.name)
        tiers = [*(list(sources) for _, sources in own), machine_sources()]
    scan = FaceScan(faces=(), refused={}, details=(), sources=())
    for tier in tiers:
        scan = _scan(tier, licence, progress, workers, notes)
        if scan.faces:
            break
    if folders:
        _require_faces(scan)
    return scan


def _scan(
    sources: Sequence[Source],
    licence: str,
    progress: Progress | None,
    workers: int,
    notes: Catalogue,
) -> FaceScan:
    refused: Counter[str] = Counter()
    details: list[str] = []
    listed = [(source, list(_files(source.folder, refused))) for source in sources]
    records = read_cached([path for _, paths in listed for path in paths], progress, workers)
    found: dict[str, Face] = {}
    counts: list[tuple[Source, int]] = []
    for source, paths in listed:
        before = len(found)
        for path in paths:
            record = records[path]
            if record.refusal is not None:
                refused[record.refusal] += 1
                details.append(f"{path}: {record.refusal} ({record.detail})")
            for face in record.as_faces(path):
                note = notes.note(face.family)
                noted = _noted(face, note)
                if note is not None and note.pictures:
                    refused["pictures"] += 1
                elif noted.id in found:
                    refused["duplicate"] += 1
                elif licence == "known" and not is_known(noted.licence):
                    refused["unknown licence"] += 1
                else:
                    found[noted.id] = noted
        counts.append((source, len(found) - before))
    faces = tuple(found[key] for key in sorted(found))
    return FaceScan(
        faces=faces,
        refused=dict(sorted(refused.items())),
        details=tuple(sorted(details)),
        sources=tuple(counts),
    )


def _require_faces(scan: FaceScan) -> None:
    for source, count in scan.sources:
        if count or scan.refused.get("duplicate"):
            continue
        own = [line for line in scan.details if line.startswith(str(source.folder))]
        held = ", ".join(f"{n} {reason}" for reason, n in scan.refused.items()) or "no file"
        raise InputError(
            f"{source.name} {source.folder}",
            f"holds no usable font: {held}" + (f"; first {own[0]}" if own else ""),
            "Put .ttf, .otf, .ttc or .otc files there, or name another folder.",
        )


def _files(folder: Path, refused: Counter[str]) -> Iterator[Path]:
    """List font files by suffix, in order of their paths; all else is counted."""
    if folder.is_file():
        yield folder
        return
    for root, below, names in os.walk(folder, onerror=raise_unlisted, followlinks=True):
        below.sort()
        if Path(root).is_symlink() and real_path(root) in Path(root).absolute().parents:
            below.clear()  # a link to a folder above it would never end
            continue
        for name in sorted(names):
            # A hidden file is no font of anybody's: `._Sans.ttf` is what macOS leaves beside one.
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                yield Path(root, name)
            else:
                refused["not a font"] += 1


def _noted(face: Face, note: Note | None) -> Face:
    """Add what the catalogue knows; what the file says of itself goes before it."""
    if note is None:
        return face
    declared = face.declared
    if declared is None and note.declared is not None:
        declared = frozenset(note.declared)
    traits = face.traits
    if note.handwritten and HANDWRITTEN not in traits:
        traits = (*traits, HANDWRITTEN)
    return replace(
        face,
        traits=traits,
        kind=note.kind if face.kind == "text" else face.kind,
        licence=face.licence if is_known(face.licence) or not note.licence else note.licence,
        declared=declared,
        weight=note.weight,
        design=note.design,
    )
