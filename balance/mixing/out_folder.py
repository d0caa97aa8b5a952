"""Whose the folder of a mix is: a mix replaces one of ours and touches nobody else's."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from balance.mixing.sorting import STORE
from textlines.errors import UsageError
from textlines.files import unwritable
from textlines.formats.mix import MIX, is_mix_record

UNFINISHED = ".mix-unfinished"
"""Stands in a folder from its first list to its record: a killed mix is ours too."""

WRITTEN = ("train.txt", "epoch-*", MIX, "choice.npy", "images", UNFINISHED, f"{STORE}*")
"""What a mix writes, as patterns."""


def refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds files and no mix of ours.

    By the record, not by names: a `train.txt` is what most training data lies in.

    Raises:
        UsageError: it is such a folder, or its mix.json is that of something else.
    """
    if not out.is_dir():
        return
    held = {one.name for one in out.iterdir() if not _is_left(one.name)}
    if not held or UNFINISHED in held:
        return
    if MIX in held and is_mix_record(out / MIX):
        return
    found = MIX if MIX in held else min(held)
    raise UsageError(
        "--out",
        f"{out} is not empty and holds no mix of ours ({found} is there)",
        "Name a new folder.",
    )


@contextmanager
def marked(out: Path) -> Iterator[None]:
    """Mark a folder as ours while a mix is written into it."""
    mark = out / UNFINISHED
    if not (out / MIX).exists():
        try:
            out.mkdir(parents=True, exist_ok=True)
            mark.touch()
        except OSError as error:
            raise unwritable(out, error) from error
    try:
        yield
    except BaseException:
        if all(one == mark for one in out.iterdir()):
            mark.unlink(missing_ok=True)
            with suppress(OSError):
                out.rmdir()
        raise
    mark.unlink(missing_ok=True)


def _is_left(name: str) -> bool:
    """Whether a file is what a killed mix left before it wrote anything of use."""
    return name.startswith(STORE) or name.endswith(".part")
