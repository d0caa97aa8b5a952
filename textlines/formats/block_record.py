"""`plan/NNNNN.json`: what one block of a plan holds, beside its rows in `plan/NNNNN.jsonl`.

The record is written last: where it is, the block is planned whole.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge
from pydantic import Field

from textlines.formats.contract import (
    Contract,
    Document,
    Record,
    SaidRecord,
    check_version,
    read_document,
    validated,
)
from textlines.formats.run_record import AskedLines
from textlines.formats.teaching import Teaching

VERSION = 1

KIND = Document(
    "the record of a block",
    "a record of a block",
    "Delete it and call synth generate again: the block is planned anew.",
)

BLOCKS = "plan"
"""The folder of the blocks, in a run's folder."""

Count = Annotated[int, Ge(0)]


class MissingLines(Contract):
    """Lines that are missing for a character: why (`Sentence.record`), and how many."""

    why: SaidRecord
    lines: Count


class BlockRecord(Record):
    """One block of a run's plan.

    Attributes:
        rows: that are planned. sha256: of the file that holds them.
        begun: counts of a run's record that no row had a part in: the same in every block.
        counts: those that add up over the blocks.
        asked: lines for each character that the run is for, wanted of this block and planned.
        broken: faces that broke while the block was planned, by their ids: where.
        teaching: of a run beside own lines, what these teach and what the block's lines do.
        reasons: of such a run, why lines for a character are missing.
    """

    version: Literal[1] = 1
    rows: Count
    sha256: str
    begun: Mapping[str, Count] = {}
    counts: Mapping[str, Count] = {}
    asked: Mapping[str, AskedLines] = {}
    broken: Mapping[str, str] = {}
    teaching: Teaching | None = None
    reasons: Mapping[str, tuple[MissingLines, ...]] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "BlockRecord":
        """Read a record.

        Raises:
            InputError: the file is no record, is of another version, or holds unknown keys.
        """
        content = read_document(path, KIND)
        check_version(content, path, KIND, VERSION)
        return validated(cls, content, path, KIND)


def block_file(number: int) -> str:
    """Name the file with the rows of a block, from the run's folder.

    >>> block_file(12)
    'plan/00012.jsonl'
    """
    return f"{BLOCKS}/{number:05d}.jsonl"


def block_record(number: int) -> str:
    """Name the file with the record of a block, from the run's folder.

    >>> block_record(12)
    'plan/00012.json'
    """
    return f"{BLOCKS}/{number:05d}.json"
