"""The page of an audit: every alarm and every confident disagreement, with its crop."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, Column, table
from textlines.pages.thumbnails import thumbnail
from tools.label_audit.readers import Reading


def audit_page(audited: Sequence[Any], readings: Sequence[tuple[Any, Sequence[Reading]]]) -> str:
    """Make the page. Crops of both parts are in it as data."""
    alarmed = [
        (folder, row, alarms) for folder, rows in audited for row, alarms, _ in rows if alarms
    ]
    count = sum(len(rows) for _, rows in audited)
    listed = [
        (folder, reading)
        for folder, found in readings
        for reading in sorted(found, key=lambda r: (r.kind != "differs", -r.confidence))
        if reading.kind in ("differs", "lookalike")
    ]
    sections = [
        Section(
            "Alarms",
            table(
                [*_COLUMNS, Column("alarms")],
                [
                    [*_cells(folder.path, row), "; ".join(f"{a.code}: {a.detail}" for a in alarms)]
                    for folder, row, alarms in alarmed
                ],
                shown=200,
            ),
            is_wide=True,
        )
    ]
    facts = [Fact("samples", f"{count:,}"), Fact("with an alarm", f"{len(alarmed):,}")]
    if readings:
        sections.append(
            Section(
                "Confident disagreements of readers",
                table(
                    [*_COLUMNS, *_READ],
                    [
                        [
                            *_cells(folder.path, one.row),
                            *(one.text, one.reader, round(one.confidence, 3), one.kind),
                        ]
                        for folder, one in listed
                    ],
                    shown=200,
                ),
                lead="Look-alikes come last: within them a reader tells little.",
                is_wide=True,
            )
        )
        read = sum(len(found) for _, found in readings)
        facts += [Fact("read", f"{read:,}"), Fact("disagreements", f"{len(listed):,}")]
    return page("Audit", sections, facts=facts)


_COLUMNS = [Column("run"), Column("index", True), Column("crop"), Column("label"), Column("face")]
_READ = [Column("read as"), Column("reader"), Column("sure", True), Column("kind")]


def _cells(folder: Path, row: Mapping[str, Any]) -> list[Any]:
    path = folder / row["image"]
    picture: Any = "missing"
    if path.is_file():
        source = thumbnail(path.read_bytes())
        picture = Markup('<img src="{}" alt="" height="48">').format(source)
    return [
        folder.name,
        row["index"],
        Cell(picture, sort=row["index"]),
        row["text"],
        row["face"]["family"],
    ]
