"""`tools/labels_curve.py`: the curve of labels is that of the table in docs/measured.md."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tools.labels_curve import KOREAN, SCENES, SERIES, Point, curves_of, picture

DOCS = Path(__file__).resolve().parents[2] / "docs"
SVG = "{http://www.w3.org/2000/svg}"

DOCUMENT = """# Measured

**Labels saved**, PP-OCRv4, lines:

| own lines | meters, own alone | and 1,200 drawn | wire markers, own alone |
|---|---|---|---|
| 0 | .697 | .899 (.878 .933) | .790 |
| 25 | .930 (.929) | **.941** | |
"""


def test_the_table_is_read_by_scene_and_series() -> None:
    curves = curves_of(DOCUMENT)
    assert curves["meters", "and 1,200 drawn"] == [Point(0, 0.899), Point(25, 0.941)]
    assert curves["wire markers", "own alone"] == [Point(0, 0.790)]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("# Nothing\n", "no paragraph"),
        (DOCUMENT.replace("meters, own alone", "plates, own alone"), "is of no scene"),
    ],
)
def test_another_document_is_refused(document: str, words: str) -> None:
    with pytest.raises((ValueError, IndexError), match=words):
        curves_of(document)


def test_every_point_is_drawn_in_its_panel_and_lower_values_lie_lower() -> None:
    root = ElementTree.fromstring(picture(curves_of(DOCUMENT)))
    points = [one for one in root.iter(f"{SVG}circle") if one.find(f"{SVG}title") is not None]
    assert len(points) == 5
    told = {one.find(f"{SVG}title").text: float(one.attrib["cy"]) for one in points}  # type: ignore[union-attr]
    assert told["own alone, 0: 0.697"] > told["own alone, 25: 0.930"]
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    assert all(0 < float(p.attrib["cx"]) < width for p in points)
    assert all(0 < float(p.attrib["cy"]) < height for p in points)


def test_the_pictures_in_the_documents_are_those_of_the_table() -> None:
    curves = curves_of((DOCS / "measured.md").read_text(encoding="utf-8"))
    assert (DOCS / "labels.svg").read_text(encoding="utf-8") == picture(curves)
    assert (DOCS / "labels.ko.svg").read_text(encoding="utf-8") == picture(curves, KOREAN)
    assert {scene for scene, _ in curves} == set(SCENES)
    assert {series for _, series in curves} == set(SERIES)
