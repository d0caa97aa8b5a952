"""`report.html` of a detector's run: losses, blends, rules of the guide, and the plan."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from textlines.files import replacing
from textlines.formats.roles import Role
from textlines.pages.curves import STYLE, curves
from textlines.pages.environment import asset
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, Column, table
from textlines.wording import Sentence, say, spoken
from train.detection.page_outcomes import FEW_LINES
from train.page_tuning.page_plan import DetPlan, plan_text
from train.page_tuning.page_rules import RULES
from train.tuning.guide_rules import STATES
from train.tuning.run_records import read_metrics

REPORT = "report.html"

Event = Mapping[str, Any]

_ROLES: Mapping[Role, Sentence] = {
    "own": say("own"),
    "original": say("original"),
    "new": say("new", context="role"),
    "general": say("general"),
    "replay": say("replay"),
    "distil": say("distil"),
}

_OBJECTIVES = {"hmean": say("hmean"), "reading": say("lines read exactly")}

_LOSSES: Mapping[str, Sentence] = {
    "loss": say("sum, weighed"),
    "cores": say("cores: dice and cross entropy"),
    "thresholds": say("thresholds: mean difference"),
    "binary": say("both as one map: dice"),
}

_BLENDS = say(
    "Weights between base (alpha 0) and tuned detector (alpha 1), each at the settings that suit "
    "it best on the pages to blend by. Logits are shifted so that texts of general pages keep the "
    "size of their cores. Taken is the one nearest to the base that does as well "
    "there as the best, within a standard error, and keeps the general pages, which are judged as "
    "deployed."
)
_SCORE = say(
    "what blends are chosen by: of fewer than {few} lines, how like its label each is read, in the "
    "mean; else lines read exactly",
    few=FEW_LINES,
)
_OPTIMISTIC = say(
    "The pages shown here chose blend and settings, so their figures are optimistic: train det "
    "gate judges on pages that no step saw."
)
_SHOWN = say(
    "Long side of the whole page in pixels, and the ratio by which labels are shrunk to cores, "
    "fitted to what the base detector finds."
)
_RULES = say("Of PaddleOCR's fine-tune guide, held against mix and plan when the plan was made.")
_KEPT = say("Nothing came of it: no blend is better than the base, which is kept (alpha 0).")


def write_page_report(run: Path, plan: DetPlan) -> None:
    """Write the page of a run from its metrics.

    Raises:
        InputError: it cannot be written.
    """
    with replacing(run / REPORT) as out:
        out.write(page_report(plan, read_metrics(run)))


def page_report(plan: DetPlan, events: Sequence[Event]) -> str:
    """Build the page.

    Args:
        events: of the metrics of a run that has ended.
    """
    # By alpha: a run that was killed while it blended has noted some twice.
    blends = list({event["alpha"]: event for event in events if event["event"] == "blend"}.values())
    chosen = next(event for event in reversed(events) if event["event"] == "chosen")
    base = next(blend for blend in blends if blend["alpha"] == 0)
    sections = [
        Section(say("Losses"), _losses(events), say("A crop, mean of five steps."), "losses"),
        Section(say("Blends"), _blends(plan, blends, chosen), _BLENDS, "blends"),
        Section(say("Pages shown"), _shown(plan), _SHOWN, "shown"),
        Section(say("Rules of the guide"), _rules(plan), _RULES, "rules"),
        Section(say("Plan"), Markup("<pre>{}</pre>").format(plan_text(plan)), "", "plan"),
    ]
    return page(
        say("Fine-tune of {model}", model=plan.base.model),
        sections,
        finding=_finding(plan, base, chosen),
        lead=_OPTIMISTIC,
        facts=_facts(plan, base, chosen, events),
        styles=[asset("train.judging", "verdict.css"), STYLE],
    )


def _finding(plan: DetPlan, base: Event, chosen: Event) -> Sentence:
    if not chosen["alpha"]:
        return _KEPT
    what = _OBJECTIVES[plan.stop.objective]
    before, after = f"{base['target']:.3f}", f"{chosen['target']:.3f}"
    if base["general"] is None:
        return say("Target, {what}: {before} → {after}.", what=what, before=before, after=after)
    return say(
        "Target, {what}: {before} → {after}; general pages, hmean: {general} → {general_now}.",
        what=what,
        before=before,
        after=after,
        general=f"{base['general']:.3f}",
        general_now=f"{chosen['general']:.3f}",
    )


def _facts(plan: DetPlan, base: Event, chosen: Event, events: Sequence[Event]) -> list[Fact]:
    finished = next((event for event in events if event["event"] == "finished"), None)
    facts = [
        Fact(
            say("Target"),
            f"{base['target']:.1%} → {chosen['target']:.1%}",
            _OBJECTIVES[plan.stop.objective],
        ),
        Fact(
            say("As deployed"),
            f"{base['stock']:.1%} → {chosen['stock']:.1%}",
            say("target, hmean"),
        ),
    ]
    if base["general"] is not None:
        facts.append(
            Fact(
                say("General"),
                f"{base['general']:.1%} → {chosen['general']:.1%}",
                say("hmean, as deployed"),
            )
        )
    if base.get("general_reading") is not None:
        facts.append(
            Fact(
                say("General"),
                f"{base['general_reading']:.1%} → {chosen['general_reading']:.1%}",
                _OBJECTIVES["reading"],
            )
        )
    facts.append(Fact(say("Alpha"), f"{chosen['alpha']:g}", say("of the tuned detector")))
    if finished:
        minutes = say("{minutes:.1f} min", minutes=finished["seconds"] / 60)
        facts.append(Fact(say("Steps"), f"{finished['done']:,}", minutes))
    return facts


def _losses(events: Sequence[Event]) -> Markup:
    steps = [event for event in events if event["event"] == "steps"]
    rates = [(event["done"], event["rate"]) for event in steps]
    shown = _LOSSES if any("cores" in event for event in steps) else {"loss": say("loss")}
    series = {
        spoken(name): [(event["done"], event[key]) for event in steps if key in event]
        for key, name in shown.items()
    }
    title = say("Dice and cross entropy") if len(shown) == 1 else say("All three maps, and the sum")
    plots = curves(series, title=title, low=0)
    plots += curves({spoken(say("rate")): rates}, title=say("Learning rate"), low=0)
    return Markup('<div class="plots">{}</div>').format(plots)


def _blends(plan: DetPlan, blends: Sequence[Event], chosen: Event) -> Markup:
    reads = plan.stop.objective == "reading"
    columns = [
        Column(say("Alpha"), True),
        *([Column(_OBJECTIVES["reading"], True)] if reads else []),
        *([Column(say("score"), True, hint=_SCORE)] if reads else []),
        Column(say("hmean"), True),
        Column(say("as deployed"), True, hint=say("hmean of the target at the deployed settings")),
        Column(say("general"), True, hint=say("hmean, as deployed")),
        *([Column(say("general, read"), True, hint=_OBJECTIVES["reading"])] if reads else []),
        Column(
            say("logits"), True, hint=say("what is added to all, so that cores keep their size")
        ),
        Column(say("limit")),
        Column(say("unclip ratio"), True),
        Column(say("box threshold"), True),
        Column(say("threshold"), True),
        Column(say("taken")),
    ]
    rows = []
    for blend in blends:
        settings = blend["settings"]
        names = ["hmean", "stock", "general"]
        if reads:
            names = ["target", "score", *names, "general_reading"]
        # Runs of earlier versions lack some.
        figures = [blend.get(name) for name in names]
        rows.append(
            (
                f"{blend['alpha']:g}",
                *("" if one is None else Cell(f"{one:.1%}", one) for one in figures),
                f"{blend.get('shift', 0):+.2f}",
                f"{settings['limit_type']} {settings['limit_side_len']}",
                f"{settings['unclip_ratio']:g}",
                f"{settings['box_thresh']:g}",
                f"{settings['thresh']:g}",
                say("taken") if blend["alpha"] == chosen["alpha"] else "",
            )
        )
    return table(columns, rows)


def _shown(plan: DetPlan) -> Markup:
    columns = [
        Column(say("role")),
        Column(say("from"), True),
        Column(say("to"), True),
        Column(say("shrink ratio"), True),
        Column(say("overlap"), True, hint=say("of cores and what the base finds, mean of lines")),
        Column(say("lines"), True),
        Column(say("teaches")),
    ]
    rows = [
        (
            _ROLES[shown.role],
            f"{shown.low:.0f}",
            f"{shown.high:.0f}",
            f"{shown.ratio:.2f}",
            Cell(f"{shown.overlap:.2f}", shown.overlap) if shown.lines else "",
            shown.lines,
            say("labels") if plan.learns_labels(shown.role) else say("what the base finds"),
        )
        for shown in plan.shown
    ]
    return table(columns, rows)


def _rules(plan: DetPlan) -> Markup:
    columns = [Column(say("rule")), Column(say("held")), Column(say("because"))]
    rows = [
        (RULES[rule.code], STATES[rule.state], rule.why.as_said(rule.said)) for rule in plan.rules
    ]
    return table(columns, rows)
