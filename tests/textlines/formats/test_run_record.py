import json
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from textlines.errors import InputError
from textlines.formats.run_record import RunRecord, versions
from textlines.formats.teaching import Teaching, TeachingRow

Write = Callable[[str, str | bytes], Path]

RECORD = RunRecord(
    command="synth generate",
    configuration={"style": "lcd", "count": 3, "chars": "값갑"},
    seed=1,
    inputs={"corpus.txt": "ab" * 32},
    outputs={"plan.jsonl": "cd" * 32},
    counts={"fallback": 2},
    versions={"python": "3.11.7"},
)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    RECORD.write(tmp_path / "run.json")
    assert RunRecord.read(tmp_path / "run.json") == RECORD
    assert "값갑" in (tmp_path / "run.json").read_text()


def test_what_lines_teach_is_read_as_it_was_written_and_left_out_where_there_is_none(
    tmp_path: Path,
) -> None:
    row = TeachingRow(kind="character", name="값", used=3, own=0, drawn=9, asked=5, needed=36)
    teaching = Teaching(own=9, production=8, drawn=99, of="like", enough=30, rows=(row,))
    record = RECORD.model_copy(update={"teaching": teaching})
    record.write(tmp_path / "run.json")
    assert RunRecord.read(tmp_path / "run.json") == record
    assert "teaching" in record.to_json()
    assert "teaching" not in RECORD.to_json()


def test_the_order_of_keys_does_not_reach_the_file() -> None:
    other = RECORD.model_copy(
        update={"configuration": {"chars": "값갑", "count": 3, "style": "lcd"}}
    )
    assert other.to_json() == RECORD.to_json()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"version": 2},
            "is a run record of version 2, this program reads version 1. Make the folder",
        ),
        ({"colour": 1}, r"holds what a run record may not: colour: extra inputs are not permitted"),
        ({"seed": "x"}, r"holds what a run record may not: seed: "),
    ],
)
def test_another_version_or_unknown_key_is_refused(
    write_file: Write, change: dict[str, object], message: str
) -> None:
    content = json.loads(RECORD.to_json()) | change
    with pytest.raises(InputError, match=message):
        RunRecord.read(write_file("run.json", json.dumps(content)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{\n,", r"run\.json:2: the run record is no JSON"),
        ("[]", "is JSON, but no run record"),
        ("{}", "is JSON, but no run record .it has no version"),
        ("", "is no JSON"),
        ('{"version": 1}', "may not: command: field required"),
        ('{"version": 1, "command": "x", "counts": {"planned": -1}}', "counts.planned: "),
        ("[" * 1000, "is nested deeper than 64"),
        ('{"command": "\\ud800"}', "half of a surrogate pair"),
    ],
)
def test_what_is_no_record_is_named(write_file: Write, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        RunRecord.read(write_file("run.json", content))


def test_versions_name_all_that_pixels_depend_on() -> None:
    found = versions()
    assert found["python"] == platform.python_version()
    assert {"unicodedata", "pillow", "numpy", "pillow/freetype2", "pillow/raqm"} <= found.keys()
    assert any(name.startswith("opencv") for name in found)
    assert all(found.values())


def test_the_room_loads_neither_pixels_nor_regex_at_import() -> None:
    code = (
        "import sys; import textlines.labels.label_file, textlines.labels.alphabet, "
        "textlines.labels.lmdb_store, textlines.rules.line_rules; "
        "print([name for name in ('cv2', 'PIL', 'regex', 'lmdb', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
