"""What an import leaves out or changes, in words."""

from collections.abc import Mapping

from textlines.labels.label_file import REASONS as OF_LABEL_FILES

REASONS: Mapping[str, str] = {
    **OF_LABEL_FILES,
    "missing_label": "image without a label, left out",
    "empty_image": "image of 0 bytes, left out",
    "image_too_long": "image of more than 64 MB, left out",
    "beyond_count": "key that the store does not count, left out",
    "counted_too_many": "sample that the store counts beyond its last key, left out",
    "uncounted": "store without a count under num-samples: all samples are read",
    "from_zero": "store that counts from 0: PaddleOCR itself never reads its first sample",
    "unreadable_mark": "line marked as unreadable (### or difficult), left out",
    "empty_label": "line without a text, left out",
    "malformed": "annotation that is not of the format, left out",
    "key_twice": "key that stands twice in one map: the earlier value, left out",
    "no_points": "annotation without corners, left out",
    "other_shape": "shape that holds no line (ellipse, brush, key points), left out",
    "other_annotation": "second annotation of a page, left out",
    "not_annotated": "page without an annotation, left out",
    "image_missing": "page whose image is not there, left out",
    "image_broken": "page whose image cannot be decoded, left out",
    "image_twice": "image of a name that stands in another folder too, left out",
    "no_crop": "line whose corners give no crop, left out",
    "size_differs": "page of another size than was annotated, left out",
    "turned_page": "page that was annotated turned, left out",
    "turned": "vertical line, turned by 90 degrees",
    "recoded": "file that is not UTF-8, read in the encoding it looks like",
    "not_text": "file in no encoding that is known, left out",
    "stripped": "text with spaces around it, stripped",
}

LEFT_OUT = frozenset(reason for reason, words in REASONS.items() if words.endswith("left out"))
