"""Which lines were rendered: by the manifests that `synth generate` leaves beside its images."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from balance.checks.sets import LineSet
from textlines.errors import InputError
from textlines.labels.label_file import LabelLine
from textlines.labels.run_record import RunRecord


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered line: the folder of its run, its text, and the sha256 of its face."""

    line: LabelLine
    folder: str
    text: str
    face: str


def rendered_lines(line_set: LineSet) -> Iterator[Rendered]:
    """Find the rendered lines of a set.

    A line is rendered when its image lies in or below a folder with a `manifest.jsonl` that names
    it, or with a `run.json` of `synth`. The folders from the data folder down to the image are
    asked; links are followed, so that a mix of links counts too.
    """
    for line in line_set.lines:
        place = PurePosixPath(line_set.image(line))
        found = _find(place, line_set.images)
        if found is None and Path(place).is_symlink():
            real = Path(place).resolve()
            found = _find(PurePosixPath(real), Path(real.anchor))
        if found is not None:
            folder, (text, face) = found
            yield Rendered(line, folder, text or line.label, face)


def _find(image: PurePosixPath, root: Path) -> tuple[str, tuple[str, str]] | None:
    top = PurePosixPath(root)
    for folder in image.parents:
        run = _run_of(str(folder))
        if run is not None:
            name = str(image.relative_to(folder))
            if name in run.lines or run.is_whole:
                return str(folder), run.lines.get(name, ("", ""))
        if folder == top:
            break
    return None


@dataclass(frozen=True, slots=True)
class _Run:
    """A folder's manifest: (text, face) by image; `is_whole`: every image below is of the run."""

    lines: dict[str, tuple[str, str]]
    is_whole: bool


@lru_cache(maxsize=4096)
def _run_of(folder: str) -> _Run | None:
    """Read what a folder's manifests tell; None for a folder without any."""
    manifest, record = Path(folder, "manifest.jsonl"), Path(folder, "run.json")
    is_whole = False
    if record.is_file():
        try:
            is_whole = RunRecord.read(record).command.startswith("synth")
        except InputError:  # another program's run.json
            is_whole = False
    if not manifest.is_file():
        return _Run({}, is_whole) if is_whole else None
    lines: dict[str, tuple[str, str]] = {}
    with manifest.open(encoding="utf-8", errors="replace") as rows:
        for row in rows:
            try:
                content = json.loads(row)
                face = content["face"]["sha256"]
                lines[str(content["image"])] = (str(content["text"]), str(face))
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # a manifest of another kind, or a row that was cut
    return _Run(lines, is_whole) if lines or is_whole else None
