"""The `train` command."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from train.commands import (
    collect,
    det,
    det_gate,
    det_plan,
    evaluate,
    export,
    fold,
    gate,
    init,
    line_command,
    mine,
    plan,
    rec,
    share,
)
from train.networks.paddle_process import fast_products, leave_signals_alone
from train.shared_options import Json, Turn

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


@app.callback()
def _train() -> None:
    """Find what a recognizer misreads, and train it."""
    fast_products(os.environ)
    leave_signals_alone()


app.command()(collect.collect)
app.command()(share.share)
app.command("evaluate")(evaluate.command_line)
app.command("mine")(mine.command_line)
app.command()(fold.fold)
app.command("plan")(plan.command_line)
app.command()(rec.rec)
app.command()(export.export)
app.command("gate")(gate.command_line)
app.command("line")(line_command.command_line)
app.command("init")(init.command_line)
app.add_typer(det.app, name="det")


@app.command()
def weights(
    model: Annotated[
        str,
        typer.Argument(
            metavar="NAME_OR_PATH",
            help="A published name (PP-OCRv4_mobile_rec), an exported folder, an .onnx file, a "
            ".pdparams checkpoint, or a .tar of one of these as PaddleOCR offers it.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to make, e.g. base/.")],
    dictionary: Annotated[
        Path | None,
        typer.Option(
            help="The model's dictionary (.txt, its inference.yml, or its training YAML). "
            "[default: the model's own]"
        ),
    ] = None,
    use_space_char: Annotated[
        bool | None,
        typer.Option(
            "--use-space-char/--no-space",
            help="Whether the model's last class is a space. [default: what fits]",
        ),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Label file of real lines to compare the readings on.")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that paths start from. [default: that of the label file]"),
    ] = None,
    turn: Turn = None,
    json: Json = False,
) -> None:
    """Turn a deployed model into a network that can be trained, proven to read alike.

    Takes all tensors or none, compares every probability and text with the model's own graph, and
    writes network, dictionary and ONNX file into one folder.
    """
    from train.commands.weights import weights as run

    run(
        model,
        out,
        dictionary=dictionary,
        use_space_char=use_space_char,
        labels=labels,
        images=images,
        turning=turn,
        as_json=json,
    )


def main() -> None:
    """Run the command and end with its exit code."""
    from textlines.console import guarded, spread_values

    commands = {
        ("collect",): collect,
        ("evaluate",): evaluate,
        ("fold",): fold,
        ("gate",): gate,
        ("plan",): plan,
        ("det", "gate"): det_gate,
        ("det", "plan"): det_plan,
    }
    typed = tuple(sys.argv[1:])
    called = commands.get(typed[:2]) or commands.get(typed[:1])
    many = called.MANY if called else None
    if many:
        sys.argv[1:] = spread_values(sys.argv[1:], many)
    sys.exit(guarded(app, "train", in_time=True))


if __name__ == "__main__":
    main()
