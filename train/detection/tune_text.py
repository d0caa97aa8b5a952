"""What `train det tune` prints."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from textlines.wording.counts import count_of
from train.detection.configuration import DetectorConfiguration
from train.detection.deployment import deployment_notes, lines_to_paste
from train.detection.memory import in_gigabytes
from train.detection.tune_job import Tuned
from train.detection.tuned_file import FigureRecord, PagesRecord


def tuned_text(tuned: Tuned, configuration: DetectorConfiguration, folder: Path) -> Iterator[str]:
    """Tell a result line by line.

    Args:
        configuration: with the tuned settings.
        folder: of the model, for the lines to paste.
    """
    file = tuned.file
    before, after = asdict(file.deployed.settings()), asdict(file.settings.settings())
    yield f"{file.model}: {file.tried:,} settings tried, objective {file.objective}"
    for name, value in after.items():
        if value != before[name]:
            yield f"  {name:<16} {_shown(before[name])} -> {_shown(value)}"
    if before == after:
        yield "  the settings as deployed are the best of them"
    yield from _pages("searched", file.searched)
    if file.judged:
        yield from _pages("judged", file.judged)
    memory = in_gigabytes(file.memory_mb * 10**6)
    yield f"memory   about {memory} for the largest page at this limit, by onnxruntime"
    yield from (f"note: {note}" for note in (*tuned.notes, *deployment_notes(configuration)))
    yield ""
    for pasted in lines_to_paste(configuration, folder):
        yield f"# {pasted.program}"
        yield pasted.text


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def _pages(word: str, pages: PagesRecord) -> Iterator[str]:
    how = f", each of {pages.folds} folds by the others" if pages.folds else ""
    lines = count_of(pages.regions, "line")
    yield f"{word:<8} {pages.labels}: {count_of(pages.pages, 'page')}, {lines}{how}"
    yield f"  hmean    {_figure(pages.hmean)}"
    if pages.reading:
        yield f"  reading  {_figure(pages.reading)} read exactly"


def _figure(figure: FigureRecord) -> str:
    change = f"{figure.before:.4f} -> {figure.after:.4f} ({figure.change:+.4f}"
    if figure.low is None or figure.high is None:
        return f"{change})"
    return f"{change}, 95 % by page {figure.low:+.4f} to {figure.high:+.4f})"
