"""What `train evaluate` prints."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from textlines.terminal import console as escaping_console
from textlines.wilson import outward
from textlines.wording import arranged, joined, say, say_n
from textlines.wording.counts import count_of, line_count
from train.judging.comparisons import COMPARISON_WORDS, EXPLAINED
from train.judging.evaluation import (
    Agreed,
    Contest,
    Evaluation,
    Figure,
    Figures,
    LineSubset,
    RulesEffect,
    Versus,
)
from train.judging.figure_words import bounds_behind

SHOWN_GROUPS = 15
"""How many groups are printed; the page and the JSON hold all."""

SHOWN_CONVENTIONS = 3
"""How many are printed; the JSON holds all."""


def share(figure: Figure | None) -> str:
    """Write a figure with its interval.

    >>> share(Figure(value=0.5, interval=(0.4, 0.6))), share(None)
    ('0.500 (0.400–0.600)', '–')
    """
    if figure is None:
        return "–"
    written = f"{figure.value:.3f}"
    if figure.interval:
        low, high = outward(figure.interval)
        written += f" ({low:.3f}–{high:.3f})"
    return written


def print_evaluation(evaluation: Evaluation, notes: Sequence[str]) -> None:
    """Print the figures, to standard output."""
    console = escaping_console(soft_wrap=True)
    # In a pipe it takes itself for 80 columns wide, and would break the names of the rows.
    console.width = max(console.width, 100)
    lines = evaluation.comparisons["all"].lines
    read = f"{lines:,} line{'s' * (lines != 1)} read by {evaluation.model or '?'}"
    console.print(Text(f"{read}; in brackets 95 % intervals, by {evaluation.resampled}"))
    console.print(_table("", comparison_rows(evaluation)))
    console.print(Text(EXPLAINED, style="dim"))
    for line in agreed_lines(evaluation.agreed):
        console.print(Text(line, style="bold"))
    console.print(_table("label length", _named(evaluation.lengths)))
    if evaluation.groups:
        console.print(_table("group", _named(evaluation.groups[:SHOWN_GROUPS])))
        if len(evaluation.groups) > SHOWN_GROUPS:
            console.print(
                Text(f"and {count_of(len(evaluation.groups) - SHOWN_GROUPS, 'more group')}")
            )
    if evaluation.rules:
        console.print(Text(rules_line(evaluation.rules)))
    if evaluation.contest:
        longest = max(len(contender.name) for contender in evaluation.contest.contenders)
        console.width = max(console.width, 100 + longest)
        console.print(_contest_table(evaluation.contest))
    for versus in evaluation.versus:
        console.print(Text(versus_line(versus)))
    if evaluation.turned and evaluation.turned.crops:
        console.print(Text(evaluation.turned.told()))
    for line in better_lines(evaluation.contest):
        console.print(Text(line, style="bold"))
    for note in (*evaluation.notes, *notes):
        console.print(Text(f"note: {note}", style="yellow"))


def comparison_rows(evaluation: Evaluation) -> list[tuple[str, Figures]]:
    """Return the figures under each comparison, with its name in words."""
    return [
        (words, evaluation.comparisons[name])
        for name, words in COMPARISON_WORDS.items()
        if name in evaluation.comparisons
    ]


def agreed_lines(agreed: Agreed | None) -> list[str]:
    """Return which lines are wrong by conventions of the whole set alone, and what mends that."""
    if agreed is None:
        return []
    shown: list[str] = list(agreed.conventions[:SHOWN_CONVENTIONS])
    if more := len(agreed.conventions) - len(shown):
        shown.append(say("{more:,} more (--json)", more=more))
    is_one = agreed.is_edge and len(agreed.conventions) == 1
    sentence = say_n(
        "{conventions}: {right:,} of the {n:,} wrong line is right {but}, line accuracy {accuracy} "
        "then",
        "{conventions}: {right:,} of the {n:,} wrong lines are right {but}, line accuracy "
        "{accuracy} then",
        agreed.wrong,
        conventions=joined("; ", shown),
        right=agreed.right,
        but=say("without it") if is_one else say("but for that"),
        accuracy=share(agreed.line_accuracy),
    )
    mends = agreed.mends[:SHOWN_CONVENTIONS]
    return [sentence, *(say("  what to do: {mend}", mend=mend) for mend in mends)]


def versus_line(versus: Versus) -> str:
    """Return in one line how readings differ from others."""
    return say(
        "against {other}: the same text in {same:,} of {lines} ({share:.2%}); line accuracy "
        "{difference} over {theirs:.3f}, {mended} mended, {broken:,} broken",
        other=versus.other,
        same=versus.same_text,
        lines=line_count(versus.lines),
        share=versus.same_text / versus.lines,
        difference=signed_change(versus.difference),
        theirs=versus.their_accuracy,
        mended=line_count(versus.mended),
        broken=versus.broken,
    )


def rules_line(effect: RulesEffect) -> str:
    """Return in one line what rules did to the readings."""
    sentence = say(
        "rules of {path}: {changed:,} of {readings} changed, {mended} mended, "
        "{broken:,} broken; {before:.3f} without, {change} with them, as all figures here",
        path=effect.path,
        changed=effect.changed,
        readings=say_n("{n:,} reading", "{n:,} readings", effect.lines),
        mended=line_count(effect.mended),
        broken=effect.broken,
        before=effect.before,
        change=signed_change(effect.change),
    )
    if not effect.has_seen:
        return sentence
    seen = say("they were found on a file that is read here: that proves nothing")
    return joined("; ", [sentence, seen])


def better_lines(contest: Contest | None) -> list[str]:
    """Return which stock model surely reads these lines better, a line each."""
    if contest is None:
        return []
    first, rest = contest.contenders[0], contest.contenders[1:]
    sentences: list[str] = []
    for contender in (
        contender for name in contest.better for contender in rest if contender.name == name
    ):
        sure = bounds_behind(contender.change.interval if contender.change else None).strip(" ()")
        sentences.append(
            say(
                "{name} reads {accuracy:.3f} of these {lines:,} lines, {first} {other:.3f} (surely "
                "{sure}): no training needed for that. Use it, or start from it",
                name=contender.name,
                accuracy=contender.line_accuracy.value,
                lines=contest.lines,
                first=first.name,
                other=first.line_accuracy.value,
                sure=sure,
            )
        )
    return sentences


def contest_rows(contest: Contest) -> list[tuple[str, ...]]:
    """Return the cells of the table: name, exact, CER, change, right alone, best of two."""
    return [
        (
            contender.name,
            share(contender.line_accuracy),
            share(contender.cer),
            signed_change(contender.change) if contender.change else "",
            f"{contender.only:,}",
            f"{contender.best_of_two:.3f}" if contender.change else "",
        )
        for contender in contest.contenders
    ]


CONTEST_COLUMNS = (
    say("Read by"),
    say("exact"),
    "CER",
    say("change"),
    say("right alone"),
    say("best of two"),
)

UNITS = {"lines": say("lines"), "groups": say("groups")}
"""What intervals are by, in words."""


def _contest_table(contest: Contest) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    # Names stand last: a path is as long as it is, and figures stay under each other.
    order = (*range(1, len(CONTEST_COLUMNS)), 0)
    for number in order:
        table.add_column(
            CONTEST_COLUMNS[number].lower(), no_wrap=True, justify="right" if number else "left"
        )
    for cells in contest_rows(contest):
        table.add_row(*(Text(cells[number]) for number in order))
    table.add_row(*(f"{contest.best_of_all:.3f}", *[""] * (len(order) - 2), "any of them"))
    return table


def signed_change(figure: Figure) -> str:
    """Write a change with its interval.

    >>> signed_change(Figure(value=0.0, interval=(-0.1206, 0.1206)))
    '+0.000 (-0.121 to +0.121)'
    """
    return arranged(
        "{value:+.3f}{bounds}", value=figure.value, bounds=bounds_behind(figure.interval)
    )


def _named(parts: Sequence[LineSubset]) -> list[tuple[str, Figures]]:
    return [(part.name, part.figures) for part in parts]


def _table(title: str, rows: Sequence[tuple[str, Figures]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title, no_wrap=True)
    for name in ("lines", "line accuracy", "1 - NED", "CER"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, figures in rows:
        table.add_row(
            Text(name),
            f"{figures.lines:,}",
            share(figures.line_accuracy),
            share(figures.character_accuracy),
            share(figures.cer),
        )
    return table
