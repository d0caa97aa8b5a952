"""Options that several commands share: one name, one meaning, one line of help."""

from typing import Annotated

import typer

Encoding = Annotated[
    str, typer.Option(help="Of the label files: CP949, UTF-16, ... [default: UTF-8]")
]
CutPrefix = Annotated[
    str,
    typer.Option(
        help="What paths of the label files begin with beyond the folder of the images "
        "(train_data/rec/); */ takes their file names alone."
    ),
]
UseSpaceChar = Annotated[
    bool | None,
    typer.Option(
        "--use-space-char/--no-space",
        help="Whether the model reads spaces. [default: as the dictionary's YAML or model folder "
        "or the profile says; else it does]",
    ),
]
