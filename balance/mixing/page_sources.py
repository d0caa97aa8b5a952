"""Sections of `mix.html`: what was left out, and the files."""

from markupsafe import Markup

from balance.mixing.mix import Mix
from balance.mixing.page_cells import char_cell
from balance.mixing.reasons import REASONS
from balance.mixing.record import tallies
from balance.mixing.sources import SourceFile
from textlines.pages.page import Section
from textlines.pages.tables import Cell, CellLike, Column, Row, table
from textlines.wording import say


def left_out_section(mix: Mix) -> Section:
    """Show what was left out, changed and warned of."""
    rows: list[Row] = []
    for name, tally in tallies(mix):
        for reason, count in tally.as_dict().items():
            told = REASONS.get(reason, reason)
            places = ", ".join(tally.places(reason))
            rows.append(Row([name, reason, told, count, Cell(places, hint=places)]))
    columns = [
        Column(say("lines of")),
        Column(say("code")),
        Column(say("what")),
        Column(say("count"), True),
        Column(say("first places")),
    ]
    body = table(columns, rows) if rows else Markup("<p>{}</p>").format(say("Nothing."))
    outside: dict[str, int] = {}
    for source in mix.material.sources:
        for char, count in source.outside.items():
            outside[char] = outside.get(char, 0) + count
    if outside:
        ranked = sorted(outside.items(), key=lambda item: (-item[1], item[0]))
        chars: list[list[CellLike]] = [
            [char_cell(ord(char)), f"U+{ord(char):04X}", count] for char, count in ranked
        ]
        heads = [Column(say("character")), Column(say("code point")), Column(say("count"), True)]
        body += table(heads, chars, caption=say("What the dictionary lacks"), shown=12)
    return Section(say("Left out, changed and warned of"), body, id="left-out", is_wide=True)


def sources_section(mix: Mix) -> Section:
    """Show the label files."""
    rows: list[list[CellLike]] = [
        [s.name, s.path.name, s.seen, s.usable, _times(mix, s), Cell(s.sha256[:12], hint=s.sha256)]
        for s in mix.material.sources
    ]
    columns = [
        Column(say("role")),
        Column(say("file")),
        Column(say("lines"), True),
        Column(say("usable"), True),
        Column(
            say("times"),
            True,
            say("how often each line stands in every epoch; empty: some are drawn"),
        ),
        Column("sha256"),
    ]
    return Section(say("Sources"), table(columns, rows), id="sources")


def _times(mix: Mix, source: SourceFile) -> int | str:
    return {"own": mix.own_times, "replay": 1}.get(source.role, "")
