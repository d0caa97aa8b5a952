"""What of a run's files was left out or changed, by reason, with the first places."""

from collections.abc import Iterable, Mapping

from synth.faces.font_face import Face
from synth.faces.scan import FaceScan
from synth.rendering.photos import Listing
from textlines.defects import of_texts
from textlines.defects.of_texts import FONT, PHOTO, TEXT
from textlines.labels.tally import Tally


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
    """Count the faces that broke while the plan was made."""
    return breaking(f"{face.path}: {why}" for face, why in broken.items())


def breaking_counts(places: Iterable[str]) -> dict[str, int]:
    """Return the counts of a run's record for faces that broke, each at one place."""
    return breaking(places).by_effect()


def breaking(places: Iterable[str]) -> Tally:
    """Count faces that broke, each with its file and where it broke."""
    counted = Tally()
    for place in places:
        counted.add(of_texts.BREAKS, place)
    return counted


def oddities_of(texts: Tally, scan: FaceScan | None, photos: Listing | None) -> Tally:
    """Count by kind of file and reason: `font: broken`.

    >>> oddities_of(Tally(), None, Listing((), {"truncated": ("a.jpg", "b.jpg")})).lines()
    ['photo: truncated: 2 (a.jpg, b.jpg)']
    """
    counted = texts.renamed({reason: TEXT + reason for reason in texts.as_dict()})
    if scan is not None:
        for reason, count in scan.refused.items():
            defect = of_texts.RUN.get(FONT + reason, FONT + reason)
            counted.add(defect, count=count)
            for detail in scan.details:
                path, sign, _ = detail.partition(f": {reason} (")
                if sign:
                    counted.add(defect, path, count=0)
    if photos is not None:
        for reason, names in photos.refused.items():
            for name in names:
                counted.add(of_texts.RUN.get(PHOTO + reason, PHOTO + reason), name)
    return counted
