"""A test module that cannot be imported is a fault, and no module without tests."""

import os
from pathlib import Path

import pytest

from tests.documents import ROOT
from tests.running import run_module


@pytest.mark.parametrize(
    ("first_line", "code", "told"),
    [
        ("from os import no_such_name", 2, "cannot import name 'no_such_name'"),
        ("import os", 0, "[100%]"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told(
    first_line: str, code: int, told: str, tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_collect_file\n")
    (tmp_path / "test_made.py").write_text(f"{first_line}\n\n\ndef test_it():\n    pass\n")
    done = run_module(
        "pytest",
        *("-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, tmp_path),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.fspath(ROOT)},
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert told in done.stdout
