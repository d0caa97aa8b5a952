"""Label files read by a model: readings beside their labels."""

from dataclasses import dataclass
from pathlib import Path

from textlines.defects import of_readings
from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.labels.fitting import no_image, nothing_left
from textlines.labels.label_file import PLAIN, Dialect, LabelLine, read_labels
from textlines.labels.tally import Tally
from textlines.profile.reading import Reading
from textlines.progress import Watcher, unwatched
from textlines.wording.counts import count_of
from train.models.records import Turning
from train.reading.crop_reading import Elsewhere, ReadCrops, read_all, usable_cores
from train.reading.model_opening import Opened


@dataclass(frozen=True, slots=True)
class Labelled:
    """Crops that a model read, with their labels.

    Attributes:
        readings: of the crops that could be read, in the order of the labels.
        images: the folder that their paths start from.
        inputs: sha256 of label file, predictions and model, by name.
        versions: of what the readings depend on.
        labels: the label file.
        turning: whether crops were read in their turns too.
    """

    readings: tuple[Reading, ...]
    done: ReadCrops
    images: Path
    inputs: dict[str, str]
    versions: dict[str, str]
    labels: Path
    turning: Turning = "off"


def read_labelled(
    opened: Opened,
    labels: Path,
    tally: Tally,
    *,
    images: Path | None = None,
    turning: Turning = "off",
    out: Path | None = None,
    workers: int | None = None,
    strict: bool = False,
    dialect: Dialect = PLAIN,
    watch: Watcher = unwatched,
    elsewhere: Elsewhere | None = None,
) -> Labelled:
    """Read all crops of a label file.

    Args:
        tally: grows by what is left out: label lines, and crops as `crop_` and a key of
            `of_readings.CROP_FAULTS`.
        images: None takes the folder of the label file.
        turning: whether crops are read in their turns too.
        out: file for the predictions, in which a killed run goes on; None keeps them in memory.
        workers: threads; None takes all cores.
        strict: stop at the first label line, or after reading at crops, that are left out.
        dialect: how the label file departs from the form.
        elsewhere: as of `read_all`.

    Raises:
        InputError: the label file or its crops cannot be read, or (strict) something was left out.
    """
    folder = images or labels.parent
    if not folder.is_dir():
        raise InputError(str(folder), "is no folder", "Name the folder of the images.")
    lines = _each_once(labels, folder, tally, strict, dialect)
    if not lines:
        raise nothing_left(labels, tally, images=folder, dialect=dialect)
    if not any((folder / line.path).is_file() for line in lines):
        raise no_image(labels, folder, len(lines), dialect=dialect)
    done = read_all(
        opened,
        [line.path for line in lines],
        folder,
        workers=workers or usable_cores(),
        turning=turning,
        out=out,
        watch=watch,
        elsewhere=elsewhere,
    )
    readings = []
    for line, outcome in zip(lines, done.outcomes, strict=True):
        if not outcome.fault:
            readings.append(Reading(line.path, line.label, outcome.text, outcome.score))
            continue
        tally.add(of_readings.CROP_FAULTS[f"crop_{outcome.fault}"], line.path)
        if strict:
            what = of_readings.IMAGE_FAULTS[outcome.fault].what
            raise InputError(
                str(folder / line.path),
                f"{what} ({sum(done.faults().values()):,} of "
                f"{count_of(len(lines), 'crop')} could not be read)",
                "Mend it, or read without --strict.",
            )
    inputs = {labels.as_posix(): sha256_of(labels)}
    inputs |= {f"{opened.source.name}/{name}": known for name, known in opened.hashes.items()}
    if out:
        inputs[out.as_posix()] = sha256_of(out)
    versions = opened.versions() | ({} if turning == "off" else {"turn": turning})
    return Labelled(tuple(readings), done, folder, inputs, versions, labels, turning)


def _each_once(
    labels: Path, folder: Path, tally: Tally, strict: bool, dialect: Dialect
) -> list[LabelLine]:
    lines: dict[str, LabelLine] = {}
    for line in read_labels(labels, tally=tally, strict=strict, home=folder, dialect=dialect):
        if line.path in lines:
            tally.add(of_readings.REPEATED_LABEL, f"{labels}:{line.number}")
        else:
            lines[line.path] = line
    return list(lines.values())
