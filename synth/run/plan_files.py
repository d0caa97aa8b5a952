"""Where the rows of a run's plan stand: in one file, or in one for each block of a larger run.

A block is planned by whoever needs one of its rows and finds it missing. Two who need it at once
both plan it: they write the same bytes, and neither waits for the other.
"""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import IO

from synth.plan.plan_blocks import PlanBlock
from synth.run.folder import Extent, finished, missing, shard_count, shard_span
from textlines.errors import InputError, UsageError
from textlines.files import open_regular, sha256_of, unreadable
from textlines.formats.block_record import BlockRecord, block_file, block_record
from textlines.formats.plan_rows import KIND, PLAN, PlanRow
from textlines.formats.rows import RowError, refuse
from textlines.formats.run_record import PLANNED, WANTED, RunRecord, block_rows, planned_of

PlanOneBlock = Callable[[int], BlockRecord]
"""Plans a block of a run and writes its files: rows first, the record last."""


class PlanFiles:
    """The plan of a run, read by shards.

    Holds one file open, and where the shards begin in it that were read so far.

    Args:
        out: the run's folder. record: of the run; its plan is written, or it is one in blocks.
        plan_block: plans a block that is missing; without it, that is an error.

    Raises:
        InputError: the run has no plan yet.
    """

    def __init__(
        self, out: Path, record: RunRecord, plan_block: PlanOneBlock | None = None
    ) -> None:
        self._out, self._record, self._plan_block = out, record, plan_block
        self._size = block_rows(record)
        if self._size:
            self.rows = record.counts.get(WANTED, 0)
        else:
            self.rows = planned_of(out, record)
            self._size = max(self.rows, 1)
        self._known: dict[int, BlockRecord] = {}
        self._open: tuple[str, _ShardReader] | None = None

    @property
    def in_blocks(self) -> bool:
        """Whether the plan is in blocks."""
        return bool(block_rows(self._record))

    @property
    def blocks(self) -> int:
        """Return the number of blocks; 1 of a plan in one file."""
        return -(-self.rows // self._size)

    @property
    def shards(self) -> int:
        """Return the number of shards of a run that gets all the lines that were asked for."""
        return shard_count(self.rows)

    def block_of(self, shard: int) -> int:
        """Return the number of the block that a shard lies in."""
        return shard_span(shard)[0] // self._size

    def shard_rows(self, shard: int) -> list[str]:
        """Return the rows of a shard, as lines of JSON; its block is planned if it is missing.

        Raises:
            InputError: the block is not planned and nothing is at hand to plan it; the file cannot
                be read, or a line is not UTF-8.
        """
        name, first = self.place(shard)
        if self.in_blocks:
            self._ensured(self.block_of(shard))
        if self._open is None or self._open[0] != name:
            self.close()
            self._open = name, _ShardReader(self._out / name)
        start, end = shard_span(shard)
        number = (start - self.block_of(shard) * self._size) // (end - start)
        lines = self._open[1].lines(number, end - start)
        return [
            _decoded(self._out / name, number, line) for number, line in enumerate(lines, first)
        ]

    def size(self, shard: int) -> int:
        """Return how many rows a shard has; of a block that is not planned, as it is to have."""
        block = self.block_of(shard)
        planned = self._known[block].rows if block in self._known else self._nominal(block)
        first, end = shard_span(shard)
        return max(0, min(end, block * self._size + planned) - first)

    def place(self, shard: int) -> tuple[str, int]:
        """Return the file that a shard's rows stand in, and the number of the first one's line."""
        block = self.block_of(shard)
        first = shard_span(shard)[0] - block * self._size + 1
        return (block_file(block) if self.in_blocks else PLAN), first

    def row(self, index: int) -> PlanRow:
        """Return one row of the run.

        Raises:
            UsageError: the run has no such row.
            InputError: as `shard_rows`, or the row is none.
        """
        if not 0 <= index < self.rows:
            raise UsageError(f"--index {index}", f"is not from 0 to {self.rows - 1}", "")
        shard = index // shard_span(0)[1]
        rows = self.shard_rows(shard)
        at = index - shard_span(shard)[0]
        if at >= self.size(shard):
            raise UsageError(
                f"--index {index}", "is no sample: its block has fewer than were asked for", ""
            )
        name, first = self.place(shard)
        if at >= len(rows):
            raise InputError(str(self._out / name), f"ends before row {first + at - 1}", KIND.again)
        return PlanRow.from_json(rows[at], f"{self._out / name}:{first + at}")

    def extent(self) -> Extent:
        """Return how many rows each block holds; one that is not planned, as it is to hold."""
        if not self.in_blocks:
            return Extent.of(self.rows)
        record = self._record
        if record.counts.get(PLANNED) == self.rows:
            return Extent(self._size, tuple(map(self._nominal, range(self.blocks))))
        rows = (
            self.block(number).rows if self.is_planned(number) else self._nominal(number)
            for number in range(self.blocks)
        )
        return Extent(self._size, tuple(rows))

    def is_planned(self, number: int) -> bool:
        """Whether a block is planned whole."""
        return number in self._known or (self._out / block_record(number)).exists()

    def block(self, number: int) -> BlockRecord:
        """Read the record of a block.

        Raises:
            InputError: it is not there, or is none.
        """
        if number not in self._known:
            path = self._out / block_record(number)
            if not path.exists():
                raise InputError(
                    str(path),
                    "is not there: the block was not planned here",
                    "Copy the folder of the plan from where its shards were drawn, or draw them: "
                    "synth generate with the same options.",
                )
            self._known[number] = BlockRecord.read(path)
        return self._known[number]

    def is_finished(self) -> bool:
        """Whether every shard of the run is drawn. Ends at the first that is not.

        Looked for where one is most likely missing: a block that nobody planned, the end of one.
        """
        if not self.in_blocks:
            return next(missing(self._out, Extent.of(self.rows)), None) is None
        numbers = range(self.blocks)
        if not all(map(self.is_planned, reversed(numbers))):
            return False
        extent = self.extent()
        ends = (extent.shards_of(number) for number in numbers)
        if not all(finished(self._out, shards[-1]) for shards in ends if shards):
            return False
        return next(missing(self._out, extent), None) is None

    def plan_missing(self, shards: range) -> None:
        """Plan those blocks of these shards that are not, whose shards came from elsewhere."""
        if self.in_blocks and shards and self._plan_block is not None:
            for number in range(self.block_of(shards[0]), self.block_of(shards[-1]) + 1):
                if not self.is_planned(number):
                    self._ensured(number)

    def _nominal(self, number: int) -> int:
        return PlanBlock.of(self.rows, self._size, number).rows

    def _ensured(self, number: int) -> None:
        """See to it that a block is planned, and that its rows are those of its record."""
        if number in self._known:
            return
        path = self._out / block_file(number)
        if self.is_planned(number) and path.exists():
            block = self.block(number)
            if self._plan_block is None or sha256_of(path) == block.sha256:
                return
        if self._plan_block is None:
            self.block(number)
            raise InputError(
                str(path), "is not there", "Draw the run again (synth generate), or copy the file."
            )
        self._known[number] = self._plan_block(number)

    def close(self) -> None:
        """Close the file that is open."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


class _ShardReader:
    """Reads a file of rows shard by shard; going on from one to the next reads each row once."""

    def __init__(self, path: Path) -> None:
        try:
            self._file: IO[bytes] = open_regular(path)
        except OSError as error:
            raise unreadable(path, error, "the plan") from error
        self._starts = [0]

    def lines(self, number: int, rows: int) -> list[bytes]:
        """Return the rows of a shard of so many rows; fewer where the file ends."""
        while len(self._starts) <= number:
            self._read(len(self._starts) - 1, rows)
        return self._read(number, rows)

    def _read(self, number: int, rows: int) -> list[bytes]:
        self._file.seek(self._starts[number])
        lines = list(islice(iter(self._file.readline, b""), rows))
        if len(self._starts) == number + 1:
            self._starts.append(self._file.tell())
        return lines

    def close(self) -> None:
        self._file.close()


def _decoded(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode().rstrip("\n")
    except UnicodeDecodeError as error:
        refuse(path, number, KIND, RowError(f"not UTF-8 at byte {error.start} of the line"))


def shard_rows(
    out: Path, record: RunRecord, shard: int, plan_block: PlanOneBlock | None = None
) -> list[str]:
    """Return the plan rows of one shard of a run, as lines of JSON, from the file that holds them.

    For one shard; `PlanFiles` reads several without looking for each anew.

    Args:
        plan_block: as of `PlanFiles`.

    Raises:
        InputError: as `PlanFiles.shard_rows`.
    """
    files = PlanFiles(out, record, plan_block)
    try:
        return files.shard_rows(shard)
    finally:
        files.close()
