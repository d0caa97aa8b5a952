"""`train gate`: whether a candidate may replace its base."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textlines.wording import pages_in
from train.options import Device, Lang, Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from train.judging.verdict import GateVerdict

MANY = frozenset({"--target", "--general"})
"""Options that take several values at once."""

_VERDICT = re.compile(rb'\{\s*"version": \d+,\s*"outcome": ')
_JUNIT = re.compile(rb'<\?xml [^>]*>\s*<testsuites>\s*<testsuite name="train gate"')


def gate(
    base: Annotated[
        str,
        typer.Option(
            help="The model in use: a folder of `train weights`, an exported Paddle folder, an "
            ".onnx file, or a name (PP-OCRv4_mobile_rec)."
        ),
    ],
    candidate: Annotated[str, typer.Option(help="The model that is to replace it.")],
    general: Annotated[
        list[str],
        typer.Option(
            metavar="FILE[:COMPARISON]...", help="Label files of lines that must not get worse."
        ),
    ],
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE[:COMPARISON]...",
            help="Label files of lines that are to be read better. COMPARISON: exact (default), "
            "casefold, alnum (only letters and digits count), nospace. Without any it cannot tell.",
        ),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder that paths start from. [default: that of each label file]"),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            help="Expression on the path whose first brackets name the document: ^crops/([^_]+)_. "
            "Intervals then hold for new documents."
        ),
    ] = None,
    delta: Annotated[
        float,
        typer.Option(help="What the general sets may lose together, in points.", min=0.01, max=100),
    ] = 1.0,
    html: Annotated[Path | None, typer.Option(help="Write the verdict as a page.")] = None,
    lang: Lang = None,
    json: Annotated[Path | None, typer.Option(help="Write the verdict as JSON.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the verdict as JUnit XML.")] = None,
    turn: Turn = None,
    allow_seen: Annotated[
        bool,
        typer.Option(
            "--allow-seen", help="Judge on lines that an earlier step saw; the verdict says so."
        ),
    ] = False,
    synthetic: Annotated[
        list[str] | None,
        typer.Option(help="A note that marks the verdict as one of rendered lines. Repeatable."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the predictions of both; the same call goes on with them."),
    ] = None,
    device: Device = "auto",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Threads. [default: all cores]")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1,
) -> None:
    """Judge a candidate against its base on lines that nobody trained on.

    Ends with 0 when it passed, 1 when it failed, 3 when these lines cannot tell or an earlier step
    saw them. Intervals are two-sided, 95 %.
    """
    from textlines.formats.judged_set import JudgedSet
    from textlines.outputs import Form, check_outputs, file, folder
    from textlines.outputs import page as html_page

    targets = tuple(map(JudgedSet.parse, target or ()))
    others = tuple(map(JudgedSet.parse, general))
    check_outputs(
        [
            html_page("--html", html),
            file("--json", json, Form("a verdict", _VERDICT)),
            file("--junit", junit, Form("a verdict as JUnit XML", _JUNIT)),
            folder("--out", out, ("base", "candidate")),
        ],
        {
            "--base": base,
            "--candidate": candidate,
            "--target": [one.path for one in targets],
            "--general": [one.path for one in others],
            "--images": images,
        },
    )
    from textlines.files import replacing
    from train.judging.gate_job import GateJob, judge_candidate
    from train.judging.gate_text import print_verdict

    judged = judge_candidate(
        GateJob(
            base=base,
            candidate=candidate,
            targets=targets,
            general=others,
            images=images,
            group=group,
            delta_points=delta,
            allow_seen=allow_seen,
            synthetic=tuple(synthetic or ()),
            out=out,
            workers=workers,
            seed=seed,
            turning=turn,
            device=device,
        )
    )
    verdict = judged.verdict
    if html:
        with replacing(html) as page, pages_in(lang):
            page.write(_page(verdict, judged.images))
    if junit:
        from train.judging.gate_text import junit as as_junit

        with replacing(junit) as written:
            written.write(as_junit(verdict))
    if json:
        with replacing(json) as written:
            written.write(verdict.to_json())
    print_verdict(verdict)
    for what, path in (("page", html), ("JSON", json), ("JUnit", junit), ("predictions", out)):
        if path:
            print(f"{what}: {path}")
    sys.exit(verdict.exit_code)


def _page(verdict: "GateVerdict", images: "Mapping[str, Path]") -> str:
    """Build the page, with the crops of the lines that it shows."""
    from textlines.errors import InputError
    from textlines.pages.thumbnails import thumbnail
    from textlines.pixels.decode import read_image
    from train.judging.gate_page import shown_flips, verdict_page

    pictures = {}
    for line in shown_flips(verdict):
        try:
            crop = read_image(images[line.set] / line.path)
        except InputError:  # it was there when it was read; the page says that it is gone
            continue
        pictures[line.set, line.path] = thumbnail(crop, max_height=56, max_width=480)
    return verdict_page(verdict, pictures)
