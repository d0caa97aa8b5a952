"""Labelled pages as a detector sees them, for the commands of `train det`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textlines.request_options import check_request

if TYPE_CHECKING:
    from textlines.labels.tally import Tally
    from textlines.pixels.arrays import Image
    from textlines.regions.page_file import PageLabels
    from train.detection.detector import Detector
    from train.detection.judged_pages import JudgedPage, LineReader


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesRequest:
    """Which pages are looked at, with which detector."""

    model: Annotated[
        str,
        typer.Option(
            help="The detector: a name (PP-OCRv5_mobile_det), an exported Paddle folder, or an "
            ".onnx file."
        ),
    ]
    labels: Annotated[
        Path,
        typer.Option(
            help="Page label file: path, tab, JSON of corners and texts, as PPOCRLabel writes it; "
            "or its folder, which holds Label.txt."
        ),
    ]
    images: Annotated[
        Path | None,
        typer.Option(
            help="Folder that paths start from. [default: that of the label file, or above it]"
        ),
    ] = None
    tuned: Annotated[
        Path | None,
        typer.Option(
            help="tuned.toml of `train det tune`: its settings. [default: those as deployed]"
        ),
    ] = None
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Stop where a page or a region would be left out."),
    ] = False

    def __post_init__(self) -> None:
        check_request(self)


@dataclass(frozen=True, slots=True)
class OpenedPages:
    """A detector with the pages that it is to see.

    Attributes:
        inputs: sha256 by name. versions: of what computes.
    """

    detector: "Detector"
    name: str
    pages: "list[PageLabels]"
    inputs: Mapping[str, str]
    versions: Mapping[str, str]

    @property
    def settings(self) -> dict[str, Any]:
        """What it predicts with, as it is written."""
        return asdict(self.detector.settings)


def open_pages(request: PagesRequest, name: str, tally: "Tally") -> OpenedPages:
    """Open the detector and read the page labels.

    Raises:
        InputError: something is missing or not installed, or no page is left.
    """
    from textlines.files import sha256_of
    from textlines.regions.page_file import label_file_of, read_pages
    from train.commands.needed import need_polygons

    need_polygons(name)
    from train.detection.detector import open_detector
    from train.detection.judged_pages import no_page

    file = label_file_of(request.labels)
    pages = list(
        read_pages(request.labels, tally=tally, images=request.images, strict=request.strict)
    )
    if not pages:
        raise no_page(file, tally)
    detector = open_detector(request.model)
    known = {file.as_posix(): sha256_of(file)}
    if request.tuned:
        from train.detection.tuned_file import read_tuned

        detector = detector.with_settings(read_tuned(request.tuned).settings.settings())
        known[request.tuned.as_posix()] = sha256_of(request.tuned)
    hashes = {f"{request.model}/{one}": digest for one, digest in detector.hashes().items()}
    return OpenedPages(
        detector=detector,
        name=detector.source.name,
        pages=pages,
        inputs={**known, **hashes},
        versions={"detector": detector.name},
    )


@contextmanager
def judging(
    opened: OpenedPages,
    tally: "Tally",
    line_reader: "LineReader | None" = None,
    *,
    strict: bool,
    as_json: bool,
) -> "Iterator[Iterator[tuple[JudgedPage, Image]]]":
    """Let the detector see the pages, with progress on stderr."""
    from textlines.progress import watching
    from train.detection.judged_pages import judge_pages

    with watching("pages", as_json=as_json) as watch:
        yield judge_pages(
            opened.pages,
            opened.detector,
            tally,
            line_reader=line_reader,
            strict=strict,
            watch=watch,
        )


def need_one(judged: "list[JudgedPage]", opened: OpenedPages, request: PagesRequest) -> None:
    """Check that a page could be read.

    Raises:
        InputError: none could.
    """
    from textlines.errors import InputError

    if not judged:
        raise InputError(
            str(request.labels),
            f"none of its {len(opened.pages):,} pages can be decoded",
            "Is --images right? Convert the images to JPEG or PNG.",
        )
