"""What an import leaves out, changes or doubts, in words."""

from collections.abc import Mapping

from textlines.labels.label_file import REASONS as OF_LABEL_FILES
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
    "missing_label": say("image without a label, left out"),
    "empty_image": say("image of 0 bytes, left out"),
    "image_too_long": say("image of more than 64 MB, left out"),
    "beyond_count": say("key that the store does not count, left out"),
    "counted_too_many": say("sample that the store counts beyond its last key, left out"),
    "uncounted": say("store without a count under num-samples: all samples are read"),
    "from_zero": say("store that counts from 0: PaddleOCR itself never reads its first sample"),
    "unreadable_mark": say("line marked as unreadable (###), left out"),
    "difficult": say("line marked difficult, left out"),
    "placeholder": say("line whose text is a word that the tool writes for none, left out"),
    "empty_label": say("line without a text, left out"),
    "choice_only": say("line with a choice and no text, left out"),
    "malformed": say("annotation that is not of the format, left out"),
    "key_twice": say("key that stands twice in one map: the earlier value, left out"),
    "no_points": say("annotation without corners, left out"),
    "other_shape": say("shape that holds no line (ellipse, brush, key points), left out"),
    "other_annotation": say("second annotation of a page, left out"),
    "predictions_only": say("page with predictions that nobody confirmed, left out"),
    "two_tools": say(
        "line of a page with two tools in JSON-MIN: which text is whose is lost, left out"
    ),
    "texts_lost": say("line of a page with more or fewer texts than shapes in JSON-MIN, left out"),
    "text_is_box": say("line with a box in the place of its text in JSON-MIN, left out"),
    "named_texts": say("page whose texts stand under another name than transcription"),
    "other_text": say("text of another text area, left out"),
    "not_annotated": say("page without an annotation that can be used, left out"),
    "image_missing": say("page whose image is not there, left out"),
    "image_broken": say("page whose image cannot be decoded, left out"),
    "image_twice": say(
        "name of different images in several folders: which is meant cannot be told"
    ),
    "no_image_named": say("annotation that names no image of its file, left out"),
    "other_form": say("file that is not of the format, left out"),
    "broken_file": say("annotation file that cannot be read, left out"),
    "no_text": say("annotation without a text, left out"),
    "several_lines": say("text of several lines that cannot be told apart, left out"),
    "part_of_line": say("character of a line that is taken whole, not taken by itself"),
    "no_crop": say("line whose corners give no crop, left out"),
    "size_differs": say("page of another size than was annotated, left out"),
    "turned_page": say("page that was annotated turned, left out"),
    "recoded": say("file that is not UTF-8, read in the encoding it looks like"),
    "not_text": say("file in no encoding that is known, left out"),
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
