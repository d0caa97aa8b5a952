"""Shards: fixed runs of 1,000 samples, each finished or not there."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError, UsageError
from textlines.files import replacing
from textlines.formats.manifest import SHARD

FOLDER = "shards"


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a run that one machine draws: shards with number ≡ part (mod parts).

    >>> [shard for shard in range(7) if Share.parse("1/3").takes(shard)]
    [1, 4]
    """

    part: int = 0
    parts: int = 1

    @classmethod
    def parse(cls, text: str) -> "Share":
        """Read `i/n` with 0 <= i < n.

        Raises:
            UsageError: the text is of another form.
        """
        found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
        if not found or not int(found[1]) < int(found[2]):
            raise UsageError(
                f"--shard {text}", "is not i/n with 0 <= i < n", "Write 0/4, 1/4, 2/4 or 3/4."
            )
        return cls(int(found[1]), int(found[2]))

    def takes(self, shard: int) -> bool:
        """Say whether this machine draws the shard."""
        return shard % self.parts == self.part


def shard_count(samples: int) -> int:
    """Count the shards of a run.

    >>> [shard_count(n) for n in (0, 1, 1000, 1001)]
    [0, 1, 1, 2]
    """
    return -(-samples // SHARD)


def marker(out: Path, shard: int) -> Path:
    """Name the file that holds a finished shard's manifest rows and by that says it is done."""
    return out / FOLDER / f"{shard:04d}.jsonl"


def finished(out: Path, shard: int) -> bool:
    """Say whether the shard is complete."""
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


def missing(out: Path, samples: int) -> Sequence[int]:
    """List the shards that are not complete."""
    return [shard for shard in range(shard_count(samples)) if not finished(out, shard)]


def require_all(out: Path, samples: int) -> None:
    """Refuse to go on while shards are missing.

    Raises:
        InputError: names them.
    """
    gaps = missing(out, samples)
    if gaps:
        named = ", ".join(str(shard) for shard in gaps[:20]) + (", …" if len(gaps) > 20 else "")
        raise InputError(
            str(out),
            f"{len(gaps)} of {shard_count(samples)} shards are missing: {named}",
            "Draw them (synth generate with the same options and --shard), then merge.",
        )
