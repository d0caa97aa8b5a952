"""What mining counts, in words."""

from textlines.formats.predictions import CROP_FAULTS
from textlines.labels.label_file import REASONS as LABEL_REASONS
from textlines.labels.tally import Tally, left_out
from textlines.wording import say

LEFT_OUT = {
    "bad_columns": left_out(say("prediction line with another number of columns than the header")),
    "bad_truth": left_out(say("prediction line whose truth is empty or holds a control character")),
    "no_label": left_out(say("prediction without a label")),
    "no_prediction": left_out(say("label without a prediction")),
    "repeated_prediction": left_out(say("second prediction for the same image")),
    "repeated_label": left_out(say("second label for the same image")),
    "ambiguous_name": left_out(say("prediction whose file name several labels have")),
    "no_text": left_out(say("image in which a detector found no text")),
    "several_texts": left_out(say("image that a detector cut into several texts")),
    "unreadable_entry": left_out(say("entry without a text")),
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
    "han_apart": say(
        "misread line with Han characters: each of them stands for itself, as no face is "
        "installed that tells which look alike (the extra `fonts` has some)"
    ),
    "not_shown": say("crop that could not be shown"),
    **{f"crop_{fault}": left_out(words) for fault, words in CROP_FAULTS.items()},
}


def first_left_out(tally: Tally) -> str:
    """Name the first reason that strict work stops at; "" when there is none."""
    return next((reason for reason in tally.as_dict() if reason in LEFT_OUT), "")
