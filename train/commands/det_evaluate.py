"""`train det evaluate`: how well a detector finds the text lines of labelled pages."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textlines.request_options import command
from textlines.wording import Sentence
from train.commands.det_pages import PagesRequest, judging, need_one, open_pages
from train.shared_options import Device, Json

if TYPE_CHECKING:
    from train.detection.evaluation import DetEvaluation
    from train.reading.model_opening import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class DetEvaluateRequest(PagesRequest):
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
    device: Device = "auto"
    out: Annotated[
        Path | None, typer.Option(help="Write the figures here (JSON), page by page, too.")
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1


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
            "--tuned": request.tuned,
            "--recognizer": request.recognizer,
            "--dictionary": request.dictionary,
        },
    )
    tally = Tally()
    opened = open_pages(request, "train det evaluate", tally)
    recognizer = _recognizer(request)
    reader = line_reader_of(recognizer.engine) if recognizer else None
    with judging(opened, tally, reader, strict=request.strict, as_json=as_json) as seen:
        judged = [page for page, _ in seen]
    need_one(judged, opened, request)
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


command_line = command(DetEvaluateRequest, _print_evaluation)
