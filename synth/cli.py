"""The `synth` command. What a command needs is imported inside it, so that --help is quick."""

import sys

import typer

from synth.commands import doctor, fonts, generate, guard, merge, pack, preview, redraw
from textlines.console import guarded

app = typer.Typer(
    name="synth",
    help="Render text lines that teach an OCR model the characters it misreads.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(generate.generate)
app.command()(guard.guard)
app.command()(merge.merge)
app.command()(pack.pack)
app.command()(preview.preview)
app.command()(redraw.redraw)
app.command()(fonts.fonts)
app.command()(doctor.doctor)


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(guarded(app, "synth"))
