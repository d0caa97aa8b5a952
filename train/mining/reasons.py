"""What mining counts, in words."""

from textlines.formats.predictions import CROP_FAULTS
from textlines.labels.label_file import REASONS as LABEL_REASONS
from textlines.labels.tally import Tally
from textlines.wording import say

LEFT_OUT = {
    "bad_columns": say("prediction line with another number of columns than the header, left out"),
    "bad_truth": say("prediction line whose truth is empty or holds a control character, left out"),
    "no_label": say("prediction without a label, left out"),
    "no_prediction": say("label without a prediction, left out"),
    "repeated_prediction": say("second prediction for the same image, left out"),
    "repeated_label": say("second label for the same image, left out"),
    "ambiguous_name": say("prediction whose file name several labels have, left out"),
    "no_text": say("image in which a detector found no text, left out"),
    "several_texts": say("image that a detector cut into several texts, left out"),
    "unreadable_entry": say("entry without a text, left out"),
    "unmatched_mark": say("mark for an image without a prediction"),
}
"""What `--strict` makes an error."""

REASONS = {
    **LABEL_REASONS,
    **LEFT_OUT,
    "matched_by_folder": say("path matched from the folder of the images on"),
    "matched_by_tail": say("path matched by its last parts"),
    "matched_by_name": say("path matched by its file name alone"),
    "bad_score": say("score that is no number from 0 to 1, ignored"),
    "other_column": say("column of the prediction file that is not used"),
    "truth_replaced": say("truth of the prediction file that the label file says otherwise"),
    "reads_outside_dictionary": say(
        "character in readings that the dictionary lacks: it is hardly this model's dictionary"
    ),
    "not_shown": say("crop that could not be shown"),
    **{
        f"crop_{fault}": say("{words}, left out", words=words)
        for fault, words in CROP_FAULTS.items()
    },
}


def first_left_out(tally: Tally) -> str:
    """Name the first reason that strict work stops at; "" when there is none."""
    return next((reason for reason in tally.as_dict() if reason in LEFT_OUT), "")
