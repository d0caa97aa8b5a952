"""How the look at the images goes on: one line on stderr, renewed on a terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from balance.checks.survey import Watcher

LOG_EVERY_S, LINE_EVERY_S = 10.0, 0.2
"""Seconds between two messages in a log, and on a terminal."""


def told(done: int, total: int, seconds: float) -> str:
    """Write how far it is.

    >>> told(500, 2000, 2.0)
    '500 of 2,000 images (25 %), 250 a second, 6 s left'
    """
    rate = done / seconds if seconds > 0 else 0.0
    left = f", {(total - done) / rate:.0f} s left" if rate else ""
    return (
        f"{done:,} of {total:,} images ({100 * done // max(total, 1)} %), {rate:.0f} a second{left}"
    )


@contextmanager
def watching(stream: TextIO | None = None) -> Iterator[Watcher]:
    """Show progress on stderr; a log gets a line now and then, and none for a short run."""
    out = stream or sys.stderr
    on_terminal = out.isatty()
    start = last = time.monotonic()

    def watch(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < (LINE_EVERY_S if on_terminal else LOG_EVERY_S):
            return
        last = now
        text = told(done, total, now - start)
        print(
            f"\r\x1b[K{text}" if on_terminal else text,
            file=out,
            flush=True,
            end="" if on_terminal else "\n",
        )

    yield watch
    if on_terminal:
        print("\r\x1b[K", file=out, end="", flush=True)
