"""`train plan`: all that a run will do, before it costs anything."""

import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from textlines.request_options import command, spread_options
from train.shared_options import Json
from train.tuning.plan_request import PlanRequest

if TYPE_CHECKING:
    from train.tuning.planning import Planned

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

MANY = spread_options(PlanRequest)
"""Options that take several values at once."""


def plan(request: PlanRequest) -> dict[str, Any]:
    """Plan a fine-tune and write its run folder, as `train plan` does, and print nothing.

    Returns:
        What `train plan --json` prints (docs/json.md).

    Raises:
        MendError: files or options cannot be used as they are, or Paddle is not installed; its
            text is the command's.
    """
    planned, notes = planned_run(request)
    return record(planned, request, notes)


def planned_run(request: PlanRequest) -> "tuple[Planned, tuple[str, ...]]":
    """Plan, and write the run folder; return the plan, and what to mind about its lines.

    Raises:
        MendError: files or options cannot be used as they are, or Paddle is not installed.
    """
    from textlines.outputs import Form, check_outputs, file, folder

    configuration = Form("a configuration for PaddleOCR", re.compile(rb"# For PaddleOCR: "))
    check_outputs(
        [
            folder("--out", request.out, WRITTEN),
            file("--paddleocr-yaml", request.paddleocr_yaml, configuration),
        ],
        {
            "--model": request.model,
            "--mix": request.mix,
            "--folds": request.folds,
            "--stop-on": [judged.path for judged in request.stop_on],
            "--general-stop": [judged.path for judged in request.general_stop],
            "--images": request.images,
            "--dictionary": request.dictionary,
            "--profile": request.profile,
            "--earlier-profile": request.earlier_profile,
            "--like": request.like,
            "--seen": request.seen,
        },
    )
    from train.commands.needed import need_paddle

    need_paddle("train plan")
    from train.tuning.new_run import check_new, new_run
    from train.tuning.planning import make_plan

    check_new(request.out)
    planned = make_plan(request)
    notes = new_run(
        request.out,
        planned,
        profiles=(*((request.profile,) if request.profile else ()), *request.earlier_profile),
        seen=request.seen,
        yaml=request.paddleocr_yaml,
    )
    return planned, notes


def _print_plan(request: PlanRequest, *, json: Json = False) -> None:
    """Plan a fine-tune: rates, epochs, steps, lines left out, weights, time, what can be proven.

    Writes plan.toml, which `train rec` follows, and the history of what was seen.
    """
    from json import dumps

    planned, notes = planned_run(request)
    if json:
        sys.stdout.write(dumps(record(planned, request, notes), ensure_ascii=False) + "\n")
        return
    from train.tuning.plan_in_words import plan_lines

    labels = worth_of(planned, request)  # counts what of --like is left out
    lines = [*plan_lines(planned, request.out), *beside("labels", labels)]
    lines += [f"  warning     {note}" for note in notes]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


command_line = command(PlanRequest, _print_plan)


def record(planned: "Planned", request: PlanRequest, notes: Sequence[str]) -> dict[str, Any]:
    """Return a plan as it is printed in JSON.

    Args:
        notes: what to mind beside the plan's own warnings.
    """
    from train.tuning.stages import steps_of

    labels = worth_of(planned, request)  # counts what of --like is left out
    plan, memory = planned.plan, planned.memory
    rules = [
        {"code": rule.code, "rule": str(rule.rule), "state": rule.state, "why": str(rule.why)}
        for rule in plan.rules
    ]
    return {
        "run": str(request.out),
        "plan": plan.model_dump(mode="json", exclude={"rules"}),
        "steps": list(steps_of(plan)),
        "seconds": planned.seconds,
        "memory": {**asdict(memory), "total": memory.total},
        "rules": rules,
        "left_out": planned.left_out.by_effect(),
        "history": planned.before.summary(),
        "labels": labels,
        "warnings": [str(warning) for warning in (*planned.warnings, *notes)],
    }


def beside(word: str, lines: list[str]) -> list[str]:
    """Put a word before the first of some lines, and the others under it."""
    return [f"  {'' if number else word:<10}  {line}" for number, line in enumerate(lines)]


def worth_of(planned: "Planned", request: PlanRequest) -> list[str]:
    """Return what labels are worth here, before anything is trained, in lines of text."""
    from textlines.formats.profile import load_profile
    from textlines.profile.support import Support
    from train.judging.label_worth import production_like, production_of, worth_lines
    from train.tuning.training_lines import own_lines

    known = load_profile(request.profile) if request.profile else None
    if request.like:
        production = production_like(request.like, planned.left_out)
    else:
        production = production_of(known) if known else Support()
    texts = [line.label for line in own_lines(planned.mix)]
    lines = worth_lines(texts, production, known)
    if not texts:
        lines.append("no line of this mix is called own: balance mix --own FILE")
    return lines
