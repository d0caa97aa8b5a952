"""What of a run's files was left out or changed, by reason, with the first places."""

from collections.abc import Mapping

from synth.corpus.lines import REASONS as TEXT_REASONS
from synth.faces.face import Face
from synth.faces.scan import FaceScan
from synth.surfaces.photos import Listing
from textlines.labels.label_file import REASONS as LABEL_REASONS
from textlines.labels.tally import Tally, bare, left_out
from textlines.wording import Sentence, say

TEXT, FONT, PHOTO = "text: ", "font: ", "photo: "
"""What the reasons start with, by the kind of file."""

BREAKS = FONT + "breaks"

UNUSED_PHOTOS = PHOTO + "unused"


def _text_words(words: str) -> Sentence:
    sentence = say("text: {words}", words=bare(words))
    return sentence if bare(words) == words else left_out(sentence)


WORDS: Mapping[str, str] = {
    **{TEXT + reason: _text_words(words) for reason, words in LABEL_REASONS.items()},
    **{
        TEXT + reason: _text_words(
            left_out(Sentence.of(entry.words)) if entry.effect == "left_out" else entry.words
        )
        for reason, entry in TEXT_REASONS.items()
    },
    TEXT + "no_reading": left_out(say("text: crop without a reading")),
    TEXT + "read_once": left_out(
        say("text: character of one reading alone, taken for a misreading")
    ),
    TEXT + "other_file": left_out(say("text: file with another ending")),
    TEXT + "empty_file": left_out(say("text: file without a usable line")),
    FONT + "broken": left_out(say("font: broken")),
    FONT + "truncated": left_out(say("font: cut short")),
    FONT + "empty": left_out(say("font: file of 0 bytes")),
    FONT + "unreadable": left_out(say("font: may not be read")),
    FONT + "no cmap": left_out(say("font: without a table of characters")),
    FONT + "not a font": left_out(say("font: file with another ending")),
    FONT + "bitmap only": left_out(say("font: only bitmaps, no outlines")),
    FONT + "duplicate": left_out(say("font: the same face again")),
    FONT + "pictures": left_out(say("font: pictures instead of letters")),
    FONT + "unknown licence": left_out(say("font: of unknown licence")),
    BREAKS: left_out(say("font: breaks while it is drawn")),
    PHOTO + "other_file": left_out(say("photo: file with another ending")),
    PHOTO + "not_an_image": left_out(say("photo: no image")),
    PHOTO + "truncated": left_out(say("photo: cut short")),
    PHOTO + "broken": left_out(say("photo: broken")),
    PHOTO + "empty": left_out(say("photo: file of 0 bytes")),
    PHOTO + "too_large": left_out(say("photo: too many pixels")),
    PHOTO + "too_small": left_out(say("photo: too few pixels")),
    PHOTO + "unreadable": left_out(say("photo: may not be read")),
    PHOTO + "same_content": left_out(say("photo: the same file again")),
    UNUSED_PHOTOS: say("photo: not drawn on by this style (--set photos.p=0.3 does)"),
}
"""The reasons in words, for a person."""


def split_fonts(tally: Tally) -> tuple[Tally, dict[str, int]]:
    """Part what was left out of fonts, by reason, from all else.

    >>> tally = Tally()
    >>> tally.add("font: not a font", count=3)
    >>> tally.add("text: bom", "a.txt:1", effect="changed")
    >>> rest, fonts = split_fonts(tally)
    >>> rest.lines(), fonts
    (['text: bom: 1 (a.txt:1)'], {'not a font': 3})
    """
    counts = tally.as_dict()
    fonts = {
        reason.removeprefix(FONT): count
        for reason, count in counts.items()
        if reason.startswith(FONT)
    }
    rest = tally.renamed({name: name for name in counts if not name.startswith(FONT)})
    return rest, fonts


def broken_faces(broken: Mapping[Face, str]) -> Tally:
    """Count the faces that broke while the plan was made, each with its file and where it broke."""
    counted = Tally()
    for face, why in broken.items():
        counted.add(BREAKS, f"{face.path}: {why}")
    return counted


def oddities_of(texts: Tally, scan: FaceScan | None, photos: Listing | None) -> Tally:
    """Count by kind of file and reason: `font: broken`.

    >>> oddities_of(Tally(), None, Listing((), {"truncated": ("a.jpg", "b.jpg")})).lines()
    ['photo: truncated: 2 (a.jpg, b.jpg)']
    """
    counted = texts.renamed({reason: TEXT + reason for reason in texts.as_dict()})
    if scan is not None:
        for reason, count in scan.refused.items():
            counted.add(FONT + reason, count=count)
            for detail in scan.details:
                path, sign, _ = detail.partition(f": {reason} (")
                if sign:
                    counted.add(FONT + reason, path, count=0)
    if photos is not None:
        for reason, names in photos.refused.items():
            for name in names:
                counted.add(PHOTO + reason, name)
    return counted
