"""`balance import`."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def import_(
    format: Annotated[
        Literal[
            "auto",
            "ppocr-det",
            "ppocr-rec",
            "lsvt",
            "rctw17",
            "mtwi",
            "icdar2013",
            "icdar2015",
            "mlt",
            "sroie",
            "rects",
            "textocr",
            "coco-text",
            "aihub",
            "ufo",
            "cord",
            "funsd",
            "xfund",
            "kaist",
            "cvat",
            "labelme",
            "x-anylabeling",
            "label-studio",
            "trdg",
            "easyocr",
            "doctr",
            "text-renderer",
            "gt-txt",
            "icdar-words",
            "lmdb",
            "json",
        ],
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
) -> None:
    """Cut the lines of annotated pages into crops with a label file.

    Boxes are rectified to their longer sides, vertical ones turned, polygons laid out; what is
    marked as unreadable is counted and left out. A run that was stopped goes on when called again.
    """  # fmt: skip
    from balance.imports.importing import import_lines
    from balance.imports.words import REASONS
    from textlines.outputs import check_outputs, folder

    check_outputs(
        [folder("--out", out)], {"SOURCE": source, "--images": images, "--mapping": mapping}
    )
    done = import_lines(source, format, out, images=images, mapping=mapping, strict=strict)
    resumed = f", {done.resumed:,} of them from before" if done.resumed else ""
    if done.is_whole:
        resumed = ", all from before: nothing to do"
    if format == "auto":
        print(f"{source}: read as {done.format}")
    print(f"{out / 'rec_gt.txt'}: {done.lines:,} lines of {done.pages:,} pages{resumed}")
    for line in done.tally.lines(REASONS):
        print(f"  {line}")
