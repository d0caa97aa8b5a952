"""Which lines of a set were rendered."""

from collections.abc import Iterator
from dataclasses import dataclass

from balance.checks.sets import LineSet
from textlines.formats.rendered import RenderedImages
from textlines.labels.label_file import LabelLine


@dataclass(frozen=True, slots=True)
class RenderedLine:
    """A rendered line: its run's folder, its text, and the id of its face ("" if unknown)."""

    line: LabelLine
    folder: str
    text: str
    face: str


def rendered_lines(line_set: LineSet, images: RenderedImages) -> Iterator[RenderedLine]:
    """Find the rendered lines of a set.

    Raises:
        InputError: a manifest or a `run.json` beside the images is damaged.
    """
    for line in line_set.lines:
        found = images.find(line.path, line_set.images)
        if found is not None:
            yield RenderedLine(line, found.folder, found.text or line.label, found.face)
