"""The rules of PaddleOCR's fine-tune guide, held against a mix and a plan: kept or broken, and why.

The guide asks for what a team may not have (5,000 real lines) and for what contradicts itself with
few lines of one's own. So a broken rule is no error: it is said, with the reason. Beside them stand
the traps that the guide does not name.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import isclose
from pathlib import Path

from textlines.errors import UsageError
from textlines.files import real_path, sha256_of
from textlines.formats.mix import MixEpoch, MixFolder, MixSource
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.rules.proportions import ABOUT, HIGHEST, LOWEST
from textlines.wording import Sentence, arranged, joined, say, say_n
from textlines.wording.counts import count_of, line_count
from train.tuning.learning_rate import HEAD_RATE, guide_rate
from train.tuning.stages import steps_of
from train.tuning.train_plan import GuideRule, RuleCode, RuleState, TrainPlan
from train.tuning.training_lines import TrainingLine

REAL_LINES = 5000
"""What the guide wants of real lines where the dictionary stays."""

GUIDE_LENGTH = 25
"""Characters of the longest label in PaddleOCR's configurations. With GTC its NRTR branch leaves
room for 23; without it, all of them can be trained on."""

GUIDE_WARMUP, GUIDE_EPOCHS = 5, 800
"""Epochs of warm-up, and all epochs, in the guide's configuration."""

RULES: Mapping[RuleCode, Sentence] = {
    "real_lines": say("at least {least:,} real lines", least=REAL_LINES),
    "dictionary": say("dictionary unchanged, or more real lines for it"),
    "length": say("labels within the effective length"),
    "original_to_new": say("original : new in {low}:1 to {high}:1", low=LOWEST, high=HIGHEST),
    "scene_to_general": say("own scene : general about 1:1"),
    "floors": say("frequent words and characters keep their floor"),
    "evened": say("character frequencies evened"),
    "unconfirmed": say("no crop of production distilled unconfirmed"),
    "rate": say("learning rate scaled linearly with the batch"),
    "warmup": say("the rate warms up"),
    "gtc": say("GTC off"),
    "recconaug": say("RecConAug off"),
}
STATES: Mapping[RuleState, Sentence] = {
    "kept": say("kept"),
    "broken": say("broken", context="rule"),
    "not applicable": say("not applicable"),
}
ROLES = {
    "own": say("own"),
    "original": say("original"),
    "distil": say("distil"),
    "general": say("general"),
    "replay": say("replay"),
}


def guide_rules(plan: TrainPlan, mix: MixFolder, scratch: float) -> tuple[GuideRule, ...]:
    """Return a row for each rule, in the order of the guide.

    Args:
        plan: with all changes made.
        scratch: the rate that the base was trained with from scratch.

    Raises:
        InputError: a list of the mix cannot be read.
    """
    return (
        _real_lines(mix.sources),
        _dictionary(plan, mix.sources),
        _length(plan),
        _original_to_new(mix.epochs),
        _scene_to_general(mix),
        _floors(mix),
        _evened(mix),
        _unconfirmed(plan, mix),
        _rate(plan, scratch),
        _warmup(plan),
        _row("gtc", True, say("CTC alone is trained")),
        _row("recconaug", True, say("no lines are joined")),
    )


def _row(code: RuleCode, kept: bool, why: Sentence) -> GuideRule:
    said = why.record_of_figures()
    return GuideRule(code=code, rule=RULES[code], kept=kept, why=why, said=said)


def _not_applicable(code: RuleCode, why: Sentence) -> GuideRule:
    return _row(code, False, why).model_copy(update={"applies": False})


def _real_count(sources: Sequence[MixSource]) -> tuple[int, Sentence]:
    """Count real lines of label files, each file once: what an epoch repeats is no further line."""
    real = dict.fromkeys(("own", "original", "distil", "general", "replay"), 0)
    for source in sources:
        if source.role in real:
            real[source.role] += source.usable - source.rendered
    total = sum(real.values())
    parts = [
        arranged("{count:,} {role}", count=count, role=ROLES[role])
        for role, count in real.items()
        if count
    ]
    return total, joined(", ", parts) or say("none", context="count")


def _real_lines(sources: Sequence[MixSource]) -> GuideRule:
    count, parts = _real_count(sources)
    if count < REAL_LINES:
        why = say_n(
            "{n:,} real line ({told}) is all that this mix has",
            "{n:,} real lines ({told}) are all that this mix has",
            count,
            told=parts,
        )
        return _row("real_lines", False, why)
    return _row(
        "real_lines",
        True,
        say_n("{n:,} real line ({told})", "{n:,} real lines ({told})", count, told=parts),
    )


def _dictionary(plan: TrainPlan, sources: Sequence[MixSource]) -> GuideRule:
    """Hold real lines against a changed dictionary; how many it needs, the guide does not say."""
    if not plan.rows.dictionary:
        return _row("dictionary", True, say("it stays as it is"))
    count, _ = _real_count(sources)
    why = say_n(
        "it is changed, and {n:,} real line is there: that needs more than {least:,}",
        "it is changed, and {n:,} real lines are there: that needs more than {least:,}",
        count,
        least=REAL_LINES,
    )
    return _row("dictionary", count > REAL_LINES, why)


def _length(plan: TrainPlan) -> GuideRule:
    """Hold the longest label against what can be trained on, and count what is left out for it."""
    longer, cramped = (plan.dropped.get(code, 0) for code in ("too_long", "ctc_infeasible"))
    kept = not longer and not cramped and plan.max_length <= GUIDE_LENGTH
    why = say(
        "{most} characters; with GTC it would be {less}",
        most=plan.max_length,
        less=plan.max_length - 2,
    )
    if longer or cramped:
        why = say(
            "{longer} longer than {most} characters and {cramped:,} with fewer time steps than "
            "their labels need are left out",
            longer=line_count(longer),
            most=plan.max_length,
            cramped=cramped,
        )
    elif not kept:
        why = say(
            "labels of {most} characters are trained on, PaddleOCR's models on {guide}",
            most=plan.max_length,
            guide=GUIDE_LENGTH,
        )
    return _row("length", kept, why)


def _warmup(plan: TrainPlan) -> GuideRule:
    """Hold each stage's warm-up against the guide's share of its steps."""
    steps = steps_of(plan)
    shares = joined(
        ", ",
        [
            arranged("{warmup:,} of {steps:,}", warmup=stage.warmup, steps=total)
            for stage, total in zip(plan.stages, steps, strict=True)
        ],
    )
    kept = all(
        stage.warmup >= max(1, int(total * GUIDE_WARMUP / GUIDE_EPOCHS))
        for stage, total in zip(plan.stages, steps, strict=True)
    )
    why = say(
        "{told} steps; the guide's are {warmup} of {epochs} epochs",
        told=shares,
        warmup=GUIDE_WARMUP,
        epochs=GUIDE_EPOCHS,
    )
    return _row("warmup", kept, why)


def _original_to_new(epochs: Sequence[MixEpoch]) -> GuideRule:
    ratios = [epoch.ratio for epoch in epochs if epoch.ratio is not None]
    if not ratios:
        return _not_applicable("original_to_new", say("no new line is in the mix"))
    worst = max(ratios, key=lambda ratio: max(ratio / HIGHEST, LOWEST / ratio))
    ends = list(dict.fromkeys(f"{ratio:.2f}:1" for ratio in (min(ratios), max(ratios))))
    if worst > HIGHEST:
        why = say("a list has {ratio:.2f}:1: too few new lines are there", ratio=worst)
    elif worst < LOWEST:
        why = say("a list has {ratio:.2f}:1: too few original lines are there", ratio=worst)
    elif len(ends) > 1:
        why = say("{low} to {high} in each list", low=ends[0], high=ends[1])
    else:
        why = say("{ratio} in each list", ratio=ends[0])
    return _row("original_to_new", LOWEST <= worst <= HIGHEST, why)


def _scene_to_general(mix: MixFolder) -> GuideRule:
    known = [epoch.scene_to_general for epoch in mix.epochs if epoch.scene_to_general is not None]
    first = mix.epochs[0]
    if not known:
        why = say("nothing but the own scene is in the mix (balance mix --distil, --general)")
        if not first.own:
            why = say(
                "the mix does not say which lines are of the own scene (balance mix --own, "
                "--general)"
            )
        return _row("scene_to_general", False, why)
    worst = max(known, key=lambda ratio: max(ratio, 1 / ratio))
    text = f"{worst:.2f}:1" if worst >= 1 else f"1:{1 / worst:.2f}"
    kept = 1 / ABOUT <= worst <= ABOUT
    if kept and first.own:
        why = say("{ratio}, own and new lines to all others", ratio=text)
    elif kept:
        why = say("{ratio}, originals and new to general lines", ratio=text)
    elif not first.own:
        why = say(
            "originals and new lines stand {ratio} to general ones, as was asked of the mix",
            ratio=text,
        )
    else:
        why = say("it is {ratio}: {why}", ratio=text, why=_of_another_ratio(mix, worst))
    return _row("scene_to_general", kept, why)


def _of_another_ratio(mix: MixFolder, ratio: float) -> Sentence:
    """Return why own and new lines stand otherwise to others: too few are there, or asked for."""
    first = mix.epochs[0]
    others = sum(
        source.usable for source in mix.sources if source.role in ("original", "distil", "general")
    )
    is_asked = mix.record.configuration.epoch_lines is not None
    if others > first.original + first.distil + first.general if ratio > 1 else is_asked:
        return say_n(
            "the mix was asked for {n:,} original an epoch (--epoch-lines)",
            "the mix was asked for {n:,} originals an epoch (--epoch-lines)",
            first.kept,
        )
    if ratio > 1:
        return say_n(
            "only {n:,} line of other scenes is there for {rows}",
            "only {n:,} lines of other scenes are there for {rows}",
            others,
            rows=say_n("{n:,} row", "{n:,} rows", first.own + first.new),
        )
    return say_n(
        "{n:,} new line asks for {kept:,} originals in 5:1 to 10:1",
        "{n:,} new lines ask for {kept:,} originals in 5:1 to 10:1",
        first.new,
        kept=first.kept,
    )


def _floors(mix: MixFolder) -> GuideRule:
    asked = mix.record.configuration
    short = max(
        mix.epochs, key=lambda epoch: epoch.words_below_floor + epoch.characters_below_floor
    )
    words, characters = short.words_below_floor, short.characters_below_floor
    kept = asked.even and not words and not characters
    why = say("{floor:g} of what is expected, in each list", floor=asked.word_floor)
    if words or characters:
        why = say(
            "{words} and {characters} stand below it in {list}",
            words=say_n("{n:,} word", "{n:,} words", words),
            characters=say_n("{n:,} character", "{n:,} characters", characters),
            list=short.list,
        )
    elif not asked.even:
        why = say("balance mix --no-even looks after no word")
    return _row("floors", kept, why)


def _evened(mix: MixFolder) -> GuideRule:
    """Hold the characters of the lists against those of the originals, by their divergence."""
    asked = mix.record.configuration
    before = asked.divergence.get("originals")
    after = max(epoch.divergence for epoch in mix.epochs)
    is_nearer = before is not None and after <= before
    why = say(
        "{after:.3f} nats from the target at most, originals alone {before:.3f}",
        after=after,
        before=before or 0.0,
    )
    if not any(epoch.new for epoch in mix.epochs):
        return _not_applicable("evened", say("no new line is in the mix that could even them"))
    if not asked.even:
        is_nearer, why = False, say("new lines were drawn by chance (balance mix --no-even)")
    elif not is_nearer:
        why = say("new lines do not move the mix nearer: {why}", why=why)
    return _row("evened", is_nearer, why)


def _unconfirmed(plan: TrainPlan, mix: MixFolder) -> GuideRule:
    """Look for real distilled lines without a label in a folder that holds lines of the own scene.

    A label says that a person read the crop. Where a crop comes from, only its folder tells.
    """
    real = sum(source.usable - source.rendered for source in mix.sources if source.role == "distil")
    drawn = sum(source.rendered for source in mix.sources if source.role == "distil")
    if not real and not drawn:
        return _not_applicable("unconfirmed", say("no line is distilled"))
    if not real:
        why = say_n(
            "the one distilled line is rendered",
            "the {n:,} distilled lines are rendered",
            drawn,
        )
        return _row("unconfirmed", True, why)
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
        home = max(inside, key=lambda folder: (inside[folder], str(folder)))
        why = say_n(
            "{n:,} distilled line without a label lies among lines of the own scene ({folder}): "
            "label it (balance mix --own), or keep general lines apart",
            "{n:,} distilled lines without a label lie among lines of the own scene ({folder}): "
            "label them (balance mix --own), or keep general lines apart",
            sum(inside.values()),
            folder=str(home),
        )
        return _row("unconfirmed", False, why)
    why = say_n(
        "{n:,} real distilled line has a label or lies apart from the own scene",
        "{n:,} real distilled lines have a label or lie apart from the own scene",
        real,
    )
    return _row("unconfirmed", True, why)


def _scene_folders(plan: TrainPlan) -> set[Path]:
    """Find where the crops of the stopping sets of the target lie: these are of the own scene."""
    folders = set[Path]()
    for judged in plan.stop.target:
        folder = Path(plan.stop.images) if plan.stop.images else judged.path.parent
        home_of = _homes(folder)
        for line in read_labels(judged.path, tally=Tally(), need_label=False, home=folder):
            folders.add(home_of(line.path))
    return folders


def _homes(data: Path) -> Callable[[str], Path]:
    """Return what finds the folder that a path lies in; the disk is asked once a folder."""

    @cache
    def real(folder: str) -> Path:
        return real_path(data / folder)

    return lambda path: real(path.rpartition("/")[0])


def _rate(plan: TrainPlan, scratch: float) -> GuideRule:
    """Hold the peak rates against the guide's: 1e-4 for 128 lines a step, half for half of them."""
    lines = plan.step.batch * plan.step.devices
    guide = guide_rate(scratch, lines)
    whole = [stage.rate for stage in plan.stages if stage.tunes == "whole"]
    head = [stage.rate for stage in plan.stages if stage.tunes == "head"]
    scaled = say(
        "the guide's is {rate:.2g} for {lines} a step", rate=guide, lines=line_count(lines)
    )
    if whole and not all(isclose(rate, guide, rel_tol=0.01) for rate in whole):
        asked = ", ".join(f"{rate:.2g}" for rate in whole)
        return _row("rate", False, say("{guide}, {rates} was asked for", guide=scaled, rates=asked))
    if not head:
        return _row("rate", True, scaled)
    asked_head = ", ".join(f"{rate:.2g}" for rate in head)
    times = ", ".join(f"{rate / guide:.3g}" for rate in head)
    why = say(
        "{guide}; the head alone takes {rates}, {times} times that: our own rate, not the guide's",
        guide=scaled,
        rates=asked_head,
        times=times,
    )
    # For a head on features that stay the guide has no rate: only the scaling can be its own.
    kept = all(isclose(rate, guide * HEAD_RATE, rel_tol=0.01) for rate in head)
    return _row("rate", kept, why)


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
    traps = []
    for epoch, lines in zip(mix.epochs, lists, strict=True):
        if epoch.ratio is not None and not 5 <= epoch.ratio <= 10:
            traps.append(f"{epoch.list}: original : new is {epoch.ratio:.2f}, outside 5..10")
        dropped = epoch.labelled + epoch.distil - len(lines)
        if dropped > 0.02 * (epoch.labelled + epoch.distil):
            traps.append(f"{epoch.list}: {count_of(dropped, 'line')} cannot be trained on")
    epochs = sum(stage.epochs for stage in plan.stages)
    if epochs > len(lists) and any(epoch.new for epoch in mix.epochs):
        traps.append(
            f"{epochs} epochs go over {count_of(len(lists), 'list')}: new lines are seen again. "
            f"Make more: balance mix --epochs {epochs}"
        )
    traps += [
        f"{rule.rule}: {rule.why}; most new entries will hardly be learned"
        for rule in plan.rules
        if rule.code == "dictionary" and rule.state == "broken"
    ]
    if not plan.stop.general:
        traps.append("no --general-stop: nothing tells when old knowledge is lost")
    known = {source.sha256 for source in mix.sources}
    for judged in (*plan.stop.target, *plan.stop.general):
        if sha256_of(judged.path) in known:
            raise UsageError(
                str(judged),
                "is trained on in this mix",
                "Stop on lines that nothing was trained on.",
            )
    return tuple(dict.fromkeys(traps))
