"""Defects of annotated pages and their lines, which `balance import` counts."""

from textlines.defects import of_lines
from textlines.defects.defect import by_code, changed, kept, left_out
from textlines.wording import arranged, say

_AS_JSON = say("Export from Label Studio as JSON, which keeps each text with its shape.")

_AS_ANNOTATED = say("Cut as its corners say. Where a crop is not upright, import with --upright.")

_UPSIDE_DOWN = say("line read from its lower right: upside down?")
UPSIDE_DOWN = kept(
    "upside_down",
    _UPSIDE_DOWN,
    _AS_ANNOTATED,
    "note",
    told=say("{doubt} (--upright reads it from its upper left)", doubt=_UPSIDE_DOWN),
)
_READ_UP = say("line read upwards from its lower left: on its side?")
READ_UP = kept(
    "read_up",
    _READ_UP,
    _AS_ANNOTATED,
    "note",
    told=say("{doubt} (--upright reads it from its upper left)", doubt=_READ_UP),
)
READ_DOWN = changed(
    "read_down",
    say("line read downwards from its upper right, turned by its corners"),
    say(
        "Cut as its corners say: text that lies on the page is upright, characters above "
        "each other lie."
    ),
    "note",
)
TALL_CHARACTER = kept(
    "tall_character",
    say("single character in a tall box, kept upright"),
    say("Each crop must show its character upright, and no more than one."),
    "note",
)
TALL_PAIR = kept(
    "tall_pair",
    say("two narrow characters in a tall box, kept upright"),
    say(
        "Two characters beside each other must stand upright; two above each other would "
        "have to be turned."
    ),
    "note",
)
TURNED_PAIR = changed(
    "turned_pair",
    say("two characters in a tall box, turned by 90 degrees as a vertical line"),
    say(
        "Two characters above each other lie on their left side; two beside each other "
        "should have been kept upright."
    ),
    "note",
)
TURNED = changed(
    "turned",
    say("vertical line, turned by 90 degrees"),
    say(
        "The characters lie on their left side, first one left, as PaddleOCR reads vertical lines."
    ),
    "note",
)
START_MOVED = changed(
    "start_moved",
    say("box that starts at another corner, read from its upper left"),
    say("Each crop must be upright."),
    "note",
)
DIFFICULT_TAKEN = kept(
    "difficult_taken",
    say("line marked difficult, taken"),
    say("Each crop must read like its label; take out what nobody can read."),
    "note",
)
_PLACEHOLDER = say("label that may stand for no text, taken")
MAYBE_PLACEHOLDER = kept(
    "maybe_placeholder",
    _PLACEHOLDER,
    say("Each crop must read like its label; --placeholder leaves a word out."),
    "note",
    told=say("{doubt} (--placeholder leaves it out)", doubt=_PLACEHOLDER),
)
JOINED_TEXTS = changed(
    "joined_texts",
    say("line with several texts, joined by a space"),
    say("Each crop must show all of its label, in one line."),
    "note",
)
_META_TEXT = say("line whose text is the note of its region")
META_TEXT = kept(
    "meta_text",
    _META_TEXT,
    say("Each crop must read like its label: notes may hold something else."),
    "note",
    told=arranged("{doubt} (meta.text)", doubt=_META_TEXT),
)
MISSING_LABEL = left_out("missing_label", say("image without a label"))
EMPTY_IMAGE = left_out("empty_image", say("image of 0 bytes"))
IMAGE_TOO_LONG = left_out("image_too_long", say("image of more than 64 MB"))
BEYOND_COUNT = left_out("beyond_count", say("key that the store does not count"))
COUNTED_TOO_MANY = left_out(
    "counted_too_many", say("sample that the store counts beyond its last key")
)
UNCOUNTED = kept(
    "uncounted",
    say("store without a count under num-samples: all samples are read"),
    severity="note",
)
FROM_ZERO = kept(
    "from_zero",
    say("store that counts from 0: PaddleOCR itself never reads its first sample"),
    severity="note",
)
UNREADABLE_MARK = left_out("unreadable_mark", say("line marked as unreadable (###)"))
DIFFICULT = left_out(
    "difficult",
    say("line marked difficult"),
    say("--take-difficult takes the lines that are marked difficult."),
)
PLACEHOLDER = left_out(
    "placeholder",
    say("line whose text is a word that the tool writes for none"),
    say("Type the texts in the tool, or name with --placeholder what stands for none."),
)
CHOICE_ONLY = left_out("choice_only", say("line with a choice and no text"))
MALFORMED = left_out("malformed", say("annotation that is not of the format"))
KEY_TWICE = left_out("key_twice", say("key that stands twice in one map: the earlier value"))
NO_POINTS = left_out("no_points", say("annotation without corners"))
OTHER_SHAPE = left_out("other_shape", say("shape that holds no line (ellipse, brush, key points)"))
OTHER_ANNOTATION = left_out("other_annotation", say("second annotation of a page"))
PREDICTIONS_ONLY = left_out(
    "predictions_only",
    say("page with predictions that nobody confirmed"),
    say("Submit the predictions as annotations in Label Studio."),
)
TWO_TOOLS = left_out(
    "two_tools",
    say("line of a page with two tools in JSON-MIN: which text is whose is lost"),
    _AS_JSON,
)
TEXTS_LOST = left_out(
    "texts_lost", say("line of a page with more or fewer texts than shapes in JSON-MIN"), _AS_JSON
)
TEXT_IS_BOX = left_out(
    "text_is_box", say("line with a box in the place of its text in JSON-MIN"), _AS_JSON
)
NAMED_TEXTS = kept(
    "named_texts",
    say("page whose texts stand under another name than transcription"),
    severity="note",
)
OTHER_TEXT = left_out("other_text", say("text of another text area"))
NOT_ANNOTATED = left_out("not_annotated", say("page without an annotation that can be used"))
IMAGE_MISSING = left_out("image_missing", say("page whose image is not there"))
IMAGE_BROKEN = left_out("image_broken", say("page whose image cannot be decoded"))
IMAGE_TWICE = kept(
    "image_twice",
    say("name of different images in several folders: which is meant cannot be told"),
    severity="note",
)
NO_IMAGE_NAMED = left_out("no_image_named", say("annotation that names no image of its file"))
OTHER_FORM = left_out("other_form", say("file that is not of the format"))
BROKEN_FILE = left_out("broken_file", say("annotation file that cannot be read"))
NO_TEXT = left_out("no_text", say("annotation without a text"))
SEVERAL_LINES = left_out("several_lines", say("text of several lines that cannot be told apart"))
PART_OF_LINE = kept(
    "part_of_line",
    say("character of a line that is taken whole, not taken by itself"),
    severity="note",
)
NO_CROP = left_out("no_crop", say("line whose corners give no crop"))
SIZE_DIFFERS = left_out("size_differs", say("page of another size than was annotated"))
TURNED_PAGE = left_out("turned_page", say("page that was annotated turned"))
RECODED = changed(
    "recoded", say("file that is not UTF-8, read in the encoding it looks like"), severity="note"
)
NOT_TEXT = left_out("not_text", say("file in no encoding that is known"))
STRIPPED = changed("stripped", say("text with spaces around it, stripped"), severity="note")

PAGE_TWICE = left_out("page_twice", say("page that its file names twice: the later row"))
NO_AREA = left_out("no_area", say("region whose corners enclose no area"))
CROSSES_ITSELF = left_out("crosses_itself", say("region whose outline crosses or touches itself"))
FAR_OFF = left_out(
    "far_off", say("region with a corner that no page reaches (beyond 1,000,000 pixels)")
)
WITHOUT_REGIONS = kept(
    "without_regions", say("page without a labelled region: a negative"), severity="note"
)

REGIONS_LOST = left_out(
    "regions_lost",
    say("page all of whose regions were left out"),
    say("Mend its regions: as a page without text it would teach that its text is none."),
)
SAME_IMAGE = left_out(
    "same_image", say("page whose image an earlier page of its role shows"), severity="warning"
)

DOUBTS = by_code(
    UPSIDE_DOWN,
    READ_UP,
    READ_DOWN,
    TALL_CHARACTER,
    TALL_PAIR,
    TURNED_PAIR,
    TURNED,
    START_MOVED,
    DIFFICULT_TAKEN,
    MAYBE_PLACEHOLDER,
    JOINED_TEXTS,
    META_TEXT,
)
"""Of lines that were taken and may be wrong: a page shows them, the most doubtful kinds first."""

OF_PAGES = by_code(
    MISSING_LABEL,
    EMPTY_IMAGE,
    IMAGE_TOO_LONG,
    BEYOND_COUNT,
    COUNTED_TOO_MANY,
    UNCOUNTED,
    FROM_ZERO,
    UNREADABLE_MARK,
    DIFFICULT,
    PLACEHOLDER,
    CHOICE_ONLY,
    MALFORMED,
    KEY_TWICE,
    NO_POINTS,
    OTHER_SHAPE,
    OTHER_ANNOTATION,
    PREDICTIONS_ONLY,
    TWO_TOOLS,
    TEXTS_LOST,
    TEXT_IS_BOX,
    NAMED_TEXTS,
    OTHER_TEXT,
    NOT_ANNOTATED,
    IMAGE_MISSING,
    IMAGE_BROKEN,
    IMAGE_TWICE,
    NO_IMAGE_NAMED,
    OTHER_FORM,
    BROKEN_FILE,
    NO_TEXT,
    SEVERAL_LINES,
    PART_OF_LINE,
    NO_CROP,
    SIZE_DIFFERS,
    TURNED_PAGE,
    RECODED,
    NOT_TEXT,
    STRIPPED,
)
"""Of pages and their lines."""


PAGE_FILE = {
    **of_lines.LABEL_FILE,
    **by_code(
        MALFORMED,
        NO_POINTS,
        IMAGE_MISSING,
        IMAGE_BROKEN,
        PAGE_TWICE,
        NO_AREA,
        CROSSES_ITSELF,
        FAR_OFF,
        WITHOUT_REGIONS,
    ),
}
"""All that a reader of page label files counts, and who decodes their pages."""

PAGE_MIX = {**PAGE_FILE, **by_code(REGIONS_LOST, SAME_IMAGE)}
"""All that a mix of pages counts."""

IMPORT = {**of_lines.LABEL_FILE, **DOUBTS, **OF_PAGES}
"""All that an import counts."""

WITHOUT_TEXT = frozenset(
    one.code for one in (UNREADABLE_MARK, PLACEHOLDER, of_lines.EMPTY_LABEL, CHOICE_ONLY)
)
"""Codes of lines that were given no text."""
