"""`train share`: a team's labelled lines by role."""

from pathlib import Path
from typing import Annotated

import typer

from textlines.wording.counts import count_of
from train.shared_options import Images


def share(
    labels: Annotated[Path, typer.Option(help="Label file of the team's own lines.")],
    out: Annotated[
        Path, typer.Option(help="Folder for train.txt, stop.txt, judge.txt and roles.tsv.")
    ],
    images: Images = None,
    group: Annotated[
        str,
        typer.Option(
            help="Expression on the path whose first brackets name the document: ^crops/([^_]+)_. "
            "A document has one role. [default: each crop for itself]"
        ),
    ] = "",
    stop: Annotated[
        Path | None,
        typer.Option(help="Label file of lines to stop by: none of --labels is drawn for that."),
    ] = None,
    judge: Annotated[
        Path | None,
        typer.Option(help="Label file of lines to judge on: none of --labels is drawn for that."),
    ] = None,
    shares: Annotated[
        str, typer.Option(metavar="TRAIN/STOP/JUDGE", help="Per cent of the documents.")
    ] = "65/15/20",
    roles: Annotated[
        Path | None,
        typer.Option(
            help="Roles that came with the lines, which stay. [default: roles.tsv beside the label "
            "file, where there is one]"
        ),
    ] = None,
    marks: Annotated[
        Path | None,
        typer.Option(help="Marks saved from a page: lines marked wrong or ignored are left out."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed shares out otherwise.")] = 1,
) -> None:
    """Share a team's labelled lines out: to train on, to stop by, to judge on.

    By hash of the document, so that roles stay when lines are added; roles that are known are
    never drawn anew. Below 60 lines no judge is made, below 150 no stopping set.
    """
    from textlines.defects import of_readings
    from textlines.formats.line_roles import LineRole
    from textlines.labels.tally import Tally
    from textlines.outputs import check_outputs, folder
    from train.own.role_files import (
        WRITTEN,
        ShareOptions,
        has_file,
        parse_shares,
        roles_beside,
    )
    from train.own.role_files import share as run

    per_cent = parse_shares(shares)
    check_outputs(
        [folder("--out", out, WRITTEN)],
        {
            "--labels": labels,
            "--images": images,
            "--stop": stop,
            "--judge": judge,
            "--roles": roles_beside(labels, roles),
            "--marks": marks,
        },
    )
    tally = Tally()
    files: dict[LineRole, Path | None] = {"stop": stop, "judge": judge}
    given = {role: file for role, file in files.items() if file is not None}
    done = run(
        ShareOptions(
            labels=labels,
            images=images or labels.parent,
            group=group,
            shares=per_cent,
            roles=roles,
            marks=marks,
            seed=seed,
            out=out,
            given=given,
        ),
        tally,
    )
    print(
        f"{out}: {count_of(sum(done.lines.values()), 'line')} of "
        f"{count_of(done.documents, 'document')}, "
        f"{done.kept:,} with a role that was known"
    )
    for role, count in done.lines.items():
        print(f"  {role:<6} {count:>6,}{f'  {role}.txt' if has_file(role, done.lines) else ''}")
    for line in tally.lines(of_readings.SHARED):
        print(f"  {line}")
    for note in done.notes:
        print(f"  note: {note}")
