"""`synth fonts`: which faces there are, and what they may draw."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from textlines.wording.counts import count_of, form_of


def fonts(
    fonts: Annotated[list[Path] | None, typer.Option(help="Folders of fonts, used alone.")] = None,
    fonts_licence: Annotated[
        str, typer.Option(help="any, or known: leave out unknown licences.")
    ] = "any",
    dictionary: Annotated[
        Path | None, typer.Option(help="PaddleOCR dictionary: how much of it each family holds.")
    ] = None,
    faces: Annotated[bool, typer.Option("--faces", help="A row for each face.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Rows as JSON.")] = False,
) -> None:
    """List the families at hand: scripts, licence, share of a dictionary; and what was refused."""
    from synth.commands.printing import slow_progress
    from synth.faces.display import display_faces
    from synth.faces.face_coverage import face_rows, family_rows, uncovered
    from synth.faces.scan import find_faces
    from synth.run.job_options import licence_choice
    from textlines.labels.alphabet import Alphabet

    watch = slow_progress()
    scan = find_faces(
        tuple(fonts or ()),
        licence=licence_choice(fonts_licence),
        progress=lambda done, total: watch("reading fonts", done, total),
    )
    ours = () if fonts else tuple(display_faces())
    faces_found = (*scan.faces, *ours)
    alphabet = frozenset[str]() if dictionary is None else Alphabet.read(dictionary).characters
    held = frozenset(char for char in alphabet if not char.isspace())
    rows = (face_rows if faces else family_rows)(faces_found, held)
    missing = uncovered(faces_found, held) if held else ()
    if json_:
        event = {
            "rows": [asdict(row) for row in rows],
            "refused": scan.refused,
            "uncovered": "".join(missing),
        }
        print(json.dumps(event, ensure_ascii=False))
        return
    from rich.table import Table

    from textlines.terminal import console

    table = Table(box=None, pad_edge=False)
    for title in ("family", "style") if faces else ("family", "faces"):
        table.add_column(title)
    for title in ("kind", "scripts", "licence"):
        table.add_column(title, overflow="fold")
    if held:
        table.add_column("of the dictionary", justify="right")
    for row in rows:
        cells = [row.family, row.style if faces else str(row.faces), row.kind]
        cells += [" ".join(row.scripts), row.licence]
        if held:
            cells.append(f"{row.held:,} of {row.of:,}")
        table.add_row(*cells)
    console(width=None if sys.stdout.isatty() else 160).print(table)
    families = count_of(len({face.family for face in faces_found}), "family", "families")
    print(f"{count_of(len(faces_found), 'face')} in {families}")
    for source, count in scan.sources:
        print(f"{count} from {source.name} {source.folder}")
    for reason, count in scan.refused.items():
        print(f"left out: {reason}: {count}")
    for line in scan.details[:20]:
        print(f"left out: {line}", file=sys.stderr)
    if missing:
        shown = "".join(missing[:80]) + ("…" if len(missing) > 80 else "")
        characters, are = count_of(len(missing), "character"), form_of(len(missing), "is", "are")
        print(f"{characters} of the dictionary {are} in no face: {shown}")
