"""What `synth generate` prints: of its files, of how it goes on, and of what it did."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from textlines.wording.counts import count_of, form_of

if TYPE_CHECKING:
    from synth.faces.scan import FaceScan
    from synth.plan.plan_report import PlanReport
    from synth.run.drawing import RunOutcome, Watcher
    from synth.run.render_job import RenderJob
    from textlines.formats.teaching import Teaching
    from textlines.labels.tally import Tally


PRINTED_EVERY_S = 2.0
"""Seconds between two words on what a job is put together from."""


def print_oddities(oddities: "Tally", scan: "FaceScan | None", as_json: bool) -> None:
    """Print on stderr what of the files was left out or changed, and where.

    What of the machine's own fonts is none of use is not the user's to mend: one line for all.
    """
    if as_json or scan is None or not scan.is_of_machine:
        print_tally(oddities, as_json)
        return
    from synth.run.oddities import split_fonts

    rest, fonts = split_fonts(oddities)
    print_tally(rest, as_json)
    if fonts:
        named = ", ".join(f"{count:,} {reason}" for reason, count in fonts.items())
        print(f"fonts of this machine: {named}; left out (synth fonts lists them)", file=sys.stderr)


def print_broken(job: "RenderJob", as_json: bool) -> None:
    """Print on stderr which faces broke while the plan was made, and at what."""
    from synth.run.oddities import broken_faces

    print_tally(broken_faces(job.pool.broken), as_json)


def print_tally(tally: "Tally", as_json: bool) -> None:
    """Print on stderr what was left out or changed, by reason."""
    from textlines.defects import of_texts

    if as_json:
        for reason, count in tally.as_dict().items():
            places = tally.places(reason)
            event = {
                "event": "input",
                "effect": tally.effect(reason),
                "reason": reason,
                "count": count,
                "places": places,
            }
            print(json.dumps(event, ensure_ascii=False), file=sys.stderr)
        return
    for line in tally.lines(of_texts.RUN):
        print(line, file=sys.stderr)


def print_outcome(
    out: Path, outcome: "RunOutcome", report: "PlanReport | None", as_json: bool
) -> None:
    """Print what was done; warn where samples had to be drawn plain."""
    from synth.plan.plan_report import describe
    from synth.run.merging import WARN_FALLBACK_SHARE

    counts = outcome.record.counts
    if as_json:
        event = {
            "event": "done",
            "out": str(out),
            "samples": outcome.samples,
            "drawn": outcome.drawn,
            "complete": outcome.complete,
            "counts": dict(counts),
        }
        if outcome.record.teaching is not None:
            event["teaching"] = outcome.record.teaching.model_dump(mode="json")
        print(json.dumps(event, ensure_ascii=False))
        return
    if report is not None:
        for line in describe(report, most=12):
            print(line)
    print_teaching(outcome.record.teaching)
    if not outcome.complete:
        print(
            f"{count_of(outcome.drawn, 'image')} drawn in {out}; other shards are missing: "
            f"draw them, then synth merge {out}"
        )
        return
    without = len(outcome.record.without)
    images = count_of(outcome.samples - without, "image")
    print(f"{images} in {out} ({outcome.drawn:,} drawn now)")
    if without:
        print(f"{without:,} left out, as synth merge --without left them out")
    fallbacks = counts.get("fallback", 0)
    if fallbacks > WARN_FALLBACK_SHARE * outcome.samples:
        print(
            f"warning: {fallbacks:,} of {count_of(outcome.samples, 'line')} "
            f"{form_of(fallbacks, 'was', 'were')} legible only when drawn plain "
            f"({_refused(counts)}); soften the style (contrast, fade, blur) or its surfaces",
            file=sys.stderr,
        )


def _refused(counts: Mapping[str, int]) -> str:
    """Name why attempts were refused, the most frequent reason first."""
    from synth.run.merging import REFUSED

    refused = {
        key.removeprefix(REFUSED): count for key, count in counts.items() if key.startswith(REFUSED)
    }
    ordered = sorted(refused.items(), key=lambda item: -item[1])
    return "attempts refused: " + ", ".join(f"{why} {count}" for why, count in ordered)


def print_teaching(record: "Teaching | None") -> None:
    """Print in one table what own lines teach, what drawn lines do, and what nothing does."""
    if record is None:
        return
    from synth.plan.beside_own import describe_teaching

    for line in describe_teaching(record):
        print(line)


@contextmanager
def watching_drawing(as_json: bool, stream: TextIO | None = None) -> Iterator["Watcher"]:
    """Show on stderr how many images are drawn, and how many of them plain."""
    from textlines.progress import watching

    with watching("images drawn", as_json=as_json, stream=stream) as watch:

        def show(done: int, total: int, fallbacks: int) -> None:
            watch(done, total, f"{fallbacks} drawn plain" if fallbacks else "")

        yield show


def slow_progress(stream: TextIO | None = None) -> Callable[[str, int, int], None]:
    """Return a function that prints how slow preparations go on, at most every two seconds.

    It is called with (what is being done, done, of how many) and says nothing of quick ones.
    """
    last = time.monotonic()

    def show(what: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PRINTED_EVERY_S:
            last = now
            print(f"{what}: {done} of {total}", file=stream or sys.stderr, flush=True)

    return show
