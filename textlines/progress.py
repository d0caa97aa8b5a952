"""How a long piece of work goes on, told to a terminal, to a log, or to a program."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

from textlines.terminal import console

Watcher = Callable[[int, int, str], None]
"""Called with what is done, how much there is in all, and a word to add ("" for none)."""

Watching = Callable[[str], AbstractContextManager[Watcher]]
"""Opens a progress bar for what is counted."""

LOG_EVERY_S = 10.0
"""Seconds between two lines in a log."""

BAR_EVERY_S = 0.1
"""Seconds between two states of the bar."""


def unwatched(done: int, total: int, note: str) -> None:
    """Ignore what is reported."""


def pace(done: int, seconds: float, total: int) -> tuple[float, float]:
    """Return the rate (a second) and the seconds left.

    >>> pace(50, 10.0, 200)
    (5.0, 30.0)
    """
    rate = done / seconds if seconds > 0 else 0.0
    return rate, (total - done) / rate if rate else 0.0


def log_line(what: str, done: int, total: int, note: str, seconds: float) -> str:
    """Write one line of a log.

    >>> log_line("lines read", 50, 200, "1 unreadable", 10.0)
    '50 of 200 lines read (25 %), 5.0 a second, 30 s left, 1 unreadable'
    """
    rate, left = pace(done, seconds, total)
    share = f"{done:,} of {total:,} {what} ({100 * done // max(total, 1)} %)"
    return f"{share}, {rate:,.1f} a second, {left:,.0f} s left" + (f", {note}" if note else "")


@contextmanager
def watching(
    what: str, *, as_json: bool = False, stream: TextIO | None = None
) -> Iterator[Watcher]:
    """Show progress on stderr: a bar on a terminal, plain lines elsewhere, JSON lines if asked.

    The result of a command goes to stdout; nothing here does. What is done when the work begins
    (resumed work) does not count for the pace. Called from one thread at a time.

    Args:
        what: is counted ("lines read").
    """
    out = stream or sys.stderr
    if not as_json and out.isatty():
        with _bar(what, out) as watcher:
            yield watcher
        return
    start = last = time.monotonic()
    before: int | None = None

    def watch(done: int, total: int, note: str) -> None:
        nonlocal last, before
        before = done if before is None else before
        now = time.monotonic()
        # Short work ends before it would have said anything: its result says enough.
        if now - last < LOG_EVERY_S:
            return
        last = now
        rate, left = pace(done - before, now - start, total - before)
        if as_json:
            event = {"event": "progress", "what": what, "done": done, "total": total}
            event |= {"rate": round(rate, 1), "seconds_left": round(left, 1), "note": note}
            print(json.dumps(event, ensure_ascii=False), file=out, flush=True)
        else:
            line = log_line(what, done, total, note, (now - start) * done / max(done - before, 1))
            print(line, file=out, flush=True)

    yield watch


@contextmanager
def _bar(what: str, out: TextIO) -> Iterator[Watcher]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Left

    columns = (
        TextColumn(what, markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.0f}/s"),
        Left(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    # Without a thread that redraws: work may fork while the bar is up.
    shown = Progress(*columns, console=console(file=out), transient=True, auto_refresh=False)
    with shown as progress:
        task = progress.add_task(what, total=None, rate=0.0, note="")
        start, last = time.monotonic(), 0.0
        before: int | None = None

        def watch(done: int, total: int, note: str) -> None:
            nonlocal last, before
            before = done if before is None else before
            now = time.monotonic()
            if done < total and now - last < BAR_EVERY_S:
                return
            last = now
            rate, _ = pace(done - before, now - start, total - before)
            progress.update(task, completed=done, total=total, rate=rate, note=note)
            progress.refresh()

        yield watch
