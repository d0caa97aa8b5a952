"""Every code that `balance check` reports: how bad it is, what it says, what mends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from textlines.wording import Sentence, say

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
    words: Sentence
    mend: Sentence
    drops: bool = False


def _error(words: Sentence, mend: Sentence) -> Code:
    return Code("error", words, mend, drops=True)


def _alarm(words: Sentence, mend: Sentence) -> Code:
    """Make an error that is about a whole set and no single line."""
    return Code("error", words, mend)


def _warning(words: Sentence, mend: Sentence) -> Code:
    return Code("warning", words, mend)


def _note(words: Sentence, mend: Sentence) -> Code:
    return Code("note", words, mend)


_FIX = say("`--fix OUT` mends it.")
_DROP = say("Mend the line, or let `--fix OUT` leave it out.")
_WRITTEN = say("Write path, tab, label. Mend the line, or let `--fix OUT` leave it out.")
_TEXT = say("Name a text file. Mend the line, or let `--fix OUT` leave it out.")

CODES: Mapping[str, Code] = {
    # The label file.
    "unusable_file": _alarm(
        say("label file that cannot be read"), say("Mend or convert the file.")
    ),
    "no_lines": _alarm(
        say("label file without a single usable line"),
        say(
            "The other findings say what is wrong with its lines; an empty one is to be named anew."
        ),
    ),
    "paths_do_not_fit": _alarm(
        say("label file none of whose images is where its paths say"),
        say(
            "Say what its paths begin with beyond the folder: --cut-prefix; `--fix OUT` then "
            "writes paths that fit."
        ),
    ),
    "changed_while_read": _alarm(
        say("file that changed while it was read"),
        say("Wait until its writer is done and check again."),
    ),
    "bom": _warning(say("byte order mark at the start of a line"), _FIX),
    "crlf": _warning(say("line that ends in CR LF"), _FIX),
    "backslash": _warning(say("path with backslashes"), _FIX),
    "cut_prefix": _note(say("path read without its prefix (--cut-prefix)"), _FIX),
    "from_images": _warning(
        say("absolute path that lies in the folder of the images"),
        say("It is read from there on; `--fix OUT` writes it so, and the set can move."),
    ),
    "blank_line": _warning(say("blank line"), _FIX),
    "image_list": _warning(
        say("line that lists several images"),
        say("PaddleOCR draws one of them each time; `--fix OUT` writes one line for each."),
    ),
    "no_tab": _error(say("line without a tab"), _WRITTEN),
    "extra_tab": _error(say("line with more than one tab"), _DROP),
    "empty_path": _error(say("line without a path"), _DROP),
    "absolute_path": _error(
        say("absolute path"),
        say("Write paths from the data folder on; the set cannot move otherwise."),
    ),
    "leaves_folder": _error(
        say("path that leaves the data folder"), say("Copy the image into the data folder.")
    ),
    "odd_path": _error(
        say("path with characters that cannot be seen"),
        say("Rename the image: such a path is lost in the next editor."),
    ),
    "image_list_broken": _error(say("list of images that is no JSON list of strings"), _DROP),
    "binary": _error(say("line with a NUL (binary data)"), _TEXT),
    "encoding": _error(
        say("line that is not UTF-8"),
        say("Read it with --encoding; `--fix OUT` then writes UTF-8."),
    ),
    "line_too_long": _error(say("line of more than 100,000 bytes"), _DROP),
    # The label. Codes of `textlines.rules` keep their names.
    "empty": _error(say("empty label"), _DROP),
    "control": _error(say("label with a control character"), _DROP),
    "nfd": _warning(say("label that is not composed (NFC)"), _FIX),
    "loose_jamo": _warning(
        say("jamo that compose no syllable"), say("Write the syllable, or leave the line out.")
    ),
    "compat_jamo": _warning(
        say("compatibility jamo"),
        say("Sound where a single letter is printed; else write the syllable."),
    ),
    "zero_width": _warning(say("character without width"), _FIX),
    "nbsp": _warning(say("space that does not break"), _FIX),
    "leading_space": _warning(say("space at the start"), _FIX),
    "trailing_space": _warning(say("space at the end"), _FIX),
    "double_space": _warning(say("doubled space"), _FIX),
    "label_edge": _note(
        say("beginning or end that nearly all labels of a set have"),
        say(
            "Where the crops do not show it, take it out of the labels (`--fix OUT` takes out "
            "spaces): right readings would count as wrong, and training would teach to write it."
        ),
    ),
    "label_convention": _warning(
        say("labels of a set that follow another convention than their readings"),
        say("No reading is wrong for it and no training mends it: settle on one of the two."),
    ),
    "outside_dictionary": _error(
        say("character that the dictionary lacks"),
        say(
            "PaddleOCR deletes it from the label and trains on the rest: replace it, or leave the "
            "line out (`--fix OUT`)."
        ),
    ),
    "too_long": _error(
        say("label beyond the length limit"),
        say(
            "PaddleOCR's loader puts another line in its place without a word: split the crop, "
            "raise max_text_length, or leave the line out (`--fix OUT`)."
        ),
    ),
    "ctc_infeasible": _error(
        say("label that needs more time steps than its image gives"),
        say(
            "No path spells it and the loss is infinite: crop wider or leave it out (`--fix OUT`)."
        ),
    ),
    "visual_order": _warning(
        say("right-to-left label in visual order"),
        say("Labels are kept in logical order; the trainer turns them. Reverse these labels."),
    ),
    "order_mixed": _warning(
        say("right-to-left labels in visual and in logical order in one set"),
        say("Bring all of them to logical order."),
    ),
    # The image.
    "image_missing": _error(say("image that is not there"), say("Check the path and --images.")),
    "image_unreadable": _error(
        say("image that cannot be read"), say("Check its links; a pipe is none.")
    ),
    "image_empty": _error(
        say("image of 0 bytes or 0 pixels"), say("Copy it again or leave it out.")
    ),
    "image_truncated": _error(say("image cut short"), say("Copy it again or leave it out.")),
    "image_broken": _error(
        say("image that cannot be decoded"), say("Save it again or leave it out.")
    ),
    "image_too_large": _error(
        say("image too large for a text line"), say("Crop or scale it down.")
    ),
    "image_blank": _error(say("image without anything on it"), say("Leave it out.")),
    "image_tiny": _warning(
        say("image of less than 8 pixels in height or width"), say("Nobody reads it: leave it out.")
    ),
    "image_aspect": _warning(
        say("image of an extreme shape"),
        say(
            "Wider than 40 heights: cut it. Higher than 1.5 widths and written from top to bottom: "
            "read it with a model of such lines, or leave it out."
        ),
    ),
    "image_sideways": _warning(
        say("crop that stands on its side"),
        say(
            "Higher than 1.5 widths with several characters: turn the image, or read and train "
            "with `--turn auto` of the train commands."
        ),
    ),
    "image_alpha": _warning(
        say("image with transparency"),
        say("OpenCV drops the alpha channel and shows what is behind: lay it on its ground."),
    ),
    "image_cmyk": _warning(
        say("image in CMYK"), say("Decoders disagree about its colours: convert it to RGB.")
    ),
    "image_exif": _warning(
        say("image turned or mirrored by its EXIF tag alone"),
        say("Some readers obey the tag and some do not: turn the pixels and remove the tag."),
    ),
    "label_unlike": _warning(
        say("one label on images that cannot all show it"),
        say(
            "Look at them: a labelling tool's placeholder (TEMPORARY, 待识别), or a label pasted "
            "over others? Type what they show, or leave those lines out."
        ),
    ),
    # Lines that repeat.
    "duplicate_line": _warning(
        say("image listed more than once with one label"),
        say("Sound in a mix with capped repeats; else remove the repeats."),
    ),
    "duplicate_image": _warning(
        say("file with the same content as another"), say("Keep one of them.")
    ),
    "near_duplicate": _warning(say("image nearly the same as another"), say("Keep one of them.")),
    "label_conflict": _error(
        say("same image, different labels"),
        say("Look at the image and keep the label that is right."),
    ),
    "near_conflict": _warning(
        say("nearly the same image, different labels"), say("Look at both; one label may be wrong.")
    ),
    # Training and judging.
    "leak_image": _error(say("training image that is in the validation set"), _DROP),
    "leak_near": _error(say("training image nearly the same as one of the validation set"), _DROP),
    "leak_near_short": _warning(
        say("training image of one or two characters like one of the validation set"),
        say("Two prints of so little look alike anyway: drop it if it is the same print."),
    ),
    "leak_text_face": _error(
        say("rendered training line with text and face of a validation line"), _DROP
    ),
    "leak_group": _error(
        say("document that stands in training and in validation"),
        say("Split by document, not by line."),
    ),
    "group_unmatched": _warning(
        say("--group matches no path of the validation set"), say("Mend the expression.")
    ),
    "synthetic_in_val": _alarm(
        say("rendered line in a validation set"),
        say(
            "Judge on real lines only: a rendered one tells how well the model reads the renderer."
        ),
    ),
    "drift_length": _warning(
        say("length of labels differs"), say("Bring the share of lengths nearer.")
    ),
    "drift_space": _warning(
        say("share of labels with spaces differs"), say("Add lines with spaces.")
    ),
    "drift_charset": _warning(say("share of characters differs"), say("Bring the texts nearer.")),
    "drift_width": _warning(
        say("shape of images differs"), say("Crop alike, or add lines of that shape.")
    ),
    # How much there is.
    "few_lines": _warning(
        say("training set of less than 5,000 lines"),
        say("The fine-tune guide asks for 5,000 real lines with an unchanged dictionary."),
    ),
    "char_few": _warning(
        say("character under its floor in training"), say("Add or render lines that hold it.")
    ),
    "char_scarce": _alarm(
        say("character that is judged and hardly trained"), say("Add or render lines that hold it.")
    ),
    "ratio": _warning(
        say("originals to new lines outside 5:1 to 10:1"),
        say("Mix with `balance mix`, which holds it."),
    ),
    # The dictionary.
    "dictionary_duplicate": _warning(
        say("dictionary entry that stood before"),
        say("Its first class is never trained. Leave it if a model was trained with it."),
    ),
    "dictionary_blank": _warning(
        say("blank line in the dictionary"),
        say("It is a class that nothing encodes to. Leave it if a model was trained with it."),
    ),
    "dictionary_space": _note(
        say("dictionary entry of white space"),
        say("It is an entry as any other, and labels encode to it: leave it where it stands."),
    ),
    "dictionary_space_twice": _warning(
        say("space that stands twice: as an entry, and appended after the entries"),
        say(
            "Labels encode to the last. Right where the model was trained with use_space_char on; "
            "where it was off, say --no-space, and they encode to the entry."
        ),
    ),
    "dictionary_control": _warning(
        say("dictionary entry with a control character"),
        say(
            "No label can hold it. Leave it if a model was trained with it: class ids are "
            "positions."
        ),
    ),
    "dictionary_foreign": _alarm(
        say("dictionary that can write few of the labels"),
        say("Name the dictionary of the model that these lines are for."),
    ),
    "dictionary_file": _warning(
        say("dictionary with a byte order mark or CR LF"), say("Save it as LF.")
    ),
    "dictionary_nfc": _note(
        say("dictionary entries that are not composed"),
        say("They are meant: leave them as they are."),
    ),
    "dictionary_moved": _alarm(
        say("dictionary whose old entries moved or left"),
        say("Append new entries at the end: class ids are positions."),
    ),
    "dictionary_changed": _warning(
        say("changed dictionary"),
        say(
            "The guide advises against it; 5,000 lines will not do, and the last layer starts anew."
        ),
    ),
    # What a model says.
    "label_suspect": _warning(
        say("label that a sure model contradicts"),
        say("Look at the image; mend the label if it is wrong."),
    ),
    "image_turned": _warning(
        say("crop that a model read only when it was turned"),
        say(
            "Turn the image, or read and train with `--turn auto` of the train commands; one "
            "that lies upright after all was turned wrongly: its reading counts against the "
            "model."
        ),
    ),
    "prediction_unmatched": _note(
        say("predictions without a line in these sets"), say("Name the predictions of these lines.")
    ),
}

OF_READER: Mapping[str, str] = {
    "empty_label": "empty",
    "nul": "binary",
    "not_utf8": "encoding",
}
"""Codes for reasons of `textlines.labels` that are named otherwise there."""
