"""What a model says of the label of a line that it was not trained on, beside its own reading."""

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from textlines.files import replacing
from textlines.formats.rows import RowKind, read_rows, refuse_keys, wrong
from textlines.labels.alphabet import Alphabet
from textlines.pixels.arrays import Image
from textlines.profile.suspects import UNREADABLE_NATS, Evidence
from train.reading.ctc import Line, read_probabilities
from train.reading.engine import CtcEngine
from train.tuning.ctc_states import States, ctc_states

KIND = RowKind("the fold's evidence", "row of evidence", "Delete the fold's folder.")


def nats_of(
    probabilities: "np.ndarray[Any, np.dtype[np.float32]]", text: str, alphabet: Alphabet
) -> float:
    """Return the CTC loss of a text: minus the logarithm of its probability.

    Args:
        probabilities: T x classes, of one line.
    """
    if not alphabet.holds(text):
        return UNREADABLE_NATS
    ids = alphabet.encode(text)
    logs = np.log(np.maximum(probabilities.astype(np.float64), 1e-12))
    if not ids:
        return float(-logs[:, 0].sum())
    states = States.of([ids])
    losses, _ = ctc_states(logs[None, :, states.classes[0]], states)
    return float(min(losses[0], UNREADABLE_NATS))


def evidence_of(
    model: CtcEngine,
    base: CtcEngine,
    lines: Sequence[tuple[str, str, Image]],
    workers: int,
) -> list[Evidence]:
    """Read lines by a fold's model and by the base.

    Args:
        lines: path, label, and crop at height 48.
    """

    def one(line: tuple[str, str, Image]) -> Evidence:
        path, label, crop = line
        ours = model.probabilities([crop])
        theirs = base.probabilities([crop])
        read: Line = read_probabilities(ours, model.alphabet)[0]
        return Evidence(
            path,
            label,
            read.text,
            read.score,
            nats_of(ours[0], label, model.alphabet),
            nats_of(ours[0], read.text, model.alphabet),
            read_probabilities(theirs, base.alphabet)[0].text,
            nats_of(theirs[0], label, base.alphabet),
            nats_of(theirs[0], read.text, base.alphabet),
        )

    with ThreadPoolExecutor(workers, thread_name_prefix="evidence") as pool:
        return list(pool.map(one, lines))


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
