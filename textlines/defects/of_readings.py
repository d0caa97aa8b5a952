"""Defects of crops and of what models read in them: predictions, marks, judged lines."""

from dataclasses import replace

from textlines.defects import of_lines
from textlines.defects.defect import Defects, by_code, changed, kept, left_out
from textlines.wording import say

# The crop.
IMAGE_FAULTS = by_code(
    left_out("missing", say("crop that is not there"), severity="warning"),
    left_out("unreadable", say("crop that cannot be read"), severity="warning"),
    left_out("empty", say("crop of 0 bytes"), severity="warning"),
    left_out("not_an_image", say("crop that is no image"), severity="warning"),
    left_out("truncated", say("crop cut short"), severity="warning"),
    left_out("broken", say("crop that is broken"), severity="warning"),
    left_out("too_large", say("crop too large for a text line"), severity="warning"),
)
"""Why a crop could not be read, by the reason of `textlines.pixels.decode`. `--strict` refuses such
crops where they are read, with their number."""


def _of_crops(prefix: str) -> Defects:
    return by_code(*(replace(one, code=prefix + one.code) for one in IMAGE_FAULTS.values()))


CROP_FAULTS = _of_crops("crop_")
STOP_FAULTS = _of_crops("stop_")
"""Of the crops to stop training by."""

NOT_SHOWN = kept("not_shown", say("crop that could not be shown"), severity="note")

# The prediction.
BAD_COLUMNS = left_out(
    "bad_columns", say("prediction line with another number of columns than the header")
)
BAD_TRUTH = left_out(
    "bad_truth", say("prediction line whose truth is empty or holds a control character")
)
NO_LABEL = left_out("no_label", say("prediction without a label"))
NO_PREDICTION = left_out("no_prediction", say("label without a prediction"))
REPEATED_PREDICTION = left_out("repeated_prediction", say("second prediction for the same image"))
REPEATED_LABEL = left_out("repeated_label", say("second label for the same image"))
AMBIGUOUS_NAME = left_out("ambiguous_name", say("prediction whose file name several labels have"))
NO_TEXT = left_out("no_text", say("image in which a detector found no text"))
SEVERAL_TEXTS = left_out("several_texts", say("image that a detector cut into several texts"))
UNREADABLE_ENTRY = left_out("unreadable_entry", say("entry without a text"))
MATCHED_BY_FOLDER = changed(
    "matched_by_folder", say("path matched from the folder of the images on"), severity="note"
)
MATCHED_BY_TAIL = changed("matched_by_tail", say("path matched by its last parts"), severity="note")
MATCHED_BY_NAME = changed(
    "matched_by_name", say("path matched by its file name alone"), severity="note"
)
BAD_SCORE = changed("bad_score", say("score that is no number from 0 to 1, ignored"))
OTHER_COLUMN = kept(
    "other_column", say("column of the prediction file that is not used"), severity="note"
)
TRUTH_REPLACED = changed(
    "truth_replaced", say("truth of the prediction file that the label file says otherwise")
)
READS_OUTSIDE_DICTIONARY = kept(
    "reads_outside_dictionary",
    say("character in readings that the dictionary lacks: it is hardly this model's dictionary"),
)
HAN_APART = kept(
    "han_apart",
    say(
        "misread line with Han characters: each of them stands for itself, as no face is "
        "installed that tells which look alike (the extra `fonts` has some)"
    ),
    severity="note",
)

# What a person said of it.
UNMATCHED_MARK = left_out("unmatched_mark", say("mark on a path that no line has"))
MARKED_OUT = left_out("marked_out", say("line that a mark keeps out (label wrong, ignore)"))

# The lines that share roles, and those that judge.
IMAGE_COPIED = kept(
    "image_copied",
    say("copy of an image that stands in an earlier line, kept in its role"),
    severity="note",
)
REPEATED_IMAGE = left_out("repeated_image", say("image that an earlier line or set has too"))
NOTHING_TO_COMPARE = left_out(
    "nothing_to_compare", say("label of which the comparison leaves nothing")
)

PREDICTION = by_code(
    BAD_COLUMNS,
    BAD_TRUTH,
    NO_LABEL,
    NO_PREDICTION,
    REPEATED_PREDICTION,
    REPEATED_LABEL,
    AMBIGUOUS_NAME,
    NO_TEXT,
    SEVERAL_TEXTS,
    UNREADABLE_ENTRY,
    UNMATCHED_MARK,
    MATCHED_BY_FOLDER,
    MATCHED_BY_TAIL,
    MATCHED_BY_NAME,
    BAD_SCORE,
    OTHER_COLUMN,
    TRUTH_REPLACED,
    READS_OUTSIDE_DICTIONARY,
    HAN_APART,
    NOT_SHOWN,
)
"""Of predictions, beyond those of their label file and its crops."""

READING = {**of_lines.LABEL_FILE, **PREDICTION, **CROP_FAULTS}
"""All that is counted on the way to a model's readings."""

JUDGED = by_code(REPEATED_IMAGE, NOTHING_TO_COMPARE)
"""Of lines that judge, beyond those of their readings."""

SHARED = {**of_lines.LABEL_FILE, **by_code(IMAGE_COPIED, MARKED_OUT, UNMATCHED_MARK)}
"""All that is counted where lines are given roles."""
