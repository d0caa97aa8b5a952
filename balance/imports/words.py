"""What an import leaves out, changes or doubts, in words."""

from collections.abc import Mapping

from textlines.labels.label_file import REASONS as OF_LABEL_FILES
from textlines.labels.tally import left_out
from textlines.wording import arranged, say

_UPSIDE_DOWN = say("line read from its lower right: upside down?")
_READ_UP = say("line read upwards from its lower left: on its side?")
_PLACEHOLDER = say("label that may stand for no text, taken")
_META_TEXT = say("line whose text is the note of its region")

DOUBTS: Mapping[str, str] = {
    "upside_down": say("{doubt} (--upright reads it from its upper left)", doubt=_UPSIDE_DOWN),
    "read_up": say("{doubt} (--upright reads it from its upper left)", doubt=_READ_UP),
    "read_down": say("line read downwards from its upper right, turned by its corners"),
    "tall_character": say("single character in a tall box, kept upright"),
    "tall_pair": say("two narrow characters in a tall box, kept upright"),
    "turned_pair": say("two characters in a tall box, turned by 90 degrees as a vertical line"),
    "turned": say("vertical line, turned by 90 degrees"),
    "start_moved": say("box that starts at another corner, read from its upper left"),
    "difficult_taken": say("line marked difficult, taken"),
    "maybe_placeholder": say("{doubt} (--placeholder leaves it out)", doubt=_PLACEHOLDER),
    "joined_texts": say("line with several texts, joined by a space"),
    "meta_text": arranged("{doubt} (meta.text)", doubt=_META_TEXT),
}
"""Of lines that were taken and may be wrong: a page shows them, the most doubtful kinds first."""

TITLES: Mapping[str, str] = {
    **DOUBTS,
    "upside_down": _UPSIDE_DOWN,
    "read_up": _READ_UP,
    "maybe_placeholder": _PLACEHOLDER,
    "meta_text": _META_TEXT,
}
"""The same, short."""

REASONS: Mapping[str, str] = {
    **OF_LABEL_FILES,
    **DOUBTS,
    "missing_label": left_out(say("image without a label")),
    "empty_image": left_out(say("image of 0 bytes")),
    "image_too_long": left_out(say("image of more than 64 MB")),
    "beyond_count": left_out(say("key that the store does not count")),
    "counted_too_many": left_out(say("sample that the store counts beyond its last key")),
    "uncounted": say("store without a count under num-samples: all samples are read"),
    "from_zero": say("store that counts from 0: PaddleOCR itself never reads its first sample"),
    "unreadable_mark": left_out(say("line marked as unreadable (###)")),
    "difficult": left_out(say("line marked difficult")),
    "placeholder": left_out(say("line whose text is a word that the tool writes for none")),
    "empty_label": left_out(say("line without a text")),
    "choice_only": left_out(say("line with a choice and no text")),
    "malformed": left_out(say("annotation that is not of the format")),
    "key_twice": left_out(say("key that stands twice in one map: the earlier value")),
    "no_points": left_out(say("annotation without corners")),
    "other_shape": left_out(say("shape that holds no line (ellipse, brush, key points)")),
    "other_annotation": left_out(say("second annotation of a page")),
    "predictions_only": left_out(say("page with predictions that nobody confirmed")),
    "two_tools": left_out(
        say("line of a page with two tools in JSON-MIN: which text is whose is lost")
    ),
    "texts_lost": left_out(say("line of a page with more or fewer texts than shapes in JSON-MIN")),
    "text_is_box": left_out(say("line with a box in the place of its text in JSON-MIN")),
    "named_texts": say("page whose texts stand under another name than transcription"),
    "other_text": left_out(say("text of another text area")),
    "not_annotated": left_out(say("page without an annotation that can be used")),
    "image_missing": left_out(say("page whose image is not there")),
    "image_broken": left_out(say("page whose image cannot be decoded")),
    "image_twice": say(
        "name of different images in several folders: which is meant cannot be told"
    ),
    "no_image_named": left_out(say("annotation that names no image of its file")),
    "other_form": left_out(say("file that is not of the format")),
    "broken_file": left_out(say("annotation file that cannot be read")),
    "no_text": left_out(say("annotation without a text")),
    "several_lines": left_out(say("text of several lines that cannot be told apart")),
    "part_of_line": say("character of a line that is taken whole, not taken by itself"),
    "no_crop": left_out(say("line whose corners give no crop")),
    "size_differs": left_out(say("page of another size than was annotated")),
    "turned_page": left_out(say("page that was annotated turned")),
    "recoded": say("file that is not UTF-8, read in the encoding it looks like"),
    "not_text": left_out(say("file in no encoding that is known")),
    "stripped": say("text with spaces around it, stripped"),
}

LEFT_OUT = frozenset(reason for reason, words in REASONS.items() if words.endswith("left out"))

WITHOUT_TEXT = frozenset({"unreadable_mark", "placeholder", "empty_label", "choice_only"})
"""Reasons of lines that were given no text."""

_AS_JSON = "Export from Label Studio as JSON, which keeps each text with its shape."

WAYS_OUT: Mapping[str, str] = {
    "difficult": "--take-difficult takes the lines that are marked difficult.",
    "placeholder": "Type the texts in the tool, or name with --placeholder what stands for none.",
    "two_tools": _AS_JSON,
    "texts_lost": _AS_JSON,
    "text_is_box": _AS_JSON,
    "predictions_only": "Submit the predictions as annotations in Label Studio.",
}
"""What can be done about a source that gave no line, by what was left out."""


def ways_out(reasons: Mapping[str, int]) -> str:
    """Return what can be done about what was left out of a source that gave no line, or "".

    >>> ways_out({"two_tools": 3, "text_is_box": 1})
    'Export from Label Studio as JSON, which keeps each text with its shape.'
    """
    found = dict.fromkeys(WAYS_OUT[reason] for reason in reasons if reason in WAYS_OUT)
    return " ".join(found)
