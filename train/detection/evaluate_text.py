"""What `train det evaluate` prints."""

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from textlines.regions.matching import Failure
from textlines.terminal import console as escaping_console
from textlines.wording import Sentence, say
from textlines.wording.counts import count_of
from train.detection.evaluation import DetEvaluation
from train.judging.comparisons import COMPARISON_WORDS
from train.judging.evaluate_text import share, signed_change

FAILURE_WORDS: Mapping[Failure, Sentence] = {
    "missed": say("missed"),
    "merged": say("merged"),
    "split": say("split"),
    "cut": say("cut"),
    "loose": say("loose"),
    "on_nothing": say("on nothing"),
}

FAILURE_MEANINGS: Mapping[Failure, Sentence] = {
    "missed": say("no box lies on the line"),
    "merged": say("one box lies over several lines"),
    "split": say("several boxes lie on one line"),
    "cut": say("the box ends short of the text"),
    "loose": say("the box is much larger than the line"),
    "on_nothing": say("box without a text under it"),
}


def print_det_evaluation(evaluation: DetEvaluation, notes: Sequence[str]) -> None:
    """Print the figures, to standard output."""
    console = escaping_console(soft_wrap=True)
    # In a pipe it takes itself for 80 columns wide, and would break the names of the rows.
    console.width = max(console.width, 100)
    console.print(
        Text(
            f"{count_of(evaluation.pages, 'page')}, {count_of(evaluation.labels, 'label')}, "
            f"{count_of(evaluation.boxes, 'box', 'boxes')} by {evaluation.detector}, "
            f"{evaluation.matched:,} matched; in brackets 95 % intervals, by pages"
        )
    )
    console.print(_figures(evaluation))
    console.print(
        Text(
            "Counted as PaddleOCR's DetMetric: a label and a box match above an IoU of 0.5.",
            style="dim",
        )
    )
    console.print(_failures(evaluation))
    if evaluation.readings:
        console.print(_readings(evaluation))
    negatives = evaluation.negatives
    if negatives.pages:
        pages = count_of(negatives.pages, "page")
        console.print(
            Text(
                f"{pages} without text: {count_of(negatives.boxes, 'false box', 'false boxes')}, "
                f"on a share of {share(negatives.with_boxes)} of them"
            )
        )
    for note in notes:
        console.print(Text(f"note: {note}", style="yellow"))


def _figures(evaluation: DetEvaluation) -> Table:
    table = _table("")
    for name, figure in (
        ("precision", evaluation.precision),
        ("recall", evaluation.recall),
        ("hmean", evaluation.hmean),
    ):
        table.add_row(name, share(figure))
    return table


def _failures(evaluation: DetEvaluation) -> Table:
    table = _table("failure", "count", "of labels", "what it is")
    for name, count in evaluation.failures.items():
        is_of_labels = name != "on_nothing" and evaluation.labels > 0
        of_labels = f"{count / evaluation.labels:.1%}" if is_of_labels else ""
        table.add_row(FAILURE_WORDS[name], f"{count:,}", of_labels, FAILURE_MEANINGS[name])
    return table


def _readings(evaluation: DetEvaluation) -> Table:
    table = _table("lines read right", "from boxes", "from labels", "change")
    for name, figures in (evaluation.readings or {}).items():
        table.add_row(
            COMPARISON_WORDS[name],
            share(figures.from_boxes),
            share(figures.from_labels),
            signed_change(figures.lost),
        )
    lines = next(iter((evaluation.readings or {}).values())).lines
    table.caption = f"{count_of(lines, 'line')} with a text, read by {evaluation.recognizer}"
    table.caption_justify = "left"
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=bool(first))
    table.add_column(first, no_wrap=True)
    for name in others or ("",):
        is_words = name == "what it is"
        table.add_column(name, justify="left" if is_words else "right", no_wrap=not is_words)
    return table
