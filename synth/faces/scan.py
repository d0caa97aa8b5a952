"""Find faces: where they are looked for and in which order, what is new read, what fails counted.

Python packages with fonts inside are looked for too, those of the extras `fonts` and `scripts`
first of all. None of them is imported: `import trdg` prints to stdout and draws in
OpenCV, `import koreanize_matplotlib` changes matplotlib; only their folders are looked up.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from synth.assets import asset_dir
from synth.faces.font_catalogue import Catalogue, noted, read_catalogue
from synth.faces.font_face import Face
from synth.faces.font_files import SUFFIXES, Progress, read_cached
from synth.faces.font_packages import FOLDERS
from synth.faces.font_tables import is_known
from textlines.errors import InputError
from textlines.files import raise_unlisted, real_path


def package_font_dirs() -> list[tuple[str, Path]]:
    """List (distribution, folder with fonts) of what is installed, in order of the names.

    By the names of folders: to ask every installed distribution for its metadata takes longer
    than drawing a hundred lines.
    """
    folders: dict[str, Path] = {}
    for distribution, (name, below) in FOLDERS.items():
        package = package_dir(name)
        if package is not None and (package / below).is_dir():
            folders[distribution] = package / below
    for place in dict.fromkeys(sys.path):
        for path in Path(place or ".").glob("pylopdf_fonts_*/__init__.py"):
            folder = package_dir(path.parent.name)
            if folder is not None:
                folders[path.parent.name.replace("_", "-")] = folder
    return sorted(folders.items())


def package_dir(name: str) -> Path | None:
    """Find the folder of a top-level package without importing it; None when it is not there."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    places = list(spec.submodule_search_locations or ())
    if not places and spec.origin:
        places = [str(Path(spec.origin).parent)]
    return Path(places[0]) if places else None


USERS = frozenset({"--fonts", "fonts/", "OCR_FONT_DIRS"})
"""Names of the sources that a user has filled or named."""


class FontSource(NamedTuple):
    """One folder to look in. `name` says why: --fonts, fonts/, OCR_FONT_DIRS, a package, system."""

    name: str
    folder: Path


def named_sources(folders: Sequence[Path]) -> list[FontSource]:
    """Return the folders (or single files) of `--fonts`.

    Raises:
        InputError: one of them is not there.
    """
    for folder in folders:
        if not folder.exists():
            raise InputError(f"--fonts {folder}", "is not there", "Name a folder that holds fonts.")
    return [FontSource("--fonts", folder) for folder in folders]


def user_sources() -> list[FontSource]:
    """Return what a user filled on purpose: `fonts/`, then each folder of `$OCR_FONT_DIRS`.

    Raises:
        InputError: a folder of `$OCR_FONT_DIRS` is not there.
    """
    sources = [FontSource("fonts/", asset_dir("fonts"))]
    for part in os.environ.get("OCR_FONT_DIRS", "").split(os.pathsep):
        if part:
            folder = Path(part).expanduser()
            if not folder.is_dir():
                raise InputError(
                    f"OCR_FONT_DIRS={part}", "is not a folder", "Correct or unset the variable."
                )
            sources.append(FontSource("OCR_FONT_DIRS", folder))
    return sources


def machine_sources() -> list[FontSource]:
    """Return what is installed: font packages of Python, then the system's folders."""
    packages = [FontSource(name, folder) for name, folder in package_font_dirs()]
    return packages + [
        FontSource("system", folder) for folder in system_font_dirs() if folder.is_dir()
    ]


def system_font_dirs(platform: str = sys.platform) -> list[Path]:
    """List the folders in which this kind of system keeps its fonts, whether there or not."""
    home = Path.home()
    if platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if platform == "win32":
        windows = Path(os.environ.get("WINDIR", r"C:\Windows"))
        local = Path(os.environ.get("LOCALAPPDATA", str(home / "AppData/Local")))
        return [windows / "Fonts", local / "Microsoft/Windows/Fonts"]
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        data / "fonts",
        home / ".fonts",
    ]


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
    sources: tuple[tuple[FontSource, int], ...]

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
        progress: called for files that had to be read; cached ones are not counted.
        workers: processes for reading; 0 = one for each core.

    Raises:
        InputError: a folder is missing, or one named in `folders` holds no usable face.
    """
    notes = catalogue if catalogue is not None else read_catalogue()
    if folders:
        tiers = [named_sources(folders)]
    else:
        filled = groupby(user_sources(), key=lambda source: source.name)
        tiers = [*(list(sources) for _, sources in filled), machine_sources()]
    scan = FaceScan(faces=(), refused={}, details=(), sources=())
    for tier in tiers:
        scan = _scan(tier, licence, progress, workers, notes)
        if scan.faces:
            break
    if folders:
        _require_faces(scan)
    return scan


def _scan(
    sources: Sequence[FontSource],
    licence: str,
    progress: Progress | None,
    workers: int,
    notes: Catalogue,
) -> FaceScan:
    refused: Counter[str] = Counter()
    details: list[str] = []
    listed = [(source, list(_files(source.folder, refused))) for source in sources]
    records = read_cached([path for _, paths in listed for path in paths], progress, workers)
    by_id: dict[str, Face] = {}
    counts: list[tuple[FontSource, int]] = []
    for source, paths in listed:
        before = len(by_id)
        for path in paths:
            record = records[path]
            if record.refusal is not None:
                refused[record.refusal] += 1
                details.append(f"{path}: {record.refusal} ({record.detail})")
            for face in record.as_faces(path):
                note = notes.note(face.family)
                known = noted(face, note)
                if note is not None and note.pictures:
                    refused["pictures"] += 1
                elif known.id in by_id:
                    refused["duplicate"] += 1
                elif licence == "known" and not is_known(known.licence):
                    refused["unknown licence"] += 1
                else:
                    by_id[known.id] = known
        counts.append((source, len(by_id) - before))
    faces = tuple(by_id[key] for key in sorted(by_id))
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
        lines = [line for line in scan.details if line.startswith(str(source.folder))]
        held = ", ".join(f"{n} {reason}" for reason, n in scan.refused.items()) or "no file"
        raise InputError(
            f"{source.name} {source.folder}",
            f"holds no usable font: {held}" + (f"; first {lines[0]}" if lines else ""),
            "Put .ttf, .otf, .ttc, .otc, .woff or .woff2 files there, or name another folder.",
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
