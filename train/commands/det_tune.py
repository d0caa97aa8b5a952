"""`train det tune`: the prediction settings of a detector."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from textlines.errors import UsageError
from textlines.formats.judged_set import JudgedBy
from textlines.request_options import check_request, command
from train.shared_options import Images, Json, Workers

if TYPE_CHECKING:
    from textlines.labels.tally import Tally
    from train.detection.detector import Detector
    from train.detection.page_outcomes import BoxReader
    from train.detection.settings import BoxType
    from train.detection.tune_job import Tuned


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneRequest:
    """What is tuned, on what; the fields are the options of the command.

    Attributes:
        labels, images: pages of the search. judge, judge_images: other pages; None judges by folds.
        out: the settings; `inference.yml` is written beside it.
        memory: in GB, that pages may take; None takes half of what is free.

    Raises:
        UsageError: reading is the objective and nothing reads, or a number is out of range.
    """

    model: Annotated[
        str,
        typer.Option(
            help="The detector: a name (PP-OCRv5_mobile_det), an exported folder, an .onnx file."
        ),
    ]
    labels: Annotated[
        Path,
        typer.Option(
            help="Page label file to search on: path, tab, a list of transcription and points."
        ),
    ]
    out: Annotated[
        Path, typer.Option(help="Settings to write (.toml); inference.yml comes beside it.")
    ]
    images: Images = None
    judge: Annotated[
        Path | None,
        typer.Option(help="Page label file of other pages to judge by. [default: folds of pages]"),
    ] = None
    judge_images: Annotated[
        Path | None,
        typer.Option(help="Folder that its paths start from. [default: that of the label file]"),
    ] = None
    objective: Annotated[
        Literal["hmean", "reading"],
        typer.Option(
            help="hmean: boxes that fit (PaddleOCR's); reading: lines read exactly (of fewer than "
            "50 lines, how like its label each is read)."
        ),
    ] = "hmean"
    recognizer: Annotated[
        str | None,
        typer.Option(
            help="What reads the boxes: a folder of `train weights`, an exported Paddle folder, an "
            ".onnx file, or a name."
        ),
    ] = None
    comparison: Annotated[JudgedBy, typer.Option(help="By which a reading of a line is right.")] = (
        "exact"
    )
    box_type: Annotated[
        Literal["deployed", "quad", "poly", "best"],
        typer.Option(
            help="Form of boxes: as deployed, quads, polygons (for paddleocr.TextDetection alone), "
            "or the better of both."
        ),
    ] = "deployed"
    folds: Annotated[int, typer.Option(min=2, max=20, help="Without --judge: how many folds.")] = 4
    memory: Annotated[
        float | None,
        typer.Option(min=0.01, help="GB that pages may take. [default: half of what is free]"),
    ] = None
    workers: Workers = None
    seed: Annotated[
        int, typer.Option(help="Draws the pages, where reading is searched on some of them.")
    ] = 0

    def __post_init__(self) -> None:
        check_request(self)
        if self.objective == "reading" and not self.recognizer:
            raise UsageError(
                "--objective reading", "needs a --recognizer", "Name one: PP-OCRv5_mobile_rec."
            )
        if self.judge_images and not self.judge:
            raise UsageError("--judge-images", "belongs to --judge", "")


def tuned(request: TuneRequest, *, as_json: bool = False) -> "tuple[Tuned, Detector, Tally]":
    """Search, judge and write both files.

    Raises:
        InputError: something cannot be read, or does not fit into memory.
        UsageError: an output would replace an input.
    """
    from textlines.outputs import Form, Output, check_outputs

    ours = Form("a file of `train det tune`", re.compile(rb"# Prediction settings of a detector, "))
    check_outputs(
        [
            Output("--out", request.out, ours),
            Output("--out", request.out.with_name("inference.yml"), ours),
        ],
        {
            "--model": request.model,
            "--labels": request.labels,
            "--images": request.images,
            "--judge": request.judge,
            "--judge-images": request.judge_images,
            "--recognizer": request.recognizer,
        },
    )
    import os

    from textlines.files import replacing
    from textlines.labels.tally import Tally
    from textlines.progress import watching
    from train.detection.deployment import tuned_yml
    from train.detection.detector import open_detector
    from train.detection.memory import memory_need
    from train.detection.tune_job import TuneJob, tune

    detector = open_detector(request.model)
    tally = Tally()
    job = TuneJob(
        detector=detector,
        model=request.model,
        need=memory_need(detector),
        labels=request.labels,
        images=request.images,
        judge=request.judge,
        judge_images=request.judge_images,
        objective=request.objective,
        reader=_reader(request),
        recognizer=request.recognizer or "",
        folds=request.folds,
        forms=_FORMS[request.box_type],
        workers=request.workers or os.cpu_count() or 1,
        memory=int(request.memory * 1e9) if request.memory else None,
        seed=request.seed,
    )
    result = tune(
        job,
        tally,
        lambda what: watching(what, as_json=as_json),
        lambda line: print(line, file=sys.stderr),
    )
    configuration = replace(detector.configuration, settings=result.settings)
    with replacing(request.out.with_name("inference.yml")) as out:
        out.write(tuned_yml(configuration))
    result.file.write(request.out)  # last: where it is there, all is
    return result, detector, tally


_FORMS: "Mapping[str, tuple[BoxType, ...]]" = {
    "deployed": (),
    "quad": ("quad",),
    "poly": ("poly",),
    "best": ("quad", "poly"),
}


def _reader(request: TuneRequest) -> "BoxReader | None":
    if not request.recognizer:
        return None
    from train.detection.page_outcomes import BoxReader
    from train.reading.model_opening import open_model

    return BoxReader(open_model(request.recognizer).engine, request.comparison)


def _print_tuned(request: TuneRequest, *, json: Json = False) -> None:
    """Search the settings by which a detector predicts: no training, and often the largest gain.

    The size that it sees pages at, how far boxes are grown, both thresholds, dilation and score
    mode; searched on labelled pages, judged on others (--judge) or fold by fold. Writes the
    settings, an inference.yml, and prints what tells PaddleOCR.
    """
    from train.detection.tune_text import tuned_text

    result, detector, tally = tuned(request, as_json=json)
    if json:
        sys.stdout.write(result.file.model_dump_json(indent=1) + "\n")
        return
    configuration = replace(detector.configuration, settings=result.settings)
    source = detector.source.path
    folder = source if source.is_dir() else source.parent
    for line in tuned_text(result, configuration, folder):
        print(line)
    for line in tally.lines():
        print(line)
    print(f"settings: {request.out}, {request.out.with_name('inference.yml')}")


command_line = command(TuneRequest, _print_tuned)
