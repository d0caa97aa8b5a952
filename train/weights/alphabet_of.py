"""The dictionary of a model, held against the number of its classes."""

from pathlib import Path

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.dictionary_files import check_entries, read_entries
from train.networks.spec import NetworkSpec, dictionary_fault
from train.reading.model_names import WHEELS


def alphabet_of(
    where: str,
    spec: NetworkSpec,
    *,
    named: Path | None,
    beside: Path | None,
    within: tuple[str, ...],
    use_space_char: bool | None,
) -> Alphabet:
    """Choose the dictionary of a network and check its length.

    Args:
        where: the model, for messages.
        named: by the user; beats all others. beside: in the model's folder. within: the entries
            that the model's file holds.
        use_space_char: None takes what fits; PaddleOCR's models have a space.

    Raises:
        InputError: there is none, or it is of another length than the network; names the known
            one that fits.
    """
    place = named or (None if within else beside)
    if place is not None:
        entries, _ = read_entries(place)
        where = str(place)
    elif within:
        entries = within
        check_entries(where, entries)
    else:
        raise InputError(where, "has no dictionary with it", _known(spec))
    if not any(entries):
        raise InputError(where, "holds no entry", "Name a dictionary, one entry a line.")
    has_space = use_space_char
    if has_space is None:
        # One entry fewer than usual: trained with use_space_char off, or its space is an entry.
        has_space = len(entries) + 1 != spec.classes
    if 1 + len(entries) + has_space != spec.classes:
        raise dictionary_fault(where, len(entries), has_space, spec.classes)
    return Alphabet(tuple(entries), has_space)


def _known(spec: NetworkSpec) -> str:
    """Say where a dictionary of the network's length is on this machine, or what it is called."""
    for name in sorted(WHEELS):
        for wheel in WHEELS[name]:
            place = wheel.place()
            if place and place[1] and len(read_entries(place[1])[0]) + 2 == spec.classes:
                return f"Name it with --dictionary; of this length is {place[1]}."
    fault = dictionary_fault("", 0, True, spec.classes)
    return f"Name it with --dictionary. {fault.mend}"
