"""The queue: which crops are to be labelled, what for, and what was read in them.

`queue.jsonl` holds a row for each crop, in the order in which they are shown: shuffled, so that
nobody can tell what a crop is for. `queue.json` beside it says what read them, and how many crops
there were to choose from.

`accepted.jsonl` holds the readings that join the training lines without a label, once a sample of
them is confirmed. Pseudo-labels pay where nearly all are right and hurt where they teach the model
its own mistakes. So the readings that nothing speaks against are asked for in part, drawn at
random; they are taken only when the lower bound of the share that is right is high enough: 125
confirmed and none wrong, 185 with one, 239 with two.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from textlines.errors import InputError
from textlines.files import read_text, replacing, replacing_bytes
from textlines.formats.line_roles import LINE_ROLES, LineRole
from textlines.formats.predictions import TURNS, Turn
from textlines.formats.rows import RowError, RowKind, read_rows, refuse_keys, wrong
from textlines.labels.label_paths import path_fault
from textlines.parsing import parse_json
from textlines.wilson import wilson

QUEUE, RECORD = "queue.jsonl", "queue.json"

LISTED = "crops.npy"
"""The first 16 bytes of the sha256 of every crop that there was to choose from, N x 16, in their
order: what a later queue draws at random was not among them."""

READINGS = "readings.jsonl"
"""In the queue's folder: what is known of each crop, in the order in which they were read."""

KIND = RowKind("the queue", "row of a queue", "Collect again: train collect --images …")

Part = Literal["random", "chosen", "confirm"]
"""A random crop of production, to stop or judge by; one that is chosen to train on; one whose
reading would be taken without a label, drawn at random from such."""

PARTS: tuple[Part, ...] = get_args(Part)

ACCEPTED = "accepted.jsonl"

ACCEPTED_KIND = RowKind("the accepted readings", "row of accepted readings", "Collect again.")

PRECISION = 0.97
"""Lower 95 % bound of the share of right readings, from which on they are taken."""

CONFIRM = 125
"""Readings asked for at first."""

CONFIRMED_MOST = 239
"""Readings that may be asked for in all: beyond two wrong ones the threshold is too lax."""

TAKEN_MOST = 1000
"""Readings that join the training lines: more teach nothing new, and drown the labels."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A crop to be labelled.

    Attributes:
        id: 16 hexadecimal digits, of its path. path: from the folder of images on.
        sha256: of the image's file.
        group: what it belongs to: all of a group have one role.
        part, role: why it was taken, and what its line will be for.
        text, turn: the model's reading, and the turn in which it reads so.
        doubt: estimated probability that this reading is wrong, 0..1.
        rival: the reading that most speaks against it; "" for none.
        reasons: codes of `suspicion.REASONS`.
    """

    id: str
    path: str
    sha256: str
    group: str
    part: Part
    role: LineRole
    text: str
    turn: Turn = 0
    doubt: float = 0.0
    rival: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueRecord:
    """What a queue was made from.

    Attributes:
        images: the folder of the crops, from the queue's folder on.
        model, other: what read them; other is "" without a second model.
        group: the expression that names documents.
        seed: of what was drawn.
        crops: that were read; unreadable: and that could not be.
        copies: near copies of another crop, none of which is chosen beside it.
        known: crops left aside as they had a label before.
        accept: threshold of the doubt below which readings are taken without a label; None when
            they are not.
        accepted: crops below it.
        queue_sha256: of `queue.jsonl`.
        earlier: sha256 of the queues that came before, all of them.
        asked: crops left aside as an earlier queue asked for them.
        arrived: crops that none of those saw; 0 where there are none.
        listed_sha256: of `crops.npy`; "" where an older program wrote the queue.
    """

    images: str
    model: str
    other: str
    group: str
    seed: int
    crops: int
    unreadable: int
    copies: int
    known: int
    accept: float | None
    accepted: int
    queue_sha256: str = ""
    earlier: tuple[str, ...] = ()
    asked: int = 0
    arrived: int = 0
    listed_sha256: str = ""

    @property
    def fresh(self) -> int:
        """How many crops there were that can be read and had no label."""
        return self.crops - self.unreadable - self.known


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as its folder holds it."""

    folder: Path
    record: QueueRecord
    rows: tuple[Queued, ...]

    @property
    def images(self) -> Path:
        """The folder of the crops."""
        return self.folder / self.record.images

    def count(self, *, part: Part | None = None, role: LineRole | None = None) -> int:
        """Count the rows of a part or of a role."""
        return sum(part in (None, row.part) and role in (None, row.role) for row in self.rows)


def id_of(path: str) -> str:
    """Return the id of a crop.

    >>> id_of("crops/a.jpg")
    '3fc85781b8867a88'
    """
    return hashlib.sha256(path.encode()).hexdigest()[:16]


def write_queue(
    folder: Path, record: QueueRecord, rows: Sequence[Queued], listed: bytes | None = None
) -> Queue:
    """Write a queue; the record comes last, so that a queue with one is whole.

    Args:
        listed: the content of `crops.npy`; None writes none.

    Raises:
        InputError: it cannot be written, or the folder holds another queue: its answers would
            belong to none.
    """
    content = "".join(json.dumps(_content(row), ensure_ascii=False) + "\n" for row in rows)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    if (folder / RECORD).is_file() and read_queue(folder).record.queue_sha256 != sha256:
        raise InputError(
            str(folder),
            "holds a queue of other crops or numbers, which may be half answered",
            "Name another --out (--earlier leaves out what was asked for), or delete the folder.",
        )
    known = ""
    if listed is not None:
        known = hashlib.sha256(listed).hexdigest()
        with replacing_bytes(folder / LISTED) as file:
            file.write(listed)
    with replacing(folder / QUEUE) as out:
        out.write(content)
    whole = replace(record, queue_sha256=sha256, listed_sha256=known)
    with replacing(folder / RECORD) as out:
        out.write(json.dumps({"version": 1, **asdict(whole)}, ensure_ascii=False, indent=1) + "\n")
    return Queue(folder, whole, tuple(rows))


def read_queue(folder: Path) -> Queue:
    """Read a queue.

    Raises:
        InputError: the folder holds none, or one that was changed.
    """
    path = folder / RECORD
    if not path.is_file():
        raise InputError(
            str(folder), f"holds no {RECORD}", "Name the folder that `train collect` wrote."
        )
    what = "the record of the queue"
    content = parse_json(read_text(path, what), str(path), what, "Collect again.")
    try:
        version = content.pop("version")
        content["earlier"] = tuple(map(str, content.get("earlier", ())))
        record = QueueRecord(**content)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(
            str(path), f"is no record of a queue ({error})", "Collect again."
        ) from error
    if version != 1:
        raise InputError(str(path), f"is of version {version}, this program reads 1", "")
    rows = tuple(read_rows(folder / QUEUE, KIND, _queued))
    sha256 = hashlib.sha256((folder / QUEUE).read_bytes()).hexdigest()
    if sha256 != record.queue_sha256:
        raise InputError(
            str(folder / QUEUE),
            f"was changed after {RECORD} was written",
            "Roles are for good: put the file back, or collect again into another folder.",
        )
    return Queue(folder, record, rows)


def _content(row: Queued) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if value not in ("", (), 0)} | {
        "text": row.text
    }


_NEEDED = frozenset({"id", "path", "sha256", "group", "part", "role", "text"})
_OTHERS = frozenset({"turn", "doubt", "rival", "reasons"})


def _queued(content: Mapping[str, Any]) -> Queued:
    refuse_keys(dict(content), _NEEDED | (_OTHERS & content.keys()))
    for name in _NEEDED:
        if type(content[name]) is not str:
            raise wrong(name, content[name], "text")
    if path_fault(content["path"]) is not None:
        raise wrong("path", content["path"], "a path below the folder of images")
    if content["part"] not in PARTS:
        raise wrong("part", content["part"], f"one of {', '.join(PARTS)}")
    if content["role"] not in LINE_ROLES:
        raise wrong("role", content["role"], f"one of {', '.join(LINE_ROLES)}")
    if content.get("turn", 0) not in TURNS:
        raise wrong("turn", content["turn"], f"one of {', '.join(map(str, TURNS))}")
    try:
        doubt = float(content.get("doubt", 0.0))
    except (TypeError, ValueError) as error:
        raise RowError(f"doubt is no number ({error})") from error
    return Queued(
        **{name: content[name] for name in _NEEDED},
        turn=content.get("turn", 0),
        doubt=doubt,
        rival=str(content.get("rival", "")),
        reasons=tuple(map(str, content.get("reasons", ()))),
    )


@dataclass(frozen=True, slots=True)
class Accepted:
    """A crop whose reading may be taken as its label, in the turn in which it reads so."""

    path: str
    text: str
    turn: Turn = 0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How many readings were confirmed, of how many.

    >>> Confirmation(125, 125).is_enough, Confirmation(124, 125).missing
    (True, 60)
    >>> Confirmation(120, 125).missing is None
    True
    """

    right: int
    asked: int

    @property
    def low(self) -> float:
        """The lower 95 % bound of the share of right readings."""
        return wilson(self.right, self.asked)[0]

    @property
    def is_enough(self) -> bool:
        """Whether the readings may be taken."""
        return self.low >= PRECISION

    @property
    def missing(self) -> int | None:
        """How many more have to be right; None when no number up to `CONFIRMED_MOST` is enough."""
        wrong = self.asked - self.right
        for more in range(CONFIRMED_MOST - self.asked + 1):
            if wilson(self.right + more, self.asked + more)[0] >= PRECISION:
                return more
        return None if wrong else CONFIRMED_MOST - self.asked


def write_accepted(folder: Path, accepted: Sequence[Accepted]) -> None:
    """Write the accepted readings, or remove those of an earlier call.

    Raises:
        InputError: the file cannot be written.
    """
    if not accepted:
        (folder / ACCEPTED).unlink(missing_ok=True)
        return
    with replacing(folder / ACCEPTED) as out:
        out.writelines(
            json.dumps(
                {"path": reading.path, "text": reading.text, "turn": reading.turn},
                ensure_ascii=False,
            )
            + "\n"
            for reading in accepted
        )


def read_accepted(folder: Path) -> list[Accepted]:
    """Read the accepted readings of a queue; [] without any.

    Raises:
        InputError: the file is broken.
    """
    if not (folder / ACCEPTED).is_file():
        return []
    return list(
        read_rows(
            folder / ACCEPTED,
            ACCEPTED_KIND,
            lambda row: Accepted(str(row["path"]), str(row["text"]), row.get("turn", 0)),
        )
    )
