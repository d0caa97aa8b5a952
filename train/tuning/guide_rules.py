"""The rules of PaddleOCR's fine-tune guide, held against a mix and a plan: kept or not, and why.

The guide asks for what a team may not have (5,000 real lines) and for what contradicts itself with
few lines of one's own. So a rule that is not kept is no error: it is said, with the reason.
"""

from collections.abc import Callable, Sequence
from functools import cache
from math import isclose
from pathlib import Path

from textlines.files import real_path
from textlines.formats.mix import MixEpoch, MixFolder, MixSource
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.rules.proportions import ABOUT, HIGHEST, LOWEST
from train.tuning.learning_rate import HEAD_RATE, guide_rate
from train.tuning.plan_model import GuideRule, TrainPlan

REAL_LINES = 5000
"""What the guide wants of real lines where the dictionary stays."""


def guide_rules(plan: TrainPlan, mix: MixFolder, scratch: float) -> tuple[GuideRule, ...]:
    """Return a row for each rule, in the order of the guide.

    Args:
        plan: with all changes made.
        scratch: the rate that the base was trained with from scratch.

    Raises:
        InputError: a list of the mix cannot be read.
    """
    return (
        _real_lines(plan, mix.sources),
        _original_to_new(mix.epochs),
        _scene_to_general(mix),
        _floors(mix),
        _evened(mix),
        _unconfirmed(plan, mix),
        _rate(plan, scratch),
        GuideRule(code="gtc", rule="GTC off", kept=True, why="CTC alone is trained"),
    )


def rule_line(rule: GuideRule) -> str:
    """Return a row in words.

    >>> rule_line(GuideRule(code="gtc", rule="GTC off", kept=True, why="CTC alone"))
    'GTC off: kept (CTC alone)'
    """
    if rule.kept:
        return f"{rule.rule}: kept ({rule.why})"
    return f"{rule.rule}: not reachable, because {rule.why}"


def _real_lines(plan: TrainPlan, sources: Sequence[MixSource]) -> GuideRule:
    """Count real lines of label files, each file once: what an epoch repeats is no further line."""
    real = dict.fromkeys(("own", "original", "distil", "general", "replay"), 0)
    for one in sources:
        if one.role in real:
            real[one.role] += one.usable - one.rendered
    found = sum(real.values())
    told = ", ".join(f"{count:,} {role}" for role, count in real.items() if count) or "none"
    enough = found >= REAL_LINES
    why = f"{found:,} real lines ({told})"
    if enough and plan.rows.dictionary:
        enough = False
        why += f": a changed dictionary needs more than {REAL_LINES:,}, the guide says not how many"
    elif not enough:
        why += " are all that this mix has"
    rule = f"at least {REAL_LINES:,} real lines, dictionary unchanged"
    return GuideRule(code="real_lines", rule=rule, kept=enough, why=why)


def _original_to_new(epochs: Sequence[MixEpoch]) -> GuideRule:
    rule = f"original : new in {LOWEST}:1 to {HIGHEST}:1"
    ratios = [one.ratio for one in epochs if one.ratio is not None]
    if not ratios:
        why = "no new line is in the mix, so that the ratio does not apply"
        return GuideRule(code="original_to_new", rule=rule, kept=True, why=why)
    worst = max(ratios, key=lambda ratio: max(ratio / HIGHEST, LOWEST / ratio))
    kept = LOWEST <= worst <= HIGHEST
    told = " to ".join(dict.fromkeys(f"{one:.2f}:1" for one in (min(ratios), max(ratios))))
    told += " in each list"
    if not kept:
        lack = "new" if worst > HIGHEST else "original"
        told = f"a list has {worst:.2f}:1: too few {lack} lines are there"
    return GuideRule(code="original_to_new", rule=rule, kept=kept, why=told)


def _scene_to_general(mix: MixFolder) -> GuideRule:
    rule = "own scene : general about 1:1"
    epochs = mix.epochs

    def row(kept: bool, why: str) -> GuideRule:
        return GuideRule(code="scene_to_general", rule=rule, kept=kept, why=why)

    known = [one.scene_to_general for one in epochs if one.scene_to_general is not None]
    first = epochs[0]
    if not known:
        if first.own:
            why = "nothing but the own scene is in the mix (balance mix --distil, --general)"
            return row(False, why)
        why = "the mix does not say which lines are of the own scene (balance mix --own, --general)"
        return row(False, why)
    worst = max(known, key=lambda ratio: max(ratio, 1 / ratio))
    told = f"{worst:.2f}:1" if worst >= 1 else f"1:{1 / worst:.2f}"
    if 1 / ABOUT <= worst <= ABOUT:
        who = (
            "own and new lines to all others" if first.own else "originals and new to general lines"
        )
        return row(True, f"{told}, {who}")
    if not first.own:
        why = f"originals and new lines stand {told} to general ones, as was asked of the mix"
        return row(False, why)
    others = sum(one.usable for one in mix.sources if one.role in ("original", "distil", "general"))
    if worst > 1:
        why = f"only {others:,} lines of other scenes are there for {first.own + first.new:,} rows"
        if others > first.original + first.distil + first.general:
            why = f"the mix was asked for {first.kept:,} originals an epoch (--epoch-lines)"
        return row(False, f"it is {told}: {why}")
    asked = f"{first.new:,} new lines ask for {first.kept:,} originals in 5:1 to 10:1"
    if mix.record.configuration.epoch_lines is not None:
        asked = f"the mix was asked for {first.kept:,} originals an epoch (--epoch-lines)"
    return row(False, f"it is {told}: {asked}")


def _floors(mix: MixFolder) -> GuideRule:
    asked = mix.record.configuration
    rule = "frequent words and characters keep their floor"
    short = max(mix.epochs, key=lambda one: one.words_below_floor + one.characters_below_floor)
    words, characters = short.words_below_floor, short.characters_below_floor
    kept = asked.even and not words and not characters
    why = f"{asked.word_floor:g} of what is expected, in each list"
    if words or characters:
        why = f"{words:,} words and {characters:,} characters stand below it in {short.list}"
    elif not asked.even:
        why = "balance mix --no-even looks after no word"
    return GuideRule(code="floors", rule=rule, kept=kept, why=why)


def _evened(mix: MixFolder) -> GuideRule:
    """Hold the characters of the lists against those of the originals, by their divergence."""
    asked = mix.record.configuration
    rule = "character frequencies evened"
    before = asked.divergence.get("originals")
    after = max(one.divergence for one in mix.epochs)
    is_nearer = before is not None and after <= before
    why = f"{after:.3f} nats from the target at most, originals alone {before or 0.0:.3f}"
    if not any(one.new for one in mix.epochs):
        is_nearer, why = False, "no new line is in the mix that could even them"
    elif not asked.even:
        is_nearer, why = False, "new lines were drawn by chance (balance mix --no-even)"
    elif not is_nearer:
        why = f"new lines do not move the mix nearer: {why}"
    return GuideRule(code="evened", rule=rule, kept=is_nearer, why=why)


def _unconfirmed(plan: TrainPlan, mix: MixFolder) -> GuideRule:
    """Look for real distilled lines without a label in a folder that holds lines of the own scene.

    A label says that a person read the crop. Where a crop comes from, only its folder tells.
    """
    rule = "no crop of production distilled unconfirmed"
    real = sum(one.usable - one.rendered for one in mix.sources if one.role == "distil")
    drawn = sum(one.rendered for one in mix.sources if one.role == "distil")
    if not real:
        why = f"the {drawn:,} distilled lines are rendered" if drawn else "no line is distilled"
        return GuideRule(code="unconfirmed", rule=rule, kept=True, why=why)
    scene, bare = _scene_folders(plan), dict[Path, set[str]]()
    home_of = _homes(mix.data)
    for epoch in mix.epochs:
        for line, kind in mix.lines(epoch, Tally()):
            home = home_of(line.path)
            if kind.role == "own":
                scene.add(home)
            elif kind.role == "distil" and not kind.rendered and not line.label:
                bare.setdefault(home, set()).add(line.path)
    inside = {home: len(paths) for home, paths in bare.items() if home in scene}
    if inside:
        home = max(inside, key=lambda one: (inside[one], str(one)))
        why = (
            f"{sum(inside.values()):,} distilled lines without a label lie among lines of the own "
            f"scene ({home}): label them (balance mix --own), or keep general lines apart"
        )
        return GuideRule(code="unconfirmed", rule=rule, kept=False, why=why)
    why = f"{real:,} real distilled lines have a label or lie apart from the own scene"
    return GuideRule(code="unconfirmed", rule=rule, kept=True, why=why)


def _scene_folders(plan: TrainPlan) -> set[Path]:
    """Find where the crops of the stopping sets of the target lie: these are of the own scene."""
    found = set[Path]()
    for judged in plan.stop.target:
        folder = Path(plan.stop.images) if plan.stop.images else judged.path.parent
        home_of = _homes(folder)
        for line in read_labels(judged.path, tally=Tally(), need_label=False, home=folder):
            found.add(home_of(line.path))
    return found


def _homes(data: Path) -> Callable[[str], Path]:
    """Return what finds the folder that a path lies in; the disk is asked once a folder."""

    @cache
    def real(folder: str) -> Path:
        return real_path(data / folder)

    return lambda path: real(path.rpartition("/")[0])


def _rate(plan: TrainPlan, scratch: float) -> GuideRule:
    """Hold the peak rates against the guide's: 1e-4 for 128 lines a step, half for half of them."""
    rule = "learning rate scaled linearly with the batch"
    lines = plan.step.batch * plan.step.devices
    guide = guide_rate(scratch, lines)
    whole = [one.rate for one in plan.stages if one.tunes == "whole"]
    head = [one.rate for one in plan.stages if one.tunes == "head"]
    told = f"the guide's is {guide:.2g} for {lines} lines a step"
    if whole and not all(isclose(rate, guide, rel_tol=0.01) for rate in whole):
        why = f"{told}, {', '.join(f'{rate:.2g}' for rate in whole)} was asked for"
        return GuideRule(code="rate", rule=rule, kept=False, why=why)
    if not head:
        return GuideRule(code="rate", rule=rule, kept=True, why=told)
    own = ", ".join(f"{rate:.2g}" for rate in head)
    times = ", ".join(f"{rate / guide:.3g}" for rate in head)
    why = f"{told}; the head alone takes {own}, {times} times that: our own rate, not the guide's"
    # For a head on features that stay the guide has no rate: only the scaling can be its own.
    kept = all(isclose(rate, guide * HEAD_RATE, rel_tol=0.01) for rate in head)
    return GuideRule(code="rate", rule=rule, kept=kept, why=why)
