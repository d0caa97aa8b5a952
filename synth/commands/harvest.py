"""`synth harvest`: grounds out of crops."""

import json
from pathlib import Path
from typing import Annotated

import typer

from textlines.wording.counts import count_of


def harvest(
    crops: Annotated[Path, typer.Option(help="Folder of your crops: an image for each line.")],
    out: Annotated[Path, typer.Option(help="Folder to write, for --backgrounds.")],
    labels: Annotated[
        Path | None,
        typer.Option(help="Label file of the crops, its paths from --crops. [default: readings]"),
    ] = None,
    model: Annotated[
        str, typer.Option(help="Recognizer that is asked: its folder, file or name.")
    ] = "PP-OCRv4_mobile_rec",
    count: Annotated[int, typer.Option(min=1, help="Crops to take grounds from, at most.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="Which crops, where there are more.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="Say it in JSON (docs/json.md).")] = False,
) -> None:
    """Paint the ink out of crops and keep the grounds in which the model reads no text any more.

    Light, texture, frames and edges stay. The grounds show your photos: share them as you would
    those.
    """
    from textlines.outputs import Tree, check_outputs, folder

    check_outputs(
        [folder("--out", out, ("*.png",))],
        {"--crops": Tree(crops), "--labels": labels, "--model": model},
    )
    from synth.calibrate.crops import read_crops
    from synth.calibrate.harvest import REASONS
    from synth.calibrate.harvest import harvest as harvested
    from textlines.line_reader import open_line_reader
    from textlines.progress import watching

    reader = open_line_reader(model)
    with watching("crops read") as watch:
        real = read_crops(crops, labels, reader, seed=seed, most=count, watch=watch)
    with watching("crops looked at") as watch:
        made = harvested(real, reader, out, watch)
    if json_:
        record = {"grounds": len(made.files), "folder": str(out), "left_out": made.left_out}
        print(json.dumps(record, ensure_ascii=False))
        return
    for reason, number in made.left_out.items():
        print(f"left out: {REASONS.get(reason, reason)}: {number:,}")
    print(f"{out}: {count_of(len(made.files), 'ground')}; use them by --backgrounds {out}")
