"""The `balance` command. What a command needs is imported inside it, so that --help is quick."""

import sys

import typer

from balance.commands import check, import_, mix
from textlines.console import guarded, spread_values

app = typer.Typer(
    name="balance",
    help="Mix training lines in a held ratio, and find what is wrong with a set.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("mix")(mix.command_line)
app.command()(check.check)
app.command("import")(import_.import_)


def main() -> None:
    """Run the command line and end with its exit code."""
    many = {"mix": mix.MANY, "check": check.MANY}.get("".join(sys.argv[1:2]))
    if many:
        sys.argv[1:] = spread_values(sys.argv[1:], many)
    sys.exit(guarded(app, "balance"))
