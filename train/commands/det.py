"""`train det`: how well a detector finds the text lines of pages, and which ones it misses."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textlines.request_options import check_request, command
from textlines.wording import Sentence, pages_in
from train.shared_options import Device, Json, Lang

if TYPE_CHECKING:
    from textlines.labels.tally import Tally
    from textlines.regions.page_file import PageLabels
    from train.detection.detector import Detector
    from train.detection.evaluation import DetEvaluation
    from train.detection.judged_pages import JudgedPage, LineReader
    from train.detection.mining import LineFacts, Mined
    from train.reading.model_opening import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class _PagesRequest:
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
    device: Device = "auto"
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Stop where a page or a region would be left out."),
    ] = False

    def __post_init__(self) -> None:
        check_request(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetEvaluateRequest(_PagesRequest):
    """What is measured, and what is written of it; the fields are the options of the command.

    Attributes:
        recognizer: reads the lines, from the detector's boxes and from the labelled ones.
        out: the figures with the table by page.
    """

    recognizer: Annotated[
        str | None,
        typer.Option(
            help="What reads the lines, from the detector's boxes and from the labelled ones: a "
            "folder of `train weights`, an exported Paddle folder, an .onnx file, or a name."
        ),
    ] = None
    dictionary: Annotated[
        Path | None, typer.Option(help="The recognizer's dictionary, if none is with it.")
    ] = None
    out: Annotated[
        Path | None, typer.Option(help="Write the figures here (JSON), page by page, too.")
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DetMineRequest(_PagesRequest):
    """What is looked for, and what is written of it; the fields are the options of the command.

    Attributes:
        out: the figures; html: the page. areas: failures that the page shows.
    """

    out: Annotated[Path | None, typer.Option(help="Write the figures here (JSON).")] = None
    html: Annotated[
        Path | None, typer.Option(help="Write a page with pictures of what is missed.")
    ] = None
    areas: Annotated[int, typer.Option(min=0, help="How many failures the page shows at most.")] = (
        72
    )
    lang: Lang = None


@dataclass(frozen=True, slots=True)
class _Opened:
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


def _open(request: _PagesRequest, name: str, tally: "Tally") -> _Opened:
    """Open the detector and read the page labels.

    Raises:
        InputError: something is missing, or no page is left. UsageError: there is no such device.
    """
    from textlines.files import sha256_of
    from textlines.regions.page_file import label_file_of, read_pages
    from train.commands.needed import need_polygons

    need_polygons(name)
    from train.detection.detector import open_detector

    file = label_file_of(request.labels)
    pages = list(
        read_pages(request.labels, tally=tally, images=request.images, strict=request.strict)
    )
    if not pages:
        raise _no_page(file, tally)
    detector = open_detector(
        request.model, device="cpu" if request.device == "auto" else request.device
    )
    hashes = {f"{request.model}/{one}": digest for one, digest in detector.hashes().items()}
    return _Opened(
        detector=detector,
        name=detector.source.name,
        pages=pages,
        inputs={file.as_posix(): sha256_of(file), **hashes},
        versions={"detector": detector.name},
    )


def _no_page(file: Path, tally: "Tally") -> Exception:
    from textlines.defects import of_annotations
    from textlines.errors import InputError
    from textlines.labels.fitting import other_form, way_in

    told = "; ".join(tally.lines(of_annotations.PAGE_FILE)) or "it is empty"
    other = other_form(file)
    if other is not None and other.format and other.format != "ppocr-det":
        return InputError(
            str(file), f"is {other.name}, and no page label file", way_in(file, other)
        )
    return InputError(
        str(file),
        f"holds no page ({told})",
        "Name a page label file: path, tab, JSON of points and transcription, one page a row. Its "
        "paths start from --images.",
    )


@contextmanager
def _judging(
    opened: _Opened, tally: "Tally", line_reader: "LineReader | None", as_json: bool
) -> "Iterator[Iterator[tuple[JudgedPage, Any]]]":
    """Let the detector see the pages, with progress on stderr."""
    from textlines.progress import watching
    from train.detection.judged_pages import judge_pages

    with watching("pages", as_json=as_json) as watch:
        yield judge_pages(
            opened.pages, opened.detector, tally, line_reader=line_reader, watch=watch
        )


def _need_one(judged: "list[JudgedPage]", opened: _Opened, request: _PagesRequest) -> None:
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


def det_evaluate(request: DetEvaluateRequest) -> dict[str, Any]:
    """Measure a detector and write the file that is named, as `train det evaluate` does.

    Nothing goes to stdout; progress goes to stderr.

    Returns:
        What `train det evaluate --json` prints (docs/json.md).

    Raises:
        MendError: files or options cannot be used as they are; its text is the command's.
    """
    evaluation, _ = evaluated(request, as_json=False)
    return evaluation.model_dump(mode="json", exclude={"by_page"})


def evaluated(
    request: DetEvaluateRequest, *, as_json: bool
) -> "tuple[DetEvaluation, list[Sentence]]":
    """Measure, and write the figures by page; return them, and notes on what they are of.

    Args:
        as_json: whether progress goes to stderr as JSON lines.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    from textlines.defects import of_annotations
    from textlines.errors import UsageError
    from textlines.files import replacing
    from textlines.labels.tally import Tally
    from textlines.outputs import DETECTION, check_outputs, file
    from train.detection.evaluation import evaluate_pages
    from train.detection.judged_pages import line_reader_of

    if request.dictionary and not request.recognizer:
        raise UsageError("--dictionary", "belongs to --recognizer", "Name that, too.")
    check_outputs(
        [file("--out", request.out, DETECTION)],
        {
            "--labels": request.labels,
            "--model": request.model,
            "--images": request.images,
            "--recognizer": request.recognizer,
            "--dictionary": request.dictionary,
        },
    )
    tally = Tally()
    opened = _open(request, "train det evaluate", tally)
    recognizer = _recognizer(request)
    reader = line_reader_of(recognizer.engine) if recognizer else None
    with _judging(opened, tally, reader, as_json) as seen:
        judged = [page for page, _ in seen]
    _need_one(judged, opened, request)
    hashes = recognizer.hashes if recognizer else {}
    evaluation = evaluate_pages(
        judged,
        detector=opened.name,
        settings=opened.settings,
        recognizer=recognizer.source.name if recognizer else "",
        tally=tally,
        inputs={
            **opened.inputs,
            **{f"{request.recognizer}/{one}": digest for one, digest in hashes.items()},
        },
        versions={**opened.versions, **(recognizer.versions() if recognizer else {})},
        seed=request.seed,
    )
    if request.out:
        with replacing(request.out) as out:
            out.write(evaluation.model_dump_json(indent=1) + "\n")
    return evaluation, tally.lines(of_annotations.PAGE_FILE)


def _recognizer(request: DetEvaluateRequest) -> "Opened | None":
    if request.recognizer is None:
        return None
    from train.reading.model_opening import open_model

    return open_model(request.recognizer, dictionary=request.dictionary, device=request.device)


def det_mine(request: DetMineRequest) -> dict[str, Any]:
    """Find which lines a detector misses and write what is named, as `train det mine` does.

    Nothing goes to stdout; progress goes to stderr.

    Returns:
        What `train det mine --json` prints (docs/json.md).

    Raises:
        MendError: files or options cannot be used as they are; its text is the command's.
    """
    mined, _ = mined_by(request, as_json=False)
    return mined.figures.model_dump(mode="json", exclude={"evaluation": {"by_page"}})


def mined_by(request: DetMineRequest, *, as_json: bool) -> "tuple[Mined, list[Sentence]]":
    """Mine, and write figures and page where they are asked for; return notes, too.

    Args:
        as_json: whether progress goes to stderr as JSON lines.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    from textlines.defects import of_annotations
    from textlines.files import replacing
    from textlines.labels.tally import Tally
    from textlines.outputs import DETECTION, check_outputs, file, page
    from train.detection.evaluation import evaluate_pages
    from train.detection.mining import facts_of, mine

    check_outputs(
        [file("--out", request.out, DETECTION), page("--html", request.html)],
        {"--labels": request.labels, "--model": request.model, "--images": request.images},
    )
    tally = Tally()
    opened = _open(request, "train det mine", tally)
    judged: list[JudgedPage] = []
    lines: list[LineFacts] = []
    with _judging(opened, tally, None, as_json) as seen:
        for judged_page, image in seen:
            size = opened.detector.settings.input_size
            lines += facts_of(judged_page, len(judged), image, size)
            judged.append(judged_page)
    _need_one(judged, opened, request)
    evaluation = evaluate_pages(
        judged,
        detector=opened.name,
        settings=opened.settings,
        tally=tally,
        inputs=opened.inputs,
        versions=opened.versions,
    )
    mined = mine(judged, lines, evaluation)
    notes = tally.lines(of_annotations.PAGE_FILE)
    if request.out:
        with replacing(request.out) as out:
            out.write(mined.figures.model_dump_json(indent=1) + "\n")
    if request.html:
        from train.detection.mine_page import mine_page

        with replacing(request.html) as out, pages_in(request.lang):
            out.write(mine_page(mined, areas=request.areas, notes=notes))
    return mined, notes


def _print_evaluation(request: DetEvaluateRequest, *, json: Json = False) -> None:
    """Measure how well a detector finds the text lines of labelled pages.

    Precision, recall and hmean as PaddleOCR counts them; six classes of failure; false boxes on
    pages without text; with --recognizer the lines that are read right from the detector's boxes
    and from the labelled ones. Intervals are by page.
    """
    evaluation, notes = evaluated(request, as_json=json)
    if json:
        sys.stdout.write(evaluation.model_dump_json(exclude={"by_page"}) + "\n")
        return
    from train.detection.evaluate_text import print_det_evaluation

    print_det_evaluation(evaluation, notes)
    if request.out:
        print(f"figures: {request.out}")


def _print_mine(request: DetMineRequest, *, json: Json = False) -> None:
    """Find which text lines a detector misses, and what they have in common.

    Says first whether the labels follow another convention than the detector (words where it finds
    lines), which no setting mends; then failures by class, size, contrast and place.
    """
    mined, notes = mined_by(request, as_json=json)
    if json:
        figures = mined.figures.model_dump_json(exclude={"evaluation": {"by_page"}})
        sys.stdout.write(figures + "\n")
        return
    from train.detection.mine_text import print_det_mined

    print_det_mined(mined.figures, notes)
    for what, path in (("figures", request.out), ("page", request.html)):
        if path:
            print(f"{what}: {path}")


app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


@app.callback()
def _det() -> None:
    """Find what a detector of text lines misses on your pages."""


app.command("evaluate")(command(DetEvaluateRequest, _print_evaluation))
app.command("mine")(command(DetMineRequest, _print_mine))
