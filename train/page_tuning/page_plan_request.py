"""What `train det plan` is asked for. Imports next to nothing: the options are made from here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from textlines.errors import UsageError
from textlines.formats.judged_set import JudgedBy
from textlines.request_options import SPREAD, check_request
from train.networks.devices import DeviceChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class DetPlanRequest:
    """What a run is to do, and where it is written; the fields are the options of the command.

    Attributes:
        model: the base. mix: the folder of the mix. out: of the run.
        stop_on, general_stop: page label files to blend by; None and () hold pages of the mix out.
        images: the folder that their paths start from; None takes that of each file.
        hold_out: share of the mix's pages that are held out.
        minutes: 0 for no budget. epochs: None takes what is usual.
        rate: None takes the guide's. shrink_ratio: None fits it to the base model.

    Raises:
        UsageError: a number is out of range, or reading is the objective and nothing reads.
    """

    model: Annotated[
        str,
        typer.Option(
            help="The detector to start from: a name (PP-OCRv4_mobile_det), an exported folder, an "
            ".onnx file."
        ),
    ]
    mix: Annotated[Path, typer.Option(help="Folder of `balance mix` of pages: what to train on.")]
    out: Annotated[Path, typer.Option(help="Folder of the run.")]
    stop_on: Annotated[
        Path | None,
        typer.Option(
            help="Page label file of the scene to blend and tune by, never the gate's. [default: "
            "own pages held out of the mix]"
        ),
    ] = None
    general_stop: Annotated[
        tuple[Path, ...],
        SPREAD,
        typer.Option(
            help="Page label files that must not get worse, never the gate's. [default: other "
            "pages held out of the mix]"
        ),
    ] = ()
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that paths of these start from. [default: that of each file]"),
    ] = None
    hold_out: Annotated[
        float, typer.Option(min=0.02, max=0.5, help="Share of pages that are held out.")
    ] = 0.2
    minutes: Annotated[
        float, typer.Option(min=0, help="Fit the steps to this wall time. [default: no budget]")
    ] = 0.0
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the lists, at most. [default: 8]")
    ] = None
    tune: Annotated[
        Literal["whole", "neck"],
        typer.Option(help="whole: every layer. neck: neck and head, the backbone stays."),
    ] = "whole"
    replay: Annotated[
        Literal["maps", "labels"],
        typer.Option(
            help="What pages of other scenes teach. maps: what the base finds on them, so that it "
            "is kept; labels: their labels."
        ),
    ] = "maps"
    threshold_branch: Annotated[
        Literal["off", "on"],
        typer.Option(
            help="Whether a branch of thresholds is made anew, learns by itself first, and then "
            "with the network, as when PaddleOCR trains from scratch. Prediction needs none."
        ),
    ] = "off"
    rate: Annotated[
        float | None, typer.Option(help="Peak learning rate. [default: the guide's]")
    ] = None
    batch: Annotated[int, typer.Option(min=1, help="Crops a step.")] = 4
    side: Annotated[int, typer.Option(min=32, help="Of a crop, in pixels, a multiple of 32.")] = 640
    device: Annotated[
        DeviceChoice,
        typer.Option(help="What to train on. auto: a GPU where this Paddle has one, else the CPU."),
    ] = "auto"
    shrink_ratio: Annotated[
        float | None,
        typer.Option(
            min=0.4,
            max=0.98,
            help="By which labels are shrunk. [default: fitted to what the base model finds]",
        ),
    ] = None
    tuned: Annotated[
        Path | None,
        typer.Option(
            help="tuned.toml of `train det tune`: the scene is shown at its size too. [default: "
            "the size at which most lines are found]"
        ),
    ] = None
    objective: Annotated[
        Literal["hmean", "reading"],
        typer.Option(
            help="What the blend is chosen by: boxes that fit, or lines as they are read."
        ),
    ] = "hmean"
    recognizer: Annotated[
        str | None, typer.Option(help="What reads the boxes: a model as of `train evaluate`.")
    ] = None
    comparison: Annotated[JudgedBy, typer.Option(help="By which a reading of a line is right.")] = (
        "exact"
    )
    paddleocr_yaml: Annotated[
        Path | None,
        typer.Option(
            help="Also write the plan for PaddleOCR's own tools/train.py (PP-OCRv4 and v5 mobile), "
            "with lists without the pages held out."
        ),
    ] = None
    student: Annotated[
        Path | None,
        typer.Option(help="With it: the student's weights (.pdparams) that PaddleOCR begins at."),
    ] = None
    seed: Annotated[int, typer.Option(help="Another seed holds out and shows others.")] = 0

    def __post_init__(self) -> None:
        check_request(self)
        if self.objective == "reading" and not self.recognizer:
            raise UsageError(
                "--objective reading", "needs a --recognizer", "Name one: PP-OCRv5_mobile_rec."
            )
        if self.side % 32:
            raise UsageError(f"--side {self.side}", "is no multiple of 32", "Write --side 640.")
