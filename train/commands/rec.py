"""`train rec`: follow a plan."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from textlines.wording import pages_in
from train.shared_options import FEATURES, Lang


def rec(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of `train plan`.")],
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Processes on this machine that share each step. [default: what was planned]",
        ),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            help="Folder of features that runs of the same base share: what another run computed "
            "is not computed again. May be deleted at any time."
        ),
    ] = None,
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
    """Train a recognizer as planned; killed anywhere, the same call goes on.

    Ends with the best blend of base and tuned model by the stopping sets, in RUN/best, and a
    report. With several processes (planned by --devices) it starts them itself;
    `paddle.distributed.launch` works too.
    """
    import os

    from textlines.outputs import check_outputs, folder

    check_outputs([folder("--features", features, FEATURES)], {"RUN": run})

    from train.commands.needed import need_paddle

    need_paddle("train rec")
    if tensorboard:
        from train.tuning.run_records import need_board

        need_board()  # before the processes are started, and an hour of reading is over
    from train.tuning.ranks import WORLD, follow_parent, start
    from train.tuning.train_plan import PLAN, read_plan

    follow_parent()

    plan = read_plan(run / PLAN)
    wanted = processes or plan.step.devices
    if wanted != plan.step.devices:
        from textlines.errors import UsageError

        raise UsageError(
            f"--processes {wanted}",
            f"is not what was planned ({plan.step.devices})",
            f"Plan for it: train plan --devices {wanted}.",
        )
    if wanted > 1 and WORLD not in os.environ:
        options = ["rec", str(run), *(["--json"] if as_json else [])]
        options += ["--features", str(features)] if features else []
        options += ["--tensorboard"] if tensorboard else []
        options += ["--lang", lang] if lang else []
        raise typer.Exit(start(wanted, options))
    from train.tuning.full_run import follow

    with pages_in(lang):
        lines = follow(run, as_json=as_json, features=features, on_board=tensorboard)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
