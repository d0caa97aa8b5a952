"""A plan in words."""

from pathlib import Path

from textlines.defects import EFFECT_WORDS, EFFECTS, of_lines
from textlines.formats.judged_set import JudgedSet
from textlines.wording.counts import count_of, form_of
from train.judging.significance import FLIPS, smallest_provable_gain
from train.tuning.planning import Planned
from train.tuning.stages import steps_of
from train.tuning.train_plan import GuideRule


def plan_lines(planned: Planned, out: Path) -> list[str]:
    """Return all that a run will do, a line each."""
    plan, start = planned.plan, planned.start
    tensors = len(start.tensors)
    numbers = sum(array.size for array in start.tensors.values())
    lines = [
        f"{out}: {plan.base.name}, {tensors} of {tensors} tensors ({numbers / 1e6:.1f} M numbers)"
    ]
    lines.append(f"  history     base has {planned.before.told()}")
    if start.changed:
        changed = start.changed
        begun = sum(1 for start_entry in changed.started.values() if start_entry)
        lines.append(
            f"  dictionary  {count_of(changed.copied, 'row')} copied, {len(changed.started):,} new "
            f"({begun} from a known one), {len(changed.dropped):,} dropped"
        )
    lines += [f"  {line}" for line in _mix_lines(planned)]
    if plan.turn:
        lines.append(
            f"  turn        crops are read in their turns; {plan.turn.turned:,} of "
            f"{count_of(plan.turn.lines, 'line')} {form_of(plan.turn.turned, 'lies', 'lie')} "
            "turned, trained on upright"
        )
    for number, (stage, total) in enumerate(zip(plan.stages, steps_of(plan), strict=True), 1):
        lines.append(
            f"  stage {number}     {stage.tunes}: {count_of(stage.epochs, 'epoch')}, "
            f"{count_of(total, 'step')} of {plan.step.batch} x {plan.step.devices} lines at most, "
            f"rate {stage.rate:.2g} -> {stage.final:.2g} ({plan.step.course}, {stage.warmup:,} of "
            "them warm-up)"
        )
    if plan.device == "gpu":
        kind = "half precision" if plan.step.amp else "float32"
        lines.append(
            f"  device      gpu, {kind}; a run that was killed goes on with the same lines, rates "
            "and state, and ends with weights that differ in their last digits, as any two runs "
            "there do"
        )
    if plan.step.wavering:
        named = ", ".join(
            "spaces" if character == " " else character for character in plan.step.wavering
        )
        lines.append(
            f"  distilled   {named} left open where the base model gives them "
            f"{plan.step.hint:g} or more: it loses them"
        )
    lines += [f"  {line}" for line in _sets(planned)]
    lines.append(f"  memory      {_memory_line(planned)}")
    if planned.seconds is not None and planned.costs is not None:
        costs = planned.costs
        lines.append(
            f"  time        about {planned.seconds / 60:.0f} minutes of {plan.minutes:g} (a line: "
            f"head {costs.head * 1e3:.0f} ms, whole {costs.whole * 1e3:.0f} ms, reading "
            f"{costs.feature * 1e3:.0f} ms); train rec ends its stages earlier where the machine "
            "is slower"
        )
    lines += [f"  guide       {rule_line(rule)}" for rule in plan.rules]
    for effect in EFFECTS:
        part = planned.left_out.part(effect)
        lines += [f"  {EFFECT_WORDS[effect]:11} {line}" for line in part.lines(of_lines.TRAINING)]
    lines += [f"  warning     {line}" for line in planned.warnings]
    return lines


def rule_line(rule: GuideRule) -> str:
    """Return a row in words.

    >>> rule_line(GuideRule(code="gtc", rule="GTC off", kept=True, why="CTC alone"))
    'GTC off: kept (CTC alone)'
    """
    return f"{rule.rule}: {rule.state} ({rule.why})"


def _memory_line(planned: Planned) -> str:
    memory = planned.memory
    each = " in each process" if planned.plan.step.devices > 1 else ""
    return f"about {memory.total / 1e9:.1f} GB for a step of training{each}"


def _mix_lines(planned: Planned) -> list[str]:
    lists = planned.plan.mix.lists
    ratios = [epoch.ratio for epoch in planned.mix.epochs if epoch.ratio is not None]
    ratio = f", original : new {min(ratios):.2f}..{max(ratios):.2f} : 1" if ratios else ""
    first = lists[0]
    own_words = _own_line(planned)
    pool = len({line.path for lines in planned.lists for line in lines if line.is_new})
    return [
        f"mix         {count_of(len(lists), 'list')}, "
        f"{count_of(first.lines + first.distilled, 'line')} in the first "
        f"({first.distilled:,} distilled){ratio}",
        *([own_words] if own_words else []),
        f"            {count_of(pool, 'different new line')} in all lists",
    ]


def _own_line(planned: Planned) -> str:
    """Return how many own lines stand in the lists, and how often; "" without any."""
    sources = [source for source in planned.mix.sources if source.role == "own"]
    if not sources:
        return ""
    lines, times = sum(source.usable for source in sources), sources[0].times or 1
    return (
        f"            {count_of(lines, 'own line')}, each {count_of(times, 'time')} in every list"
    )


def _sets(planned: Planned) -> list[str]:
    lines = []
    folds = planned.plan.folds
    if folds:
        lines.append(
            f"folds       {folds.path}: ends after epoch {folds.epoch} of {folds.epochs}, blends "
            f"with at most {folds.alpha:g} of the tuned model"
        )
    for stop_set in planned.sets:
        role = "stop on    " if stop_set.is_target else "general    "
        judged: JudgedSet = stop_set.judged
        line = (
            f"{role} {judged.path.name}:{judged.comparison}, "
            f"{count_of(len(stop_set.lines), 'line')}"
        )
        if stop_set.is_target:
            gain = smallest_provable_gain(len(stop_set.lines), FLIPS)
            line += f"; a judging set of this size proves a gain of {100 * gain:.1f} points or more"
        elif stop_set.strictest:
            line += f"; counted under {stop_set.strictest}, the strictest that its labels allow"
        lines.append(line)
    return lines
