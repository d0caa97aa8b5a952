"""What a plan takes from the error profile that its new lines were made for."""

from collections.abc import Sequence

from textlines.formats.profile import ErrorProfile
from textlines.labels.alphabet import Alphabet
from train.judging.paired_lines import SPACE, WELL_READ


def rows_from(
    profile: ErrorProfile | None, alphabet: Alphabet, named: Sequence[str]
) -> tuple[str, ...]:
    """Start new entries of a dictionary from what they were read as.

    Args:
        alphabet: of the base model.
        named: rows that the user named, NEW=OLD; their new entries are left out.

    Returns:
        NEW=OLD for each character that the profile knows and the base model does not.
    """
    if profile is None:
        return ()
    own, taken = alphabet.characters, {one[:1] for one in named}
    found = []
    for character in profile.ranked:
        others = [read for read in character.confusions if read in own]
        if character.char not in own and character.char not in taken and others:
            found.append(f"{character.char}={others[0]}")
    return tuple(found)


def wavering(profile: ErrorProfile, alphabet: Alphabet) -> str:
    """Name what the base model often reads as nothing, so that it is no teacher of it: the space.

    Lost spaces are half of all errors on receipts; where one was lost the model mostly gave it
    some share (docs/decisions/006). A space that is read well, surely (95 %), is not named.
    """
    spaces = profile.spaces
    is_misread = spaces.are_lost and spaces.interval[1] < WELL_READ
    return SPACE if is_misread and SPACE in alphabet.characters else ""
