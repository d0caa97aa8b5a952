"""`train mine`: the characters that a model misreads."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textlines.errors import UsageError
from textlines.labels.canonical import MAX_LENGTH
from textlines.request_options import command
from textlines.wording.counts import count_of
from train.commands.by_model import ReadRequest
from train.shared_options import Lang

if TYPE_CHECKING:
    from textlines.profile.support import Support
    from train.judging.mine_page import ProfilePage
    from train.judging.mining import Mined


@dataclass(frozen=True, slots=True, kw_only=True)
class MineRequest(ReadRequest):
    """What is mined, and what is written of it; the fields are the options of the command.

    Attributes:
        predictions: what a model read, in the place of `model`.
        group: a regular expression on the path. model_name: for the record.
        out: the profile; html: the page; rules_out: the rules that mend readings.

    Raises:
        UsageError: not exactly one of predictions and model is named, or a number is out of range.
    """

    predictions: Annotated[
        Path | None,
        typer.Option(
            help="What the model read: a table (path, truth, prediction[, score]) with a header; "
            "or with --labels the output of PaddleOCR's infer_rec.py, res.json of PaddleOCR 3.x "
            "(a file or a folder), RapidOCR's results as JSON, or what `train evaluate` wrote."
        ),
    ] = None
    model: Annotated[
        str | None,
        typer.Option(
            help="Read the crops of --labels with this model instead: a folder of `train "
            "weights`, an exported Paddle folder, an .onnx file, or a name."
        ),
    ] = None
    labels: Annotated[
        Path | None, typer.Option(help="Label file: path, tab, text. Beats the table's truth.")
    ] = None
    dictionary: Annotated[
        Path | None,
        typer.Option(
            help="The model's dictionary (.txt, its inference.yml, or its training YAML)."
        ),
    ] = None
    use_space_char: Annotated[
        bool | None,
        typer.Option(
            "--use-space-char/--no-space",
            help="Whether the model can read spaces; --model knows by itself. [default: as the "
            "dictionary's YAML or model folder says; else it can]",
        ),
    ] = None
    max_length: Annotated[
        int, typer.Option(min=1, help="Longest label that the model is trained on.")
    ] = MAX_LENGTH
    marks: Annotated[
        Path | None, typer.Option(help="Marks saved from the page of an earlier run.")
    ] = None
    group: Annotated[
        str | None,
        typer.Option(
            help="Expression on the path whose first brackets name the document: rules are tried "
            "on other documents than they are found on. [default: on other texts]"
        ),
    ] = None
    like: Annotated[
        Path | None,
        typer.Option(
            help="Label file of lines as production holds them: what of it these labels lack is "
            "where further ones help. [default: the labels themselves]"
        ),
    ] = None
    model_name: Annotated[str, typer.Option(help="Name of the model, for the record.")] = ""
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the profile here (JSON). With --model, predictions.jsonl goes beside it."
        ),
    ] = None
    html: Annotated[
        Path | None, typer.Option(help="Write a page to look through and mark lines in.")
    ] = None
    lang: Lang = None
    rules_out: Annotated[
        Path | None,
        typer.Option(
            help="Write the rules that mend readings without training here (TOML), for `train "
            "evaluate --rules` and for your own program."
        ),
    ] = None
    crops: Annotated[
        int, typer.Option(min=0, help="How many misread lines the page shows at most.")
    ] = 600
    allow_seen: Annotated[
        bool, typer.Option("--allow-seen", help="Mine lines that the model was trained on.")
    ] = False

    def __post_init__(self) -> None:
        # Not super(): a class with slots is another one than the one whose body this is.
        ReadRequest.__post_init__(self)
        if (self.model is None) == (self.predictions is None):
            raise UsageError(
                "--predictions, --model",
                "exactly one of them is needed",
                "Name what the model read, or the model itself.",
            )

    @property
    def readings(self) -> Path | None:
        """Return where the predictions of the model go, if anywhere."""
        return (
            self.out.with_name("predictions.jsonl") if self.out and self.model is not None else None
        )


@dataclass(frozen=True, slots=True)
class MineOutcome:
    """What was mined and written.

    Attributes:
        production: what lines of production hold.
        page: what the page holds; None without one.
        rules: how many were written.
        history: the history beside the profile; unread: lines without an image to know again.
    """

    mined: "Mined"
    production: "Support"
    page: "ProfilePage | None" = None
    rules: int = 0
    history: Path | None = None
    unread: int = 0


def mine(request: MineRequest) -> dict[str, Any]:
    """Find what a model misreads and write the files that are named, as `train mine` does.

    Nothing goes to stdout; progress in reading goes to stderr.

    Returns:
        What `train mine --json` prints: the profile (docs/formats.md) without the entries of its
        alphabet, and the files that were written.

    Raises:
        MendError: files or options cannot be used as they are; its text is the command's.
    """
    from train.judging.mine_text import summary_of

    mined = mined_by(request, as_json=False).mined
    return summary_of(mined, request.out, request.html)


def mined_by(request: MineRequest, *, as_json: bool) -> MineOutcome:
    """Mine, and write profile, history, page and rules where they are asked for.

    Args:
        as_json: whether progress goes to stderr as JSON lines.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    from textlines.formats.history import history_beside
    from textlines.formats.profile import save_profile
    from textlines.outputs import ANY, PROFILE, RULES, check_outputs, file, page
    from textlines.profile.support import Support
    from textlines.wording import pages_in
    from train.commands.by_model import predictions_outputs
    from train.judging.intervals import grouping
    from train.judging.label_worth import production_like
    from train.judging.rule_gains import save_profile_rules, search_rules

    out = request.out
    histories = history_beside(out) if out else ()
    check_outputs(
        [
            file("--out", out, PROFILE),
            *(file("--out (its history beside it)", each, ANY) for each in histories),
            *predictions_outputs("--out (predictions.jsonl beside it)", request.readings),
            page("--html", request.html),
            file("--rules-out", request.rules_out, RULES),
        ],
        {
            "--predictions": request.predictions,
            "--model": request.model,
            "--labels": request.labels,
            "--images": request.images,
            "--dictionary": request.dictionary,
            "--marks": request.marks,
            "--like": request.like,
        },
    )
    mined = _from_predictions(request) if request.model is None else _from_model(request, as_json)
    paths = [reading.path for reading in mined.readings]
    groups = grouping(request.group, paths).names if request.group else ()
    mined = mined.with_rules(search_rules(mined.readings, groups))
    profile = mined.measurement.profile
    texts = [reading.label for reading in mined.readings]
    production = production_like(request.like, mined.tally) if request.like else Support.of(texts)
    rules = save_profile_rules(profile, request.rules_out) if request.rules_out else 0
    history, unread = None, 0
    if out:
        save_profile(profile, out)
    if out and out.is_file():  # no device: nothing lies beside that
        from train.seen import write_mined

        # Who brought the labels, by the name under which the profile has its hash.
        source = request.labels or request.predictions
        assert source is not None  # one of the two is there: mypy cannot see it
        digest = profile.inputs[source.as_posix()]
        history, unread = write_mined(out, source, digest, mined.paths, mined.images)
    made = None
    if request.html:
        from train.judging.mine_page import profile_page, save_page

        with pages_in(request.lang):
            made = profile_page(mined, crops=request.crops)
        save_page(made, request.html)
    return MineOutcome(
        mined=mined, production=production, page=made, rules=rules, history=history, unread=unread
    )


def _from_model(request: MineRequest, as_json: bool) -> "Mined":
    """Read the crops and measure.

    Raises:
        InputError: as `read_by_model` and `mine_readings`, or the model was trained on the lines.
    """
    from textlines.files import sha256_of
    from textlines.labels.tally import Tally
    from train.commands.by_model import find_turned, read_by_model
    from train.judging.mining import ReadingsToMine, mine_readings, refuse_trained
    from train.models.model_sources import find_history, resolve

    tally, marks = Tally(), request.marks
    if request.labels is not None and request.model is not None and not request.allow_seen:
        known = find_history(resolve(request.model).files)
        if known is not None:
            refuse_trained(known, request.labels, request.images, request.dialect)
    opened, read = read_by_model(
        request,
        tally,
        out=request.readings,
        as_json=as_json,
        use_space_char=request.use_space_char,
    )
    readings = ReadingsToMine(
        readings=read.readings,
        place=read.labels,
        images=read.images,
        alphabet=opened.alphabet,
        model=request.model_name or opened.source.name,
        inputs=read.inputs | ({marks.as_posix(): sha256_of(marks)} if marks else {}),
        versions=read.versions,
        turned=find_turned(opened, read, as_json=as_json),
    )
    return mine_readings(
        readings, tally, marks=marks, max_text_length=request.max_length, strict=request.strict
    )


def _from_predictions(request: MineRequest) -> "Mined":
    """Match predictions and labels, and measure.

    Raises:
        UsageError: an option is for a model. InputError: as `train.judging.mining.mine`.
    """
    from train.judging.mining import Sources
    from train.judging.mining import mine as measured

    assert request.predictions is not None  # the request has seen to it
    if request.turn:
        raise UsageError("--turn", "belongs to --model", "")
    sources = Sources(
        predictions=request.predictions,
        labels=request.labels,
        dictionary=request.dictionary,
        marks=request.marks,
        images=request.images,
        dialect=request.dialect,
    )
    return measured(
        sources,
        use_space_char=request.use_space_char,
        max_text_length=request.max_length,
        model=request.model_name,
        strict=request.strict,
    )


def _print_mine(
    request: MineRequest,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Find the characters that a model misreads.

    Ranks them by what mending them would gain, tells confusions, insertions and spaces apart, and
    names what no training can mend, and what rules on the readings would gain without any.
    """
    outcome = mined_by(request, as_json=json)
    from train.judging.label_worth import worth_lines
    from train.judging.mine_text import print_summary, summary_json

    mined = outcome.mined
    if json:
        sys.stdout.write(summary_json(mined, request.out, request.html))
        return
    texts = [reading.label for reading in mined.readings]
    worth = worth_lines(texts, outcome.production, mined.measurement.profile)
    print_summary(mined, request.out, request.html, outcome.page, worth)
    if request.rules_out:
        shown = "train evaluate --rules shows what they do"
        print(f"rules: {request.rules_out} ({outcome.rules:,}; {shown})")
    if request.model is not None and request.labels is not None:
        from train.commands.compared import others_at_hand

        for line in others_at_hand(request.model, request.labels, request.images):
            print(line)
    if outcome.unread:
        print(
            f"history: {outcome.history} (not there: the images of "
            f"{count_of(outcome.unread, 'line')})"
        )


command_line = command(MineRequest, _print_mine)
