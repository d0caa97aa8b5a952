"""What a mix counts, in words, and what becomes of it."""

from collections.abc import Mapping

from textlines.labels.label_file import REASONS as READING
from textlines.labels.label_file import effect_of as effect_of_reading
from textlines.labels.tally import Effect, Reason, left_out
from textlines.wording import say

_RULES = {
    "empty": Reason("left_out", left_out(say("label of blanks alone"))),
    "control": Reason("left_out", left_out(say("label with a control character"))),
    "outside_dictionary": Reason(
        "left_out", left_out(say("label with characters that the dictionary lacks"))
    ),
    "too_long": Reason("left_out", left_out(say("label longer than the model can be trained on"))),
    "ctc_infeasible": Reason(
        "left_out", left_out(say("label that needs more time steps than its image has"))
    ),
    "nfd": Reason("changed", say("label that was not composed (NFC), composed")),
    "loose_jamo": Reason("kept", say("label with loose jamo, kept")),
    "compat_jamo": Reason("kept", say("label with compatibility jamo, kept")),
    "zero_width": Reason("kept", say("label with characters of no width, kept")),
    "nbsp": Reason("kept", say("label with hard spaces, kept")),
    "leading_space": Reason("kept", say("label that starts with a space, kept")),
    "trailing_space": Reason("kept", say("label that ends in a space, kept")),
    "double_space": Reason("kept", say("label with doubled spaces, kept")),
}

_MIXING = {
    "repeated_line": Reason("left_out", left_out(say("line that its file holds twice"))),
    "over_caps": Reason("kept", say("lines taken over --caps, for want of others")),
}

_ALL: Mapping[str, Reason] = {
    **{reason: Reason(effect_of_reading(reason), words) for reason, words in READING.items()},
    **_RULES,
    **_MIXING,
}

REASONS: Mapping[str, str] = {reason: one.words for reason, one in _ALL.items()}
"""All reasons in words; those that leave lines out are errors if strict."""


def effect_of(reason: str) -> Effect:
    """Return whether lines counted for a reason are missing from the mix, changed or kept.

    >>> effect_of("too_long"), effect_of("nfd"), effect_of("double_space")
    ('left_out', 'changed', 'kept')
    """
    return _ALL[reason].effect
