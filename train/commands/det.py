"""`train det`: the detector's half."""

import typer

from train.commands import det_tune

app = typer.Typer(no_args_is_help=True, help="Find where a detector fails, and tune it.")
app.command("tune")(det_tune.command_line)
