"""What `train gate` is asked for. Imports next to nothing: its options are made from here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from textlines.formats.judged_set import JudgedSet
from textlines.request_options import SPREAD, Read, check_request
from train.shared_options import Device, Lang, Turn, read_sets


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRequest:
    """Which candidate is judged against which base, on what; the fields are the command's options.

    Attributes:
        turn: whether both models read crops in their turns; None as the candidate's record says,
            or the base's: they are compared as they will be used.
        delta: in points. group: a regular expression on the path.
        html, json, junit: files of the verdict. out: the folder of both models' predictions.
        device: of both, so that nothing but the weights differs: auto is a GPU where both can be
            read there.

    Raises:
        UsageError: a number is out of range.
    """

    base: Annotated[
        str,
        typer.Option(
            help="The model in use: a folder of `train weights`, an exported Paddle folder, an "
            ".onnx file, or a name (PP-OCRv4_mobile_rec)."
        ),
    ]
    candidate: Annotated[str, typer.Option(help="The model that is to replace it.")]
    general: Annotated[
        tuple[JudgedSet, ...],
        Read(read_sets, is_repeated=True),
        SPREAD,
        typer.Option(
            metavar="FILE[:COMPARISON]...", help="Label files of lines that must not get worse."
        ),
    ]
    target: Annotated[
        tuple[JudgedSet, ...],
        Read(read_sets, is_repeated=True),
        SPREAD,
        typer.Option(
            metavar="FILE[:COMPARISON]...",
            help="Label files of lines that are to be read better. COMPARISON: exact (default), "
            "casefold, alnum (only letters and digits count), nospace. Without any it cannot tell.",
        ),
    ] = ()
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that paths start from. [default: that of each label file]"),
    ] = None
    group: Annotated[
        str | None,
        typer.Option(
            help="Expression on the path whose first brackets name the document: ^crops/([^_]+)_. "
            "Intervals then hold for new documents."
        ),
    ] = None
    delta: Annotated[
        float,
        typer.Option(help="What the general sets may lose together, in points.", min=0.01, max=100),
    ] = 1.0
    html: Annotated[Path | None, typer.Option(help="Write the verdict as a page.")] = None
    lang: Lang = None
    json: Annotated[Path | None, typer.Option(help="Write the verdict as JSON.")] = None
    junit: Annotated[Path | None, typer.Option(help="Write the verdict as JUnit XML.")] = None
    turn: Turn = None
    allow_seen: Annotated[
        bool,
        typer.Option(
            "--allow-seen", help="Judge on lines that an earlier step saw; the verdict says so."
        ),
    ] = False
    synthetic: Annotated[
        tuple[str, ...],
        typer.Option(help="A note that marks the verdict as one of rendered lines. Repeatable."),
    ] = ()
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the predictions of both; the same call goes on with them."),
    ] = None
    device: Device = "auto"
    workers: Annotated[int | None, typer.Option(min=1, help="Threads. [default: all cores]")] = None
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1

    def __post_init__(self) -> None:
        check_request(self)
