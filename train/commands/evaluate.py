"""`train evaluate`: how well a model reads labelled lines."""

import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textlines.cluster_joining import connected
from textlines.errors import UsageError
from textlines.request_options import SPREAD, command, spread_options
from textlines.wording import pages_in, say_n
from train.commands.by_model import ReadRequest
from train.shared_options import Lang

if TYPE_CHECKING:
    from textlines.labels.tally import Tally
    from textlines.profile.reading import Reading
    from train.judging.evaluation import Evaluation, ReaderKind
    from train.reading.turned_crops import TurnedCrops


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateRequest(ReadRequest):
    """What is measured, and what is written of it; the fields are the options of the command.

    Attributes:
        predictions: what a model read, in the place of `model`.
        group: a regular expression on the path.
        compare: models and files of predictions that the same lines are read by.
        out: the predictions; html: the page.

    Raises:
        UsageError: not exactly one of model and predictions is named, or a number is out of range.
    """

    predictions: Annotated[
        Path | None,
        typer.Option(help="What was read, instead of --model; forms as for `train mine`."),
    ] = None
    group: Annotated[
        str | None,
        typer.Option(
            help="Expression on the path whose first brackets name the document: ^crops/([^_]+)_. "
            "Gives figures by group, and intervals that hold for new documents."
        ),
    ] = None
    compare: Annotated[
        tuple[str, ...],
        SPREAD,
        typer.Option(
            metavar="MODEL_OR_FILE...",
            help="What else reads the same lines, in one table: models by name or folder, files "
            "of predictions; `stock` for every published model on this machine.",
        ),
    ] = ()
    rules: Annotated[
        Path | None,
        typer.Option(
            help="Rules of `train mine --rules-out`: applied to the readings before they are "
            "measured. --out keeps the readings as they were."
        ),
    ] = None
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write predictions here (JSON lines). Shards land in the folder of the same name "
            "without its ending; the same call goes on with them."
        ),
    ] = None
    html: Annotated[Path | None, typer.Option(help="Write the figures as a page.")] = None
    lang: Lang = None
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1

    def __post_init__(self) -> None:
        # Not super(): a class with slots is another one than the one whose body this is.
        ReadRequest.__post_init__(self)
        if (self.model is None) == (self.predictions is None):
            raise UsageError("--model, --predictions", "exactly one of them is needed", "")


MANY = spread_options(EvaluateRequest)
"""Options that take several values at once."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines as they were read.

    Attributes:
        folder: that their paths start from. inputs: sha256 by name. name: of what read them.
        crops: how many there are, those that could not be read among them.
    """

    readings: "tuple[Reading, ...]"
    folder: Path
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    name: str
    crops: int
    turned: "TurnedCrops | None" = None


def evaluate(request: EvaluateRequest) -> dict[str, Any]:
    """Measure how well a model reads and write the files that are named, as `train evaluate` does.

    Nothing goes to stdout; progress in reading goes to stderr.

    Returns:
        What `train evaluate --json` prints (docs/formats.md).

    Raises:
        MendError: files or options cannot be used as they are; its text is the command's.
    """
    evaluation, _ = evaluated(request, as_json=False)
    return evaluation.model_dump(mode="json")


def evaluated(request: EvaluateRequest, *, as_json: bool) -> "tuple[Evaluation, list[str]]":
    """Measure, and write predictions and page; return the figures, and notes on what they are of.

    Args:
        as_json: whether progress goes to stderr as JSON lines.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    from textlines.files import replacing, sha256_of
    from textlines.formats.reading_rules import load_rules
    from textlines.labels.tally import Tally
    from textlines.outputs import check_outputs, page
    from train.commands.by_model import predictions_outputs
    from train.commands.compared import named, read_others
    from train.judging.intervals import group_numbers, grouping
    from train.judging.measuring import evaluate as measure
    from train.judging.measuring import with_rules
    from train.models.model_sources import is_stock

    check_outputs(
        [*predictions_outputs("--out", request.out), page("--html", request.html)],
        {
            "--labels": request.labels,
            "--model": request.model,
            "--predictions": request.predictions,
            "--images": request.images,
            "--dictionary": request.dictionary,
            "--compare": request.compare,
            "--rules": request.rules,
        },
    )
    compared, not_there = named(request.compare, request.model)
    rules, tally = request.rules, Tally()
    loaded = load_rules(rules) if rules else None
    by_model = request.model is not None
    # One connection for all models that are compared.
    with connected(request.ray) if request.ray else nullcontext():
        lines = _read(request, tally, as_json) if by_model else _predicted(request, tally)
        others, hashes = read_others(compared, request, tally, as_json=as_json)
    paths = [reading.path for reading in lines.readings]
    groups = grouping(request.group, paths) if request.group else None
    readings, inputs, effect = lines.readings, dict(lines.inputs), None
    if loaded and rules:
        numbers = group_numbers(list(groups.names)) if groups else None
        readings, effect = with_rules(
            readings, loaded, rules, groups=numbers, inputs=inputs, seed=request.seed
        )
        inputs[rules.as_posix()] = sha256_of(rules)
    from_model: ReaderKind = "stock" if request.model and is_stock(request.model) else "model"
    evaluation = measure(
        readings,
        model=lines.name,
        kind=from_model if by_model else "predictions",
        grouping=groups,
        others=others,
        rules=effect,
        counts=tally.as_dict(),
        inputs=inputs | hashes,
        versions=lines.versions,
        seed=request.seed,
    ).model_copy(update={"turned": lines.turned})
    notes = _notes(lines, tally, not_there)
    if request.html:
        from train.judging.evaluate_page import evaluation_page

        with replacing(request.html) as file, pages_in(request.lang):
            file.write(evaluation_page(evaluation, notes, lines.folder))
    return evaluation, notes


def _read(request: EvaluateRequest, tally: "Tally", as_json: bool) -> _Lines:
    """Read the crops with the model."""
    from train.commands.by_model import find_turned, read_by_model

    opened, read = read_by_model(request, tally, out=request.out, as_json=as_json)
    return _Lines(
        readings=read.readings,
        folder=read.images,
        inputs=read.inputs,
        versions=read.versions,
        name=opened.source.name,
        crops=len(read.done.outcomes),
        turned=find_turned(opened, read, as_json=as_json),
    )


def _predicted(request: EvaluateRequest, tally: "Tally") -> _Lines:
    """Match predictions and labels.

    Raises:
        UsageError: an option is for a model. InputError: a file cannot be used, or no line is left.
    """
    from textlines.files import sha256_of
    from train.judging.prediction_files import read_matched, refuse_left_out, refuse_no_reading

    predictions = request.predictions
    assert predictions is not None  # the request has seen to it
    if request.out or request.reference or request.dictionary or request.turn:
        raise UsageError("--out, --reference, --dictionary, --turn", "belong to --model", "")
    matched = read_matched(
        predictions,
        request.labels,
        request.images,
        tally,
        strict=request.strict,
        dialect=request.dialect,
    )
    if request.strict:
        refuse_left_out(tally, predictions, command="evaluate")
    refuse_no_reading(matched.readings, tally, predictions)
    files = (*matched.file.files, *filter(None, [request.labels]))
    return _Lines(
        readings=matched.readings,
        folder=matched.images,
        inputs={path.as_posix(): sha256_of(path) for path in files},
        versions={},
        name=predictions.name,
        crops=len(matched.readings),
    )


def _notes(lines: _Lines, tally: "Tally", not_there: list[str]) -> list[str]:
    from textlines.defects import of_readings

    notes = [*tally.lines(of_readings.READING), *not_there]
    unread = lines.crops - len(lines.readings)
    if unread > 0:
        crops = lines.crops
        said = say_n(
            "{unread:,} of {n:,} crop could not be read",
            "{unread:,} of {n:,} crops could not be read",
            crops,
            unread=unread,
        )
        notes.insert(0, said)
    return notes


def _print_evaluation(
    request: EvaluateRequest,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how well a model reads labelled lines.

    Line accuracy, character accuracy (1 - NED) and CER, as they are and with case folded, spaces
    ignored and punctuation ignored; by label length, by group, with 95 % intervals.
    """
    evaluation, notes = evaluated(request, as_json=json)
    if json:
        sys.stdout.write(evaluation.model_dump_json(indent=1) + "\n")
        return
    from train.judging.evaluate_text import print_evaluation

    print_evaluation(evaluation, notes)
    for what, path in (("predictions", request.out), ("page", request.html)):
        if path:
            print(f"{what}: {path}")


command_line = command(EvaluateRequest, _print_evaluation)
