"""`folds.json`: what folds of the own lines found; `suspects.tsv`: labels they doubt."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from statistics import median, median_low
from typing import Annotated, Literal

from annotated_types import Ge, Le
from pydantic import Field

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.formats.contract import (
    Contract,
    Document,
    Record,
    check_version,
    read_document,
    validated,
)
from textlines.formats.judged_set import JudgedBy

FOLDS, SUSPECTS, SUSPECTS_PAGE = "folds.json", "suspects.tsv", "suspects.html"

VERSION = 1
"""Of `folds.json`. A record of another version is refused."""

KIND = Document("the folds", "a record of folds", "Train the folds again with `train fold`.")

Count = Annotated[int, Ge(0)]
Share = Annotated[float, Ge(0), Le(1)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class FoldRow(Contract):
    """One fold: its model was trained on all lines but these, and read these.

    Attributes:
        lines: that were held out and could be read. documents: that they are of.
        epoch: the best one, from 1; 0 where the base reads them best.
        alpha: weight of the tuned model that was best; 0 is the base.
        before, after: lines read right by the base, and by the blend.
    """

    lines: Count
    documents: Count
    epoch: Count
    alpha: Share
    before: Count
    after: Count


class SuspectFigures(Contract):
    """How many labels the folds doubt.

    Attributes:
        suspects: lines of which the model surely reads another text near the label.
        lines: that were looked at. low, high: Wilson's 95 % interval of the share.
    """

    suspects: Count
    lines: Count
    low: Share
    high: Share


class FoldsRecord(Record):
    """Folds of the own lines of a mix.

    Attributes:
        base: name of the base model.
        predictions_sha256: of `predictions.jsonl` beside it: what each own line was read as.
        mix_sha256: of `mix.json`. base_sha256: of the base's `model.toml`.
        own_sha256: of all own lines, each by the sha256 of its image and its label.
        lines: own lines, each once. unread: of them, crops that could not be read.
        epochs: of the course of the rate. epoch: median of the best ones. alpha: median.
        group: expression that named the documents; "" for none.
        comparison: by which readings were right.
        versions: of what trained and read.
    """

    version: Literal[1] = 1
    command: Literal["train fold"] = "train fold"
    base: str
    mix_sha256: Sha256
    base_sha256: Sha256
    own_sha256: Sha256
    predictions_sha256: Sha256
    lines: Count
    unread: Count
    epochs: Annotated[int, Ge(1)]
    folds: Annotated[tuple[FoldRow, ...], Field(min_length=2)]
    epoch: Count
    alpha: Share
    suspected: SuspectFigures
    group: str = ""
    comparison: JudgedBy = "exact"
    seed: int = 0
    versions: Mapping[str, str] = {}


def medians_of(rows: Iterable[FoldRow]) -> tuple[int, float]:
    """Return the medians of best epochs (of two middle ones the lower) and of alphas.

    >>> row = FoldRow(lines=1, documents=1, epoch=3, alpha=0.6, before=0, after=1)
    >>> medians_of([row, row.model_copy(update={"epoch": 6, "alpha": 1.0})])
    (3, 0.8)
    """
    found = list(rows)
    return median_low([row.epoch for row in found]), median([row.alpha for row in found])


def read_folds(path: Path) -> FoldsRecord:
    """Read `folds.json`, or that of a folder.

    Raises:
        InputError: it is not there, is damaged or of another version.
    """
    file = path / FOLDS if path.is_dir() else path
    if not file.is_file():
        raise InputError(
            str(path), f"holds no {FOLDS}: the folds are not finished", "Call `train fold` again."
        )
    content = read_document(file, KIND)
    check_version(content, file, KIND, VERSION)
    return validated(FoldsRecord, content, file, KIND)


HEADER = "rank\tsuspected\tdoubt\tlabel_score\tread_score\tpath\tlabel\treading"

_AGAIN = KIND.again


@dataclass(frozen=True, slots=True)
class SuspectRow:
    """One own line, by how much its label is doubted.

    Attributes:
        rank: from 1, the most doubted first. suspected: whether it counts as a suspect.
        doubt: what the ranking goes by; above 0 the label is likelier wrong than right.
        label_score, read_score: how sure the model is of the label and of its reading, 0..1, a
            character.
        path: as the label file of the own lines has it.
    """

    rank: int
    suspected: bool
    doubt: float
    label_score: float
    read_score: float
    path: str
    label: str
    reading: str


def write_suspects(path: Path, rows: Iterable[SuspectRow]) -> None:
    """Write all lines by rank, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(f"{HEADER}\n")
        for row in rows:
            figures = f"{row.doubt:.3f}\t{row.label_score:.4f}\t{row.read_score:.4f}"
            flag = "yes" if row.suspected else "no"
            out.write(f"{row.rank}\t{flag}\t{figures}\t{row.path}\t{row.label}\t{row.reading}\n")


def read_suspects(path: Path) -> Iterator[SuspectRow]:
    """Read the lines by rank.

    Raises:
        InputError: the file cannot be read, or a row is none; names it.
    """
    lines = read_text(path, "the file of suspects").split("\n")
    if lines[0] != HEADER:
        raise InputError(f"{path}:1", "is no file of suspects", _AGAIN)
    for number, line in enumerate(lines[1:], 2):
        if line:
            yield _row(line, f"{path}:{number}")


def _row(line: str, where: str) -> SuspectRow:
    columns = line.split("\t")
    try:
        rank, flag, doubt, label_score, read_score, path, label, reading = columns
        figures = float(doubt), float(label_score), float(read_score)
        if flag not in ("yes", "no") or not all(map(isfinite, figures)):
            raise ValueError
        return SuspectRow(int(rank), flag == "yes", *figures, path, label, reading)
    except ValueError as error:
        raise InputError(where, "is no row of suspects", _AGAIN) from error
