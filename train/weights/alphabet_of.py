"""The dictionary of a model, held against the number of its classes."""

from pathlib import Path

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.dictionary_files import DictionaryFile, check_entries, read_dictionary
from textlines.labels.dictionary_kinds import ONE_A_LINE
from train.networks.graph_spec import Spec
from train.networks.spec import dictionary_fault
from train.reading.fitting import fitted
from train.reading.model_names import WHEELS


def alphabet_of(
    where: str,
    spec: Spec,
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
        use_space_char: None takes what the number of classes tells.

    Raises:
        InputError: there is none, or it is of another length than the network (names the known
            one that fits), or says otherwise of the space than the classes do.
    """
    place = named or (None if within else beside)
    if place is not None:
        return fitted(str(place), read_dictionary(place), spec.classes, use_space_char)
    if not within:
        raise InputError(where, "has no dictionary with it", _known(spec))
    if not any(within):
        raise InputError(where, "holds no entry", ONE_A_LINE)
    check_entries(where, within)
    return fitted(where, DictionaryFile(Path(where), within), spec.classes, use_space_char)


def _known(spec: Spec) -> str:
    """Say where a dictionary of the network's length is on this machine, or what it is called."""
    for name in sorted(WHEELS):
        for wheel in WHEELS[name]:
            place = wheel.place()
            if place and place[1] and len(read_dictionary(place[1]).entries) + 2 == spec.classes:
                return f"Name it with --dictionary; of this length is {place[1]}."
    fault = dictionary_fault("", 0, True, spec.classes)
    return f"Name it with --dictionary. {fault.mend}"
