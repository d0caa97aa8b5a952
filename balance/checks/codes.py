"""Every code that `balance check` reports: how bad it is, what it says, what mends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding.

    Attributes:
        severity: an error makes the command end with 1; with --strict a warning does too.
        words: what was found, as a heading.
        mend: the way out.
        drops: `--fix` leaves out the line at which an error of this code stands.
    """

    severity: Severity
    words: str
    mend: str
    drops: bool = False


def _error(words: str, mend: str) -> Code:
    return Code("error", words, mend, drops=True)


def _alarm(words: str, mend: str) -> Code:
    """Make an error that is about a whole set and no single line."""
    return Code("error", words, mend)


def _warning(words: str, mend: str) -> Code:
    return Code("warning", words, mend)


def _note(words: str, mend: str) -> Code:
    return Code("note", words, mend)


_FIX = "`--fix OUT` mends it."
_DROP = "Mend the line, or let `--fix OUT` leave it out."

CODES: Mapping[str, Code] = {
    # The label file.
    "unusable_file": _alarm("label file that cannot be read", "Mend or convert the file."),
    "no_lines": _alarm(
        "label file without a single usable line",
        "The other findings say what is wrong with its lines; an empty one is to be named anew.",
    ),
    "paths_do_not_fit": _alarm(
        "label file none of whose images is where its paths say",
        "Say what its paths begin with beyond the folder: --cut-prefix; `--fix OUT` then writes "
        "paths that fit.",
    ),
    "changed_while_read": _alarm(
        "file that changed while it was read", "Wait until its writer is done and check again."
    ),
    "bom": _warning("byte order mark at the start of a line", _FIX),
    "crlf": _warning("line that ends in CR LF", _FIX),
    "backslash": _warning("path with backslashes", _FIX),
    "cut_prefix": _note("path read without its prefix (--cut-prefix)", _FIX),
    "from_images": _warning(
        "absolute path that lies in the folder of the images",
        "It is read from there on; `--fix OUT` writes it so, and the set can move.",
    ),
    "blank_line": _warning("blank line", _FIX),
    "image_list": _warning(
        "line that lists several images",
        "PaddleOCR draws one of them each time; `--fix OUT` writes one line for each.",
    ),
    "no_tab": _error("line without a tab", "Write path, tab, label. " + _DROP),
    "extra_tab": _error("line with more than one tab", _DROP),
    "empty_path": _error("line without a path", _DROP),
    "absolute_path": _error(
        "absolute path", "Write paths from the data folder on; the set cannot move otherwise."
    ),
    "leaves_folder": _error(
        "path that leaves the data folder", "Copy the image into the data folder."
    ),
    "odd_path": _error(
        "path with characters that cannot be seen",
        "Rename the image: such a path is lost in the next editor.",
    ),
    "image_list_broken": _error("list of images that is no JSON list of strings", _DROP),
    "binary": _error("line with a NUL (binary data)", "Name a text file. " + _DROP),
    "encoding": _error(
        "line that is not UTF-8", "Read it with --encoding; `--fix OUT` then writes UTF-8."
    ),
    "line_too_long": _error("line of more than 100,000 bytes", _DROP),
    # The label. Codes of `textlines.rules` keep their names.
    "empty": _error("empty label", _DROP),
    "control": _error("label with a control character", _DROP),
    "nfd": _warning("label that is not composed (NFC)", _FIX),
    "loose_jamo": _warning(
        "jamo that compose no syllable", "Write the syllable, or leave the line out."
    ),
    "compat_jamo": _warning(
        "compatibility jamo", "Sound where a single letter is printed; else write the syllable."
    ),
    "zero_width": _warning("character without width", _FIX),
    "nbsp": _warning("space that does not break", _FIX),
    "leading_space": _warning("space at the start", _FIX),
    "trailing_space": _warning("space at the end", _FIX),
    "double_space": _warning("doubled space", _FIX),
    "label_edge": _note(
        "beginning or end that nearly all labels of a set have",
        "Where the crops do not show it, take it out of the labels (`--fix OUT` takes out spaces): "
        "right readings would count as wrong, and training would teach to write it.",
    ),
    "label_convention": _warning(
        "labels of a set that follow another convention than their readings",
        "No reading is wrong for it and no training mends it: settle on one of the two.",
    ),
    "outside_dictionary": _error(
        "character that the dictionary lacks",
        "PaddleOCR deletes it from the label and trains on the rest: replace it, or leave the "
        "line out (`--fix OUT`).",
    ),
    "too_long": _error(
        "label beyond the length limit",
        "PaddleOCR's loader puts another line in its place without a word: split the crop, raise "
        "max_text_length, or leave the line out (`--fix OUT`).",
    ),
    "ctc_infeasible": _error(
        "label that needs more time steps than its image gives",
        "No path spells it and the loss is infinite: crop wider or leave it out (`--fix OUT`).",
    ),
    "visual_order": _warning(
        "right-to-left label in visual order",
        "Labels are kept in logical order; the trainer turns them. Reverse these labels.",
    ),
    "order_mixed": _warning(
        "right-to-left labels in visual and in logical order in one set",
        "Bring all of them to logical order.",
    ),
    # The image.
    "image_missing": _error("image that is not there", "Check the path and --images."),
    "image_unreadable": _error("image that cannot be read", "Check its links; a pipe is none."),
    "image_empty": _error("image of 0 bytes or 0 pixels", "Copy it again or leave it out."),
    "image_truncated": _error("image cut short", "Copy it again or leave it out."),
    "image_broken": _error("image that cannot be decoded", "Save it again or leave it out."),
    "image_too_large": _error("image too large for a text line", "Crop or scale it down."),
    "image_blank": _error("image without anything on it", "Leave it out."),
    "image_tiny": _warning(
        "image of less than 8 pixels in height or width", "Nobody reads it: leave it out."
    ),
    "image_aspect": _warning(
        "image of an extreme shape",
        "Wider than 40 heights: cut it. Higher than 1.5 widths and written from top to bottom: "
        "read it with a model of such lines, or leave it out.",
    ),
    "image_sideways": _warning(
        "crop that stands on its side",
        "Higher than 1.5 widths with several characters: turn the image, or read and train with "
        "`--turn auto` of the train commands.",
    ),
    "image_alpha": _warning(
        "image with transparency",
        "OpenCV drops the alpha channel and shows what is behind: lay it on its ground.",
    ),
    "image_cmyk": _warning(
        "image in CMYK", "Decoders disagree about its colours: convert it to RGB."
    ),
    "image_exif": _warning(
        "image turned or mirrored by its EXIF tag alone",
        "Some readers obey the tag and some do not: turn the pixels and remove the tag.",
    ),
    "label_unlike": _warning(
        "one label on images that cannot all show it",
        "Look at them: a labelling tool's placeholder (TEMPORARY, 待识别), or a label pasted over "
        "others? Type what they show, or leave those lines out.",
    ),
    # Lines that repeat.
    "duplicate_line": _warning(
        "image listed more than once with one label",
        "Sound in a mix with capped repeats; else remove the repeats.",
    ),
    "duplicate_image": _warning("file with the same content as another", "Keep one of them."),
    "near_duplicate": _warning("image nearly the same as another", "Keep one of them."),
    "label_conflict": _error(
        "same image, different labels", "Look at the image and keep the label that is right."
    ),
    "near_conflict": _warning(
        "nearly the same image, different labels", "Look at both; one label may be wrong."
    ),
    # Training and judging.
    "leak_image": _error("training image that is in the validation set", _DROP),
    "leak_near": _error("training image nearly the same as one of the validation set", _DROP),
    "leak_near_short": _warning(
        "training image of one or two characters like one of the validation set",
        "Two prints of so little look alike anyway: drop it if it is the same print.",
    ),
    "leak_text_face": _error(
        "rendered training line with text and face of a validation line", _DROP
    ),
    "leak_group": _error(
        "document that stands in training and in validation", "Split by document, not by line."
    ),
    "group_unmatched": _warning(
        "--group matches no path of the validation set", "Mend the expression."
    ),
    "synthetic_in_val": _alarm(
        "rendered line in a validation set",
        "Judge on real lines only: a rendered one tells how well the model reads the renderer.",
    ),
    "drift_length": _warning("length of labels differs", "Bring the share of lengths nearer."),
    "drift_space": _warning("share of labels with spaces differs", "Add lines with spaces."),
    "drift_charset": _warning("share of characters differs", "Bring the texts nearer."),
    "drift_width": _warning("shape of images differs", "Crop alike, or add lines of that shape."),
    # How much there is.
    "few_lines": _warning(
        "training set of less than 5,000 lines",
        "The fine-tune guide asks for 5,000 real lines with an unchanged dictionary.",
    ),
    "char_few": _warning(
        "character under its floor in training", "Add or render lines that hold it."
    ),
    "char_scarce": _alarm(
        "character that is judged and hardly trained", "Add or render lines that hold it."
    ),
    "ratio": _warning(
        "originals to new lines outside 5:1 to 10:1", "Mix with `balance mix`, which holds it."
    ),
    # The dictionary.
    "dictionary_duplicate": _warning(
        "dictionary entry that stood before",
        "Its first class is never trained. Leave it if a model was trained with it.",
    ),
    "dictionary_blank": _warning(
        "blank line in the dictionary",
        "It is a class that nothing encodes to. Leave it if a model was trained with it.",
    ),
    "dictionary_space": _note(
        "dictionary entry of white space",
        "It is an entry as any other, and labels encode to it: leave it where it stands.",
    ),
    "dictionary_space_twice": _warning(
        "space that stands twice: as an entry, and appended after the entries",
        "Labels encode to the last. Right where the model was trained with use_space_char on; "
        "where it was off, say --no-space, and they encode to the entry.",
    ),
    "dictionary_control": _warning(
        "dictionary entry with a control character",
        "No label can hold it. Leave it if a model was trained with it: class ids are positions.",
    ),
    "dictionary_foreign": _alarm(
        "dictionary that can write few of the labels",
        "Name the dictionary of the model that these lines are for.",
    ),
    "dictionary_file": _warning("dictionary with a byte order mark or CR LF", "Save it as LF."),
    "dictionary_nfc": _note(
        "dictionary entries that are not composed", "They are meant: leave them as they are."
    ),
    "dictionary_moved": _alarm(
        "dictionary whose old entries moved or left",
        "Append new entries at the end: class ids are positions.",
    ),
    "dictionary_changed": _warning(
        "changed dictionary",
        "The guide advises against it; 5,000 lines will not do, and the last layer starts anew.",
    ),
    # What a model says.
    "label_suspect": _warning(
        "label that a sure model contradicts", "Look at the image; mend the label if it is wrong."
    ),
    "image_turned": _warning(
        "crop that a model read only when it was turned",
        "Turn the image, or read and train with `--turn auto` of the train commands; one that lies "
        "upright after all was turned wrongly: its reading counts against the model.",
    ),
    "prediction_unmatched": _note(
        "predictions without a line in these sets", "Name the predictions of these lines."
    ),
}

OF_READER: Mapping[str, str] = {
    "empty_label": "empty",
    "nul": "binary",
    "not_utf8": "encoding",
}
"""Codes for reasons of `textlines.labels` that are named otherwise there."""
