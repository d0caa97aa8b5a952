"""The page of an import: what was left out or changed, the doubtful crops, and a sample of all."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup, escape

from balance.imports.import_records import DoubtfulLine, read_doubts
from balance.imports.importing import LABELS, Imported
from textlines.defects import of_annotations
from textlines.errors import InputError
from textlines.labels.label_file import LabelLine, read_labels
from textlines.labels.tally import Tally
from textlines.pages.environment import unbroken
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, Column, table
from textlines.pages.thumbnails import Picture, gallery, thumbnail
from textlines.pixels.decode import read_image
from textlines.wording import arranged, joined, say, say_n
from textlines.wording.counts import line_count

ROWS = 60
"""Crops of one doubtful kind that a page shows."""

SAMPLE = 80
"""Crops of the whole import that a page shows, evenly spread."""

_HIGH, _WIDE = 96, 560
"""Of a crop in a table, in pixels: single characters stand tall."""

_STYLE = Markup("""
section table { min-width: 60%; }
#counts td:first-child { white-space: nowrap; overflow-wrap: normal; }
td { max-width: 40rem; overflow-wrap: anywhere; }
td img { display: block; border: 1px solid var(--line); background: #fff;
  max-width: min(35rem, 60vw); }
td .label { font: 1.05rem var(--text); }
.k-out { color: var(--wrong); font-weight: 600; }
.k-doubt { color: var(--extra); font-weight: 600; }
.k-changed { color: var(--soft); }
""")

_KINDS = {"doubtful": "k-doubt", "left out": "k-out", "changed": "k-changed"}
"""In the order of the table of counts, with their classes."""

_KIND_WORDS = {
    "doubtful": say("doubtful"),
    "left out": say("left out"),
    "changed": say("changed"),
}


def import_page(done: Imported, source: Path, out: Path) -> str:
    """Build the page of an import that is done; it holds its images and asks for nothing.

    Raises:
        InputError: the label file or the list of doubtful lines cannot be read.
    """
    lines = list(read_labels(out / LABELS, tally=Tally()))
    doubts: dict[str, list[DoubtfulLine]] = {code: [] for code in of_annotations.DOUBTS}
    for doubt in read_doubts(out):
        doubts.setdefault(doubt.reason, []).append(doubt)
    sections = [_overview(done)]
    sections += [_doubtful(out, reason, doubted) for reason, doubted in doubts.items() if doubted]
    sections.append(_sample(out, lines))
    return page(
        say("Import of labelled lines"),
        sections,
        finding=_finding(done, doubts),
        lead=say("{source} to {labels}", source=str(source), labels=str(out / LABELS)),
        facts=_facts(done, doubts),
        styles=[_STYLE],
    )


ALL_TAKEN = say("{lines} taken, {doubtful} of them doubtful; nothing left out.")
LEFT = say(
    "{lines} taken, {doubtful} of them doubtful; {left} left out (lines, pages, shapes), "
    "most often: {reason} ({most})."
)


def _finding(done: Imported, doubts: dict[str, list[DoubtfulLine]]) -> str:
    """Write how much is taken and how much is left out, and why most of it."""
    left = done.tally.part("left_out").as_dict()
    worst = max(left, key=lambda why: left[why], default="")
    doubtful = {doubt.path for doubted in doubts.values() for doubt in doubted}
    return (LEFT if left else ALL_TAKEN).filled(
        lines=line_count(done.lines),
        doubtful=f"{len(doubtful):,}",
        left=f"{sum(left.values()):,}",
        reason=_heading(worst) if worst else "",
        most=f"{left.get(worst, 0):,}",
    )


def _facts(done: Imported, doubts: dict[str, list[DoubtfulLine]]) -> list[Fact]:
    left_out = sum(done.tally.part("left_out").as_dict().values())
    doubtful = {doubt.path for doubted in doubts.values() for doubt in doubted}
    return [
        Fact(say("lines"), f"{done.lines:,}"),
        Fact(say("pages"), f"{done.pages:,}"),
        Fact(say("doubtful lines"), f"{len(doubtful):,}", say("taken; look at them")),
        Fact(say("left out"), f"{left_out:,}", say("lines, pages and shapes")),
    ]


def _overview(done: Imported) -> Section:
    rows: list[list[Cell | str | int]] = []
    for reason, count in sorted(done.tally.as_dict().items(), key=_rank):
        order, what = _rank((reason, count))[0], _sentence(reason)
        name = list(_KINDS)[order]
        kind = Markup('<span class="{}">{}</span>').format(_KINDS[name], _KIND_WORDS[name])
        link = (
            Markup('<a href="#{}">{}</a>').format(reason, unbroken(what))
            if reason in of_annotations.DOUBTS
            else what
        )
        row: list[Cell | str | int] = [Cell(kind, order), Cell(link, what), count]
        # The places are known to the call that read the source.
        rows.append(row if done.is_whole else [*row, ", ".join(done.tally.places(reason))])
    columns = [Column(say("kind")), Column(say("what")), Column(say("count"), True)]
    columns += [] if done.is_whole else [Column(say("first places"))]
    lead = (
        say("Doubtful lines are in the label file; what was left out is not.")
        if rows
        else say("Nothing was left out, changed or doubted.")
    )
    return Section(say("Counts"), table(columns, rows), lead, "counts", is_wide=True)


def _rank(counted: tuple[str, int]) -> tuple[int, int]:
    """Rank a reason: doubts as the table has them, then what was left out, most frequent first."""
    reason, count = counted
    if reason in of_annotations.DOUBTS:
        return 0, list(of_annotations.DOUBTS).index(reason)
    defect = of_annotations.IMPORT.get(reason)
    return (1 if defect and defect.is_loss else 2), -count


def _heading(reason: str) -> str:
    defect = of_annotations.IMPORT.get(reason)
    return defect.what if defect else reason


def _sentence(reason: str) -> str:
    defect = of_annotations.IMPORT.get(reason)
    return defect.sentence if defect else reason


def _doubtful(out: Path, reason: str, doubts: Sequence[DoubtfulLine]) -> Section:
    what = _heading(reason)
    rows = [
        (
            _picture(out, doubt.path),
            Cell(Markup('<span class="label">{}</span>').format(doubt.label), doubt.label),
            doubt.place,
            doubt.path,
        )
        for doubt in doubts[:ROWS]
    ]
    columns = (Column(say("crop")), Column(say("label")), Column(say("place")), Column(say("file")))
    defect = of_annotations.IMPORT.get(reason)
    lead = [defect.mend] if defect and defect.mend else []
    if len(doubts) > len(rows):
        lead.append(
            say(
                "{shown:,} of {count:,} are shown; doubts.jsonl lists all.",
                shown=len(rows),
                count=len(doubts),
            )
        )
    title = arranged("{what!c} ({count:,})", what=what, count=len(doubts))
    return Section(title, table(columns, rows), joined(" ", lead), reason, is_wide=True)


def _sample(out: Path, lines: Sequence[LabelLine]) -> Section:
    step = max(len(lines) / SAMPLE, 1)
    chosen = [lines[int(at * step)] for at in range(min(SAMPLE, len(lines)))]
    pictures = []
    for line in chosen:
        source = _source(out, line.path)
        if isinstance(source, str):
            pictures.append(Picture(source, line.label, line.path))
    lead = say(
        "{shown:,} of {lines}, evenly spread.", shown=len(chosen), lines=line_count(len(lines))
    )
    broken = len(chosen) - len(pictures)
    if broken:
        lead = joined(
            " ",
            [
                lead,
                say_n(
                    "{n:,} crop cannot be read any more.",
                    "{n:,} crops cannot be read any more.",
                    broken,
                ),
            ],
        )
    return Section(say("A sample of all lines"), gallery(pictures), lead, "sample", is_wide=True)


def _picture(out: Path, path: str) -> Markup:
    source = _source(out, path)
    if isinstance(source, InputError):
        return escape(source.what)
    return Markup('<img src="{}" alt="">').format(source)


def _source(out: Path, path: str) -> str | InputError:
    """Return a crop as a data address, or why it cannot be read."""
    try:
        return thumbnail(read_image(out / path), max_height=_HIGH, max_width=_WIDE)
    except InputError as error:
        return error
