"""A dictionary of other entries: known rows of the last layer are copied, new ones begun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from textlines.errors import UsageError
from textlines.labels.alphabet import Alphabet
from train.models.base_folder import Tensors
from train.networks.graph_spec import Spec

WEIGHT, BIAS = "head.fc.weight", "head.fc.bias"

BELOW = 1.0
"""Logits that a new row stands below the one it was copied from, so that what was read before is
read so still; a few steps of training are enough to lift it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A network with another last layer.

    Attributes:
        copied: rows of entries that both dictionaries hold, with blank and space.
        started: new entries by the entry that they start from; "" for none.
        dropped: entries that only the old dictionary holds.
    """

    spec: Spec
    tensors: Tensors
    copied: int
    started: Mapping[str, str]
    dropped: tuple[str, ...]


def parse_rows(values: Sequence[str]) -> dict[str, str]:
    """Read `NEW=OLD` pairs; the first "=" behind the first character parts them.

    Raises:
        UsageError: a value has no two parts.

    >>> parse_rows(["₩=W", "==-"])
    {'₩': 'W', '=': '-'}
    """
    found = {}
    for value in values:
        new, equals, old = value[:1] + value[1:].partition("=")[0], *value[1:].partition("=")[1:]
        if not equals or not new or not old:
            raise UsageError(f"--row-from {value}", "is not NEW=OLD", "Write --row-from ₩=W.")
        found[new] = old
    return found


def with_dictionary(
    spec: Spec,
    tensors: Tensors,
    old: Alphabet,
    new: Alphabet,
    starts: Mapping[str, str],
) -> Changed:
    """Give a network the last layer of another dictionary.

    Args:
        starts: entries of the old dictionary that new ones start from. Others start as a row
            that is never chosen.

    Raises:
        UsageError: a start names an entry that its dictionary does not hold.
    """
    own = _classes(old)
    for entry, start in starts.items():
        if entry not in _classes(new):
            raise UsageError(
                f"--row-from {entry}={start}", f"{entry!r} is not in the new dictionary", ""
            )
        if start not in own:
            raise UsageError(
                f"--row-from {entry}={start}", f"{start!r} is not in the model's dictionary", ""
            )
    weight, bias = tensors[WEIGHT], tensors[BIAS]
    made_weight = np.zeros((weight.shape[0], new.classes), np.float32)
    made_bias = np.full(new.classes, float(bias.min()) - BELOW, np.float32)
    made_weight[:, 0], made_bias[0] = weight[:, 0], bias[0]
    copied, started = 1, {}
    encoded, before = _classes(new), _entries(old)
    for number, entry in enumerate(_entries(new), 1):
        source = own.get(entry, 0)
        # Of equal entries the last is what labels encode to, and takes the row. A second row like
        # it would share its probability: an earlier one keeps a row of its own, or is never chosen.
        is_encoded = encoded[entry] == number
        if not is_encoded:
            was_here = before[number - 1 : number] == (entry,) and source != number
            source = number if was_here else 0
        if source:
            made_weight[:, number], made_bias[number] = weight[:, source], bias[source]
            copied += 1
        if source or not is_encoded:
            continue
        start = starts.get(entry, "")
        started[entry] = start
        if start:
            made_weight[:, number] = weight[:, own[start]]
            made_bias[number] = bias[own[start]] - BELOW
    held = set(_entries(new))
    return Changed(
        spec=spec.with_classes(new.classes) if spec.classes != new.classes else replace(spec),
        tensors={**tensors, WEIGHT: made_weight, BIAS: made_bias},
        copied=copied,
        started=started,
        dropped=tuple(entry for entry in _entries(old) if entry not in held),
    )


def _entries(alphabet: Alphabet) -> tuple[str, ...]:
    return (*alphabet.entries, *([" "] if alphabet.use_space_char else []))


def _classes(alphabet: Alphabet) -> dict[str, int]:
    """Map entries, as they are, to classes; of equal ones the last, which labels encode to."""
    return {entry: number for number, entry in enumerate(_entries(alphabet), 1)}
