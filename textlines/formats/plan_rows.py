"""`plan.jsonl`: what is to be drawn, one row a sample."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

from textlines.errors import InputError
from textlines.files import replacing_bytes
from textlines.formats.rows import (
    RowError,
    RowKind,
    is_count,
    is_label,
    parse_row,
    read_rows,
    refuse_keys,
    wrong,
)

PLAN = "plan.jsonl"

Why = Literal["", "misread", "lacking", "kept"]

KIND = RowKind("the plan", "row of a plan", "Plan the run again: synth generate in a new folder.")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One sample before it is drawn.

    Attributes:
        index: from 0, the sample's number in the whole run.
        text: the label, canonical (NFC, logical order).
        targets: the characters for whose sake the line is drawn; empty for filler lines.
        face: the id of the face: 16 digits of its file's sha256, its number in that file, and of a
            variable font the axes ("0123456789abcdef-0-wght700").
        style: the name of the style.
        split: "train" (the only one today).
        source: where the text is from: "corpus:NAME", "pattern:NAME", "edit:NAME",
            "dictionary", "list".
        why: of a line that is drawn beside own ones: "misread": the model misreads its target, and
            own lines hold that too seldom; "lacking": own lines do, whatever the model reads;
            "kept": so that what own lines teach stands among drawn lines too; "" for any other
            line, and then the key is left out.
    """

    index: int
    text: str
    targets: tuple[str, ...]
    face: str
    style: str
    split: str = "train"
    source: str = ""
    why: Why = ""

    def to_json(self) -> str:
        """Write the row as one line of `plan.jsonl`, without its line break."""
        return json.dumps(
            {
                "index": self.index,
                "text": self.text,
                "targets": list(self.targets),
                "face": self.face,
                "style": self.style,
                "split": self.split,
                "source": self.source,
                **({"why": self.why} if self.why else {}),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, line: str, place: str = "plan row") -> "PlanRow":
        """Read one line of `plan.jsonl`.

        Args:
            place: of the line, for messages.

        Raises:
            InputError: it is no row.

        >>> row = PlanRow(3, "값 1", ("값",), "0123456789abcdef-0", "lcd")
        >>> PlanRow.from_json(row.to_json()) == row
        True
        """
        try:
            return plan_row(parse_row(line))
        except RowError as error:
            raise InputError(place, f"is no {KIND.noun} ({error})", KIND.again) from error


_KEYS = frozenset({"index", "text", "targets", "face", "style", "split", "source"})
_WHYS = frozenset(get_args(Why))


def plan_row(content: dict[str, Any]) -> PlanRow:
    """Make a row of what a line holds.

    Raises:
        RowError: a key is missing or unknown, or a value is wrong.
    """
    refuse_keys(content, _KEYS | {"why"} if "why" in content else _KEYS)
    if not is_count(content["index"]):
        raise wrong("index", content["index"], "a whole number from 0 on")
    if not is_label(content["text"]):
        raise wrong("text", content["text"], "a label in NFC without control characters")
    targets = content["targets"]
    if type(targets) is not list or not all(type(one) is str and one for one in targets):
        raise wrong("targets", targets, "a list of characters")
    for key in ("face", "style", "split", "source"):
        if type(content[key]) is not str:
            raise wrong(key, content[key], "text")
    why = content.get("why", "")
    if type(why) is not str or why not in _WHYS:
        raise wrong("why", why, f"one of {', '.join(sorted(_WHYS - {''}))}")
    return PlanRow(
        content["index"],
        content["text"],
        tuple(targets),
        content["face"],
        content["style"],
        content["split"],
        content["source"],
        why,  # type: ignore[arg-type]
    )


def write_plan(path: Path, rows: Iterable[PlanRow]) -> str:
    """Write a plan, whole or not at all, as it streams.

    Returns:
        The sha256 of the file's content, in hexadecimal.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    found = sha256()
    with replacing_bytes(path) as out:
        for row in rows:
            line = f"{row.to_json()}\n".encode()
            found.update(line)
            out.write(line)
    return found.hexdigest()


def read_plan(path: Path) -> Iterator[PlanRow]:
    """Read a plan row by row.

    Raises:
        InputError: the file cannot be read, or a line is no row.
    """
    return read_rows(path, KIND, plan_row)


def plan_row_at(path: Path, index: int) -> PlanRow:
    """Read one row of a plan.

    Raises:
        InputError: as `read_plan`, or the plan ends before it.
    """
    row = next(islice(read_plan(path), index, None), None)
    if row is None:
        raise InputError(str(path), f"ends before row {index}", KIND.again)
    return row
