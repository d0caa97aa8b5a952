"""`synth merge`: shards that several machines drew to one whole."""

from pathlib import Path
from typing import Annotated

import typer


def merge(
    folder: Annotated[Path, typer.Argument(help="The --out that all shards were drawn into.")],
) -> None:
    """Check that all shards are there and write the label file and the manifest."""
    from synth.running.render import PLANNED, conclude, require_wanted
    from synth.running.run_folder import RECORD, locked, recording
    from synth.running.shards import Share
    from textlines.errors import InputError
    from textlines.labels.run_record import RunRecord

    path = folder / RECORD
    if not path.exists():
        raise InputError(str(folder), f"holds no {RECORD}", "Name the --out of synth generate.")
    with locked(folder, Share()), recording(folder):
        record = RunRecord.read(path)
        if PLANNED not in record.counts:
            raise InputError(str(folder), "has no plan yet", "Call synth generate again.")
        final = conclude(folder, record)
    print(f"{final.counts['samples']} images in {folder}")
    require_wanted(folder, final)
