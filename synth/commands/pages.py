"""`synth pages`: whole pages with labelled boxes, to train a detector on."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth.plan.plan_options import FOR, HOW, WITH
from textlines.request_options import SPREAD, check_request, command

if TYPE_CHECKING:
    from synth.layout.page_run import PagesOutcome

MANY_DONT_CARE = 0.25
"""Share of lines that nobody can read from which on it is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesRequest:
    """What `synth pages` is asked for.

    Attributes:
        workers: processes; 0 is one for each core.
        shard: i/n.

    Raises:
        UsageError: a number is out of its range.
    """

    out: Annotated[Path, typer.Option(help="Folder to write; a killed run goes on in it.")]
    profile: Annotated[
        Path | None,
        typer.Option(
            help="det.json of train det mine: half of the pages follow what it missed.",
            rich_help_panel=FOR,
        ),
    ] = None
    style: Annotated[str, typer.Option(help="lcd: displays on devices.", rich_help_panel=FOR)] = (
        "lcd"
    )
    count: Annotated[int, typer.Option(help="Pages.", min=1, rich_help_panel=FOR)] = 500
    negatives: Annotated[
        float,
        typer.Option(
            help="Share of the pages without text.", min=0.0, max=0.9, rich_help_panel=FOR
        ),
    ] = 0.1
    size: Annotated[
        int,
        typer.Option(
            help="Longer side of a page in pixels, about what the detector sees.",
            min=320,
            max=4096,
            rich_help_panel=FOR,
        ),
    ] = 960
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="What displays show: text file, label file, folder of them, TOML, or "
            "embedded:NAME. Default: embedded, by style.",
            rich_help_panel=FOR,
        ),
    ] = None
    chars: Annotated[
        str | None,
        typer.Option(
            help='Characters that displays show, one at least in each text: "58".',
            rich_help_panel=FOR,
        ),
    ] = None
    text_list: Annotated[
        Path | None,
        typer.Option(help="Show exactly these texts, in turn.", rich_help_panel=FOR),
    ] = None
    words: Annotated[
        Path | None,
        typer.Option(
            help="Words on housings, one a line. Default: units, names, buttons and plates in "
            "the languages of --language.",
            rich_help_panel=FOR,
        ),
    ] = None
    language: Annotated[
        tuple[str, ...],
        SPREAD,
        typer.Option(help="Of the words: en, ko or zh. Default: all.", rich_help_panel=FOR),
    ] = ()
    fonts: Annotated[
        tuple[Path, ...],
        SPREAD,
        typer.Option(
            help="Folders of fonts for the words, used alone; displays have faces of ours.",
            rich_help_panel=WITH,
        ),
    ] = ()
    fonts_licence: Annotated[
        str,
        typer.Option(help="any, or known: leave out unknown licences.", rich_help_panel=WITH),
    ] = "any"
    backgrounds: Annotated[
        Path | None,
        typer.Option(
            help="Folder of photos without text that devices stand before.", rich_help_panel=WITH
        ),
    ] = None
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.", rich_help_panel=HOW)] = 1
    workers: Annotated[
        int, typer.Option(help="Processes; 0 = one for each core.", min=0, rich_help_panel=HOW)
    ] = 0

    shard: Annotated[
        str, typer.Option(help="i/n: draw only this part of the run.", rich_help_panel=HOW)
    ] = "0/1"

    def __post_init__(self) -> None:
        """Check what is asked for."""
        check_request(self)


def _pages(
    request: PagesRequest,
    *,
    json_: Annotated[
        bool, typer.Option("--json", help="Say it in JSON lines.", rich_help_panel=HOW)
    ] = False,
) -> None:
    """Write whole pages with the boxes of their lines: displays on devices, as phones see them."""
    from synth.commands.printing import print_oddities, print_tally, slow_progress
    from synth.corpus.corpus_files import embedded_path
    from synth.layout.page_job import PageOptions, assemble_pages
    from synth.layout.page_run import draw_pages
    from synth.run.folder import Share, refuse_foreign
    from synth.run.job_options import licence_choice
    from textlines.outputs import Tree, check_outputs, folder
    from textlines.progress import watching

    share = Share.parse(request.shard)
    check_outputs(
        [folder("--out", request.out)],
        {
            "--profile": request.profile,
            "--corpus": request.corpus and Tree(embedded_path(request.corpus)),
            "--text-list": request.text_list,
            "--words": request.words,
            "--fonts": request.fonts,
            "--backgrounds": request.backgrounds and Tree(request.backgrounds),
        },
    )
    refuse_foreign(request.out)
    options = PageOptions(
        profile=request.profile,
        style=request.style,
        count=request.count,
        negatives=request.negatives,
        size=request.size,
        corpus=request.corpus,
        chars=request.chars,
        text_list=request.text_list,
        words=request.words,
        languages=request.language,
        fonts=request.fonts,
        fonts_licence=licence_choice(request.fonts_licence),
        backgrounds=request.backgrounds,
        seed=request.seed,
    )
    job = assemble_pages(options, None if json_ else slow_progress())
    print_oddities(job.oddities, job.scan, json_)
    with watching("pages drawn", as_json=json_) as watch:
        workers = request.workers or os.cpu_count() or 1
        outcome = draw_pages(job, request.out, workers, watch, share)
    print_tally(job.tally, json_)
    _print_outcome(request.out, outcome, json_)


def _print_outcome(out: Path, outcome: "PagesOutcome", as_json: bool) -> None:
    """Print what was done; warn where many lines cannot be read."""
    from synth.layout.page_run import DONT_CARE, LINES
    from textlines.wording.counts import count_of

    counts = outcome.record.counts
    faults = {
        name.removeprefix(DONT_CARE): count
        for name, count in counts.items()
        if name.startswith(DONT_CARE)
    }
    if as_json:
        event = {
            "event": "done",
            "out": str(out),
            "pages": outcome.pages,
            "drawn": outcome.drawn,
            "complete": outcome.complete,
            "counts": dict(counts),
        }
        print(json.dumps(event, ensure_ascii=False))
        return
    if not outcome.complete:
        print(
            f"{count_of(outcome.drawn, 'page')} drawn in {out}; other shards are missing: "
            f"draw them, then synth merge {out}"
        )
        return
    lines, unread = counts.get(LINES, 0), sum(faults.values())
    print(
        f"{count_of(outcome.pages, 'page')} in {out} ({outcome.drawn:,} drawn now): "
        f"{count_of(lines, 'line')}, {unread:,} more that nobody can read (###)"
    )
    if unread > MANY_DONT_CARE * (lines + unread):
        named = ", ".join(f"{why} {count:,}" for why, count in sorted(faults.items()))
        print(
            f"warning: of {count_of(lines + unread, 'line')} {unread:,} cannot be read ({named}); "
            "a larger --size makes small ones legible",
            file=sys.stderr,
        )


command_line = command(PagesRequest, _pages)
