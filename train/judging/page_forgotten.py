"""What of the general lines was forgotten: a table and pictures, by script and length."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from textlines.pages.environment import render
from textlines.pages.page import Section
from textlines.pages.tables import Cell, CellLike, Column, table
from textlines.wording import joined, say
from train.judging.figure_words import signed_points
from train.judging.line_kinds import LENGTH_WORDS, SCRIPT_WORDS, length_group, script_group
from train.judging.verdict import FlippedLine, KindRow, Verdict

PACKAGE = "train.judging"


def general_names(verdict: Verdict) -> frozenset[str]:
    """Return the names of the general sets."""
    return frozenset(row.name for row in verdict.sets if row.role == "general")


def flips(lines: Sequence[FlippedLine], pictures: Mapping[tuple[str, str], str]) -> Markup:
    """Show lines with their crops, their labels and both readings."""
    shown = [(line, pictures.get((line.set, line.path), "")) for line in lines]
    return render(PACKAGE, "flips.html.j2", lines=shown)


def forgotten_section(
    verdict: Verdict, shown: Sequence[FlippedLine], pictures: Mapping[tuple[str, str], str]
) -> Section:
    """Return the general lines that broke, a table of all kinds and pictures of each.

    Args:
        shown: the lines that the page shows, of all sets.
        pictures: data addresses of crops, by set and path.
    """
    general = general_names(verdict)
    broken: dict[tuple[str, str], list[FlippedLine]] = {}
    for line in shown:
        if line.kind == "broken" and line.set in general:
            kind = script_group(line.truth), length_group(line.truth)
            broken.setdefault(kind, []).append(line)
    body = _table(verdict.kinds)
    for row in verdict.kinds:
        lines = broken.get((row.script, row.length), [])
        if lines:
            kind_words = say(
                "{script}, {length} characters",
                script=SCRIPT_WORDS.get(row.script, row.script),
                length=LENGTH_WORDS[row.length],
            )
            body += Markup('<h3 class="kind">{} <span class="count">{}</span></h3>').format(
                kind_words, _counted(row, len(lines))
            )
            body += flips(lines, pictures)
    total = sum(row.broken for row in verdict.kinds)
    lead = say(
        "General lines that only the base reads right, each set as strictly as its labels allow: "
        "by script and length in characters, those of which most was lost first."
    )
    return Section(
        say("What was forgotten ({total:,})", total=total), body, lead, "forgotten", bool(total)
    )


def _counted(row: KindRow, shown: int) -> str:
    told = say(
        "{broken:,} of {lines:,} broken, {mended:,} mended",
        broken=row.broken,
        lines=row.lines,
        mended=row.mended,
    )
    if shown >= row.broken:
        return told
    return joined("; ", [told, say("{shown:,} are shown", shown=shown)])


def _table(rows: Sequence[KindRow]) -> Markup:
    columns = [
        Column(say("script")),
        Column(say("characters")),
        *(
            Column(name, True)
            for name in (say("lines"), say("broken"), say("mended"), say("change, points"))
        ),
    ]
    cells: list[list[CellLike]] = []
    for row in rows:
        change = (row.mended - row.broken) / row.lines
        cells.append(
            [
                SCRIPT_WORDS.get(row.script, row.script),
                LENGTH_WORDS[row.length],
                row.lines,
                row.broken,
                row.mended,
                Cell(signed_points(change), change),
            ]
        )
    return table(columns, cells, shown=20)
