"""Find what a recognizer misreads, train it, and judge what came of it.

    from pathlib import Path

    import train

    mined = train.mine(train.MineRequest(predictions=Path("read.tsv"), out=Path("profile.json")))
    verdict = train.gate(
        train.GateRequest(
            base="base/",
            candidate="candidate/",
            target=(train.JudgedSet(Path("own/judge.txt")),),
            general=(train.JudgedSet(Path("scenes/judge.txt"), "casefold"),),
        )
    )
    verdict.outcome    # "passed", "failed" or "cannot_tell"

A request has the words of the command's options. What is wrong is raised as
`textlines.MendError`; no call ends the process. Importing this loads nothing heavy: names are
looked up when they are used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textlines.formats.judged_set import JudgedSet
    from train.commands.det_evaluate import DetEvaluateRequest, det_evaluate
    from train.commands.det_export import DetExportRequest, det_export
    from train.commands.det_gate import DetGateRequest, det_gate
    from train.commands.det_mine import DetMineRequest, det_mine
    from train.commands.det_plan import det_plan
    from train.commands.evaluate import EvaluateRequest, evaluate
    from train.commands.gate import GateRequest, gate
    from train.commands.mine import MineRequest, mine
    from train.commands.plan import plan
    from train.detection.gate_verdict import DetVerdict
    from train.detection.named_pages import NamedPages, TunedPair
    from train.judging.verdict import GateVerdict
    from train.page_tuning.page_plan_request import DetPlanRequest
    from train.tuning.plan_request import PlanRequest

__all__ = [
    "DetEvaluateRequest",
    "DetExportRequest",
    "DetGateRequest",
    "DetMineRequest",
    "DetPlanRequest",
    "DetVerdict",
    "EvaluateRequest",
    "GateRequest",
    "GateVerdict",
    "JudgedSet",
    "MineRequest",
    "NamedPages",
    "PlanRequest",
    "TunedPair",
    "det_evaluate",
    "det_export",
    "det_gate",
    "det_mine",
    "det_plan",
    "evaluate",
    "gate",
    "mine",
    "plan",
]

_PLACES = {
    "DetEvaluateRequest": "train.commands.det_evaluate",
    "DetExportRequest": "train.commands.det_export",
    "DetGateRequest": "train.commands.det_gate",
    "DetMineRequest": "train.commands.det_mine",
    "DetPlanRequest": "train.page_tuning.page_plan_request",
    "DetVerdict": "train.detection.gate_verdict",
    "EvaluateRequest": "train.commands.evaluate",
    "GateRequest": "train.commands.gate",
    "GateVerdict": "train.judging.verdict",
    "JudgedSet": "textlines.formats.judged_set",
    "MineRequest": "train.commands.mine",
    "NamedPages": "train.detection.named_pages",
    "PlanRequest": "train.tuning.plan_request",
    "TunedPair": "train.detection.named_pages",
    "det_evaluate": "train.commands.det_evaluate",
    "det_export": "train.commands.det_export",
    "det_gate": "train.commands.det_gate",
    "det_mine": "train.commands.det_mine",
    "det_plan": "train.commands.det_plan",
    "evaluate": "train.commands.evaluate",
    "gate": "train.commands.gate",
    "mine": "train.commands.mine",
    "plan": "train.commands.plan",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'train' has no attribute {name!r}")
    import os
    from importlib import import_module

    from train.networks.paddle_process import fast_products, leave_signals_alone

    # As the command does, before Paddle may be loaded.
    fast_products(os.environ)
    leave_signals_alone()
    return getattr(import_module(_PLACES[name]), name)
