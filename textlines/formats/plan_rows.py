"""`plan.jsonl`: what is to be drawn, one row a sample."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

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
from textlines.wording.counts import count_of

PLAN = "plan.jsonl"
"""The plan of a run in one file; for those in several see `textlines.formats.block_record`."""

Why = Literal["", "misread", "lacking", "kept"]

Vertical = Literal["", "upright", "mixed", "turned"]
"""How a line is set vertically, if it is; its file lies, as the recognizer is given it.

upright: characters stand one below the other. mixed: words of Latin letters and digits lie along
the column between characters that stand. turned: the line is turned whole and read upwards, so that
its file stands on its head.
"""


class FaceSpan(NamedTuple):
    """The characters from `start` to before `end` of a line, and the id of their face."""

    start: int
    end: int
    face: str


class Setting(NamedTuple):
    """How a planned line is set beside its face; see `PlanRow`."""

    parts: tuple[FaceSpan, ...] = ()
    vertical: Vertical = ""


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
        parts: what other faces than `face` draw, in order; the key is left out where there is none.
        vertical: how the line is set vertically; the key is left out where it is not.
    """

    index: int
    text: str
    targets: tuple[str, ...]
    face: str
    style: str
    split: str = "train"
    source: str = ""
    why: Why = ""
    parts: tuple[FaceSpan, ...] = ()
    vertical: Vertical = ""

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
                **({"parts": self.parts} if self.parts else {}),
                **({"vertical": self.vertical} if self.vertical else {}),
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
_LATER = frozenset({"why", "parts", "vertical"})
_WHYS = frozenset(get_args(Why))
_VERTICALS = frozenset(get_args(Vertical))


def plan_row(content: dict[str, Any]) -> PlanRow:
    """Make a row of what a line holds.

    Raises:
        RowError: a key is missing or unknown, or a value is wrong.
    """
    refuse_keys(content, _KEYS | (_LATER & content.keys()))
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
        _parts(content),
        vertical_of(content),
    )


def _parts(content: dict[str, Any]) -> tuple[FaceSpan, ...]:
    parts = content.get("parts", [])
    if type(parts) is not list or not all(
        type(part) is list and len(part) == 3 and type(part[2]) is str for part in parts
    ):
        raise wrong("parts", parts, "a list of [start, end, face]")
    require_spans(parts, len(content["text"]))
    return tuple(FaceSpan(*part) for part in parts)


def require_spans(parts: Sequence[Sequence[Any]], length: int) -> None:
    """Require spans of a text that follow each other, each with its start and its end first.

    Raises:
        RowError: they do not.
    """
    ends = [0]
    for part in parts:
        if not (
            is_count(part[0]) and is_count(part[1]) and ends[-1] <= part[0] < part[1] <= length
        ):
            raise wrong("parts", parts, f"spans in order among {count_of(length, 'character')}")
        ends.append(part[1])


def vertical_of(content: Mapping[str, Any]) -> Vertical:
    """Return how a row says that its line is set vertically; "" where it says nothing.

    Raises:
        RowError: it says what is none of the ways.
    """
    vertical = content.get("vertical", "")
    if type(vertical) is not str or vertical not in _VERTICALS:
        raise wrong("vertical", vertical, f"one of {', '.join(sorted(_VERTICALS - {''}))}")
    return vertical  # type: ignore[return-value]


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
