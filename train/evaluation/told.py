"""What `train evaluate` prints."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from textlines.terminal import console as escaping_console
from train.evaluation.comparisons import EXPLAINED, WORDS
from train.evaluation.model import Evaluation, Figure, Figures, Part, Versus

SHOWN_GROUPS = 15
"""How many groups are printed; the page and the JSON hold all."""


def share(figure: Figure | None) -> str:
    """Write a figure with its interval.

    >>> share(Figure(value=0.5, interval=(0.4, 0.6))), share(None)
    ('0.500 (0.400–0.600)', '–')
    """
    if figure is None:
        return "–"
    bounds = figure.interval
    return f"{figure.value:.3f}" + (f" ({bounds[0]:.3f}–{bounds[1]:.3f})" if bounds else "")


def print_evaluation(found: Evaluation, notes: Sequence[str]) -> None:
    """Print the figures, to standard output."""
    console = escaping_console(soft_wrap=True)
    # In a pipe it takes itself for 80 columns wide, and would break the names of the rows.
    console.width = max(console.width, 100)
    lines = found.comparisons["all"].lines
    unit = f"{found.resampled}, 95 % intervals in brackets"
    console.print(Text(f"{lines:,} lines read by {found.model or '?'}; resampled by {unit}"))
    console.print(_table("", [(WORDS[name], one) for name, one in _rows(found)]))  # type: ignore[index]
    console.print(Text(EXPLAINED, style="dim"))
    console.print(_table("label length", _named(found.lengths)))
    if found.groups:
        console.print(_table("group", _named(found.groups[:SHOWN_GROUPS])))
        if len(found.groups) > SHOWN_GROUPS:
            console.print(Text(f"and {len(found.groups) - SHOWN_GROUPS:,} more groups"))
    for one in found.versus:
        console.print(Text(versus_line(one)))
    if found.turned and found.turned.crops:
        console.print(Text(found.turned.told()))
    for note in (*found.notes, *notes):
        console.print(Text(f"note: {note}", style="yellow"))


def versus_line(one: Versus) -> str:
    """Say in one line how readings differ from others."""
    bounds = one.difference.interval
    told = f" ({bounds[0]:+.3f} to {bounds[1]:+.3f})" if bounds else ""
    return (
        f"against {one.other}: the same text in {one.same_text:,} of {one.lines:,} lines "
        f"({one.same_text / one.lines:.2%}); line accuracy {one.difference.value:+.3f}{told} "
        f"over {one.their_accuracy:.3f}, {one.mended:,} lines mended, {one.broken:,} broken"
    )


def _rows(found: Evaluation) -> list[tuple[str, Figures]]:
    return list(found.comparisons.items())


def _named(parts: Sequence[Part]) -> list[tuple[str, Figures]]:
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
