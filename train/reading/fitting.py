"""A dictionary held against the number of a network's classes, which tells of a space."""

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.dictionary_files import DictionaryFile
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
            f"has {'a' if file.use_space_char else 'no'} space after its {len(entries):,} entries, "
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
