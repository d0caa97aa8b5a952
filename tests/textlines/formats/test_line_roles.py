"""`roles.tsv`: read as it was written, faults told by their row."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.formats.line_roles import (
    HEADER,
    LINE_ROLES,
    RoleRow,
    read_line_roles,
    write_line_roles,
)

ROWS = st.builds(
    RoleRow,
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.sampled_from(LINE_ROLES),
    st.text("ab값/ .", min_size=1, max_size=9).map(lambda text: f"crops/x{text.strip('/')}y"),
)


@given(st.lists(ROWS, unique_by=lambda row: row.sha256, max_size=9))
def test_roles_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[RoleRow]
) -> None:
    rows = [row for row in rows if "//" not in row.path and "/." not in row.path]
    file = tmp_path_factory.mktemp("roles") / "roles.tsv"
    write_line_roles(file, rows)
    assert sorted(read_line_roles(file).values(), key=lambda row: row.sha256) == sorted(
        rows, key=lambda row: row.sha256
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a\ttrain", "has 2 columns, not 3"),
        (f"{'a' * 63}\ttrain\tx.png", "no sha256"),
        (f"{'a' * 64}\tdev\tx.png", "unknown role 'dev'"),
        (f"{'a' * 64}\ttrain\t../x.png", "no path below"),
        (f"{'b' * 64}\tjudge\tx.png", "the role judge, an earlier row train"),
    ],
)
def test_a_wrong_row_is_told_with_its_place(tmp_path: Path, row: str, told: str) -> None:
    file = tmp_path / "roles.tsv"
    file.write_text(f"{HEADER}\n{'b' * 64}\ttrain\tfirst.png\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"roles\.tsv:3: .*{told}"):
        read_line_roles(file)
