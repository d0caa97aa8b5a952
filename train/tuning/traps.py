"""Traps in a plan of training that are no errors, and the one that is."""

from collections.abc import Sequence

from textlines.errors import UsageError
from textlines.files import sha256_of
from textlines.formats.mix import MixFolder
from train.tuning.lines import TrainingLine
from train.tuning.plan_model import TrainPlan


def traps_of(
    plan: TrainPlan, mix: MixFolder, lists: Sequence[Sequence[TrainingLine]]
) -> tuple[str, ...]:
    """Return what a plan may suffer from, each once.

    Args:
        plan: with its rules of the guide.
        lists: the lines of each epoch's list that can be trained on.

    Raises:
        UsageError: a stopping set is trained on.
    """
    found = []
    for one, lines in zip(mix.epochs, lists, strict=True):
        if one.ratio is not None and not 5 <= one.ratio <= 10:
            found.append(f"{one.list}: original : new is {one.ratio:.2f}, outside 5..10")
        dropped = one.labelled + one.distil - len(lines)
        if dropped > 0.02 * (one.labelled + one.distil):
            found.append(f"{one.list}: {dropped:,} lines cannot be trained on")
    epochs = sum(stage.epochs for stage in plan.stages)
    if epochs > len(lists) and any(one.new for one in mix.epochs):
        found.append(
            f"{epochs} epochs go over {len(lists)} lists: new lines are seen again. "
            f"Make more: balance mix --epochs {epochs}"
        )
    found += [
        f"{rule.rule}: {rule.why}; most new entries will hardly be learned"
        for rule in plan.rules
        if rule.code == "dictionary" and rule.state == "broken"
    ]
    if not plan.stop.general:
        found.append("no --general-stop: nothing tells when old knowledge is lost")
    known = {one.sha256 for one in mix.sources}
    for judged in (*plan.stop.target, *plan.stop.general):
        if sha256_of(judged.path) in known:
            raise UsageError(
                str(judged),
                "is trained on in this mix",
                "Stop on lines that nothing was trained on.",
            )
    return tuple(dict.fromkeys(found))
