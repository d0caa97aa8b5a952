"""Why a text or a line of a corpus is not planned as it stands, in words."""

from collections.abc import Mapping

from synth.corpus.lines import REASONS as OF_LINES
from synth.plan.limits import EXCLUDED
from textlines.labels.label_file import REASONS as OF_LABEL_FILES

_LIMITS = {
    EXCLUDED: "text of --exclude-texts",
    "too_long": "text longer than the model reads",
    "outside_dictionary": "text with a character that the dictionary lacks",
    "ctc_infeasible": "text that needs more time steps than its image gives",
    "control": "text with a control character",
    "empty": "text of blanks alone",
}
"""Faults by `Limits`."""

WORDS: Mapping[str, str] = {
    **{reason: words.removesuffix(", left out") for reason, words in OF_LABEL_FILES.items()},
    **{f"rule_{reason}": f"pattern: {words}" for reason, words in _LIMITS.items()},
    **_LIMITS,
    **{reason: one.words for reason, one in OF_LINES.items()},
    "no_face": "text that no face may draw",
    "no_carrier": "character of the dictionary that no text can hold",
    "other_file": "file with another ending",
    "empty_file": "file without a usable line",
}
"""By reason; beside "changed" or "left out", so that no words repeat it."""
