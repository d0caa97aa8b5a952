"""What feeding the readers nonsense (benchmarks/fuzz.py) brought to light."""

from pathlib import Path
from typing import Any

import pytest

from textlines.errors import InputError
from textlines.formats.plan_rows import read_plan
from textlines.formats.profile import load_profile
from textlines.formats.run_record import RunRecord
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally

DEEP = "[" * 50_000
LONG = '{"version": 1' + "0" * 5000 + "}"
"""A number of more digits than Python turns into one: a ValueError that is no JSONDecodeError."""


def _plan(path: Path) -> object:
    return list(read_plan(path))


@pytest.mark.parametrize("content", [DEEP, LONG])
@pytest.mark.parametrize("reader", [_plan, load_profile, RunRecord.read])
def test_json_that_python_cannot_hold_is_refused(tmp_path: Path, reader: Any, content: str) -> None:
    path = tmp_path / "input.json"
    path.write_text(content)
    with pytest.raises(InputError):
        reader(path)


def test_a_list_of_images_nested_without_end_is_counted(tmp_path: Path) -> None:
    path, tally = tmp_path / "labels.txt", Tally()
    path.write_text(DEEP + "\tx\n")
    assert list(read_labels(path, tally=tally)) == []
    assert tally["image_list_broken"] == 1
