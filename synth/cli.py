"""The `synth` command. What a command needs is imported inside it, so that --help is quick."""

import sys

import typer

from synth.commands import (
    calibrate,
    doctor,
    fonts,
    generate,
    guard,
    harvest,
    merge,
    pack,
    pages,
    preview,
    redraw,
)
from textlines.console import guarded, spread_values
from textlines.request_options import spread_options

app = typer.Typer(
    name="synth",
    help="Render text lines that teach an OCR model the characters it misreads.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("generate")(generate.command_line)
app.command("pages")(pages.command_line)
app.command()(guard.guard)
app.command()(merge.merge)
app.command()(pack.pack)
app.command()(preview.preview)
app.command()(calibrate.calibrate)
app.command()(harvest.harvest)
app.command()(redraw.redraw)
app.command()(fonts.fonts)
app.command()(doctor.doctor)


MANY = spread_options(generate.GenerateRequest) | spread_options(pages.PagesRequest)
"""Options that take several values: `--own a.txt b.txt`."""


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.argv[1:] = spread_values(sys.argv[1:], MANY)
    sys.exit(guarded(app, "synth"))
