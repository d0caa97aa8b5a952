"""Defects of whole sets, images and dictionaries, which `balance check` finds."""

from dataclasses import replace

from textlines.defects import of_lines
from textlines.defects.defect import by_code, kept, left_out
from textlines.wording import say

# The label file.
UNUSABLE_FILE = kept(
    "unusable_file",
    say("label file that cannot be read"),
    say("Mend or convert the file."),
    "error",
)
NO_LINES = kept(
    "no_lines",
    say("label file without a single usable line"),
    say("The other findings say what is wrong with its lines; an empty one is to be named anew."),
    "error",
)
PATHS_DO_NOT_FIT = kept(
    "paths_do_not_fit",
    say("label file none of whose images is where its paths say"),
    say(
        "Say what its paths begin with beyond the folder: --cut-prefix; `--fix OUT` then "
        "writes paths that fit."
    ),
    "error",
)
CHANGED_WHILE_READ = kept(
    "changed_while_read",
    say("file that changed while it was read"),
    say("Wait until its writer is done and check again."),
    "error",
)
ODD_PATH = left_out(
    "odd_path",
    say("path with characters that cannot be seen"),
    say("Rename the image: such a path is lost in the next editor."),
)
BINARY = replace(of_lines.NUL, code="binary")
ENCODING = replace(of_lines.NOT_UTF8, code="encoding")

# The label.
LABEL_EDGE = kept(
    "label_edge",
    say("beginning or end that nearly all labels of a set have"),
    say(
        "Where the crops do not show it, take it out of the labels (`--fix OUT` takes out "
        "spaces): right readings would count as wrong, and training would teach to write it."
    ),
    "note",
)
LABEL_CONVENTION = kept(
    "label_convention",
    say("labels of a set that follow another convention than their readings"),
    say("No reading is wrong for it and no training mends it: settle on one of the two."),
)
VISUAL_ORDER = kept(
    "visual_order",
    say("right-to-left label in visual order"),
    say("Labels are kept in logical order; the trainer turns them. Reverse these labels."),
)
ORDER_MIXED = kept(
    "order_mixed",
    say("right-to-left labels in visual and in logical order in one set"),
    say("Bring all of them to logical order."),
)

# The image.
IMAGE_MISSING = replace(of_lines.MISSING_IMAGE, code="image_missing")
IMAGE_UNREADABLE = left_out(
    "image_unreadable", say("image that cannot be read"), say("Check its links; a pipe is none.")
)
IMAGE_EMPTY = left_out(
    "image_empty", say("image of 0 bytes or 0 pixels"), say("Copy it again or leave it out.")
)
IMAGE_TRUNCATED = left_out(
    "image_truncated", say("image cut short"), say("Copy it again or leave it out.")
)
IMAGE_BROKEN = left_out(
    "image_broken", say("image that cannot be decoded"), say("Save it again or leave it out.")
)
IMAGE_TOO_LARGE = left_out(
    "image_too_large", say("image too large for a text line"), say("Crop or scale it down.")
)
IMAGE_BLANK = left_out("image_blank", say("image without anything on it"), say("Leave it out."))
IMAGE_TINY = kept(
    "image_tiny",
    say("image of less than 8 pixels in height or width"),
    say("Nobody reads it: leave it out."),
)
IMAGE_ASPECT = kept(
    "image_aspect",
    say("image of an extreme shape"),
    say(
        "Wider than 40 heights: cut it. Higher than 1.5 widths and written from top to bottom: "
        "read it with a model of such lines, or leave it out."
    ),
)
IMAGE_SIDEWAYS = kept(
    "image_sideways",
    say("crop that stands on its side"),
    say(
        "Higher than 1.5 widths with several characters: turn the image, or read and train "
        "with `--turn auto` of the train commands."
    ),
)
IMAGE_ALPHA = kept(
    "image_alpha",
    say("image with transparency"),
    say("OpenCV drops the alpha channel and shows what is behind: lay it on its ground."),
)
IMAGE_CMYK = kept(
    "image_cmyk",
    say("image in CMYK"),
    say("Decoders disagree about its colours: convert it to RGB."),
)
IMAGE_EXIF = kept(
    "image_exif",
    say("image turned or mirrored by its EXIF tag alone"),
    say("Some readers obey the tag and some do not: turn the pixels and remove the tag."),
)
LABEL_UNLIKE = kept(
    "label_unlike",
    say("one label on images that cannot all show it"),
    say(
        "Look at them: a labelling tool's placeholder (TEMPORARY, 待识别), or a label pasted "
        "over others? Type what they show, or leave those lines out."
    ),
)

# Lines that repeat.
DUPLICATE_LINE = kept(
    "duplicate_line",
    say("image listed more than once with one label"),
    say("Sound in a mix with capped repeats; else remove the repeats."),
)
DUPLICATE_IMAGE = kept(
    "duplicate_image", say("file with the same content as another"), say("Keep one of them.")
)
NEAR_DUPLICATE = kept(
    "near_duplicate", say("image nearly the same as another"), say("Keep one of them.")
)
LABEL_CONFLICT = left_out(
    "label_conflict",
    say("same image, different labels"),
    say("Look at the image and keep the label that is right."),
)
NEAR_CONFLICT = kept(
    "near_conflict",
    say("nearly the same image, different labels"),
    say("Look at both; one label may be wrong."),
)

# Training and judging.
LEAK_IMAGE = left_out(
    "leak_image", say("training image that is in the validation set"), of_lines.DROP
)
LEAK_NEAR = left_out(
    "leak_near", say("training image nearly the same as one of the validation set"), of_lines.DROP
)
LEAK_NEAR_SHORT = kept(
    "leak_near_short",
    say("training image of one or two characters like one of the validation set"),
    say("Two prints of so little look alike anyway: drop it if it is the same print."),
)
LEAK_TEXT_FACE = left_out(
    "leak_text_face",
    say("rendered training line with text and face of a validation line"),
    of_lines.DROP,
)
LEAK_GROUP = left_out(
    "leak_group",
    say("document that stands in training and in validation"),
    say("Split by document, not by line."),
)
GROUP_UNMATCHED = kept(
    "group_unmatched",
    say("--group matches no path of the validation set"),
    say("Mend the expression."),
)
SYNTHETIC_IN_VAL = kept(
    "synthetic_in_val",
    say("rendered line in a validation set"),
    say("Judge on real lines only: a rendered one tells how well the model reads the renderer."),
    "error",
)
DRIFT_LENGTH = kept(
    "drift_length", say("length of labels differs"), say("Bring the share of lengths nearer.")
)
DRIFT_SPACE = kept(
    "drift_space", say("share of labels with spaces differs"), say("Add lines with spaces.")
)
DRIFT_CHARSET = kept(
    "drift_charset", say("share of characters differs"), say("Bring the texts nearer.")
)
DRIFT_WIDTH = kept(
    "drift_width", say("shape of images differs"), say("Crop alike, or add lines of that shape.")
)

# How much there is.
FEW_LINES = kept(
    "few_lines",
    say("training set of less than 5,000 lines"),
    say("The fine-tune guide asks for 5,000 real lines with an unchanged dictionary."),
)
CHAR_FEW = kept(
    "char_few",
    say("character under its floor in training"),
    say("Add or render lines that hold it."),
)
CHAR_SCARCE = kept(
    "char_scarce",
    say("character that is judged and hardly trained"),
    say("Add or render lines that hold it."),
    "error",
)
RATIO = kept(
    "ratio",
    say("originals to new lines outside 5:1 to 10:1"),
    say("Mix with `balance mix`, which holds it."),
)

# The dictionary.
DICTIONARY_DUPLICATE = kept(
    "dictionary_duplicate",
    say("dictionary entry that stood before"),
    say("Its first class is never trained. Leave it if a model was trained with it."),
)
DICTIONARY_BLANK = kept(
    "dictionary_blank",
    say("blank line in the dictionary"),
    say("It is a class that nothing encodes to. Leave it if a model was trained with it."),
)
DICTIONARY_SPACE = kept(
    "dictionary_space",
    say("dictionary entry of white space"),
    say("It is an entry as any other, and labels encode to it: leave it where it stands."),
    "note",
)
DICTIONARY_SPACE_TWICE = kept(
    "dictionary_space_twice",
    say("space that stands twice: as an entry, and appended after the entries"),
    say(
        "Labels encode to the last. Right where the model was trained with use_space_char on; "
        "where it was off, say --no-space, and they encode to the entry."
    ),
)
DICTIONARY_CONTROL = kept(
    "dictionary_control",
    say("dictionary entry with a control character"),
    say("No label can hold it. Leave it if a model was trained with it: class ids are positions."),
)
DICTIONARY_FOREIGN = kept(
    "dictionary_foreign",
    say("dictionary that can write few of the labels"),
    say("Name the dictionary of the model that these lines are for."),
    "error",
)
DICTIONARY_FILE = kept(
    "dictionary_file", say("dictionary with a byte order mark or CR LF"), say("Save it as LF.")
)
DICTIONARY_NFC = kept(
    "dictionary_nfc",
    say("dictionary entries that are not composed"),
    say("They are meant: leave them as they are."),
    "note",
)
DICTIONARY_MOVED = kept(
    "dictionary_moved",
    say("dictionary whose old entries moved or left"),
    say("Append new entries at the end: class ids are positions."),
    "error",
)
DICTIONARY_CHANGED = kept(
    "dictionary_changed",
    say("changed dictionary"),
    say("The guide advises against it; 5,000 lines will not do, and the last layer starts anew."),
)

# What a model says.
LABEL_SUSPECT = kept(
    "label_suspect",
    say("label that a sure model contradicts"),
    say("Look at the image; mend the label if it is wrong."),
)
IMAGE_TURNED = kept(
    "image_turned",
    say("crop that a model read only when it was turned"),
    say(
        "Turn the image, or read and train with `--turn auto` of the train commands; one "
        "that lies upright after all was turned wrongly: its reading counts against the "
        "model."
    ),
)
PREDICTION_UNMATCHED = kept(
    "prediction_unmatched",
    say("predictions without a line in these sets"),
    say("Name the predictions of these lines."),
    "note",
)

CHECK = by_code(
    UNUSABLE_FILE,
    NO_LINES,
    PATHS_DO_NOT_FIT,
    CHANGED_WHILE_READ,
    of_lines.BOM,
    of_lines.CRLF,
    of_lines.BACKSLASH,
    of_lines.CUT_PREFIX,
    of_lines.FROM_IMAGES,
    of_lines.BLANK_LINE,
    of_lines.IMAGE_LIST,
    of_lines.NO_TAB,
    of_lines.EXTRA_TAB,
    of_lines.EMPTY_PATH,
    of_lines.ABSOLUTE_PATH,
    of_lines.LEAVES_FOLDER,
    ODD_PATH,
    of_lines.IMAGE_LIST_BROKEN,
    BINARY,
    ENCODING,
    of_lines.LINE_TOO_LONG,
    of_lines.EMPTY,
    of_lines.CONTROL,
    of_lines.NFD,
    of_lines.LOOSE_JAMO,
    of_lines.COMPAT_JAMO,
    of_lines.ZERO_WIDTH,
    of_lines.NBSP,
    of_lines.LEADING_SPACE,
    of_lines.TRAILING_SPACE,
    of_lines.DOUBLE_SPACE,
    LABEL_EDGE,
    LABEL_CONVENTION,
    of_lines.OUTSIDE_DICTIONARY,
    of_lines.TOO_LONG,
    of_lines.CTC_INFEASIBLE,
    VISUAL_ORDER,
    ORDER_MIXED,
    IMAGE_MISSING,
    IMAGE_UNREADABLE,
    IMAGE_EMPTY,
    IMAGE_TRUNCATED,
    IMAGE_BROKEN,
    IMAGE_TOO_LARGE,
    IMAGE_BLANK,
    IMAGE_TINY,
    IMAGE_ASPECT,
    IMAGE_SIDEWAYS,
    IMAGE_ALPHA,
    IMAGE_CMYK,
    IMAGE_EXIF,
    LABEL_UNLIKE,
    DUPLICATE_LINE,
    DUPLICATE_IMAGE,
    NEAR_DUPLICATE,
    LABEL_CONFLICT,
    NEAR_CONFLICT,
    LEAK_IMAGE,
    LEAK_NEAR,
    LEAK_NEAR_SHORT,
    LEAK_TEXT_FACE,
    LEAK_GROUP,
    GROUP_UNMATCHED,
    SYNTHETIC_IN_VAL,
    DRIFT_LENGTH,
    DRIFT_SPACE,
    DRIFT_CHARSET,
    DRIFT_WIDTH,
    FEW_LINES,
    CHAR_FEW,
    CHAR_SCARCE,
    RATIO,
    DICTIONARY_DUPLICATE,
    DICTIONARY_BLANK,
    DICTIONARY_SPACE,
    DICTIONARY_SPACE_TWICE,
    DICTIONARY_CONTROL,
    DICTIONARY_FOREIGN,
    DICTIONARY_FILE,
    DICTIONARY_NFC,
    DICTIONARY_MOVED,
    DICTIONARY_CHANGED,
    LABEL_SUSPECT,
    IMAGE_TURNED,
    PREDICTION_UNMATCHED,
)
"""All that `balance check` finds, in the order in which it lists them."""

DRIFTS = {
    "length": DRIFT_LENGTH,
    "space": DRIFT_SPACE,
    "charset": DRIFT_CHARSET,
    "width": DRIFT_WIDTH,
}
"""By the name of the figure that differs."""

OF_READER = {
    of_lines.EMPTY_LABEL.code: of_lines.EMPTY,
    of_lines.NUL.code: BINARY,
    of_lines.NOT_UTF8.code: ENCODING,
}
"""Defects of a label file's lines that have another code in a check."""
