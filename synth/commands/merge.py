"""`synth merge`: shards that several machines drew to one whole."""

from pathlib import Path
from typing import Annotated

import typer


def merge(
    folder: Annotated[Path, typer.Argument(help="The --out that all shards were drawn into.")],
) -> None:
    """Check that all shards are there and write the label file and the manifest."""
    from synth.running.render import conclude, require_wanted
    from synth.running.run_folder import locked, recording
    from synth.running.shards import Share
    from textlines.formats.run_record import read_run

    read_run(folder)  # before anything in the folder is locked
    with locked(folder, Share()), recording(folder):
        final = conclude(folder, read_run(folder))
    print(f"{final.counts['samples']} images in {folder}")
    require_wanted(folder, final)
