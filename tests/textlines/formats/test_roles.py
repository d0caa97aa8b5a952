"""What each line of a list is: written once, read back, and never guessed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.formats.roles import Role, code_of, kinds_of, read_roles, role_rows

Write = Callable[[str, str | bytes], Path]

NAMES: list[tuple[Role, str]] = [
    ("original", "original"),
    ("own", "own"),
    ("distil", "distil"),
    ("new", "new"),
    ("general", "general"),
    *(("replay", f"replay:{number}") for number in range(12)),
]


def test_each_kind_has_a_code_of_its_own_and_new_lines_are_rendered() -> None:
    kinds = kinds_of([*NAMES, *NAMES])
    assert len({kind.code for kind in kinds}) == len(kinds) == 2 * len(NAMES) - 1
    assert [kind.rendered for kind in kinds if kind.role == "new"] == [True]
    assert [kind.code for kind in kinds[:4]] == ["o", "O", "w", "W"]
    assert code_of(kinds, "replay:11", rendered=True) == "R12"
    assert code_of(kinds, "new", rendered=False) == code_of(kinds, "new", rendered=True) == "N"


@given(count=st.integers(1, len(NAMES)), data=st.data())
def test_roles_are_read_as_they_were_written(
    count: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kinds = kinds_of(NAMES[:count])
    numbers = data.draw(st.lists(st.integers(0, len(kinds) - 1), max_size=40))
    path = tmp_path_factory.mktemp("roles") / "epoch-000.roles"
    path.write_bytes(role_rows([kind.code for kind in kinds], np.array(numbers, np.int64)))
    assert path.read_bytes().count(b"\n") == len(numbers)
    assert read_roles(path, kinds).tolist() == numbers


@pytest.mark.parametrize("count", [4, len(NAMES)])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"o\nx\n", r"a\.roles:2: the role 'x' is none of this mix\. Make the mix again"),
        (b"o\n\n", r"a\.roles:2: the role '' is none of this mix"),
        (b"o\nN", r"a\.roles:2: the list of roles is cut inside a row"),
        (b"oo\no\n", r"a\.roles:1: the role 'oo'"),
        (b"\xff\xfe\n", r"a\.roles:1: the role"),
    ],
)
def test_a_damaged_list_of_roles_is_told_with_its_row(
    count: int, content: bytes, told: str, write_file: Write
) -> None:
    with pytest.raises(InputError, match=told):
        read_roles(write_file("a.roles", content), kinds_of(NAMES[:count]))
