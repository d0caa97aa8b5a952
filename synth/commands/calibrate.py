"""`synth calibrate`: a style that fits itself to crops."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from textlines.wording import LANG_HELP, Language, pages_in
from textlines.wording.counts import count_of

HEAD = "# Fitted to crops by `synth calibrate`: docs/styles.md says what each key is.\n"
"""Begins the file, so that another call may replace it."""


def calibrate(
    crops: Annotated[Path, typer.Option(help="Folder of your crops: an image for each line.")],
    out: Annotated[Path, typer.Option(help="Style file to write (.toml), for --style.")],
    html: Annotated[
        Path | None,
        typer.Option(help="Page to write: real lines beside drawn ones, distances."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Label file of the crops, its paths from --crops. [default: readings]"),
    ] = None,
    model: Annotated[
        str, typer.Option(help="Recognizer that looks at the lines: its folder, file or name.")
    ] = "PP-OCRv4_mobile_rec",
    begun: Annotated[
        str, typer.Option("--from", help="Style to begin from: a name, or a .toml file.")
    ] = "document",
    trials: Annotated[int, typer.Option(min=1, help="Styles to draw and look at.")] = 320,
    fonts: Annotated[list[Path] | None, typer.Option(help="Folders of fonts, used alone.")] = None,
    backgrounds: Annotated[
        Path | None, typer.Option(help="Folder of photos, or of what synth harvest wrote.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same style.")] = 1,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 = one for each core.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Say it in JSON (docs/json.md).")] = False,
    lang: Annotated[Language | None, typer.Option(help=LANG_HELP, show_default=False)] = None,
) -> None:
    """Fit a style to crops, labelled or not: what is drawn in it looks to the model as they do.

    Half of the crops, by text, are fitted to, and the other half judges. No crop enters the style.
    """
    import re

    from textlines.outputs import Form, Tree, check_outputs, file, page

    fitted = Form("a fitted style", re.compile(re.escape(HEAD.encode())))
    check_outputs(
        [file("--out", out, fitted), page("--html", html)],
        {
            "--model": model,
            "--from": begun,
            "--crops": Tree(crops),
            "--labels": labels,
            "--fonts": fonts,
            "--backgrounds": backgrounds and Tree(backgrounds),
        },
    )
    from synth.calibrate.calibration import CalibrateOptions
    from synth.calibrate.calibration import calibrate as fitted_to
    from synth.calibrate.fit_page import fit_page, headline
    from synth.calibrate.told_apart import in_words
    from textlines.files import replacing
    from textlines.parsing import to_toml
    from textlines.progress import watching

    options = CalibrateOptions(
        crops=crops,
        labels=labels,
        model=model,
        begun=begun,
        trials=trials,
        seed=seed,
        fonts=tuple(fonts or ()),
        backgrounds=backgrounds,
        workers=workers or os.cpu_count() or 1,
    )
    made = fitted_to(options, watching)
    with replacing(out) as written:
        written.write(HEAD + to_toml(made.style))
    if html is not None:
        with replacing(html) as written, pages_in(lang):
            written.write(fit_page(made))
    if json_:
        record = {
            "style": str(out),
            "lines": {"fitted": made.fitted_lines, "judged": made.judged_lines},
            "left_out": made.real.left_out,
            "kinds": list(made.kinds),
            "trials": made.fit.trials,
            **{
                name: {"frechet": round(one.frechet, 4), "auc": round(one.auc, 4)}
                for name, one in (
                    ("before", made.before),
                    ("after", made.after),
                    ("real", made.floor),
                )
            },
            "apart": [str(word) for word in in_words(made.apart)],
        }
        print(json.dumps(record, ensure_ascii=False))
        return
    for reason, number in made.real.left_out.items():
        print(f"left out: {reason}: {number:,}")
    print(headline(made))
    for word in in_words(made.apart):
        print(f"  {word}")
    print(f"{out}: {count_of(made.fit.trials, 'style')} drawn; use it by --style {out}")
