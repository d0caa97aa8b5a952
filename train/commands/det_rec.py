"""`train det rec`: follow the plan of a detector."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from textlines.wording import pages_in
from train.shared_options import Lang


def rec(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of `train det plan`.")],
    tensorboard: Annotated[
        bool,
        typer.Option(
            "--tensorboard", help="Write what metrics.jsonl holds to RUN/tensorboard as well."
        ),
    ] = False,
    lang: Lang = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Progress and result as JSON lines.")
    ] = False,
) -> None:
    """Train a detector as planned; killed anywhere, the same call goes on.

    Ends with the best blend of base and tuned detector, each at settings of its own, in RUN/best,
    and a report.
    """
    from train.commands.needed import need_paddle, need_polygons

    need_polygons("train det rec")
    need_paddle("train det rec")
    if tensorboard:
        from train.tuning.run_records import need_board

        need_board()
    from train.page_tuning.page_run import follow_pages

    with pages_in(lang):
        lines = follow_pages(run, as_json=as_json, on_board=tensorboard)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
