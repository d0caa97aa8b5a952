"""What of a run's files was left out or changed, by reason, with the first places."""

from collections.abc import Mapping

from synth.corpus.lines import REASONS as TEXT_REASONS
from synth.faces.face import Face
from synth.faces.scan import FaceScan
from synth.surfaces.photos import Listing
from textlines.labels.label_file import REASONS as LABEL_REASONS
from textlines.labels.tally import Tally

TEXT, FONT, PHOTO = "text: ", "font: ", "photo: "
"""What the reasons start with, by the kind of file."""

BREAKS = FONT + "breaks"

UNUSED_PHOTOS = PHOTO + "unused"

WORDS: Mapping[str, str] = {
    **{TEXT + reason: TEXT + words for reason, words in LABEL_REASONS.items()},
    **{
        TEXT + reason: TEXT + one.words + (", left out" if one.effect == "left_out" else "")
        for reason, one in TEXT_REASONS.items()
    },
    TEXT + "no_reading": "text: crop without a reading, left out",
    TEXT + "read_once": "text: character of one reading alone, taken for a misreading, left out",
    TEXT + "other_file": "text: file with another ending, left out",
    TEXT + "empty_file": "text: file without a usable line, left out",
    FONT + "broken": "font: broken, left out",
    FONT + "truncated": "font: cut short, left out",
    FONT + "empty": "font: file of 0 bytes, left out",
    FONT + "unreadable": "font: may not be read, left out",
    FONT + "no cmap": "font: without a table of characters, left out",
    FONT + "not a font": "font: file with another ending, left out",
    FONT + "bitmap only": "font: only bitmaps, no outlines, left out",
    FONT + "duplicate": "font: the same face again, left out",
    FONT + "pictures": "font: pictures instead of letters, left out",
    FONT + "unknown licence": "font: of unknown licence, left out",
    BREAKS: "font: breaks while it is drawn, left out",
    PHOTO + "other_file": "photo: file with another ending, left out",
    PHOTO + "not_an_image": "photo: no image, left out",
    PHOTO + "truncated": "photo: cut short, left out",
    PHOTO + "broken": "photo: broken, left out",
    PHOTO + "empty": "photo: file of 0 bytes, left out",
    PHOTO + "too_large": "photo: too many pixels, left out",
    PHOTO + "too_small": "photo: too few pixels, left out",
    PHOTO + "unreadable": "photo: may not be read, left out",
    PHOTO + "same_content": "photo: the same file again, left out",
    UNUSED_PHOTOS: "photo: not drawn on by this style (--set photos.p=0.3 does)",
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
    rest = tally.renamed({one: one for one in counts if not one.startswith(FONT)})
    return rest, fonts


def broken_faces(broken: Mapping[Face, str]) -> Tally:
    """Count the faces that broke while the plan was made, each with its file and where it broke."""
    found = Tally()
    for face, why in broken.items():
        found.add(BREAKS, f"{face.path}: {why}")
    return found


def oddities_of(texts: Tally, scan: FaceScan | None, photos: Listing | None) -> Tally:
    """Count by kind of file and reason: `font: broken`.

    >>> oddities_of(Tally(), None, Listing((), {"truncated": ("a.jpg", "b.jpg")})).lines()
    ['photo: truncated: 2 (a.jpg, b.jpg)']
    """
    found = texts.renamed({reason: TEXT + reason for reason in texts.as_dict()})
    if scan is not None:
        for reason, count in scan.refused.items():
            found.add(FONT + reason, count=count)
            for detail in scan.details:
                path, sign, _ = detail.partition(f": {reason} (")
                if sign:
                    found.add(FONT + reason, path, count=0)
    if photos is not None:
        for reason, names in photos.refused.items():
            for name in names:
                found.add(PHOTO + reason, name)
    return found
