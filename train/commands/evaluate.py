"""`train evaluate`: how well a model reads labelled lines."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from train.commands.options import Device, Engine, Images, Reference, Strict, Turn, Workers

if TYPE_CHECKING:
    from textlines.labels.tally import Tally
    from textlines.profile.reading import Reading


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
        list[Path] | None,
        typer.Option(help="Other predictions of the same lines to compare with. Repeatable."),
    ] = None,
    turn: Turn = None,
    reference: Reference = False,
    engine: Engine = "auto",
    device: Device = "cpu",
    workers: Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write predictions here (JSON lines). Shards land in the folder of the same name "
            "without its ending; the same call goes on with them."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the figures as a page.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    strict: Strict = False,
) -> None:
    """Measure how well a model reads labelled lines.

    Line accuracy, character accuracy (1 - NED) and CER, as they are and with case folded, spaces
    ignored and punctuation ignored; by label length, by group, with 95 % intervals.
    """
    from textlines.errors import UsageError
    from textlines.files import replacing
    from textlines.labels.tally import Tally
    from textlines.outputs import check_outputs, page
    from train.commands.by_model import predictions_outputs
    from train.evaluation.evaluate import evaluate as measure
    from train.evaluation.groups import grouping
    from train.evaluation.told import print_evaluation
    from train.mining.reasons import REASONS

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
        },
    )
    tally = Tally()
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
        from train.evaluation.from_file import from_file

        readings, inputs = from_file(predictions, labels, images, tally, strict=strict)
        versions, name, crops, turned = {}, predictions.name, len(readings), None
        folder = images or (labels or predictions).parent
    found = measure(
        readings,
        model=name,
        grouping=grouping(group, [one.path for one in readings]) if group else None,
        others=_others(compare or [], tally),
        counts=tally.as_dict(),
        inputs=inputs,
        versions=versions,
        seed=seed,
    ).model_copy(update={"turned": turned})
    notes = tally.lines(REASONS)
    if len(readings) < crops:
        notes.insert(0, f"{crops - len(readings):,} of {crops:,} crops could not be read")
    if html:
        from train.evaluation.page import evaluation_page

        with replacing(html) as file:
            file.write(evaluation_page(found, notes, folder))
    if json:
        sys.stdout.write(found.model_dump_json(indent=1) + "\n")
        return
    print_evaluation(found, notes)
    for what, path in (("predictions", out), ("page", html)):
        if path:
            print(f"{what}: {path}")


def _others(files: list[Path], tally: "Tally") -> dict[str, dict[str, str]]:
    """Read other predictions by path."""
    from textlines.labels.label_paths import normal_path
    from train.mining.predictions import read_predictions

    return {
        file.as_posix(): {
            normal_path(one.path): one.text for one in read_predictions(file, tally).predictions
        }
        for file in files
    }
