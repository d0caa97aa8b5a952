"""What an import leaves out, changes or doubts, in words."""

from collections.abc import Mapping

from textlines.labels.label_file import REASONS as OF_LABEL_FILES

DOUBTS: Mapping[str, str] = {
    "upside_down": "line read from its lower right: upside down? (--upright reads it from its "
    "upper left)",
    "read_up": "line read upwards from its lower left: on its side? (--upright reads it from its "
    "upper left)",
    "read_down": "line read downwards from its upper right, turned by its corners",
    "tall_character": "single character in a tall box, kept upright",
    "tall_pair": "two narrow characters in a tall box, kept upright",
    "turned_pair": "two characters in a tall box, turned by 90 degrees as a vertical line",
    "turned": "vertical line, turned by 90 degrees",
    "start_moved": "box that starts at another corner, read from its upper left",
    "difficult_taken": "line marked difficult, taken",
    "maybe_placeholder": "label that may stand for no text, taken (--placeholder leaves it out)",
    "joined_texts": "line with several texts, joined by a space",
    "meta_text": "line whose text is the note of its region (meta.text)",
}
"""Of lines that were taken and may be wrong: a page shows them, the most doubtful kinds first."""

REASONS: Mapping[str, str] = {
    **OF_LABEL_FILES,
    **DOUBTS,
    "missing_label": "image without a label, left out",
    "empty_image": "image of 0 bytes, left out",
    "image_too_long": "image of more than 64 MB, left out",
    "beyond_count": "key that the store does not count, left out",
    "counted_too_many": "sample that the store counts beyond its last key, left out",
    "uncounted": "store without a count under num-samples: all samples are read",
    "from_zero": "store that counts from 0: PaddleOCR itself never reads its first sample",
    "unreadable_mark": "line marked as unreadable (###), left out",
    "difficult": "line marked difficult, left out",
    "placeholder": "line whose text is a word that the tool writes for none, left out",
    "empty_label": "line without a text, left out",
    "choice_only": "line with a choice and no text, left out",
    "malformed": "annotation that is not of the format, left out",
    "key_twice": "key that stands twice in one map: the earlier value, left out",
    "no_points": "annotation without corners, left out",
    "other_shape": "shape that holds no line (ellipse, brush, key points), left out",
    "other_annotation": "second annotation of a page, left out",
    "predictions_only": "page with predictions that nobody confirmed, left out",
    "two_tools": "line of a page with two tools in JSON-MIN: which text is whose is lost, left out",
    "texts_lost": "line of a page with more or fewer texts than shapes in JSON-MIN, left out",
    "text_is_box": "line with a box in the place of its text in JSON-MIN, left out",
    "named_texts": "page whose texts stand under another name than transcription",
    "other_text": "text of another text area, left out",
    "not_annotated": "page without an annotation that can be used, left out",
    "image_missing": "page whose image is not there, left out",
    "image_broken": "page whose image cannot be decoded, left out",
    "image_twice": "name of different images in several folders: which is meant cannot be told",
    "no_image_named": "annotation that names no image of its file, left out",
    "other_form": "file that is not of the format, left out",
    "broken_file": "annotation file that cannot be read, left out",
    "no_text": "annotation without a text, left out",
    "several_lines": "text of several lines that cannot be told apart, left out",
    "part_of_line": "character of a line that is taken whole, not taken by itself",
    "no_crop": "line whose corners give no crop, left out",
    "size_differs": "page of another size than was annotated, left out",
    "turned_page": "page that was annotated turned, left out",
    "recoded": "file that is not UTF-8, read in the encoding it looks like",
    "not_text": "file in no encoding that is known, left out",
    "stripped": "text with spaces around it, stripped",
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
