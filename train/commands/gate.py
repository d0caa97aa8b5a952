"""`train gate`: whether a candidate may replace its base."""

import re
import sys
from typing import TYPE_CHECKING

from textlines.request_options import command, spread_options
from train.judging.gate_request import GateRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from train.judging.verdict import GateVerdict

MANY = spread_options(GateRequest)
"""Options that take several values at once."""

_VERDICT = re.compile(rb'\{\s*"version": \d+,\s*"outcome": ')
_JUNIT = re.compile(rb'<\?xml [^>]*>\s*<testsuites>\s*<testsuite name="train gate"')


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
            folder("--out", request.out, ("base", "candidate")),
        ],
        {
            "--base": request.base,
            "--candidate": request.candidate,
            "--target": [judged.path for judged in request.target],
            "--general": [judged.path for judged in request.general],
            "--images": request.images,
        },
    )
    from train.judging.gate_job import judge_candidate

    judged = judge_candidate(request)
    verdict = judged.verdict
    if request.html:
        with replacing(request.html) as page, pages_in(request.lang):
            page.write(_page(verdict, judged.images))
    if request.junit:
        from train.judging.gate_text import junit

        with replacing(request.junit) as written:
            written.write(junit(verdict))
    if request.json:
        with replacing(request.json) as written:
            written.write(verdict.to_json())
    return verdict


def _print_verdict(request: GateRequest) -> None:
    """Judge a candidate against its base on lines that nobody trained on.

    Ends with 0 when it passed, 1 when it failed, 3 when these lines cannot tell or an earlier step
    saw them. Intervals are two-sided, 95 %.
    """
    verdict = gate(request)
    from train.judging.gate_text import print_verdict

    print_verdict(verdict)
    written = {
        "page": request.html,
        "JSON": request.json,
        "JUnit": request.junit,
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
    from train.judging.gate_page import shown_flips, verdict_page

    pictures = {}
    for line in shown_flips(verdict):
        try:
            crop = read_image(images[line.set] / line.path)
        except InputError:  # it was there when it was read; the page says that it is gone
            continue
        pictures[line.set, line.path] = thumbnail(crop, max_height=56, max_width=480)
    return verdict_page(verdict, pictures)
