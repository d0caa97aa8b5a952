"""`synth pack`: a finished run as one file or folder, as PaddleOCR or another tool reads it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textlines.wording.counts import count_of

if TYPE_CHECKING:
    from synth.run.packing import Form


def pack(
    folder: Annotated[Path, typer.Argument(help="The --out of synth generate, all shards drawn.")],
    out: Annotated[Path, typer.Option(help="File or folder to write.")],
    form: Annotated[
        str | None,
        typer.Option(
            help="tar, lmdb (PaddleOCR's), webdataset, parquet (Hugging Face), doctr, easyocr, "
            "mmocr or gt-txt (kraken, tesstrain). Default: tar, lmdb or parquet by the ending of "
            "--out."
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Say it in JSON.")] = False,
) -> None:
    """Pack images and labels of finished shards; the same run gives the same bytes anywhere."""
    import json

    from synth.run.packing import packed
    from synth.run.plan_files import PlanFiles
    from textlines.formats.run_record import read_run
    from textlines.outputs import ANY, check_outputs, file
    from textlines.outputs import folder as written
    from textlines.progress import watching

    chosen = _form(form, out)
    # What is there already, packing itself refuses.
    is_file = chosen in ("tar", "webdataset", "parquet")
    output = file("--out", out, ANY) if is_file else written("--out", out)
    check_outputs([output], {"FOLDER": folder})
    record = read_run(folder)
    extent, without = PlanFiles(folder, record).extent(), frozenset(record.without)
    samples = extent.samples

    def packed_so_far(count: int) -> None:
        watch(count, samples - len(without), "")

    boxes = bool(record.configuration.get("boxes"))
    with watching("images packed", as_json=json_) as watch:
        done = packed(folder, extent, out, chosen, packed_so_far, without, boxes=boxes)
    if json_:
        kept_out = {"left_out": len(without)} if without else {}
        print(json.dumps({"out": str(out), "form": chosen, **done._asdict(), **kept_out}))
        return
    print(f"{count_of(done.images, 'image')} in {out} (sha256 {done.sha256})")
    if without:
        print(f"{len(without):,} left out, as synth merge --without left them out")


def _form(form: str | None, out: Path) -> "Form":
    from synth.run.packing import FORMS
    from textlines.errors import UsageError

    wanted = form or out.suffix.removeprefix(".").lower()
    for known in FORMS if form else ("tar", "lmdb", "parquet"):
        if wanted == known:
            return known
    if form is None:
        raise UsageError(
            f"--out {out}",
            "ends in none of .tar, .lmdb and .parquet",
            f"Say --form: {', '.join(FORMS)}.",
        )
    raise UsageError(f"--form {form}", f"is none of {', '.join(FORMS)}", "")
