"""`synth fonts` as users run it: families or faces, as a table or as JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def folder(make_font: Callable[..., Path], rectangle: Any, tmp_path: Path) -> Path:
    """Make a folder of one family in two weights, and of another in one."""
    shapes = {char: (rectangle(50, 0, 200 + 40 * int(char), 700),) for char in "0123456789"}
    for name, style in (("Bars", "Regular"), ("Bars", "Bold"), ("Posts", "Regular")):
        make_font(shapes, name, style, path=tmp_path / "fonts" / f"{name}-{style}.ttf")
    return tmp_path / "fonts"


def test_each_family_has_a_row_and_with_faces_each_face(folder: Path, synth_here: Run) -> None:
    words = ("fonts", "--fonts", folder)
    families, faces = (
        json.loads(synth_here(*words, *more, "--json").out)["rows"] for more in ((), ("--faces",))
    )
    assert [(row["family"], row["faces"]) for row in families] == [("Bars", 2), ("Posts", 1)]
    assert sorted((row["family"], row["style"]) for row in faces) == [
        ("Bars", "Bold"),
        ("Bars", "Regular"),
        ("Posts", "Regular"),
    ]


def test_the_table_names_the_styles_of_faces(folder: Path, synth_here: Run) -> None:
    words = ("fonts", "--fonts", folder)
    families, faces = (synth_here(*words, *more).out for more in ((), ("--faces",)))
    assert families.splitlines()[0].split()[:2] == ["family", "faces"]
    assert "Bold" not in families
    assert faces.splitlines()[0].split()[:2] == ["family", "style"]
    assert "Bold" in faces
    for table in (families, faces):
        assert "3 faces in 2 families" in table
