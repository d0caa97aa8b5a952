"""`synth guard`: lines that tell when a model forgets, rendered for who has no others."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from textlines.errors import UsageError
from textlines.wording.counts import count_of


def guard(
    dictionary: Annotated[
        Path, typer.Option(help="PaddleOCR dictionary of the model, or its training YAML.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write; a killed run goes on in it.")],
    count: Annotated[int, typer.Option(help="Lines of all three parts together.")] = 600,
    use_space_char: Annotated[
        bool | None,
        typer.Option(
            "--use-space-char/--no-space",
            help="Whether the model reads spaces. [default: as the dictionary's YAML or model "
            "folder says; else it does]",
        ),
    ] = None,
    fonts: Annotated[list[Path] | None, typer.Option(help="Folders of fonts, used alone.")] = None,
    fonts_licence: Annotated[
        str, typer.Option(help="any, or known: leave out unknown licences.")
    ] = "any",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one for each core.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Say it in JSON lines.")] = False,
) -> None:
    """Write general lines of our own in three parts: replay, stop, judge.

    Book lines of 40 to 90 characters above all, receipts, forms, words, in the scripts that the
    dictionary holds and the faces at hand draw. No text, face family or seed is in two parts. They
    can fail a candidate and cannot pass one: the gate knows that they are rendered.
    """
    from synth.commands.generate import run_job
    from synth.commands.printing import print_oddities, slow_progress
    from synth.guard.guard_runs import (
        FEWEST,
        GuardOptions,
        assemble_guard,
        begin_guard,
        conclude_guard,
    )
    from synth.run.folder import Share
    from synth.run.job_options import licence_choice
    from synth.run.render_job import assemble
    from textlines.outputs import check_outputs, folder

    if workers < 0:
        raise UsageError(f"--workers {workers}", "is negative", "Say 1 or more, or 0.")
    if count < FEWEST:
        raise UsageError(
            f"--count {count}", f"is below {FEWEST}", "Three parts of several kinds need more."
        )
    check_outputs([folder("--out", out)], {"--dictionary": dictionary, "--fonts": fonts})
    options = GuardOptions(
        dictionary=dictionary,
        use_space_char=use_space_char,
        count=count,
        seed=seed,
        fonts=tuple(fonts or ()),
        fonts_licence=licence_choice(fonts_licence),
    )
    slowly = None if json_ else slow_progress()
    made = assemble_guard(options, out, slowly)
    begin_guard(made)
    processes = workers or os.cpu_count() or 1
    for number, run in enumerate(made.runs):
        job = assemble(run.options, slowly)
        if not number:
            print_oddities(job.oddities, job.scan, json_)
        run_job(job, run.folder, processes, Share.parse("0/1"), json_, is_told=False)
    lines = conclude_guard(made)
    if json_:
        event = {"event": "guard", "lines": lines, "counts": made.counts(), "told": made.told}
        print(json.dumps(event, ensure_ascii=False))
        return
    for name, number in made.counts().items():
        print(f"  {name:24} {number:,}")
    for part, number in lines.items():
        families = count_of(len(made.shared.families[part]), "family", "families")
        print(f"{out / part}: {count_of(number, 'line')}, {families}")
    for message in made.told:
        print(f"warning: {message}")
