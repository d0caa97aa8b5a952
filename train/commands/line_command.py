"""`train line`: stages of the line by name, here, or in parts on other machines."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textlines.errors import UsageError
from textlines.request_options import check_request, command

if TYPE_CHECKING:
    from train.pipeline.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRequest:
    """Which stages of which line are run, and where; the fields are the command's options.

    Attributes:
        stages: by name, in order; all of the line for none.
        settings, labels, images, crops, work: as the line reads them; what is left out is what the
            environment says (SETTINGS, LABELS, ...).
        shard: i/n, a part of the stage `generate`. parts: the folder of all of them.
        hand_over: the folder to copy to what the one stage reads.

    Raises:
        UsageError: options do not go together.
    """

    stages: Annotated[
        tuple[str, ...],
        typer.Argument(
            metavar="STAGE", help="Stages to run, in order. [default: all]", show_default=False
        ),
    ] = ()
    settings: Annotated[
        Path | None, typer.Option(help="The line's settings. [default: pipeline.toml]")
    ] = None
    labels: Annotated[
        Path | None,
        typer.Option(help="Label file of your own crops. [default: lines are rendered]"),
    ] = None
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that paths start from. [default: that of the label file]"),
    ] = None
    crops: Annotated[
        Path | None,
        typer.Option(help="Folder of crops without labels: the line ends with a queue to label."),
    ] = None
    work: Annotated[
        Path | None,
        typer.Option(help="Folder of all that is made. [default: work of the settings]"),
    ] = None
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N", help="Of the stage generate: render this part alone; see --parts."
        ),
    ] = ""
    parts: Annotated[
        Path | None,
        typer.Option(
            help="Of the stage generate: put together the parts in this folder, one folder each."
        ),
    ] = None
    hand_over: Annotated[
        Path | None,
        typer.Option(
            help="Copy what the one stage reads into this folder (texts, no crop), to be the "
            "--work of another machine."
        ),
    ] = None
    any_verdict: Annotated[
        bool,
        typer.Option("--any-verdict", help="End with 0 once a verdict is written, whatever it is."),
    ] = False

    def __post_init__(self) -> None:
        check_request(self)
        named = {
            "--hand-over": self.hand_over is not None,
            "--parts": self.parts is not None,
            "--shard": bool(self.shard),
        }
        asked = [option for option, is_named in named.items() if is_named]
        if len(asked) > 1:
            raise UsageError(", ".join(asked), "do not go together", "Say one of them.")
        if asked and len(self.stages) != 1:
            raise UsageError(asked[0], "is for one stage", "Name it: train line generate.")

    def environment(self) -> Mapping[str, str]:
        """Return the environment with what is said in its place."""
        said = {
            "SETTINGS": self.settings,
            "LABELS": self.labels,
            "IMAGES": self.images,
            "CROPS": self.crops,
            "WORK": self.work,
        }
        return os.environ | {name: str(path) for name, path in said.items() if path is not None}


def _run_stages(request: LineRequest) -> None:
    """Run stages of the line: what `python dodo.py` does, one by one, and without doit.

    Each is skipped where nothing changed. Ends with the gate's code where the gate is among them:
    0 passed, 1 failed, 3 cannot tell. Where the settings ask for rounds, all of them are taken
    (by doit), and no stage is named.
    """
    from textlines.outputs import check_outputs, folder

    check_outputs(
        [folder("--work", request.work), folder("--hand-over", request.hand_over)],
        {
            "--settings": request.settings,
            "--labels": request.labels,
            "--images": request.images,
            "--crops": request.crops,
            "--parts": request.parts,
        },
    )
    from train.pipeline.line import taken
    from train.pipeline.round_line import RoundedLine, read_line, read_turn
    from train.pipeline.stage import StageError

    environment = request.environment()
    is_whole = not (request.stages or request.hand_over or request.shard or request.parts)
    line = read_line(environment) if is_whole else read_turn(environment)
    line.claim()
    try:
        if isinstance(line, RoundedLine):
            code = line.run({})
        else:
            with taken(line.work):
                code = _run(line, request)
    except StageError as error:
        print(f"train: error: {error}", file=sys.stderr)
        sys.exit(error.code)
    sys.exit(code)


command_line = command(LineRequest, _run_stages)


def _run(line: "Line", request: LineRequest) -> int:
    """Do what is asked with the folder of the work held; return the exit code."""
    from textlines.wording.counts import count_of
    from train.pipeline.elsewhere import hand_over, join_parts, render_part
    from train.pipeline.line import verdict_code
    from train.pipeline.table import GATE, stage_names

    if request.hand_over is not None:
        files = hand_over(
            line.stage(request.stages[0]),
            line.work,
            request.hand_over,
            target=line.target,
            general=line.general,
            like=line.settings.own.like,
        )
        print(f"{request.hand_over}: {count_of(len(files), 'file')}")
        for file in files:
            print(f"  {file}")
        return 0
    if request.shard:
        render_part(line.stage(request.stages[0]), line.work, line.runner, request.shard)
        return 0
    if request.parts is not None:
        join_parts(line.stage(request.stages[0]), line.work, line.runner, request.parts)
        return 0
    there = [stage.name for stage in line.stages]
    known = stage_names(line.settings)
    for name in request.stages or there:
        if name not in there and name in known:
            print(f"{name}: not in this line")
            continue
        line.perform(name)
    ran_gate = GATE in (request.stages or there)
    return verdict_code(line) if ran_gate and not request.any_verdict else 0
