"""`synth merge`: shards that several machines drew to one whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from textlines.wording.counts import count_of, form_of


def merge(
    folder: Annotated[Path, typer.Argument(help="The --out that all shards were drawn into.")],
    without: Annotated[
        Path | None,
        typer.Option(
            help="List of bad samples, saved from the page of synth preview: left out of the label "
            "file and the manifest. Without it all samples are taken."
        ),
    ] = None,
    allow_unserved: Annotated[
        bool,
        typer.Option(
            "--allow-unserved",
            help="End with 0 where characters that the run is for get fewer lines than asked.",
        ),
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Say it in JSON (docs/json.md).")] = False,
) -> None:
    """Check that all shards are there and write the label file and the manifest."""
    import json

    from synth.run.folder import Share, locked, recording
    from synth.run.merging import (
        conclude,
        read_marked,
        require_targets,
        require_wanted,
        short_words,
    )
    from synth.run.unserved import bearable
    from textlines.errors import UsageError
    from textlines.formats.run_record import PAGES, RECORD, RunRecord, read_run

    record = folder / RECORD
    if record.is_file() and RunRecord.read(record).command == PAGES:
        if without is not None:
            raise UsageError("--without", "is for lines, and these are pages", "Leave it away.")
        _merge_pages(folder, json_)
        return
    read_run(folder)  # before anything in the folder is locked
    marked = read_marked(without) if without else {}
    with locked(folder, Share()), recording(folder):
        before = read_run(folder)
        final = conclude(folder, before, marked)
    back = len(set(before.without).difference(final.without))
    if json_:
        told = {
            "out": str(folder),
            "counts": dict(final.counts),
            "left_out": len(final.without),
            "taken_again": back,
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(f"{count_of(final.counts['samples'], 'image')} in {folder}")
        if final.without:
            left_out = len(final.without)
            also = form_of(left_out, "it", "them")
            print(f"{left_out:,} left out that {without} names; run.json names {also} too")
        if back:
            were, are = form_of(back, "was", "were"), form_of(back, "is", "are")
            print(f"{back:,} that {were} left out before {are} taken again")
        if short := short_words(final.counts):
            print(short)
    require_wanted(folder, final)
    if not allow_unserved:
        require_targets(str(folder), final.counts, bearable(_chars(final.configuration)))


def _merge_pages(folder: Path, as_json: bool) -> None:
    """Merge the shards of `synth pages`."""
    import json

    from synth.layout.page_run import DRAWN, merge_pages
    from synth.run.folder import Share, locked, recording
    from textlines.formats.run_record import RECORD, RunRecord

    with locked(folder, Share()), recording(folder):
        final = merge_pages(folder, RunRecord.read(folder / RECORD))
    if as_json:
        record = {"out": str(folder), "counts": dict(final.counts)}
        print(json.dumps(record, ensure_ascii=False))
    else:
        print(f"{count_of(final.counts[DRAWN], 'page')} in {folder}")


def _chars(configuration: Mapping[str, Any]) -> str | None:
    """Return the --chars of a run; None for one of a profile or of texts."""
    chars = configuration.get("plan", {}).get("chars")
    return chars if isinstance(chars, str) else None
