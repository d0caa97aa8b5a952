"""`train det`: the detector's half."""

import typer

from train.commands import (
    det_evaluate,
    det_export,
    det_gate,
    det_mine,
    det_plan,
    det_rec,
    det_tune,
)

app = typer.Typer(no_args_is_help=True, help="Find where a detector fails, tune it, and teach it.")
app.command("evaluate")(det_evaluate.command_line)
app.command("mine")(det_mine.command_line)
app.command("tune")(det_tune.command_line)
app.command("plan")(det_plan.command_line)
app.command("rec")(det_rec.rec)
app.command("export")(det_export.command_line)
app.command("gate")(det_gate.command_line)
