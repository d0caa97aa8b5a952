"""`train evaluate`: how well a model reads labelled lines."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textlines.wording import pages_in, say
from train.commands.options import (
    CutPrefix,
    Device,
    Encoding,
    Engine,
    Images,
    Lang,
    Reference,
    Strict,
    Turn,
    Workers,
)

if TYPE_CHECKING:
    from textlines.profile.reading import Reading


MANY = frozenset({"--compare"})
"""Options that take several values at once."""


def evaluate(
    labels: Annotated[
        Path | None, typer.Option(help="Label file: path, tab, text. Needed with --model.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="What to read with: a folder of `train weights`, an exported Paddle folder, an "
            ".onnx file, or a name (PP-OCRv4_mobile_rec)."
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="What was read, instead of --model; forms as for `train mine`."),
    ] = None,
    images: Images = None,
    encoding: Encoding = "",
    cut_prefix: CutPrefix = "",
    dictionary: Annotated[
        Path | None, typer.Option(help="The model's dictionary, if none is with it.")
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            help="Expression on the path whose first brackets name the document: ^crops/([^_]+)_. "
            "Gives figures by group, and intervals that hold for new documents."
        ),
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL_OR_FILE...",
            help="What else reads the same lines, in one table: models by name or folder, files "
            "of predictions; `stock` for every published model on this machine.",
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="Rules of `train mine --rules-out`: applied to the readings before they are "
            "measured. --out keeps the readings as they were."
        ),
    ] = None,
    turn: Turn = None,
    reference: Reference = False,
    engine: Engine = "auto",
    device: Device = "auto",
    workers: Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write predictions here (JSON lines). Shards land in the folder of the same name "
            "without its ending; the same call goes on with them."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the figures as a page.")] = None,
    lang: Lang = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    strict: Strict = False,
) -> None:
    """Measure how well a model reads labelled lines.

    Line accuracy, character accuracy (1 - NED) and CER, as they are and with case folded, spaces
    ignored and punctuation ignored; by label length, by group, with 95 % intervals.
    """
    from textlines.defects import of_readings
    from textlines.errors import UsageError
    from textlines.files import replacing, sha256_of
    from textlines.formats.reading_rules import load_rules
    from textlines.labels.label_file import Dialect
    from textlines.labels.tally import Tally
    from textlines.outputs import check_outputs, page
    from train.commands.by_model import predictions_outputs
    from train.judging.evaluate_text import print_evaluation
    from train.judging.intervals import group_numbers, grouping
    from train.judging.measuring import evaluate as measure
    from train.models.model_sources import is_stock

    if (model is None) == (predictions is None):
        raise UsageError("--model, --predictions", "exactly one of them is needed", "")
    check_outputs(
        [*predictions_outputs("--out", out), page("--html", html)],
        {
            "--labels": labels,
            "--model": model,
            "--predictions": predictions,
            "--images": images,
            "--dictionary": dictionary,
            "--compare": compare,
            "--rules": rules,
        },
    )
    from train.commands.compared import named, read_others

    compared, not_there = named(compare or [], model)
    loaded = load_rules(rules) if rules else None
    tally, dialect = Tally(), Dialect(encoding, cut_prefix)
    if model is not None:
        from train.commands.by_model import find_turned, read_by_model

        opened, read = read_by_model(
            model,
            labels,
            tally,
            images=images,
            dictionary=dictionary,
            engine=engine,
            reference=reference,
            device=device,
            workers=workers,
            out=out,
            strict=strict,
            as_json=json,
            turn=turn,
            dialect=dialect,
        )
        turned = find_turned(opened, read, as_json=json)
        folder = read.images
        readings: tuple[Reading, ...] = read.readings
        inputs, versions, name = read.inputs, read.versions, opened.source.name
        crops = len(read.done.outcomes)
    else:
        assert predictions is not None  # one of the two is there: mypy cannot see it
        if out or reference or dictionary or turn:
            raise UsageError("--out, --reference, --dictionary, --turn", "belong to --model", "")
        from train.judging.prediction_files import read_matched, refuse_left_out, refuse_no_reading

        matched = read_matched(predictions, labels, images, tally, strict=strict, dialect=dialect)
        if strict:
            refuse_left_out(tally, predictions, command="evaluate")
        readings, folder = matched.readings, matched.images
        refuse_no_reading(readings, tally, predictions)
        files = (*matched.file.files, *filter(None, [labels]))
        inputs = {path.as_posix(): sha256_of(path) for path in files}
        versions, name, crops, turned = {}, predictions.name, len(readings), None
    groups = grouping(group, [one.path for one in readings]) if group else None
    effect = None
    if loaded and rules:
        from train.judging.measuring import with_rules

        numbers = group_numbers(list(groups.names)) if groups else None
        readings, effect = with_rules(
            readings, loaded, rules, groups=numbers, inputs=inputs, seed=seed
        )
        inputs = inputs | {rules.as_posix(): sha256_of(rules)}
    others, hashes = read_others(
        compared,
        labels,
        images,
        tally,
        device=device,
        reference=reference,
        workers=workers,
        as_json=json,
    )
    found = measure(
        readings,
        model=name,
        kind="predictions" if model is None else "stock" if is_stock(model) else "model",
        grouping=groups,
        others=others,
        rules=effect,
        counts=tally.as_dict(),
        inputs=inputs | hashes,
        versions=versions,
        seed=seed,
    ).model_copy(update={"turned": turned})
    notes = [*tally.lines(of_readings.READING), *not_there]
    if len(readings) < crops:
        notes.insert(
            0,
            say(
                "{unread:,} of {crops:,} crops could not be read",
                unread=crops - len(readings),
                crops=crops,
            ),
        )
    if html:
        from train.judging.evaluate_page import evaluation_page

        with replacing(html) as file, pages_in(lang):
            file.write(evaluation_page(found, notes, folder))
    if json:
        sys.stdout.write(found.model_dump_json(indent=1) + "\n")
        return
    print_evaluation(found, notes)
    for what, path in (("predictions", out), ("page", html)):
        if path:
            print(f"{what}: {path}")
