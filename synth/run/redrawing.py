"""One sample of a finished or unfinished run, drawn again from the run's own files."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from synth.faces.display import display_faces
from synth.faces.font_face import Face
from synth.faces.scan import find_faces
from synth.rendering.sample import Setup
from synth.rendering.style import Style
from synth.run.plan_files import PlanFiles
from textlines.errors import InputError, UsageError
from textlines.files import replacing_bytes, sha256_of
from textlines.formats.contract import validated
from textlines.formats.line_boxes import mask_path
from textlines.formats.plan_rows import PlanRow
from textlines.formats.run_record import KIND, RECORD, RunRecord, plan_identity, read_run
from textlines.wording.counts import count_of


class Redrawn(NamedTuple):
    """The file written, its sha256, and whether the same bytes stood in the folder before."""

    path: Path
    sha256: str
    was_there: bool


def redraw_sample(
    folder: Path, index: int, fonts: Sequence[Path], backgrounds: Path | None, out: Path | None
) -> Redrawn:
    """Draw one sample again.

    Raises:
        InputError: the folder holds no run, a face or the photos are not at hand, or the bytes
            differ from the image that stands in the folder.
        UsageError: the run has no such sample.
    """
    record = read_run(folder)
    row = _row(folder, index, record)
    recorded = validated(RecordedLook, _used(record), folder / RECORD, KIND)
    setup = Setup(
        style=recorded.style,
        faces=_faces({row.face, *(part.face for part in row.parts)}, fonts),
        photos=backgrounds,
        seed=recorded.seed,
        distractor_weight=recorded.distractor_weight,
        plan=plan_identity(record),
        masks=recorded.masks,
    )
    _same_photos(setup, recorded.photos, backgrounds)
    sample = setup.engine().sample(row)
    there = folder / sample.record["image"]
    was_there = there.exists()
    if was_there:
        old = sha256_of(there)
        if old != sample.record["sha256"]:
            versions = ", ".join(f"{name} {v}" for name, v in sorted(record.versions.items()))
            raise InputError(
                str(there),
                f"differs from sample {index} as drawn now",
                f"The run was drawn with {versions}; or the image was changed since.",
            )
    if recorded.masks and out is None:
        _restore_mask(folder / mask_path(sample.record["image"]), sample.mask, index)
    path = out or there
    if path != there or not was_there:
        with replacing_bytes(path) as file:
            file.write(sample.data)
    return Redrawn(path, sample.record["sha256"], was_there)


def _restore_mask(path: Path, mask: bytes, index: int) -> None:
    """Write the mask of a sample where it is missing.

    Raises:
        InputError: another one is there.
    """
    if not path.exists():
        with replacing_bytes(path) as file:
            file.write(mask)
    elif sha256_of(path) != sha256(mask).hexdigest():
        raise InputError(
            str(path),
            f"differs from the ink of sample {index} as drawn now",
            "Remove it and call again.",
        )


class RecordedLook(BaseModel, frozen=True):
    """What a run's configuration holds of how its samples are drawn; all else is for the plan."""

    style: Style
    seed: int
    distractor_weight: float
    photos: tuple[Any, ...]
    masks: bool = False


def _used(record: RunRecord) -> dict[str, Any]:
    return {
        key: record.configuration[key]
        for key in RecordedLook.model_fields
        if key in record.configuration
    }


def _row(folder: Path, index: int, record: RunRecord) -> PlanRow:
    files = PlanFiles(folder, record)
    with closing(files):
        return files.row(index)


def _faces(wanted: set[str], fonts: Sequence[Path]) -> tuple[Face, ...]:
    """Find the faces of a row. Fonts are only looked for if one is none of our display faces.

    A plan from before instances were drawn names a variable font by file and number alone: it was
    drawn at the default of its axes, as it is here.
    """
    ours = tuple(face for face in display_faces() if face.id in wanted)
    if len(ours) == len(wanted):
        return ours
    faces = (*ours, *find_faces(fonts).faces)
    if wanted <= {face.id for face in faces}:
        return faces
    return tuple(replace(face, instance=()) for face in faces)


def _same_photos(setup: Setup, photos: Sequence[Any], backgrounds: Path | None) -> None:
    wanted = list(photos)
    if wanted and backgrounds is None:
        raise UsageError(
            "--backgrounds",
            f"is missing; the run used {count_of(len(wanted), 'photo')}",
            "Name their folder.",
        )
    if setup.identity()["photos"] != wanted:
        raise UsageError(f"--backgrounds {backgrounds}", "holds other photos than the run used", "")
