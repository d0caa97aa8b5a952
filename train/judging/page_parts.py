"""What the pages of mine, evaluate and the gate share: buttons, turned crops, drawn changes."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup, escape

from textlines.errors import InputError
from textlines.pages.page import Section
from textlines.pages.tables import CellLike, Column, number, table
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.decode import read_image
from textlines.wilson import Interval
from textlines.wording import Sentence, arranged, say, say_n
from train.judging.figure_words import points, points_range, signed_points
from train.reading.turned_crops import TurnedCrop, TurnedCrops

PACKAGE = "train.judging"

PICTURES = 60
"""How many of the crops are shown as pictures; all are listed."""

ONLY_CONVENTIONS = say(
    "Conventions are all that is wrong in {apart} of {wrong}; no training mends."
)


def all_right(lines: int) -> Sentence:
    """Return that all lines are read right."""
    return say_n(
        "The one line is read as its label says.",
        "All {n:,} lines are read as their labels say.",
        lines,
    )


def wrong_lines(count: int) -> Sentence:
    """Return how many lines are wrong, as `ONLY_CONVENTIONS` names them."""
    return say_n("the one wrong line", "the {n:,} wrong lines", count)


def percent(share: float) -> str:
    """Write a share (0..1) in percent, with one decimal.

    >>> percent(0.774), percent(1)
    ('77.4 %', '100 %')
    """
    return f"{number(round(share * 100, 1))} %"


def char_button(char: str) -> Markup:
    """Return a character as a button that shows its lines."""
    shown = "␣" if char == " " else char
    return Markup('<button type="button" class="char" data-char="{}">{}</button>').format(
        char, shown
    )


def pair_button(name: str, count: int | None = None) -> Markup:
    """Return a fault as a button that shows its lines."""
    number_ = "" if count is None else Markup(" <b>{}</b>").format(count)
    return Markup('<button type="button" class="chip" data-pair="{}">{}{}</button>').format(
        name, name.replace(" ", "␣"), number_
    )


def turned_sections(turned: TurnedCrops | None, images: Path) -> list[Section]:
    """Return the part that lists the crops; none when there is nothing to list.

    Args:
        images: the folder that their paths start from.
    """
    if turned is None or not turned.crops:
        return []
    columns = [
        Column(say("Crop")),
        Column(say("Path")),
        Column(say("Turn"), True, say("degrees, counter-clockwise, that set it upright")),
        Column(say("Label")),
        Column(say("Read as it lies")),
        Column(say("Read turned")),
    ]
    rows = [_row(crop, images, at < PICTURES) for at, crop in enumerate(turned.crops)]
    return [
        Section(
            say("Turned crops"),
            table(columns, rows, shown=PICTURES),
            arranged("{told}.", told=turned.told()),
        )
    ]


def _row(turned_crop: TurnedCrop, images: Path, has_picture: bool) -> list[CellLike]:
    picture: CellLike = ""
    if has_picture:
        try:
            crop = thumbnail(read_image(images / turned_crop.path), max_height=48, max_width=320)
            picture = Markup('<img src="{}" alt="">').format(crop)
        except InputError:  # it was there when it was read
            picture = say("not there")
    return [
        picture,
        turned_crop.path,
        turned_crop.turn,
        turned_crop.label,
        turned_crop.as_it_lies,
        turned_crop.turned,
    ]


_EDGE = 8


def reach_of(changes: Sequence[Interval], limit: float = 0.0) -> float:
    """Return how far a common axis must reach either way, a round number of points as a share.

    >>> reach_of([(-0.004, 0.012)], 0.01), reach_of([])
    (0.02, 0.01)
    """
    most = max([abs(limit), *(abs(bound) for change in changes for bound in change)], default=0)
    return next(r for r in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0) if r >= most or r == 2.0)


def change_svg(
    value: float, interval: Interval, *, reach: float, limit: float | None = None, wide: int = 200
) -> Markup:
    """Draw a change on an axis from -reach to +reach, with 0 and a limit marked.

    Args:
        value, interval, reach, limit: shares (0.01 is a point).
        wide: in pixels.
    """

    def x(share: float) -> float:
        held = min(max(share, -reach), reach)
        return _EDGE + (held + reach) / (2 * reach) * (wide - 2 * _EDGE)

    low, high = interval
    parts = [
        f'<line class="axis" x1="{_EDGE}" y1="10" x2="{wide - _EDGE}" y2="10"/>',
        f'<rect class="band" x="{x(low):.1f}" y="5" width="{max(x(high) - x(low), 1.5):.1f}" '
        'height="10" rx="2"/>',
        f'<line class="zero" x1="{x(0):.1f}" y1="1" x2="{x(0):.1f}" y2="19"/>',
    ]
    if limit is not None:
        at = f"{x(limit):.1f}"
        parts.append(
            f'<line class="limit" x1="{at}" y1="1" x2="{at}" y2="19"><title>'
            f"{escape(say('the limit: {change}', change=points(limit)))}</title></line>"
        )
    parts.append(f'<line class="mark" x1="{x(value):.1f}" y1="3" x2="{x(value):.1f}" y2="17"/>')
    ends = ((_EDGE, "start", -reach), (x(0), "middle", 0.0), (wide - _EDGE, "end", reach))
    parts += (
        f'<text x="{at:.1f}" y="26" style="text-anchor:{anchor}">{signed_points(share, 0)}</text>'
        for at, anchor, share in ends
    )
    words = escape(
        arranged("{change}, {bounds}", change=points(value), bounds=points_range(interval))
    )
    return Markup(
        f'<svg class="change" viewBox="0 0 {wide} 32" width="{wide}" height="32" role="img" '
        f'aria-label="{words}"><title>{words}</title>{"".join(parts)}</svg>'
    )
