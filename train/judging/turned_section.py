"""Crops that lie turned, as a part of a page."""

from pathlib import Path

from markupsafe import Markup

from textlines.errors import InputError
from textlines.pages.page import Section
from textlines.pages.tables import CellLike, Column, table
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.decode import read_image
from textlines.wording import arranged, say
from train.reading.turned_crops import TurnedCrop, TurnedCrops

PICTURES = 60
"""How many of the crops are shown as pictures; all are listed."""


def turned_sections(found: TurnedCrops | None, images: Path) -> list[Section]:
    """Return the part that lists the crops; none when there is nothing to list.

    Args:
        images: the folder that their paths start from.
    """
    if found is None or not found.crops:
        return []
    columns = [
        Column(say("Crop")),
        Column(say("Path")),
        Column(say("Turn"), True, say("degrees, counter-clockwise, that set it upright")),
        Column(say("Label")),
        Column(say("Read as it lies")),
        Column(say("Read turned")),
    ]
    rows = [_row(one, images, at < PICTURES) for at, one in enumerate(found.crops)]
    return [
        Section(
            say("Turned crops"),
            table(columns, rows, shown=PICTURES),
            arranged("{told}.", told=found.told()),
        )
    ]


def _row(one: TurnedCrop, images: Path, has_picture: bool) -> list[CellLike]:
    picture: CellLike = ""
    if has_picture:
        try:
            crop = thumbnail(read_image(images / one.path), max_height=48, max_width=320)
            picture = Markup('<img src="{}" alt="">').format(crop)
        except InputError:  # it was there when it was read
            picture = say("not there")
    return [picture, one.path, one.turn, one.truth, one.as_it_lies, one.turned]
