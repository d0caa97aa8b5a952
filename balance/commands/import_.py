"""`balance import`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from balance.imports.foreign_forms import Format
from textlines.wording import LANG_HELP, Language, pages_in
from textlines.wording.counts import count_of


def import_(
    format: Annotated[
        Literal["auto", Format],
        typer.Argument(
            metavar="FORMAT",
            help="auto tells it by what the files hold. Pages: ppocr-det (also PPOCRLabel's "
            "Label.txt), lsvt, rctw17, mtwi, icdar2013, icdar2015, mlt, sroie, rects, textocr, "
            "coco-text, aihub, ufo, cord, funsd, xfund, kaist, cvat, labelme, x-anylabeling, "
            "label-studio. Crops: ppocr-rec (rec_gt.txt), trdg, easyocr, doctr, text-renderer, "
            "gt-txt (kraken, tesstrain), icdar-words, lmdb. Any other JSON: json with --mapping. "
            "docs/forms.md shows each.",
            show_default=False,
        ),
    ],
    source: Annotated[
        Path,
        typer.Argument(metavar="SOURCE", help="File or folder of annotations.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Folder for crops/, rec_gt.txt and run.json.")],
    images: Annotated[
        Path | None, typer.Option(help="Folder of the images. [default: beside the annotations]")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="TOML that says where in a JSON images, lines, corners and texts stand."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop where a line would be left out.")
    ] = False,
    take_difficult: Annotated[
        bool,
        typer.Option("--take-difficult", help="Take lines that are marked difficult, too."),
    ] = False,
    upright: Annotated[
        bool,
        typer.Option(
            "--upright",
            help="Read every box from its upper left, whatever corner it starts at; without it, "
            "only level rectangles.",
        ),
    ] = False,
    placeholder: Annotated[
        list[str] | None,
        typer.Option(
            help="A text that stands for none; may be given more than once, '' for no such text. "
            "Without it, what PPOCRLabel writes: TEMPORARY, NULL, 待识别, 无法识别.",
        ),
    ] = None,
    text_area: Annotated[
        str,
        typer.Option(
            help="Of Label Studio: the text area that holds the labels; without it, "
            "transcription, or the only one.",
            show_default=False,
        ),
    ] = "",
    html: Annotated[
        Path | None, typer.Option(help="Write a page with the doubtful crops to look through.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Say it in JSON (docs/json.md).")] = False,
    lang: Annotated[Language | None, typer.Option(help=LANG_HELP, show_default=False)] = None,
) -> None:
    """Cut the lines of annotated pages into crops with a label file.

    Boxes are rectified to their longer sides, vertical lines turned, polygons laid out; what is
    marked as unreadable is counted and left out, what may be wrong is counted and listed in
    doubts.jsonl. A run that was stopped goes on when called again.
    """  # fmt: skip
    from json import dumps

    from balance.imports.import_page import import_page
    from balance.imports.importing import import_lines, mostly_difficult
    from balance.imports.page_regions import ImportOptions
    from textlines.defects import of_annotations
    from textlines.files import replacing
    from textlines.outputs import check_outputs, folder, page

    check_outputs(
        [folder("--out", out), page("--html", html)],
        {"SOURCE": source, "--images": images, "--mapping": mapping},
    )
    options = ImportOptions(
        take_difficult=take_difficult,
        upright=upright,
        placeholders=tuple(sorted({*placeholder} - {""})) if placeholder is not None else None,
        text_area=text_area,
    )
    done = import_lines(
        source, format, out, images=images, mapping=mapping, strict=strict, options=options
    )
    if html:
        with replacing(html) as file, pages_in(lang):
            file.write(import_page(done, source, out))
    if json:
        outcome = {
            "format": done.format,
            "labels": str(out / "rec_gt.txt"),
            "lines": done.lines,
            "pages": done.pages,
            "resumed": done.resumed,
            "is_whole": done.is_whole,
            "counts": done.tally.by_effect(),
            "page": str(html) if html else None,
        }
        print(dumps(outcome, ensure_ascii=False))
        return
    resumed = f", {done.resumed:,} of them from before" if done.resumed else ""
    if done.is_whole:
        resumed = ", all from before: nothing to do"
    if format == "auto":
        print(f"{source}: read as {done.format}")
    print(
        f"{out / 'rec_gt.txt'}: {count_of(done.lines, 'line')} of "
        f"{count_of(done.pages, 'page')}{resumed}"
    )
    for line in done.tally.lines(of_annotations.IMPORT):
        print(f"  {line}")
    advice = mostly_difficult(done)
    if advice:
        print(advice)
    if html:
        print(f"page: {html}")
