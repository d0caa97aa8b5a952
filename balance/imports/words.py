"""What an import leaves out or changes, in words."""

from collections.abc import Mapping

from textlines.labels.label_file import REASONS as OF_LABEL_FILES

REASONS: Mapping[str, str] = {
    **OF_LABEL_FILES,
    "missing_label": "image without a label, left out",
    "empty_image": "image of 0 bytes, left out",
    "image_too_long": "image of more than 64 MB, left out",
    "beyond_count": "key that the store does not count, left out",
    "unreadable_mark": "line marked as unreadable (### or difficult), left out",
    "empty_label": "line without a text, left out",
    "malformed": "annotation that is not of the format, left out",
    "key_twice": "key that stands twice in one map: the earlier value, left out",
    "no_points": "annotation without corners, left out",
    "other_shape": "shape that holds no line (ellipse, brush, key points), left out",
    "other_annotation": "second annotation of a page, left out",
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
    "turned": "vertical line, turned by 90 degrees",
    "recoded": "file that is not UTF-8, read in the encoding it looks like",
    "not_text": "file in no encoding that is known, left out",
    "stripped": "text with spaces around it, stripped",
}

LEFT_OUT = frozenset(reason for reason, words in REASONS.items() if words.endswith("left out"))
