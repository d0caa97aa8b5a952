"""The `train` command."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


@app.callback()
def _train() -> None:
    """Find what a recognizer misreads, and train it."""


@app.command()
def mine(
    predictions: Annotated[
        Path,
        typer.Option(
            help="What the model read: a table (path, truth, prediction[, score]) with a header; "
            "or with --labels the output of PaddleOCR's infer_rec.py, res.json of PaddleOCR 3.x "
            "(a file or a folder), or RapidOCR's results as JSON."
        ),
    ],
    labels: Annotated[
        Path | None, typer.Option(help="Label file: path, tab, text. Beats the table's truth.")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that paths start from. [default: that of the label file]"),
    ] = None,
    dictionary: Annotated[
        Path | None,
        typer.Option(help="The model's dictionary (.txt, or its inference.yml)."),
    ] = None,
    use_space_char: Annotated[
        bool,
        typer.Option("--use-space-char/--no-space", help="Whether the model can read spaces."),
    ] = True,
    max_length: Annotated[
        int, typer.Option(min=1, help="Longest label that the model is trained on.")
    ] = 25,
    marks: Annotated[
        Path | None, typer.Option(help="Marks saved from the page of an earlier run.")
    ] = None,
    model_name: Annotated[str, typer.Option(help="Name of the model, for the record.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write the profile here (JSON).")] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page to look through and mark lines in.")
    ] = None,
    crops: Annotated[
        int, typer.Option(min=0, help="How many misread lines the page shows at most.")
    ] = 600,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop where a line would be left out.")
    ] = False,
) -> None:
    """Find the characters that a model misreads.

    Ranks them by what mending them would gain, tells confusions, insertions and spaces apart, and
    names what no training can mend.
    """
    from textlines.profile.profile_io import save_profile
    from train.mining.mine import Sources
    from train.mining.mine import mine as run
    from train.mining.summary import print_summary, summary_json

    sources = Sources(
        predictions=predictions,
        labels=labels,
        dictionary=dictionary,
        marks=marks,
        images=images,
    )
    mined = run(
        sources,
        use_space_char=use_space_char,
        max_text_length=max_length,
        model=model_name,
        strict=strict,
    )
    if out:
        save_profile(mined.measurement.profile, out)
    page = None
    if html:
        from train.mining.report import report, save_report

        page = report(mined, crops=crops)
        save_report(page, html)
    if json:
        sys.stdout.write(summary_json(mined, out, html))
    else:
        print_summary(mined, out, html, page)


def main() -> None:
    """Run the command and end with its exit code."""
    from textlines.console import guarded

    sys.exit(guarded(app, "train"))


if __name__ == "__main__":
    main()
