"""What `train det mine` prints."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from textlines.terminal import console as escaping_console
from textlines.wording.counts import count_of
from train.detection.evaluate_text import FAILURE_MEANINGS, FAILURE_WORDS
from train.detection.mine_words import (
    FAILURE_MENDS,
    PROPERTY_WORDS,
    bin_words,
    convention_lines,
    failures_in_order,
    finding,
)
from train.detection.mining import DetMined
from train.judging.evaluate_text import share


def print_det_mined(figures: DetMined, notes: Sequence[str]) -> None:
    """Print the figures, to standard output: first whether labels follow another convention."""
    console = escaping_console(soft_wrap=True)
    console.width = max(console.width, 130)
    evaluation = figures.evaluation
    for at, line in enumerate(convention_lines(figures)):
        console.print(Text(line, style="bold" if not at else ""))
    if not any(one.is_one for one in figures.conventions):
        console.print(Text(finding(figures), style="bold"))
    pages, labels = count_of(evaluation.pages, "page"), count_of(evaluation.labels, "label")
    console.print(
        Text(f"{pages}, {labels}: hmean {share(evaluation.hmean)} by {evaluation.detector}")
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("failure", "count", "what it is"):
        table.add_column(name, justify="right" if name == "count" else "left", no_wrap=True)
    for name, count in failures_in_order(figures):
        table.add_row(FAILURE_WORDS[name], f"{count:,}", FAILURE_MEANINGS[name])
    console.print(table)
    console.print(_bins(figures))
    for name, count in failures_in_order(figures):
        if count:
            console.print(Text(f"{FAILURE_WORDS[name]}: {FAILURE_MENDS[name]}"))
    for note in notes:
        console.print(Text(f"note: {note}", style="yellow"))


def _bins(figures: DetMined) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("lines by", no_wrap=True)
    for name in ("", "lines", "without a box"):
        table.add_column(name, justify="right", no_wrap=True)
    of_labels = [name for name, _ in failures_in_order(figures) if name != "on_nothing"]
    for failure in of_labels:
        table.add_column(FAILURE_WORDS[failure], justify="right", no_wrap=True)
    before = ""
    for one in figures.bins:
        counts = [f"{one.failures[name]:,}" for name in of_labels]
        # A property is named where its bins begin.
        named = PROPERTY_WORDS[one.property] if one.property != before else ""
        before = one.property
        table.add_row(named, bin_words(one), f"{one.lines:,}", share(one.failed), *counts)
    return table
