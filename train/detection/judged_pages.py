"""Labelled pages as a detector sees them: its boxes, what became of each, and what is read there.

A detector and a recognizer are functions here (`PageReader`, `LineReader`): whoever measures or
looks for failures knows nothing of networks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from textlines.defects import of_annotations
from textlines.errors import InputError
from textlines.labels.other_forms import form_of
from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from textlines.pixels.rectify import CannotRectifyError, Start, rectify
from textlines.progress import Watcher, unwatched
from textlines.regions import Detected, Polygon
from textlines.regions.matching import Matching, PageCounts, count_page, match
from textlines.regions.page_file import LabelledRegion, PageLabels
from train.reading.engine import Engine, by_width


class PageReader(Protocol):
    """Finds the text lines of a page."""

    def boxes(self, image: Image) -> list[Detected]:
        """Return the text lines of an H x W x 3 uint8 BGR page, upright, which is left as it is."""
        ...


LineReader = Callable[[Sequence[Image]], list[str]]
"""Reads crops, H x W x 3 uint8 BGR each, in their order."""


@dataclass(frozen=True, slots=True)
class LineTexts:
    """What is read of a labelled line.

    Attributes:
        at: number of its label on the page.
        label: its text, canonical.
        from_box: read from the detector's box for it; None where it has none.
        from_label: read from the labelled corners; None where these give no crop.
    """

    at: int
    label: str
    from_box: str | None
    from_label: str | None


@dataclass(frozen=True, slots=True, eq=False)
class JudgedPage:
    """A page, what a detector found on it, and how that fits the labels.

    Attributes:
        labels: as in the file.
        height_px, width_px: of the upright image.
        detected: in the detector's order.
        counts: as PaddleOCR's metric counts.
        matching: of `labels.regions` and `detected`.
        texts: of each readable label (not ignored, with a text), in order; () without a reader.
    """

    labels: PageLabels
    height_px: int
    width_px: int
    detected: tuple[Detected, ...]
    counts: PageCounts
    matching: Matching
    texts: tuple[LineTexts, ...] = ()


def judge_pages(
    pages: Sequence[PageLabels],
    detector: PageReader,
    tally: Tally,
    *,
    line_reader: LineReader | None = None,
    strict: bool = False,
    watch: Watcher = unwatched,
) -> Iterator[tuple[JudgedPage, Image]]:
    """Let a detector find the lines of pages, and yield what became of them, with the image.

    Args:
        tally: grows by pages whose image cannot be read (`IMAGE_BROKEN`).
        line_reader: reads the crops of boxes and of labels; None reads none.
        strict: stop at the first image that cannot be read.

    Raises:
        ImageError: (strict) one cannot be read.
    """
    for done, page in enumerate(pages, 1):
        try:
            image = read_image(page.image)
        except ImageError as error:
            if strict:
                raise
            tally.add(of_annotations.IMAGE_BROKEN, f"{page.place} ({error.what})")
            continue
        yield judge_page(page, image, detector.boxes(image), line_reader), image
        watch(done, len(pages), "")


def no_page(file: Path, tally: Tally) -> InputError:
    """Return the error of a page label file that no page could be read from.

    Args:
        file: the label file. tally: of its reading.
    """
    told = "; ".join(tally.lines(of_annotations.PAGE_FILE)) or "it is empty"
    what, other = f"holds no page ({told})", form_of(file)
    if other is not None and other.format != "ppocr-det":
        what = f"is {other.name}, and no page label file"
    return InputError(
        str(file),
        what,
        "Name a page label file: path, tab, JSON of points and transcription, one page a row. Its "
        "paths start from --images.",
    )


def judge_page(
    page: PageLabels,
    image: Image,
    detected: Sequence[Detected],
    line_reader: LineReader | None = None,
) -> JudgedPage:
    """Match what was detected on a page to its labels, and read both if there is a reader."""
    polygons = [region.polygon for region in page.regions]
    ignored = [region.is_ignored for region in page.regions]
    boxes = [one.polygon for one in detected]
    matching = match(polygons, ignored, boxes)
    height, width = image.shape[:2]
    return JudgedPage(
        labels=page,
        height_px=height,
        width_px=width,
        detected=tuple(detected),
        counts=count_page(polygons, ignored, boxes),
        matching=matching,
        texts=_texts(page, image, boxes, matching, line_reader) if line_reader else (),
    )


def is_readable(region: LabelledRegion) -> bool:
    """Whether a region has a text that a reading can be compared with."""
    return not region.is_ignored and bool(region.text.strip())


def _texts(
    page: PageLabels,
    image: Image,
    boxes: Sequence[Polygon],
    matching: Matching,
    line_reader: LineReader,
) -> tuple[LineTexts, ...]:
    readable = [at for at, region in enumerate(page.regions) if is_readable(region)]
    # A detector's corners say nothing of where reading starts; labels do.
    from_boxes = {
        at: cut_out(image, boxes[matching.reasons[at][0]], "upright")
        for at in readable
        if matching.labels[at] == "right"
    }
    from_labels = {at: cut_out(image, page.regions[at].polygon, "level") for at in readable}
    crops = [crop for cut in (from_boxes, from_labels) for crop in cut.values() if crop is not None]
    texts = iter(line_reader(crops))
    read = [
        {at: None if crop is None else next(texts) for at, crop in cut.items()}
        for cut in (from_boxes, from_labels)
    ]
    return tuple(
        LineTexts(at, page.regions[at].text, read[0].get(at), read[1][at]) for at in readable
    )


def cut_out(image: Image, polygon: Polygon, start: Start) -> Image | None:
    """Return what a recognizer is given of a region; None where its corners give no crop."""
    try:
        return rectify(image, [(x, y) for x, y in polygon.tolist()], start=start).image
    except CannotRectifyError:
        return None


def line_reader_of(engine: Engine) -> LineReader:
    """Return a reader of crops, in batches of one padded width as the engine takes them."""

    def read(crops: Sequence[Image]) -> list[str]:
        prepared = {at: engine.prepare(crop) for at, crop in enumerate(crops)}
        texts = [""] * len(crops)
        for batch in by_width(prepared, engine.batching.lines):
            lines = engine.read([prepared[at] for at in batch])
            for at, line in zip(batch, lines, strict=True):
                texts[at] = line.text
        return texts

    return read
