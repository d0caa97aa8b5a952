"""The lines of an import that somebody should look at: which crop, why, and where it comes from.

They stand in `doubts.jsonl` beside the label file, so that a page can be made of an import that is
done, and so that the lines can be found again.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from textlines.files import replacing
from textlines.formats.rows import (
    RowKind,
    is_label,
    is_path_below,
    read_rows,
    refuse_keys,
    wrong,
)

DOUBTS = "doubts.jsonl"

_KIND = RowKind(
    "the list of doubtful lines", "doubtful line", "Remove the folder and import again."
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line that was taken and may be wrong.

    Attributes:
        reason: of `words.DOUBTS`.
        path: of the crop, below the folder of the import.
        label: as it stands in the label file.
        place: in the source.
    """

    reason: str
    path: str
    label: str
    place: str


def doubt_of(content: dict[str, Any]) -> Doubt:
    """Make a doubt of a row.

    Raises:
        RowError: a key is missing, unknown or of another type.
    """
    refuse_keys(content, frozenset({"reason", "path", "label", "place"}))
    for key in ("reason", "place"):
        if type(content[key]) is not str:
            raise wrong(key, content[key], "a text")
    if not is_path_below(content["path"]):
        raise wrong("path", content["path"], "a path below the folder")
    if not is_label(content["label"]):
        raise wrong("label", content["label"], "a label")
    return Doubt(*(content[key] for key in ("reason", "path", "label", "place")))


def write_doubts(out: Path, doubts: Iterable[Doubt]) -> None:
    """Write the doubtful lines of an import; the file appears whole or not at all."""
    with replacing(out / DOUBTS) as file:
        for doubt in doubts:
            file.write(json.dumps(asdict(doubt), ensure_ascii=False) + "\n")


def read_doubts(out: Path) -> list[Doubt]:
    """Read the doubtful lines of an import; [] where it has none.

    Raises:
        InputError: the file is damaged; names the line.
    """
    file = out / DOUBTS
    return list(read_rows(file, _KIND, doubt_of)) if file.is_file() else []
