"""`roles.tsv`: what each of a team's labelled lines is for, by its image, for good.

A line that was trained on once can never judge; so the roles go with the lines, and each call of
`train share` keeps those that it meets. An image has one role, whatever its copies are called.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.formats.rows import is_path_below

ROLES = "roles.tsv"
HEADER = "sha256\trole\tpath"

LineRole = Literal["train", "stop", "judge"]
"""To train on, to stop and blend by, to judge on."""

LINE_ROLES: tuple[LineRole, ...] = get_args(LineRole)

_AGAIN = "Write sha256<TAB>role<TAB>path, or share the lines again with `train share`."


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One row of the file.

    Attributes:
        sha256: of the image, 64 lower-case hexadecimal digits.
        role: what its line is for.
        path: of the image, from the folder of images on, when the role was given.
    """

    sha256: str
    role: LineRole
    path: str


def read_line_roles(path: Path) -> dict[str, RoleRow]:
    """Read the roles of lines, by the sha256 of their images.

    Raises:
        InputError: the file cannot be read, a row is none, or an image has two roles; names the
            row.
    """
    text = read_text(path, "the file of roles")
    rows: dict[str, RoleRow] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.removesuffix("\r")
        if not line.strip() or line == HEADER:
            continue
        row = _row(line, f"{path}:{number}")
        known = rows.setdefault(row.sha256, row)
        if known.role != row.role:
            raise InputError(
                f"{path}:{number}",
                f"gives the image of {row.path} the role {row.role}, an earlier row {known.role}",
                "Keep one: a line that was trained on cannot judge.",
            )
    return rows


def write_line_roles(path: Path, rows: Iterable[RoleRow]) -> None:
    """Write the roles of lines by path, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    ordered = sorted(rows, key=lambda row: (row.path, row.sha256))
    with replacing(path) as out:
        out.write(f"{HEADER}\n")
        out.writelines(f"{row.sha256}\t{row.role}\t{row.path}\n" for row in ordered)


def _row(line: str, where: str) -> RoleRow:
    columns = line.split("\t")
    if len(columns) != 3:
        raise InputError(where, f"has {len(columns)} columns, not 3", _AGAIN)
    sha256, word, image = columns
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise InputError(where, f"holds {sha256[:70]!r}, which is no sha256", _AGAIN)
    role = next((one for one in LINE_ROLES if one == word), None)
    if role is None:
        raise InputError(
            where, f"holds the unknown role {word!r}", f"Roles are {', '.join(LINE_ROLES)}."
        )
    if not is_path_below(image):
        raise InputError(where, f"holds {image!r}, no path below the folder of images", _AGAIN)
    return RoleRow(sha256, role, image)
