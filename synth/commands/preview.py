"""`synth preview`: what a run looks like, on one page and in one picture."""

import re
from pathlib import Path
from typing import Annotated

import typer

from textlines.wording import LANG_HELP, Language, pages_in
from textlines.wording.counts import count_of


def preview(
    folder: Annotated[Path, typer.Argument(help="The --out of synth generate.")],
    html: Annotated[Path, typer.Option(help="Page to write.")] = Path("preview.html"),
    png: Annotated[
        Path | None, typer.Option(help="Picture to write. Default: beside the page.")
    ] = None,
    shown: Annotated[int, typer.Option(help="Samples on the contact sheet.")] = 60,
    original: Annotated[
        Path | None,
        typer.Option(help="Your label file: shows characters before and after."),
    ] = None,
    captions: Annotated[
        Path | None, typer.Option(help="Font file for the labels in the picture.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which samples are shown.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="Say it in JSON (docs/json.md).")] = False,
    lang: Annotated[Language | None, typer.Option(help=LANG_HELP, show_default=False)] = None,
) -> None:
    """Write a contact sheet with distribution plots as one page and one PNG."""
    import json

    from textlines.outputs import Form, check_outputs, file, page

    picture = png or html.with_suffix(".png")
    mark = Form("a preview", re.compile(rb"\x89PNG.{0,200}tEXtSoftware\0ocr-mend", re.DOTALL))
    check_outputs(
        [page("--html", html), file("--png", picture, mark)],
        {"FOLDER": folder, "--original": original, "--captions": captions},
    )
    from synth.plan.bounds import read_originals
    from synth.run.preview_data import read_preview
    from synth.run.preview_page import preview_page
    from synth.run.preview_picture import caption_font, write_picture
    from textlines.errors import UsageError
    from textlines.files import replacing
    from textlines.labels.tally import Tally

    if shown < 1:
        raise UsageError(f"--shown {shown}", "is below 1", "Show at least one sample.")
    shown_run = read_preview(folder, shown, seed)
    before = None if original is None else read_originals(original, Tally()).characters
    with replacing(html) as out, pages_in(lang):
        out.write(preview_page(shown_run, before))
    font = caption_font(captions, shown_run)
    write_picture(shown_run, picture, font)
    if json_:
        record = {
            "samples": shown_run.counts.samples,
            "shown": len(shown_run.rows),
            "complete": shown_run.complete,
            "page": str(html),
            "picture": str(picture),
        }
        print(json.dumps(record, ensure_ascii=False))
        return
    print(f"{count_of(shown_run.counts.samples, 'sample')}: {html} and {picture}")
