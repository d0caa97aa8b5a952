"""Options that several commands share: one name, one meaning, one line of help."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from textlines.formats.judged_set import JudgedSet
from textlines.request_options import SPREAD, Read
from textlines.wording import LANG_HELP, Language

Images = Annotated[
    Path | None,
    typer.Option(help="Folder that paths start from. [default: that of the label file]"),
]
Encoding = Annotated[
    str, typer.Option(help="Of the label file: CP949, UTF-16, ... [default: UTF-8]")
]
CutPrefix = Annotated[
    str,
    typer.Option(
        help="What the label file's paths begin with beyond the folder of the images "
        "(train_data/rec/); */ takes their file names alone."
    ),
]
Device = Annotated[
    Literal["auto", "cpu", "gpu"],
    typer.Option(
        help="What models compute on. auto: a GPU where this Paddle has one (exported models and "
        "ONNX files always read on the CPU), else the CPU."
    ),
]
Engine = Annotated[
    Literal["auto", "onnx", "paddle"],
    typer.Option(help="Of --model. auto: onnx on the CPU, paddle on a GPU."),
]
Reference = Annotated[
    bool, typer.Option("--reference", help="Read with paddleocr.TextRecognition, batch 1.")
]
Turn = Annotated[
    Literal["auto", "off"] | None,
    typer.Option(
        help="auto: a crop is read upside down too (one that stands on its side: both ways round) "
        "and a clearly surer reading kept. [default: what the model's record says, else off]"
    ),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Threads for --model. [default: all cores]")
]


def read_sets(values: Sequence[str]) -> tuple[JudgedSet, ...]:
    """Read `FILE[:COMPARISON]`, of each value.

    Raises:
        UsageError: one names no label file.
    """
    return tuple(map(JudgedSet.parse, values))


_GENERAL_STOP = typer.Option(
    metavar="FILE[:COMPARISON]...",
    help="Label files of lines that must not get worse while training.",
)
GeneralStop = Annotated[list[str] | None, _GENERAL_STOP]
GeneralStops = Annotated[
    tuple[JudgedSet, ...], Read(read_sets, is_repeated=True), SPREAD, _GENERAL_STOP
]
StopImages = Annotated[
    Path | None,
    typer.Option(help="Folder that paths of these start from. [default: that of each file]"),
]
Lang = Annotated[Language | None, typer.Option(help=LANG_HELP, show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Say it in JSON (docs/json.md).")]
Strict = Annotated[bool, typer.Option("--strict", help="Stop where a line would be left out.")]

FEATURES = ("[0-9a-f][0-9a-f]",)
"""What is written into a folder of features: a folder for each first byte of a name."""
