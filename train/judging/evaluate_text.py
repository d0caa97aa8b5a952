"""What `train evaluate` prints."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from textlines.terminal import console as escaping_console
from textlines.wilson import outward
from textlines.wording import arranged, joined, say
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
    told = f"{figure.value:.3f}"
    if figure.interval:
        low, high = outward(figure.interval)
        told += f" ({low:.3f}–{high:.3f})"
    return told


def print_evaluation(found: Evaluation, notes: Sequence[str]) -> None:
    """Print the figures, to standard output."""
    console = escaping_console(soft_wrap=True)
    # In a pipe it takes itself for 80 columns wide, and would break the names of the rows.
    console.width = max(console.width, 100)
    lines = found.comparisons["all"].lines
    read = f"{lines:,} line{'s' * (lines != 1)} read by {found.model or '?'}"
    console.print(Text(f"{read}; in brackets 95 % intervals, by {found.resampled}"))
    console.print(_table("", [(COMPARISON_WORDS[name], one) for name, one in _rows(found)]))  # type: ignore[index]
    console.print(Text(EXPLAINED, style="dim"))
    for told in agreed_lines(found.agreed):
        console.print(Text(told, style="bold"))
    console.print(_table("label length", _named(found.lengths)))
    if found.groups:
        console.print(_table("group", _named(found.groups[:SHOWN_GROUPS])))
        if len(found.groups) > SHOWN_GROUPS:
            console.print(Text(f"and {len(found.groups) - SHOWN_GROUPS:,} more groups"))
    if found.rules:
        console.print(Text(rules_line(found.rules)))
    if found.contest:
        longest = max(len(one.name) for one in found.contest.contenders)
        console.width = max(console.width, 100 + longest)
        console.print(_contest_table(found.contest))
    for one in found.versus:
        console.print(Text(versus_line(one)))
    if found.turned and found.turned.crops:
        console.print(Text(found.turned.told()))
    for told in better_lines(found.contest):
        console.print(Text(told, style="bold"))
    for note in (*found.notes, *notes):
        console.print(Text(f"note: {note}", style="yellow"))


def agreed_lines(one: Agreed | None) -> list[str]:
    """Say which lines are wrong by conventions of the whole set alone, and what to do about it."""
    if one is None:
        return []
    shown: list[str] = list(one.conventions[:SHOWN_CONVENTIONS])
    if more := len(one.conventions) - len(shown):
        shown.append(say("{more:,} more (--json)", more=more))
    is_one = one.is_edge and len(one.conventions) == 1
    told = say(
        "{conventions}: {right:,} of the {wrong:,} wrong lines are right {but}, line accuracy "
        "{accuracy} then",
        conventions=joined("; ", shown),
        right=one.right,
        wrong=one.wrong,
        but=say("without it") if is_one else say("but for that"),
        accuracy=share(one.line_accuracy),
    )
    mends = one.mends[:SHOWN_CONVENTIONS]
    return [told, *(say("  what to do: {mend}", mend=mend) for mend in mends)]


def versus_line(one: Versus) -> str:
    """Say in one line how readings differ from others."""
    return say(
        "against {other}: the same text in {same:,} of {lines:,} lines ({share:.2%}); line "
        "accuracy {difference} over {theirs:.3f}, {mended:,} lines mended, {broken:,} broken",
        other=one.other,
        same=one.same_text,
        lines=one.lines,
        share=one.same_text / one.lines,
        difference=signed_change(one.difference),
        theirs=one.their_accuracy,
        mended=one.mended,
        broken=one.broken,
    )


def rules_line(one: RulesEffect) -> str:
    """Say in one line what rules did to the readings."""
    told = say(
        "rules of {path}: {changed:,} of {lines:,} readings changed, {mended:,} lines mended, "
        "{broken:,} broken; {before:.3f} without, {change} with them, as all figures here",
        path=one.path,
        changed=one.changed,
        lines=one.lines,
        mended=one.mended,
        broken=one.broken,
        before=one.before,
        change=signed_change(one.change),
    )
    if not one.has_seen:
        return told
    seen = say("they were found on a file that is read here: that proves nothing")
    return joined("; ", [told, seen])


def better_lines(contest: Contest | None) -> list[str]:
    """Say which stock model surely reads these lines better, a line each."""
    if contest is None:
        return []
    first, rest = contest.contenders[0], contest.contenders[1:]
    told: list[str] = []
    for one in (one for name in contest.better for one in rest if one.name == name):
        sure = bounds_behind(one.change.interval if one.change else None).strip(" ()")
        told.append(
            say(
                "{name} reads {accuracy:.3f} of these {lines:,} lines, {first} {other:.3f} (surely "
                "{sure}): no training needed for that. Use it, or start from it",
                name=one.name,
                accuracy=one.line_accuracy.value,
                lines=contest.lines,
                first=first.name,
                other=first.line_accuracy.value,
                sure=sure,
            )
        )
    return told


def contest_rows(contest: Contest) -> list[tuple[str, ...]]:
    """Return the cells of the table: name, exact, CER, change, right alone, best of two."""
    return [
        (
            one.name,
            share(one.line_accuracy),
            share(one.cer),
            signed_change(one.change) if one.change else "",
            f"{one.only:,}",
            f"{one.best_of_two:.3f}" if one.change else "",
        )
        for one in contest.contenders
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


def _rows(found: Evaluation) -> list[tuple[str, Figures]]:
    return list(found.comparisons.items())


def _named(parts: Sequence[LineSubset]) -> list[tuple[str, Figures]]:
    return [(part.name, part.figures) for part in parts]


def _table(title: str, rows: Sequence[tuple[str, Figures]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title, no_wrap=True)
    for name in ("lines", "line accuracy", "1 - NED", "CER"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, one in rows:
        table.add_row(
            Text(name),
            f"{one.lines:,}",
            share(one.line_accuracy),
            share(one.character_accuracy),
            share(one.cer),
        )
    return table
