"""`report.html` of a run: losses, accuracy, blends, characters, lines mended and broken."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from textlines.defects import of_lines
from textlines.errors import InputError
from textlines.files import replacing
from textlines.formats.judged_set import JudgedSet
from textlines.pages.curves import STYLE, curves
from textlines.pages.environment import asset, render
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, Column, table
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.decode import read_image
from textlines.wording import Sentence, joined, say, say_n, spoken
from train.judging.judged_lines import PairedLine, paired
from train.judging.paired_characters import pair_characters
from train.judging.verdict import FlippedLine
from train.tuning.guide_rules import RULES, STATES
from train.tuning.prepared_run import Ready
from train.tuning.run_records import read_metrics, read_readings
from train.tuning.train_plan import plan_text

REPORT = "report.html"

SHOWN = 120
"""Pictures of mended, and of broken, lines at most."""

Event = Mapping[str, Any]


def write_report(run: Path, ready: Ready) -> None:
    """Write the page of a run from its metrics and readings.

    Raises:
        InputError: it cannot be written.
    """
    rows = read_readings(run)
    with replacing(run / REPORT) as out:
        out.write(run_page(ready, read_metrics(run), rows))


def run_page(ready: Ready, events: Sequence[Event], rows: Sequence[Mapping[str, Any]]) -> str:
    """Build the page.

    Args:
        rows: of `readings.jsonl`.
    """
    judged = [event for event in events if event["event"] == "judged"]
    # By alpha: a run that was killed while it blended has noted some twice.
    blends = list({event["alpha"]: event for event in events if event["event"] == "blend"}.values())
    chosen = next(event for event in reversed(events) if event["event"] == "chosen")
    sections = [
        Section(say("Losses"), _losses(events), say("Nats a line, mean of ten steps."), "losses"),
        Section(say("Stopping sets"), _accuracy(ready, judged), _SEEN, "accuracy"),
        Section(say("Blends"), _blends(ready, blends, chosen), _blends_lead(ready), "blends"),
        Section(say("Characters"), _characters(rows), _CHARACTERS, "characters"),
    ]
    flips = _flips(rows)
    for kind in ("broken", "mended"):
        shown = [line for line in flips if line.kind == kind]
        if shown:
            body = render("train.judging", "flips.html.j2", lines=_pictured(ready, shown[:SHOWN]))
            title = (
                say("Broken lines ({count:,})", count=len(shown))
                if kind == "broken"
                else say("Mended lines ({count:,})", count=len(shown))
            )
            lead = [say("{count:,} of them are shown.", count=SHOWN)] if len(shown) > SHOWN else []
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
        styles=[asset("train.judging", "verdict.css"), STYLE],
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
    "Of {lines} {mended} are mended and {broken} broken: the target goes from "
    "{target} to {target_now}, the general lines from {general} to {general_now}."
)
_ALONE = {
    "target": say(
        "Of {lines} {mended} are mended and {broken} broken: the target goes "
        "from {target} to {target_now}."
    ),
    "general": say(
        "Of {lines} {mended} are mended and {broken} broken: the general "
        "lines go from {general} to {general_now}."
    ),
}
_KEPT = say("Nothing came of it: no blend is better than the base, which is kept (alpha 0).")


def what_came(
    kinds: Sequence[str], base: Event, chosen: Event, rows: Sequence[Mapping[str, Any]]
) -> Sentence:
    """Return what came of a run: lines mended and broken, and accuracy before and after.

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
        lines=say_n("{n:,} stopping line", "{n:,} stopping lines", len(rows)),
        mended=f"{flips[True]:,}",
        broken=f"{flips[False]:,}",
        **shares,
    )


def _facts(
    ready: Ready, judged: Sequence[Event], chosen: Event, events: Sequence[Event]
) -> list[Fact]:
    base = judged[0]
    finished = next((event for event in events if event["event"] == "finished"), None)
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
            say_n(
                "of the state after {n:,} step",
                "of the state after {n:,} steps",
                chosen["steps"],
            ),
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
    last = {event["stage"]: event for event in events if event["event"] == "replanned"}
    return [
        Fact(
            say("Stage {number} re-planned", number=number + 1),
            say("{steps:,} of {planned:,} steps", steps=event["steps"], planned=event["planned"]),
            say("to keep within {minutes:g} min", minutes=ready.plan.minutes),
        )
        for number, event in sorted(last.items())
        if event["steps"] < event["planned"]
    ]


def _losses(events: Sequence[Event]) -> Markup:
    steps = [event for event in events if event["event"] == "steps"]
    plots = Markup("")
    for key, title in (
        ("ctc", say("CTC of labelled lines")),
        ("distil", say("Distance from the base")),
    ):
        points = [(event["done"], event[key]) for event in steps if event[key] is not None]
        if points:
            plots += curves({key: points}, title=title, low=0)
    rates = [(event["done"], event["rate"]) for event in steps]
    plots += curves({spoken(say("rate")): rates}, title=say("Learning rate"), low=0)
    return Markup('<div class="plots">{}</div>').format(plots)


def _accuracy(ready: Ready, judged: Sequence[Event]) -> Markup:
    series: dict[str, list[tuple[float, float]]] = {
        KINDS[name]: [(event["done"], 100 * event[name]) for event in judged]
        for name in _kinds(ready)
    }
    stop = ready.plan.stop
    columns = [Column(say("step"), True), *_share_columns(ready)]
    columns += [
        Column(
            _short(str(judged_set)),
            True,
            hint=say("lines read right of {name}", name=str(judged_set)),
        )
        for judged_set in (*stop.target, *stop.general)
    ]
    columns.append(
        Column(
            say("keeps up"),
            hint=say("not clearly worse than the best; the last one is kept"),
        )
    )
    rows = [
        (
            event["done"],
            *_cells(ready, event),
            *(Cell(f"{a}/{b}", a / b) for a, b in zip(event["right"], event["of"], strict=True)),
            say("yes") if event["is_best"] else "",
        )
        for event in judged
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


def _cells(ready: Ready, event: Event) -> list[Cell]:
    return [Cell(f"{event[name]:.1%}", event[name]) for name in _shares(ready)]


def _short(judged: str) -> str:
    """Name a set by its file and the folder of it."""
    labels = JudgedSet.parse(judged).path
    return f"{labels.parent.name}/{labels.name}"


def _blends(ready: Ready, blends: Sequence[Event], chosen: Event) -> Markup:
    columns = [Column(say("Alpha"), True), *_share_columns(ready), Column(say("taken"))]
    rows = [
        (
            f"{blend['alpha']:g}",
            *_cells(ready, blend),
            say("taken") if blend["alpha"] == chosen["alpha"] else "",
        )
        for blend in blends
    ]
    return table(columns, rows)


def _pairs(rows: Sequence[Mapping[str, Any]]) -> list[PairedLine]:
    sets = {text: JudgedSet.parse(text) for text in {row["set"] for row in rows}}
    return [
        paired(sets[row["set"]], row["path"], row["label"], row["base"], row["tuned"])
        for row in rows
    ]


def _characters(rows: Sequence[Mapping[str, Any]]) -> Markup:
    columns = [Column(say("character")), Column(say("used"), True), Column(say("base"), True)]
    columns += [Column(say("tuned"), True), Column(say("change"), True)]
    keys = (line.keys for line in _pairs(rows))
    rows_used = [character for character in pair_characters(keys) if character.support]
    rows_used.sort(
        key=lambda character: (
            -abs(character.candidate_right - character.base_right),
            -character.support,
        )
    )
    return table(
        columns,
        [
            (
                say("␣ (space)") if character.char == " " else character.char,
                character.support,
                Cell(f"{character.base_recall:.1%}", character.base_recall),
                Cell(f"{character.candidate_recall:.1%}", character.candidate_recall),
                _signed(character.candidate_right - character.base_right),
            )
            for character in rows_used
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
    pictures = []
    for line in lines:
        labels = JudgedSet.parse(line.set).path
        short = line.model_copy(update={"set": _short(line.set)})
        try:
            crop = read_image((images or labels.parent) / line.path)
        except InputError:  # it was there when it was read; the page says that it is gone
            pictures.append((short, ""))
            continue
        pictures.append((short, thumbnail(crop, max_height=56, max_width=480)))
    return pictures


def _rules(ready: Ready) -> Markup:
    columns = [Column(say("rule")), Column(say("held")), Column(say("because"))]
    rows = [
        (
            RULES[rule.code],
            STATES[rule.state],
            rule.why.as_said(rule.said),
        )
        for rule in ready.plan.rules
    ]
    return table(columns, rows)


def _left_out(ready: Ready) -> Markup:
    lines = ready.left_out.lines(of_lines.TRAINING)
    if not lines:
        return Markup("<p>{}</p>").format(say("Nothing: every line of every list was trained on."))
    items = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup("<ul>{}</ul>").format(items)
