"""`train gate`: whether a candidate may replace its base."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textlines.formats.judged_set import JudgedSet
from textlines.request_options import SPREAD, Read, check_request, command, spread_options
from train.shared_options import Device, Lang, Turn, read_sets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from train.judging.judged_sets import ListedSet
    from train.judging.look_spending import Levels, Look
    from train.judging.verdict import GateVerdict
    from train.models.model_sources import ModelSource

_VERDICT = re.compile(rb'\{\s*"version": \d+,\s*"outcome": ')
_SUMMARY = re.compile(rb"## (\xe2\x9c\x85|\xe2\x9d\x8c|\xe2\x9d\x94) ")
_LOOKS = re.compile(rb'\{\s*"looks": \[')
_JUNIT = re.compile(rb'<\?xml [^>]*>\s*<testsuites>\s*<testsuite name="train gate"')


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRequest:
    """Which candidate is judged against which base, on what; the fields are the command's options.

    Attributes:
        turn: whether both models read crops in their turns; None as the candidate's record says,
            or the base's: they are compared as they will be used.
        delta: in points. group: a regular expression on the path.
        html, json, junit, summary: files of the verdict. out: the folder of both models'
            predictions.
        looks: a record that this verdict is written into, as one look at its lines more.
            planned_looks: of candidates; None lets there be any number.
        device: of both, so that nothing but the weights differs: auto is a GPU where both can be
            read there.

    Raises:
        UsageError: a number is out of range.
    """

    base: Annotated[
        str,
        typer.Option(
            help="The model in use: a folder of `train weights`, an exported Paddle folder, an "
            ".onnx file, or a name (PP-OCRv4_mobile_rec)."
        ),
    ]
    candidate: Annotated[str, typer.Option(help="The model that is to replace it.")]
    general: Annotated[
        tuple[JudgedSet, ...],
        Read(read_sets, is_repeated=True),
        SPREAD,
        typer.Option(
            metavar="FILE[:COMPARISON]...", help="Label files of lines that must not get worse."
        ),
    ]
    target: Annotated[
        tuple[JudgedSet, ...],
        Read(read_sets, is_repeated=True),
        SPREAD,
        typer.Option(
            metavar="FILE[:COMPARISON]...",
            help="Label files of lines that are to be read better. COMPARISON: exact (default), "
            "casefold, alnum (only letters and digits count), nospace. Without any it cannot tell.",
        ),
    ] = ()
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that paths start from. [default: that of each label file]"),
    ] = None
    group: Annotated[
        str | None,
        typer.Option(
            help="Expression on the path whose first brackets name the document: ^crops/([^_]+)_. "
            "Intervals then hold for new documents."
        ),
    ] = None
    delta: Annotated[
        float,
        typer.Option(help="What the general sets may lose together, in points.", min=0.01, max=100),
    ] = 1.0
    html: Annotated[Path | None, typer.Option(help="Write the verdict as a page.")] = None
    lang: Lang = None
    json: Annotated[Path | None, typer.Option(help="Write the verdict as JSON.")] = None
    junit: Annotated[Path | None, typer.Option(help="Write the verdict as JUnit XML.")] = None
    summary: Annotated[
        Path | None,
        typer.Option(help="Write the verdict as Markdown, for the summary of a batch job."),
    ] = None
    turn: Turn = None
    allow_seen: Annotated[
        bool,
        typer.Option(
            "--allow-seen", help="Judge on lines that an earlier step saw; the verdict says so."
        ),
    ] = False
    synthetic: Annotated[
        tuple[str, ...],
        typer.Option(help="A note that marks the verdict as one of rendered lines. Repeatable."),
    ] = ()
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the predictions of both; the same call goes on with them."),
    ] = None
    looks: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Record of the looks at these lines, made where it is not there: each further "
            "candidate that is judged on them has to show more. [default: none is paid for]",
        ),
    ] = None
    planned_looks: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Candidates that will be judged on these lines in all: they share the 5 % that "
            "may go wrong, and none beyond is judged. [default: any number, each at a wider "
            "interval]",
        ),
    ] = None
    device: Device = "auto"
    workers: Annotated[int | None, typer.Option(min=1, help="Threads. [default: all cores]")] = None
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1

    def __post_init__(self) -> None:
        check_request(self)


MANY = spread_options(GateRequest)
"""Options that take several values at once."""


def gate(request: GateRequest) -> "GateVerdict":
    """Judge a candidate against its base, as `train gate` does, and print nothing.

    Returns:
        The verdict; its `outcome` is "passed", "failed" or "cannot_tell". The files that the
        request names are written, whatever it is.

    Raises:
        MendError: a model, a set or a history cannot be read, or options do not fit; its text is
            the command's.
    """
    from textlines.files import replacing
    from textlines.outputs import Form, check_outputs, file, folder
    from textlines.outputs import page as html_page
    from textlines.wording import pages_in

    check_outputs(
        [
            html_page("--html", request.html),
            file("--json", request.json, Form("a verdict", _VERDICT)),
            file("--junit", request.junit, Form("a verdict as JUnit XML", _JUNIT)),
            file("--summary", request.summary, Form("a verdict as Markdown", _SUMMARY)),
            folder("--out", request.out, ("base", "candidate")),
            file("--looks", request.looks, Form("a record of looks", _LOOKS)),
        ],
        {
            "--base": request.base,
            "--candidate": request.candidate,
            "--target": [judged.path for judged in request.target],
            "--general": [judged.path for judged in request.general],
            "--images": request.images,
        },
    )
    judged = judge_candidate(request)
    verdict = judged.verdict
    if request.html:
        with replacing(request.html) as page, pages_in(request.lang):
            page.write(_page(verdict, judged.images))
    if request.junit:
        from train.judging.gate_text import junit

        with replacing(request.junit) as written:
            written.write(junit(verdict))
    if request.summary:
        from train.judging.gate_summary import summary

        with replacing(request.summary) as written:
            written.write(summary(verdict))
    if request.json:
        with replacing(request.json) as written:
            written.write(verdict.to_json())
    return verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and the folder of images of each set by its name."""

    verdict: "GateVerdict"
    images: "Mapping[str, Path]"


def judge_candidate(request: GateRequest) -> Judged:
    """Judge a candidate, from files to verdict.

    Raises:
        UsageError: base and candidate are one model, sets overlap, or an option does not fit.
        InputError: a model, a set or a history cannot be read.
    """
    from textlines.errors import UsageError
    from textlines.formats.history import merged
    from textlines.wording import say
    from train.judging.judged_sets import (
        NO_HISTORY,
        list_sets,
        seen_rows,
        synthetic_reasons,
        unseen_criterion,
    )
    from train.judging.verdict import GateVerdict
    from train.models.model_sources import asked_name, find_history, resolve_two
    from train.reading.crop_reading import usable_cores

    if request.planned_looks is not None and request.looks is None:
        raise UsageError("--planned-looks", "needs a record of them", "Name it: --looks FILE.")
    sources = resolve_two(request.base, request.candidate)
    if not request.target:
        return _without_target(request, sources[0], sources[1])
    sets = list_sets(
        request.target, request.general, request.images, workers=request.workers or usable_cores()
    )
    history = find_history(sources[1].files)
    # What the base has seen, its candidate has too: a loop starts from the last candidate.
    before = find_history(sources[0].files)
    whole = merged([part for part in (before, history) if part is not None])
    known = None if history is None and before is None else whole
    seen = seen_rows(sets, known)
    criterion = unseen_criterion(
        seen, None if history is None else whole, is_allowed=request.allow_seen
    )
    head = GateVerdict(
        outcome="cannot_tell",
        base=asked_name(request.base, sources[0]),
        candidate=asked_name(request.candidate, sources[1]),
        synthetic=(*request.synthetic, *synthetic_reasons(sets, whole)),
        criteria=(criterion,),
        seen=seen,
        delta_points=request.delta,
        seed=request.seed,
        inputs={listed.judged.path.as_posix(): listed.sha256 for listed in sets},
        notes=(NO_HISTORY,) if history is None else whole.gaps,
    )
    if criterion.status == "cannot_tell":
        again = say("Judge on other lines, or with --allow-seen, which the verdict prints.")
        refused = head.model_copy(update={"is_refused": True, "notes": (*head.notes, again)})
        return Judged(refused, {})
    look = _look(request, sets, sources)
    if look is None:
        return _read_and_judge(request, sets, head)
    head = head.model_copy(update={"criteria": (criterion, look.criterion()), "paid": look.paid})
    if look.is_beyond:
        return Judged(head.model_copy(update={"is_refused": True}), {})
    judged = _read_and_judge(request, sets, head, look.levels)
    # Before anybody is told of it: a look that is told and not written down would be free.
    look.write(judged.verdict.outcome)
    return judged


def _look(
    request: GateRequest,
    sets: "tuple[ListedSet, ...]",
    sources: "tuple[ModelSource, ModelSource]",
) -> "Look | None":
    """Return the look that the verdict will be; None where looks are not paid for."""
    from train.judging.look_spending import look_at

    if request.looks is None:
        return None
    return look_at(
        request.looks,
        sets,
        base=sources[0].hashes(),
        candidate=sources[1].hashes(),
        way={
            "group": request.group,
            "delta": request.delta,
            "turn": request.turn,
            "seed": request.seed,
        },
        planned=request.planned_looks,
    )


def _read_and_judge(
    request: GateRequest,
    sets: "tuple[ListedSet, ...]",
    head: "GateVerdict",
    levels: "Levels | None" = None,
) -> Judged:
    """Read the sets with both models, and decide."""
    from textlines.defects import of_readings
    from textlines.labels.tally import Tally
    from textlines.progress import watching
    from train.judging.decision import decide
    from train.judging.judged_lines import read_both, vetoes_of, warnings_of, with_groups
    from train.judging.judged_sets import look_of, rendered_notes
    from train.judging.paired_characters import pair_characters
    from train.judging.verdict import outcome_of
    from train.judging.verdict_rows import verdict_rows
    from train.reading.model_opening import open_two, turning_of_two

    # On one device, so that nothing but the weights differs.
    base, candidate = open_two(request.base, request.candidate, device=request.device)
    turning, notes = turning_of_two(request.turn, base, candidate)
    tally = Tally()
    judged = tuple(
        read_both(
            base,
            candidate,
            listed,
            tally,
            images=request.images,
            out=request.out,
            workers=request.workers,
            watching=watching,
            turning=turning,
        )
        for listed in sets
    )
    if request.group:
        judged, group_notes = with_groups(judged, request.group)
        notes += group_notes
    # Of general lines all that their labels record: `alnum` would leave no space to lose.
    characters = pair_characters(
        line.keys for judged_set in judged for line in judged_set.judged_strictly
    )
    vetoes = vetoes_of(judged)
    decision = decide(
        [judged_set.numbers() for judged_set in judged],
        characters,
        vetoes=vetoes,
        delta_points=request.delta,
        seed=request.seed,
        levels=levels,
    )
    criteria = (*head.criteria, *decision.criteria)
    inputs: dict[str, str] = {}
    for part in judged:
        inputs |= part.inputs
    notes += warnings_of(judged)
    notes += rendered_notes(sets)
    notes += tally.lines({**of_readings.READING, **of_readings.JUDGED})
    verdict = head.model_copy(
        update={
            **verdict_rows(
                judged, decision, characters, vetoes, seed=request.seed, turning=turning
            ),
            "outcome": outcome_of(tuple(criterion.status for criterion in criteria)),
            "criteria": criteria,
            "counts": tally.as_dict(),
            "inputs": inputs,
            "looks": tuple(map(look_of, sets)),
            "versions": judged[0].versions,
            "notes": (*head.notes, *notes),
        }
    )
    return Judged(verdict, {judged_set.listed.name: judged_set.images for judged_set in judged})


def _without_target(request: GateRequest, base: "ModelSource", candidate: "ModelSource") -> Judged:
    """Return the verdict over no target line: no reading of other lines could pass a candidate."""
    from textlines.wording import say
    from train.judging.judged_sets import no_target_criterion
    from train.judging.verdict import GateVerdict
    from train.models.model_sources import asked_name

    for judged_set in request.general:
        judged_set.check()
    verdict = GateVerdict(
        outcome="cannot_tell",
        base=asked_name(request.base, base),
        candidate=asked_name(request.candidate, candidate),
        synthetic=request.synthetic,
        criteria=(no_target_criterion(),),
        delta_points=request.delta,
        seed=request.seed,
        notes=(say("without a target the general sets were not read"),),
    )
    return Judged(verdict, {})


def _print_verdict(request: GateRequest) -> None:
    """Judge a candidate against its base on lines that nobody trained on.

    Ends with 0 when it passed, 1 when it failed, 3 when these lines cannot tell or an earlier step
    saw them. Intervals are two-sided, 95 %; with --looks those of what a pass claims are wider.
    """
    verdict = gate(request)
    from train.judging.gate_text import print_verdict

    print_verdict(verdict)
    written = {
        "page": request.html,
        "JSON": request.json,
        "JUnit": request.junit,
        "summary": request.summary,
        "predictions": request.out,
    }
    for what, path in written.items():
        if path:
            print(f"{what}: {path}")
    sys.exit(verdict.exit_code)


command_line = command(GateRequest, _print_verdict)


def _page(verdict: "GateVerdict", images: "Mapping[str, Path]") -> str:
    """Build the page, with the crops of the lines that it shows."""
    from textlines.errors import InputError
    from textlines.pages.thumbnails import thumbnail
    from textlines.pixels.decode import read_image
    from train.judging.gate_page import verdict_page
    from train.judging.gate_text import shown_flips

    pictures = {}
    for line in shown_flips(verdict):
        try:
            crop = read_image(images[line.set] / line.path)
        except InputError:  # it was there when it was read; the page says that it is gone
            continue
        pictures[line.set, line.path] = thumbnail(crop, max_height=56, max_width=480)
    return verdict_page(verdict, pictures)
