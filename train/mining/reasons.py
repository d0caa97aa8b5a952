"""What mining counts, in words."""

from textlines.formats.predictions import CROP_FAULTS
from textlines.labels.label_file import REASONS as LABEL_REASONS
from textlines.labels.tally import Tally

LEFT_OUT = {
    "bad_columns": "prediction line with another number of columns than the header, left out",
    "bad_truth": "prediction line whose truth is empty or holds a control character, left out",
    "no_label": "prediction without a label, left out",
    "no_prediction": "label without a prediction, left out",
    "repeated_prediction": "second prediction for the same image, left out",
    "repeated_label": "second label for the same image, left out",
    "ambiguous_name": "prediction whose file name several labels have, left out",
    "no_text": "image in which a detector found no text, left out",
    "several_texts": "image that a detector cut into several texts, left out",
    "unreadable_entry": "entry without a text, left out",
    "unmatched_mark": "mark for an image without a prediction",
}
"""What `--strict` makes an error."""

REASONS = {
    **LABEL_REASONS,
    **LEFT_OUT,
    "matched_by_folder": "path matched from the folder of the images on",
    "matched_by_tail": "path matched by its last parts",
    "matched_by_name": "path matched by its file name alone",
    "bad_score": "score that is no number from 0 to 1, ignored",
    "other_column": "column of the prediction file that is not used",
    "truth_replaced": "truth of the prediction file that the label file says otherwise",
    "reads_outside_dictionary": "character in readings that the dictionary lacks: it is hardly "
    "this model's dictionary",
    "han_apart": "misread line with Han characters: each of them stands for itself, as no face is "
    "installed that tells which look alike (the extra `fonts` has some)",
    "not_shown": "crop that could not be shown",
    **{f"crop_{fault}": f"{words}, left out" for fault, words in CROP_FAULTS.items()},
}


def first_left_out(tally: Tally) -> str:
    """Name the first reason that strict work stops at; "" when there is none."""
    return next((reason for reason in tally.as_dict() if reason in LEFT_OUT), "")
