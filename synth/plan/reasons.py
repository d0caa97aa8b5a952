"""Why a text or a line of a corpus is not planned as it stands, in words."""

from collections.abc import Mapping

from synth.corpus.carriers import REASONS as OF_LINES
from synth.plan.limits import EXCLUDED
from textlines.labels.label_file import REASONS as OF_LABEL_FILES
from textlines.labels.tally import bare
from textlines.wording import say

_LIMITS = {
    EXCLUDED: say("text of --exclude-texts"),
    "too_long": say("text longer than the model reads"),
    "outside_dictionary": say("text with a character that the dictionary lacks"),
    "ctc_infeasible": say("text that needs more time steps than its image gives"),
    "control": say("text with a control character"),
    "empty": say("text of blanks alone"),
}
"""Faults by `Limits`."""

WORDS: Mapping[str, str] = {
    **{reason: bare(words) for reason, words in OF_LABEL_FILES.items()},
    **{f"rule_{reason}": say("pattern: {words}", words=words) for reason, words in _LIMITS.items()},
    **_LIMITS,
    **{reason: one.words for reason, one in OF_LINES.items()},
    "no_face": say("text that no face may draw"),
    "no_carrier": say("character of the dictionary that no text can hold"),
    "other_file": say("file with another ending"),
    "empty_file": say("file without a usable line"),
}
"""By reason; beside "changed" or "left out", so that no words repeat it."""
