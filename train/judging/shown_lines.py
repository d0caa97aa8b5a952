"""Misread lines on a page: which of them it shows, what it says of each, how they are marked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from markupsafe import Markup

from textlines.defects import of_readings
from textlines.errors import InputError
from textlines.formats.profile import ErrorProfile
from textlines.labels.label_paths import path_fault
from textlines.labels.tally import Tally
from textlines.pages.environment import render
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.decode import read_image
from textlines.profile.align import Edit, align
from textlines.profile.reading import Misread
from textlines.profile.rows import by_count
from textlines.profile.units import splitter
from textlines.terminal import shown_line
from textlines.wording import arranged, say, spoken
from train.judging.figure_words import NOTHING
from train.judging.mining import HEADER, MARKS, Mark
from train.judging.page_parts import PACKAGE

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
