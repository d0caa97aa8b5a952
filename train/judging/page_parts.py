"""What pages on readings share: misread lines to be marked, turned crops, changes drawn.

Of misread lines: which of them a page shows, what it says of each, how they are marked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from markupsafe import Markup, escape

from textlines.defects import of_readings
from textlines.errors import InputError
from textlines.formats.profile import ErrorProfile
from textlines.labels.label_paths import path_fault
from textlines.labels.tally import Tally
from textlines.pages.environment import render
from textlines.pages.page import Section
from textlines.pages.tables import CellLike, Column, number, table
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.decode import read_image
from textlines.profile.align import Edit, align
from textlines.profile.reading import Misread
from textlines.profile.rows import by_count
from textlines.profile.units import splitter
from textlines.terminal import shown_line
from textlines.wilson import Interval
from textlines.wording import Sentence, arranged, say, say_n, spoken
from train.judging.figure_words import NOTHING, points, points_range, signed_points
from train.judging.mining import HEADER, MARKS, Mark
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
    rows = [_turned_row(crop, images, at < PICTURES) for at, crop in enumerate(turned.crops)]
    return [
        Section(
            say("Turned crops"),
            table(columns, rows, shown=PICTURES),
            arranged("{told}.", told=turned.told()),
        )
    ]


def _turned_row(turned_crop: TurnedCrop, images: Path, has_picture: bool) -> list[CellLike]:
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


CROP_HEIGHT = 56
"""In pixels; crops that are lower stay as they are."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A misread line in a report.

    Attributes:
        number: from 1, in the order of importance.
        faults: names of its faults, each once, in reading order.
        chars: the characters in them, each once.
        mark: what the file of marks says of it; "" for nothing.
        label_score: how sure the model is of the label, 0..1 a character; None when not known.
    """

    number: int
    line: Misread
    faults: tuple[str, ...]
    chars: tuple[str, ...]
    mark: Mark | str = ""
    label_score: float | None = None


def fault_name(edit: Edit) -> str:
    """Name a fault: `1→7`, `.→∅` (lost), `∅→#` (inserted).

    >>> fault_name(Edit("deleted", ".", ""))
    '.→∅'
    """
    return f"{edit.label or NOTHING}→{edit.read or NOTHING}"


def shown_lines(
    misread: Sequence[Misread], profile: ErrorProfile, most: int, marks: Mapping[str, Mark]
) -> tuple[ShownLine, ...]:
    """Choose at most `most` lines, so that every kind of fault is among them, and order them.

    Lines are grouped by their weightiest fault: that of the character with the greatest
    expected gain, insertions by their number. Lines are then taken from all groups in turn and
    shown group by group. Marked lines come first, so that no mark is lost from sight.
    """
    weights = _weights(profile)
    groups: defaultdict[str, list[Misread]] = defaultdict(list)
    for line in misread:
        names = [fault_name(edit) for edit in line.faults()]
        main = min(names, key=lambda name: (-weights[name], name))
        groups[main].append(line)
    order = sorted(groups, key=lambda name: (-weights[name], name))
    turns = [
        (line.path not in marks, turn, place, line)
        for place, name in enumerate(order)
        for turn, line in enumerate(groups[name])
    ]
    chosen = sorted(turns, key=lambda item: item[:3])[:most]
    chosen.sort(key=lambda item: (item[2], item[1]))
    return tuple(
        show_line(number, line, marks.get(line.path, ""))
        for number, (*_, line) in enumerate(chosen, 1)
    )


def _weights(profile: ErrorProfile) -> Mapping[str, float]:
    """Weigh faults: the gain of the character times the fault's share of its misreadings.

    An insertion has no recall to bound. Half its number puts the frequent ones among the
    characters that are worth most, and single ones last, beside what conventions explain.
    """
    weights: defaultdict[str, float] = defaultdict(float)
    for row in profile.ranked:
        faults = {**row.confusions, "": row.deletions}
        for read, count in faults.items():
            if count:
                name = f"{row.char}→{read or NOTHING}"
                weights[name] = row.gain * count / (row.support - row.right)
    for char, count in profile.insertions.items():
        weights[f"{NOTHING}→{char}"] = count / 2 if count > 1 else 0.0
    return weights


def show_line(
    number: int, line: Misread, mark: Mark | str, label_score: float | None = None
) -> ShownLine:
    """Return a line as a page shows it; the fields are as of `ShownLine`."""
    faults = line.faults()
    chars = (char for edit in faults for char in (edit.label, edit.read) if char)
    return ShownLine(
        number=number,
        line=line,
        faults=_once(fault_name(edit) for edit in faults),
        chars=_once(chars),
        mark=mark,
        label_score=label_score,
    )


def aligned_line(
    path: str, label: str, prediction: str, score: float | None, *, suspected: str = ""
) -> Misread:
    """Return a line with the edits that set its prediction apart from its label, both in NFC.

    Args:
        suspected: why the label may be wrong; "" where nothing says so.
    """
    split = splitter(None)
    label, prediction = normalize("NFC", label), normalize("NFC", prediction)
    edits = align(split(label), split(prediction))
    return Misread(path, label, prediction, score, edits, suspected=suspected)


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def picture_of(images: Path, path: str, tally: Tally) -> str:
    """Return a crop as a data address; "" (counted) when it cannot be read or lies elsewhere."""
    place = images / path
    if path_fault(path) in ("absolute_path", "leaves_folder"):
        tally.add(
            of_readings.NOT_SHOWN,
            say("{path}: outside the folder of the images", path=shown_line(path)),
        )
        return ""
    try:
        return thumbnail(read_image(place), max_height=CROP_HEIGHT)
    except InputError as error:
        tally.add(
            of_readings.NOT_SHOWN,
            arranged("{place} {what}", place=shown_line(error.where), what=error.what),
        )
        return ""


def lines_body(
    shown: Sequence[ShownLine],
    pictures: Mapping[int, str],
    marks: Mapping[str, Mark],
    key: str,
    *,
    order: str = say("expected gain"),
    then: str = "train mine",
) -> Markup:
    """Build the list of lines with what filters, sorts and marks them.

    Args:
        pictures: data address of each crop by the line's number; "" for none.
        marks: that were read. key: of what the browser keeps marks under.
        order: what the lines' numbers stand for. then: the command that takes the marks.
    """
    return render(
        PACKAGE,
        "lines.html.j2",
        lines=[(line, pictures[line.number], _runs(line.line.edits)) for line in shown],
        chars=by_count(Counter(char for line in shown for char in line.chars)),
        pairs=by_count(Counter(fault for line in shown for fault in line.faults)),
        marks=[(mark, _MARK_NAMES[mark], _MARK_KEYS[mark]) for mark in MARKS],
        data={
            "key": f"ocr-mend/marks/{key}",
            "marks": dict(sorted(marks.items())),
            "header": HEADER,
            "words": {name: spoken(words) for name, words in _SCRIPT_WORDS.items()},
        },
        height=CROP_HEIGHT,
        order=order,
        then=then,
    )


_MARK_NAMES: Mapping[Mark, str] = {
    "label_wrong": say("label wrong"),
    "ignore": say("ignore", context="mark"),
    "real": say("real", context="mark"),
}

_MARK_KEYS: Mapping[Mark, str] = {"label_wrong": "w", "ignore": "i", "real": "r"}

_SCRIPT_WORDS = {
    "not_kept": say("This browser keeps no marks: save them before you leave."),
    "saved": say("Marks saved: {count}.", count="{count}"),
    "loaded": say("Marks loaded: {count}.", count="{count}"),
    "refused": say(
        "Marks loaded: {count}, refused: {refused}.", count="{count}", refused="{refused}"
    ),
    "count": say(
        "lines shown: {shown} of {all}, marked: {marked}",
        shown="{shown}",
        all="{all}",
        marked="{marked}",
    ),
}
"""What the page's script says, which fills in the figures."""


def _runs(edits: Sequence[Edit]) -> list[Edit]:
    """Join what is right between two faults into one step, for a shorter page."""
    runs: list[Edit] = []
    for edit in edits:
        if runs and edit.kind == runs[-1].kind == "right":
            text = runs[-1].label + edit.label
            runs[-1] = Edit("right", text, text)
        else:
            runs.append(edit)
    return runs
