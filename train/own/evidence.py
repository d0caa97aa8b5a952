"""What a model says of the label of a line that it was not trained on, beside its own reading."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from textlines.files import replacing
from textlines.formats.predictions import Turn
from textlines.formats.rows import RowKind, read_rows, refuse_keys, wrong
from textlines.labels.alphabet import Alphabet
from textlines.profile.suspects import Evidence
from train.reading.ctc import Line, nats_of, read_probabilities
from train.reading.engine import CtcEngine
from train.reading.turning import surest
from train.tuning.judging import StopLine
from train.tuning.judging_features import FeatureEngine

KIND = RowKind("the fold's evidence", "row of evidence", "Delete the fold's folder.")


def evidence_of(
    model: CtcEngine | FeatureEngine,
    base: CtcEngine | FeatureEngine,
    lines: Sequence[StopLine],
    workers: int,
) -> list[Evidence]:
    """Read lines by a fold's model and by the base.

    A crop that may lie turned is read as it would be in use; its label is heard in the turn that
    speaks for it most: a crop is no reason to doubt a label because it lies upside down.
    """

    def heard(line: StopLine) -> Evidence:
        ours = {turn: model.probabilities([crop])[0] for turn, crop in line.crops.items()}
        theirs = {turn: base.probabilities([crop])[0] for turn, crop in line.crops.items()}
        turn, read = _surest(ours, model.alphabet)
        base_turn, base_read = _surest(theirs, base.alphabet)
        return Evidence(
            line.path,
            line.label,
            read.text,
            read.score,
            min(nats_of(turned, [line.label], model.alphabet)[0] for turned in ours.values()),
            nats_of(ours[turn], [read.text], model.alphabet)[0],
            base_read.text,
            min(nats_of(turned, [line.label], base.alphabet)[0] for turned in theirs.values()),
            nats_of(theirs[base_turn], [read.text], base.alphabet)[0],
        )

    with ThreadPoolExecutor(workers, thread_name_prefix="evidence") as pool:
        return list(pool.map(heard, lines))


def _surest(
    probabilities: "Mapping[Turn, np.ndarray[Any, np.dtype[np.float32]]]", alphabet: Alphabet
) -> tuple[Turn, Line]:
    lines = {
        turn: read_probabilities(found[None], alphabet)[0] for turn, found in probabilities.items()
    }
    turn = surest(lines)
    return turn, lines[turn]


def write_evidence(path: Path, rows: Iterable[Evidence]) -> None:
    """Write a fold's evidence, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        for row in rows:
            out.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")


def read_evidence(path: Path) -> Iterator[Evidence]:
    """Read a fold's evidence.

    Raises:
        InputError: the file cannot be read, or a row is none.
    """
    return read_rows(path, KIND, _row)


_TEXTS = ("path", "label", "reading", "base_reading")


def _row(content: dict[str, Any]) -> Evidence:
    names = [one.name for one in fields(Evidence)]
    refuse_keys(content, frozenset(names))
    for name in names:
        value = content[name]
        if name in _TEXTS:
            if type(value) is not str:
                raise wrong(name, value, "text")
        elif type(value) not in (int, float) or not isfinite(value):
            raise wrong(name, value, "a number")
    return Evidence(**content)
