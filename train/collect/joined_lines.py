"""A folder of labelled lines that several queues share: what is there, and whose it is.

Later queues ask for other crops, and their lines join those of the first: one label file, one file
of roles. The first queue's crops lie in `crops/`, those of the second in `crops/queue-2/`, as two
folders of images may use one name; so what belongs to which queue is told by the path. The answers
of one queue can be put in again, more of them than before, and leave all other lines as they are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import read_text
from textlines.formats.line_roles import LINE_ROLES, ROLES, LineRole, RoleRow, read_line_roles
from textlines.parsing import parse_json
from train.collect.queue import QueueRecord
from train.own.sharing import CROPS

LABELS, LEFT_OUT, COLLECTED, PSEUDO = "rec_gt.txt", "left_out.tsv", "collected.json", "pseudo.txt"

LEFT_OUT_HEAD = "path\twhy"


def place_of(record: QueueRecord) -> str:
    """Return the folder in that of the crops that a queue's crops lie in, "" for a first queue.

    >>> place_of(QueueRecord("i", "m", "", "", 1, 9, 0, 0, 0, None, 0, earlier=("a" * 64,)))
    'queue-2/'
    """
    return _place(len(record.earlier))


def _place(earlier: int) -> str:
    return f"queue-{earlier + 1}/" if earlier else ""


def number_of(path: str) -> int:
    """Return the number of the queue that a path, from the folder of the crops on, is of.

    >>> number_of("queue-2/a.png"), number_of("crops/a.png")
    (2, 1)
    """
    found = re.match(r"queue-(\d+)/", path)
    return int(found[1]) if found else 1


@dataclass(frozen=True, slots=True)
class Kept:
    """What a folder holds that is not of the queue whose answers are put in.

    Attributes:
        roles: rows of `roles.tsv`. labels, pseudo: lines of the label files, as they stand there.
        left_out: rows of `left_out.tsv`.
        records: of the other queues, in the order in which they came.
    """

    roles: tuple[RoleRow, ...] = ()
    labels: tuple[str, ...] = ()
    pseudo: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    records: tuple[Mapping[str, Any], ...] = ()

    @property
    def lines(self) -> dict[LineRole, int]:
        """Count the lines by role."""
        return {role: sum(row.role == role for row in self.roles) for role in LINE_ROLES}

    @property
    def images(self) -> frozenset[str]:
        """The sha256 of each image that has a role."""
        return frozenset(row.sha256 for row in self.roles)


def read_kept(out: Path, record: QueueRecord) -> Kept:
    """Read what a folder holds of other queues than one.

    Raises:
        InputError: it holds other files, or lines of a queue that neither came before this one nor
            after it.
    """
    if not (out / COLLECTED).is_file():
        if out.is_dir() and any(out.iterdir()):
            raise InputError(str(out), "holds other files", "Name a new folder as --out.")
        return Kept()
    entries = _entries(out / COLLECTED)
    others = [entry for entry in entries if entry["queue"] != record.queue_sha256]
    for entry in others:
        if entry["queue"] not in record.earlier and record.queue_sha256 not in entry["earlier"]:
            raise InputError(
                str(out),
                "holds the lines of another queue",
                "Name a new folder. Lines of several queues join where each was collected with "
                "--earlier and all before it.",
            )
    places = {_place(len(entry["earlier"])) for entry in others}
    own = place_of(record)

    def is_kept(path: str) -> bool:
        """Whether a path, from the folder of the crops on, belongs to another queue."""
        named = {place for place in {*places, own} if place and path.startswith(place)}
        return own not in (named or {""})

    def kept(name: str, head: int = 0, start: str = f"{CROPS}/") -> tuple[str, ...]:
        if not (out / name).is_file():
            return ()
        rows = read_text(out / name, "the labelled lines").split("\n")[head:]
        return tuple(
            row for row in rows if row and is_kept(row.partition("\t")[0].removeprefix(start))
        )

    roles = read_line_roles(out / ROLES).values() if (out / ROLES).is_file() else ()
    found = Kept(
        roles=tuple(row for row in roles if is_kept(row.path.removeprefix(f"{CROPS}/"))),
        labels=kept(LABELS),
        pseudo=kept(PSEUDO),
        left_out=kept(LEFT_OUT, head=1, start=""),
        records=tuple(others),
    )
    told = sum(sum(one["lines"].values()) for one in others)
    is_new = len(others) == len(entries)
    if is_new and (out / CROPS / own).is_dir() and own and len(found.labels) < told:
        # A call that was killed left crops there, and no line too few.
        raise InputError(
            str(out),
            f"has crops of another queue in {CROPS}/{own}, where those of this one would lie",
            "Name a new folder as --out.",
        )
    return found


def _entries(path: Path) -> list[dict[str, Any]]:
    """Read the record of the labelled lines: of one queue, or of several."""
    what = "the record of the labelled lines"
    content = parse_json(read_text(path, what), str(path), what, "")
    version = content.get("version") if isinstance(content, dict) else None
    try:
        if version in (1, 2):
            alone = {**{key: content[key] for key in content if key != "version"}, "earlier": []}
            entries = [dict(entry) for entry in (content["queues"] if version == 2 else [alone])]
            if all(str(one["queue"]) and [*one["earlier"], *one["lines"]] for one in entries):
                return entries
            raise KeyError("queue")
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(str(path), f"is no {what[4:]} ({error})", "Name a new folder.") from error
    raise InputError(str(path), f"is of version {version}, this program reads 1 and 2", "")


def record_with(kept: Kept, entry: Mapping[str, Any], record: QueueRecord) -> dict[str, Any]:
    """Return the record of the labelled lines: as ever of a first queue alone, else of them all."""
    if not kept.records and not record.earlier:
        return {"version": 1, **entry}
    queues: Sequence[Mapping[str, Any]] = [
        *kept.records,
        {**entry, "earlier": list(record.earlier)},
    ]
    return {"version": 2, "queues": sorted(queues, key=lambda one: len(one["earlier"]))}
