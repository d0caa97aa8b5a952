"""`train det plan`: all that a detector's run will do, before it costs anything."""

import re
import sys
from typing import TYPE_CHECKING, Any

from textlines.request_options import command, spread_options
from train.page_tuning.page_plan_request import DetPlanRequest
from train.shared_options import Json

if TYPE_CHECKING:
    from train.page_tuning.page_plan import DetPlan
    from train.page_tuning.page_planning import PlannedPages

WRITTEN = (
    *("plan.toml", "history.json", "seen_images.npy", "target_pages.txt", "general_pages.txt"),
    *(
        "metrics.jsonl",
        "report.html",
        "best",
        "checkpoints",
        "tensorboard",
        "lock",
        "paddleocr_pages",
        "threshold_branch.npz",
    ),
)
"""What `train det plan` and `train det rec` write into the folder of a run."""

MANY = spread_options(DetPlanRequest)
"""Options that take several values at once."""


def det_plan(request: DetPlanRequest) -> dict[str, Any]:
    """Plan a detector's fine-tune and write its run folder, as `train det plan` does.

    Returns:
        What `train det plan --json` prints (docs/json.md).

    Raises:
        MendError: files or options cannot be used as they are, or Paddle is not installed.
    """
    plan, planned = planned_run(request, as_json=True)
    return record(plan, planned, request)


def planned_run(
    request: DetPlanRequest, *, as_json: bool = False
) -> "tuple[DetPlan, PlannedPages]":
    """Plan, and write the run folder.

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
            "--stop-on": request.stop_on,
            "--general-stop": list(request.general_stop),
            "--images": request.images,
            "--tuned": request.tuned,
            "--student": request.student,
            "--recognizer": request.recognizer,
        },
    )
    from train.commands.needed import need_paddle, need_polygons

    need_polygons("train det plan")
    need_paddle("train det plan")
    from textlines.progress import watching
    from train.page_tuning.paddleocr_det_run import check_student, family_of, write_paddleocr_run
    from train.page_tuning.page_planning import plan_pages
    from train.page_tuning.page_run_folder import check_new, new_page_run

    check_new(request.out)
    student = check_student(request.student) if request.paddleocr_yaml else None
    planned = plan_pages(request, lambda what: watching(what, as_json=as_json))
    if request.paddleocr_yaml:
        family_of(planned.plan)  # before anything is written
    plan = new_page_run(request.out, planned)
    if request.paddleocr_yaml and student:
        write_paddleocr_run(plan, planned, request.out, request.paddleocr_yaml, student)
    return plan, planned


def record(plan: "DetPlan", planned: "PlannedPages", request: DetPlanRequest) -> dict[str, Any]:
    """Return a plan as it is printed in JSON."""
    rules = [
        {"code": rule.code, "rule": str(rule.rule), "state": rule.state, "why": str(rule.why)}
        for rule in plan.rules
    ]
    return {
        "run": str(request.out),
        "plan": plan.model_dump(mode="json", exclude={"rules"}),
        "seconds": planned.seconds,
        "rules": rules,
        "history": planned.before.summary(),
        "warnings": list(planned.warnings),
    }


def _print_plan(request: DetPlanRequest, *, json: Json = False) -> None:
    """Plan a detector's fine-tune: pages, sizes, shrink ratio, rate, steps, and what is against it.

    Writes plan.toml, which `train det rec` follows, the pages held out to blend by, and the
    history of what was seen.
    """
    from json import dumps

    plan, planned = planned_run(request, as_json=json)
    if json:
        sys.stdout.write(dumps(record(plan, planned, request), ensure_ascii=False) + "\n")
        return
    from train.page_tuning.page_plan_text import plan_lines

    for line in plan_lines(plan, planned, request.out):
        print(line)


command_line = command(DetPlanRequest, _print_plan)
