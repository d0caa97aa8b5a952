"""Blocks of samples: what is handed out to be drawn, and what comes back."""

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from synth.rendering.sample import RenderEngine, Setup
from textlines.errors import InputError
from textlines.formats.manifest import manifest_line
from textlines.formats.plan_rows import PLAN, PlanRow

BLOCK = 50
"""Samples in a block: small enough that a shard of 1,000 keeps eight workers busy, large
enough that handing it over costs nothing beside drawing it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Plan rows of one shard, as lines of `plan.jsonl`; `number` is its place in the shard.

    `first` is the number of its first line in the file.
    """

    shard: int
    number: int
    first: int
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Done:
    """The manifest lines of one block, and how many of its samples fell back to plain."""

    shard: int
    number: int
    lines: list[str]
    fallbacks: int


def draw_block(engine: RenderEngine, block: Block, out: Path) -> Done:
    """Draw a block and write its images.

    Raises:
        InputError: a line is no row of a plan, the folder cannot be written, the disk is full.
    """
    folder = str(out) + "/"
    lines, fallbacks = [], 0
    for number, line in enumerate(block.lines, block.first):
        sample = engine.sample(PlanRow.from_json(line, f"{out / PLAN}:{number}"))
        path = folder + sample.record["image"]
        try:
            # Not emptied first: a worker of a killed run that still lives, or a share that
            # overlaps, writes the same bytes, and the file is never less than it was.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                written = os.write(handle, sample.data)
                os.ftruncate(handle, written)
            finally:
                os.close(handle)
            if written != len(sample.data):
                raise OSError(28, "the disk is full")
        except OSError as error:
            raise InputError(
                path,
                f"cannot be written ({error.strerror})",
                "Make room or name another --out; the same call goes on from there.",
            ) from None
        fallbacks += sample.record["fallback"]
        lines.append(manifest_line(sample.record))
    return Done(block.shard, block.number, lines, fallbacks)


def draw_here(setup: Setup, blocks: Iterator[Block], out: Path) -> Generator[Done, None, None]:
    """Draw all blocks in this process."""
    engine = setup.engine()
    for block in blocks:
        yield draw_block(engine, block, out)
