"""`rounds.html`: accuracy by set and character over all rounds, what each taught and cost."""

from collections.abc import Sequence

from markupsafe import Markup

from textlines.formats.rounds import Ending, JudgedRow, RoundRow, RoundsRecord, TaughtRow
from textlines.pages.curves import STYLE, curves
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, table
from textlines.wording import UNSAID, Sentence, arranged, joined, say, say_n
from train.judging.figure_words import points_range, signed_points, visible
from train.pipeline.places import round_name

_NONE = "–"

_OUTCOMES = {
    "passed": say("passed"),
    "failed": say("failed"),
    "cannot_tell": say("cannot tell"),
    "not_trained": say("not trained: by the folds training wins nothing"),
    "nothing_misread": say("nothing is misread"),
    "": say("not ended"),
}

_ENDINGS: dict[Ending, Sentence] = {
    "most": say("There were as many rounds as were asked for."),
    "no_gain": say("The last rounds showed no gain."),
    "minutes": say("The time for all rounds is spent."),
    "nothing_misread": say("Nothing is misread that lines could be drawn for."),
}

_STAGES = (
    *("base", "lines", "collect", "label", "share", "own-mix", "fold", "mine", "generate"),
    *("mix", "plan", "rec", "export", "gate"),
)
"""In their order, for the table of costs."""

_STYLE = Markup("""
.plots figure { margin-right: 0; }
.k-passed { color: var(--right); font-weight: 600; }
.k-failed, .k-not_trained { color: var(--wrong); font-weight: 600; }
.k-cannot_tell { color: var(--extra); font-weight: 600; }
td .char { font-size: 1.1rem; }
""")


def rounds_page(record: RoundsRecord) -> str:
    """Build the page of all rounds; it is read in the folder of the work, whose files it links."""
    sections = [_overview(record)]
    judged = [row for row in record.rounds if row.target]
    if judged:
        sections.insert(0, _course(record, judged))
    if any(row.general for row in record.rounds):
        sections.append(_general(record))
    sections += [_taught(row) for row in record.rounds if row.taught]
    if record.minutes:
        sections.append(_cost(record))
    return page(
        say("Rounds of the line"),
        sections,
        finding=_finding(record),
        lead=_lead(record),
        facts=_facts(record),
        styles=[STYLE, _STYLE],
    )


def _finding(record: RoundsRecord) -> Sentence:
    ended = [row for row in record.rounds if row.outcome]
    passed = sum(row.outcome == "passed" for row in ended)
    last = record.last_passed
    parts: list[Sentence] = []
    if not ended:
        parts.append(say("No round has ended yet."))
    elif last is None:
        parts.append(
            say_n("{n:,} round, which did not pass.", "{n:,} rounds, none passed.", len(ended))
        )
    else:
        parts.append(
            say_n(
                "{n:,} round has ended, {passed:,} passed: the candidate of round {number} is in "
                "use.",
                "{n:,} rounds have ended, {passed:,} passed: the candidate of round {number} is "
                "in use.",
                len(ended),
                passed=passed,
                number=last.number,
            )
        )
        since = last.since_start
        if since:
            parts.append(
                say(
                    "On {lines:,} target lines it reads {after} right, the start model {before}: "
                    "{change} points ({bounds}).",
                    lines=since.lines,
                    after=_share(since.candidate),
                    before=_share(since.base),
                    change=signed_points(since.change, 1),
                    bounds=points_range(since.interval),
                )
            )
    if record.ending:
        parts.append(_ENDINGS[record.ending])
    if record.awaited:
        parts.append(say("Labels are awaited: {file}.", file=record.awaited))
    return joined(" ", parts)


def _lead(record: RoundsRecord) -> Sentence:
    first = say(
        "From {model}. Each round goes on from the last candidate that passed; all are judged on "
        "lines that no step trains on.",
        model=record.model,
    )
    if not record.synthetic:
        return first
    second = say("Lines that were rendered are among those that judge.")
    return joined(" ", [first, second])


def _facts(record: RoundsRecord) -> list[Fact]:
    rows = record.rounds
    budget = say("of {minutes} minutes", minutes=f"{record.budget:g}") if record.budget else UNSAID
    return [
        Fact(say("rounds"), f"{len(rows):,}", say("of {most:,} at most", most=record.most)),
        Fact(say("passed"), f"{sum(row.outcome == 'passed' for row in rows):,}"),
        Fact(say("labels"), f"{sum(row.labelled for row in rows):,}"),
        Fact(say("drawn lines"), f"{sum(row.drawn for row in rows):,}"),
        Fact(say("minutes"), f"{record.minutes:,.1f}", budget),
    ]


def _course(record: RoundsRecord, judged: Sequence[RoundRow]) -> Section:
    """Draw accuracy over the rounds: of the target, and of each general set."""
    in_use: list[tuple[float, float]] = []
    candidates: list[tuple[float, float]] = []
    for row in judged:
        assert row.target is not None  # they are chosen by it
        if not in_use:
            candidates.append((row.number - 1, row.target.base * 100))
            in_use.append((row.number - 1, row.target.base * 100))
        candidates.append((row.number, row.target.candidate * 100))
        share = row.target.candidate if row.outcome == "passed" else row.target.base
        in_use.append((row.number, share * 100))
    plots = [
        curves(
            {say("candidate"): candidates, say("model in use"): in_use},
            title=say("Target lines read right"),
            unit=" %",
            counted=say("round"),
        )
    ]
    general: dict[str, list[tuple[float, float]]] = {}
    for row in judged:
        for one in row.general:
            course = general.setdefault(_set_name(one.name), [])
            if not course:
                course.append((row.number - 1, one.base * 100))
            course.append((row.number, one.candidate * 100))
    if general:
        plots.append(
            curves(
                general,
                title=say("General lines read right, by each candidate"),
                unit=" %",
                counted=say("round"),
            )
        )
    body = Markup('<div class="plots">{}</div>').format(Markup("").join(plots))
    lead = say("Round 0 is the model that the first round began from.")
    return Section(say("Accuracy over the rounds"), body, lead, "course", is_wide=True)


def _overview(record: RoundsRecord) -> Section:
    columns = [
        Column(say("round"), True),
        Column(say("goes on from"), hint=say("what the gate holds the candidate against")),
        Column(say("outcome")),
        Column(say("before"), True, say("share read right by the model to be replaced")),
        Column(say("after"), True, say("share read right by the candidate")),
        Column(say("gain"), True, say("in points, with its 95 % interval")),
        Column(say("since the start"), True, say("in points, on the same lines")),
        Column(say("look"), True, say("level of the interval that a pass is claimed by")),
    ]
    rows = [_overview_row(row) for row in record.rounds]
    lead = say(
        "Target lines that no step trains on. A verdict is a look at them: all looks together may "
        "go wrong in 5 of 100 cases, so each is held to a stricter level."
    )
    return Section(say("Rounds"), table(columns, rows), lead, "rounds", is_wide=True)


def _overview_row(row: RoundRow) -> list[CellLike]:
    target = row.target
    outcome = Markup('<span class="k-{}">{}</span>').format(
        row.outcome or "open", _OUTCOMES[row.outcome]
    )
    if target:
        outcome = Markup('<a href="{}/gate/verdict.html">{}</a>').format(
            round_name(row.number), outcome
        )
    return [
        row.number,
        _model(row.base) if row.outcome else Cell(_NONE),
        Cell(outcome, row.outcome),
        _share_cell(target.base if target else None),
        _share_cell(target.candidate if target else None),
        _change_cell(target),
        _change_cell(row.since_start),
        Cell(f"{1 - row.level:.1%}", 1 - row.level) if row.level is not None else Cell(_NONE, 0),
    ]


def _model(number: int) -> str:
    return say("round {number}", number=number) if number else say("the start model")


def _general(record: RoundsRecord) -> Section:
    rows: list[list[CellLike]] = [
        [
            _set_name(one.name),
            row.number,
            one.lines,
            _share_cell(one.base),
            _share_cell(one.candidate),
            _change_cell(one),
        ]
        for row in record.rounds
        for one in row.general
    ]
    rows.sort(key=lambda cells: str(cells[0]))
    columns = [
        Column(say("set")),
        Column(say("round"), True),
        Column(say("lines"), True),
        Column(say("before"), True),
        Column(say("after"), True),
        Column(say("change"), True, say("in points, with its 95 % interval")),
    ]
    lead = say(
        "Each round against the model that it is to replace. What several rounds lose adds up: "
        "see the curve."
    )
    return Section(say("General lines"), table(columns, rows), lead, "general")


def _taught(row: RoundRow) -> Section:
    columns = [
        Column(say("character")),
        Column(say("read as")),
        Column(say("seen"), True, say("occurrences in the lines that were mined")),
        Column(say("own lines"), True, say("of those that train, with it")),
        Column(say("drawn lines"), True, say("of this round, with it")),
        Column(say("before"), True, say("share read right when the round began, out of fold")),
        Column(say("after"), True, say("the same when the next round began")),
        Column(say("judged"), True, say("occurrences in all lines that judge")),
        Column(say("base"), True, say("share of these read right by the model to be replaced")),
        Column(say("candidate"), True, say("share of these read right by the candidate")),
    ]
    lead = say(
        "Characters that were misread, the most to gain first. Own lines are read out of fold: "
        "each by a model that was not trained on it."
    )
    title = say("What round {number} taught", number=row.number)
    body = table(columns, [_taught_row(one) for one in row.taught], shown=15)
    return Section(title, body, lead, f"taught-{row.number}", is_wide=True)


def _taught_row(row: TaughtRow) -> list[CellLike]:
    char = Markup('<span class="char">{}</span>').format(visible(row.char))
    return [
        Cell(char, row.char),
        visible(row.confused) or say("nothing"),
        row.support,
        Cell(_NONE, -1) if row.own is None else row.own,
        Cell(_NONE, -1) if row.drawn is None else row.drawn,
        _share_cell(row.before),
        _share_cell(row.after),
        row.judged or Cell(_NONE, 0),
        _share_cell(row.judged_base),
        _share_cell(row.judged_candidate),
    ]


def _cost(record: RoundsRecord) -> Section:
    """Count what each round took: labels, lines, and minutes by stage."""
    names = [name for name in _STAGES if any(name in row.minutes for row in record.rounds)]
    columns = [Column(say("what"))]
    columns += [Column(say("round {number}", number=row.number), True) for row in record.rounds]
    columns.append(Column(say("together"), True))
    counts: list[tuple[str, list[int]]] = [
        (say("crops asked for"), [row.asked for row in record.rounds]),
        (say("labels"), [row.labelled for row in record.rounds]),
        (say("drawn lines"), [row.drawn for row in record.rounds]),
    ]
    rows: list[list[CellLike]] = [
        [name, *(one or Cell(_NONE, 0) for one in of_rounds), sum(of_rounds)]
        for name, of_rounds in counts
        if any(of_rounds)
    ]
    whole = [sum(row.minutes.values()) for row in record.rounds]
    rows.append([say("minutes"), *map(_minutes, whole), _minutes(sum(whole))])
    for name in names:
        minutes = [row.minutes.get(name, 0.0) for row in record.rounds]
        told = arranged("· {stage}", stage=name)
        rows.append([told, *map(_minutes, minutes), _minutes(sum(minutes))])
    lead = say("Minutes that the commands took. The time for labelling is not among them.")
    return Section(say("What it cost"), table(columns, rows, has_filter=False), lead, "cost")


def _minutes(value: float) -> Cell:
    return Cell(f"{value:,.1f}" if value else _NONE, value)


def _share(value: float) -> str:
    return f"{value:.1%}"


def _share_cell(value: float | None) -> Cell:
    return Cell(_NONE, -1) if value is None else Cell(_share(value), value)


def _change_cell(row: JudgedRow | None) -> Cell:
    if row is None:
        return Cell(_NONE, -1)
    text = arranged(
        "{change} ({bounds})",
        change=signed_points(row.change, 1),
        bounds=points_range(row.interval),
    )
    return Cell(text, row.change)


def _set_name(name: str) -> str:
    """Return the name of a general set: its folder in the work, as its files are of one name.

    >>> _set_name("work/lines/general-judge/words/labels.txt")
    'words'
    >>> _set_name("work/lines/guard/judge/rec_gt_train.txt"), _set_name("pages")
    ('guard', 'pages')
    """
    parts = name.split("/")
    if len(parts) > 2 and parts[-3] == "guard":
        return "guard"
    return parts[-2] if len(parts) > 1 else name
