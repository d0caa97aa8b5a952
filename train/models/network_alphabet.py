"""The dictionary of a model, held against the number of its classes, which tells of a space."""

from pathlib import Path

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.dictionary_files import DictionaryFile, check_entries, read_dictionary
from textlines.labels.dictionary_kinds import ONE_A_LINE
from textlines.wording.counts import count_of
from train.models.model_sources import WHEELS
from train.networks.graph_spec import Spec
from train.networks.spec import dictionary_fault


def fitted(
    where: str, file: DictionaryFile, classes: int, use_space_char: bool | None = None
) -> Alphabet:
    """Return the alphabet of a network: its classes are the blank, the entries, perhaps a space.

    Args:
        where: the dictionary, for messages.
        use_space_char: what the user says; None takes what the number of classes tells.

    Raises:
        InputError: the dictionary is of another length than the network; or what the user or the
            file says of the space is not what the number of classes tells; or the last class would
            be a blank line.
    """
    entries = file.entries
    has_space = classes == len(entries) + 2
    # What is said counts for the message: with which flag, or which dictionary, it would fit.
    said = use_space_char if use_space_char is not None else file.use_space_char
    if not has_space and classes != len(entries) + 1:
        raise dictionary_fault(where, len(entries), said is not False, classes)
    if use_space_char is not None and use_space_char != has_space:
        raise dictionary_fault(where, len(entries), use_space_char, classes)
    if file.use_space_char is not None and file.use_space_char != has_space:
        raise InputError(
            where,
            f"has {'a' if file.use_space_char else 'no'} space after its "
            f"{count_of(len(entries), 'entry', 'entries')}, "
            f"as {file.told_by} says, and the network's {classes:,} classes leave "
            f"{'room for one' if has_space else 'no room for it'}",
            "Name the dictionary that the model was trained with.",
        )
    if not has_space and not entries[-1] and use_space_char is None:
        raise InputError(
            where,
            f"ends in a blank line, which would be the last of the network's {classes:,} classes, "
            "where models have their space",
            "Take the blank line away, or say --no-space if the model was trained so.",
        )
    return Alphabet.of_file(file, has_space)


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
    """Return where a dictionary of the network's length is on this machine, or its name."""
    for name in sorted(WHEELS):
        for wheel in WHEELS[name]:
            place = wheel.place()
            if place and place[1] and len(read_dictionary(place[1]).entries) + 2 == spec.classes:
                return f"Name it with --dictionary; of this length is {place[1]}."
    fault = dictionary_fault("", 0, True, spec.classes)
    return f"Name it with --dictionary. {fault.mend}"
