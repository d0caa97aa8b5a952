"""Defects of crops on their way into a queue, and out of it with a label: `train collect`."""

from textlines.defects.defect import by_code, kept, left_out
from textlines.wording import say

NO_IMAGE = left_out("no_image", say("file that is no image by its ending"), severity="note")
ODD_PATH = left_out(
    "odd_path", say("crop whose path holds a tab or a line break, which no label file can")
)
LISTING = by_code(NO_IMAGE, ODD_PATH)
"""Of the files of a folder."""

BROKEN_PAGE = left_out("broken_page", say("page that cannot be read"))
NO_LINE = kept("no_line", say("page without a line"), severity="note")
BAD_BOX = left_out("bad_box", say("box that encloses nothing"))
NO_PAGE = left_out("no_page", say("result whose page is not there"))
NO_RESULT = left_out("no_result", say("JSON file that holds no boxes of PaddleOCR"))
CUTTING = by_code(BROKEN_PAGE, NO_LINE, BAD_BOX, NO_PAGE, NO_RESULT)
"""Of pages that lines are cut from."""

MISSING = left_out("missing", say("crop that is not there any more"))
CHANGED = left_out("changed", say("crop that was changed after it was queued"))
LABELLED_BEFORE = left_out(
    "labelled_before", say("crop whose image has a line of another queue, which stays")
)
LABELLED = by_code(MISSING, CHANGED, LABELLED_BEFORE)
"""Of crops whose answers came back."""
