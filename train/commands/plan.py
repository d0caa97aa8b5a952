"""`train plan`: all that a run will do, before it costs anything."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from train.options import GeneralStop, Json, StopImages, Turn

if TYPE_CHECKING:
    from train.networks.devices import Device
    from train.tuning.planning import Planned
    from train.tuning.stages import Mode

WRITTEN = (
    *("plan.toml", "turns.jsonl"),
    "history.json",
    "seen_images.npy",
    *("paddleocr_base.pdparams", "paddleocr_lists"),
    *("metrics.jsonl", "report.html", "tuned.json", "readings.jsonl"),
    "pace.jsonl",
    *("best", "tensorboard", "checkpoints", "cache"),
)
"""What `train plan` and `train rec` write into the folder of a run."""

MANY = frozenset({"--stop-on", "--general-stop"})
"""Options that take several values at once."""


def plan(
    model: Annotated[Path, typer.Option(help="Folder of `train weights`: what to start from.")],
    mix: Annotated[Path, typer.Option(help="Folder of `balance mix`: what to train on.")],
    out: Annotated[Path, typer.Option(help="Folder of the run.")],
    stop_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE[:COMPARISON]...",
            help="Label files of lines that are to be read better; the run stops and blends by "
            "them. Never those that the gate judges by. COMPARISON: exact (default), casefold, "
            "alnum, nospace.",
        ),
    ] = None,
    folds: Annotated[
        Path | None,
        typer.Option(
            help="Folder of `train fold` on the same own lines. In place of --stop-on the run "
            "ends and blends where the folds were best; beside it they only vet the labels."
        ),
    ] = None,
    suspects: Annotated[
        Literal["stop", "accept"],
        typer.Option(help="Labels that the folds doubt: stop where they are many, or go on."),
    ] = "stop",
    general_stop: GeneralStop = None,
    images: StopImages = None,
    minutes: Annotated[
        float,
        typer.Option(
            min=0,
            help="Fit the epochs to this wall time; train rec keeps to it where the machine is "
            "slower. [default: no budget]",
        ),
    ] = 0.0,
    tune: Annotated[
        Literal["head", "whole", "both"],
        typer.Option(
            help="head: neck and last layer on features that are kept on disk, a step costs a "
            "twentieth. whole: every layer. both: one after the other. [default: head on a CPU, "
            "whole on a GPU]"
        ),
    ]
    | None = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Peak learning rate of the whole network. [default: the guide's]"),
    ] = None,
    head_rate: Annotated[
        float | None, typer.Option(help="Peak rate of the head. [default: 20 times the guide's]")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Lines a step on each device.")] = 32,
    devices: Annotated[int, typer.Option(min=1, help="Processes that share a step.")] = 1,
    device: Annotated[
        Literal["auto", "cpu", "gpu"],
        typer.Option(help="What to train on. auto: a GPU where this Paddle has one, else the CPU."),
    ] = "auto",
    dictionary: Annotated[
        Path | None,
        typer.Option(help="Another dictionary than the model's: known rows are copied."),
    ] = None,
    use_space_char: Annotated[
        bool | None,
        typer.Option(
            "--use-space-char/--no-space",
            help="Whether a space follows it. [default: as its YAML or model folder says; else as "
            "in the base model]",
        ),
    ] = None,
    row_from: Annotated[
        list[str] | None,
        typer.Option(metavar="NEW=OLD", help="A new entry that starts from an old one."),
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option(
            help="Error profile the new lines were made for: the lines it was mined from count as "
            "seen, and new entries start from what they were read as."
        ),
    ] = None,
    turn: Turn = None,
    like: Annotated[
        Path | None,
        typer.Option(
            help="Label file of lines as production holds them: what of it own lines lack is "
            "where further labels help. [default: the profile's characters]"
        ),
    ] = None,
    seen: Annotated[
        list[Path] | None,
        typer.Option(help="Further label files that an earlier step has read. Repeatable."),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a value: step.batch=16."),
    ] = None,
    paddleocr_yaml: Annotated[
        Path | None,
        typer.Option(
            help="Also write the plan's stage of the whole network for PaddleOCR's own "
            "tools/train.py, with the weights and label files that it takes (--tune whole or both)."
        ),
    ] = None,
    json: Json = False,
    seed: Annotated[int, typer.Option(help="Another seed orders and varies lines otherwise.")] = 0,
) -> None:
    """Plan a fine-tune: rates, epochs, steps, lines left out, weights, time, what can be proven.

    Writes plan.toml, which `train rec` follows, and the history of what was seen.
    """
    from textlines.formats.judged_set import JudgedSet
    from textlines.outputs import Form, check_outputs, file, folder

    stops = tuple(map(JudgedSet.parse, stop_on or ()))
    general_stops = tuple(map(JudgedSet.parse, general_stop or ()))
    configuration = Form("a configuration for PaddleOCR", re.compile(rb"# For PaddleOCR: "))
    check_outputs(
        [
            folder("--out", out, WRITTEN),
            file("--paddleocr-yaml", paddleocr_yaml, configuration),
        ],
        {
            "--model": model,
            "--mix": mix,
            "--folds": folds,
            "--stop-on": [one.path for one in stops],
            "--general-stop": [one.path for one in general_stops],
            "--images": images,
            "--dictionary": dictionary,
            "--profile": profile,
            "--like": like,
            "--seen": seen,
        },
    )
    from json import dumps

    from train.commands.needed import need_paddle

    need_paddle("train plan")
    from train.networks.devices import chosen_device
    from train.tuning.new_run import check_new, new_run
    from train.tuning.planning import PlanOptions, make_plan

    check_new(out)
    on = chosen_device(device)
    chosen = tune or _tuned_by_default(on, folds)
    options = PlanOptions(
        model=model,
        mix=mix,
        stop_on=stops,
        folds=folds,
        accepts_suspects=suspects == "accept",
        general_stop=general_stops,
        images=images,
        mode=chosen,
        minutes=minutes,
        batch=batch,
        devices=devices,
        rate=rate,
        head_rate=head_rate,
        dictionary=dictionary,
        use_space_char=use_space_char,
        rows=tuple(row_from or ()),
        profile=profile,
        turning=turn,
        changes=tuple(changes or ()),
        device=on,
        seed=seed,
    )
    planned = make_plan(options)
    notes = new_run(out, planned, profile=profile, seen=tuple(seen or ()), yaml=paddleocr_yaml)
    labels = worth_of(planned, profile, like)
    if json:
        warned = [*planned.warnings, *notes]
        said = record(planned, out) | {"labels": labels, "warnings": list(map(str, warned))}
        sys.stdout.write(dumps(said, ensure_ascii=False) + "\n")
        return
    lines = [*told(planned, out), *beside("labels", labels)]
    lines += [f"  warning     {note}" for note in notes]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _tuned_by_default(device: "Device", folds: Path | None) -> "Mode":
    """Return what is tuned where the user says nothing: folds tell of the head alone."""
    return "whole" if device == "gpu" and folds is None else "head"


def record(planned: "Planned", out: Path) -> dict[str, Any]:
    """Return a plan as it is printed in JSON."""
    from train.tuning.stages import steps_of

    plan = planned.plan
    rules = [
        {"code": one.code, "rule": str(one.rule), "state": one.state, "why": str(one.why)}
        for one in plan.rules
    ]
    return {
        "run": str(out),
        "plan": plan.model_dump(mode="json", exclude={"rules"}),
        "steps": list(steps_of(plan)),
        "seconds": planned.seconds,
        "rules": rules,
        "left_out": planned.left_out.by_effect(),
        "history": planned.before.summary(),
    }


def beside(word: str, lines: list[str]) -> list[str]:
    """Put a word before the first of some lines, and the others under it."""
    return [f"  {'' if number else word:<10}  {line}" for number, line in enumerate(lines)]


def told(planned: "Planned", out: Path) -> list[str]:
    """Put a plan into lines of text."""
    from train.tuning.plan_in_words import plan_lines

    return plan_lines(planned, out)


def worth_of(planned: "Planned", profile: Path | None, like: Path | None) -> list[str]:
    """Return what labels are worth here, before anything is trained, in lines of text."""
    from textlines.formats.profile import load_profile
    from textlines.profile.support import Support
    from train.judging.label_worth import production_like, production_of, worth_lines
    from train.tuning.folded import own_lines

    known = load_profile(profile) if profile else None
    if like:
        production = production_like(like, planned.left_out)
    else:
        production = production_of(known) if known else Support()
    own = [line.label for line in own_lines(planned.mix)]
    found = worth_lines(own, production, known)
    if not own:
        found.append("no line of this mix is called own: balance mix --own FILE")
    return found
