"""What a mix counts, in words."""

from collections.abc import Mapping

from textlines.labels.label_file import REASONS as READING

_RULES = {
    "empty": "label of blanks alone, left out",
    "control": "label with a control character, left out",
    "outside_dictionary": "label with characters that the dictionary lacks, left out",
    "too_long": "label longer than the model can be trained on, left out",
    "ctc_infeasible": "label that needs more time steps than its image has, left out",
    "nfd": "label that was not composed (NFC), composed",
    "loose_jamo": "label with loose jamo, kept",
    "compat_jamo": "label with compatibility jamo, kept",
    "zero_width": "label with characters of no width, kept",
    "nbsp": "label with hard spaces, kept",
    "leading_space": "label that starts with a space, kept",
    "trailing_space": "label that ends in a space, kept",
    "double_space": "label with doubled spaces, kept",
}

_MIXING = {
    "repeated_line": "line that its file holds twice, left out",
    "over_caps": "lines taken over --caps, for want of others",
}

REASONS: Mapping[str, str] = {**READING, **_RULES, **_MIXING}
"""All reasons; those "left out" are errors if strict."""


def is_left_out(reason: str) -> bool:
    """Tell whether lines counted so are missing from the mix.

    >>> is_left_out("too_long"), is_left_out("nfd")
    (True, False)
    """
    return REASONS.get(reason, "").endswith("left out")
