"""`evaluation.html`: the figures as one page, and the sentence that stands first on it."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from markupsafe import Markup, escape

from textlines.pages.figures import bars, interval
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, table
from textlines.wilson import wilson
from textlines.wording import say
from textlines.wording.counts import line_count
from train.judging.comparisons import EXPLAINED
from train.judging.evaluate_text import (
    CONTEST_COLUMNS,
    UNITS,
    agreed_lines,
    better_lines,
    comparison_rows,
    contest_rows,
    rules_line,
    share,
    versus_line,
)
from train.judging.evaluation import Contest, Evaluation, Figure, Figures, Versus
from train.judging.page_parts import (
    ONLY_CONVENTIONS,
    all_right,
    percent,
    turned_sections,
    wrong_lines,
)

BETTER = say(
    "{other} reads {theirs} of these {lines} lines exactly, {model} {ours}: use it, or start from "
    "it."
)
AGAINST = say(
    "{share} of {lines} are read exactly; {other} reads {before}, and against it {mended} "
    "are mended and {broken} broken."
)
IGNORED = {
    "case_folded": say(
        "Capitals are wrong most: {share} of {lines} are read exactly, {without} "
        "where they do not count."
    ),
    "no_spaces": say(
        "Spaces are wrong most: {share} of {lines} are read exactly, {without} "
        "where they do not count."
    ),
    "no_punctuation": say(
        "Punctuation is wrong most: {share} of {lines} are read exactly, "
        "{without} where it does not count."
    ),
}
LENGTH = say(
    "Labels of {name} characters are misread most: {share} of {lines} are read exactly, "
    "{rest} of the other {others}."
)
GROUP = say(
    "Lines of {name} are misread most: {share} of {lines} are read exactly, {rest} of the other "
    "{others}."
)
EVEN = say(
    "{wrong} of {lines} are misread, those of no length and no group surely more often than "
    "the others."
)

MOST = 0.5
"""Of the wrong lines: what explains so many is what is wrong most."""


def evaluation_finding(evaluation: Evaluation) -> str:
    """Return in a sentence what is wrong most, by how much, and against what.

    First whether another model surely reads the lines better; else how they differ from other
    readings that were named; else what explains half of the wrong lines; else the length or group
    whose lines are surely misread more often than the others (Wilson's intervals apart).
    """
    all_ = evaluation.comparisons["all"]
    wrong = all_.lines - lines_right(all_)
    if not wrong:
        return all_right(all_.lines)
    if evaluation.contest and evaluation.contest.better:
        return _better(evaluation.contest)
    if evaluation.versus:
        return _against(evaluation.versus[0], all_)
    if evaluation.agreed and evaluation.agreed.right >= MOST * wrong:
        return ONLY_CONVENTIONS.filled(
            apart=f"{evaluation.agreed.right:,}", wrong=wrong_lines(evaluation.agreed.wrong)
        )
    name = max(
        IGNORED,
        key=lambda name: (
            lines_right(evaluation.comparisons[name]) if name in evaluation.comparisons else -1
        ),
    )
    if (
        name in evaluation.comparisons
        and lines_right(evaluation.comparisons[name]) - lines_right(all_) >= MOST * wrong
    ):
        without = percent(evaluation.comparisons[name].line_accuracy.value)
        share = percent(all_.line_accuracy.value)
        return IGNORED[name].filled(share=share, lines=line_count(all_.lines), without=without)
    worst = max(_worse(evaluation, all_), default=None)
    if worst is None:
        return EVEN.filled(wrong=f"{wrong:,}", lines=line_count(all_.lines))
    return worst[2]


def lines_right(figures: Figures) -> int:
    """Return how many lines are read right."""
    return round(figures.line_accuracy.value * figures.lines)


def _better(contest: Contest) -> str:
    first = contest.contenders[0]
    best = next(
        contender for contender in contest.contenders if contender.name == contest.better[0]
    )
    return BETTER.filled(
        other=_short(best.name),
        theirs=percent(best.line_accuracy.value),
        lines=f"{contest.lines:,}",
        model=_short(first.name),
        ours=percent(first.line_accuracy.value),
    )


def _short(name: str) -> str:
    """Shorten a path to its end: a model's file is named by its folder."""
    return "/".join(PurePath(name).parts[-2:])


def _against(versus: Versus, all_: Figures) -> str:
    return AGAINST.filled(
        share=percent(versus.their_accuracy + versus.difference.value),
        lines=line_count(versus.lines),
        before=percent(versus.their_accuracy),
        other=_short(versus.other),
        mended=f"{versus.mended:,}",
        broken=f"{versus.broken:,}",
    )


def _worse(evaluation: Evaluation, all_: Figures) -> Iterator[tuple[float, int, str]]:
    """Find lengths and groups that are surely misread more often than the other lines.

    Yields:
        How many more of its lines are misread than of as many others, how many lines it has
        (below 0, so that of two the smaller one is the greater), and the sentence.
    """
    named = [(LENGTH, part) for part in evaluation.lengths]
    named += [(GROUP, part) for part in evaluation.groups]
    for words, part in named:
        lines, good = part.figures.lines, lines_right(part.figures)
        others, rest = all_.lines - lines, lines_right(all_) - good
        if not others or wilson(good, lines)[1] >= wilson(rest, others)[0]:
            continue
        yield (
            lines * rest / others - good,
            -lines,
            words.filled(
                name=part.name,
                share=percent(good / lines),
                lines=line_count(lines),
                rest=percent(rest / others),
                others=f"{others:,}",
            ),
        )


_CONTEST = say(
    "The first is the one measured here. Change: of lines read exactly, against it, paired. Right "
    "alone: lines that no other reads. Best of two: what choosing perfectly between the two gives."
)
_AGREED = say(
    "No reading is wrong for these. The figures above are strict: they count them as wrong."
)
_COLUMNS = (say("Lines"), say("Line accuracy"), "", "1 - NED", "CER")


def evaluation_page(evaluation: Evaluation, notes: Sequence[str], images: Path = Path()) -> str:
    """Build the page.

    Args:
        images: the folder that the paths of the crops start from.
        notes: what was left out or changed on the way.
    """
    everything = evaluation.comparisons["all"]
    named = comparison_rows(evaluation)
    lengths = [(part.name, part.figures) for part in evaluation.lengths]
    sections = [
        Section(say("Comparisons"), _figures_table(say("Compared"), named), EXPLAINED),
        Section(
            say("By length"),
            _plot(lengths) + _figures_table(say("Characters in the label"), lengths),
            say("Everything counted."),
        ),
    ]
    if evaluation.agreed:
        agreed = Markup("").join(
            Markup("<p>{}</p>").format(line) for line in agreed_lines(evaluation.agreed)
        )
        sections.append(Section(say("Conventions of the labels"), agreed, _AGREED))
    if evaluation.groups:
        groups = [(part.name, part.figures) for part in evaluation.groups]
        lead = say("Everything counted. Groups of few lines stand without an interval.")
        sections.append(
            Section(say("By group"), _figures_table(say("Group"), groups, shown=50), lead)
        )
    if evaluation.rules:
        told_rules = Markup("<p>{}</p>").format(rules_line(evaluation.rules))
        sections.append(Section(say("Rules, without training"), told_rules))
    if evaluation.contest:
        sections.append(
            Section(say("Read by others"), _contest(evaluation.contest), _CONTEST, "contest")
        )
    if evaluation.versus:
        rows = Markup("").join(
            Markup("<li>{}</li>").format(versus_line(versus)) for versus in evaluation.versus
        )
        sections.append(Section(say("Against other readings"), Markup("<ul>{}</ul>").format(rows)))
    sections += turned_sections(evaluation.turned, images)
    every_note = [*evaluation.notes, *notes]
    if every_note:
        rows = Markup("").join(Markup("<li>{}</li>").format(note) for note in every_note)
        sections.append(Section(say("Notes"), Markup("<ul>{}</ul>").format(rows)))
    sections.append(Section(say("Made from"), _inputs(evaluation)))
    return page(
        say("How well the model reads"),
        sections,
        finding=evaluation_finding(evaluation),
        lead=say(
            "{model}; 95 % intervals by {unit}",
            model=evaluation.model,
            unit=UNITS[evaluation.resampled],
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
        Markup("<p><b>{}</b></p>").format(sentence) for sentence in better_lines(contest)
    )
    whole = Markup("<p>{}</p>").format(
        say(
            "Any of them reads {share} of the lines that all have ({lines:,}).",
            share=percent(contest.best_of_all),
            lines=contest.lines,
        )
    )
    return sentences + table(columns, contest_rows(contest)) + whole


def _figures_table(title: str, rows: Sequence[tuple[str, Figures]], *, shown: int = 0) -> Markup:
    columns = [Column(title), *(Column(name, is_number=True) for name in _COLUMNS)]
    return table(columns, [_row(name, figures) for name, figures in rows], shown=shown)


def _row(name: str, figures: Figures) -> list[CellLike]:
    bounds = figures.line_accuracy.interval
    drawn = interval(bounds[0], figures.line_accuracy.value, bounds[1]) if bounds else Markup("")
    return [
        name,
        figures.lines,
        Cell(share(figures.line_accuracy), figures.line_accuracy.value),
        Cell(drawn, figures.line_accuracy.value),
        Cell(share(figures.character_accuracy), figures.character_accuracy.value),
        Cell(share(figures.cer), figures.cer.value if figures.cer else -1.0),
    ]


def _plot(rows: Sequence[tuple[str, Figures]]) -> Markup:
    values = [round(100 * figures.line_accuracy.value, 1) for _, figures in rows]
    return bars([name for name, _ in rows], {"": values}, title=say("Line accuracy"), unit=" %")


def _percent(figure: Figure) -> str:
    return percent(figure.value)


def _bounds(figures: Figures) -> str:
    bounds = figures.line_accuracy.interval
    return say("{low} to {high}", low=percent(bounds[0]), high=percent(bounds[1])) if bounds else ""


def _inputs(evaluation: Evaluation) -> Markup:
    rows = [*evaluation.inputs.items(), *evaluation.versions.items()]
    cells = Markup("").join(
        Markup("<li>{} <code>{}</code></li>").format(name, escape(value)) for name, value in rows
    )
    return Markup("<ul>{}</ul>").format(cells)
