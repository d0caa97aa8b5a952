"""`train det gate`: whether a candidate may replace its base as a detector."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from textlines.errors import UsageError
from textlines.formats.judged_set import JudgedBy
from textlines.request_options import SPREAD, Read, check_request, command, spread_options
from train.detection.named_pages import (
    NamedPages,
    TunedPair,
    read_named_pages,
    read_tuned_pairs,
)
from train.shared_options import Device, Lang

if TYPE_CHECKING:
    from collections.abc import Mapping

    from train.detection.gate_job import Gated
    from train.detection.gate_sets import ListedPages, TunedSettings
    from train.detection.gate_verdict import DetVerdict
    from train.models.model_sources import ModelSource
    from train.reading.model_opening import Opened

_VERDICT = re.compile(rb'\{\s*"version": \d+,\s*"judged": "detector"')


@dataclass(frozen=True, slots=True, kw_only=True)
class DetGateRequest:
    """Which candidate is judged against which base, on what; the fields are the command's options.

    Attributes:
        base_tuned, candidate_tuned: settings for the target; None judges both as deployed.
        general_tuned: settings for general sets, beside those as deployed.
        objective: what the target is to gain. delta: in points.
        html, json: files of the verdict. out: the folder of both detectors' boxes.
        device: of the recognizer; detectors are computed on the CPU.

    Raises:
        UsageError: options do not fit together, or a number is out of range.
    """

    base: Annotated[
        str,
        typer.Option(
            help="The detector in use: a name (PP-OCRv5_mobile_det), an exported Paddle folder, or "
            "an .onnx file."
        ),
    ]
    candidate: Annotated[str, typer.Option(help="The detector that is to replace it.")]
    general: Annotated[
        tuple[NamedPages, ...],
        Read(read_named_pages, is_repeated=True),
        SPREAD,
        typer.Option(
            metavar="[NAME=]FILE...",
            help="Page label files of pages that must not get worse, each by itself. A folder "
            "stands for its Label.txt.",
        ),
    ]
    target: Annotated[
        tuple[NamedPages, ...],
        Read(read_named_pages, is_repeated=True),
        SPREAD,
        typer.Option(
            metavar="[NAME=]FILE...",
            help="Page label files of pages that are to be detected better. Without any it cannot "
            "tell.",
        ),
    ] = ()
    images: Annotated[
        Path | None,
        typer.Option(
            help="Folder that paths start from. [default: that of each label file, or above it]"
        ),
    ] = None
    base_tuned: Annotated[
        Path | None,
        typer.Option(
            help="tuned.toml of `train det tune`: the base's settings for the target, searched on "
            "other pages of its kind. [default: both as deployed]"
        ),
    ] = None
    candidate_tuned: Annotated[Path | None, typer.Option(help="The candidate's.")] = None
    general_tuned: Annotated[
        tuple[TunedPair, ...],
        Read(read_tuned_pairs, is_repeated=True),
        SPREAD,
        typer.Option(
            metavar="NAME=BASE,CANDIDATE...",
            help="Judge a general set at tuned settings, too: the files of the base and of the "
            "candidate.",
        ),
    ] = ()
    recognizer: Annotated[
        str | None,
        typer.Option(
            help="What reads the boxes of both, a second figure: a folder of `train weights`, an "
            "exported Paddle folder, an .onnx file, or a name."
        ),
    ] = None
    dictionary: Annotated[
        Path | None, typer.Option(help="The recognizer's dictionary, if none is with it.")
    ] = None
    comparison: Annotated[JudgedBy, typer.Option(help="By which a reading of a line is right.")] = (
        "exact"
    )
    objective: Annotated[
        Literal["hmean", "reading"],
        typer.Option(
            help="What the target is to gain. hmean: boxes that fit (PaddleOCR's); reading: lines "
            "read exactly."
        ),
    ] = "hmean"
    delta: Annotated[
        float,
        typer.Option(help="What a general set may lose, in points.", min=0.01, max=100),
    ] = 1.0
    html: Annotated[Path | None, typer.Option(help="Write the verdict as a page.")] = None
    lang: Lang = None
    json: Annotated[Path | None, typer.Option(help="Write the verdict as JSON.")] = None
    allow_seen: Annotated[
        bool,
        typer.Option(
            "--allow-seen", help="Judge on pages that an earlier step saw; the verdict says so."
        ),
    ] = False
    out: Annotated[
        Path | None, typer.Option(help="Folder for the boxes of both, as page label files.")
    ] = None
    device: Device = "auto"
    workers: Annotated[
        int | None, typer.Option(min=1, help="Pages at once. [default: all cores]")
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1

    def __post_init__(self) -> None:
        check_request(self)
        if bool(self.base_tuned) != bool(self.candidate_tuned):
            missing = "--candidate-tuned" if self.base_tuned else "--base-tuned"
            raise UsageError(
                missing,
                "is missing: with one side tuned alone, a gain may be of the settings",
                "Tune both on the same pages: train det tune.",
            )
        if self.objective == "reading" and not self.recognizer:
            raise UsageError(
                "--objective reading", "needs a --recognizer", "Name one: PP-OCRv5_mobile_rec."
            )
        if self.dictionary and not self.recognizer:
            raise UsageError("--dictionary", "belongs to --recognizer", "Name that, too.")


MANY = spread_options(DetGateRequest)
"""Options that take several values at once."""


def det_gate(request: DetGateRequest) -> "DetVerdict":
    """Judge a candidate against its base, as `train det gate` does, and print nothing.

    Progress goes to stderr.

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
            file("--json", request.json, Form("a verdict on a detector", _VERDICT)),
            folder("--out", request.out, ("base", "candidate")),
        ],
        {
            "--base": request.base,
            "--candidate": request.candidate,
            "--target": [one.path for one in request.target],
            "--general": [one.path for one in request.general],
            "--images": request.images,
            "--base-tuned": request.base_tuned,
            "--candidate-tuned": request.candidate_tuned,
            "--general-tuned": [
                path for pair in request.general_tuned for path in (pair.base, pair.candidate)
            ],
            "--recognizer": request.recognizer,
            "--dictionary": request.dictionary,
        },
    )
    gated = judge_detectors(request)
    if request.html:
        from train.detection.gate_page import verdict_page

        with replacing(request.html) as page, pages_in(request.lang):
            page.write(verdict_page(gated))
    if request.out:
        from train.detection.gate_job import write_boxes

        write_boxes(gated.sets, request.out)
    if request.json:
        with replacing(request.json) as written:
            written.write(gated.verdict.to_json())
    return gated.verdict


def judge_detectors(request: DetGateRequest) -> "Gated":
    """Judge a candidate, from files to verdict.

    Raises:
        UsageError: base and candidate are one model, sets overlap, or an option does not fit.
        InputError: a model, a set, tuned settings or a history cannot be read.
    """
    from textlines.labels.tally import Tally
    from textlines.progress import watching
    from train.commands.needed import need_polygons
    from train.models.model_sources import asked_name, resolve_two

    need_polygons("train det gate")
    from train.detection.detector import open_detector
    from train.detection.gate_job import GateJob, gate
    from train.detection.gate_sets import list_pages
    from train.detection.page_outcomes import BoxReader
    from train.reading.crop_reading import usable_cores

    sources = resolve_two(request.base, request.candidate, role="detector")
    if not request.target:
        return _without_target(request, sources[0], sources[1])
    workers = request.workers or usable_cores()
    tally = Tally()
    sets = list_pages(request.target, request.general, tally, request.images, workers=workers)
    detectors = open_detector(request.base), open_detector(request.candidate)
    pairs = _tuned(request, sets, (detectors[0].hashes(), detectors[1].hashes()))
    recognizer = _recognizer(request)
    hashes = {
        f"{name}/{file}": digest
        for name, known in (
            (request.base, detectors[0].hashes()),
            (request.candidate, detectors[1].hashes()),
            (request.recognizer, recognizer.hashes if recognizer else {}),
        )
        for file, digest in known.items()
    }
    job = GateJob(
        base=detectors[0],
        candidate=detectors[1],
        base_name=asked_name(request.base, sources[0]),
        candidate_name=asked_name(request.candidate, sources[1]),
        sets=sets,
        tuned=pairs.pop("", None),
        general_tuned=pairs,
        objective=request.objective,
        reader=BoxReader(recognizer.engine, request.comparison) if recognizer else None,
        recognizer=recognizer.source.name if recognizer else "",
        delta_points=request.delta,
        images=request.images,
        is_allowed=request.allow_seen,
        workers=workers,
        seed=request.seed,
        inputs=hashes,
        versions={
            "base": detectors[0].name,
            "candidate": detectors[1].name,
            **(recognizer.versions() if recognizer else {}),
        },
    )
    return gate(job, tally, watching)


def _tuned(
    request: DetGateRequest,
    sets: "tuple[ListedPages, ...]",
    hashes: "tuple[Mapping[str, str], Mapping[str, str]]",
) -> "dict[str, tuple[TunedSettings, TunedSettings]]":
    """Read the tuned settings, by the name of their general set; those of the target by ""."""
    from train.detection.gate_sets import read_tuned_for

    named = {pair.name: (pair.base, pair.candidate) for pair in request.general_tuned}
    general = [one.name for one in sets if not one.listed.is_target]
    for name in named:
        if name not in general:
            raise UsageError(
                f"--general-tuned {name}=...",
                f"names no general set (there {'is' if len(general) == 1 else 'are'} "
                f"{', '.join(general)})",
                "Name the set where it is given: --general NAME=FILE.",
            )
    if request.base_tuned and request.candidate_tuned:
        named[""] = request.base_tuned, request.candidate_tuned
    options = ("--base", request.base), ("--candidate", request.candidate)
    read = {}
    for name, paths in named.items():
        base, candidate = (
            read_tuned_for(path, known, model=model, option=option)
            for path, known, (option, model) in zip(paths, hashes, options, strict=True)
        )
        read[name] = base, candidate
    return read


def _recognizer(request: DetGateRequest) -> "Opened | None":
    if request.recognizer is None:
        return None
    from train.reading.model_opening import open_model

    return open_model(request.recognizer, dictionary=request.dictionary, device=request.device)


def _without_target(
    request: DetGateRequest, base: "ModelSource", candidate: "ModelSource"
) -> "Gated":
    """Return the verdict over no target page: no result on others could pass a candidate."""
    from textlines.errors import InputError
    from textlines.regions.page_file import label_file_of
    from textlines.wording import say
    from train.detection.gate_decision import FEWEST_PAGES
    from train.detection.gate_job import Gated
    from train.detection.gate_verdict import DetCriterion, DetVerdict
    from train.models.model_sources import asked_name

    for one in request.general:
        if not label_file_of(one.path).is_file():
            raise InputError(
                str(one.path), "the page label file is not there", "Name a file, or its folder."
            )
    criterion = DetCriterion(
        key="target_gain",
        title=say("The target got better"),
        status="cannot_tell",
        told=say(
            "no page to judge on: label some that no step trains on, stops by or tunes on; fewer "
            "than {fewest} that change prove no gain",
            fewest=FEWEST_PAGES,
        ),
        more_lines=FEWEST_PAGES,
    )
    return Gated(
        DetVerdict(
            outcome="cannot_tell",
            base=asked_name(request.base, base),
            candidate=asked_name(request.candidate, candidate),
            objective=request.objective,
            criteria=(criterion,),
            delta_points=request.delta,
            seed=request.seed,
            notes=(say("without a target no detector saw the general sets"),),
        )
    )


def _print_verdict(request: DetGateRequest) -> None:
    """Judge a detector against its base on pages that nobody trained or tuned on.

    The target is judged at the settings tuned for it and at those of the base; general sets at
    those of the base, each by itself; without tuned settings all are judged as deployed. Ends with
    0 when it passed, 1 when it failed, 3 when these pages cannot tell or an earlier step saw them.
    Intervals are two-sided, 95 %, by page.
    """
    verdict = det_gate(request)
    from train.detection.gate_text import print_det_verdict

    print_det_verdict(verdict)
    for what, path in (("page", request.html), ("JSON", request.json), ("boxes", request.out)):
        if path:
            print(f"{what}: {path}")
    sys.exit(verdict.exit_code)


command_line = command(DetGateRequest, _print_verdict)
