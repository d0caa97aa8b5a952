"""The detector's half of PaddleOCR's fine-tune guide, held against a mix and a plan."""

from collections.abc import Mapping, Sequence
from math import isclose

from textlines.formats.page_mix import PageMixEpoch, PageMixFolder
from textlines.rules.proportions import ABOUT, HIGHEST, LOWEST
from textlines.wording import Sentence, say, say_n
from train.detection.label_conventions import Convention
from train.page_tuning.paddleocr_det_yaml import det_guide_rate
from train.page_tuning.page_plan import DetPlan, PageRule, PageRuleCode

REAL_PAGES = 500
"""What the guide wants of real pages."""

GUIDE_WARMUP = 0.004
"""Share of the steps in which the guide's rate climbs: 2 of 500 epochs."""

RULES: Mapping[PageRuleCode, Sentence] = {
    "pages": say("at least {least:,} real pages", least=REAL_PAGES),
    "meaning": say("a box for each line, by what belongs together"),
    "student": say("begins at the student's weights"),
    "original_to_new": say("original : new in {low}:1 to {high}:1", low=LOWEST, high=HIGHEST),
    "scene_to_general": say("own scene : general about 1:1"),
    "rate": say("learning rate scaled linearly with the batch"),
    "warmup": say("the rate warms up"),
    "scales": say("sizes in training cover those in prediction"),
    "negatives": say("pages without text stay"),
    "thresholds": say("thresholds are taught beside the map"),
}


def page_rules(
    plan: DetPlan, mix: PageMixFolder, conventions: Sequence[Convention]
) -> tuple[PageRule, ...]:
    """Return a row for each rule.

    Args:
        conventions: of the labels of the own scene, where they are not those of the detector.
    """
    return (
        _pages(mix),
        _meaning(conventions),
        _row("student", True, say("an exported detector holds the student alone")),
        _original_to_new(mix.epochs),
        _scene_to_general(mix.epochs),
        _rate(plan),
        _warmup(plan),
        _scales(plan),
        _negatives(mix),
        _thresholds(plan),
    )


def _row(code: PageRuleCode, kept: bool, why: Sentence, *, applies: bool = True) -> PageRule:
    said = why.record_of_figures()
    return PageRule(
        code=code, rule=RULES[code], kept=kept and applies, applies=applies, why=why, said=said
    )


def _pages(mix: PageMixFolder) -> PageRule:
    real = sum(source.usable - source.rendered for source in mix.sources)
    why = say_n("{n:,} real page in all sources", "{n:,} real pages in all sources", real)
    return _row("pages", real >= REAL_PAGES, why)


def _meaning(conventions: Sequence[Convention]) -> PageRule:
    if not conventions:
        why = say("labels and detector agree on what a line is")
        return _row("meaning", True, why)
    kinds = {convention.kind for convention in conventions}
    if "words" in kinds:
        why = say(
            "labels are by word, where the detector finds lines: training on them breaks lines up"
        )
    else:
        why = say("labels join what the detector finds as several lines")
    return _row("meaning", False, why)


def _original_to_new(epochs: Sequence[PageMixEpoch]) -> PageRule:
    ratios = [epoch.ratio for epoch in epochs if epoch.ratio is not None]
    if not ratios:
        why = say("no new page is in the mix")
        return _row("original_to_new", False, why, applies=False)
    worst = max(ratios, key=lambda ratio: max(ratio / HIGHEST, LOWEST / ratio))
    kept = LOWEST <= worst <= HIGHEST
    return _row("original_to_new", kept, say("{ratio:.2f}:1 by pages", ratio=worst))


def _scene_to_general(epochs: Sequence[PageMixEpoch]) -> PageRule:
    known = [epoch.scene_to_general for epoch in epochs if epoch.scene_to_general]
    if not known:
        why = say("nothing but the own scene is in the mix: other pages are forgotten")
        return _row("scene_to_general", False, why)
    worst = max(known, key=lambda ratio: max(ratio, 1 / ratio))
    kept = 1 / ABOUT <= worst <= ABOUT
    text = f"{worst:.2f}:1" if worst >= 1 else f"1:{1 / worst:.2f}"
    return _row("scene_to_general", kept, say("{ratio} by pages", ratio=text))


def _rate(plan: DetPlan) -> PageRule:
    guide = det_guide_rate(plan.step.batch)
    why = say(
        "{rate:.2g} for {batch} crops a step; the guide's is {guide:.2g}",
        rate=plan.step.rate,
        batch=plan.step.batch,
        guide=guide,
    )
    return _row("rate", isclose(plan.step.rate, guide, rel_tol=0.01), why)


def _warmup(plan: DetPlan) -> PageRule:
    least = max(1, int(plan.steps * GUIDE_WARMUP))
    why = say("{warmup:,} of {steps:,} steps", warmup=plan.step.warmup, steps=plan.steps)
    return _row("warmup", plan.step.warmup >= least, why)


def _scales(plan: DetPlan) -> PageRule:
    limit = plan.deployed.limit_side_len
    off = [
        shown
        for shown in plan.shown
        if plan.deployed.limit_type == "max" and not shown.low <= limit <= shown.high
    ]
    if off:
        why = say(
            "pages are seen at {limit} pixels in prediction, shown at {low:.0f} to {high:.0f}",
            limit=limit,
            low=off[0].low,
            high=off[0].high,
        )
        return _row("scales", False, why)
    low, high = min(one.low for one in plan.shown), max(one.high for one in plan.shown)
    why = say("long sides of {low:.0f} to {high:.0f} pixels are shown", low=low, high=high)
    return _row("scales", True, why)


def _negatives(mix: PageMixFolder) -> PageRule:
    count = sum(source.negatives for source in mix.sources)
    if not count:
        why = say("no page without text is in the mix: boxes on nothing are not unlearnt")
        return _row("negatives", False, why, applies=False)
    why = say_n("{n:,} page without text", "{n:,} pages without text", count)
    return _row("negatives", True, why)


def _thresholds(plan: DetPlan) -> PageRule:
    if not plan.step.has_branch:
        why = say("no exported file has the branch, and prediction needs none")
        return _row("thresholds", False, why, applies=False)
    why = say(
        "a branch made anew, by itself in {alone:,} of {steps:,} steps",
        alone=plan.step.alone,
        steps=plan.steps,
    )
    return _row("thresholds", True, why)
