"""The folder of one run: whose it is, who works in it, its plan, and its shards.

Shards are fixed runs of 1,000 samples, each finished or not there.
"""

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textlines.errors import InputError, UsageError
from textlines.files import replacing, sha256_of, unwritable
from textlines.formats.block_record import BLOCKS
from textlines.formats.manifest import SHARD
from textlines.formats.plan_rows import PLAN
from textlines.formats.run_record import (
    GENERATE,
    PLANNED,
    RECORD,
    WANTED,
    AskedLines,
    RunRecord,
    versions,
)
from textlines.formats.teaching import Teaching
from textlines.partials import sweep
from textlines.wording.counts import count_of, form_of

FOLDER = "shards"

LOCK = ".lock"
"""What the names of the lock files start with."""

LOCK_WAIT_S = 15.0
"""How long to wait for the lock: workers of a killed run hold it until they notice."""


@dataclass(frozen=True, slots=True)
class Share:
    """The share of a run that one machine draws.

    Of a run whose plan is in one file, shards with number ≡ index (mod count). Of one in blocks,
    neighbours, so that as few machines as can be plan a block: all get as many, give or take one.

    >>> list(Share.parse("1/3").of(7)), list(Share.parse("1/3").of(7, in_blocks=True))
    ([1, 4], [2, 3])
    """

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Share":
        """Read `i/n` with 0 <= i < n.

        Raises:
            UsageError: the text is of another form.
        """
        match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
        if not match or not int(match[1]) < int(match[2]):
            raise UsageError(
                f"--shard {text}", "is not i/n with 0 <= i < n", "Write 0/4, 1/4, 2/4 or 3/4."
            )
        return cls(int(match[1]), int(match[2]))

    def of(self, shards: int, *, in_blocks: bool = False) -> range:
        """Return which of a run's shards this machine draws.

        Args:
            shards: of the run. in_blocks: whether its plan is in blocks.
        """
        if in_blocks:
            return range(shards * self.index // self.count, shards * (self.index + 1) // self.count)
        return range(self.index, shards, self.count)


def shard_count(samples: int) -> int:
    """Count the shards of a run.

    >>> [shard_count(n) for n in (0, 1, 1000, 1001)]
    [0, 1, 1, 2]
    """
    return -(-samples // SHARD)


def shard_span(shard: int) -> tuple[int, int]:
    """Return the index of a shard's first sample, and that behind its last one."""
    return shard * SHARD, (shard + 1) * SHARD


@dataclass(frozen=True, slots=True)
class Extent:
    """Which samples a run has, by the blocks that its plan is made in.

    A block that came out shorter than it was to be leaves the last of its indices unused: the next
    one begins where it would.

    Attributes:
        size: indices that a block has; a multiple of a shard's, if there are several blocks.
        blocks: samples of each.
    """

    size: int
    blocks: tuple[int, ...]

    @classmethod
    def of(cls, samples: int) -> "Extent":
        """Return that of a run in one block."""
        return cls(samples, (samples,))

    @property
    def samples(self) -> int:
        """Count the samples."""
        return sum(self.blocks)

    @property
    def shards(self) -> int:
        """Count the shards."""
        return sum(map(shard_count, self.blocks))

    def shards_of(self, block: int) -> range:
        """Return the numbers of a block's shards."""
        first = block * self.size // SHARD
        return range(first, first + shard_count(self.blocks[block]))

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers of all shards, in order."""
        for block in range(len(self.blocks)):
            yield from self.shards_of(block)


def marker(out: Path, shard: int) -> Path:
    """Name the file that holds a finished shard's manifest rows and by that says it is done."""
    return out / FOLDER / f"{shard:04d}.jsonl"


def finished(out: Path, shard: int) -> bool:
    """Return whether the shard is complete."""
    return marker(out, shard).exists()


def finish(out: Path, shard: int, rows: Iterable[str]) -> None:
    """Mark a shard complete: its manifest rows appear whole or not at all.

    Called when all its images lie on disk, so that a row never names a missing image.
    """
    with replacing(marker(out, shard)) as file:
        for row in rows:
            file.write(row + "\n")


def blocks_of(lines: Iterator[str], size: int) -> Iterator[list[str]]:
    """Cut the lines of one shard into blocks of work."""
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


def missing(out: Path, extent: Extent) -> Iterator[int]:
    """Yield the shards that are not complete."""
    return (shard for shard in extent if not finished(out, shard))


def require_all(out: Path, extent: Extent) -> None:
    """Refuse to go on while shards are missing.

    Raises:
        InputError: names them.
    """
    gaps = list(missing(out, extent))
    if gaps:
        named = ", ".join(str(shard) for shard in gaps[:20]) + (", …" if len(gaps) > 20 else "")
        raise InputError(
            str(out),
            f"{len(gaps):,} of {count_of(extent.shards, 'shard')} "
            f"{form_of(len(gaps), 'is', 'are')} missing: {named}",
            "Draw them (synth generate with the same options and --shard), then merge.",
        )


def open_run(
    out: Path,
    configuration: Mapping[str, Any],
    seed: int,
    inputs: Mapping[str, str],
    *,
    command: str = GENERATE,
) -> RunRecord:
    """Take a folder for a run, or go on with the same run in it.

    The caller holds `recording`: of two runs that start at once, the second meets the first's
    record.

    Returns:
        The record in the folder: new, or the one that is there (its `outputs` tell whether
        the plan is written and whether the run is finished).

    Raises:
        InputError: the folder holds another run, or cannot be written.
    """
    wanted = RunRecord(
        command=command,
        configuration=configuration,
        seed=seed,
        inputs=inputs,
        versions=versions(),
    )
    path = out / RECORD
    if path.exists():
        there = RunRecord.read(path)
        changed = _differences(there, wanted)
        # A run that came to no plan (a text that no face holds) has nothing to lose.
        if changed and not there.outputs and not (out / BLOCKS).exists():
            wanted.write(path)
            return wanted
        if changed:
            raise InputError(
                str(out),
                f"holds another run; it differs in {', '.join(changed)}",
                "Name another --out, give the same options, or delete this folder.",
            )
        return there
    wanted.write(path)
    return wanted


def make_folder(out: Path) -> None:
    """Make the folder of a run, before anything in it is locked or written.

    Raises:
        InputError: it is a file, holds what no run of ours left there, or cannot be made.
    """
    refuse_foreign(out)
    try:
        for name in (FOLDER, "images"):
            (out / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(out, error) from None


def _differences(there: RunRecord, wanted: RunRecord) -> list[str]:
    """Name what differs, with both values where they are short."""
    differences = []
    if there.command != wanted.command:
        differences.append(f"command ({there.command!r}, not {wanted.command!r})")
    pairs: list[tuple[str, Any, Any]] = [("seed", there.seed, wanted.seed)]
    for field in ("configuration", "inputs", "versions"):
        old, new = getattr(there, field), getattr(wanted, field)
        pairs += [(key, old.get(key), new.get(key)) for key in sorted({*old, *new})]
    for key, old, new in pairs:
        if old != new:
            short = len(f"{old}{new}") <= 80
            differences.append(f"{key} ({old}, not {new})" if short else key)
    return differences


def refuse_foreign(out: Path) -> None:
    """Refuse a folder with files that no run of ours left there.

    Raises:
        InputError: it is a file, or holds something else and no record of a run.
    """
    if (out / RECORD).exists() or not out.exists():
        return
    if not out.is_dir():
        raise InputError(str(out), "is a file", "Name a folder as --out.")
    ours = {FOLDER, "images", "masks", PLAN, BLOCKS}
    others = [
        entry.name
        for entry in out.iterdir()
        if entry.name not in ours and not entry.name.startswith(LOCK) and entry.suffix != ".part"
    ]
    if others:
        raise InputError(
            str(out),
            f"is not empty and holds no {RECORD} ({sorted(others)[0]} is there)",
            "Name a new folder as --out.",
        )


@contextmanager
def locked(out: Path, share: Share) -> Iterator[None]:
    """Hold a run's folder, or one share of it, against a second run of the same.

    A whole run has the folder alone. Machines with different shares work in it together:
    should two shares overlap (0/2 and 0/4), both write the same bytes.

    Raises:
        InputError: another process holds it for longer than `LOCK_WAIT_S` seconds.
    """
    if share.count == 1:
        with _held(out, LOCK, fcntl.LOCK_EX, LOCK_WAIT_S):
            _sweep(out)
            yield
    else:
        share_lock = f"{LOCK}-{share.index}-of-{share.count}"
        with (
            _held(out, LOCK, fcntl.LOCK_SH, LOCK_WAIT_S),
            _held(out, share_lock, fcntl.LOCK_EX, LOCK_WAIT_S),
        ):
            _sweep(out)
            yield


@contextmanager
def recording(out: Path) -> Iterator[None]:
    """Hold what all shares write: the record, the plan, the merged files. Waits its turn."""
    with _held(out, f"{LOCK}-record", fcntl.LOCK_EX, None):
        yield


@contextmanager
def _held(out: Path, name: str, kind: int, wait_s: float | None) -> Iterator[None]:
    """Lock a file of the folder; the system frees it when the last process with it ends."""
    try:
        handle = os.open(out / name, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise unwritable(out, error) from None
    try:
        if wait_s is None:
            fcntl.flock(handle, kind)
        else:
            _take(out, handle, kind, wait_s)
        yield
    finally:
        os.close(handle)


def _sweep(out: Path) -> None:
    """Delete what killed runs left half written."""
    for folder in (out, out / FOLDER, out / BLOCKS):
        if folder.exists():
            sweep(folder)


def _take(out: Path, handle: int, kind: int, wait_s: float) -> None:
    end = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise InputError(
                    str(out),
                    "is being written by another run",
                    "Wait for it, or name another --out.",
                ) from None
            time.sleep(0.05)


def shard_folders(out: Path, shards: Iterable[int], *, masks: bool = False) -> None:
    """Make the folders for the images of these shards, and for their masks."""
    for shard in shards:
        for name in ("images", "masks") if masks else ("images",):
            (out / name / f"{shard:04d}").mkdir(parents=True, exist_ok=True)


def begin_blocks(out: Path, record: RunRecord, rows: int, counts: Mapping[str, int]) -> RunRecord:
    """Write down that a run is planned in blocks, by whoever draws them.

    Args:
        rows: that are asked for. counts: of what the run is put together from.
    """
    try:
        (out / BLOCKS).mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(out / BLOCKS, error) from None
    if WANTED in record.counts:
        return record
    begun = record.model_copy(update={"counts": {**counts, WANTED: rows}})
    begun.write(out / RECORD)
    return begun


def ensure_plan(
    out: Path,
    record: RunRecord,
    write: Callable[[Path], tuple[int, dict[str, int]]],
    teaching: Callable[[], Teaching | None] = lambda: None,
    asked: Callable[[], Mapping[str, AskedLines]] = dict,
) -> RunRecord:
    """Write the plan once; a run that goes on keeps the plan it has.

    Args:
        write: writes the plan to a path and gives its number of rows and its counts.
        teaching: gives what the plan just written teaches beside own lines. asked: gives the
            lines for each character that it is for.
    """
    path = out / PLAN
    known = record.outputs.get(PLAN)
    if known is not None and path.exists() and sha256_of(path) == known:
        return record
    samples, counts = write(path)
    updated = record.model_copy(
        update={
            "outputs": {PLAN: sha256_of(path)},
            "counts": {**counts, PLANNED: samples},
            "teaching": teaching(),
            "asked": dict(asked()),
        }
    )
    updated.write(out / RECORD)
    return updated
