"""How a run goes on, told to a terminal, to a log, or to a program."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from synth.running.render import Watcher

TOLD_EVERY_S = 2.0
"""Seconds between two words on what a job is put together from."""

LOG_EVERY_S = 10.0
"""Seconds between two lines in a log."""


BAR_EVERY_S = 0.1
"""Seconds between two states of the bar."""


def pace(done: int, total: int, seconds: float) -> tuple[float, float]:
    """Give the rate (a second) and the seconds left.

    >>> pace(50, 200, 10.0)
    (5.0, 30.0)
    """
    rate = done / seconds if seconds > 0 else 0.0
    return rate, (total - done) / rate if rate else 0.0


def log_line(done: int, total: int, fallbacks: int, seconds: float) -> str:
    """Write one line of a log.

    >>> log_line(50, 200, 1, 10.0)
    '50 of 200 images (25 %), 5.0 a second, 30 s left, 1 drawn plain'
    """
    rate, left = pace(done, total, seconds)
    plain = f", {fallbacks} drawn plain" if fallbacks else ""
    share = f"{done} of {total} images ({100 * done // max(total, 1)} %)"
    return f"{share}, {rate:.1f} a second, {left:.0f} s left{plain}"


@contextmanager
def watching(as_json: bool, stream: TextIO | None = None) -> Iterator[Watcher]:
    """Show progress on stderr: a bar on a terminal, plain lines elsewhere, JSON lines if asked.

    The result of a command goes to stdout; nothing here does.
    """
    out = stream or sys.stderr
    if not as_json and out.isatty():
        with _bar() as watcher:
            yield watcher
        return
    start, last = time.monotonic(), 0.0

    def watch(done: int, total: int, fallbacks: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done < total and now - last < LOG_EVERY_S:
            return
        last = now
        if as_json:
            rate, left = pace(done, total, now - start)
            event = {
                "event": "progress",
                "done": done,
                "total": total,
                "fallback": fallbacks,
                "rate": round(rate, 1),
                "seconds_left": round(left, 1),
            }
            print(json.dumps(event), file=out, flush=True)
        else:
            print(log_line(done, total, fallbacks, now - start), file=out, flush=True)

    yield watch


@contextmanager
def _bar() -> Iterator[Watcher]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Left

    columns = (
        TextColumn("drawing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.0f}/s"),
        Left(),
        TextColumn("{task.fields[plain]}"),
    )
    # Without a thread that redraws: workers are forked while the bar is up.
    shown = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
    with shown as progress:
        task = progress.add_task("drawing", total=None, rate=0.0, plain="")
        start, last = time.monotonic(), 0.0

        def watch(done: int, total: int, fallbacks: int) -> None:
            nonlocal last
            now = time.monotonic()
            if done < total and now - last < BAR_EVERY_S:
                return
            last = now
            rate, _ = pace(done, total, now - start)
            plain = f"{fallbacks} drawn plain" if fallbacks else ""
            progress.update(task, completed=done, total=total, rate=rate, plain=plain)
            progress.refresh()

        yield watch


def told_slowly(stream: TextIO | None = None) -> Callable[[str, int, int], None]:
    """Give a function that tells of slow preparations, at most every two seconds.

    It is called with (what is being done, done, of how many) and says nothing of quick ones.
    """
    last = time.monotonic()

    def told(what: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= TOLD_EVERY_S:
            last = now
            print(f"{what}: {done} of {total}", file=stream or sys.stderr, flush=True)

    return told
