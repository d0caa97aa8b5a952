"""A plan in words."""

from pathlib import Path

from textlines.formats.judged_set import JudgedSet
from textlines.labels.tally import EFFECT_WORDS, EFFECTS
from train.judging.significance import FLIPS, smallest_provable_gain
from train.tuning.guide_rules import rule_line
from train.tuning.lines import REASONS
from train.tuning.planning import Planned
from train.tuning.stages import steps_of

BYTES = 4
"""Of a number in float32."""


def plan_lines(planned: Planned, out: Path) -> list[str]:
    """Say all that a run will do, a line each."""
    plan, start = planned.plan, planned.start
    tensors = len(start.tensors)
    numbers = sum(one.size for one in start.tensors.values())
    found = [
        f"{out}: {plan.base.name}, {tensors} of {tensors} tensors ({numbers / 1e6:.1f} M numbers)"
    ]
    found.append(f"  history     base has {planned.before.told()}")
    if start.changed:
        changed = start.changed
        begun = sum(1 for one in changed.started.values() if one)
        found.append(
            f"  dictionary  {changed.copied:,} rows copied, {len(changed.started):,} new "
            f"({begun} from a known one), {len(changed.dropped):,} dropped"
        )
    found += [f"  {line}" for line in _mix_lines(planned)]
    if plan.turn:
        found.append(
            f"  turn        crops are read in their turns; {plan.turn.turned:,} of "
            f"{plan.turn.lines:,} lines lie turned and are trained on upright"
        )
    for number, (stage, total) in enumerate(zip(plan.stages, steps_of(plan), strict=True), 1):
        found.append(
            f"  stage {number}     {stage.tunes}: {stage.epochs} epochs, {total:,} steps of "
            f"{plan.step.batch} x {plan.step.devices} lines at most, rate {stage.rate:.2g} -> "
            f"{stage.final:.2g} ({plan.step.course}, {stage.warmup:,} of them warm-up)"
        )
    if plan.device == "gpu":
        kind = "half precision" if plan.step.amp else "float32"
        found.append(
            f"  device      gpu, {kind}; a run that was killed goes on with the same lines, rates "
            "and state, and ends with weights that differ in their last digits, as any two runs "
            "there do"
        )
    if plan.step.wavering:
        named = ", ".join("spaces" if one == " " else one for one in plan.step.wavering)
        found.append(
            f"  distilled   {named} left open where the base model gives them "
            f"{plan.step.hint:g} or more: it loses them"
        )
    found += [f"  {line}" for line in _sets(planned)]
    found.append(f"  memory      about {_gigabytes(planned):.1f} GB for a step of training")
    if planned.seconds is not None and planned.costs is not None:
        costs = planned.costs
        found.append(
            f"  time        about {planned.seconds / 60:.0f} minutes of {plan.minutes:g} (a line: "
            f"head {costs.head * 1e3:.0f} ms, whole {costs.whole * 1e3:.0f} ms, reading "
            f"{costs.feature * 1e3:.0f} ms); train rec ends its stages earlier where the machine "
            "is slower"
        )
    found += [f"  guide       {rule_line(one)}" for one in plan.rules]
    for effect in EFFECTS:
        part = planned.left_out.part(effect)
        found += [f"  {EFFECT_WORDS[effect]:11} {line}" for line in part.lines(REASONS)]
    found += [f"  warning     {line}" for line in planned.warnings]
    return found


def _mix_lines(planned: Planned) -> list[str]:
    lists = planned.plan.mix.lists
    ratios = [one.ratio for one in planned.mix.epochs if one.ratio is not None]
    told = f", original : new {min(ratios):.2f}..{max(ratios):.2f} : 1" if ratios else ""
    first = lists[0]
    own = _own_line(planned)
    pool = len({line.path for lines in planned.lists for line in lines if line.is_new})
    return [
        f"mix         {len(lists)} lists, {first.lines + first.distilled:,} lines in the first "
        f"({first.distilled:,} distilled){told}",
        *([own] if own else []),
        f"            {pool:,} different new lines in all lists",
    ]


def _own_line(planned: Planned) -> str:
    """Say how many own lines stand in the lists, and how often; "" without any."""
    sources = [one for one in planned.mix.sources if one.role == "own"]
    if not sources:
        return ""
    lines, times = sum(one.usable for one in sources), sources[0].times or 1
    return f"            {lines:,} own lines, each {times} times in every list"


def _sets(planned: Planned) -> list[str]:
    found = []
    folds = planned.plan.folds
    if folds:
        found.append(
            f"folds       {folds.path}: ends after epoch {folds.epoch} of {folds.epochs}, blends "
            f"with at most {folds.alpha:g} of the tuned model"
        )
    for one in planned.sets:
        role = "stop on    " if one.is_target else "general    "
        judged: JudgedSet = one.judged
        line = f"{role} {judged.path.name}:{judged.comparison}, {len(one.lines):,} lines"
        if one.is_target:
            gain = smallest_provable_gain(len(one.lines), FLIPS)
            line += f"; a judging set of this size proves a gain of {100 * gain:.1f} points or more"
        elif one.strictest:
            line += f"; counted under {one.strictest}, the strictest that its labels allow"
        found.append(line)
    return found


def _gigabytes(planned: Planned) -> float:
    """Estimate memory: weights, gradients and moments; activations of the widest batch.

    A time step costs some 5 times its logits in training (logits, softmax, target, gradient).
    """
    plan, spec = planned.plan, planned.start.spec
    numbers = sum(one.size for one in planned.start.tensors.values())
    widest = max((line.width for lines in planned.lists for line in lines), default=320)
    logits = plan.step.batch * widest / 8 * spec.classes * 5
    whole = any(stage.tunes == "whole" for stage in plan.stages)
    maps = plan.step.batch * widest * 48 * 60 * (2 if whole else 0)
    return (numbers * 4 + logits + maps) * BYTES / 1e9
