"""`train mine`: the characters that a model misreads."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from textlines.wording import pages_in
from train.options import (
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


def mine(
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="What the model read: a table (path, truth, prediction[, score]) with a header; "
            "or with --labels the output of PaddleOCR's infer_rec.py, res.json of PaddleOCR 3.x "
            "(a file or a folder), RapidOCR's results as JSON, or what `train evaluate` wrote."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Read the crops of --labels with this model instead: a folder of `train "
            "weights`, an exported Paddle folder, an .onnx file, or a name."
        ),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Label file: path, tab, text. Beats the table's truth.")
    ] = None,
    images: Images = None,
    encoding: Encoding = "",
    cut_prefix: CutPrefix = "",
    dictionary: Annotated[
        Path | None,
        typer.Option(
            help="The model's dictionary (.txt, its inference.yml, or its training YAML)."
        ),
    ] = None,
    use_space_char: Annotated[
        bool | None,
        typer.Option(
            "--use-space-char/--no-space",
            help="Whether the model can read spaces; --model knows by itself. [default: as the "
            "dictionary's YAML or model folder says; else it can]",
        ),
    ] = None,
    max_length: Annotated[
        int, typer.Option(min=1, help="Longest label that the model is trained on.")
    ] = 25,
    marks: Annotated[
        Path | None, typer.Option(help="Marks saved from the page of an earlier run.")
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            help="Expression on the path whose first brackets name the document: rules are tried "
            "on other documents than they are found on. [default: on other texts]"
        ),
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option(
            help="Label file of lines as production holds them: what of it these labels lack is "
            "where further ones help. [default: the labels themselves]"
        ),
    ] = None,
    model_name: Annotated[str, typer.Option(help="Name of the model, for the record.")] = "",
    turn: Turn = None,
    reference: Reference = False,
    engine: Engine = "auto",
    device: Device = "auto",
    workers: Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the profile here (JSON). With --model, predictions.jsonl goes beside it."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page to look through and mark lines in.")
    ] = None,
    lang: Lang = None,
    rules_out: Annotated[
        Path | None,
        typer.Option(
            help="Write the rules that mend readings without training here (TOML), for `train "
            "evaluate --rules` and for your own program."
        ),
    ] = None,
    crops: Annotated[
        int, typer.Option(min=0, help="How many misread lines the page shows at most.")
    ] = 600,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    allow_seen: Annotated[
        bool, typer.Option("--allow-seen", help="Mine lines that the model was trained on.")
    ] = False,
    strict: Strict = False,
) -> None:
    """Find the characters that a model misreads.

    Ranks them by what mending them would gain, tells confusions, insertions and spaces apart, and
    names what no training can mend, and what rules on the readings would gain without any.
    """
    from textlines.errors import UsageError
    from textlines.formats.history import history_beside
    from textlines.formats.profile import save_profile
    from textlines.labels.label_file import Dialect
    from textlines.outputs import ANY, PROFILE, RULES, check_outputs, file, page
    from train.commands.by_model import predictions_outputs
    from train.judging.mine_text import print_summary, summary_json
    from train.judging.mining import Sources
    from train.judging.mining import mine as run

    if (model is None) == (predictions is None):
        raise UsageError(
            "--predictions, --model",
            "exactly one of them is needed",
            "Name what the model read, or the model itself.",
        )
    beside = out.with_name("predictions.jsonl") if out and model is not None else None
    histories = history_beside(out) if out else ()
    check_outputs(
        [
            file("--out", out, PROFILE),
            *(file("--out (its history beside it)", one, ANY) for one in histories),
            *predictions_outputs("--out (predictions.jsonl beside it)", beside),
            page("--html", html),
            file("--rules-out", rules_out, RULES),
        ],
        {
            "--predictions": predictions,
            "--model": model,
            "--labels": labels,
            "--images": images,
            "--dictionary": dictionary,
            "--marks": marks,
            "--like": like,
        },
    )
    dialect = Dialect(encoding, cut_prefix)
    if model is not None:
        from textlines.files import sha256_of
        from textlines.labels.tally import Tally
        from train.commands.by_model import find_turned, read_by_model
        from train.judging.mining import ReadingsToMine, mine_readings

        tally = Tally()
        if labels is not None and not allow_seen:
            from train.judging.mining import refuse_trained
            from train.models.model_sources import resolve
            from train.seen import find_history

            known = find_history(resolve(model).files)
            if known is not None:
                refuse_trained(known, labels, images, dialect)
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
            out=beside,
            strict=strict,
            as_json=json,
            turn=turn,
            dialect=dialect,
            use_space_char=use_space_char,
        )
        found = ReadingsToMine(
            readings=read.readings,
            place=read.labels,
            images=read.images,
            alphabet=opened.alphabet,
            model=model_name or opened.source.name,
            inputs=read.inputs | ({marks.as_posix(): sha256_of(marks)} if marks else {}),
            versions=read.versions,
            turned=find_turned(opened, read, as_json=json),
        )
        mined = mine_readings(found, tally, marks=marks, max_text_length=max_length, strict=strict)
    else:
        assert predictions is not None  # one of the two is there: mypy cannot see it
        if turn:
            raise UsageError("--turn", "belongs to --model", "")
        mined = run(
            Sources(
                predictions=predictions,
                labels=labels,
                dictionary=dictionary,
                marks=marks,
                images=images,
                dialect=dialect,
            ),
            use_space_char=use_space_char,
            max_text_length=max_length,
            model=model_name,
            strict=strict,
        )
    from train.judging.intervals import grouping
    from train.judging.rule_gains import search_rules

    paths = [one.path for one in mined.readings]
    mined = mined.with_rules(
        search_rules(mined.readings, grouping(group, paths).names if group else ())
    )
    from textlines.profile.support import Support
    from train.judging.label_worth import production_like, worth_lines

    texts = [one.truth for one in mined.readings]
    production = production_like(like, mined.tally) if like else Support.of(texts)
    written = 0
    if rules_out:
        from train.judging.rule_gains import save_profile_rules

        written = save_profile_rules(mined.measurement.profile, rules_out)
    unread = 0
    if out:
        save_profile(mined.measurement.profile, out)
    if out and out.is_file():  # no device: nothing lies beside that
        from train.seen import write_mined

        # Who brought the labels, by the name under which the profile has its hash.
        source = labels or predictions
        assert source is not None  # one of the two is there: mypy cannot see it
        inputs = mined.measurement.profile.inputs
        history, unread = write_mined(
            out, source, inputs[source.as_posix()], mined.paths, mined.images
        )
    made = None
    if html:
        from train.judging.mine_page import profile_page, save_page

        with pages_in(lang):
            made = profile_page(mined, crops=crops)
        save_page(made, html)
    if json:
        sys.stdout.write(summary_json(mined, out, html))
    else:
        worth = worth_lines(texts, production, mined.measurement.profile)
        print_summary(mined, out, html, made, worth)
        if rules_out:
            print(f"rules: {rules_out} ({written:,}; train evaluate --rules shows what they do)")
        if model is not None and labels is not None:
            from train.commands.compared import others_at_hand

            for line in others_at_hand(model, labels, images):
                print(line)
        if out and unread:
            print(f"history: {history} (images of {unread:,} lines are not there)")
