"""`profile.html`: what was misread, line by line, for a person to look at and to mark."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from markupsafe import Markup

from textlines.errors import InputError
from textlines.files import replacing
from textlines.formats.profile import profile_sha256
from textlines.labels.alphabet import told_space
from textlines.labels.label_paths import path_fault
from textlines.labels.tally import Tally
from textlines.pages.environment import asset, render
from textlines.pages.page import Section, page
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.decode import read_image
from textlines.profile.align import Edit, align
from textlines.profile.part_words import part_name
from textlines.profile.reading import Misread, Reading
from textlines.profile.rows import by_count
from textlines.profile.units import splitter
from textlines.terminal import shown_line
from textlines.wording import arranged, joined, say, say_n, spoken
from train.judging.line_marks import HEADER, MARKS, Mark
from train.judging.mining import Mined
from train.judging.overview import facts, sections
from train.judging.page_parts import turned_sections
from train.judging.prediction_files import REASONS
from train.judging.profile_finding import finding
from train.judging.shown_lines import ShownLine, shown_lines

PACKAGE = "train.judging"
PARTS_NAMED = 4
"""Parts of Hangul syllables that the page names before anything else."""

CROP_HEIGHT = 56
"""In pixels; crops that are lower stay as they are."""


@dataclass(frozen=True, slots=True)
class Report:
    """A page, and what it does not show.

    Attributes:
        left_out: misread lines beyond the number of crops.
        missing: crops that could not be read.
    """

    html: str
    shown: int
    left_out: int
    missing: int


def report(mined: Mined, *, crops: int = 600) -> Report:
    """Build the page.

    Lines that a mark keeps out of the figures are shown too, so that their marks can be changed.

    Args:
        crops: how many misread lines are shown at most; the page says what is left out.
    """
    profile = mined.measurement.profile
    lines = (*mined.measurement.misread, *_misread_of(mined.marked_out))
    shown = shown_lines(lines, profile, crops, mined.marks)
    tally = Tally()
    pictures = {line.number: picture_of(mined.images, line.line.path, tally) for line in shown}
    left_out = len(lines) - len(shown)
    notes = [*mined.tally.lines(REASONS), *tally.lines(REASONS)]
    html = page(
        say("What the model misread"),
        [
            *sections(profile, notes),
            *turned_sections(mined.turned, mined.images),
            _lines_section(mined, shown, pictures, left_out),
        ],
        finding=finding(profile, mined.measurement.misread),
        lead=_lead(mined),
        facts=facts(profile),
        styles=[asset("textlines.pages", "tools.css"), asset(PACKAGE, "report.css")],
        scripts=[asset(PACKAGE, "report.js")],
    )
    return Report(html, len(shown), left_out, tally["not_shown"])


def save_report(made: Report, path: Path) -> None:
    """Write the page, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(made.html)


def _misread_of(readings: Sequence[Reading]) -> list[Misread]:
    """Align the readings that differ from their labels."""
    split = splitter(None)
    found = []
    for one in readings:
        truth, read = normalize("NFC", one.truth), normalize("NFC", one.prediction)
        if truth != read:
            edits = align(split(truth), split(read))
            found.append(Misread(one.path, truth, read, one.score, edits))
    return found


def picture_of(images: Path, path: str, tally: Tally) -> str:
    """Return a crop as a data address; "" (counted) when it cannot be read or lies elsewhere."""
    place = images / path
    if path_fault(path) in ("absolute_path", "leaves_folder"):
        tally.add(
            "not_shown", say("{path}: outside the folder of the images", path=shown_line(path))
        )
        return ""
    try:
        return thumbnail(read_image(place), max_height=CROP_HEIGHT)
    except InputError as error:
        tally.add(
            "not_shown", arranged("{place} {what}", place=shown_line(error.where), what=error.what)
        )
        return ""


def _lead(mined: Mined) -> str:
    profile = mined.measurement.profile
    # The files of a model are recorded with its name before theirs; here its name is enough.
    own = f"{profile.model}/"
    read = [name for name in profile.inputs if not profile.model or not name.startswith(own)]
    parts: list[str] = [", ".join(PurePosixPath(name).name for name in read)]
    if profile.model:
        parts.insert(0, profile.model)
    known = profile.alphabet.known()
    if known is None:
        parts.append(say("no dictionary was given: the alphabet is what labels and readings hold"))
    else:
        parts.append(
            say(
                "dictionary of {entries:,} entries{space}",
                entries=len(known.entries),
                space=told_space(known),
            )
        )
    found = [
        say(
            "{part} {misread:,} of {seen:,}",
            part=part_name(row),
            misread=row.misread,
            seen=row.seen,
        )
        for row in profile.parts
        if row.gain
    ]
    if not found:
        return joined("; ", parts)
    first = say("Most to mend: {parts}.", parts=joined(", ", found[:PARTS_NAMED]))
    return joined(" ", [first, joined("; ", parts)])


def _lines_section(
    mined: Mined, shown: Sequence[ShownLine], pictures: Mapping[int, str], left_out: int
) -> Section:
    lead = say_n("{n:,} line", "{n:,} lines", len(shown))
    if left_out:
        lead = say(
            "{count:,} lines, so chosen that every kind of fault is among them; {left_out:,} more "
            "are left out (mine with a greater --crops to see them)",
            count=len(shown),
            left_out=left_out,
        )
    body = lines_body(shown, pictures, mined.marks, profile_sha256(mined.measurement.profile))
    return Section(
        say("Lines"),
        body,
        say("{lines}. The label stands above, the reading below.", lines=lead),
        "lines",
        True,
    )


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
    "saved": say("Saved {count} marks.", count="{count}"),
    "loaded": say("Loaded {count} marks.", count="{count}"),
    "refused": say(
        "Loaded {count} marks, {refused} refused.", count="{count}", refused="{refused}"
    ),
    "count": say(
        "{shown} of {all} lines, {marked} marked", shown="{shown}", all="{all}", marked="{marked}"
    ),
}
"""What the page's script says, which fills in the figures."""


def _runs(edits: Sequence[Edit]) -> list[Edit]:
    """Join what is right between two faults into one step, for a shorter page."""
    runs: list[Edit] = []
    for edit in edits:
        if runs and edit.kind == runs[-1].kind == "right":
            text = runs[-1].truth + edit.truth
            runs[-1] = Edit("right", text, text)
        else:
            runs.append(edit)
    return runs
