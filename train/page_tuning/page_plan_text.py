"""A detector's plan in words."""

from collections.abc import Iterator
from pathlib import Path

from textlines.wording.counts import count_of
from train.networks.threshold_branch import first_weights, head_input_of
from train.page_tuning.page_plan import DetPlan, StopPages
from train.page_tuning.page_planning import PlannedPages


def plan_lines(plan: DetPlan, planned: PlannedPages, out: Path) -> Iterator[str]:
    """Yield all that a run will do, a line each."""
    held = planned.spec.program().held
    sizes = {name: array.size for name, array in planned.weights.items()}
    learns = [
        name
        for name, tensor in held.items()
        if tensor.learns and (plan.step.tunes == "whole" or name in planned.spec.neck)
    ]
    numbers = sum(sizes[name] for name in learns)
    yield (
        f"{out}: {plan.base.model}, {len(learns)} of {len(held)} tensors learn "
        f"({numbers / 1e6:.2f} of {sum(sizes.values()) / 1e6:.2f} M numbers)"
    )
    yield f"  history     base has {planned.before.told()}"
    for epoch, pages in zip(planned.mix.epochs, planned.lists, strict=True):
        yield (
            f"  {epoch.list:<11} {count_of(len(pages), 'page')} to train on, "
            f"{epoch.pages - len(pages):,} held out"
        )
    for shown in plan.shown:
        teaches = "labels" if plan.learns_labels(shown.role) else "what the base finds"
        fitted = (
            f"fitted to {count_of(shown.lines, 'line')} that are found"
            if shown.overlap
            else f"not fitted: {count_of(shown.lines, 'line')} found"
        )
        yield (
            f"  {shown.role:<10}  long side {shown.low:.0f} to {shown.high:.0f} pixels, shrink "
            f"ratio {shown.ratio:g} ({fitted}), teaches {teaches}"
        )
    step = plan.step
    yield (
        f"  steps       {count_of(plan.steps, 'step')} of {step.batch} crops of {step.side} pixels"
        f", rate {step.rate:.2g} -> {step.final:.2g} (cosine, {step.warmup:,} of them warm-up)"
    )
    if step.has_branch:
        taken = head_input_of(planned.spec)
        made = sum(array.size for array in first_weights(taken.channels, plan.seed).values())
        yield (
            f"  thresholds  a branch of {made:,} numbers at {taken.value} "
            f"({count_of(taken.channels, 'channel')}): {step.alone:,} of these steps by itself at "
            f"{step.alone_rate:.2g}; takes {plan.branch_seconds:.2f} of {plan.seconds_a_step:.2f} "
            "s a step"
        )
    yield f"  blended by  {_stop(plan.stop.target)}, {plan.stop.objective}"
    for general in plan.stop.general:
        also = " and of lines read exactly" if plan.stop.objective == "reading" else ""
        yield f"  general     {_stop(general)}, may lose {plan.stop.delta:g} of hmean{also}"
    if planned.seconds is not None:
        yield (
            f"  time        about {planned.seconds / 60:.0f} minutes of {plan.minutes:g}, "
            f"{plan.seconds_a_step:.1f} s a step"
        )
    for rule in plan.rules:
        yield f"  {rule.state:<14}  {rule.rule}: {rule.why}"
    yield from (f"  warning     {warning}" for warning in planned.warnings)


def _stop(pages: StopPages) -> str:
    where = "held out" if pages.held else pages.labels
    return f"{count_of(pages.pages, 'page')} ({where})"
