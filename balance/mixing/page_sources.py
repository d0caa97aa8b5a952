"""Sections of `mix.html`: what was left out, and the files."""

from markupsafe import Markup

from balance.mixing.lines import Source
from balance.mixing.mix import Mix
from balance.mixing.page_cells import char_cell
from balance.mixing.reasons import REASONS
from balance.mixing.record import tallies
from textlines.pages.page import Section
from textlines.pages.tables import Cell, CellLike, Column, Row, table


def left_out_section(mix: Mix) -> Section:
    """Show what was left out, changed and warned of."""
    rows: list[Row] = []
    for name, tally in tallies(mix):
        for reason, count in tally.as_dict().items():
            told = REASONS.get(reason, reason)
            places = ", ".join(tally.places(reason))
            rows.append(Row([name, reason, told, count, Cell(places, hint=places)]))
    columns = [
        Column("lines of"),
        Column("code"),
        Column("what"),
        Column("count", True),
        Column("first places"),
    ]
    body = table(columns, rows) if rows else Markup("<p>Nothing.</p>")
    outside: dict[str, int] = {}
    for source in mix.material.sources:
        for char, count in source.outside.items():
            outside[char] = outside.get(char, 0) + count
    if outside:
        ranked = sorted(outside.items(), key=lambda item: (-item[1], item[0]))
        chars: list[list[CellLike]] = [
            [char_cell(ord(char)), f"U+{ord(char):04X}", count] for char, count in ranked
        ]
        heads = [Column("character"), Column("code point"), Column("count", True)]
        body += table(heads, chars, caption="What the dictionary lacks", shown=12)
    return Section("Left out, changed and warned of", body, id="left-out", is_wide=True)


def sources_section(mix: Mix) -> Section:
    """Show the label files."""
    rows: list[list[CellLike]] = [
        [s.name, s.path.name, s.seen, s.usable, _times(mix, s), Cell(s.sha256[:12], hint=s.sha256)]
        for s in mix.material.sources
    ]
    columns = [
        Column("role"),
        Column("file"),
        Column("lines", True),
        Column("usable", True),
        Column("times", True, "how often each line stands in every epoch; empty: some are drawn"),
        Column("sha256"),
    ]
    return Section("Sources", table(columns, rows), id="sources")


def _times(mix: Mix, source: Source) -> int | str:
    return {"own": mix.own_times, "replay": 1}.get(source.role, "")
