"""docs/styles.md and its Korean twin name every part and parameter that a style can have."""

import inspect
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from synth.rendering.bends import BENDS
from synth.rendering.distractors import DISTRACTORS
from synth.rendering.lettering import LETTERING
from synth.rendering.looks import GIVEN
from synth.rendering.patches import patch
from synth.rendering.style import ImageFile, Ink, Legible, Pair, make_style
from synth.rendering.surfaces import SURFACES
from synth.rendering.text_style import (
    Gaps,
    SecondFace,
    Sizes,
    Text,
    VerticalForm,
    VerticalText,
)
from textlines.pixels.camera import CAMERA
from textlines.pixels.geometry import GEOMETRY
from textlines.pixels.light import LIGHT
from textlines.pixels.stroke import STROKE

TABLES = [SURFACES, DISTRACTORS, LETTERING, STROKE, BENDS, GEOMETRY, LIGHT, CAMERA]
DOCS = [
    (Path(__file__).parents[3] / "docs" / name).read_text(encoding="utf-8")
    for name in ("styles.md", "styles.ko.md")
]


@pytest.mark.parametrize("doc", DOCS, ids=["en", "ko"])
@pytest.mark.parametrize(("name", "part"), [pair for table in TABLES for pair in table.items()])
def test_every_part_stands_there_with_its_parameters(name: str, part: object, doc: str) -> None:
    row = next((line for line in doc.splitlines() if line.startswith(f"| `{name}` |")), "")
    takes = set(inspect.signature(part).parameters) - GIVEN - {"seed"}  # type: ignore[arg-type]
    assert row
    assert {name for name in takes if f"`{name}`" not in row} == set()


@pytest.mark.parametrize("doc", DOCS, ids=["en", "ko"])
@pytest.mark.parametrize("model", [ImageFile, Text, Ink, Legible])
def test_every_key_stands_there(model: type, doc: str) -> None:
    for key in model.model_fields:  # type: ignore[attr-defined]
        assert f"{key}`" in doc


@pytest.mark.parametrize("doc", DOCS, ids=["en", "ko"])
def test_every_parameter_of_a_patch_stands_there(doc: str) -> None:
    (row,) = (line for line in doc.splitlines() if line.startswith("| `patch` |"))
    takes = set(inspect.signature(patch).parameters) - GIVEN
    assert {name for name in takes if f"`{name}`" not in row} == set()


@pytest.mark.parametrize("doc", DOCS, ids=["en", "ko"])
def test_every_way_to_set_a_line_stands_there_and_its_example_is_read(doc: str) -> None:
    ways = {*get_args(SecondFace.model_fields["at"].annotation), *get_args(VerticalForm)}
    rows = {line.split("|")[1].strip(' `"') for line in doc.splitlines() if line.startswith("| `")}
    assert ways <= rows
    examples = [block.split("```", 1)[0] for block in doc.split("```toml\n")[1:]]
    texts = [tomllib.loads(block)["text"] for block in examples if block.startswith("[text.")]
    for model, key in ((SecondFace, "faces"), (VerticalText, "vertical")):
        (table,) = (text[key] for text in texts if key in text)
        assert table.keys() == model.model_fields.keys()
        assert getattr(make_style({"text": {key: table}}).text, key).p == table["p"]


@pytest.mark.parametrize("doc", DOCS, ids=["en", "ko"])
def test_every_key_of_gaps_and_palettes_stands_there(doc: str) -> None:
    assert all(f"`{key}`" in doc for model in (Gaps, Sizes) for key in model.model_fields)
    example = doc.split("```toml", 1)[1].split("```", 1)[0]
    palette = make_style(tomllib.loads(example)).palette
    assert [set(pair.model_fields_set) for pair in palette] == [set(Pair.model_fields)]
