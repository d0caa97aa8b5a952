"""From prediction files and marks to a measured profile."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from platform import python_version
from typing import Literal, get_args
from unicodedata import unidata_version

from textlines.defects import of_readings
from textlines.errors import InputError
from textlines.files import read_text, sha256_of
from textlines.formats.folds import FOLDS, FoldsRecord, read_folds
from textlines.formats.history import TRAINED, History, Step
from textlines.formats.reading_rules import RuleSearch
from textlines.installing import installed_versions
from textlines.labels.alphabet import Alphabet
from textlines.labels.coverage import refuse_other_labels
from textlines.labels.dictionary_files import entries_file
from textlines.labels.label_file import PLAIN, Dialect, read_labels
from textlines.labels.label_paths import normal_path
from textlines.labels.tally import Tally
from textlines.profile.glyphs import glyphs_at_hand
from textlines.profile.han import is_han
from textlines.profile.measure import Measurement, Origin, measure
from textlines.profile.reading import Reading
from textlines.wording.counts import count_of
from train.judging.prediction_files import (
    PredictionFile,
    read_matched,
    refuse_left_out,
    refuse_no_reading,
)
from train.reading.turned_crops import TurnedCrops
from train.seen import digests_of

Mark = Literal["label_wrong", "ignore", "real"]
"""The label is wrong; the crop is to be left out; the label is right and the model wrong."""

MARKS: tuple[Mark, ...] = get_args(Mark)

HEADER = "path\tmark"


def read_marks(path: Path) -> dict[str, Mark]:
    """Read marks: `path<TAB>mark` a line, with or without the header.

    Raises:
        InputError: the file cannot be read, a line has other columns or an unknown mark, or two
            lines disagree; names the line.
    """
    marks: dict[str, Mark] = {}
    for number, line in enumerate(read_text(path, "the file of marks").split("\n"), 1):
        line = line.removesuffix("\r")
        if not line.strip() or (number == 1 and line == HEADER):
            continue
        where = f"{path}:{number}"
        image, tab, word = line.partition("\t")
        if not tab or not image or "\t" in word:
            raise InputError(where, "is not path<TAB>mark", "Save the marks again.")
        mark = next((mark for mark in MARKS if mark == word.strip()), None)
        if mark is None:
            raise InputError(
                where, f"holds the unknown mark {word!r}", f"Marks are {', '.join(MARKS)}."
            )
        name = normal_path(image.replace("\\", "/"))
        if marks.setdefault(name, mark) != mark:
            raise InputError(
                where, f"marks {name} as {mark}, an earlier line as {marks[name]}", "Keep one."
            )
    return marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The files that a profile is made of; None where there is none."""

    predictions: Path
    labels: Path | None = None
    dictionary: Path | None = None
    marks: Path | None = None
    images: Path | None = None
    dialect: Dialect = PLAIN
    """Of the label file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsToMine:
    """Readings, wherever they come from, and what is to be recorded of that.

    Attributes:
        place: what they came from, for messages.
        images: the folder that their paths start from.
        alphabet: None assumes one from what labels and readings hold.
        inputs: sha256 by name. versions: beyond those of what makes the profile.
        turned: what turning crops is about.
        out_of_fold: folds that the readings are of; 0 for none.
    """

    readings: Sequence[Reading]
    place: Path
    images: Path
    alphabet: Alphabet | None = None
    model: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    turned: TurnedCrops | None = None
    out_of_fold: int = 0


@dataclass(frozen=True, slots=True)
class Mined:
    """A measured profile, and what is needed to show it.

    Attributes:
        marked_out: lines that a mark keeps out of the figures.
        marks: by path, all of the file.
        tally: what was left out, changed or matched loosely.
        images: the folder that the paths start from. paths: of all lines, marked or not.
        readings: those that were measured.
        turned: what turning crops is about; None where no model read them.
    """

    measurement: Measurement
    marked_out: tuple[Reading, ...]
    marks: Mapping[str, Mark]
    tally: Tally
    images: Path
    paths: tuple[str, ...]
    readings: tuple[Reading, ...]
    turned: TurnedCrops | None = None

    def with_rules(self, rules: RuleSearch | None) -> "Mined":
        """Return it with what rules would gain in its profile."""
        profile = self.measurement.profile.model_copy(update={"rules": rules})
        return replace(self, measurement=replace(self.measurement, profile=profile))


def mine(
    sources: Sources,
    *,
    use_space_char: bool | None = None,
    max_text_length: int = 25,
    model: str = "",
    strict: bool = False,
) -> Mined:
    """Read all sources, match them and measure.

    Raises:
        UsageError: the predictions bring no label and no label file is named.
        InputError: a file cannot be used, no line is left, or (strict) one was left out.
    """
    if sources.images and not sources.images.is_dir():
        raise InputError(str(sources.images), "is no folder", "Name the folder of the images.")
    tally = Tally()
    alphabet = Alphabet.read(sources.dictionary, use_space_char) if sources.dictionary else None
    matched = read_matched(
        sources.predictions,
        sources.labels,
        sources.images,
        tally,
        strict=strict,
        dialect=sources.dialect,
    )
    folds = folds_beside(sources.predictions)
    source = ReadingsToMine(
        readings=matched.readings,
        place=sources.predictions,
        images=matched.images,
        alphabet=alphabet,
        model=model or (folds.base if folds else ""),
        inputs=_hashes(sources, matched.file),
        out_of_fold=len(folds.folds) if folds else 0,
    )
    if alphabet and sources.dictionary:
        labels = [reading.label for reading in source.readings]
        refuse_other_labels(str(sources.dictionary), alphabet, labels)
    return mine_readings(
        source, tally, marks=sources.marks, max_text_length=max_text_length, strict=strict
    )


def mine_readings(
    source: ReadingsToMine,
    tally: Tally,
    *,
    marks: Path | None = None,
    max_text_length: int = 25,
    strict: bool = False,
) -> Mined:
    """Obey the marks, and measure.

    Args:
        tally: what was met on the way to the readings; grows.
        marks: a file of marks.

    Raises:
        InputError: no line is left, or (strict) one was left out.
    """
    known = read_marks(marks) if marks else {}
    readings = source.readings
    paths = {reading.path for reading in readings}
    for path in known:
        if path not in paths:
            tally.add(of_readings.UNMATCHED_MARK, path)
    if strict:
        refuse_left_out(tally, source.place, command="mine")
    refuse_no_reading(readings, tally, source.place)
    kept = [r for r in readings if known.get(r.path) not in ("label_wrong", "ignore")]
    counted = Counter[str](mark for path, mark in known.items() if path in paths)
    glyphs = glyphs_at_hand()
    if glyphs is None and (apart := sum(map(_misreads_han, kept))):
        tally.add(of_readings.HAN_APART, count=apart)
    measurement = measure(
        kept,
        source.alphabet,
        max_text_length=max_text_length,
        real=frozenset(path for path, mark in known.items() if mark == "real"),
        origin=Origin(
            model=source.model,
            inputs=source.inputs,
            versions={**_versions(), **source.versions},
            marks=dict(counted),
            counts=tally.as_dict() | _turned(source.turned),
            out_of_fold=source.out_of_fold,
        ),
        glyphs=glyphs,
    )
    out = tuple(r for r in readings if known.get(r.path) in ("label_wrong", "ignore"))
    every = tuple(reading.path for reading in readings)
    return Mined(
        measurement=measurement,
        marked_out=out,
        marks=known,
        tally=tally,
        images=source.images,
        paths=every,
        readings=tuple(kept),
        turned=source.turned,
    )


def _misreads_han(reading: Reading) -> bool:
    """Whether a line is misread whose label holds Han characters."""
    return reading.prediction != reading.label and any(map(is_han, reading.label))


def _turned(turned: TurnedCrops | None) -> dict[str, int]:
    """Count the crops that lie turned, for the profile: as what they were read."""
    if turned is None or not turned.crops:
        return {}
    return {"read_turned" if turned.turning == "auto" else "lies_turned": len(turned.crops)}


def _hashes(sources: Sources, file: PredictionFile) -> dict[str, str]:
    """Hash the sources by the names that the user gave them; a folder by its files."""
    named = [path for path in (sources.labels, sources.marks) if path]
    hashes = {path.as_posix(): sha256_of(path) for path in named}
    if sources.dictionary:
        # Of a training YAML, the hash of the dictionary that it names.
        hashes[sources.dictionary.as_posix()] = sha256_of(entries_file(sources.dictionary))
    return {sources.predictions.as_posix(): _hash(sources.predictions, file.files)} | hashes


def _hash(named: Path, files: Sequence[Path]) -> str:
    if not named.is_dir():
        return sha256_of(named)
    lines = (f"{sha256_of(file)}  {file.relative_to(named).as_posix()}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _versions() -> dict[str, str]:
    return {
        "python": python_version(),
        "unicodedata": unidata_version,
        **installed_versions(("ocr-mend", "rapidfuzz", "regex")),
    }


def folds_beside(predictions: Path) -> FoldsRecord | None:
    """Return the record of the folds that left these predictions; None for any others.

    Raises:
        InputError: the record beside them is damaged.
    """
    record = predictions.parent / FOLDS
    if not predictions.is_file() or not record.is_file():
        return None
    folds = read_folds(record)
    return folds if folds.predictions_sha256 == sha256_of(predictions) else None


def refuse_trained(
    history: History, labels: Path, images: Path | None, dialect: Dialect = PLAIN
) -> None:
    """Refuse lines that a model was trained on, in whichever round.

    Args:
        history: of the model. images: the folder that paths start from; None takes that of the
            label file. dialect: how that departs from the form.

    Raises:
        InputError: there are some; names the step and the way out.
    """
    folder = images or labels.parent
    lines = read_labels(labels, tally=Tally(), need_label=False, home=folder, dialect=dialect)
    paths = list(dict.fromkeys(line.path for line in lines))
    trained = trained_on(history, [folder / path for path in paths])
    if trained is None:
        return
    step, count = trained
    raise InputError(
        str(labels),
        f"holds {count:,} of {count_of(len(paths), 'image')} that the model was trained on "
        f"({step.step}, round {step.round}): it remembers them",
        "Read them out of fold (`train fold`, then `train mine --predictions "
        "FOLDS/predictions.jsonl`), name other lines, or mine them all the same: --allow-seen.",
    )


def trained_on(history: History, images: Sequence[Path]) -> tuple[Step, int] | None:
    """Return the step that trained on most of some images, and on how many; None for none."""
    digests, _ = digests_of(images)
    seen = [
        (step, count)
        for step, count in history.saw_images(digests)
        if step.step.startswith(TRAINED)
    ]
    return max(seen, key=lambda row: row[1], default=None)
