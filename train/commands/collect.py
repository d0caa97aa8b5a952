"""`train collect`: which crops are worth a label, a page to type them in, and the answers."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from textlines.wording import LANG_HELP, Language, language_of
from textlines.wording.counts import count_of
from train.shared_options import Device, Turn, Workers

MANY = frozenset({"--answers", "--roles", "--earlier"})
"""Options that take several values at once."""


def collect(
    queue: Annotated[
        Path | None,
        typer.Argument(help="Folder of a queue, with --answers.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the queue; with --answers, that of the labelled lines."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="What reads the crops: a folder of `train weights`, or a name."),
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of crops without labels, to its depths.")
    ] = None,
    pages: Annotated[
        Path | None,
        typer.Option(help="Folder of whole pages instead: PaddleOCR's detector finds their lines."),
    ] = None,
    detector: Annotated[
        str, typer.Option(help="Of --pages: a name or an exported folder.")
    ] = "PP-OCRv4_mobile_det",
    results: Annotated[
        Path | None,
        typer.Option(
            help="Folder of PaddleOCR's res.json files instead: lines are cut from their pages, "
            "which lie where the files say, or below --images."
        ),
    ] = None,
    second: Annotated[
        str | None,
        typer.Option(
            help="A second model: where the two differ, one of them errs. "
            "`stock` for another published model on this machine."
        ),
    ] = None,
    budget: Annotated[
        int, typer.Option(min=1, help="Crops to label, the random part and the chosen together.")
    ] = 50,
    stop: Annotated[
        int | None,
        typer.Option(min=0, help="Random crops to stop by. [default: from the budget]"),
    ] = None,
    judge: Annotated[
        int | None,
        typer.Option(min=0, help="Random crops to judge on. [default: from the budget]"),
    ] = None,
    order: Annotated[
        Literal["doubt", "random"],
        typer.Option(help="How crops to train on are chosen from the rest."),
    ] = "doubt",
    group: Annotated[
        str,
        typer.Option(
            help="Expression on the path whose first brackets name the document: ^([^_]+)_. "
            "A document has one role. [default: each crop for itself, a page's lines together]"
        ),
    ] = "",
    comparison: Annotated[
        Literal["exact", "casefold", "alnum", "nospace"],
        typer.Option(help="What counts as the same reading."),
    ] = "exact",
    profile: Annotated[
        Path | None,
        typer.Option(help="An error profile: crops that read its weak characters come earlier."),
    ] = None,
    pattern: Annotated[
        str,
        typer.Option(help="Expression that whole texts fit (plates, codes): others come early."),
    ] = "",
    roles: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE...", help="roles.tsv of lines that have a label: their crops are left."
        ),
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER...",
            help="All earlier queues: what they asked for is left, and what stops and judges is "
            "drawn from crops that arrived since, at the rate of the first.",
        ),
    ] = None,
    accept: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            max=1.0,
            help="Readings at least so sure (0.95 to begin with) join the training lines without a "
            "label, once a sample of them is confirmed, which the page then asks for.",
        ),
    ] = None,
    blind: Annotated[
        Literal["none", "judge", "all"],
        typer.Option(
            help="Whose reading the page does not show: people agree with what they are shown."
        ),
    ] = "none",
    views: Annotated[
        bool,
        typer.Option(
            "--views/--no-views", help="Read each crop moved and scaled a little as well."
        ),
    ] = True,
    turn: Turn = None,
    html: Annotated[
        Path | None, typer.Option(help="Write the page here. [default: label.html in --out]")
    ] = None,
    lang: Annotated[
        Language | None, typer.Option("--lang", "--language", help=LANG_HELP, show_default=False)
    ] = None,
    answers: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE...", help="answers.json, saved from the page; of several people, several."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn at random.")] = 1,
    device: Device = "auto",
    workers: Workers = None,
) -> None:
    """Choose which crops are worth a label, and turn the answers into labelled lines.

    A random part of production stops training and judges; what trains is chosen from the rest:
    crops whose reading is doubted, spread over texts, confusions and looks. The page shows all of
    them shuffled. Called with --answers, it writes crops, label file and roles.
    """
    from textlines.errors import UsageError

    language = language_of(lang, os.environ)
    if out is None:
        raise UsageError("--out", "is missing", "Name a folder.")
    if answers:
        if queue is None:
            raise UsageError("--answers", "need the folder of their queue", "Name it: queue/.")
        given = {"--model": model, "--images": images, "--pages": pages, "--results": results}
        given["--earlier"] = earlier[0] if earlier else None
        for name, value in given.items():
            if value is not None:
                raise UsageError(name, "makes a queue and has no place beside --answers", "")
        _take(queue, answers, out, html, language)
        return
    if queue is not None:
        raise UsageError(str(queue), "is a queue without --answers", "Name its answers.json.")
    if model is None:
        raise UsageError("--model", "is missing", "Name what reads the crops.")
    from textlines.defects import of_queues
    from textlines.files import replacing
    from textlines.labels.tally import Tally
    from textlines.outputs import PAGE, Output, check_outputs, folder
    from textlines.progress import watching
    from train.collect.choosing import amounts_of
    from train.collect.collect_page import queue_page
    from train.collect.collect_text import tell_queue
    from train.collect.crop_files import CUT, CUT_GROUP, cut_pages, cut_results
    from train.collect.earlier_queues import read_earlier
    from train.collect.job import CollectOptions, begin, record_of, weak_of
    from train.collect.job import collect as run
    from train.collect.queue import ACCEPTED, LISTED, QUEUE, READINGS, RECORD
    from train.collect.readings import Readers
    from train.reading.crop_reading import RECORD as READING
    from train.reading.crop_reading import usable_cores
    from train.reading.engine import CtcEngine
    from train.reading.model_opening import Opened, open_model

    html = html or out / "label.html"
    sources = {"--images": images, "--pages": pages, "--results": results}
    if sum(value is not None for value in (pages, results)) > 1 or not any(sources.values()):
        raise UsageError(
            "--images, --pages, --results", "name no source of crops, or two", "Name one."
        )
    if pages is not None and images is not None:
        raise UsageError("--pages, --images", "name two sources of crops", "Name one.")
    amounts = amounts_of(budget, stop, judge)
    if amounts.random > budget:
        raise UsageError(
            "--stop, --judge",
            f"ask for more than the {count_of(budget, 'label')} of --budget",
            "Ask for fewer.",
        )
    files = (QUEUE, RECORD, READINGS, READING, CUT, ACCEPTED, LISTED)
    check_outputs(
        [folder("--out", out, files), Output("--html", html, PAGE)],
        {
            **sources,
            **{"--model": model, "--second": second, "--profile": profile, "--roles": roles},
            "--earlier": earlier,
        },
    )
    before = read_earlier(earlier or [])

    def opened(name: str) -> tuple[Opened, CtcEngine]:
        # The second one may be a published model, which reads on the CPU.
        ready = open_model(name, device=device if name == model else "auto")
        if not isinstance(ready.engine, CtcEngine):
            raise UsageError(name, "gives no probabilities of characters", "Name another model.")
        return ready, ready.engine

    named = _second(second, model) if second else ""
    expression = _compiled(pattern)
    first, engine = opened(model)
    other = opened(named) if named else None
    turning = turn or first.turning
    models = {
        reader.source.name: dict(reader.hashes)
        for reader in (first, *([other[0]] if other else []))
    }
    record = dict(record_of(models, views, turning))
    begin(out, record)
    tally = Tally()
    if pages is not None or results is not None:
        with watching("pages cut") as watch:
            if pages is not None:
                images = cut_pages(pages, detector, out / CUT, tally, watch)
            elif results is not None:
                images = cut_results(results, images, out / CUT, tally, watch)
        group = group or CUT_GROUP
    assert images is not None  # one of the three is there: mypy cannot see it
    with watching("crops read") as watch:
        made = run(
            Readers(engine, other[1] if other else None, views, turning),
            names=(first.source.name, other[0].source.name if other else ""),
            record=record,
            options=CollectOptions(
                images=images,
                out=out,
                amounts=amounts,
                group=group,
                comparison=comparison,
                seed=seed,
                weak=weak_of(profile) if profile else None,
                pattern=expression,
                roles=roles or [],
                earlier=before,
                keeps_rate=stop is None and judge is None,
                accept=None if accept is None else 1 - accept,
                is_random=order == "random",
                workers=workers or usable_cores(),
            ),
            tally=tally,
            watch=watch,
        )
    with replacing(html) as file:
        file.write(queue_page(made, blind=blind, language=language))
    for line in tell_queue(made, amounts, html, turning):
        print(line)
    for line in tally.lines({**of_queues.LISTING, **of_queues.CUTTING}):
        print(f"  {line}")


def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Read the pattern of texts.

    Raises:
        UsageError: it is no expression.
    """
    from textlines.errors import UsageError

    try:
        return re.compile(pattern) if pattern else None
    except re.error as error:
        raise UsageError("--pattern", f"is no regular expression ({error})", "") from error


def _second(second: str, model: str) -> str:
    """Return the second model; `stock` stands for another published one on this machine.

    Raises:
        UsageError: there is none, or the two are one.
    """
    from textlines.errors import UsageError
    from train.commands.compared import STOCK, named

    if second == STOCK:
        others, notes = named([STOCK], model)
        if not others:
            raise UsageError("--second stock", "finds no other model", "; ".join(notes))
        return others[-1]
    if second == model:
        raise UsageError("--second", "is the model itself", "Name another, or leave it away.")
    return second


def _take(
    queue: Path, answers: list[Path], out: Path, html: Path | None, language: Language
) -> None:
    from textlines.defects import of_queues
    from textlines.files import replacing
    from textlines.labels.tally import Tally
    from textlines.outputs import check_outputs, folder, page
    from train.collect.answers import read_answers
    from train.collect.collect_page import again_page
    from train.collect.collect_text import tell_labelled
    from train.collect.labelled import WRITTEN, label
    from train.collect.queue import read_queue

    check_outputs(
        [folder("--out", out, WRITTEN), page("--html", html)],
        {"QUEUE": queue, "--answers": answers},
    )
    there = read_queue(queue)
    tally = Tally()
    labelled = label(there, [read_answers(path) for path in answers], out, tally)
    again = None
    if labelled.again:
        again = html or queue / "again.html"
        with replacing(again) as file:
            file.write(again_page(there, labelled, language=language))
    for line in tell_labelled(there, labelled, out, again):
        print(line)
    for line in tally.lines(of_queues.LABELLED):
        print(f"  {line}")
