"""`report.html` of a run: losses, accuracy, blends, characters, lines mended and broken."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from textlines.errors import InputError
from textlines.files import replacing
from textlines.formats.judged_set import JudgedSet
from textlines.formats.rows import RowKind, read_rows, refuse_keys, wrong
from textlines.pages.environment import asset, render
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, Column, table
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.decode import read_image
from textlines.wording import Sentence, joined, say, spoken
from train.gate.characters import pair_characters
from train.gate.lines import PairedLine, paired
from train.gate.model import FlippedLine
from train.tuning.curves import STYLE, curves
from train.tuning.finishing import READINGS
from train.tuning.guide_rules import RULES, STATES
from train.tuning.lines import REASONS
from train.tuning.metrics import read_metrics
from train.tuning.plan_io import plan_text
from train.tuning.prepared_run import Ready

REPORT = "report.html"

_READINGS = RowKind(
    "the run's readings", "reading of a run", "Train again in a new folder: train plan, train rec."
)
_TEXTS = ("set", "path", "label", "base", "tuned")
_FLAGS = ("target", "base_right", "tuned_right")


def _reading(content: dict[str, Any]) -> dict[str, Any]:
    refuse_keys(content, frozenset((*_TEXTS, *_FLAGS)))
    for kind, keys in ((str, _TEXTS), (bool, _FLAGS)):
        for key in keys:
            if type(content[key]) is not kind:
                raise wrong(key, content[key], "text" if kind is str else "true or false")
    return content


SHOWN = 120
"""Pictures of mended, and of broken, lines at most."""

Event = Mapping[str, Any]


def write_report(run: Path, ready: Ready) -> None:
    """Write the page of a run from its metrics and readings.

    Raises:
        InputError: it cannot be written.
    """
    rows = list(read_rows(run / READINGS, _READINGS, _reading))
    with replacing(run / REPORT) as out:
        out.write(run_page(ready, read_metrics(run), rows))


def run_page(ready: Ready, events: Sequence[Event], rows: Sequence[Mapping[str, Any]]) -> str:
    """Build the page.

    Args:
        rows: of `readings.jsonl`.
    """
    judged = [one for one in events if one["event"] == "judged"]
    # By alpha: a run that was killed while it blended has noted some twice.
    blends = list({one["alpha"]: one for one in events if one["event"] == "blend"}.values())
    chosen = next(one for one in reversed(events) if one["event"] == "chosen")
    sections = [
        Section(say("Losses"), _losses(events), say("Nats a line, mean of ten steps."), "losses"),
        Section(say("Stopping sets"), _accuracy(ready, judged), _SEEN, "accuracy"),
        Section(say("Blends"), _blends(ready, blends, chosen), _blends_lead(ready), "blends"),
        Section(say("Characters"), _characters(rows), _CHARACTERS, "characters"),
    ]
    flips = _flips(rows)
    for kind in ("broken", "mended"):
        own = [line for line in flips if line.kind == kind]
        if own:
            body = render("train.gate", "flips.html.j2", lines=_pictured(ready, own[:SHOWN]))
            title = (
                say("Broken lines ({count:,})", count=len(own))
                if kind == "broken"
                else say("Mended lines ({count:,})", count=len(own))
            )
            lead = [say("{count:,} of them are shown.", count=SHOWN)] if len(own) > SHOWN else []
            lead.append(_FLIPS[kind])
            sections.append(Section(title, body, joined(" ", lead), kind, True))
    if ready.plan.rules:
        sections.append(Section(say("Rules of the guide"), _rules(ready), _RULES, "rules"))
    sections.append(Section(say("Left out"), _left_out(ready), "", "left-out"))
    sections.append(
        Section(say("Plan"), Markup("<pre>{}</pre>").format(plan_text(ready.plan)), "", "plan")
    )
    return page(
        say("Fine-tune of {model}", model=ready.plan.base.name),
        sections,
        finding=what_came(_kinds(ready), judged[0], chosen, rows),
        lead=say(
            "Stopping sets chose what is shown here, so its figures are optimistic: train gate "
            "judges on lines that no step saw."
        ),
        facts=_facts(ready, judged, chosen, events),
        styles=[asset("train.gate", "verdict.css"), STYLE],
    )


_SEEN = say("Share of lines read right: of the target sets, of the general ones together, of each.")
_CHARACTERS = say("Of all stopping sets, as their comparisons leave them; largest change first.")
_RULES = say("Of PaddleOCR's fine-tune guide, held against mix and plan when the plan was made.")
_FLIPS = {
    "broken": say("Only the base reads these right. Candidate: the blend that was taken."),
    "mended": say("Only the blend that was taken (candidate) reads these right."),
}


_TITLES = {"target": say("Target"), "general": say("General")}
KINDS = {"target": say("target"), "general": say("general")}
_BOTH = say(
    "Of {lines} stopping lines {mended} are mended and {broken} broken: the target goes from "
    "{target} to {target_now}, the general lines from {general} to {general_now}."
)
_ALONE = {
    "target": say(
        "Of {lines} stopping lines {mended} are mended and {broken} broken: the target goes "
        "from {target} to {target_now}."
    ),
    "general": say(
        "Of {lines} stopping lines {mended} are mended and {broken} broken: the general "
        "lines go from {general} to {general_now}."
    ),
}
_KEPT = say("Nothing came of it: no blend is better than the base, which is kept (alpha 0).")


def what_came(
    kinds: Sequence[str], base: Event, chosen: Event, rows: Sequence[Mapping[str, Any]]
) -> Sentence:
    """Say what came of a run: lines mended and broken, and accuracy before and after.

    Args:
        kinds: of stopping sets that it has: "target", "general" or both. base, chosen: of the
            metrics, with the share of lines read right by kind, and the alpha that was taken.
        rows: of `readings.jsonl`.
    """
    if not chosen["alpha"]:
        return _KEPT
    shares = {kind: f"{base[kind]:.1%}" for kind in kinds}
    shares |= {f"{kind}_now": f"{chosen[kind]:.1%}" for kind in kinds}
    flips = Counter(row["tuned_right"] for row in rows if row["base_right"] != row["tuned_right"])
    words = _BOTH if len(kinds) == 2 else _ALONE[kinds[0]]
    return words.filled(
        lines=f"{len(rows):,}", mended=f"{flips[True]:,}", broken=f"{flips[False]:,}", **shares
    )


def _facts(
    ready: Ready, judged: Sequence[Event], chosen: Event, events: Sequence[Event]
) -> list[Fact]:
    base = judged[0]
    finished = next((one for one in events if one["event"] == "finished"), None)
    facts = [
        Fact(_TITLES[kind], f"{base[kind]:.1%} → {chosen[kind]:.1%}", say("stopping sets"))
        for kind in _kinds(ready)
    ]
    folds = ready.plan.folds
    if folds:
        facts.append(
            Fact(
                say("Ended"),
                say("epoch {epoch}", epoch=folds.epoch),
                say("the median of the folds"),
            )
        )
    facts.append(
        Fact(
            say("Alpha"),
            f"{chosen['alpha']:g}",
            say("of the state after {steps:,} steps", steps=chosen["steps"]),
        )
    )
    if finished:
        facts.append(
            Fact(
                say("Steps"),
                f"{finished['done']:,}",
                say("{minutes:.1f} min", minutes=finished["seconds"] / 60),
            )
        )
        facts += _replanned(ready, events)
        facts.append(
            Fact(say("New lines"), f"{finished['new_lines']:,}", say("different ones shown"))
        )
    return facts


def _kinds(ready: Ready) -> list[str]:
    """Name the kinds of stopping sets that the run has."""
    stop = ready.plan.stop
    return [kind for kind in ("target", "general") if getattr(stop, kind)]


def _replanned(ready: Ready, events: Sequence[Event]) -> list[Fact]:
    """Name the stages that ended otherwise than planned, to keep within the minutes."""
    last = {one["stage"]: one for one in events if one["event"] == "replanned"}
    return [
        Fact(
            say("Stage {number} re-planned", number=number + 1),
            say("{steps:,} of {planned:,} steps", steps=one["steps"], planned=one["planned"]),
            say("to keep within {minutes:g} min", minutes=ready.plan.minutes),
        )
        for number, one in sorted(last.items())
        if one["steps"] < one["planned"]
    ]


def _losses(events: Sequence[Event]) -> Markup:
    steps = [one for one in events if one["event"] == "steps"]
    found = Markup("")
    for key, title in (
        ("ctc", say("CTC of labelled lines")),
        ("distil", say("Distance from the base")),
    ):
        points = [(one["done"], one[key]) for one in steps if one[key] is not None]
        if points:
            found += curves({key: points}, title=title, low=0)
    rates = [(one["done"], one["rate"]) for one in steps]
    found += curves({spoken(say("rate")): rates}, title=say("Learning rate"), low=0)
    return Markup('<div class="plots">{}</div>').format(found)


def _accuracy(ready: Ready, judged: Sequence[Event]) -> Markup:
    series: dict[str, list[tuple[float, float]]] = {
        KINDS[name]: [(one["done"], 100 * one[name]) for one in judged] for name in _kinds(ready)
    }
    stop = ready.plan.stop
    columns = [Column(say("step"), True), *_share_columns(ready)]
    columns += [
        Column(_short(str(one)), True, hint=say("lines read right of {name}", name=str(one)))
        for one in (*stop.target, *stop.general)
    ]
    columns.append(
        Column(
            say("keeps up"),
            hint=say("not clearly worse than the best; the last one is kept"),
        )
    )
    rows = [
        (
            one["done"],
            *_cells(ready, one),
            *(Cell(f"{a}/{b}", a / b) for a, b in zip(one["right"], one["of"], strict=True)),
            say("yes") if one["is_best"] else "",
        )
        for one in judged
    ]
    drawn = curves(series, title=say("Lines read right"), unit=" %") if series else Markup("")
    return drawn + table(columns, rows)


def _blends_lead(ready: Ready) -> str:
    if ready.plan.folds:
        return say(
            "Weights between base (alpha 0) and tuned model (alpha 1). Taken is the largest up to "
            "that of the folds that keeps the general lines."
        )
    return say(
        "Weights between base (alpha 0) and tuned model (alpha 1). Taken is the best on the target "
        "that keeps the general lines."
    )


def _shares(ready: Ready) -> list[str]:
    """Name the shares that tables show: without a target that of the general lines alone."""
    return ["target", "general"] if ready.plan.stop.target else ["general"]


def _share_columns(ready: Ready) -> list[Column]:
    return [Column(KINDS[name], True) for name in _shares(ready)]


def _cells(ready: Ready, one: Event) -> list[Cell]:
    return [Cell(f"{one[name]:.1%}", one[name]) for name in _shares(ready)]


def _short(judged: str) -> str:
    """Name a set by its file and the folder of it."""
    labels = JudgedSet.parse(judged).path
    return f"{labels.parent.name}/{labels.name}"


def _blends(ready: Ready, blends: Sequence[Event], chosen: Event) -> Markup:
    columns = [Column(say("Alpha"), True), *_share_columns(ready), Column(say("taken"))]
    rows = [
        (
            f"{one['alpha']:g}",
            *_cells(ready, one),
            say("taken") if one["alpha"] == chosen["alpha"] else "",
        )
        for one in blends
    ]
    return table(columns, rows)


def _pairs(rows: Sequence[Mapping[str, Any]]) -> list[PairedLine]:
    sets = {one: JudgedSet.parse(one) for one in {row["set"] for row in rows}}
    return [
        paired(sets[row["set"]], row["path"], row["label"], row["base"], row["tuned"])
        for row in rows
    ]


def _characters(rows: Sequence[Mapping[str, Any]]) -> Markup:
    columns = [Column(say("character")), Column(say("used"), True), Column(say("base"), True)]
    columns += [Column(say("tuned"), True), Column(say("change"), True)]
    found = [one for one in pair_characters(_pairs(rows)) if one.support]
    found.sort(key=lambda one: (-abs(one.candidate_right - one.base_right), -one.support))
    return table(
        columns,
        [
            (
                say("␣ (space)") if one.char == " " else one.char,
                one.support,
                Cell(f"{one.base_recall:.1%}", one.base_recall),
                Cell(f"{one.candidate_recall:.1%}", one.candidate_recall),
                _signed(one.candidate_right - one.base_right),
            )
            for one in found
        ],
        shown=25,
    )


def _signed(change: int) -> Cell:
    return Cell(f"{change:+d}".replace("-", "\N{MINUS SIGN}") if change else "0", change)


def _flips(rows: Sequence[Mapping[str, Any]]) -> list[FlippedLine]:
    return [
        FlippedLine(
            set=row["set"],
            path=row["path"],
            kind="mended" if row["tuned_right"] else "broken",
            truth=row["label"],
            base=row["base"],
            candidate=row["tuned"],
        )
        for row in rows
        if row["base_right"] != row["tuned_right"]
    ]


def _pictured(ready: Ready, lines: Sequence[FlippedLine]) -> list[tuple[FlippedLine, str]]:
    images = Path(ready.plan.stop.images) if ready.plan.stop.images else None
    found = []
    for line in lines:
        labels = JudgedSet.parse(line.set).path
        short = line.model_copy(update={"set": _short(line.set)})
        try:
            crop = read_image((images or labels.parent) / line.path)
        except InputError:  # it was there when it was read; the page says that it is gone
            found.append((short, ""))
            continue
        found.append((short, thumbnail(crop, max_height=56, max_width=480)))
    return found


def _rules(ready: Ready) -> Markup:
    columns = [Column(say("rule")), Column(say("held")), Column(say("because"))]
    rows = [
        (
            RULES[one.code],
            STATES[one.state],
            one.why.as_said(one.said),
        )
        for one in ready.plan.rules
    ]
    return table(columns, rows)


def _left_out(ready: Ready) -> Markup:
    lines = ready.left_out.lines(REASONS)
    if not lines:
        return Markup("<p>{}</p>").format(say("Nothing: every line of every list was trained on."))
    items = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup("<ul>{}</ul>").format(items)
