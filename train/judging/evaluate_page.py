"""`evaluation.html`: the figures as one page."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup, escape

from textlines.pages.figures import bars, interval
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, table
from textlines.wording import say
from train.judging.comparisons import EXPLAINED, WORDS
from train.judging.evaluate_text import (
    CONTEST_COLUMNS,
    UNITS,
    agreed_lines,
    better_lines,
    contest_rows,
    rules_line,
    share,
    versus_line,
)
from train.judging.evaluation import Contest, Evaluation, Figure, Figures
from train.judging.evaluation_finding import finding
from train.judging.page_parts import percent
from train.judging.turned_section import turned_sections

_CONTEST = say(
    "The first is the one measured here. Change: of lines read exactly, against it, paired. Right "
    "alone: lines that no other reads. Best of two: what choosing perfectly between the two gives."
)
_AGREED = say(
    "No reading is wrong for these. The figures above are strict: they count them as wrong."
)
_COLUMNS = (say("Lines"), say("Line accuracy"), "", "1 - NED", "CER")


def evaluation_page(found: Evaluation, notes: Sequence[str], images: Path = Path()) -> str:
    """Build the page.

    Args:
        images: the folder that the paths of the crops start from.
        notes: what was left out or changed on the way.
    """
    everything = found.comparisons["all"]
    named = [(WORDS[name], one) for name, one in found.comparisons.items()]  # type: ignore[index]
    lengths = [(part.name, part.figures) for part in found.lengths]
    sections = [
        Section(say("Comparisons"), _figures_table(say("Compared"), named), EXPLAINED),
        Section(
            say("By length"),
            _plot(lengths) + _figures_table(say("Characters in the label"), lengths),
            say("Everything counted."),
        ),
    ]
    if found.agreed:
        agreed = Markup("").join(
            Markup("<p>{}</p>").format(one) for one in agreed_lines(found.agreed)
        )
        sections.append(Section(say("Conventions of the labels"), agreed, _AGREED))
    if found.groups:
        groups = [(part.name, part.figures) for part in found.groups]
        lead = say("Everything counted. Groups of few lines stand without an interval.")
        sections.append(
            Section(say("By group"), _figures_table(say("Group"), groups, shown=50), lead)
        )
    if found.rules:
        told_rules = Markup("<p>{}</p>").format(rules_line(found.rules))
        sections.append(Section(say("Rules, without training"), told_rules))
    if found.contest:
        sections.append(
            Section(say("Read by others"), _contest(found.contest), _CONTEST, "contest")
        )
    if found.versus:
        rows = Markup("").join(
            Markup("<li>{}</li>").format(versus_line(one)) for one in found.versus
        )
        sections.append(Section(say("Against other readings"), Markup("<ul>{}</ul>").format(rows)))
    sections += turned_sections(found.turned, images)
    told = [*found.notes, *notes]
    if told:
        rows = Markup("").join(Markup("<li>{}</li>").format(one) for one in told)
        sections.append(Section(say("Notes"), Markup("<ul>{}</ul>").format(rows)))
    sections.append(Section(say("Made from"), _inputs(found)))
    return page(
        say("How well the model reads"),
        sections,
        finding=finding(found),
        lead=say(
            "{model}; 95 % intervals by {unit}", model=found.model, unit=UNITS[found.resampled]
        ),
        facts=[
            Fact(say("Lines"), f"{everything.lines:,}"),
            Fact(say("Line accuracy"), _percent(everything.line_accuracy), _bounds(everything)),
            Fact(say("Character accuracy"), _percent(everything.character_accuracy), "1 - NED"),
            Fact(
                "CER",
                _percent(everything.cer) if everything.cer else "–",
                say("edits / characters"),
            ),
        ],
    )


def _contest(contest: Contest) -> Markup:
    columns = [Column(name, is_number=k > 0) for k, name in enumerate(CONTEST_COLUMNS)]
    sentences = Markup("").join(
        Markup("<p><b>{}</b></p>").format(one) for one in better_lines(contest)
    )
    whole = Markup("<p>{}</p>").format(
        say(
            "Any of them reads {share} of the {lines:,} lines that all have.",
            share=percent(contest.best_of_all),
            lines=contest.lines,
        )
    )
    return sentences + table(columns, contest_rows(contest)) + whole


def _figures_table(title: str, rows: Sequence[tuple[str, Figures]], *, shown: int = 0) -> Markup:
    columns = [Column(title), *(Column(name, is_number=True) for name in _COLUMNS)]
    return table(columns, [_row(name, one) for name, one in rows], shown=shown)


def _row(name: str, one: Figures) -> list[CellLike]:
    bounds = one.line_accuracy.interval
    drawn = interval(bounds[0], one.line_accuracy.value, bounds[1]) if bounds else Markup("")
    return [
        name,
        one.lines,
        Cell(share(one.line_accuracy), one.line_accuracy.value),
        Cell(drawn, one.line_accuracy.value),
        Cell(share(one.character_accuracy), one.character_accuracy.value),
        Cell(share(one.cer), one.cer.value if one.cer else -1.0),
    ]


def _plot(rows: Sequence[tuple[str, Figures]]) -> Markup:
    values = [round(100 * one.line_accuracy.value, 1) for _, one in rows]
    return bars([name for name, _ in rows], {"": values}, title=say("Line accuracy"), unit=" %")


def _percent(figure: Figure) -> str:
    return percent(figure.value)


def _bounds(one: Figures) -> str:
    bounds = one.line_accuracy.interval
    return say("{low} to {high}", low=percent(bounds[0]), high=percent(bounds[1])) if bounds else ""


def _inputs(found: Evaluation) -> Markup:
    rows = [*found.inputs.items(), *found.versions.items()]
    cells = Markup("").join(
        Markup("<li>{} <code>{}</code></li>").format(name, escape(value)) for name, value in rows
    )
    return Markup("<ul>{}</ul>").format(cells)
