"""`train det export`: a trained detector as the folder that goes into production."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textlines.errors import UsageError
from textlines.request_options import check_request, command
from train.shared_options import Images, Json

if TYPE_CHECKING:
    from train.detection.detector_candidate import ExportedDetector


@dataclass(frozen=True, slots=True, kw_only=True)
class DetExportRequest:
    """What is exported, with which settings; the fields are the options of the command.

    Attributes:
        source: a run folder, or what names a detector. out: of the folder that is made.
        labels, images: pages to compare the forms on.

    Raises:
        UsageError: the settings are named twice, or an option lacks the one that it belongs to.
    """

    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A run folder (its best/ is taken), or a detector: a name "
            "(PP-OCRv5_mobile_det), an exported folder, an .onnx file.",
        ),
    ]
    out: Annotated[Path, typer.Option(help="Folder to make, e.g. candidate/.")]
    labels: Annotated[
        Path | None,
        typer.Option(help="Page label file of pages to prove all forms on; 16 of them at most."),
    ] = None
    images: Images = None
    tuned: Annotated[
        Path | None,
        typer.Option(
            help="tuned.toml of `train det tune`: its settings. [default: the run's, else those "
            "as deployed]"
        ),
    ] = None
    as_deployed: Annotated[
        bool,
        typer.Option("--as-deployed", help="Take the settings of the base, not the run's."),
    ] = False
    pdparams: Annotated[
        bool,
        typer.Option(
            "--pdparams",
            help="Also write pretrained.pdparams, for PaddleOCR's own training of PP-OCRv4 and v5 "
            "mobile: it has the statistics of the pages of --labels, and the branch of "
            "thresholds that a run has taught (train det plan --threshold-branch on).",
        ),
    ] = False

    def __post_init__(self) -> None:
        check_request(self)
        if self.pdparams and not self.labels:
            raise UsageError(
                "--pdparams", "needs pages like those that will be trained on", "Name --labels."
            )
        if self.tuned and self.as_deployed:
            raise UsageError("--tuned, --as-deployed", "name two settings", "Name one.")
        if self.images and not self.labels:
            raise UsageError("--images", "belongs to --labels", "Name that, too.")


def det_export(request: DetExportRequest) -> dict[str, Any]:
    """Write the folder, as `train det export` does.

    Nothing goes to stdout; progress goes to stderr.

    Returns:
        What `train det export --json` prints (docs/json.md).

    Raises:
        MendError: files or options cannot be used as they are; its text is the command's.
    """
    result = exported(request, as_json=False)
    from train.detection.export_text import exported_record

    return exported_record(result)


def exported(request: DetExportRequest, *, as_json: bool) -> "ExportedDetector":
    """Write the folder.

    Args:
        as_json: whether progress goes to stderr as JSON lines.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    from textlines.outputs import check_outputs, folder
    from textlines.progress import watching
    from train.commands.needed import need_paddle_on_cpu, need_polygons

    source = Path(request.source)
    check_outputs(
        [folder("--out", request.out)],
        {
            "SOURCE": [request.source, source / "best"],
            "--labels": request.labels,
            "--images": request.images,
            "--tuned": request.tuned,
        },
    )
    need_polygons("train det export")
    from train.detection.detector_source import open_detector_source

    # As for recognizers: faults of what was named are told before Paddle is loaded.
    opened = open_detector_source(request.source)
    need_paddle_on_cpu("train det export", "yaml")
    from train.detection.detector_candidate import settle_settings, write_detector

    settled = settle_settings(opened, tuned=request.tuned, as_deployed=request.as_deployed)
    with watching("pages seen by each form", as_json=as_json) as watch:
        return write_detector(
            opened,
            request.out,
            settled,
            labels=request.labels,
            images=request.images,
            with_checkpoint=request.pdparams,
            watch=watch,
        )


def _print_exported(request: DetExportRequest, *, json: Json = False) -> None:
    """Write a detector as PaddleOCR 3.x and onnxruntime run it, proven to find alike.

    inference.json, inference.pdiparams and inference.yml for PaddleOCR, inference.onnx for
    onnxruntime, a record of hashes and comparisons (export.toml), and the history of the pages
    that its steps have seen. Float32. Nothing is written if a form gives other maps than the
    model as it came. Prints the lines that tell PaddleOCR the settings.
    """
    from json import dumps

    result = exported(request, as_json=json)
    from train.detection.export_text import exported_record, exported_text

    if json:
        sys.stdout.write(dumps(exported_record(result), ensure_ascii=False) + "\n")
        return
    for line in exported_text(result):
        print(line)


command_line = command(DetExportRequest, _print_exported)
