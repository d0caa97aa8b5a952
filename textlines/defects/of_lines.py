"""Defects of a label file's lines and labels: whoever reads, checks, mixes or trains on them."""

from dataclasses import replace

from textlines.defects.defect import by_code, changed, kept, left_out
from textlines.wording import say

FIX = say("`--fix OUT` mends it.")
DROP = say("Mend the line, or let `--fix OUT` leave it out.")

# The line.
BOM = changed(
    "bom",
    say("byte order mark at the start of a line"),
    FIX,
    told=say("byte order mark at the start of a line, taken off"),
)
CRLF = changed("crlf", say("line that ends in CR LF"), FIX)
BLANK_LINE = left_out("blank_line", say("blank line"), FIX, "warning")
NO_TAB = left_out(
    "no_tab",
    say("line without a tab"),
    say("Write path, tab, label. Mend the line, or let `--fix OUT` leave it out."),
)
EXTRA_TAB = left_out("extra_tab", say("line with more than one tab"), DROP)
NUL = left_out(
    "nul",
    say("line with a NUL (binary data)"),
    say("Name a text file. Mend the line, or let `--fix OUT` leave it out."),
)
NOT_UTF8 = left_out(
    "not_utf8",
    say("line that is not UTF-8"),
    say("Read it with --encoding; `--fix OUT` then writes UTF-8."),
)
LINE_TOO_LONG = left_out("line_too_long", say("line of more than 100,000 bytes"), DROP)
REPEATED_LINE = left_out("repeated_line", say("line that its file holds twice"), severity="warning")

# Its path.
BACKSLASH = changed(
    "backslash",
    say("path with backslashes"),
    FIX,
    told=say("path with backslashes, read as slashes"),
)
CUT_PREFIX = changed(
    "cut_prefix",
    say("path read without its prefix (--cut-prefix)"),
    FIX,
    "note",
    told=say("path read without its prefix"),
)
FROM_IMAGES = changed(
    "from_images",
    say("absolute path that lies in the folder of the images"),
    say("It is read from there on; `--fix OUT` writes it so, and the set can move."),
    told=say("absolute path that lies in the folder of the images, read from there on"),
)
IMAGE_LIST = changed(
    "image_list",
    say("line that lists several images"),
    say("PaddleOCR draws one of them each time; `--fix OUT` writes one line for each."),
    told=say("line that lists several images, read as one line for each"),
)
IMAGE_LIST_BROKEN = left_out(
    "image_list_broken", say("list of images that is no JSON list of strings"), DROP
)
EMPTY_PATH = left_out("empty_path", say("line without a path"), DROP)
ABSOLUTE_PATH = left_out(
    "absolute_path",
    say("absolute path"),
    say("Write paths from the data folder on; the set cannot move otherwise."),
)
LEAVES_FOLDER = left_out(
    "leaves_folder",
    say("path that leaves the data folder"),
    say("Copy the image into the data folder."),
)
MISSING_IMAGE = left_out(
    "missing_image", say("image that is not there"), say("Check the path and --images.")
)
UNREADABLE_IMAGE = left_out("unreadable_image", say("image whose size cannot be read"))

# Its label.
EMPTY = left_out("empty", say("empty label"), DROP)
EMPTY_LABEL = replace(EMPTY, code="empty_label")
CONTROL = left_out("control", say("label with a control character"), DROP)
NFD = changed(
    "nfd",
    say("label that is not composed (NFC)"),
    FIX,
    told=say("label that was not composed (NFC), composed"),
)
LOOSE_JAMO = kept(
    "loose_jamo",
    say("jamo that compose no syllable"),
    say("Write the syllable, or leave the line out."),
    told=say("label with loose jamo, kept"),
)
COMPAT_JAMO = kept(
    "compat_jamo",
    say("compatibility jamo"),
    say("Sound where a single letter is printed; else write the syllable."),
    told=say("label with compatibility jamo, kept"),
)
ZERO_WIDTH = kept(
    "zero_width",
    say("character without width"),
    FIX,
    told=say("label with characters of no width, kept"),
)
NBSP = kept("nbsp", say("space that does not break"), FIX, told=say("label with hard spaces, kept"))
LEADING_SPACE = kept(
    "leading_space",
    say("space at the start"),
    FIX,
    told=say("label that starts with a space, kept"),
)
TRAILING_SPACE = kept(
    "trailing_space", say("space at the end"), FIX, told=say("label that ends in a space, kept")
)
DOUBLE_SPACE = kept(
    "double_space", say("doubled space"), FIX, told=say("label with doubled spaces, kept")
)
OUTSIDE_DICTIONARY = left_out(
    "outside_dictionary",
    say("label with a character outside the dictionary"),
    say(
        "PaddleOCR deletes it from the label and trains on the rest: replace it, or leave the "
        "line out (`--fix OUT`)."
    ),
)
TOO_LONG = left_out(
    "too_long",
    say("label beyond the length limit"),
    say(
        "PaddleOCR's loader puts another line in its place without a word: split the crop, "
        "raise max_text_length, or leave the line out (`--fix OUT`)."
    ),
)
CTC_INFEASIBLE = left_out(
    "ctc_infeasible",
    say("label that needs more time steps than its image has"),
    say("No path spells it and the loss is infinite: crop wider or leave it out (`--fix OUT`)."),
)
SEVERAL_CHARACTERS = left_out(
    "several_characters",
    say("label with an entry of several characters, which PaddleOCR never encodes"),
)
SQUEEZED = left_out("squeezed", say("label that needs more than the 40 time steps of 320 pixels"))

# What a mix takes.
OVER_CAPS = kept("over_caps", say("lines taken over --caps, for want of others"), severity="note")

LABEL_FILE = by_code(
    BOM,
    CRLF,
    NFD,
    BACKSLASH,
    CUT_PREFIX,
    FROM_IMAGES,
    IMAGE_LIST,
    BLANK_LINE,
    NO_TAB,
    EXTRA_TAB,
    EMPTY_PATH,
    ABSOLUTE_PATH,
    LEAVES_FOLDER,
    IMAGE_LIST_BROKEN,
    MISSING_IMAGE,
    EMPTY_LABEL,
    CONTROL,
    NUL,
    NOT_UTF8,
    LINE_TOO_LONG,
)
"""All that a reader of label files counts."""

LABEL = by_code(
    EMPTY,
    CONTROL,
    NFD,
    LOOSE_JAMO,
    COMPAT_JAMO,
    ZERO_WIDTH,
    NBSP,
    LEADING_SPACE,
    TRAILING_SPACE,
    DOUBLE_SPACE,
    OUTSIDE_DICTIONARY,
    TOO_LONG,
    CTC_INFEASIBLE,
)
"""All that the rules for a label find."""

MIX = {**LABEL_FILE, **LABEL, **by_code(REPEATED_LINE, OVER_CAPS)}
"""All that a mix counts."""

TRAINING = by_code(
    MISSING_IMAGE, UNREADABLE_IMAGE, EMPTY, TOO_LONG, OUTSIDE_DICTIONARY, CTC_INFEASIBLE, CONTROL
)
"""Why a line is not trained on. PaddleOCR would put another line in its place, or train on what is
left of the label, without a word."""

PADDLEOCR = by_code(SEVERAL_CHARACTERS, SQUEEZED, TOO_LONG, OUTSIDE_DICTIONARY)
"""Why a line is none for PaddleOCR."""
