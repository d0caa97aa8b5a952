"""The document of the formats is what the models say."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from textlines.formats.reference import FORMATS, Format, reference, schema_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "formats.md"


def test_the_committed_document_is_what_the_command_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "textlines.formats"],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert DOCUMENT.read_text(encoding="utf-8") == done.stdout, (
        "run: python -m textlines.formats > docs/formats.md"
    )
    assert done.stdout == reference()


@pytest.mark.parametrize("one", [one for one in FORMATS if one.model], ids=lambda one: one.name)
def test_a_schema_names_every_field_and_refuses_others(one: Format) -> None:
    assert one.model is not None
    schema = schema_of(one.model)
    assert schema["additionalProperties"] is False
    fields = TypeAdapter(one.model).json_schema()["properties"]
    assert schema["properties"].keys() == fields.keys()
    assert set(schema.get("required", ())) <= fields.keys()


def test_every_place_that_parses_json_of_ours_is_in_the_room_of_formats() -> None:
    """Nobody else opens these files by name and parses them."""
    root = DOCUMENT.parent.parent
    names = ("manifest.jsonl", "plan.jsonl", "predictions.jsonl", "mix.json", "profile.json")
    guilty = [
        path.relative_to(root).as_posix()
        for tool in ("synth", "balance", "train")
        for path in sorted((root / tool).rglob("*.py"))
        if "json.loads" in (text := path.read_text(encoding="utf-8"))
        and any(f'"{name}"' in text for name in names)
    ]
    assert not guilty
