"""What a mix whose lines outgrow memory can do, and when to ask for it."""

import os
from collections.abc import Iterable
from pathlib import Path

from balance.mixing.options import Inputs, Options, Placing
from textlines.errors import UsageError
from textlines.formats.manifest import MANIFEST

MEMORY_SHARE = 5
"""A mix in memory takes about this many times the size of its label files."""


def refuse_beyond_memory(inputs: Inputs, options: Options, placing: Placing) -> None:
    """Refuse what needs every original line in memory.

    Raises:
        UsageError: it is asked for.
    """
    if options.repeat_originals > 1:
        raise UsageError(
            "--repeat-originals",
            "weighs every original line against all others, in memory",
            "Leave it at 1 with --big.",
        )
    if placing == "copy":
        raise UsageError("--copy", "does not go with --big", "Say --link, or leave it away.")
    kept = (*inputs.original, *inputs.distil, *inputs.general, *sum(inputs.replay.values(), ()))
    described = next((path for path in kept if path.with_name(MANIFEST).is_file()), None)
    if inputs.like and described:
        raise UsageError(
            "--like",
            f"compares widths too, and those that {MANIFEST} beside {described} tells are read "
            "in memory",
            "Leave --like or --big away, or move the manifest.",
        )


def too_big_for_memory(inputs: Inputs) -> str:
    """Say what a mix in memory may take if that is more than the machine has; else ""."""
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return ""
    paths = (
        *inputs.own,
        *inputs.original,
        *inputs.distil,
        *inputs.new,
        *inputs.general,
        *sum(inputs.replay.values(), ()),
    )
    wanted = MEMORY_SHARE * sum(_sizes(paths))
    if wanted <= there:
        return ""
    return (
        f"this mix may take {wanted / 2**30:.0f} GiB of memory, {there / 2**30:.0f} are there: "
        "--big keeps all but the new lines on disk"
    )


def _sizes(paths: Iterable[Path]) -> Iterable[int]:
    for path in paths:
        try:
            yield path.stat().st_size
        except OSError:
            # Told when it is read.
            yield 0
