"""`det.html`: which lines a detector misses, with the pages and parts of pages to look at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from textlines.formats.missed_lines import Property
from textlines.labels.canonical import short
from textlines.pages.environment import asset, render
from textlines.pages.figures import interval
from textlines.pages.page import Fact, Section, page
from textlines.pages.tables import Cell, CellLike, Column, table
from textlines.pixels.arrays import Image
from textlines.pixels.decode import read_image
from textlines.regions import Polygon
from textlines.regions.matching import FAILURES, Failure
from textlines.wording import Sentence, arranged, joined, say, say_n
from textlines.wording.counts import line_count
from train.detection.evaluate_text import FAILURE_MEANINGS, FAILURE_WORDS
from train.detection.mine_words import (
    FAILURE_MENDS,
    PROPERTY_WORDS,
    bin_words,
    convention_lines,
    finding,
)
from train.detection.mining import DetMined, LineFacts, Mined
from train.detection.page_pictures import (
    PagePicture,
    area_picture,
    page_picture,
    pictures_body,
)

PACKAGE = "train.detection"

SHOWN_PAGES = 12
"""Whole pages that are shown: those with the most failures."""

KEY = (
    ("right", say("label with its box")),
    ("failed", say("label without one")),
    ("ignored", say("ignored label")),
    ("box", say("detected box")),
)


@dataclass(frozen=True, slots=True)
class _Failed:
    """A failure to show: its page, the regions that it is about, and what is said of it."""

    page: int
    about: tuple[Polygon, ...]
    caption: Sentence


def mine_page(mined: Mined, *, areas: int = 72, notes: Sequence[str] = ()) -> str:
    """Build the page; the images of the pages that are shown are read again.

    Args:
        areas: failures that are shown at most, evenly over their classes. notes: in words.
    """
    figures = mined.figures
    return page(
        say("What the detector misses"),
        [
            *_convention_section(figures),
            _classes_section(figures, notes),
            *_property_sections(figures),
            *_area_sections(mined, areas),
            *_pages_sections(mined),
            _table_section(figures),
        ],
        finding=finding(figures),
        lead=_lead(figures),
        facts=_facts(figures),
        styles=[asset(PACKAGE, "regions.css")],
    )


def _lead(figures: DetMined) -> Sentence:
    settings = ", ".join(f"{name} {value}" for name, value in figures.evaluation.settings.items())
    parts = [figures.detector, settings] if settings else [figures.detector]
    return joined(": ", parts)


def _facts(figures: DetMined) -> list[Fact]:
    evaluation = figures.evaluation
    counted = say("as PaddleOCR counts")
    facts = [
        Fact(say("Pages"), f"{evaluation.pages:,}"),
        Fact(say("Labels"), f"{evaluation.labels:,}"),
        Fact("hmean", f"{evaluation.hmean.value:.3f}", counted),
        Fact(say("precision"), f"{evaluation.precision.value:.3f}"),
        Fact(say("recall"), f"{evaluation.recall.value:.3f}"),
    ]
    negatives = evaluation.negatives
    if negatives.pages:
        boxes = say_n("{n:,} false box", "{n:,} false boxes", negatives.boxes)
        facts.append(Fact(say("Pages without text"), f"{negatives.pages:,}", boxes))
    return facts


def _convention_section(figures: DetMined) -> Iterator[Section]:
    lines = convention_lines(figures)
    if lines:
        body = Markup("").join(Markup("<p>{}</p>").format(line) for line in lines)
        yield Section(say("Words or lines"), body, id="convention")


def _classes_section(figures: DetMined, notes: Sequence[str]) -> Section:
    labels = figures.evaluation.labels
    rows: list[Sequence[CellLike]] = [
        (
            Cell(FAILURE_WORDS[name]),
            count,
            Cell(f"{count / labels:.1%}", count / labels)
            if labels and name != "on_nothing"
            else "",
            Cell(FAILURE_MEANINGS[name]),
            Cell(FAILURE_MENDS[name] if count else ""),
        )
        for name, count in figures.evaluation.failures.items()
    ]
    columns = [
        Column(say("Failure")),
        Column(say("Count"), is_number=True),
        Column(say("Of labels"), is_number=True),
        Column(say("What it is")),
        Column(say("What to try")),
    ]
    told = Markup("").join(Markup('<p class="lead">{}</p>').format(note) for note in notes)
    return Section(say("Failures"), table(columns, rows) + told, id="failures")


def _property_sections(figures: DetMined) -> Iterator[Section]:
    properties: tuple[Property, ...] = ("height", "seen_height", "contrast", "place")
    for name in properties:
        bins = [one for one in figures.bins if one.property == name]
        if not bins:
            continue
        of_labels = [failure for failure in FAILURES if failure != "on_nothing"]
        columns = [
            Column(PROPERTY_WORDS[name]),
            Column(say("Lines"), is_number=True),
            Column(say("Without a box"), is_number=True),
            Column(""),
            *(Column(FAILURE_WORDS[failure], is_number=True) for failure in of_labels),
        ]
        rows: list[Sequence[CellLike]] = [
            (
                Cell(bin_words(one), at),
                one.lines,
                Cell(f"{one.failed.value:.1%}", one.failed.value),
                Cell(_bar(one.failed.interval, one.failed.value), one.failed.value),
                *(one.failures[failure] for failure in of_labels),
            )
            for at, one in enumerate(bins)
        ]
        title = arranged("{name!c}", name=PROPERTY_WORDS[name])
        yield Section(title, table(columns, rows, has_filter=False), _HINTS[name], name)


_HINTS: Mapping[Property, Sentence] = {
    "height": say("The shorter side of the label, in pixels of the page."),
    "seen_height": say(
        "The same at the size that the limit brings the page to: what is below 8 pixels there is "
        "hardly seen."
    ),
    "contrast": say(
        "Between the dark and the bright of the region (5th and 95th percentile of its "
        "luminance), 0 to 1."
    ),
    "place": say("Nine equal parts of the page; what touches its border stands apart."),
}


def _bar(bounds: tuple[float, float] | None, value: float) -> Markup:
    return interval(bounds[0], value, bounds[1]) if bounds else Markup("")


def _area_sections(mined: Mined, areas: int) -> Iterator[Section]:
    by_class = {name: list(_failed(mined, name)) for name in FAILURES}
    counts = {name: len(failed) for name, failed in by_class.items() if failed}
    chosen = {name: by_class[name][:share] for name, share in shared_out(counts, areas).items()}
    images = _Images(mined)
    for name in counts:
        shown = [
            area_picture(mined.pages[one.page], images[one.page], one.about, one.caption)
            for one in chosen[name]
        ]
        left_out = len(by_class[name]) - len(shown)
        lead = arranged("{what!c}.", what=FAILURE_MEANINGS[name])
        if left_out:
            more = say("{left_out:,} more places are not shown.", left_out=left_out)
            lead = arranged("{lead} {more}", lead=lead, more=more)
        body = _key() + pictures_body(shown)
        yield Section(arranged("{name!c}", name=FAILURE_WORDS[name]), body, lead, name, True)


def shared_out(counts: Mapping[Failure, int], most: int) -> dict[Failure, int]:
    """Share a number out evenly; what a class does not use goes to those that have more.

    >>> shared_out({"missed": 42, "cut": 3, "on_nothing": 1}, 12)
    {'missed': 8, 'cut': 3, 'on_nothing': 1}
    """
    shares: dict[Failure, int] = {}
    for rank, name in enumerate(sorted(counts, key=lambda name: counts[name])):
        shares[name] = min(counts[name], most // (len(counts) - rank))
        most -= shares[name]
    return {name: shares[name] for name in counts}


class _Images:
    """The images of pages, the last one kept: failures come page by page."""

    def __init__(self, mined: Mined) -> None:
        self._pages, self._number = mined.pages, -1
        self._image: Image | None = None

    def __getitem__(self, number: int) -> Image:
        if self._image is None or number != self._number:
            self._number = number
            self._image = read_image(self._pages[number].labels.image)
        return self._image


def _failed(mined: Mined, name: Failure) -> list[_Failed]:
    """Return the failures of a class: the first of each page, then the second of each."""
    if name == "on_nothing":
        found = [
            _Failed(number, (one.polygon,), say("score {score:.2f}", score=one.score))
            for number, of_page in enumerate(mined.pages)
            for one, outcome in zip(of_page.detected, of_page.matching.boxes, strict=True)
            if outcome == "on_nothing"
        ]
    else:
        # The labels that one box holds are one picture.
        shown: dict[tuple[int, ...], LineFacts] = {}
        for line in mined.lines:
            if line.outcome == name:
                boxes = mined.pages[line.page].matching.reasons[line.at]
                key = (line.page, *boxes) if name == "merged" else (line.page, line.at)
                shown.setdefault(key, line)
        found = [_of_line(mined, line) for line in shown.values()]
    ranks: dict[int, int] = {}
    ranked = []
    for one in found:
        ranks[one.page] = ranks.get(one.page, 0) + 1
        ranked.append((ranks[one.page], one))
    return [one for _, one in sorted(ranked, key=lambda pair: pair[0])]


def _of_line(mined: Mined, line: LineFacts) -> _Failed:
    of_page = mined.pages[line.page]
    region = of_page.labels.regions[line.at]
    about = of_page.matching.reasons[line.at]
    boxes = (of_page.detected[at].polygon for at in about)
    texts = [short(region.text)]
    if line.outcome == "merged":
        together = zip(of_page.labels.regions, of_page.matching.reasons, strict=True)
        texts = [short(one.text) for one, reasons in together if reasons == about]
    caption = say(
        "{text}: {height:.0f} px high, {seen:.0f} as seen, contrast {contrast:.2f}",
        text=", ".join(texts),
        height=line.height_px,
        seen=line.seen_px,
        contrast=line.contrast,
    )
    return _Failed(line.page, (region.polygon, *boxes), caption)


def _pages_sections(mined: Mined) -> Iterator[Section]:
    counts = [sum(of_page.matching.failures().values()) for of_page in mined.pages]
    worst = sorted(range(len(counts)), key=lambda at: (-counts[at], at))[:SHOWN_PAGES]
    worst = [at for at in worst if counts[at]]
    if not worst:
        return
    pictures: list[PagePicture] = []
    for at in worst:
        of_page = mined.pages[at]
        caption = say(
            "{failures} of {lines}",
            failures=say_n("{n:,} failure", "{n:,} failures", counts[at]),
            lines=line_count(of_page.counts.labels),
        )
        pictures.append(page_picture(of_page, read_image(of_page.labels.image), caption))
    body = _key() + pictures_body(pictures)
    yield Section(say("Pages with the most failures"), body, id="pages", is_wide=True)


def _key() -> Markup:
    return render(PACKAGE, "key.html.j2", kinds=KEY)


def _table_section(figures: DetMined) -> Section:
    columns = [
        Column(say("Page")),
        Column(say("Labels"), is_number=True),
        Column(say("Boxes"), is_number=True),
        Column(say("Matched"), is_number=True),
        *(Column(FAILURE_WORDS[name], is_number=True) for name in FAILURES),
    ]
    rows: list[Sequence[CellLike]] = [
        (one.path, one.labels, one.boxes, one.matched, *(one.failures[name] for name in FAILURES))
        for one in figures.evaluation.by_page
    ]
    return Section(say("All pages"), table(columns, rows, shown=50), id="table")
