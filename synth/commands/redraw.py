"""`synth redraw`: one sample of a run again, the same bytes."""

from pathlib import Path
from typing import Annotated

import typer


def redraw(
    folder: Annotated[Path, typer.Argument(help="The --out of synth generate.")],
    index: Annotated[int, typer.Option(help="Number of the sample, from 0.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write. Default: the image in the folder.")
    ] = None,
    fonts: Annotated[
        list[Path] | None, typer.Option(help="Folders of fonts, as the run had them.")
    ] = None,
    backgrounds: Annotated[
        Path | None, typer.Option(help="Folder of photos, as the run had it.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Say it in JSON (docs/json.md).")] = False,
) -> None:
    """Draw one sample again from the run's own record, and check that the bytes are the same."""
    import json

    from synth.run.redrawing import redraw_sample
    from textlines.outputs import NEW, Tree, check_outputs, file

    check_outputs(
        [file("--out", out, NEW)],
        {"FOLDER": folder, "--fonts": fonts, "--backgrounds": backgrounds and Tree(backgrounds)},
    )
    done = redraw_sample(folder, index, tuple(fonts or ()), backgrounds, out)
    if json_:
        record = {
            "sample": index,
            "image": str(done.path),
            "sha256": done.sha256,
            "was_there": done.was_there,
        }
        print(json.dumps(record, ensure_ascii=False))
        return
    state = "the same bytes as in the folder" if done.was_there else "no image was there"
    print(f"{done.path}: sample {index}, {state}")
