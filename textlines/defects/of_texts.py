"""Defects of what lines are drawn from: texts, fonts and photographs."""

from dataclasses import replace

from textlines.defects import of_lines
from textlines.defects.defect import Defect, Defects, Effect, by_code, changed, left_out
from textlines.wording import Sentence, say

# Lines of a corpus.
BOM = changed("bom", say("byte order mark taken off"))
CUT = changed("cut", say("cut at word boundaries"), severity="note")
DOUBLED_SPACES = changed("doubled_spaces", say("doubled spaces made single"), severity="note")
ODD_SPACES = changed("odd_spaces", say("tabs and special spaces made plain"), severity="note")
EDGE_SPACES = changed("edge_spaces", say("spaces at the ends taken off"), severity="note")
INVISIBLE = changed("invisible", say("zero-width characters taken out"), severity="note")
NFD = changed("nfd", say("composed (NFC)"), severity="note")
CONTROL = left_out("control", say("line with a control character"), severity="warning")
LINE_TOO_LONG = left_out("line_too_long", say("line of more than 16 MB"), severity="warning")
CLUSTER_TOO_LONG = left_out(
    "cluster_too_long", say("cluster longer than a label may be"), severity="warning"
)

CORPUS = by_code(
    BOM,
    CUT,
    DOUBLED_SPACES,
    ODD_SPACES,
    EDGE_SPACES,
    INVISIBLE,
    NFD,
    of_lines.BLANK_LINE,
    CONTROL,
    of_lines.NOT_UTF8,
    LINE_TOO_LONG,
    CLUSTER_TOO_LONG,
)
"""All that the texts of a corpus are counted by. A line may have several that change it."""

# Files of texts.
OTHER_FILE = left_out("other_file", say("file with another ending"), severity="warning")
EMPTY_FILE = left_out("empty_file", say("file without a usable line"), severity="warning")
NO_READING = left_out("no_reading", say("crop without a reading"), severity="warning")
READ_ONCE = left_out(
    "read_once",
    say("character of one reading alone, taken for a misreading"),
    severity="warning",
)

# Texts that a plan takes.
EXCLUDED = left_out("excluded", say("text of --exclude-texts"), severity="note")
NO_FACE = left_out("no_face", say("text that no face may draw"), severity="warning")
NO_CARRIER = left_out(
    "no_carrier", say("character of the dictionary that no text can hold"), severity="warning"
)

_LIMITS = by_code(
    EXCLUDED,
    left_out("too_long", say("text longer than the model reads"), severity="warning"),
    left_out(
        "outside_dictionary",
        say("text with a character that the dictionary lacks"),
        severity="warning",
    ),
    left_out(
        "ctc_infeasible",
        say("text that needs more time steps than its image gives"),
        severity="warning",
    ),
    left_out("control", say("text with a control character"), severity="warning"),
    left_out("empty", say("text of blanks alone"), severity="warning"),
)

PATTERN_FAULTS = by_code(
    *(
        replace(one, code=f"rule_{one.code}", what=say("pattern: {words}", words=one.what))
        for one in _LIMITS.values()
    )
)
"""Of patterns, by the rule of a label that their texts break."""


def pattern_fault(code: str) -> Defect:
    """Return the defect of a pattern whose texts break a rule of a label.

    Raises:
        KeyError: there is no such rule.
    """
    return PATTERN_FAULTS[f"rule_{code}"]


PLAN = {
    **of_lines.LABEL_FILE,
    **PATTERN_FAULTS,
    **_LIMITS,
    **CORPUS,
    **by_code(NO_FACE, NO_CARRIER, OTHER_FILE, EMPTY_FILE),
}
"""All that a plan counts of its texts."""

# The files of a run, by their kind.
TEXT, FONT, PHOTO = "text: ", "font: ", "photo: "
"""What codes begin with, by the kind of file."""


def _of_text(one: Defect) -> Defect:
    told = say("text: {words}", words=one.sentence) if one.told else one.told
    return replace(one, code=TEXT + one.code, what=say("text: {words}", words=one.what), told=told)


def _of_files(kind: str, effect: Effect, codes: dict[str, Sentence]) -> Defects:
    return by_code(*(Defect(kind + code, effect, "warning", what) for code, what in codes.items()))


BREAKS = left_out(FONT + "breaks", say("font: breaks while it is drawn"), severity="warning")
_UNUSED = say("photo: not drawn on by this style (--set photos.p=0.3 does)")
UNUSED_PHOTO = Defect(PHOTO + "unused", "left_out", "note", _UNUSED, told=_UNUSED)

TEXT_FILE = by_code(
    *map(
        _of_text,
        {
            **of_lines.LABEL_FILE,
            **CORPUS,
            **by_code(NO_READING, READ_ONCE, OTHER_FILE, EMPTY_FILE),
        }.values(),
    )
)
"""Of the files that texts come from: corpora, label files, readings."""

FONT_FILE = _of_files(
    FONT,
    "left_out",
    {
        "broken": say("font: broken"),
        "truncated": say("font: cut short"),
        "empty": say("font: file of 0 bytes"),
        "unreadable": say("font: may not be read"),
        "no cmap": say("font: without a table of characters"),
        "not a font": say("font: file with another ending"),
        "bitmap only": say("font: only bitmaps, no outlines"),
        "duplicate": say("font: the same face again"),
        "pictures": say("font: pictures instead of letters"),
        "unknown licence": say("font: of unknown licence"),
    },
)

PHOTO_FILE = _of_files(
    PHOTO,
    "left_out",
    {
        "other_file": say("photo: file with another ending"),
        "not_an_image": say("photo: no image"),
        "truncated": say("photo: cut short"),
        "broken": say("photo: broken"),
        "empty": say("photo: file of 0 bytes"),
        "too_large": say("photo: too many pixels"),
        "too_small": say("photo: too few pixels"),
        "unreadable": say("photo: may not be read"),
        "same_content": say("photo: the same file again"),
    },
)

RUN = {**TEXT_FILE, **FONT_FILE, BREAKS.code: BREAKS, **PHOTO_FILE, UNUSED_PHOTO.code: UNUSED_PHOTO}
"""All that a run counts of its files."""
