"""`epoch-NNN.roles`: what each line of a list is, beside the list that a trainer reads as it is.

Row k holds the code of line k: `o` original, `w` own, `d` distil, `n` new, `g` general, `r1` the
first replay set; in capitals where the image was rendered. A line's role is the row's: a path may
stand in a list as an original and as a new line. `paste epoch-000.roles epoch-000.txt` shows both.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.files import read_regular, unreadable
from textlines.formats.contract import Contract

Role = Literal["original", "own", "distil", "new", "general", "replay"]
"""What a line is for. `own`: own labelled lines, which count as original. `distil`: its target is
the base model's reading. `new`: made to teach, so always rendered."""

_CODES: dict[Role, str] = {
    "original": "o",
    "own": "w",
    "distil": "d",
    "new": "n",
    "general": "g",
}

_AGAIN = "Make the mix again with `balance mix`."

Numbers = npt.NDArray[np.uint16]
"""Of kinds, one for each line of a list."""


class LineKind(Contract):
    """What some lines of a list have in common.

    Attributes:
        code: that stands for it in the files of roles.
        name: of the role, with that of a replay set: "original", "replay:invoices".
        rendered: whether the images were rendered; they carry effects already.
    """

    code: str
    role: Role
    name: str
    rendered: bool

    @property
    def is_own(self) -> bool:
        """Whether the lines are a team's own labelled ones."""
        return self.role == "own"


def kinds_of(names: Sequence[tuple[Role, str]]) -> tuple[LineKind, ...]:
    """List the kinds of lines that sources of these roles may have, each once.

    Args:
        names: role and name of each source.

    >>> [kind.code for kind in kinds_of([("original", "original"), ("replay", "replay:a")])]
    ['o', 'O', 'r1', 'R1']
    """
    kinds = []
    sets = 0
    for role, name in dict.fromkeys(names):
        sets += role == "replay"
        code = f"r{sets}" if role == "replay" else _CODES[role]
        if role != "new":
            kinds.append(LineKind(code=code, role=role, name=name, rendered=False))
        kinds.append(LineKind(code=code.upper(), role=role, name=name, rendered=True))
    return tuple(kinds)


def code_of(kinds: Sequence[LineKind], name: str, *, rendered: bool) -> str:
    """Return the code of the lines of a source, by its name; new lines were rendered."""
    fitting = [kind for kind in kinds if kind.name == name]
    return next((kind.code for kind in fitting if kind.rendered == rendered), fitting[-1].code)


def role_rows(codes: Sequence[str], numbers: npt.NDArray[np.integer]) -> bytes:
    r"""Write the rows of lines.

    Args:
        codes: a code for each number. numbers: of each line's code, in the order of the list.

    >>> role_rows(["o", "N"], np.array([0, 0, 1]))
    b'o\no\nN\n'
    """
    if all(len(code) == 1 for code in codes):
        rows = np.full((len(numbers), 2), 10, np.uint8)
        rows[:, 0] = np.frombuffer("".join(codes).encode() or b"\0", np.uint8)[numbers]
        return rows.tobytes()
    whole = [f"{code}\n" for code in codes]
    return "".join([whole[number] for number in numbers.tolist()]).encode()


def read_roles(path: Path, kinds: Sequence[LineKind]) -> Numbers:
    """Read the kind of each line of a list, as numbers of `kinds`.

    Raises:
        InputError: the file cannot be read, is cut, or holds a code that stands for nothing.
    """
    try:
        data = read_regular(path)
    except OSError as error:
        raise unreadable(path, error, "the list of roles") from error
    if data and not data.endswith(b"\n"):
        where = f"{path}:{data.count(10) + 1}"
        raise InputError(where, "the list of roles is cut inside a row", _AGAIN)
    codes = {kind.code.encode(): number for number, kind in enumerate(kinds)}
    if all(len(code) == 1 for code in codes) and _is_of_pairs(data):
        table = np.full(256, len(kinds), np.uint16)
        for code, number in codes.items():
            table[code[0]] = number
        found = table[np.frombuffer(data, np.uint8)[::2]]
    else:
        rows = data.split(b"\n")[:-1]
        found = np.fromiter((codes.get(row, len(kinds)) for row in rows), np.uint16, len(rows))
    unknown = np.flatnonzero(found == len(kinds))
    if len(unknown):
        row = data.split(b"\n")[int(unknown[0])]
        raise InputError(
            f"{path}:{unknown[0] + 1}",
            f"the role {row[:20].decode(errors='replace')!r} is none of this mix",
            _AGAIN,
        )
    return found


def _is_of_pairs(data: bytes) -> bool:
    """Whether every second byte, and no other, is a line feed."""
    array = np.frombuffer(data, np.uint8)
    return len(array) % 2 == 0 and bool((array[1::2] == 10).all() and (array[::2] != 10).all())
